"""What the catalogue shows: plans found by words, region and period, in parts, and where their districts are."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from shapely.geometry.base import BaseGeometry

from layers import words
from layers.drawing.breaking import ems
from layers.drawing.sketch import Frame
from layers.edition.card import Card, outline
from layers.edition.index import Found
from webmap.serving.library import Library, Plan

PART = 100
"""Plans on one page."""
WIDTH, HEIGHT, MARGIN = 960, 560, 16
FEATURES = 3
"""Features of one plan that are shown when they are what it was found by."""
OUTLINES = 30
"""With more plans on a page, districts are dots: an outline costs a look into the file."""
LEAST_PX = 6.0
"""A district that is drawn smaller is a dot."""
SIZES = (("name", 36.0), ("name wide", 15.0))
"""Classes of the map's names and their size in its units: a phone shows the map at a third of that."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in the map's units."""


@dataclass(frozen=True)
class Entry:
    """A plan in the catalogue.

    Attributes:
        name: What it is called in addresses.
        card: What its edition says of itself.
        path: The edition's file.
    """

    name: str
    card: Card
    path: Path | None = None

    @property
    def district(self) -> Mapping[str, Any]:
        """The district's record."""
        found = self.card.plan.get("district")
        return found if isinstance(found, Mapping) else {}

    @property
    def region(self) -> str:
        """The province's code: two digits, or empty."""
        code = str(self.district.get("code", ""))[:2]
        return code if code.isdigit() else ""

    @property
    def period(self) -> str:
        """The years of the plan, as it writes them."""
        return str(self.card.plan.get("period", ""))

    @property
    def text(self) -> str:
        """All that it can be found by, folded."""
        plan = [
            str(self.card.plan.get(key, "")) for key in ("id", "title", "title_en", "short_title", "short_title_en")
        ]
        district = [str(self.district.get(key, "")) for key in ("name", "name_en", "code")]
        return " ".join(
            [self.name, *plan, *district, self.period, *_regions().get(self.region, {}).values()]
        ).casefold()


@cache
def _regions() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("regions.toml").read_text(encoding="utf-8"))


def region_name(code: str, lang: str) -> str:
    """A province's name; its code where the table does not have it."""
    return _regions().get(code, {}).get(lang, code)


def entries(plans: Iterable[Plan]) -> list[Entry]:
    """The plans that can be opened, or are open from before their file was spoilt; by district, then period."""
    found = [
        Entry(plan.name, plan.card, plan.path)
        for plan in plans
        if plan.card is not None and (plan.problem is None or plan.current is not None)
    ]
    return sorted(found, key=lambda one: (str(one.district.get("code", "")), one.period, one.name))


def found(
    all_entries: Sequence[Entry], query: str, region: str, period: str, library: Library
) -> tuple[list[Entry], dict[str, list[Found]]]:
    """Those that fit, and of some the features by which they do.

    Every word of the query is in what the plan can be found by; those that are not are in the names of one feature.
    """
    asked = query.casefold().split()
    near = [one for one in all_entries if (not region or one.region == region) and (not period or one.period == period)]
    rest = {one.name: [word for word in asked if word not in one.text] for one in near}
    features: dict[str, list[Found]] = {}
    if any(rest.values()):
        features = library.find(lambda plan: rest.get(plan, ()), FEATURES)
    return [one for one in near if not rest[one.name] or one.name in features], features


