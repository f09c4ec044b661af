"""Scanned maps of a plan folder: the picture, what is printed on it, and its control points."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from layers.model.errors import Origin
from layers.model.plan import Named

SCAN = "scan/"
"""References to scans start with this, in recipes and in the order in which things are made."""
CORNERS = {"nw": (-1, 1), "ne": (1, 1), "sw": (-1, -1), "se": (1, -1)}
"""Corners of a shape: the vertex that lies farthest in this direction, east and north."""
_VERTEX = re.compile(r"([a-z][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)?)#(nw|ne|sw|se|\d{1,6})")
_FEATURE = re.compile(r"[a-z][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)?")
_PLACE = "place/"


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a control point's ``ref`` leads to.

    Attributes:
        needs: ``place/<name>``, or ids of features.
        vertex: ``nw``, ``ne``, ``sw``, ``se``, or a vertex's number from 0; "" for a place, a point, or where
            features meet.
    """

    needs: tuple[str, ...]
    vertex: str = ""

    @classmethod
    def parse(cls, text: str) -> Anchor | None:
        """Read ``place/<name>``, ``<id>``, ``<id>#ne``, ``<id>#12`` or ``<id>+<id>+<id>``; None when it is none.

        Example:
            >>> Anchor.parse("township/a#ne")
            Anchor(needs=('township/a',), vertex='ne')
            >>> Anchor.parse("township/a+township/b+township/c").needs
            ('township/a', 'township/b', 'township/c')
        """
        text = text.strip()
        if text.startswith(_PLACE) and len(text) > len(_PLACE):
            return cls((text,))
        if found := _VERTEX.fullmatch(text):
            return cls((found[1],), found[2])
        ids = [one.strip() for one in text.split("+")]
        return cls(tuple(ids)) if len(ids) <= 6 and all(_FEATURE.fullmatch(one) for one in ids) else None


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A pixel whose place on the ground is known.

    Attributes:
        name: What people call it; its number from 1 when it has no name.
        px: Pixels to the right of the picture's left edge and below its upper edge; the middle of the first pixel is
            (0.5, 0.5).
        at: Longitude and latitude in degrees, EPSG:4490; None where ``anchor`` says it.
        anchor: A place, or a vertex of a feature; None where ``at`` says it.
        accuracy_m: Of the coordinate, metres; None where that of the anchor holds.
    """

    name: str
    px: tuple[float, float]
    at: tuple[float, float] | None
    anchor: Anchor | None
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Scan(Named):
    """A scanned map.

    Attributes:
        picture: Its file in ``maps``: PNG, JPEG, TIFF or PDF.
        page: Of a PDF, from 1.
        dpi: Pixels an inch of paper; of a PDF what it is rendered at. None where nobody knows.
        width: Pixels of the upright picture.
        height: Pixels of the upright picture.
        scale: Denominator of the printed scale, or None.
        date: When it was drawn or published, as written.
        map_number: The number under which it was approved (审图号).
        line_px: Width of the lines that are read off, pixels.
        transformation: A key of ``geo.transformation.LEAST``.
        public: Whether the picture may be shown to everybody, as ``public`` of a layer.
        mask: Corners, in pixels, of what is map and no frame or legend; empty: all of it.
    """

    picture: str
    page: int
    dpi: float | None
    width: int
    height: int
    scale: float | None
    date: str
    publisher: str
    licence: str
    map_number: str
    sources: tuple[str, ...]
    line_px: float
    transformation: str
    mask: tuple[tuple[float, float], ...]
    points: tuple[ControlPoint, ...]
    note: str
    note_en: str
    public: bool = False

    @property
    def reference(self) -> str:
        """How recipes name it."""
        return f"{SCAN}{self.id}"

    @property
    def needs(self) -> tuple[str, ...]:
        """Every feature id and ``place/<name>`` that its control points lie at."""
        return named(point.anchor for point in self.points)


def named(anchors: Iterable[Anchor | None]) -> tuple[str, ...]:
    """What anchors need, each once."""
    return tuple(dict.fromkeys(need for anchor in anchors if anchor is not None for need in anchor.needs))


def scan_origin(scan_id: str, record: str = "", line: int | None = None) -> Origin:
    """Where a scan is described."""
    return Origin(f"maps/{scan_id}.toml", record or f"{SCAN}{scan_id}", line)
