"""Edits of an edition put back into the plan folder as text: what was moved, reshaped, renamed, added or removed."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geo import operations
from geo.errors import PlanmapError
from layers.build.assemble import assemble
from layers.edition import file as editions
from layers.edition import kept
from layers.edition.file import Edition
from layers.imports import edits, run, shapes
from layers.imports.effects import Effects, effects
from layers.imports.request import Request
from layers.imports.rows import Pair
from layers.imports.texts import Texts
from layers.model import tables
from layers.model.errors import EditionError, LayersError
from layers.model.ids import slug_of
from layers.model.plan import Feature, Plan

SURVEYED = "surveyed"
ACCURACY_M = 5.0
"""What is taken for the accuracy of a shape that was drawn anew, in metres, when neither editor nor user states it."""
_INLINE = 40
"""Shapes with more vertices go into a file beside the record."""
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class EditReport:
    """What bringing edits back does, or did.

    Attributes:
        file: The file's name.
        base: Hash of the edition that was edited.
        current: Hash of the edition of the plan folder as it is.
        edits: Everything that was edited.
        taken: Ids, or names of new features, of what is put in.
        notes: What is to be said.
        effects: Before and after; None when nothing is put in.
        files: Files that change.
        number: Under which number it can be taken back; "" when nothing was written.
    """

    file: str
    base: str
    current: str
    edits: tuple[edits.Edit, ...]
    taken: tuple[str, ...]
    notes: tuple[PlanmapError, ...]
    effects: Effects | None
    files: tuple[str, ...]
    number: str = ""


def bring_back(
    folder: Path,
    data_dir: Path,
    request: Request,
    *,
    only: Collection[str] = (),
    leave: Collection[str] = (),
    base: Path | None = None,
    served: Path | None = None,
    dry_run: bool,
) -> EditReport:
    """Compare an edited edition with the one that it was, and put the edits into the plan folder.

    Args:
        folder: The plan folder.
        data_dir: Its data folder; editions are looked for below it.
        request: The file; ``basis``, ``accuracy_m``, ``source``, ``repair``, ``tolerance_m`` and ``force`` count.
        only: Ids (names of new features) of the edits to take; all when empty.
        leave: Ids of edits not to take.
        base: The edition that was edited, when it is not kept.
        served: The file that a server shows; it and those kept beside it are looked at too.
        dry_run: Only compare; nothing is written.

    Raises:
        GeoError: The file cannot be used.
        LayersError: ``import.*``; nothing was written.
        PlanError: The plan folder has errors, or would have.
    """
    given_hash, given = edits.base_hash(request.file), edits.rows(request.file)
    before, plan = run.examined(folder, data_dir)
    current = assemble(plan, before.located, before.lon)
    if current.hash == given_hash:
        was = current
    else:
        was = _base(given_hash, base, _places(given_hash, data_dir, plan.id, served), request.shown)
    found = edits.edits(given, was, current)
    chosen = _chosen(found, only, leave)
    taken = [one for one in chosen if one.what and (not one.conflict or request.force)]
    report = EditReport(
        request.shown, given_hash, current.hash, tuple(found), tuple(one.id or one.name for one in taken), (), None, ()
    )
    if not taken:
        return report
    back = _Back(folder, plan, {n: o.geometry for n, o in before.located.items() if o.geometry is not None}, request)
    change = back.change(taken)
    result = effects(before, folder, data_dir, change, [one.id for one in taken])
    report = replace(report, notes=tuple(back.notes), effects=result, files=tuple(sorted(change)))
    return report if dry_run else replace(report, number=run.put(folder, change, request, result))


def _places(wanted: str, data_dir: Path, plan_id: str, served: Path | None) -> list[Path]:
    """Where an edition of a hash may lie: with the plan folder's data, and where it is served from."""
    here = data_dir / "editions"
    found = [here / plan_id / f"{wanted}.gpkg", here / f"{plan_id}.gpkg"]
    if served is not None:
        found += [served, kept.folder(served) / f"{wanted}.gpkg"]
    return found


def _base(wanted: str, given: Path | None, places: Sequence[Path], shown: str) -> Edition:
    """The edition of a hash: the one that is given, or one that is kept.

    Raises:
        LayersError: ``import.no_base``, ``import.other_base``.
    """
    if given is not None:
        edition = editions.read(given)
        if edition.hash != wanted:
            raise LayersError("import.other_base", file=given.name, found=edition.hash[:12], wanted=wanted[:12])
        return edition
    for path in places:
        try:
            edition = editions.read(path)
        except EditionError:
            continue
        if edition.hash == wanted:
            return edition
    raise LayersError("import.no_base", file=shown, hash=wanted[:12], folder=str(places[0].parent))


