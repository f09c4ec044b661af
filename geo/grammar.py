"""The grammar of recipes: which operations there are, which fields they take, what a value may be."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Union

from geo.crs import LAT_RANGE, LON_RANGE
from geo.datum import DATUMS, SHIFTED
from geo.errors import GeoError

MAX_DISTANCE_M = 200_000.0
"""Larger buffers are slips of the pen."""
PLACE_PREFIX = "place/"
"""References to the gazetteer start with this."""
SCAN_PREFIX = "scan/"
"""References to scanned maps start with this."""
SCAN_SHAPES = ("polygon", "line", "point")
"""What may be drawn on a scanned map."""
MOST_PIXELS = 50_000
"""More vertices than this are no drawing by hand, nor a simplified one."""
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

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Every feature id and `place/<name>` that it needs, nested ones included, each once, in order."""
        found: dict[str, None] = {}

        def visit(value: Any) -> None:
            if isinstance(value, Recipe):
                for name in value.operation.referring:
                    if name in value.fields:
                        visit(value.fields[name])
            elif isinstance(value, str):
                found[value] = None
            elif isinstance(value, list):
                for item in value:
                    visit(item)

        visit(self)
        return tuple(found)

    def nested(self) -> Iterator["Recipe"]:
        """This recipe and every one in its fields."""
        yield self
        for name in self.operation.referring:
            value = self.fields.get(name)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Recipe):
                    yield from item.nested()

    def files(self) -> Iterator[tuple[str, bool]]:
        """Every file that it or a recipe in it names, and whether that is relative to the plan folder."""
        for recipe in self.nested():
            if recipe.op == "file":
                yield recipe.fields["file"], True
            elif recipe.op in ("arcs", "border"):
                yield from ((name, False) for name in recipe.fields[recipe.op])

    def datums(self) -> Iterator[tuple[str, str, str]]:
        """Every file that it or a recipe in it names, with the layer and the web map's datum stated for it, or ""."""
        for recipe in self.nested():
            if recipe.op in ("file", "arcs", "border"):
                named, datum = recipe.fields[recipe.op], recipe.fields.get("datum", "")
                for name in [named] if recipe.op == "file" else named:
                    yield name, recipe.fields.get("layer", ""), datum if datum in SHIFTED else ""


@dataclass(frozen=True)
class At:
    """Where in a recipe we are, for messages.

    Attributes:
        path: e.g. `union[1].buffer`.
        depth: how many recipes this one is nested in.
    """

    path: str = ""
    depth: int = 0

    def field(self, name: str) -> "At":
        """A field of the table here."""
        return At(f"{self.path}.{name}" if self.path else name, self.depth)

    def item(self, index: int) -> "At":
        """An item of the list here."""
        return At(f"{self.path}[{index}]", self.depth)

    def inside(self) -> "At":
        """In the recipe that is nested here."""
        return At(self.path, self.depth + 1)

    def error(self, key: str, **params: Any) -> GeoError:
        """An error that says where it is."""
        return GeoError(key, where=self.path, **params)


@dataclass(frozen=True)
class Kind:
    """What a field's value may be.

    Attributes:
        read: checks and converts a value.
        refers: whether the value holds references.
    """

    read: Callable[[Any, At], Any]
    refers: bool = False


