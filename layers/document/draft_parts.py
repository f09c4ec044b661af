"""What a drafted plan folder takes from its text as a whole: title, years, the district's name; ids, layers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tomli
from shapely.ops import nearest_points

from layers.document.clauses import Text
from layers.document.found import Proposals
from layers.document.period import Period
from layers.document.positions import Spot
from layers.model.errors import word

_TITLE_OF = re.compile(
    r"(?:[^，。《》“”\s]{2,8}?(?:省|自治区))?(?:[^，。《》“”\s]{2,6}?(?:市|州(?!市)|盟))?"
    r"([^，。《》“”\s]{1,8}?(?:自治县|自治旗|县|区|市|旗))国民经济"
)


def towards(spot: Spot, other: Any) -> tuple[float, float]:
    """A place in a shape on the side that is nearest to another one."""
    near = nearest_points(spot.geometry, other.centroid)[0]
    inside = spot.geometry.buffer(-0.002).intersection(near.buffer(0.02))
    at = inside.representative_point() if not inside.is_empty else spot.geometry.representative_point()
    return at.x, at.y


def group_of(kind: str) -> str:
    """The file of a kind's records: the group that its layer stands in.

    Example:
        >>> group_of("expressway"), group_of("a-new-kind")
        ('transport', 'others')
    """
    return next((layer["group"] for layer in layout()["layer"] if kind in layer["kinds"]), "others")


def layout() -> dict[str, Any]:
    """Layers and groups of a drafted plan."""
    return tomli.loads((Path(__file__).with_name("draft_layout.toml")).read_text("utf-8"))


def district_name(text: Text) -> str:
    """The district's name in the plan's title."""
    for said in (text.title, text.whole[:2000]):
        found = _TITLE_OF.search("".join(said.split()))
        if found:
            return found[1]
    return ""


def head(text: Text, proposals: Proposals, identifier: str, name: str, code: str, years: Period) -> dict[str, Any]:
    """The fields of ``plan.toml``."""
    number = (years.first - 1966) // 5 + 3
    leads: dict[str, list[str]] = {}
    for one in proposals.leads:
        if not one.clause.isdecimal():
            leads.setdefault(one.clause, [])
            leads[one.clause] += [unit for unit in one.fields["units"] if unit not in leads[one.clause]]
    district: dict[str, Any] = {"name": name} | ({"code": code} if code else {})
    return {
        "id": identifier,
        "title": " ".join(text.title.split())[:200] or name,
        "short_title": word("read.short_title", "zh", name=name, number=_numeral(number)),
        "short_title_en": word("read.short_title", "en", name=name, number=number),
        "period": f"{years.first}–{years.last}",
        "base_year": years.base,
        "target_year": years.last,
        "as_of": years.first,
        "district": district,
        "leads": leads,
    }


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("十" if tens == 1 else digits[tens] + "十" if tens else "") + (digits[ones] if ones or not tens else "")
