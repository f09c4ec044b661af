"""Kinds and statuses as checked records: what ``kinds.toml`` may say and what it means.

Sizes are CSS pixels at 96 dpi, opacities 0 to 1, colours ``#rrggbb``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

from geo.errors import PlanmapError
from geo.messages import Catalogue

Geometry = Literal["point", "line", "polygon", "none"]

GEOMETRIES = ("point", "line", "polygon", "none")
PATTERNS = ("", "hatch", "dots", "cross")
SHAPES = ("circle", "square", "diamond", "triangle", "star")
PLACEMENTS = ("area", "line", "point", "shield")
MAX_ZOOM = 24

_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_ID = re.compile(r"[a-z][a-z0-9_]*\Z")


class StyleError(PlanmapError):
    """A kind, symbol, label or status in ``kinds.toml`` cannot be used."""

    catalogue: ClassVar[Catalogue] = Catalogue(Path(__file__).parents[1] / "messages" / "style.toml")


@dataclass(frozen=True, slots=True)
class Symbol:
    """How a kind is drawn. Lengths in CSS pixels, opacities 0 to 1, colours ``#rrggbb`` or empty."""

    stroke: str = ""
    width: float = 0.0
    dash: tuple[float, ...] = ()
    casing: str = ""
    casing_width: float = 0.0
    casing_opacity: float = 1.0
    fill: str = ""
    fill_opacity: float = 1.0
    pattern: str = ""
    pattern_color: str = ""
    overlay: str = ""
    overlay_width: float = 0.0
    overlay_dash: tuple[float, ...] = ()
    shape: str = "circle"
    size: float = 0.0
    icon: str = ""
    icon_color: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """How a kind's name is written; ``size`` (pixels) 0 means that it is not. ``spacing`` is in em."""

    size: float = 0.0
    weight: int = 400
    color: str = ""
    halo: str = ""
    italic: bool = False
    spacing: float = 0.0
    min_zoom: float = 0.0
    max_zoom: float = float(MAX_ZOOM)
    priority: float = 0.0
    placement: str = "area"
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a feature is, with its one symbol and its one label."""

    id: str
    name: str
    name_en: str
    geometry: Geometry
    symbol: Symbol
    label: Label


@dataclass(frozen=True, slots=True)
class Status:
    """A state of a feature; ``dash`` is in multiples of the line's width, empty for a continuous line."""

    id: str
    name: str
    name_en: str
    dash: tuple[float, ...] = ()


def parse_kind(record: Mapping[str, Any]) -> Kind:
    """Read and check one ``[[kind]]`` record.

    Args:
        record: The mapping as it stands in ``kinds.toml``.

    Returns:
        The kind, with defaults filled in.

    Raises:
        StyleError: ``style.field_missing``, ``style.field_unknown``, ``style.bad_value``,
            ``style.bad_color``, ``style.bad_choice`` or ``style.bad_id``, naming the kind and the field.
    """
    where = _identity(record, "kind")
    _known(
        record,
        {"id", "name", "name_en", "geometry", "symbol", "label", "cited", "beyond", "explain", "explain_en"},
        where,
        "",
    )
    geometry = record.get("geometry", "none")
    _choice(geometry, GEOMETRIES, where, "geometry")
    symbol = _fill(Symbol, _table(record, "symbol", where), where, "symbol")
    label = _fill(Label, _table(record, "label", where), where, "label")
    for field in ("stroke", "casing", "fill", "pattern_color", "overlay", "icon_color"):
        _color(getattr(symbol, field), where, f"symbol.{field}")
    for field in ("color", "halo"):
        _color(getattr(label, field), where, f"label.{field}")
    for field in ("fill_opacity", "casing_opacity"):
        if getattr(symbol, field) > 1:
            raise StyleError("style.bad_value", kind=where, field=f"symbol.{field}", value=str(getattr(symbol, field)))
    _choice(symbol.pattern, PATTERNS, where, "symbol.pattern")
    _choice(symbol.shape, SHAPES, where, "symbol.shape")
    _choice(label.placement, PLACEMENTS, where, "label.placement")
    if label.size and not label.color:
        raise StyleError("style.field_missing", kind=where, field="label.color")
    if label.min_zoom > label.max_zoom or label.max_zoom > MAX_ZOOM:
        raise StyleError("style.bad_value", kind=where, field="label.max_zoom", value=str(label.max_zoom))
    if geometry == "line" and not (symbol.stroke and symbol.width):
        raise StyleError("style.field_missing", kind=where, field="symbol.stroke, symbol.width")
    if geometry == "point" and not (symbol.size and symbol.fill):
        raise StyleError("style.field_missing", kind=where, field="symbol.size, symbol.fill")
    return Kind(where, _text(record, "name", where), _text(record, "name_en", where), geometry, symbol, label)


