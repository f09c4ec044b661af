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

import pandas as pd

from layers.model.errors import EditionError
from layers.model.tables import CODES, LISTS_OF_CODES, SEPARATOR, STORED_GEOMETRY

_NUMBER, _YES, _TEXTS = (int, float), (bool,), "texts"
_SHAPES: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    # table: key, fields that must be there, fields that may
    "layers": ("id", {"name": str, "kinds": _TEXTS, "geometry": (*STORED_GEOMETRY, "none")},
               {"name_en": str, "group": str, "show": _YES, "order": _NUMBER, "count": _NUMBER, "located": _NUMBER}),
    "groups": ("id", {"name": str}, {"name_en": str}),
    "views": ("id", {"name": str, "layers": _TEXTS},
              {"name_en": str, "fit": str, "indicator": str, "level": ("district", "zone", "township")}),
    "terms": ("id", {"name": str}, {"name_en": str}),
    "kinds": ("id", {"name": str, "geometry": (*STORED_GEOMETRY, "none")},
              {"name_en": str, "symbol": dict, "label": dict}),
    "statuses": ("id", {"name": str}, {"name_en": str}),
    "bases": ("id", {"name": str}, {"name_en": str}),
    "ramps": ("id", {"colors": _TEXTS}, {}),
    "sources": ("name", {}, {"title": str, "title_en": str, "licence": str, "licence_en": str,
                             "attribution": str, "attribution_en": str, "url": str, "note": str}),
}  # fmt: skip
_HEAD: Mapping[str, Any] = {
    "id": str, "title": str, "title_en": str, "short_title": str, "short_title_en": str, "period": str,
    "base_year": int, "target_year": int, "as_of": int, "edition_note": str, "edition_note_en": str,
    "indicators_note": str, "indicators_note_en": str, "licence": str, "licence_en": str,
    "licence_url": str, "attribution": str, "attribution_en": str, "district": dict, "lon": _NUMBER,
}  # fmt: skip
_NEEDED = ("id", "title", "as_of", "district")
_ALWAYS = ("layers", "kinds")
_TABLES = {"outline": int, "lead_units": str, "leads": _TEXTS, "stats": None}
_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}")
_HASH = re.compile(r"[0-9a-f]{64}")
_READING = {"name": str, "name_en": str, "measured": _NUMBER, "fits": _YES}


def check_meta(meta: Mapping[str, Any]) -> None:
    """The metadata have everything that pages are made of, in the right shape.

    Raises:
        EditionError: ``edition.invalid`` with the table, the field and the value.
        KeyError: A table is not there at all.
    """
    _check_head(meta.get("plan"))
    _fits(meta.get("hash"), str, "meta", "hash")
    if not _HASH.fullmatch(meta["hash"]):
        raise _invalid("meta", "hash", meta["hash"])
    for table, (key, needed, allowed) in _SHAPES.items():
        if table in meta or table in _ALWAYS:
            _check_records(meta[table], table, key, needed, allowed)
    for table, wanted in _TABLES.items():
        found = meta.get(table, {})
        if not isinstance(found, dict):
            raise _invalid(table, "", found)
        for name, value in found.items() if wanted is not None else ():
            _fits(value, wanted, table, name)
    for name in ("layers", "views"):
        for one in meta.get(name, ()):
            _bounds(one.get("bounds"), name)
    _among(_column(color for ramp in meta.get("ramps", ()) for color in ramp["colors"]), _COLOR, "ramps", "colors")
    kinds = {one["id"] for one in meta["kinds"]}
    _among(_column(kind for layer in meta["layers"] for kind in layer["kinds"]), kinds, "layers", "kinds")


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
            _unique(list(frame["id"]), name)
    _among(tables["observations"]["indicator"], set(tables["indicators"]["id"]), "observations", "indicator")
    for text in tables["claims"]["readings"]:
        _check_readings(text)


def frame_ids(frames: Iterable[pd.DataFrame]) -> set[str]:
    """The ids of all features."""
    return {str(one) for frame in frames for one in frame["id"]}


# ---- machinery


def _check_head(head: Any) -> None:
    """What is said of the plan as a whole."""
    if not isinstance(head, dict):
        raise _invalid("plan", "", head)
    for name, wanted in _HEAD.items():
        if head.get(name) is not None or name in _NEEDED:
            _fits(head.get(name), wanted, "plan", name)
    for name, value in head["district"].items():
        _fits(value, (str, int, float), "plan", f"district.{name}")
    _bounds(head.get("bounds"), "plan")


def _column(values: Iterable[Any]) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


def _check_records(found: Any, table: str, key: str, needed: Mapping[str, Any], allowed: Mapping[str, Any]) -> None:
    if not isinstance(found, list):
        raise _invalid(table, "", found)
    for record in found:
        if not isinstance(record, dict):
            raise _invalid(table, "", record)
        for name, wanted in {key: str, **needed}.items():
            _fits(record.get(name), wanted, table, name)
        for name, wanted in allowed.items():
            if record.get(name) is not None:
                _fits(record[name], wanted, table, name)
    _unique([record[key] for record in found], table)


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


def _check_codes(frame: pd.DataFrame, table: str, shown: str) -> None:
    for column, known in CODES.get(table, {}).items():
        _among(frame[column], {"", *known}, shown, column)
    for column, known in LISTS_OF_CODES.get(table, {}).items():
        cells = [part for cell in frame[column] for part in str(cell).split(SEPARATOR)]
        _among(_column(cells), {"", *known}, shown, column)


def _among(cells: pd.Series[Any], known: set[str] | re.Pattern[str], table: str, column: str) -> None:
    """Every cell is one of a set, or matches a pattern."""
    if isinstance(known, set):
        wrong = cells[~cells.isin(known)]
    else:
        wrong = cells[[known.fullmatch(cell) is None for cell in cells]]
    if len(wrong):
        raise _invalid(table, column, wrong.iloc[0])


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
    return EditionError("edition.invalid", at=f"{table}.{field}" if field else table, value=value)
