"""Mapbox Vector Tiles 2.1, encoded on arrays.

The library ``mapbox-vector-tile`` takes four to seven times as long (``benchmarks/services.py``): here all vertices of
a layer are encoded in a few steps. The tests decode with that library.

Source:
    Mapbox Vector Tile Specification 2.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

EXTENT = 4096
"""Units of a tile's side."""
_MOVE_ONE, _CLOSE, _LINE = 9, 15, 2
_POINT, _LINES, _POLYGON = 1, 2, 3

Ints = NDArray[np.int64]
Move = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Shapes:
    """Features of one sort as vertices in tile units, y downwards.

    Attributes:
        sort: 1 for points, 2 for lines, 3 for areas.
        xy: Vertices of all parts, whole numbers; rings are not closed.
        parts: Feature of each part (a point, a line, a ring).
        sizes: Vertices of each part.
    """

    sort: int
    xy: Ints
    parts: Ints
    sizes: Ints


@dataclass(frozen=True)
class Parts:
    """Vertices of geometries as they are, whatever tile they are for.

    Attributes:
        sort: As of `Shapes`.
        xy: Vertices of all parts.
        part: The part of each vertex.
        owners: Geometry of each part.
        polygons: Of each ring the polygon that it belongs to.
        leads: Whether a ring is the outer one.
    """

    sort: int
    xy: NDArray[np.float64]
    part: Ints
    owners: Ints
    polygons: Ints
    leads: NDArray[np.bool_]


def shapes_of(geometries: NDArray[np.object_], dimension: int, move: Move | None = None) -> Shapes:
    """Vertices of geometries in tile units; parts that rounding has closed up are left out.

    Args:
        geometries: Their coordinates are rounded here; parts of a lower dimension, as clipping leaves them, do not
            count.
        dimension: 0 for points, 1 for lines, 2 for areas.
        move: Makes tile units of coordinates whose y goes upwards; None where they are tile units.
    """
    return rounded(parts_of(geometries, dimension, upwards=move is not None), move)


def parts_of(geometries: NDArray[np.object_], dimension: int, *, upwards: bool) -> Parts:
    """The parts of geometries that have a dimension.

    Args:
        geometries: The geometries.
        dimension: 0 for points, 1 for lines, 2 for areas.
        upwards: Whether their y goes upwards.
    """
    pieces, owners = shapely.get_parts(geometries, return_index=True)
    nested = shapely.get_type_id(pieces) >= 4
    if nested.any():
        pieces, inner = shapely.get_parts(pieces, return_index=True)
        owners = owners[inner]
    own = (shapely.get_dimensions(pieces) == dimension) & ~shapely.is_empty(pieces)
    pieces, owners = pieces[own], owners[own].astype(np.int64)
    if dimension != 2:
        polygons, leads = np.arange(len(pieces)), np.ones(len(pieces), dtype=bool)
    else:
        pieces = shapely.orient_polygons(pieces, exterior_cw=upwards)
        pieces, polygons = shapely.get_rings(pieces, return_index=True)
        leads = np.ones(len(pieces), dtype=bool)
        leads[1:] = polygons[1:] != polygons[:-1]
        owners = owners[polygons]
    xy, part = shapely.get_coordinates(pieces, return_index=True)
    return Parts(dimension + 1, xy, part.astype(np.int64), owners, polygons, leads)


