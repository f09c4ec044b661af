"""The grammar of recipes: which operations there are, which fields they take, what a value may be."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Union

from geo.crs import LAT_RANGE, LON_RANGE
from geo.errors import GeoError

MAX_DISTANCE_M = 200_000.0
"""Larger buffers are slips of the pen."""
MAX_DEPTH = 40
"""Recipes nested deeper are refused before Python's own limit is met."""

Reference = Union[str, tuple[float, float], "Recipe"]
"""A feature id or `place/<name>`, a coordinate (lon, lat) in degrees, or a recipe."""


@dataclass(frozen=True)
class Recipe:
    """A checked recipe.

    Attributes:
        op: name of the operation.
        fields: values by field name, the operation's own name holding its main value.
        where: path of this recipe in what the user wrote, e.g. `union[1].buffer`; empty at the top.
    """

    op: str
    fields: Mapping[str, Any] = field(hash=False)
    where: str = ""

    @property
    def operation(self) -> "Operation":
        """The grammar of the operation."""
        return OPERATIONS[self.op]


@dataclass(frozen=True)
class Kind:
    """What a field's value may be.

    Attributes:
        read: checks and converts a value; takes value, path for messages, depth.
        refers: whether the value holds references.
    """

    read: Callable[[Any, str, int], Any]
    refers: bool = False


@dataclass(frozen=True)
class Operation:
    """The fields of an operation: its main value, and others by name."""

    main: Kind
    required: Mapping[str, Kind] = field(default_factory=dict, hash=False)
    optional: Mapping[str, Kind] = field(default_factory=dict, hash=False)
    name: str = ""

    def kinds(self) -> Iterator[tuple[str, Kind]]:
        """Every field with its kind, the main value first."""
        yield self.name, self.main
        yield from self.required.items()
        yield from self.optional.items()


def parse(mapping: Any, *, where: str = "") -> Recipe:
    """Check a recipe as read from TOML.

    Args:
        mapping: the table.
        where: path put before every message.

    Raises:
        GeoError: `recipe.not_a_table`, `recipe.unknown_op`, `recipe.several_ops`, `recipe.unknown_field`,
            `recipe.field_missing`, or what is wrong with a value.

    Example:
        >>> parse({"buffer": "place/x", "distance_m": 500}).fields["distance_m"]
        500.0
    """
    return _parse(mapping, where, 0)


def _parse(mapping: Any, where: str, depth: int) -> Recipe:
    if depth > MAX_DEPTH:
        raise GeoError("recipe.too_deep", where=where, limit=MAX_DEPTH)
    if not isinstance(mapping, Mapping):
        raise GeoError("recipe.not_a_table", where=where, value=mapping)
    ops = [name for name in mapping if name in OPERATIONS]
    if not ops:
        raise GeoError("recipe.unknown_op", where=where, found=[str(key) for key in mapping], known=list(OPERATIONS))
    if len(ops) > 1:
        raise GeoError("recipe.several_ops", where=where, found=ops)
    operation = OPERATIONS[ops[0]]
    kinds = dict(operation.kinds())
    for name in mapping:
        if name not in kinds:
            close = get_close_matches(str(name), kinds, n=1)
            raise GeoError(
                "recipe.unknown_field", where=where, op=ops[0], field=name, known=list(kinds), close=close or None
            )
    for name in operation.required:
        if name not in mapping:
            raise GeoError("recipe.field_missing", where=where, op=ops[0], field=name)
    prefix = f"{where}." if where else ""
    fields = {name: kinds[name].read(value, f"{prefix}{name}", depth) for name, value in mapping.items()}
    _require_consistent(ops[0], fields, where)
    return Recipe(ops[0], fields, where)


def _require_consistent(op: str, fields: Mapping[str, Any], where: str) -> None:
    """What can be said about fields together before anything is evaluated."""
    if op == "buffer":
        route = fields["buffer"]
        distances = fields["distance_m"]
        if isinstance(distances, list) and isinstance(route, Recipe) and route.op == "route" and "clip" not in route.fields:
            vertices = len(route.fields["route"])
            if vertices != len(distances):
                raise GeoError("recipe.distance_count", where=where, vertices=vertices, distances=len(distances))


# ---- kinds of value


