"""A plan folder as a ``Plan``: every file read, every record checked, all problems reported at once.

Geometry is not evaluated here, see ``layers.build.georeference`` and ``layers.build.check``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from layers.folder import figures, gazetteer, observed, records, scans, shared, stories, surfaces, texts
from layers.folder.reading import Faults, Record, did_you_mean, read_toml, record_lines, text_fault
from layers.folder.references import check_references
from layers.folder.unread import check_unread
from layers.model.citations import STANDARD, Clauses, Notation
from layers.model.errors import ERROR, LayersError, Origin, PlanError, Problem
from layers.model.ids import COLOR, PLAN_ID
from layers.model.plan import (
    DISTRICT,
    IMPRINT_FIELDS,
    LICENCE_FIELDS,
    TOWNSHIP,
    ZONE,
    Basis,
    ComputedIndicator,
    District,
    Feature,
    Group,
    Indicator,
    Kind,
    Known,
    Layer,
    Named,
    Plan,
    Source,
    Status,
    Term,
    Value,
    View,
)
from layers.model.surfaces import FILE, Surfaces

__all__ = [
    "DISTRICT", "TOWNSHIP", "ZONE", "Basis", "ComputedIndicator", "District", "Feature", "Group", "Indicator", "Kind",
    "Known", "Layer", "Plan", "Source", "Status", "Term", "Value", "View", "data_dir_of", "load", "read",
]  # fmt: skip

_PLAN_TABLES = ("group", "layer", "view", "term")
_NAMED = re.compile(r"""^[ \t]*(?:id|name)[ \t]*=[ \t]*["']([^"'\n]+)["']""", re.MULTILINE)
_STANDS_IN = {
    "cite.unknown_clause": "outline.toml", "cite.unknown_item": "outline.toml", "source.unknown": "sources.toml",
    "place.unknown": "places.csv", "lead_unit.not_of_clause": "outline.toml",
}  # fmt: skip
_UNREADABLE = (
    "file.missing",
    "file.encoding",
    "file.not_text",
    "file.too_large",
    "file.unreadable",
    "toml.",
    "csv.syntax",
)
T = TypeVar("T", bound=Named)


def load(folder: Path, data_dir: Path | None = None) -> Plan:
    """Read a plan folder.

    Args:
        folder: The plan folder.
        data_dir: The data folder (boundaries, a ``kinds.toml`` in place of the program's); by default the one that
            holds the plan folder.

    Returns:
        The plan; what is doubtful but no error is in ``warnings``.

    Raises:
        PlanError: With every problem that was found without evaluating geometry.
    """
    plan, problems = read(folder, data_dir)
    if plan is None or any(problem.severity == ERROR for problem in problems):
        raise PlanError(problems, str(folder))
    return plan


def read(folder: Path, data_dir: Path | None = None) -> tuple[Plan | None, list[Problem]]:
    """Read a plan folder as far as it can be read.

    Args:
        folder: The plan folder.
        data_dir: As in ``load``.

    Returns:
        The plan from all usable records (None when there is no folder) and all problems.
    """
    folder = Path(folder)
    faults = Faults()
    if not folder.is_dir():
        faults.add(Origin(str(folder)), "", "folder.missing", folder=str(folder))
        return None, faults.problems
    reader = _FolderReader(folder, data_dir or data_dir_of(folder), faults)
    plan = reader.plan()
    check_references(plan, faults, reader.dropped(plan))
    faults.problems[:] = [one for one in faults.problems if not _follows(one, faults.problems)]
    check_unread(plan, faults)
    warnings = tuple(problem for problem in faults.problems if problem.severity != ERROR)
    return replace(plan, warnings=warnings), faults.problems


def _follows(problem: Problem, problems: Iterable[Problem]) -> bool:
    """Whether a name is unknown only because its file is not there or cannot be read, as is told already."""
    file = _STANDS_IN.get(problem.key)
    return file is not None and any(one.file == file and one.key.startswith(_UNREADABLE) for one in problems)


def data_dir_of(folder: Path) -> Path:
    """The data folder that a plan folder ``<data>/plans/<plan>`` lies in."""
    return Path(folder).resolve().parent.parent


class _FolderReader:
    """Reads the files of one plan folder in the order in which records refer to each other."""

    def __init__(self, folder: Path, data_dir: Path, faults: Faults) -> None:
        self.folder, self.data_dir, self.faults = folder, data_dir, faults
        self._trees: dict[Path, Mapping[str, Any] | None] = {}
        self._named: dict[str, dict[str, None]] = {}
        self._scan_ids: tuple[str, ...] = ()

    def plan(self) -> Plan:
        """The plan from all that can be used; with an empty head when ``plan.toml`` cannot be."""
        head = self._head()
        kinds = {one.id: one for one in self._shared("kind", records.kind)}
        statuses = {one.id: one for one in self._shared("status", records.status)}
        bases = {one.id: one for one in self._shared("basis", records.basis)}
        ramps = self._ramps()
        outline, sources = self._outline(), self._sources()
        source_names = list(self._named.get("source", ()))
        places = gazetteer.read(self.folder / "places.csv", "places.csv", bases, source_names, self.faults)
        words = records.Vocabulary(kinds, statuses, bases, source_names, outline, self._named.get("kind", ()))
        features = list(_unique(self._features(words), self.faults))
        indicators = list(
            _unique(
                self._each(
                    self.folder / "indicators.toml",
                    "indicator",
                    lambda raw, at, faults: records.indicator(raw, at, faults, outline),
                ),
                self.faults,
            )
        )
        computed = self._computed(kinds, statuses)
        stated: dict[str, Any] = {
            "targets": self._optional("targets.toml", "target", figures.target, outline),
            "reviews": self._optional("review.toml", "review", figures.review, outline),
            "claims": self._optional("claims.toml", "claim", figures.claim, outline),
        }
        stated["scans"], self._scan_ids = scans.read_all(self.folder, source_names, self.faults)
        groups, layers, views, terms = self._tree(kinds)
        stated["observed"] = observed.read(
            self.folder / "observed.csv", [*indicators, *computed], self._named, self.faults
        )
        stated["surfaces"] = self._surfaces(features, [*indicators, *computed], kinds, statuses, outline)
        return replace(
            head, groups=groups, layers=layers, views=views, terms=terms, outline=outline, sources=sources,
            gazetteer=places, features=tuple(features), indicators=tuple(indicators), computed_indicators=computed,
            kinds=kinds, statuses=statuses, bases=bases, ramps=ramps,
            texts=texts.read(self.folder, outline, self.faults),
            stories=stories.read_all(self.folder, outline, self.faults), **stated,
        )  # fmt: skip

    def _optional(self, file: str, table: str, reader: Callable[..., Any], outline: Clauses) -> tuple[Any, ...]:
        """The records of a file that a plan need not have."""
        path = self.folder / file
        if not path.is_file():
            return ()
        found = self._each(path, table, lambda raw, at, faults: reader(raw, at, faults, outline))
        return tuple(_unique(found, self.faults))

    def _surfaces(
        self, features: Sequence[Feature], indicators: Iterable[Named], kinds: Mapping[str, Kind],
        statuses: Mapping[str, Status], outline: Clauses,
    ) -> Surfaces | None:  # fmt: skip
        """The accessibility surfaces, where there is such a file."""
        path = self.folder / FILE
        if not path.is_file():
            return None
        named = {**dict.fromkeys(self._named.get("feature", ())), **{one.id: None for one in features}}
        return surfaces.read(
            self._toml(path),
            lambda reader: list(_unique(self._each(path, surfaces.TABLE, reader, only=False), self.faults)),
            self.faults, outline=outline, kinds={**dict.fromkeys(self._named.get("kind", ())), **kinds},
            statuses=statuses, features=features, named=named, indicators=[one.id for one in indicators],
        )  # fmt: skip

    def dropped(self, plan: Plan) -> set[str]:
        """References to records that are there but were not sound enough to be kept."""
        ids = set(self._named.get("feature", ())) - {feature.id for feature in plan.features}
        places = {f"place/{name}" for name in plan.gazetteer.dropped}
        figures_named = {*self._named.get("target", ()), *self._named.get("review", ())}
        kinds = {f"kind {name}" for name in self._named.get("kind", ()) if name not in plan.kinds}
        if not plan.layers:  # told where plan.toml is told of
            kinds |= {f"kind {feature.kind}" for feature in plan.features}
        kinds |= {f"kind {name}" for name in self._kinds_of_layers()}
        ids |= {f"scan/{name}" for name in self._scan_ids if plan.scan(name) is None}
        return ids | places | kinds | figures_named | {f"indicator {name}" for name in self._named.get("indicator", ())}

    def _kinds_of_layers(self) -> Iterator[str]:
        """The kinds that layers name, sound layers or not, however they are written."""
        rows = (self._trees.get(self.folder / "plan.toml") or {}).get("layer")
        for row in rows if isinstance(rows, list) else ():
            written = row.get("kinds") if isinstance(row, dict) else None
            for item in written if isinstance(written, list) else [written]:
                yield from re.findall(r"[\w-]+", item) if isinstance(item, str) else ()

    def _shown(self, path: Path) -> str:
        """How problems name a file."""
        try:
            return path.relative_to(self.folder).as_posix()
        except ValueError:
            if path.is_relative_to(self.data_dir):
                return f"{self.data_dir.name}/{path.relative_to(self.data_dir).as_posix()}"
            return f"planmap/{path.name}"  # comes with the program

    def _toml(self, path: Path) -> Mapping[str, Any] | None:
        """A TOML file, read once; None when it cannot be read."""
        if path not in self._trees:
            self._trees[path] = read_toml(path, self._shown(path), self.faults)
            if self._trees[path] is None and path.is_file():
                self._name_unread(path)
        return self._trees[path]

    def _name_unread(self, path: Path) -> None:
        """The names in a file that is no TOML: it has a problem of its own, and who refers to them has none."""
        raw = path.read_bytes()
        texts = [raw.decode(encoding, errors="replace") for encoding in ("utf-8", "gb18030", "utf-16")]
        table = "feature" if path.parent.name == "features" else path.stem.rstrip("s")
        for name in (name for text in texts for name in _NAMED.findall(text)):
            self._named.setdefault(table, {})[name] = None

    def _each(
        self,
        path: Path,
        table: str,
        reader: Callable[[Any, Origin, Faults], Any],
        *,
        only: bool = True,
        key: str = "id",
    ) -> Iterator[Any]:
        """The sound records of ``[[table]]`` in one file; with ``only``, the file may hold nothing else."""
        tree = self._toml(path)
        if tree is None:
            return
        shown = self._shown(path)
        if only:
            for name in tree:
                if name != table:
                    self.faults.add(Origin(shown), name, "field.unknown", name=name, guess=did_you_mean(name, [table]))
        rows = tree.get(table, [])
        if not isinstance(rows, list):
            self.faults.add(Origin(shown), table, "file.table", table=table)
            return
        lines = record_lines(path, table)
        for number, raw in enumerate(rows):
            line = lines[number] if len(lines) == len(rows) else None
            identifier = raw.get(key) if isinstance(raw, dict) else None
            named = identifier if isinstance(identifier, str) else f"{table} {number + 1}"
            self._named.setdefault(table, {})[named] = None
            record = reader(raw, Origin(shown, named, line), self.faults)
            if record is not None:
                yield record

    def _shared(
        self, table: str, reader: Callable[[Any, Origin, Faults], Any], file: str = shared.KINDS
    ) -> Iterable[Any]:
        """Records of a shared file, those of the plan folder's own file in their place or after them."""
        kept: dict[str, Any] = {}
        for path in self._tables(file):
            found = _unique(self._each(path, table, reader, only=file != shared.KINDS), self.faults)
            kept |= {record.id: record for record in found}
        return kept.values()

    def _tables(self, file: str) -> list[Path]:
        """The shared table of a name, then the plan folder's own if there is one."""
        own = self.folder / file
        return [shared.table(file, self.data_dir), *([own] if own.is_file() else [])]

    def _ramps(self) -> tuple[Mapping[str, Any], ...]:
        """Colour ramps, as written."""
        ramps: dict[str, Mapping[str, Any]] = {}

        def ramp(raw: Any, origin: Origin, faults: Faults) -> Mapping[str, Any] | None:
            record = Record(raw, origin, faults)
            record.text("id", required=True)
            for color in record.texts("colors", required=True):
                if not COLOR.fullmatch(color):
                    record.fault("colors", "feature.color", value=color)
            return None if record.bad else dict(raw)

        for path in self._tables(shared.KINDS):
            ramps |= {str(one["id"]): one for one in self._each(path, "ramp", ramp, only=False)}
        return tuple(ramps.values())

    def _head(self) -> Plan:
        """The fields of ``plan.toml`` itself."""
        path = self.folder / "plan.toml"
        if not path.is_file():
            self.faults.add(Origin("plan.toml"), "", "plan.missing")
            self._trees[path] = None
        tree = self._toml(path)
        if tree is None:  # everything else is looked at all the same
            empty: dict[str, Any] = dict.fromkeys(
                ("title", "title_en", "short_title", "short_title_en", "edition_note", "edition_note_en", "period"), ""
            ) | dict.fromkeys(("base_year", "target_year", "as_of"), 0)
            return Plan(self.folder, self.data_dir, "", district=District("", "", ""), **empty)
        record = Record(tree, Origin("plan.toml"), self.faults)
        identifier = record.text("id", required=True)
        if identifier and not PLAN_ID.fullmatch(identifier):
            record.fault("id", "id.pattern", value=identifier)
        words: dict[str, Any] = {
            name: record.text(name, required=name == "title")
            for name in (
                "title",
                "title_en",
                "short_title",
                "short_title_en",
                "edition_note",
                "edition_note_en",
                "period",
            )
        }
        years: dict[str, Any] = {
            name: record.integer(name, required=True, low=1949, high=2100)
            for name in ("base_year", "target_year", "as_of")
        }
        if 0 < years["target_year"] < years["base_year"]:
            record.fault("target_year", "plan.years", base=years["base_year"], target=years["target_year"])
        words |= {name: record.text(name, note=True) for name in ("indicators_note", "indicators_note_en")}
        words |= {name: record.text(name) for name in (*LICENCE_FIELDS, *IMPRINT_FIELDS)}
        words["lead_units"], words["leads"] = records.lead_units(record), records.leads(record)
        for name in _PLAN_TABLES:
            record.tables(name)
        inner = record.record("district")
        if inner is None:
            if not record.has("district"):
                record.fault("district", "field.missing", name="district")
            district = District("", "", "")
        else:
            district = records.district(inner)
            record.bad |= not inner.finish()
        words["course"] = observed.course(record)
        words["land_use_level"] = record.integer("land_use_level", low=1, high=2, default=1)
        record.finish()
        return Plan(self.folder, self.data_dir, identifier, district=district, **words, **years)

    def _tree(self, kinds: Mapping[str, Kind]) -> tuple[tuple[Any, ...], ...]:
        """Groups, layers, views and terms."""
        path = self.folder / "plan.toml"
        groups = tuple(_unique(self._each(path, "group", records.group, only=False), self.faults))
        ids = list(self._named.get("group", ()))
        every = {**dict.fromkeys(self._named.get("kind", ())), **kinds}
        layers = tuple(
            _unique(
                self._each(
                    path, "layer", lambda raw, at, faults: records.layer(raw, at, faults, ids, every), only=False
                ),
                self.faults,
            )
        )
        shown = list(self._named.get("layer", ()))
        views = tuple(
            _unique(
                self._each(path, "view", lambda raw, at, faults: records.view(raw, at, faults, shown), only=False),
                self.faults,
            )
        )
        terms = tuple(_unique(self._each(path, "term", records.term, only=False), self.faults))
        return groups, layers, views, terms

    def _outline(self) -> Clauses:
        """Clauses and their numbers of items, and how the plan numbers them."""
        tree = dict(self._toml(self.folder / "outline.toml") or {})
        notation = STANDARD
        try:
            notation = Notation.read(tree.pop("notation", {}))
        except LayersError as error:
            self.faults.add(Origin("outline.toml", "notation"), "", error.key, **error.params)
        titles = self._titles(tree.pop("titles", {}), notation)
        outline: dict[str, int] = {}
        for clause, items in tree.items():
            origin = Origin("outline.toml", clause)
            if not notation.is_outline_key(clause):
                self.faults.add(origin, "", "outline.key", clause=clause)
            elif not isinstance(items, int) or isinstance(items, bool) or not 0 <= items <= 999:
                self.faults.add(origin, "", "outline.items", clause=clause)
            else:
                outline[clause] = items
        return Clauses(outline, notation, titles)

    def _titles(self, table: Any, notation: Notation) -> dict[str, str]:
        """Headings of clauses and chapters."""
        found: dict[str, str] = {}
        for clause, title in table.items() if isinstance(table, dict) else [("", table)]:
            origin = Origin("outline.toml", f"titles.{clause}")
            if not isinstance(title, str) or text_fault(title):
                self.faults.add(origin, "", "outline.title", clause=clause)
            elif not (clause.isdecimal() or notation.is_citation(clause)):
                self.faults.add(origin, "", "outline.key", clause=clause)
            else:
                found[clause] = title.strip()
        return found

    def _sources(self) -> tuple[Source, ...]:
        """Sources, each name once."""
        kept: dict[str, Source] = {}
        for one in self._each(self.folder / "sources.toml", "source", records.source, key="name"):
            if one.name in kept:
                self.faults.add(one.origin, "name", "id.twice", value=one.name, other=_place(kept[one.name].origin))
            kept.setdefault(one.name, one)
        return tuple(kept.values())

    def _features(self, words: records.Vocabulary) -> Iterator[Feature]:
        """All features, files in the order of their names."""
        files = sorted((self.folder / "features").glob("*.toml"))
        if not files:
            self.faults.add(Origin("features"), "", "folder.no_features")
        for path in files:
            yield from self._each(path, "feature", lambda raw, at, faults: records.feature(raw, at, faults, words))

    def _computed(self, kinds: Mapping[str, Kind], statuses: Mapping[str, Status]) -> tuple[ComputedIndicator, ...]:
        """Computed indicators, shared ones first."""
        return tuple(
            self._shared(
                "indicator",
                lambda raw, at, faults: records.computed_indicator(raw, at, faults, kinds, statuses),
                shared.COMPUTED_INDICATORS,
            )
        )


def _unique(found: Iterable[T], faults: Faults) -> Iterator[T]:
    """The records whose id has not been seen before; others are ``id.twice``."""
    seen: dict[str, Origin] = {}
    for record in found:
        if record.id in seen:
            faults.add(record.origin, "id", "id.twice", value=record.id, other=_place(seen[record.id]))
            continue
        seen[record.id] = record.origin
        yield record


def _place(origin: Origin) -> str:
    """File and line of a record, for messages."""
    return f"{origin.file}:{origin.line}" if origin.line else origin.file
