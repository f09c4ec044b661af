"""A file from the office put into a plan folder: read, recognised, matched, fitted, compared, written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo import datum as datums
from geo import mosaic
from geo.arcs import COORDINATE_DECIMALS
from geo.errors import PlanmapError
from geo.messages import Phrase
from layers.build.check import Examined, examine
from layers.imports import incoming, land_use, rows, shapes
from layers.imports.effects import Effects, effects
from layers.imports.exchange import commit
from layers.imports.recognise import Recognised, recognise, taken_back
from layers.imports.request import Request
from layers.imports.steps import Progress, teller
from layers.imports.texts import Texts, added_source
from layers.model.errors import ERROR, LayersError, PlanError
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE, Feature, Plan

KINDS = "kinds.toml"
DATA = "imported"
"""Where the shapes of imports lie in a plan folder."""
ACCURACY_M = {"official": 10.0, "surveyed": 1.0, "osm": 20.0}
"""What is taken for the accuracy of a file, in metres, when nobody states it."""
_GOOD_M = 150.0
"""Shapes known no better than this do not tell in which datum a file is."""


@dataclass(frozen=True)
class Report:
    """What an import does, or did.

    Attributes:
        file: The file's name.
        count: How many rows it has.
        crs: The system that was taken, in words.
        notes: What is to be said, in order.
        recognised: How the file fits what is known, by datum; None when there was too little to compare.
        datum: The web map's datum from which it was taken back, or "".
        matched: Rows and features.
        names: Names of features by id.
        repairs: Shapes that were mended.
        pieces: Gaps and overlaps closed, ground that changed hands.
        follow: Ids of features that were not in the file and changed with it.
        notes_to_read: Ids of features whose notes may speak of the old shape.
        effects: Before and after.
        files: Files of the plan folder that change.
        number: Under which number it can be taken back; "" when nothing was written.
        classes: Of land use: the classes of the file, with count and area.
        names_en: English names of features by id, as far as they have one.
    """

    file: str
    count: int
    crs: str
    notes: tuple[PlanmapError, ...]
    recognised: Recognised | None
    datum: str
    matched: rows.Matched
    names: Mapping[str, str]
    repairs: tuple[shapes.Repair, ...]
    pieces: tuple[mosaic.Piece, ...]
    follow: tuple[str, ...]
    notes_to_read: tuple[str, ...]
    effects: Effects
    files: tuple[str, ...]
    number: str = ""
    classes: tuple[land_use.Told, ...] = ()
    names_en: Mapping[str, str] = field(default_factory=dict)

    def name(self, identifier: str, lang: str) -> str:
        """What a feature is called in a language; its id for one that nobody knows."""
        own = self.names.get(identifier, identifier)
        return (self.names_en.get(identifier) or own) if lang == "en" else own


def boundaries(
    folder: Path, data_dir: Path, request: Request, *, dry_run: bool, progress: Progress | None = None
) -> Report:
    """Import polygons of townships, zones, the district or its neighbours; all that tile are fitted together.

    Args:
        folder: The plan folder.
        data_dir: Its data folder.
        request: The file and what is said of it.
        dry_run: Only compare; nothing is written.
        progress: Told which step begins, see ``steps``.

    Raises:
        GeoError: The file cannot be used; nothing was written.
        LayersError: ``import.*``, likewise.
        UnsoundError: The plan folder has errors now.
        PlanError: It would have errors then, and ``force`` is not stated.
    """
    return Import(folder, data_dir, request, progress).run(None, dry_run=dry_run)


def layer(
    folder: Path, data_dir: Path, layer_id: str, request: Request, *, dry_run: bool, progress: Progress | None = None
) -> Report:
    """Import shapes for the features of any layer of the plan.

    Args:
        folder: The plan folder.
        data_dir: Its data folder.
        layer_id: Id of the layer.
        request: The file and what is said of it.
        dry_run: Only compare; nothing is written.
        progress: Told which step begins, see ``steps``.

    Raises:
        GeoError: The file cannot be used; nothing was written.
        LayersError: ``import.*``, likewise.
        UnsoundError: The plan folder has errors now.
        PlanError: It would have errors then, and ``force`` is not stated.
    """
    return Import(folder, data_dir, request, progress).run(layer_id, dry_run=dry_run)


def examined(folder: Path, data_dir: Path) -> tuple[Examined, Plan]:
    """A plan folder that is sound enough to be changed.

    Raises:
        UnsoundError: It has errors.
    """
    found = examine(folder, data_dir)
    if found.plan is None or any(one.severity == ERROR for one in found.problems):
        raise UnsoundError(found.problems, str(folder))
    return found, found.plan


class UnsoundError(PlanError):
    """The plan folder has errors before anything is imported, so that nothing can be compared."""


class Import:
    """One file on its way into one plan folder."""

    def __init__(self, folder: Path, data_dir: Path, request: Request, progress: Progress | None = None) -> None:
        self.folder, self.data_dir, self.request = folder, data_dir, request
        self.begins = teller(progress)
        self.begins("open")
        self.before, self.plan = examined(folder, data_dir)
        self.known = {name: one.geometry for name, one in self.before.located.items() if one.geometry is not None}
        self.notes: list[PlanmapError] = []
        self.drawn: dict[str, str] = {}
        self.land: land_use.LandUse | None = None
        if request.basis not in self.plan.bases or self.plan.bases[request.basis].apart:
            choices = [name for name, one in self.plan.bases.items() if not one.apart]
            raise LayersError("import.basis", basis=request.basis, choices=choices)

    def run(self, layer_id: str | None, *, dry_run: bool) -> Report:
        """Read, recognise, match, fit, compare, and write unless only looked at."""
        self.land = land_use.LandUse(self.plan) if land_use.wanted(self.plan, layer_id) else None
        features = [] if self.land else self._features(layer_id)
        district = self.known.get(DISTRICT)
        box = None if district is None else district.bounds
        self.begins("read")
        read = incoming.read(self.request, self.before.lon, box)
        self.notes += read.notes
        layers = {one.id: [each for each in self.plan.features if each.kind in one.kinds] for one in self.plan.layers}
        matched = (
            self.land.match(read.frame, self.request)
            if self.land
            else rows.match(read.frame, features, self.request, layers)
        )
        geometries = np.asarray(read.frame.geometry.to_numpy(), dtype=object)
        self.begins("recognise")
        found, geometries, datum = self._datum(read, matched, geometries)
        self.begins("shapes")
        said = _said(len(geometries), matched)
        sound, repairs = shapes.sound(list(geometries), said, repair=self.request.repair, file=self.request.shown)
        dimensions = dict.fromkeys(self.land.names, 2) if self.land else self._dimensions(features, sound)
        new, notes = shapes.of_features(matched.pairs, sound, dimensions, self.request.shown)
        if self.land:
            self.land.check(new)
            notes = [*(one for one in notes if one.key != "import.rows_joined"), *self.land.notes]
        self.notes += notes
        new = self.without_sums(new)
        fitted = self.fitted(new)
        texts = Texts(self.folder)
        follow = tuple(name for name in fitted.polygons if name not in new)
        change = self.change(texts, {**new, **fitted.polygons}, new)
        self.begins("compare")
        result = effects(self.before, self.folder, self.data_dir, change, new)
        report = Report(
            self.request.shown, len(geometries), read.crs, tuple(self.notes), found, datum, matched,
            self._names(), tuple(repairs), fitted.pieces, follow,
            self._with_notes([one.id for one in result.shapes]), result, tuple(sorted(change)),
            classes=self.land.told() if self.land else (),
            names_en={one.id: one.name_en for one in self.plan.features if one.name_en},
        )  # fmt: skip
        if dry_run:
            return report
        return replace(report, number=put(self.folder, change, self.request, result))

    def _names(self) -> dict[str, str]:
        """Names of features by id, and of classes of land use by code."""
        return {
            **{one.id: one.name for one in self.plan.features},
            **(
                {**land_use.near_names(), **{name: said for name, (said, _) in self.land.names.items()}}
                if self.land
                else {}
            ),
        }

    @property
    def accuracy_m(self) -> float:
        """What the new shapes' accuracy is, in metres: as stated, else what their basis commonly gives."""
        return self.request.accuracy_m or ACCURACY_M.get(self.request.basis, 10.0)

    def _features(self, layer_id: str | None) -> list[Feature]:
        """What the rows may be: the features of a layer, or all polygons that divide the land."""
        if layer_id is None:
            kinds = {TOWNSHIP, ZONE, DISTRICT, *(name for name, kind in self.plan.kinds.items() if kind.beyond)}
            kinds = {name for name in kinds if name in self.plan.kinds and self.plan.kinds[name].geometry == "polygon"}
            order = [TOWNSHIP, DISTRICT, ZONE]
            found = [one for one in self.plan.features if one.kind in kinds]
            return sorted(found, key=lambda one: order.index(one.kind) if one.kind in order else len(order))
        chosen = next((one for one in self.plan.layers if one.id == layer_id), None)
        if chosen is None:
            raise LayersError("import.layer", layer=layer_id, layers=[one.id for one in self.plan.layers])
        found = [one for one in self.plan.features if one.kind in chosen.kinds]
        if not found:
            raise LayersError("import.layer_empty", layer=layer_id)
        return found

    def _dimensions(self, features: Sequence[Feature], given: Sequence[BaseGeometry | None]) -> dict[str, int]:
        """0, 1 or 2 by feature; a kind that had no shapes so far takes those of the file."""
        highest = max((shapely.get_dimensions(one) for one in given if one is not None), default=2)
        found = {}
        for one in features:
            dimension = shapes.dimension_of(self.plan.kinds[one.kind].geometry)
            if dimension < 0:
                dimension = int(highest)
                self.drawn[one.kind] = shapes.KINDS[dimension]
            found[one.id] = dimension
        return found

    def _datum(
        self, read: incoming.Incoming, matched: rows.Matched, geometries: Any
    ) -> tuple[Recognised | None, Any, str]:
        """Take the file back from a web map when that is what it is, and say so."""
        lines = [self.known[one.id] for one in tiles(self.plan) if one.id in self.known]
        twins = []
        for pair in matched.pairs:
            located, shape = self.before.located.get(pair.id), geometries[pair.row]
            if located is None or located.geometry is None or shape is None:
                continue
            if (located.accuracy_m or 0.0) <= _GOOD_M and shapely.get_dimensions(shape) < 2:
                twins.append((shape, located.geometry))
        rows_here = np.array(
            [geometries[pair.row] for pair in matched.pairs if geometries[pair.row] is not None], dtype=object
        )
        tiling = {one.id for one in tiles(self.plan)}
        of_borders = any(pair.id in tiling for pair in matched.pairs)
        found = recognise(rows_here, lines if of_borders else [], twins, self.before.lon) if len(rows_here) else None
        if read.datum:
            if found is not None and found.sure and found.datum:
                self.notes.append(
                    LayersError("import.datum_doubt", stated=read.datum, datum=found.datum, shift_m=round(found.size_m))
                )
            return found, geometries, read.datum if read.datum in datums.SHIFTED else ""
        if found is not None and found.sure and found.datum:
            self.notes.append(_recognised(self.request.shown, found))
            return found, taken_back(geometries, found.datum), found.datum
        suspected = datums.looks_shifted([str(name) for name in read.frame.columns], self.request.shown)
        if suspected and not (found is not None and found.sure):
            raise LayersError("import.looks_shifted", file=self.request.shown, datum=suspected)
        return found, geometries, ""

    def without_sums(self, new: dict[str, BaseGeometry]) -> dict[str, BaseGeometry]:
        """Without features that the plan makes of others: a district that is its townships follows from them."""
        sums = {
            name for name in new
            if (feature := self.plan.feature(name)) is not None and feature.recipe is not None
            and feature.recipe.op == "union" and feature.kind in (DISTRICT, ZONE)
        }  # fmt: skip
        self.notes += [LayersError("import.follows", id=name) for name in sorted(sums)]
        left = {name: shape for name, shape in new.items() if name not in sums}
        if not left:
            raise LayersError("import.nothing", file=self.request.shown)
        return left

    def fitted(self, new: Mapping[str, BaseGeometry]) -> mosaic.Fitted:
        """New polygons that tile, and the old ones around them; see ``fit_tiles``."""
        names = [one.id for one in tiles(self.plan)]
        return fit_tiles(names, self.known, new, self.request.tolerance_m, self.begins)

    def change(
        self, texts: Texts, written: Mapping[str, BaseGeometry], new: Mapping[str, BaseGeometry]
    ) -> dict[str, bytes | None]:
        """The files that change: one with the shapes, and the records that name it."""
        source = source_record(texts, self.plan, self.request)
        name = f"{DATA}/{self._stem(written)}.geojson"
        accuracy = self.accuracy_m
        if self.land:
            record = {"accuracy_m": _short(accuracy), "basis": self.request.basis, "sources": [source]}
            self.land.write(texts, new, record, name)
            return {**texts.changed(), name: geojson(new, {}), **dict.fromkeys(self._unread(set(new), name))}
        for identifier in written:
            feature = self.plan.feature(identifier)
            assert feature is not None  # noqa: S101 (ids come from the plan)
            recipe: dict[str, Any] = {"file": name, "where": {"id": identifier}}
            if feature.geometry is not None and "clip" in feature.geometry:
                recipe["clip"] = feature.geometry["clip"]
            values: dict[str, Any] = {"geometry": recipe}
            if identifier in new:
                values |= {
                    "accuracy_m": _short(accuracy), "basis": self.request.basis,
                    "sources": [*_kept_sources(feature), source],
                    "no_geometry": None, "no_geometry_en": None,
                }  # fmt: skip
            else:
                located = self.before.located[identifier]
                if feature.accuracy_m is None and located.accuracy_m is not None:
                    values["accuracy_m"] = _short(located.accuracy_m)
                if not feature.basis:
                    values["basis"] = located.basis
                values["sources"] = list(dict.fromkeys([*located.sources, source]))
            texts.set(feature.origin.file, identifier, values)
        for kind, geometry in self.drawn.items():
            texts.replace(KINDS, "kind", kind, {**self.plan.kinds[kind].record, "geometry": geometry})
            self.notes.append(LayersError("import.kind_drawn", kind=self.plan.kinds[kind].name, file=KINDS))
        for feature in self._sums_of(set(new)):
            assert feature.recipe is not None  # noqa: S101 (it is a union)
            others = [self.before.located[one] for one in feature.recipe.references if one not in new]
            worst = max([accuracy, *(one.accuracy_m or 0.0 for one in others)])
            cited = dict.fromkeys([*(name for one in others for name in one.sources), source])
            values = {"accuracy_m": _short(worst), "basis": self.request.basis, "sources": list(cited)}
            texts.set(feature.origin.file, feature.id, values)
        content = geojson({one: written[one] for one in written}, {one.id: one for one in self.plan.features})
        change: dict[str, bytes | None] = {**texts.changed(), name: content}
        change |= dict.fromkeys(self._unread(set(written), name))
        return change

    def _sums_of(self, new: set[str]) -> list[Feature]:
        """Features that are nothing but a union of features whose basis is now that of the import."""
        official = new | {one.id for one in self.plan.features if one.basis == self.request.basis}
        return [
            one for one in self.plan.features
            if one.recipe is not None and one.recipe.op == "union" and "clip" not in one.recipe.fields
            and set(one.recipe.references) <= official and set(one.recipe.references) & new
        ]  # fmt: skip

    def _stem(self, written: Mapping[str, BaseGeometry]) -> str:
        """A name for the file of shapes that no other import has."""
        kinds = sorted({one.kind for name in written if (one := self.plan.feature(name)) is not None})
        stamp = hashlib.sha256(self.request.shown.encode() + geojson(written, {})).hexdigest()[:8]
        return f"{land_use.LAYER if self.land else kinds[0] if len(kinds) == 1 else 'boundaries'}-{stamp}"

    def _unread(self, written: set[str], name: str) -> list[str]:
        """Files of earlier imports that no recipe names any more."""
        named: set[str] = set()
        earlier: set[str] = set()
        for feature in self.plan.features:
            if feature.recipe is not None:
                files = {path for path, _ in feature.recipe.files()}
                (earlier if feature.id in written else named).update(files)
        return sorted(
            one for one in earlier - named - {name} if one.startswith(f"{DATA}/") and (self.folder / one).is_file()
        )

    def _with_notes(self, changed: Sequence[str]) -> tuple[str, ...]:
        features = {one.id: one for one in self.plan.features}
        return tuple(name for name in changed if name in features and (features[name].note or features[name].note_en))