def _text(value: Any, where: str, depth: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise GeoError("recipe.not_a_text", where=where, value=value)
    return value.strip()


def _texts(value: Any, where: str, depth: int) -> list[str]:
    """One text or a list of them."""
    items = value if isinstance(value, list) else [value]
    if not items:
        raise GeoError("recipe.too_few_values", where=where, count=0, wanted=1)
    return [_text(item, f"{where}[{i}]" if isinstance(value, list) else where, depth) for i, item in enumerate(items)]


def _reference(value: Any, where: str, depth: int) -> Reference:
    if isinstance(value, Mapping):
        return _parse(value, where, depth + 1)
    if isinstance(value, list | tuple):
        return _coordinate(value, where)
    text = _text(value, where, depth)
    # Ids are ASCII: anything else is a place whose prefix was forgotten.
    if not text.startswith("place/") and not text.isascii():
        raise GeoError("recipe.bad_reference", where=where, value=text)
    return text


def _place(value: Any, where: str, depth: int) -> Reference:
    """A place by its bare name, or a coordinate."""
    if isinstance(value, list | tuple):
        return _coordinate(value, where)
    name = _text(value, where, depth)
    return name if name.startswith("place/") else f"place/{name}"


def _coordinate(value: Any, where: str) -> tuple[float, float]:
    if len(value) != 2:
        raise GeoError("recipe.bad_coordinate", where=where, value=list(value))
    lon, lat = (_number(item, where) for item in value)
    if LON_RANGE[0] <= lon <= LON_RANGE[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]:
        return lon, lat
    if LON_RANGE[0] <= lat <= LON_RANGE[1] and LAT_RANGE[0] <= lon <= LAT_RANGE[1]:
        raise GeoError("recipe.swapped", where=where, lon=lon, lat=lat)
    raise GeoError("recipe.out_of_range", where=where, lon=lon, lat=lat)


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15 or not math.isfinite(value):
        raise GeoError("recipe.not_a_number", where=where, value=value)
    return float(value)


def _references(at_least: int) -> Callable[[Any, str, int], list[Reference]]:
    def read(value: Any, where: str, depth: int) -> list[Reference]:
        if not isinstance(value, list):
            raise GeoError("recipe.not_a_list", where=where, value=value)
        if len(value) < at_least:
            raise GeoError("recipe.too_few_values", where=where, count=len(value), wanted=at_least)
        return [_reference(item, f"{where}[{i}]", depth) for i, item in enumerate(value)]

    return read


def _distance(value: Any, where: str, depth: int) -> float | list[float]:
    """One distance above 0, or one per vertex of which some are above 0; metres."""
    if isinstance(value, list):
        distances = [_number(item, f"{where}[{i}]") for i, item in enumerate(value)]
        if len(distances) < 2:
            raise GeoError("recipe.too_few_values", where=where, count=len(distances), wanted=2)
        if max(distances) <= 0 or min(distances) < 0 or max(distances) > MAX_DISTANCE_M:
            bad = next((d for d in distances if not 0 <= d <= MAX_DISTANCE_M), 0.0)
            raise GeoError("recipe.bad_distance", where=where, value=bad, limit=MAX_DISTANCE_M)
        return distances
    distance = _number(value, where)
    if not 0 < distance <= MAX_DISTANCE_M:
        raise GeoError("recipe.bad_distance", where=where, value=distance, limit=MAX_DISTANCE_M)
    return distance


def _side(value: Any, where: str, depth: int) -> str:
    if value not in ("left", "right"):
        raise GeoError("recipe.bad_side", where=where, value=value)
    return str(value)


def _conditions(value: Any, where: str, depth: int) -> dict[str, str | int | float | bool]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str | int | float | bool) for v in value.values()):
        raise GeoError("recipe.bad_conditions", where=where, value=value)
    return dict(value)


_TEXT = Kind(_text)
_TEXTS = Kind(_texts)
_REF = Kind(_reference, refers=True)


def _operations(**operations: Operation) -> dict[str, Operation]:
    """Every operation knows its name and takes `clip`."""
    return {
        name: Operation(o.main, o.required, {**o.optional, "clip": _REF}, name) for name, o in operations.items()
    }


OPERATIONS: Mapping[str, Operation] = _operations(
    place=Operation(Kind(_place, refers=True)),
    points=Operation(Kind(_references(1), refers=True)),
    route=Operation(Kind(_references(2), refers=True)),
    ring=Operation(Kind(_references(3), refers=True)),
    arcs=Operation(_TEXTS, {"unit": _TEXTS}),
    border=Operation(_TEXTS, {"unit_a": _TEXTS, "unit_b": _TEXTS}),
    union=Operation(Kind(_references(1), refers=True)),
    difference=Operation(Kind(_references(2), refers=True)),
    intersection=Operation(Kind(_references(2), refers=True)),
    buffer=Operation(_REF, {"distance_m": Kind(_distance)}, {"side": Kind(_side)}),
    stretch=Operation(_REF, {"from": _REF, "to": _REF}),
    split=Operation(_REF, {"by": _REF, "keep": _REF}),
    within=Operation(_REF),
    file=Operation(_TEXT, {}, {"where": Kind(_conditions), "layer": _TEXT}),
)
"""The grammar: operation → fields. Each has a method of the same name where recipes are evaluated."""
