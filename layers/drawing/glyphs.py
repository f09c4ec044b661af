"""Letters as outlines: what a picture of pixels has instead of text.

The rasteriser sets every text anew, with the whole font, which for the 15 names of a map takes as long as all its
areas. Outlines are kept by letter; the rasteriser then fills them as any path. So are halos: to stroke a letter takes
it four times as long as to fill it. Kerning is as the rasteriser has it. What a font lacks, and writing that letters
are joined or put in order for, stays text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import shapely

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
"""Where fonts of the machine lie; the rasteriser looks there too."""
SETTABLE = re.compile(r"[ 0-9A-Za-z·.,:/()+&'%#\-\u3400-\u4dbf\u4e00-\u9fff（）、，：；《》“”]+")
"""Letters that stand side by side, each in one form; Latin ones are kerned."""
JOINED = re.compile("f[fil]")
"""Letters that become one."""
KEPT = 8192
"""Outlines of so many letters are kept, a few hundred bytes each."""
_FAMILY_NAME, _ASCII = 1, range(0x20, 0x7F)
_CORNERS, _FINE = 6, 30
"""A curve of a letter has so many corners in its halo; the halo is true to such a part of its reach."""


@dataclass(frozen=True)
class Line:
    """Words as one outline.

    Attributes:
        d: Path data in units of which ``units`` are an em, y downwards, from the baseline's left end.
        halo: The same for the halo; "" without one.
        width: What the words take, with the space after the last letter, units.
        units: Of an em.
    """

    d: str
    halo: str
    width: float
    units: int


class Face:
    """A font of one weight.

    Args:
        path: Its file.
        number: Its place in the file.
    """

    def __init__(self, path: Path, number: int) -> None:
        font = _opened(path, number)
        # A set of glyphs with widths of every letter would take half as much memory again as the outlines do.
        self._glyphs = font["CFF "].cff[0].CharStrings if "CFF " in font else font.getGlyphSet()
        every: dict[int, str] = font.getBestCmap()
        self._names = {code: name for code, name in every.items() if SETTABLE.fullmatch(chr(code))}
        self._kerned = _kerning(font, {code: self._names[code] for code in _ASCII if code in self._names})
        self._one_at_a_time = Lock()  # letters are read by seeking in one stream
        self.units = int(font["head"].unitsPerEm)
        self.letter = lru_cache(KEPT)(self._letter)

    def has(self, words: str) -> bool:
        """Whether all letters of some words are in it."""
        return all(ord(letter) in self._names for letter in words)

    def line(self, words: str, spacing: float, reach: float) -> Line:
        """Words that it has the letters of; as `outline`."""
        at, parts, halos = 0.0, [], []
        for place, letter in enumerate(words):
            d, halo, width = self.letter(letter, round(reach * self.units))
            if d:
                parts.append(f"M{at:.6g} 0{d}")
                halos.append(f"M{at:.6g} 0{halo}" if halo else "")
            at += width + spacing * self.units + self._kerned.get(words[place : place + 2], 0)
        return Line("".join(parts), "".join(halos), at, self.units)

    def _letter(self, letter: str, reach: int) -> tuple[str, str, float]:
        """The outline of a letter, each step from the one before it, its halo, and its width."""
        pen = _pen(self._glyphs)
        with self._one_at_a_time:
            glyph = self._glyphs[self._names[ord(letter)]]
            glyph.draw(pen)
        halo = _around(pen.contours(), reach) if reach and pen.steps else ""
        return "".join(pen.steps), halo, float(glyph.width)


def _around(contours: list[list[tuple[float, float]]], reach: int) -> str:
    """What lies within so many units of a letter's edge, as path data like the letter's own."""
    lines = shapely.MultiLineString([one for one in contours if len(one) > 1])
    found = shapely.simplify(shapely.buffer(lines, reach, quad_segs=4), reach / _FINE)
    # With holes turned the other way, letters beside each other are filled as one.
    areas = shapely.orient_polygons(shapely.get_parts([found]))
    steps, here = [], np.zeros(2)
    for ring in shapely.get_rings(areas):
        corners = np.rint(shapely.get_coordinates(ring)[:-1])
        moves = np.diff(corners, axis=0, prepend=here[None]).astype(int).tolist()
        steps.append("m" + "l".join(f"{x} {y}" for x, y in moves) + "z")
        here = corners[0]
    return "".join(steps)


def outline(words: str, family: str, weight: int, spacing: float = 0.0, reach: float = 0.0) -> Line | None:
    """Words as an outline; None where they have to stay text.

    Args:
        words: One line.
        family: The font's name; without it on the machine all stays text.
        weight: 100 to 900; the nearest that there is.
        spacing: After each letter, ems.
        reach: Of the halo beyond the letters' edges, ems; 0 for none.
    """
    face = _face(family, weight) if SETTABLE.fullmatch(words) and not JOINED.search(words) else None
    return face.line(words, spacing, reach) if face is not None and face.has(words) else None


def nearest(weight: int, weights: list[int]) -> int:
    """The weight that stands for one, of those that there are.

    Source:
        CSS Fonts Level 3, 5.2, "font-weight".

    Example:
        >>> nearest(500, [400, 700]), nearest(600, [400, 700]), nearest(300, [400, 700]), nearest(400, [500, 300])
        (400, 700, 400, 500)
    """
    if weight in weights:
        return weight
    for other in {400: (500,), 500: (400,)}.get(weight, ()):
        if other in weights:
            return other
    lighter = sorted((one for one in weights if one < weight), reverse=True)
    heavier = sorted(one for one in weights if one > weight)
    return (lighter + heavier if weight <= 500 else heavier + lighter)[0]


@cache
def _face(family: str, weight: int) -> Face | None:
    faces = _faces(family)
    return _made(*faces[nearest(weight, list(faces))]) if faces else None


@cache
def _made(path: Path, number: int) -> Face:
    return Face(path, number)


@cache
def _faces(family: str) -> Mapping[int, tuple[Path, int]]:
    """File and place in it of each weight of a family."""
    found: dict[int, tuple[Path, int]] = {}
    for path in _files(family):
        for number in range(_count(path)):
            try:
                font = _opened(path, number)
                if str(font["name"].getDebugName(_FAMILY_NAME)) == family and "fvar" not in font:
                    found.setdefault(int(font["OS/2"].usWeightClass), (path, number))
            except (OSError, ValueError, KeyError, AttributeError, _broken()):
                continue  # a damaged font is not the only one
    return found


def _files(family: str) -> Iterator[Path]:
    """Files that may hold a family: their names begin like its own."""
    words = family.split()
    start = "".join(words[:3]).lower()
    for folder in FOLDERS:
        for root, _folders, names in sorted(os.walk(Path(folder).expanduser())):
            for name in sorted(names):
                if name.lower().startswith(start) and name.lower().endswith((".ttf", ".otf", ".ttc", ".otc")):
                    yield Path(root, name)


def _count(path: Path) -> int:
    """How many fonts are in a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return 0
    return int.from_bytes(head[8:12], "big") % 256 if head[:4] == b"ttcf" else 1