def fit_tiles(
    names: Sequence[str],
    known: Mapping[str, BaseGeometry],
    new: Mapping[str, BaseGeometry],
    tolerance_m: float,
    begins: Callable[[str], None] | None = None,
) -> mosaic.Fitted:
    """Fit new polygons that tile, and the old ones around them, together.

    Args:
        names: Ids of all that tile.
        known: Shapes by id as they are, degrees.
        new: Shapes by id as they shall be; what does not tile is left alone.
        tolerance_m: Gaps and overlaps up to this width are closed.
        begins: Told which of ``mosaic.STAGES`` begins.

    Raises:
        LayersError: ``import.wide`` when they are wider, ``import.covered``.
    """
    mine = {name: shape for name, shape in new.items() if name in names}
    if not mine:
        return mosaic.Fitted({}, (), ())
    old = {name: known[name] for name in names if name in known and name not in mine}
    fitted = mosaic.fit(mine, old, [known[name] for name in mine if name in known], tolerance_m, begins)
    if fitted.wide:
        first = fitted.wide[0]
        raise LayersError(
            "import.wide", count=len(fitted.wide), kind=Phrase(LayersError.catalogue, f"import.piece.{first.kind}"),
            units=list(first.between), area_m2=round(first.area_m2), width_m=round(first.width_m, 1),
            lon=round(first.lon, 6), lat=round(first.lat, 6), tolerance_m=tolerance_m,
        )  # fmt: skip
    gone = [name for name, shape in fitted.polygons.items() if shape.is_empty]
    if gone:
        raise LayersError("import.covered", ids=gone)
    return fitted


