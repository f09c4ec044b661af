"""What was read, kept beside the plan folder until a person has decided: each finding with the record proposed for it.

``.planmap/reading.json`` of a folder that was made by reading, or of the folder of proposals beside it. It is the
program's own and can be made again from the document; what a person decides stands elsewhere (``decided``).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import mapping

from layers.document.clauses import Text
from layers.document.draft import Draft, Row
from layers.document.positions import Spot, key, matched
from layers.model.errors import LayersError, word

FILE = ".planmap/reading.json"
BESIDE = ".proposed"
"""What the folder of proposals beside a plan folder is called, after its name."""
VERSION = 1
COMPARED = {
    "feature": ("name", "cites", "lead_units", "status"),
    "indicator": ("name", "unit", "property", "baseline", "target", "cites"),
    "target": ("name", "value", "low", "high", "text", "comparator", "unit", "measure", "year", "cites"),
    "review": ("name", "unit", "property", "base_year", "base", "goal", "goal_text", "result_year", "result", "cites"),
}
"""What a text says of a record; positions, notes and translations are a planner's."""
_FIGURE = ("value", "low", "high", "text")
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stands: a clause, and offsets in its words."""

    clause: str
    start: int
    end: int


@dataclass(frozen=True)
class Item:
    """One finding with the record that is proposed for it.

    Attributes:
        key: What it is known by in every reading: table and name; of a target also its figure.
        table: ``feature``, ``indicator``, ``target`` or ``review``.
        file: Where its record goes, relative to the plan folder.
        values: The record without a position.
        position: Recipe and what belongs to it; empty where nothing places it.
        how: Where the position comes from, by language.
        spot: The gazetteer's shape, as a GeoJSON feature; None where the position comes from elsewhere.
        places: Where it stands, the first the one that it was read from.
        confidence: 0 to 1, by rule.
        doubtful: It was too doubtful for a record.
    """

    key: str
    table: str
    file: str
    values: Mapping[str, Any]
    position: Mapping[str, Any] = field(default_factory=dict)
    how: Mapping[str, str] = field(default_factory=dict)
    spot: Mapping[str, Any] | None = None
    places: tuple[Place, ...] = ()
    confidence: float = 0.0
    doubtful: bool = False

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that stand for the key in addresses."""
        return hashlib.sha256(self.key.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]

    @property
    def name(self) -> str:
        """As the text has it."""
        return str(self.values.get("name", ""))

    @property
    def mark(self) -> str:
        """What tells whether another reading says something else of it."""
        return mark_of(self.table, self.values)


@dataclass(frozen=True, slots=True)
class Words:
    """A clause of the text that was read."""

    id: str
    title: str
    text: str
    part_of: str = ""


@dataclass(frozen=True)
class Session:
    """A reading.

    Attributes:
        file: Name of the document.
        made: When, in seconds.
        fresh: The folder was made by it.
        drafted: Ids of records that came into the folder by reading and that nobody has looked at yet, unless a
            decision says so.
        clauses: The text.
        items: The findings in the order of the text.
        gone: Records of the folder of which the text speaks no more: table, id, name.
        changed: Clauses whose words differ from the folder's: ``id``, ``how``, ``before``, ``after``, ``touched``.
        folder: Where it lies: the plan folder, or the one beside it.
    """

    file: str
    made: float
    fresh: bool
    drafted: frozenset[str]
    clauses: tuple[Words, ...]
    items: tuple[Item, ...]
    gone: tuple[tuple[str, str, str], ...] = ()
    changed: tuple[Mapping[str, Any], ...] = ()
    folder: Path = Path()

    @cached_property
    def by_id(self) -> dict[str, Item]:
        """Findings by what stands for them in addresses."""
        return {one.id: one for one in self.items}

    @cached_property
    def chapters(self) -> dict[str, list[Words]]:
        """The clauses of each chapter, boxes and tables with the chapter that they stand in."""
        known = {one.id: one for one in self.clauses}
        found: dict[str, list[Words]] = {}
        for one in self.clauses:
            found.setdefault(_chapter(one.id, known), []).append(one)
        return found

    def chapter_of(self, item: Item) -> str:
        """The chapter that a finding is read from."""
        known = {one.id: one for one in self.clauses}
        return _chapter(item.places[0].clause, known) if item.places else ""

    def of_chapter(self, chapter: str) -> list[Item]:
        """The findings that are read from a chapter, in the order of its words."""
        order = {one.id: number for number, one in enumerate(self.chapters.get(chapter, ()))}
        own = [one for one in self.items if one.places and one.places[0].clause in order]
        return sorted(own, key=lambda one: (order[one.places[0].clause], one.places[0].start, -one.places[0].end))