def _chosen(found: list[edits.Edit], only: Collection[str], leave: Collection[str]) -> list[edits.Edit]:
    """The edits that are asked for.

    Raises:
        LayersError: ``import.no_edit`` for an id that nobody edited.
    """
    known = {one.id for one in found} | {one.name for one in found}
    for asked in (*only, *leave):
        if asked not in known:
            raise LayersError("import.no_edit", id=asked, edited=sorted(one.id or one.name for one in found))
    kept = [one for one in found if not only or one.id in only or one.name in only]
    return [one for one in kept if one.id not in leave and one.name not in leave]


class _Back:
    """Edits on their way into one plan folder."""

    def __init__(self, folder: Path, plan: Plan, known: Mapping[str, BaseGeometry], request: Request) -> None:
        self.folder, self.plan, self.known, self.request = folder, plan, known, request
        self.texts = Texts(folder)
        self.notes: list[PlanmapError] = []
        self.names = {one.id: one for one in plan.features}
        self.stored: dict[str, BaseGeometry] = {}
        self.source = ""

    def change(self, taken: list[edits.Edit]) -> dict[str, bytes | None]:
        """The files that change."""
        sound = self._sound([one for one in taken if one.shape is not None])
        fitted = run.fit_tiles([one.id for one in run.tiles(self.plan)], self.known, sound, self.request.tolerance_m)
        self.stored = dict(fitted.polygons)
        self.stored |= {name: one for name, one in sound.items() if _inline(one) is None and name not in self.stored}
        stamp = hashlib.sha256(run.geojson(self.stored, {})).hexdigest()[:8]
        self.path = f"{run.DATA}/edits-{stamp}.geojson"
        for one in taken:
            if edits.REMOVED in one.what:
                self.texts.remove(self.names[one.id].origin.file, one.id)
            elif edits.ADDED in one.what:
                self._add(one, sound.get(_key(one)))
            else:
                self._set(one, sound.get(one.id))
        for name in fitted.polygons:
            if name not in sound:  # a neighbour that gave way
                self.texts.set(self.names[name].origin.file, name, {"geometry": self._recipe(name, self.stored[name])})
        change: dict[str, bytes | None] = dict(self.texts.changed())
        if self.stored:
            change[self.path] = run.geojson(self.stored, self.names)
        return change

    def _sound(self, drawn: list[edits.Edit]) -> dict[str, BaseGeometry]:
        """New shapes by id (of new features by a key), valid and of their kind's dimension.

        Raises:
            LayersError: ``import.invalid``, ``import.dimension``.
        """
        given = [one.shape for one in drawn]
        said = [one.id or one.name for one in drawn]
        mended, repairs = shapes.sound(given, said, repair=self.request.repair, file=self.request.shown)
        self.notes += [LayersError("import.mended", said=one.said, detail=one.reason) for one in repairs]
        dimensions = {_key(one): shapes.dimension_of(self.plan.kinds[self._kind(one)].geometry) for one in drawn}
        pairs = [Pair(row, _key(one), "id", said[row]) for row, one in enumerate(drawn)]
        if not pairs:
            return {}
        found, notes = shapes.of_features(pairs, mended, dimensions, self.request.shown)
        self.notes += notes
        return found

    def _kind(self, edit: edits.Edit) -> str:
        """The kind of an edited feature; of a new one what the editor states, or its layer's only one.

        Raises:
            LayersError: ``import.new_kind``.
        """
        if edits.ADDED not in edit.what:
            return self.names[edit.id].kind
        kinds = next(one.kinds for one in self.plan.layers if one.id == edit.layer)
        stated = (edit.columns or {}).get("kind", "")
        if stated not in kinds and len(kinds) > 1:
            raise LayersError("import.new_kind", name=edit.name, kind=stated, kinds=list(kinds))
        return stated if stated in kinds else kinds[0]

    def _set(self, edit: edits.Edit, shape: BaseGeometry | None) -> None:
        feature = self.names[edit.id]
        values = _values(edit.columns or {})
        if shape is not None:
            values["geometry"] = self._recipe(edit.id, shape)
            values |= {"no_geometry": None, "no_geometry_en": None}
            values.setdefault("basis", self.request.basis)
            values.setdefault("accuracy_m", self._accuracy())
            kept = feature.sources if feature.recipe is None or feature.unit else ()
            values.setdefault("sources", [*kept, self._named_source()])
        self._add_sources(values)
        self.texts.set(feature.origin.file, edit.id, values)

    def _add(self, edit: edits.Edit, shape: BaseGeometry | None) -> None:
        kind = self._kind(edit)
        alike = self.plan.of_kind(kind)
        identifier = self._new_id(edit, kind, alike)
        if not edit.name:
            raise LayersError("import.new_name", layer=edit.layer)
        values = _values({name: value for name, value in (edit.columns or {}).items() if name != "kind"})
        record: dict[str, Any] = {"id": identifier, "name": edit.name, "kind": kind}
        record |= {name: value for name, value in values.items() if value is not None}
        if not record.get("cites") and self.plan.kinds[kind].cited:
            record["context"] = True
            self.notes.append(LayersError("import.new_context", id=identifier, name=edit.name))
        if shape is not None:
            key = _key(edit)
            if key in self.stored:
                self.stored[identifier] = self.stored.pop(key)
            record["geometry"] = self._recipe(identifier, shape)
            record.setdefault("basis", self.request.basis)
            record.setdefault("accuracy_m", self._accuracy())
        record.setdefault("sources", [self._named_source()])
        self._add_sources(record)
        counts = Counter(one.origin.file for one in alike)
        file = counts.most_common(1)[0][0] if counts else f"features/{edit.layer}.toml"
        self.texts.add(file, record)
        self.notes.append(LayersError("import.new_feature", id=identifier, name=edit.name, file=file))

    def _new_id(self, edit: edits.Edit, kind: str, alike: tuple[Feature, ...]) -> str:
        """An id in the manner of its kind: ``pole/`` and the name in pinyin, with a number when that is taken."""
        prefixes = Counter(one.id.rsplit("/", 1)[0] for one in alike if "/" in one.id)
        prefix = prefixes.most_common(1)[0][0] if prefixes else _SLUG.sub("-", kind)
        slug = slug_of(edit.name)
        number, identifier = 1, f"{prefix}/{slug}"
        while identifier in self.names or identifier in self.stored:
            number += 1
            identifier = f"{prefix}/{slug}-{number}"
        return identifier

    def _recipe(self, identifier: str, shape: BaseGeometry) -> dict[str, Any]:
        """How the record gives its shape: coordinates where they are few, else the file beside."""
        inline = None if identifier in self.stored else _inline(shape)
        return inline or {"file": self.path, "where": {"id": identifier}}

    def _accuracy(self) -> float | int:
        accuracy = ACCURACY_M if self.request.accuracy_m is None else self.request.accuracy_m
        return int(accuracy) if float(accuracy).is_integer() else accuracy

    def _named_source(self) -> str:
        if not self.source:
            self.source = run.source_record(self.texts, self.plan, self.request)
        return self.source

    def _add_sources(self, values: Mapping[str, Any]) -> None:
        """Sources that an editor names and the plan folder does not have become records."""
        known = {one.name for one in self.plan.sources} | {self.source}
        for name in values.get("sources") or ():
            if name not in known:
                known.add(name)
                self.texts.add("sources.toml", {"name": name, "title": name}, "source")


