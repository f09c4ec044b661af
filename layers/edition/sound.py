"""Whether an edition that somebody sent makes sense: records of the shape, codes of the meaning, that pages need.

The program that builds an edition checks everything; a file from elsewhere, or one that was edited by hand, must be
refused when it is opened, with the place, and not when a visitor asks for a page.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.crs import metric_crs
from geo.errors import GeoError
from layers.model.citations import Notation
from layers.model.errors import EditionError, LayersError
from layers.model.ids import COLOR, FEATURE_ID, PLAN_ID, SLUG
from layers.model.stories import LONGEST_TEXT, MOST_STEPS
from layers.model.tables import (
    CODES,
    FLAG,
    INTEGER,
    LARGEST,
    LIST,
    LISTS_OF_CODES,
    RANGES,
    STORED_GEOMETRY,
    TEXT,
    split,
)
from layers.style.symbols import StyleError, parse_kinds, parse_statuses

_NUMBER, _YES, _TEXTS = (int, float), (bool,), "texts"
_SHAPES: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    # table: key, fields that must be there, fields that may
    "layers": ("id", {"name": str, "kinds": _TEXTS, "geometry": (*STORED_GEOMETRY, "none")},
               {"name_en": str, "group": str, "show": _YES, "public": _YES, "order": _NUMBER, "count": _NUMBER,
                "located": _NUMBER}),
    "groups": ("id", {"name": str}, {"name_en": str}),
    "views": ("id", {"name": str, "layers": _TEXTS},
              {"name_en": str, "fit": str, "indicator": str, "level": ("district", "zone", "township")}),
    "terms": ("id", {"name": str}, {"name_en": str}),
    "kinds": ("id", {"name": str, "geometry": (*STORED_GEOMETRY, "none")},
              {"name_en": str, "symbol": dict, "label": dict}),
    "statuses": ("id", {"name": str}, {"name_en": str}),
    "bases": ("id", {"name": str}, {"name_en": str}),
    "ramps": ("id", {"colors": _TEXTS}, {}),
    "scans": ("id", {"name": str, "bounds": list, "points": list},
              {"name_en": str, "date": str, "publisher": str, "licence": str, "map_number": str, "warped": str,
               "public": _YES, "sources": _TEXTS, "transformation": str}),
    "sources": ("name", {}, {"title": str, "title_en": str, "licence": str, "licence_en": str,
                             "attribution": str, "attribution_en": str, "url": str, "note": str}),
}  # fmt: skip
_HEAD: Mapping[str, Any] = {
    "id": str, "title": str, "title_en": str, "short_title": str, "short_title_en": str, "period": str,
    "base_year": int, "target_year": int, "as_of": int, "edition_note": str, "edition_note_en": str,
    "indicators_note": str, "indicators_note_en": str, "licence": str, "licence_en": str,
    "licence_url": str, "attribution": str, "attribution_en": str, "district": dict, "lon": _NUMBER,
    "compiler": str, "compiler_en": str, "approval": str,
}  # fmt: skip
_OPTIONAL = ("terms", "scans")
"""Tables that an edition may do without."""
_NEEDED = ("id", "title", "as_of", "district", "lon")
_DISTRICT: Mapping[str, Any] = {
    "id": str, "name": str, "name_en": str, "code": str, "official_area_km2": _NUMBER, "official_area_source": str,
    "official_area_source_en": str, "official_area_note": str, "official_area_note_en": str,
}  # fmt: skip
_TABLES = {"outline": int, "titles": str, "clauses": str, "lead_units": str, "leads": _TEXTS, "stats": None}
_STORY = {"name": str, "steps": list}, {"name_en": str, "summary": str, "summary_en": str}
_STEP = {
    "title": str, "title_en": str, "text": str, "text_en": str, "cites": _TEXTS, "view": str, "layers": _TEXTS,
    "zone": str, "township": str, "feature": str, "extent": list, "indicator": str, "level": ("zone", "township"),
    "year": int,
}  # fmt: skip
_HASH = re.compile(r"[0-9a-f]{64}")
_WARPED = re.compile(r"(?:[0-9a-f]{16})?")
_SHOWN = 60
"""So many characters of a wrong value are said again."""
_READING = {"name": str, "name_en": str, "measured": _NUMBER, "fits": _YES}


def check_meta(meta: Mapping[str, Any]) -> None:
    """The metadata have everything that pages are made of, in the right shape.

    Raises:
        EditionError: ``edition.invalid`` with the table, the field and the value.
        KeyError: A table is not there at all.
    """
    check_head(meta)
    for table, value in meta.items():
        _finite(value, table)
    for table, (key, needed, allowed) in _SHAPES.items():
        if table in meta or table not in _OPTIONAL:
            _check_records(meta[table], table, key, needed, allowed)
    for table, wanted in _TABLES.items():
        found = meta.get(table, {})
        if not isinstance(found, dict):
            raise _invalid(table, "", found)
        for name, value in found.items() if wanted is not None else ():
            _fits(value, wanted, table, name)
    try:
        Notation.read(meta.get("notation", {}))
    except LayersError as error:
        raise _invalid("notation", "", meta["notation"]) from error
    for name in ("layers", "views"):
        for one in meta.get(name, ()):
            _bounds(one.get("bounds"), name)
    for one in meta.get("scans", ()):
        _check_scan(one)
    _check_stories(meta)
    _check_looks(meta)


def check_head(meta: Mapping[str, Any]) -> None:
    """What is said of the plan as a whole, and the hash, can stand in a catalogue.

    Raises:
        EditionError: ``edition.invalid`` with the field and the value.
    """
    head = meta.get("plan")
    if not isinstance(head, dict):
        raise _invalid("plan", "", head)
    for name, wanted in _HEAD.items():
        if head.get(name) is not None or name in _NEEDED:
            _fits(head.get(name), wanted, "plan", name)
    _among([head["id"]], PLAN_ID, "plan", "id")
    for name in ("base_year", "target_year", "as_of"):
        _within(head.get(name), "year", "plan", name)
    for name, wanted in _DISTRICT.items():
        if head["district"].get(name) is not None:
            _fits(head["district"][name], wanted, "plan", f"district.{name}")
    try:
        metric_crs(head["lon"])
    except GeoError as error:
        raise _invalid("plan", "lon", head["lon"]) from error
    _bounds(head.get("bounds"), "plan")
    _fits(meta.get("hash"), str, "meta", "hash")
    _among([meta["hash"]], _HASH, "meta", "hash")
    stats = meta.get("stats", {})
    _fits(stats, dict, "stats", "")
    _fits(stats.get("features", 0), int, "stats", "features")


def check_column(kind: str, values: list[Any], table: str, column: str) -> None:
    """Every cell has its column's type; SQLite holds any value in any column.

    Args:
        kind: ``TEXT``, ``LIST``, ``NUMBER``, ``INTEGER`` or ``FLAG``.
        values: The cells as SQLite gives them.
        table: The table's name.
        column: The column's name.

    Raises:
        EditionError: ``edition.invalid`` with the table, the column and the value.
    """
    for value in values:
        if kind in (TEXT, LIST):
            good = isinstance(value, str)
        elif kind == FLAG:
            good = isinstance(value, int) and value in (0, 1)
        else:
            good = value is None or isinstance(value, int if kind == INTEGER else int | float)
        if not good:
            raise _invalid(table, column, value)
        if kind not in (TEXT, LIST, FLAG):
            _within(value, column, table, column)


def check_shapes(layer: str, geometry: str, shapes: Any) -> None:
    """A layer's shapes are of its one type, in degrees, and none is empty.

    Args:
        layer: Id of the layer.
        geometry: ``polygon``, ``line`` or ``point``.
        shapes: Array of geometries, None where a feature has none.

    Raises:
        EditionError: ``edition.invalid``.
    """
    there = np.array([shape for shape in shapes if shape is not None], dtype=object)
    wrong = np.array([shape.geom_type != STORED_GEOMETRY[geometry] for shape in there], dtype=bool)
    if wrong.any():
        raise _invalid(layer, "geom", there[wrong][0].geom_type)
    if shapely.is_empty(there).any():
        raise _invalid(layer, "geom", f"{STORED_GEOMETRY[geometry]} EMPTY")
    at = shapely.get_coordinates(there)
    outside = ~(np.abs(at) <= (180, 90)).all(axis=1)  # also what is no number
    if outside.any():
        raise _invalid(layer, "geom", ", ".join(f"{one:g}" for one in at[outside][0]))


def check_tables(
    meta: Mapping[str, Any], layers: Mapping[str, pd.DataFrame], tables: Mapping[str, pd.DataFrame]
) -> None:
    """Every code in an enumerated column is one that the program, or the edition itself, knows.

    Args:
        meta: The metadata, checked.
        layers: Features by layer.
        tables: Indicators, observations and figures by the table's name.

    Raises:
        EditionError: ``edition.invalid`` with the table, the column and the value.
    """
    own = {
        name: {"", *(one["id"] for one in meta.get(table, ()))}
        for name, table in (("kind", "kinds"), ("status", "statuses"), ("basis", "bases"))
    }
    seen: set[str] = set()
    for name, frame in layers.items():
        _among(frame["id"], FEATURE_ID, name, "id")
        for column, known in own.items():
            _among(frame[column], known - {""} if column == "kind" else known, name, column)
        _check_codes(frame, "features", name)
        _unique([*seen, *frame["id"]], name)
        seen |= set(frame["id"])
    units = frame_ids(layers.values())
    for name, frame in layers.items():
        _among(frame["unit"], units | {""}, name, "unit")
    for name, frame in tables.items():
        _check_codes(frame, name, name)
        if "id" in frame:
            _among(frame["id"], SLUG, name, "id")
            _unique(list(frame["id"]), name)
    _among(tables["observations"]["indicator"], set(tables["indicators"]["id"]), "observations", "indicator")
    for text in tables["claims"]["readings"]:
        _check_readings(text)


def frame_ids(frames: Iterable[pd.DataFrame]) -> set[str]:
    """The ids of all features."""
    return {str(one) for frame in frames for one in frame["id"]}


# ---- machinery


def _check_looks(meta: Mapping[str, Any]) -> None:
    """There is something to show, and a way to show it: layers, the kinds that they name, colours."""
    for table in ("layers", "kinds", "ramps"):
        if not meta[table]:
            raise _invalid(table, "", meta[table])
    for ramp in meta["ramps"]:
        if not ramp["colors"]:
            raise _invalid("ramps", "colors", ramp["colors"])
        _among(ramp["colors"], COLOR, "ramps", "colors")
    try:
        parse_kinds(meta["kinds"])
        parse_statuses(meta["statuses"])
    except StyleError as error:
        raise _invalid("kinds", str(error.params.get("field", "")), error.params.get("value", "")) from error
    kinds = {one["id"] for one in meta["kinds"]}
    _among((kind for layer in meta["layers"] for kind in layer["kinds"]), kinds, "layers", "kinds")


def _check_records(found: Any, table: str, key: str, needed: Mapping[str, Any], allowed: Mapping[str, Any]) -> None:
    if not isinstance(found, list):
        raise _invalid(table, "", found)
    for record in found:
        if not isinstance(record, dict):
            raise _invalid(table, "", record)
        for name, wanted in {key: str, **needed}.items():
            _fits(record.get(name), wanted, table, name)
        for name, wanted in allowed.items():
            if name in record:  # null is no default: who reads it expects the field's type
                _fits(record[name], wanted, table, name)
    if key == "id":
        _among((record[key] for record in found), SLUG, table, key)
    _unique([record[key] for record in found], table)


def _check_stories(meta: Mapping[str, Any]) -> None:
    """Tours, where there are any, have steps of the right shape that show views which are there."""
    if "stories" not in meta:
        return
    _check_records(meta["stories"], "stories", "id", *_STORY)
    views, layers = ({one["id"] for one in meta[name]} for name in ("views", "layers"))
    for story in meta["stories"]:
        if not 0 < len(story["steps"]) <= MOST_STEPS:
            raise _invalid("stories", "steps", len(story["steps"]))
    for step in (step for story in meta["stories"] for step in story["steps"]):
        _fits(step, dict, "stories", "steps")
        for name, value in step.items():
            _fits(value, _STEP.get(name, ("",)), "stories", f"steps.{name}")
        for name in ("title", "text", "view"):
            _fits(step.get(name), str, "stories", f"steps.{name}")
        if len(step["text"]) > LONGEST_TEXT or len(step.get("text_en", "")) > LONGEST_TEXT:
            raise _invalid("stories", "steps.text", step["text"])
        _among([step["view"]], views, "stories", "steps.view")
        _among(step.get("layers", ()), layers, "stories", "steps.layers")
        _bounds(step.get("extent"), "stories")
        if "year" in step:
            _within(step["year"], "year", "stories", "steps.year")


def _finite(value: Any, at: str) -> None:
    """No number in the metadata is infinite or none: JSON has no such numbers, and neither have the pages."""
    if isinstance(value, float) and not math.isfinite(value):
        raise _invalid(at, "", value)
    for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        _finite(part, f"{at}.{name}")


def _within(value: Any, name: str, table: str, column: str) -> None:
    """A number lies where numbers of its name can; nothing does."""
    low, high = next((limits for end, limits in RANGES.items() if name.endswith(end)), (-LARGEST, LARGEST))
    if value is not None and not low <= value <= high:
        raise _invalid(table, column, value)


def _fits(value: Any, wanted: Any, table: str, field: str) -> None:
    if wanted == _TEXTS:
        good = isinstance(value, list) and all(isinstance(one, str) for one in value)
    elif isinstance(wanted, tuple) and isinstance(wanted[0], str):
        good = isinstance(value, str) and value in wanted
    else:
        good = isinstance(value, wanted) and (wanted == _YES or not isinstance(value, bool))
        good = good and not (isinstance(value, float) and not math.isfinite(value))
    if not good:
        raise _invalid(table, field, value)


def _bounds(value: Any, table: str) -> None:
    if value is not None and not (
        isinstance(value, list)
        and len(value) == 4
        and all(isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= 180 for one in value)
    ):
        raise _invalid(table, "bounds", value)


def _check_scan(scan: Mapping[str, Any]) -> None:
    """A scanned map lies somewhere, and so do its control points; its picture's name leads nowhere else."""
    _bounds(scan["bounds"], "scans")
    _among([scan.get("warped", "")], _WARPED, "scans", "warped")
    for name in ("accuracy_m", "rmse_m", "left_out_m", "scale"):
        if scan.get(name) is not None:
            _fits(scan[name], _NUMBER, "scans", name)
    for point in scan["points"]:
        _fits(point, dict, "scans", "points")
        _fits(point.get("name"), str, "scans", "points.name")
        _fits(point.get("residual_m"), _NUMBER, "scans", "points.residual_m")
        for name in ("px", "at", "fitted"):
            pair = point.get(name)
            _fits(pair, list, "scans", f"points.{name}")
            if len(pair) != 2:
                raise _invalid("scans", f"points.{name}", pair)
            for one in pair:
                _fits(one, _NUMBER, "scans", f"points.{name}")