def _chapter(clause: str, known: Mapping[str, Words]) -> str:
    seen: set[str] = set()
    while clause in known and known[clause].part_of and clause not in seen:
        seen.add(clause)
        clause = known[clause].part_of
    return clause


def mark_of(table: str, values: Mapping[str, Any]) -> str:
    """A short word for what a text says of a record."""
    said = {name: plain(values.get(name)) for name in COMPARED[table]}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def plain(value: Any) -> Any:
    """A value as both sides write it: lists in the order of their words, numbers as numbers, nothing as None."""
    if isinstance(value, list | tuple):
        return sorted(map(str, value)) or None
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items() if name in _VALUE and one not in (None, "")}
    if value is not None and not isinstance(value, str | int | float | bool):
        return {name: plain(one) for name in _VALUE if (one := getattr(value, name, None)) not in (None, "")}
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value or None


_VALUE = ("year", "value", "low", "high", "text", "comparator")


def alike(old: Any, new: Any) -> bool:
    """Whether two values, made `plain`, say the same."""
    if isinstance(old, str) and isinstance(new, str):
        return key(old) == key(new)
    return bool(old == new or (not old and not new))


def key_of(row: Row) -> str:
    """What a finding is known by in every reading."""
    said = key(str(row.values.get("name", "")))
    if row.table == "target":
        figures = "/".join(str(row.values[name]) for name in _FIGURE if row.values.get(name) not in (None, ""))
        said += f":{figures}:{row.values.get('unit', '')}:{row.values.get('year', '')}"
    return f"{row.table}:{said}"


def items_of(draft: Draft, text: Text) -> Iterator[Item]:
    """The findings of a draft in the order of the text."""
    rows = [(row, False) for row in draft.rows if row.finding is not None]
    rows += [(row, True) for row in draft.doubtful]
    count: dict[str, int] = {}
    for row, doubtful in sorted(rows, key=lambda one: one[0].finding.start if one[0].finding else 0):
        known = key_of(row)
        count[known] = count.get(known, 0) + 1
        known += f"#{count[known]}" if count[known] > 1 else ""
        yield _item(row, known, text, draft, doubtful=doubtful)


_POSITION = ("geometry", "accuracy_m", "basis", "symbolic", "sources", "no_geometry", "no_geometry_en")


def _item(row: Row, known: str, text: Text, draft: Draft, *, doubtful: bool) -> Item:
    finding = row.finding
    assert finding is not None  # noqa: S101 - rows without are left out above
    spans = [(finding.start, finding.end), *((one.start, one.end) for one in finding.mentions)]
    geometry = row.position or (
        {name: row.values[name] for name in _POSITION[:5] if name in row.values} if row.values.get("geometry") else {}
    )
    own = {name: value for name, value in row.values.items() if name not in _POSITION and value not in ("", [], ())}
    return Item(
        known, row.table, row.file, own, dict(geometry) if geometry.get("geometry") else {},
        {lang: _how(row, geometry, draft, lang) for lang in ("zh", "en")},
        _feature_of(row.spot) if row.spot else None, tuple(_places(dict.fromkeys(spans), text)),
        round(finding.confidence, 3), doubtful,
    )  # fmt: skip