def parse_kinds(records: Iterable[Mapping[str, Any]]) -> dict[str, Kind]:
    """Read all ``[[kind]]`` records; of two with one id, the later one (the plan's own) replaces the earlier.

    Args:
        records: Mappings as they stand in ``kinds.toml``.

    Returns:
        Kinds by id, in the order of first mention.

    Raises:
        StyleError: See `parse_kind`.
    """
    return {kind.id: kind for kind in map(parse_kind, records)}


def parse_statuses(records: Iterable[Mapping[str, Any]]) -> dict[str, Status]:
    """Read all ``[[status]]`` records.

    Args:
        records: Mappings as they stand in ``kinds.toml``.

    Returns:
        Statuses by id.

    Raises:
        StyleError: See `parse_kind`.
    """
    result: dict[str, Status] = {}
    for record in records:
        where = _identity(record, "status")
        dash = _numbers(record.get("dash", []), where, "dash")
        result[where] = Status(where, _text(record, "name", where), _text(record, "name_en", where), dash)
    return result


def dash_px(kind: Kind, status: Status | None) -> tuple[float, ...]:
    """Give the dash array of a line: the status' own pattern, else the kind's.

    Args:
        kind: The kind of the line.
        status: The status of the feature, or None.

    Returns:
        Alternating dash and gap lengths in pixels; empty for a continuous line.

    Example:
        A line 3 px wide that is being built (dash ``[4, 1.6]``) has 12 px dashes and 4.8 px gaps.
    """
    if kind.geometry == "line" and status is not None and status.dash:
        return tuple(round(part * kind.symbol.width, 3) for part in status.dash)
    return kind.symbol.dash


# ---- checks


def _identity(record: Mapping[str, Any], table: str) -> str:
    value = record.get("id")
    if not isinstance(value, str) or not _ID.match(value):
        raise StyleError("style.bad_id", table=table, value=str(value))
    return value


def _text(record: Mapping[str, Any], field: str, where: str) -> str:
    value = record.get(field)
    if not isinstance(value, str) or not value.strip():
        raise StyleError("style.field_missing", kind=where, field=field)
    return value


def _table(record: Mapping[str, Any], field: str, where: str) -> Mapping[str, Any]:
    value = record.get(field, {})
    if not isinstance(value, Mapping):
        raise StyleError("style.bad_value", kind=where, field=field, value=str(value))
    return value


def _known(record: Mapping[str, Any], allowed: set[str], where: str, prefix: str) -> None:
    for field in record:
        if field not in allowed:
            raise StyleError("style.field_unknown", kind=where, field=prefix + field)


def _choice(value: object, allowed: Sequence[str], where: str, field: str) -> None:
    if value not in allowed:
        known = ", ".join(entry for entry in allowed if entry)
        raise StyleError("style.bad_choice", kind=where, field=field, value=str(value), allowed=known)


def _color(value: str, where: str, field: str) -> None:
    if value and not _COLOR.match(value):
        raise StyleError("style.bad_color", kind=where, field=field, value=value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _numbers(value: object, where: str, field: str) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not all(map(_is_number, value)) or (value and not any(value)):
        raise StyleError("style.bad_value", kind=where, field=field, value=str(value))
    return tuple(float(part) for part in value)


_Table = TypeVar("_Table", Symbol, Label)


def _fill(cls: type[_Table], table: Mapping[str, Any], where: str, prefix: str) -> _Table:
    """Make a Symbol or Label from a table whose values have the types of the class' defaults."""
    defaults = {field.name: field.default for field in fields(cls)}
    _known(table, set(defaults), where, f"{prefix}.")
    values: dict[str, Any] = {}
    for name, value in table.items():
        default, field = defaults[name], f"{prefix}.{name}"
        if isinstance(default, tuple):
            values[name] = _numbers(value, where, field)
            continue
        if isinstance(default, bool | str):
            good = type(value) is type(default)
        else:
            good = _is_number(value)
        if not good:
            raise StyleError("style.bad_value", kind=where, field=field, value=str(value))
        values[name] = value
    return cls(**values)