def _opened(path: Path, number: int) -> Any:
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - only who draws pixels needs it

    return TTFont(path, fontNumber=number, lazy=True)


def _broken() -> type[Exception]:
    from fontTools.ttLib import TTLibError  # noqa: PLC0415

    error: type[Exception] = TTLibError
    return error


def _kerning(font: Any, names: Mapping[int, str]) -> dict[str, int]:
    """By how much pairs of Latin letters stand nearer, units."""
    if "GPOS" not in font:
        return {}
    table = font["GPOS"].table
    usual = next((one.Script.DefaultLangSys for one in table.ScriptList.ScriptRecord if one.ScriptTag == "latn"), None)
    features = [table.FeatureList.FeatureRecord[place] for place in (usual.FeatureIndex if usual else ())]
    lookups = {place for one in features if one.FeatureTag == "kern" for place in one.Feature.LookupListIndex}
    found: dict[str, int] = {}
    for place in sorted(lookups):
        own: dict[str, int] = {}
        for sub in table.LookupList.Lookup[place].SubTable:
            for first, left in names.items():
                for second, moved in _moved(getattr(sub, "ExtSubTable", sub), left, names):
                    own.setdefault(chr(first) + chr(second), moved)
        for pair, moved in own.items():
            found[pair] = found.get(pair, 0) + moved
    return {pair: moved for pair, moved in found.items() if moved}


def _moved(sub: Any, left: str, names: Mapping[int, str]) -> Iterator[tuple[int, int]]:
    """What a table of pairs says of a letter and each that may follow it."""
    if type(sub).__name__ != "PairPos" or left not in sub.Coverage.glyphs:
        return
    if sub.Format == 1:
        pairs = sub.PairSet[sub.Coverage.glyphs.index(left)].PairValueRecord
        by_name = {one.SecondGlyph: one.Value1 for one in pairs}
        values = {code: by_name[name] for code, name in names.items() if name in by_name}
    else:
        record = sub.Class1Record[sub.ClassDef1.classDefs.get(left, 0)].Class2Record
        values = {code: record[sub.ClassDef2.classDefs.get(name, 0)].Value1 for code, name in names.items()}
    for code, value in values.items():
        yield code, int(getattr(value, "XAdvance", 0) or 0)


def _pen(glyphs: Any) -> Any:
    """A pen that writes path data, each step from where the one before ended, so that an outline may stand anywhere."""
    from fontTools.pens.basePen import BasePen  # noqa: PLC0415

    class Steps(BasePen):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__(glyphs)
            self.steps: list[str] = []
            self._rings: list[list[tuple[float, float]]] = []

        def contours(self) -> list[list[tuple[float, float]]]:
            """The closed lines, curves as corners, y downwards."""
            return [[(x, -y) for x, y in [*ring, ring[0]]] for ring in self._rings]

        def _to(self, command: str, *points: tuple[float, float]) -> None:
            x, y = self._rings[-1][-1] if self._rings and command != "m" else self._ended
            said = " ".join(f"{px - x:.6g} {y - py:.6g}" for px, py in points)
            self.steps.append(command + said)

        def _moveTo(self, at: tuple[float, float]) -> None:  # noqa: N802 - the library's name
            self._to("m", at)
            self._rings.append([at])

        def _lineTo(self, at: tuple[float, float]) -> None:  # noqa: N802
            self._to("l", at)
            self._rings[-1].append(at)

        def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
            self._to("c", *points)
            self._rings[-1] += _corners(self._rings[-1][-1], *points)

        def _qCurveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
            self._to("q", *points)
            self._rings[-1] += _corners(self._rings[-1][-1], *points)

        def _closePath(self) -> None:  # noqa: N802
            self.steps.append("z")

        @property
        def _ended(self) -> tuple[float, float]:
            """Where a closed line was begun: there the next step goes from."""
            return self._rings[-1][0] if self._rings else (0.0, 0.0)

    return Steps()


def _corners(*points: tuple[float, float]) -> list[tuple[float, float]]:
    """Places on a Bézier curve of any degree, its beginning left out."""
    along = np.linspace(0, 1, _CORNERS + 1)[1:, None]
    level = [np.array(one)[None] for one in points]
    while len(level) > 1:
        level = [one * (1 - along) + two * along for one, two in pairwise(level)]
    return [(x, y) for x, y in level[0].tolist()]