@dataclass(frozen=True)
class Operation:
    """The fields of an operation: its main value, and others by name."""

    main: Kind
    required: Mapping[str, Kind] = field(default_factory=dict, hash=False)
    optional: Mapping[str, Kind] = field(default_factory=dict, hash=False)
    name: str = ""

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every field with its kind, the main value first."""
        return {self.name: self.main, **self.required, **self.optional}

    @cached_property
    def referring(self) -> tuple[str, ...]:
        """The fields whose values hold references."""
        return tuple(name for name, kind in self.kinds.items() if kind.refers)


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
    return _parse(mapping, At(where))


def _parse(mapping: Any, at: At) -> Recipe:
    if at.depth > MAX_DEPTH:
        raise at.error("recipe.too_deep", limit=MAX_DEPTH)
    if not isinstance(mapping, Mapping):
        raise at.error("recipe.not_a_table", value=mapping)
    ops = [name for name in mapping if name in OPERATIONS]
    if not ops:
        raise at.error("recipe.unknown_op", found=[str(key) for key in mapping], known=list(OPERATIONS))
    if len(ops) > 1:
        raise at.error("recipe.several_ops", found=ops)
    operation = OPERATIONS[ops[0]]
    kinds = operation.kinds
    for name in mapping:
        if name not in kinds:
            raise at.error(
                "recipe.unknown_field",
                op=ops[0], field=name, known=list(kinds), close=get_close_matches(str(name), kinds, n=1) or None,
            )  # fmt: skip
    for name in operation.required:
        if name not in mapping:
            raise at.error("recipe.field_missing", op=ops[0], field=name)
    fields = {name: kinds[name].read(value, at.field(name)) for name, value in mapping.items()}
    if ops[0] == "buffer":
        _require_distance_per_vertex(fields, at)
    if ops[0] == "scan":
        shapes = [name for name in SCAN_SHAPES if name in fields]
        if len(shapes) != 1:
            raise at.error("recipe.scan_shape", found=shapes, known=list(SCAN_SHAPES))
    return Recipe(ops[0], fields, at.path)


def _require_distance_per_vertex(fields: Mapping[str, Any], at: At) -> None:
    """Where the line is written out in the recipe, the count is known before anything is evaluated."""
    line, distances = fields["buffer"], fields["distance_m"]
    if isinstance(distances, list) and isinstance(line, Recipe) and line.op == "route" and "clip" not in line.fields:
        vertices = len(line.fields["route"])
        if vertices != len(distances):
            raise at.error("recipe.distance_count", vertices=vertices, distances=len(distances))


# ---- kinds of value


def _text(value: Any, at: At) -> str:
    if not isinstance(value, str) or not value.strip():
        raise at.error("recipe.not_a_text", value=value)
    return value.strip()


def _texts(value: Any, at: At) -> list[str]:
    """One text or a list of them."""
    if not isinstance(value, list):
        return [_text(value, at)]
    if not value:
        raise at.error("recipe.too_few_values", count=0, wanted=1)
    return [_text(item, at.item(i)) for i, item in enumerate(value)]


def _reference(value: Any, at: At) -> Reference:
    if isinstance(value, Mapping):
        return _parse(value, at.inside())
    if isinstance(value, list | tuple):
        return _coordinate(value, at)
    text = _text(value, at)
    # Ids are ASCII: anything else is a place whose prefix was forgotten.
    if not text.startswith(PLACE_PREFIX) and not text.isascii():
        raise at.error("recipe.bad_reference", value=text)
    return text


def _place(value: Any, at: At) -> Reference:
    """A place by its bare name, or a coordinate."""
    if isinstance(value, list | tuple):
        return _coordinate(value, at)
    name = _text(value, at)
    return name if name.startswith(PLACE_PREFIX) else f"{PLACE_PREFIX}{name}"


def _coordinate(value: Any, at: At) -> tuple[float, float]:
    if len(value) != 2:
        raise at.error("recipe.bad_coordinate", value=list(value))
    lon, lat = (_number(item, at) for item in value)
    if LON_RANGE[0] <= lon <= LON_RANGE[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]:
        return lon, lat
    if LON_RANGE[0] <= lat <= LON_RANGE[1] and LAT_RANGE[0] <= lon <= LAT_RANGE[1]:
        raise at.error("recipe.swapped", lon=lon, lat=lat)
    raise at.error("recipe.out_of_range", lon=lon, lat=lat)


def _number(value: Any, at: At) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise at.error("recipe.not_a_number", value=value)
    return float(value)


def _references(at_least: int) -> Callable[[Any, At], list[Reference]]:
    def read(value: Any, at: At) -> list[Reference]:
        if not isinstance(value, list):
            raise at.error("recipe.not_a_list", value=value)
        if len(value) < at_least:
            raise at.error("recipe.too_few_values", count=len(value), wanted=at_least)
        # An id that is written plainly needs no place to tell of: a district is the union of thousands.
        return [
            item if type(item) is str and _PLAIN.fullmatch(item) else _reference(item, at.item(i))
            for i, item in enumerate(value)
        ]

    return read


def _distance(value: Any, at: At) -> float | list[float]:
    """One distance above 0, or one per vertex of which some are above 0; metres."""
    if not isinstance(value, list):
        distance = _number(value, at)
        if not 0 < distance <= MAX_DISTANCE_M:
            raise at.error("recipe.bad_distance", value=distance, limit=MAX_DISTANCE_M)
        return distance
    if len(value) < 2:
        raise at.error("recipe.too_few_values", count=len(value), wanted=2)
    distances = [_number(item, at.item(i)) for i, item in enumerate(value)]
    for i, distance in enumerate(distances):
        if not 0 <= distance <= MAX_DISTANCE_M:
            raise at.item(i).error("recipe.bad_distance", value=distance, limit=MAX_DISTANCE_M)
    if max(distances) == 0:
        raise at.error("recipe.bad_distance", value=0, limit=MAX_DISTANCE_M)
    return distances


def _datum(value: Any, at: At) -> str:
    if value not in DATUMS:
        close = get_close_matches(str(value).lower(), DATUMS, n=1, cutoff=0.4)
        raise at.error("recipe.bad_datum", value=value, known=list(DATUMS), guess=close[0] if close else "")
    return str(value)


def _side(value: Any, at: At) -> str:
    if value not in ("left", "right"):
        raise at.error("recipe.bad_side", value=value)
    return str(value)


def _conditions(value: Any, at: At) -> dict[str, str | int | float | bool | date | time]:
    """Value by field, as TOML has it: texts, numbers, true and false, dates and times."""
    allowed = str | int | float | bool | date | time
    if not isinstance(value, Mapping) or not all(isinstance(v, allowed) for v in value.values()):
        raise at.error("recipe.bad_conditions", value=value)
    return dict(value)


def _scan(value: Any, at: At) -> Reference:
    """A scanned map by its id."""
    name = _text(value, at)
    return name if name.startswith(SCAN_PREFIX) else f"{SCAN_PREFIX}{name}"


def _pixel(value: Any, at: At) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise at.error("recipe.bad_pixel", value=value)
    return _number(value[0], at), _number(value[1], at)


def _pixels(at_least: int) -> Callable[[Any, At], list[list[tuple[float, float]]]]:
    """One run of pixels, or a list of them."""

    def read(value: Any, at: At) -> list[list[tuple[float, float]]]:
        if not isinstance(value, list) or not value or not isinstance(value[0], list) or not value[0]:
            raise at.error("recipe.bad_pixel", value=value)
        runs = value if isinstance(value[0][0], list) else [value]
        if not all(isinstance(run, list) for run in runs):
            raise at.error("recipe.bad_pixel", value=value)
        if sum(len(run) for run in runs) > MOST_PIXELS:
            raise at.error("recipe.too_many_pixels", limit=MOST_PIXELS)
        for run in runs:
            if len(run) < at_least:
                raise at.error("recipe.too_few_values", count=len(run), wanted=at_least)
        return [[_pixel(one, at.item(i)) for i, one in enumerate(run)] for run in runs]

    return read


_PLAIN = re.compile("[!-~]+")
"""A reference that is taken as it is written: ASCII without blanks."""
_TEXT = Kind(_text)
_TEXTS = Kind(_texts)
_REF = Kind(_reference, refers=True)
_DATUM = Kind(_datum)


def _operations(**operations: Operation) -> dict[str, Operation]:
    """Every operation knows its name and takes `clip`."""
    return {name: Operation(o.main, o.required, {**o.optional, "clip": _REF}, name) for name, o in operations.items()}


OPERATIONS: Mapping[str, Operation] = _operations(
    place=Operation(Kind(_place, refers=True)),
    points=Operation(Kind(_references(1), refers=True)),
    route=Operation(Kind(_references(2), refers=True)),
    ring=Operation(Kind(_references(3), refers=True)),
    arcs=Operation(_TEXTS, {"unit": _TEXTS}, {"datum": _DATUM}),
    border=Operation(_TEXTS, {"unit_a": _TEXTS, "unit_b": _TEXTS}, {"datum": _DATUM}),
    union=Operation(Kind(_references(1), refers=True)),
    difference=Operation(Kind(_references(2), refers=True)),
    intersection=Operation(Kind(_references(2), refers=True)),
    buffer=Operation(_REF, {"distance_m": Kind(_distance)}, {"side": Kind(_side)}),
    stretch=Operation(_REF, {"from": _REF, "to": _REF}),
    split=Operation(_REF, {"by": _REF, "keep": _REF}),
    within=Operation(_REF),
    scan=Operation(
        Kind(_scan, refers=True),
        {},
        {"polygon": Kind(_pixels(3)), "line": Kind(_pixels(2)), "point": Kind(_pixel)},
    ),
    file=Operation(_TEXT, {}, {"where": Kind(_conditions), "layer": _TEXT, "datum": _DATUM}),
)
"""The grammar: operation → fields. Each has a method of the same name where recipes are evaluated."""