def tiles(plan: Plan) -> list[Feature]:
    """Features that tile the land: townships, and what lies beyond the district."""
    drawn = {name for name, kind in plan.kinds.items() if kind.beyond and kind.geometry == "polygon"}
    return [one for one in plan.features if one.kind == TOWNSHIP or one.kind in drawn]


def source_record(texts: Texts, plan: Plan, request: Request) -> str:
    """Add the source that a request states unless it is there; its name."""
    stated = request.source
    name = stated.name or request.shown
    note = f"导入自 {request.shown}" + (f"（{stated.date}）" if stated.date else "")
    note_en = f"Imported from {request.shown}" + (f" ({stated.date})" if stated.date else "")
    record = {
        "name": name, "title": stated.title or name, "licence": stated.licence, "attribution": stated.attribution,
        "note": note, "note_en": note_en,
    }  # fmt: skip
    return added_source(texts, [one.name for one in plan.sources], record)


def put(folder: Path, change: Mapping[str, bytes | None], request: Request, result: Effects) -> str:
    """Write a change unless it would break the plan folder.

    Raises:
        PlanError: It has errors then, and ``force`` is not stated.
    """
    if result.errors and not request.force:
        raise PlanError(result.problems, str(folder))
    return commit(folder, change, {"file": request.shown})