def _check_codes(frame: pd.DataFrame, table: str, shown: str) -> None:
    for column, known in CODES.get(table, {}).items():
        _among(frame[column], {"", *known}, shown, column)
    for column, known in LISTS_OF_CODES.get(table, {}).items():
        cells = [part for cell in frame[column] for part in split(cell)]
        _among(cells, {"", *known}, shown, column)


def _among(cells: Iterable[Any], known: set[str] | re.Pattern[str], table: str, column: str) -> None:
    """Every cell is one of a set, or matches a pattern."""
    for cell in cells:
        if cell not in known if isinstance(known, set) else known.fullmatch(cell) is None:
            raise _invalid(table, column, cell)


def _unique(names: list[Any], table: str) -> None:
    seen: set[Any] = set()
    for name in names:
        if name in seen:
            raise _invalid(table, "id", name)
        seen.add(name)


def _check_readings(text: str) -> None:
    try:
        found = json.loads(text) if text else []
    except ValueError as error:
        raise _invalid("claims", "readings", text) from error
    if not isinstance(found, list):
        raise _invalid("claims", "readings", text)
    for reading in found:
        if not isinstance(reading, dict):
            raise _invalid("claims", "readings", reading)
        for name, wanted in _READING.items():
            if reading.get(name) is not None or name != "measured":
                _fits(reading.get(name), wanted, "claims", f"readings.{name}")


def _invalid(table: str, field: str, value: Any) -> EditionError:
    shown = str(value)
    if len(shown) > _SHOWN:
        shown = f"{shown[:_SHOWN]}…"
    return EditionError("edition.invalid", at=f"{table}.{field}" if field else table, value=shown)
