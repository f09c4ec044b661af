"""Entities of a DXF as text: points, polylines and texts with their extended data.

The same bytes that ezdxf writes for the same entities (a test compares), without its objects: these take 2 ms and many
times the memory of what is written, a feature. The drawing round them, with its tables, is ezdxf's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers.edition.formats.cells import cut
from layers.edition.store import plain

APPID = "PLANMAP"
"""The application under which attributes are filed: pairs of name and value in braces."""
ENCODING = "gbk"
"""GDAL, and QGIS with it, garbles the UTF-8 of later versions; AutoCAD reads a code page in any language. What GBK
lacks is written as AutoCAD's own code for it."""
STYLE = "PLANMAP"
DASHES = "DASHED"

_STRING_BYTES = 105  # of 255 that a string of extended data may have: a code has seven for each three of UTF-8
_VALUE = 600
_DATA_BYTES = 16_000  # of 16,383 that an object may have
_KEPT = 16_384
_OPEN, _CLOSE, _BRACES = "1002\n{\n", "1002\n}\n", 8
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_CODES = re.compile(r"%%|\\(?=[UuMm]\+)|\^")
_PLAIN = {"%%": "％％", "\\": "＼", "^": "＾"}


@dataclass(frozen=True, slots=True)
class Look:
    """How an entity is drawn.

    Attributes:
        layer: Its layer.
        color: 24 bits of its own colour; None for the layer's.
        dashed: Whether its line is broken.
    """

    layer: str
    color: int | None = None
    dashed: bool = False


def shapes(shape: BaseGeometry, look: Look, owner: str, data: str, handles: Iterator[str]) -> Iterator[str]:
    """Points, open and closed polylines of a geometry: every ring of a polygon is one.

    Args:
        shape: In the drawing's metres.
        look: Of them all.
        owner: Handle of the space that they stand in.
        data: Their extended data, as `extended` gives them.
        handles: Gives each its own.
    """
    for part in shapely.get_parts([shape]):
        if part.geom_type == "Point":
            place = f"100\nAcDbPoint\n 10\n{part.x}\n 20\n{part.y}\n 30\n0.0\n"
            yield f"{_head('POINT', next(handles), owner, look)}{place}{data}"
        elif part.geom_type == "LineString":
            yield f"{_head('LWPOLYLINE', next(handles), owner, look)}{_corners(part)}{data}"
        elif part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield f"{_head('LWPOLYLINE', next(handles), owner, look)}{_corners(ring, closed=True)}{data}"
        else:
            yield from shapes(part, look, owner, data, handles)


def text(words: str, place: tuple[float, float], height: float, layer: str, owner: str, data: str, handle: str) -> str:
    """A text with its middle at a place; ``words`` as `coded` gives them."""
    x, y = place
    at = f" 10\n{x}\n 20\n{y}\n 30\n0.0\n 40\n{height}\n  1\n{words}\n  7\n{STYLE}\n 72\n1\n"
    middle = f" 11\n{x}\n 21\n{y}\n 31\n0.0\n100\nAcDbText\n 73\n2\n"
    return f"{_head('TEXT', handle, owner, Look(layer))}100\nAcDbText\n{at}{middle}{data}"


def extended(cells: Iterable[tuple[str, Any]]) -> str:
    """Cells as extended data: ``{ name value … }``, a long value in several strings, a very long one cut.

    A cell that an object has no room for any more is left out.
    """
    found, size = [f"1001\n{APPID}\n"], 0
    for name, cell in cells:
        value = plain(cell)
        if value is None:
            continue
        tags, bytes_ = _cell(name, value)
        size += bytes_
        if size <= _DATA_BYTES:
            found.append(tags)
    return "".join(found)


def coded(words: str) -> str:
    """A text as it stands in the file: AutoCAD's code, in capitals as it wants them, for what the encoding lacks."""
    if words.isascii() or len(words.encode(ENCODING, "ignore").decode(ENCODING)) == len(words):  # most lack nothing
        return words
    return "".join(one if one.encode(ENCODING, "ignore") else f"\\U+{ord(one):04X}" for one in words)


def one_line(words: str) -> str:
    """A text that a drawing shows as it is: on one line, without what AutoCAD takes for codes of its own.

    Characters beyond the basic plane, for which there is no code, are written as U+FFFD.
    """
    words = _BEYOND.sub("\ufffd", words)
    if not words.isprintable():
        words = "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in words)
    return _CODES.sub(lambda code: _PLAIN[code[0]], words.encode("utf-8", "replace").decode())


# ---- machinery


def _head(kind: str, handle: str, owner: str, look: Look) -> str:
    broken = f"  6\n{DASHES}\n 48\n50.0\n" if look.dashed else ""
    own = f"420\n{look.color}\n" if look.color is not None else ""
    return f"  0\n{kind}\n  5\n{handle}\n330\n{owner}\n100\nAcDbEntity\n  8\n{look.layer}\n{broken}{own}"


def _corners(line: BaseGeometry, *, closed: bool = False) -> str:
    corners = shapely.get_coordinates(line).tolist()
    corners = corners[:-1] if closed else corners
    places = "".join([f" 10\n{x}\n 20\n{y}\n" for x, y in corners])
    return f"100\nAcDbPolyline\n 90\n{len(corners)}\n 70\n{int(closed)}\n{places}"


@lru_cache(maxsize=_KEPT, typed=True)
def _cell(name: str, value: Any) -> tuple[str, int]:
    """A cell as tags, with how many bytes of an object's it takes; what most features have alike is kept."""
    named = _string(coded(cut(one_line(name), _STRING_BYTES, "utf-8")))
    if isinstance(value, float | int) and not isinstance(value, bool):
        number = str(float(value))
        written = f"1040\n{number}\n"
        size = len(number) + 3
    else:
        pieces = [_string(piece) for piece in _pieces(one_line(str(value)))]
        written = "".join(tag for tag, _size in pieces)
        size = sum(size for _tag, size in pieces)
    return f"{_OPEN}{named[0]}{written}{_CLOSE}", size + named[1] + _BRACES


def _pieces(rest: str) -> Iterator[str]:
    rest = rest if len(rest) <= _VALUE else rest[: _VALUE - 1] + "…"
    while rest:
        piece = cut(rest, _STRING_BYTES, "utf-8")
        yield coded(piece)
        rest = rest[len(piece) :]


def _string(words: str) -> tuple[str, int]:
    return f"1000\n{words}\n", len(words.encode(ENCODING, "replace")) + 3