def geojson(written: Mapping[str, BaseGeometry], features: Mapping[str, Feature]) -> bytes:
    """Shapes by id as GeoJSON, a feature a line, so that a difference of two can be read.

    Args:
        written: Degrees EPSG:4490, on the grid of recipes.
        features: For their names.
    """
    lines = []
    for identifier, shape in written.items():
        properties = {"id": identifier}
        if identifier in features:
            properties |= {"name": features[identifier].name, "code": features[identifier].code}
        geometry = _rounded(shapely.geometry.mapping(shape))
        record = {"type": "Feature", "properties": properties, "geometry": geometry}
        lines.append(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    return text.encode("utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return round(value, COORDINATE_DECIMALS) if isinstance(value, float) else value


def _recognised(file: str, found: Recognised) -> LayersError:
    east, north = found.shift_m
    return LayersError(
        "import.datum_recognised",
        file=file, datum=found.datum, shift_m=round(found.size_m), east_m=round(east), north_m=round(north),
        before_m=round(found.distances_m[""]), after_m=round(found.distances_m[found.datum]),
    )  # fmt: skip


def _said(count: int, matched: rows.Matched) -> list[str]:
    said = [""] * count
    for row, words in [(one.row, one.said) for one in matched.pairs] + [(one.row, one.said) for one in matched.unknown]:
        said[row] = words
    return said


def _kept_sources(feature: Feature) -> tuple[str, ...]:
    """Sources that say more than where the old shape was from: those of a feature that had none."""
    return feature.sources if feature.recipe is None or feature.unit else ()


def _short(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