def _how(row: Row, geometry: Mapping[str, Any], draft: Draft, lang: str) -> str:
    """Where a position comes from, in words."""
    recipe = geometry.get("geometry") or {}
    if row.spot is not None:
        return matched(row.spot, lang)
    unit = str(recipe.get("within", ""))
    holder = draft.feature(unit) if unit else None
    if holder is not None:
        return word("read.how_within", lang, name=str(holder.values["name"]))
    return word("read.how_union", lang) if "union" in recipe else ""


def _places(spans: Iterable[tuple[int, int]], text: Text) -> Iterator[Place]:
    """Spans of the whole text as places in clauses; one that reaches beyond its clause ends with it."""
    for start, end in spans:
        clause = text.at(start)
        if clause is not None and clause.start <= start < clause.end and start < end:
            yield Place(clause.id, start - clause.start, min(end, clause.end) - clause.start)


def _feature_of(spot: Spot) -> dict[str, Any]:
    properties = {"name": spot.name, "name_en": spot.name_en, "code": spot.code, "at": spot.at,
                  "aliases": list(spot.aliases), "accuracy_m": spot.accuracy_m}  # fmt: skip
    return {"type": "Feature", "properties": properties, "geometry": mapping(spot.geometry)}


def spot_of(feature: Mapping[str, Any]) -> Spot:
    """A gazetteer's shape from its GeoJSON feature."""
    about = feature["properties"]
    shape = shapely.from_geojson(json.dumps({"type": feature["geometry"]["type"], **feature["geometry"]}))
    return Spot(about["name"], shape, tuple(about["aliases"]), about["name_en"], about["code"], about["accuracy_m"],
                about["at"])  # fmt: skip


def made(
    draft: Draft, text: Text, file: str, *, drafted: Iterable[str] = (), fresh: bool = False,
    gone: Iterable[tuple[str, str, str]] = (), changed: Iterable[Mapping[str, Any]] = (),
) -> Session:  # fmt: skip
    """A reading as it is kept.

    Args:
        draft: The records.
        text: The plan's text.
        file: Name of the document.
        drafted: Of an earlier reading.
        fresh: The folder is made by this one.
        gone: Records of which the text speaks no more.
        changed: Clauses whose words differ.
    """
    items = tuple(items_of(draft, text))
    own = {str(one.values["id"]) for one in items if not one.doubtful} if fresh else set()
    clauses = tuple(Words(one.id, one.title, one.text, one.part_of) for one in text.clauses)
    return Session(file, time.time(), fresh, frozenset({*own, *drafted}), clauses, items, tuple(gone), tuple(changed))


def as_json(session: Session) -> bytes:
    """A reading as text."""
    told = {
        "version": VERSION, "file": session.file, "made": session.made, "fresh": session.fresh,
        "drafted": sorted(session.drafted), "gone": session.gone, "changed": session.changed,
        "clauses": [asdict(one) for one in session.clauses],
        "items": [{**asdict(one), "places": [[at.clause, at.start, at.end] for at in one.places]}
                  for one in session.items],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, default=list).encode("utf-8", "replace")


def latest(folder: Path) -> Session | None:
    """The reading whose findings wait for a person: that beside a plan folder, else the one that made it.

    Raises:
        LayersError: ``reading.unreadable``.
    """
    for place in (folder.with_name(folder.name + BESIDE), folder):
        if (place / FILE).is_file():
            return _read(place)
    return None


def _read(folder: Path) -> Session:
    try:
        told = json.loads((folder / FILE).read_bytes())
        if told["version"] != VERSION:
            raise ValueError
        items = tuple(
            Item(**{**one, "places": tuple(Place(*at) for at in one["places"])})
            for one in told["items"]
        )  # fmt: skip
        gone = tuple((str(table), str(name), str(said)) for table, name, said in told["gone"])
        return Session(
            told["file"], told["made"], told["fresh"], frozenset(told["drafted"]),
            tuple(Words(**one) for one in told["clauses"]), items, gone, tuple(told["changed"]), folder,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LayersError("reading.unreadable", file=f"{folder.name}/{FILE}") from error