def _key(edit: edits.Edit) -> str:
    """What a shape is filed under until a new feature has its id."""
    return f"\0{edit.layer}\0{edit.name}" if edits.ADDED in edit.what else edit.id


def _values(columns: Mapping[str, str]) -> dict[str, Any]:
    """Cells as fields of a record; an empty one takes the field away."""
    values: dict[str, Any] = {}
    for name, cell in columns.items():
        kind = tables.FEATURE_COLUMNS[name]
        if not cell:
            values[name] = None
        elif kind == tables.LIST:
            values[name] = tables.split(cell)
        elif kind == tables.NUMBER:
            number = float(cell)
            values[name] = int(number) if number.is_integer() else number
        else:
            values[name] = cell
    return values


def _inline(shape: BaseGeometry) -> dict[str, Any] | None:
    """A recipe with the coordinates themselves, or None when they are too many or there are several parts."""
    points = [[float(x), float(y)] for x, y in shapely.get_coordinates(operations.tidy(shape)).tolist()]
    if len(points) > _INLINE:
        return None
    if shape.geom_type == "Point":
        return {"place": points[0]}
    if shape.geom_type == "MultiPoint" and len(points) > 1:
        return {"points": points}
    if shape.geom_type == "LineString":
        return {"route": points}
    if isinstance(shape, shapely.Polygon) and not shape.interiors:
        return {"ring": points[:-1]}
    return None