def rounded(parts: Parts, move: Move | None) -> Shapes:
    """Rounded, without vertices that repeat, without parts that are too short; holes go with their outer ring."""
    sort, part, owners, groups, leads = parts.sort, parts.part, parts.owners, parts.polygons, parts.leads
    xy: Ints = np.rint(parts.xy if move is None else move(parts.xy)).astype(np.int64)
    keep = np.ones(len(xy), dtype=bool)
    if sort != _POINT:
        keep[1:] = (part[1:] != part[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    if sort == _POLYGON:  # the last vertex of a ring is its first
        last = np.ones(len(xy), dtype=bool)
        last[:-1] = part[1:] != part[:-1]
        # It may repeat the one before it, which was kept then.
        begins = np.ones(len(xy), dtype=bool)
        begins[1:] = last[:-1]
        starts = np.flatnonzero(begins)
        first_xy = np.repeat(xy[starts], np.diff(np.r_[starts, len(xy)]), axis=0) if len(part) else xy
        at_first = (xy == first_xy).all(axis=1)
        keep &= ~(last & at_first)
        tail = keep.copy()
        tail[:-1] &= (part[1:] != part[:-1]) | ~keep[1:]
        keep &= ~(tail & at_first & ~begins)
    xy, part = xy[keep], part[keep]
    sizes = np.bincount(part, minlength=len(owners)).astype(np.int64)
    stays = sizes >= {_POINT: 1, _LINES: 2, _POLYGON: 3}[sort]
    if sort == _POLYGON:
        stays &= _areas(xy, part, sizes) != 0
        alive = np.zeros(int(groups.max()) + 1 if len(groups) else 0, dtype=bool)
        alive[groups[leads & stays]] = True
        stays &= alive[groups] if len(groups) else stays
    xy = xy[stays[part]]
    return Shapes(sort, xy, owners[stays], sizes[stays])


def _areas(xy: Ints, part: Ints, sizes: Ints) -> Ints:
    """Twice the area of each ring."""
    if not len(xy):
        return np.zeros(len(sizes), dtype=np.int64)
    following = np.roll(xy, -1, axis=0)
    ends = np.cumsum(sizes) - 1
    has = sizes > 0
    following[ends[has]] = xy[(ends - sizes + 1)[has]]
    cross = xy[:, 0] * following[:, 1] - following[:, 0] * xy[:, 1]
    result: Ints = np.bincount(part, weights=cross.astype(float), minlength=len(sizes)).astype(np.int64)
    return result


def commands(shapes: Shapes) -> tuple[Ints, Ints]:
    """The command integers of all features, and the feature of each.

    Example:
        >>> square = shapes_of(np.array([shapely.box(0, 0, 2, 2)]), 2)
        >>> commands(square)[0].tolist()
        [9, 4, 0, 26, 0, 4, 3, 0, 0, 3, 15]
    """
    xy, owners, sizes = shapes.xy, shapes.parts, shapes.sizes
    feature = np.repeat(owners, sizes)
    steps = xy.copy()
    steps[1:] -= np.where((feature[1:] == feature[:-1])[:, None], xy[:-1], 0)
    zigzag = (steps << 1) ^ (steps >> 63)
    extras = {_POINT: 1, _LINES: 2, _POLYGON: 3}[shapes.sort]
    lengths = 2 * sizes + extras
    ends = np.cumsum(lengths)
    starts = ends - lengths
    out = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    place = np.arange(len(xy)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    at = np.repeat(starts, sizes) + 1 + 2 * place + ((place > 0) if shapes.sort != _POINT else 0)
    out[at], out[at + 1] = zigzag[:, 0], zigzag[:, 1]
    out[starts] = _MOVE_ONE
    if shapes.sort != _POINT:
        out[starts + 3] = ((sizes - 1) << 3) | _LINE
    if shapes.sort == _POLYGON:
        out[ends - 1] = _CLOSE
    return out, np.repeat(owners, lengths)


def varints(values: Ints) -> tuple[NDArray[np.uint8], Ints]:
    """Whole numbers as varints, and how many bytes each takes.

    Example:
        >>> varints(np.array([1, 300]))[0].tolist()
        [1, 172, 2]
    """
    sizes = np.ones(len(values), dtype=np.int64)
    for power in (7, 14, 21, 28):
        sizes += values >= (1 << power)
    ends = np.cumsum(sizes)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    starts = ends - sizes
    for byte in range(5):
        has = sizes > byte
        more = np.where(sizes[has] > byte + 1, 0x80, 0)
        out[starts[has] + byte] = ((values[has] >> (7 * byte)) & 0x7F) | more
    return out, sizes


@dataclass(frozen=True)
class Cells:
    """The values of a property.

    Attributes:
        places: Of each feature the place of its value among ``values``; -1 where it has none.
        values: The different ones: texts, numbers, truths.
    """

    places: Ints
    values: Sequence[Any]


@dataclass(frozen=True)
class Coded:
    """Properties of many features, each value by a number of its own.

    Attributes:
        keys: Their names.
        places: A row for each feature, a column for each property: the value's number; -1 for none. Numbers of one
            property are all smaller than those of the next.
        word: The value of a number, encoded.
    """

    keys: Sequence[str]
    places: NDArray[np.int32]
    word: Callable[[int], bytes]

    @classmethod
    def of(cls, columns: Mapping[str, Cells], kept: int = 0) -> Coded:
        """Properties as numbers.

        Args:
            columns: The properties by name.
            kept: So many encoded values are kept.
        """
        starts = np.cumsum([0, *(len(one.values) for one in columns.values())]).tolist()
        numbered = [
            np.where(one.places < 0, -1, one.places + start).astype(np.int32)
            for one, start in zip(columns.values(), starts, strict=False)
        ]
        values = [value for one in columns.values() for value in one.values]

        def word(number: int) -> bytes:
            return _bytes(4, _value(values[number]))

        places = np.column_stack(numbered) if numbered else np.zeros((0, 0), dtype=np.int32)
        if kept:
            word = lru_cache(kept)(word)
            for number in range(min(kept, len(values))):  # before others are forked that want them
                word(number)
        return cls(list(columns), places, word)

    def only(self, rows: Ints, keys: Sequence[str] | None = None) -> Coded:
        """Those of some features, and of some properties; None: all."""
        if keys is None:
            return Coded(self.keys, self.places[rows], self.word)
        chosen = [at for at, key in enumerate(self.keys) if key in keys]
        return Coded([self.keys[at] for at in chosen], self.places[rows][:, chosen], self.word)


class Drawing(NamedTuple):
    """Encoded geometries of one sort.

    Attributes:
        sort: As of `Shapes`.
        features: Of each feature that has a part its number and its geometry, in the order of the numbers.
    """

    sort: int
    features: Sequence[tuple[int, bytes]]


class Placed(NamedTuple):
    """The geometry of a feature, encoded for any tile of a level: where it begins is put before the rest.

    Attributes:
        x: Of its first vertex, units from the left of all.
        y: Likewise, from the top.
        west: Of all its vertices, as those that follow.
        rest: The encoded geometry behind the first vertex.
    """

    x: int
    y: int
    west: int
    north: int
    east: int
    south: int
    rest: bytes

    def at(self, left: int, top: int) -> bytes:
        """The geometry in a tile whose corner is there.

        Example:
            >>> shapes = shapes_of(np.array([shapely.box(8, 8, 10, 10)]), 2)
            >>> placed(shapes)[0].at(8, 8) == drawing(shapes_of(np.array([shapely.box(0, 0, 2, 2)]), 2)).features[0][1]
            True
        """
        x, y = self.x - left, self.y - top
        return _BEGIN + _varint((x << 1) ^ (x >> 63)) + _varint((y << 1) ^ (y >> 63)) + self.rest


def drawing(shapes: Shapes) -> Drawing:
    """Shapes, encoded."""
    values, owners = commands(shapes)
    encoded, sizes = varints(values)
    data = encoded.tobytes()
    breaks, ends = _breaks(owners), np.r_[0, np.cumsum(sizes)]
    places = ends[np.r_[breaks, len(owners)]].tolist()
    rows = owners[breaks].tolist()
    return Drawing(shapes.sort, [(row, data[a:b]) for row, (a, b) in zip(rows, pairwise(places), strict=True)])


def placed(shapes: Shapes, left: int = 0, top: int = 0) -> dict[int, Placed]:
    """Shapes, encoded for any tile.

    Args:
        shapes: Their vertices count from a corner of their own.
        left: Of that corner, units from the left of all.
        top: Likewise, from the top.
    """
    if not len(shapes.sizes):
        return {}
    values, owners = commands(shapes)
    breaks = _breaks(owners)
    sizes = np.zeros(len(values), dtype=np.int64)
    behind = np.ones(len(values), dtype=bool)
    behind[breaks[:, None] + np.arange(3)] = False  # MoveTo, x, y
    encoded, sizes[behind] = varints(values[behind])
    data = encoded.tobytes()
    places = np.r_[0, np.cumsum(sizes)][np.r_[breaks, len(owners)]].tolist()
    first = _breaks(np.repeat(shapes.parts, shapes.sizes))
    low, high = np.minimum.reduceat(shapes.xy, first), np.maximum.reduceat(shapes.xy, first)
    numbers = (np.column_stack([shapes.xy[first], low, high]) + [left, top] * 3).tolist()
    spans = pairwise(places)
    return {
        row: Placed(x, y, west, north, east, south, data[a:b])
        for row, (x, y, west, north, east, south), (a, b) in zip(owners[breaks].tolist(), numbers, spans, strict=True)
    }


def _breaks(owners: Ints) -> Ints:
    """Where another one begins."""
    return np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]]) if len(owners) else np.zeros(0, dtype=np.int64)