def catalogue_values(
    all_entries: Sequence[Entry], fit: Sequence[Entry], page: int, lang: str, root: str, ending: str,
    features: Mapping[str, Sequence[Found]] = MappingProxyType({}),
) -> dict[str, Any]:  # fmt: skip
    """The values of the page.

    Args:
        all_entries: Every plan.
        fit: Those that fit what was asked for.
        page: Which part, from 1.
        lang: Language.
        root: What stands before every address.
        ending: What an address of a plan ends with: the language where it must be said.
        features: Features by which plans fit, by plan.
    """
    pages = max(1, -(-len(fit) // PART))
    page = min(page, pages)
    shown = fit[(page - 1) * PART : page * PART]
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in shown:
        fitting = [
            {"url": feature_url(root, one.name, each.id) + ending, "name": words.name(asdict(each), lang)}
            for each in features.get(one.name, ())
        ]
        groups.setdefault(one.region, []).append({**_row(one, lang, root, ending), "fitting": fitting})
    regions = Counter(one.region for one in all_entries)
    return {
        "groups": [
            {"name": region_name(code, lang), "rows": rows, "count": sum(one.region == code for one in fit)}
            for code, rows in groups.items()
        ],
        "count": len(fit),
        "all": len(all_entries),
        "part": page,
        "parts": pages,
        "regions": [(code, region_name(code, lang), regions[code]) for code in sorted(regions) if code],
        "periods": sorted({one.period for one in all_entries if one.period}),
        "map": _map(fit, shown, lang, root, ending),
    }


def plan_url(root: str, name: str) -> str:
    """Where a plan is."""
    return f"{root}/p/{quote(name)}/"


def feature_url(root: str, name: str, feature: str) -> str:
    """Where a feature of a plan is."""
    return f"{plan_url(root, name)}feature/{quote(feature)}"


def _row(one: Entry, lang: str, root: str, ending: str) -> dict[str, Any]:
    return {
        "url": plan_url(root, one.name) + ending,
        "district": words.name(one.district, lang) or one.name,
        "title": words.name(one.card.plan, lang, "short_title"),
        "period": one.period,
        "features": one.card.features,
    }


def _map(fit: Sequence[Entry], shown: Sequence[Entry], lang: str, root: str, ending: str) -> dict[str, Any] | None:
    """Dots for all districts, those of this page as links; None when nobody knows where any of them is."""
    boxes = [(one, one.card.bounds) for one in fit if one.card.bounds is not None]
    if not boxes:
        return None
    west, south, east, north = (
        pick(bounds[place] for _one, bounds in boxes) for place, pick in enumerate((min, min, max, max))
    )
    frame = Frame.fit([[south, west], [north, east]], WIDTH, HEIGHT, MARGIN)

    def at(lon: float, lat: float) -> tuple[float, float]:
        return round((lon - frame.west) * frame.scale_x, 1), round((frame.north - lat) * frame.scale_y, 1)

    dots, links, here = [], [], {one.name for one in shown}
    drawn: list[Box] = []
    for one, box in boxes:
        left, top = at(box[0], box[3])
        right, bottom = at(box[2], box[1])
        x, y = round((left + right) / 2), round((top + bottom) / 2)
        if one.name not in here:
            dots.append(f"M{x} {y}h0")
            drawn.append((x - 2, y - 2, x + 2, y + 2))
            continue
        large = len(shown) <= OUTLINES and max(right - left, bottom - top) >= LEAST_PX
        shape = _outline(one) if large else None
        area = (frame.path(shape, 1.0) if shape else "") or f"M{x} {y}h0"
        middle = at(*shape.representative_point().coords[0]) if shape else (x, y)
        links.append({**_row(one, lang, root, ending), "path": area, "large": large, "middle": middle})
        drawn.append((left, top, right, bottom) if large else (x - 4, y - 4, x + 4, y + 4))
        links[-1] |= {"box": drawn[-1], "label": None}
    if len(fit) <= PART:  # among very many there is no room, and looking for it takes long
        _write_names(links, drawn)
    return {"width": WIDTH, "height": HEIGHT, "dots": "".join(dict.fromkeys(dots)), "links": links}


def _write_names(links: Sequence[dict[str, Any]], drawn: Sequence[Box]) -> None:
    """Names to those links that have room for one: what fits on a phone first, then what fits on a wide window only.

    A name grows from its anchor with its size: what is free at the larger size is so at the smaller.
    """
    names: list[Box] = []
    said: set[tuple[str, Box]] = set()
    for kind, size in SIZES:
        for link in links:
            text, spot = link["district"], link["box"]
            if link["label"] or (text, spot) in said:
                continue
            for x, y, anchor, box in _beside(spot, link["middle"], ems(text) * size, size):
                others = names if anchor == "inside" else [*names, *(one for one in drawn if one != spot)]
                inside = box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH and box[3] <= HEIGHT
                if inside and not any(_meet(box, one) for one in others):
                    names.append(box)
                    said.add((text, spot))
                    link["label"] = {"kind": kind, "x": round(x), "y": round(y), "anchor": anchor}
                    break


def _beside(
    spot: Box, middle: tuple[float, float], width: float, size: float
) -> Iterable[tuple[float, float, str, Box]]:
    """Where a name may stand: its anchor, how it lies to that, and what it covers; the best first."""
    left, top, right, bottom = spot
    x, y, half = (left + right) / 2, (top + bottom) / 2, size * 0.6
    if width <= right - left and size <= bottom - top:
        u, v = middle  # of the shape: that of its box may lie outside
        yield u, v, "inside", (u - width / 2, v - half, u + width / 2, v + half)
    yield x, top - 6, "above", (x - width / 2, top - 6 - size, x + width / 2, top - 6)
    yield right + 6, y, "after", (right + 6, y - half, right + 6 + width, y + half)
    yield left - 6, y, "before", (left - 6 - width, y - half, left - 6, y + half)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _outline(one: Entry) -> BaseGeometry | None:
    """The district's outline in degrees; None when there is none."""
    shape = None if one.path is None else outline(one.path, one.card.layer)
    return None if shape is None or shape.is_empty else shape