def layer(name: str, drawn: Drawing, ids: Sequence[int], columns: Coded) -> bytes:
    """A layer of a tile; empty where no feature has a part.

    Args:
        name: What it is called.
        drawn: Its features' geometries; their numbers are places in what follows.
        ids: Number of each feature.
        columns: Their properties.
    """
    if not drawn.features:
        return b""
    packed, words = _tags(np.array([row for row, _data in drawn.features]), columns)
    sort = b"\x18" + _varint(drawn.sort) + b"\x22"
    body = [_bytes(1, name.encode("utf-8", "replace"))]
    for (row, data), tags in zip(drawn.features, packed, strict=True):
        size = _varint(len(data))
        head = b"".join((b"\x08", _varint(ids[row]), b"\x12", _varint(len(tags)), tags, sort, size))
        body += (b"\x12", _varint(len(head) + len(data)), head, data)
    body += [_bytes(3, key.encode("utf-8", "replace")) for key in columns.keys]
    body += words
    body.append(b"\x28" + _varint(EXTENT) + b"\x78\x02")
    return _bytes(3, b"".join(body))


def _tags(rows: Ints, columns: Coded) -> tuple[list[bytes], list[bytes]]:
    """The properties of each row, packed, and the values that they point at: those of one column, then of the next."""
    if not columns.keys:
        return [b""] * len(rows), []
    own = columns.places[rows].tolist()
    pairs = {-1: b""}  # by a value's number, which no other column has
    words: list[bytes] = []
    for key, numbers in enumerate(zip(*own, strict=True)):
        begin = _varint(key)
        for number in sorted({*numbers} - {-1}):
            pairs[number] = begin + _varint(len(words))
            words.append(columns.word(number))
    return [b"".join([pairs[number] for number in row]) for row in own], words


_BEGIN = bytes([_MOVE_ONE])
_SHORT = [bytes([one]) if one < 0x80 else bytes([one & 0x7F | 0x80, one >> 7]) for one in range(0x4000)]


def _varint(value: int) -> bytes:
    if value < 0x4000:
        return _SHORT[value]
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _bytes(field: int, data: bytes) -> bytes:
    return _varint((field << 3) | 2) + _varint(len(data)) + data


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return b"\x38" + _varint(int(value))
    if isinstance(value, str):
        return _bytes(1, value.encode("utf-8", "replace"))
    if isinstance(value, int):
        return b"\x30" + _varint((value << 1) ^ (value >> 63))
    return b"\x19" + struct.pack("<d", float(value))
