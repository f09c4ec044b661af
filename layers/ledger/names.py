"""What sheets call indicators and places, and which of ours is meant; numbers as they are typed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from layers.ledger import units
from layers.model.errors import LayersError
from layers.model.period import Period

_TAIL = re.compile(r"(?:街道办事处|街道|镇|乡|农场|开发区|管委会|办事处)$")
_NUMBERING = re.compile(
    r"^(?:[(（][一二三四五六七八九十\d]{1,3}[)）]"
    r"|[一二三四五六七八九十]{1,3}[、.．]|\d{1,2}[、.．)](?!\d)|其中[:：]|[#*★▲△]+)\s*"
)
_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
WHOLE = ("全区", "全县", "全市", "全域", "本区", "本县", "全区合计", "全县合计", "district")
TOTALS = ("合计", "总计", "小计", "总和", "共计", "合 计", "总 计", "total", "sum")
NOTHING = (
    "",
    "-",
    "--",
    "—",
    "——",
    "–",
    "…",
    "……",
    "/",
    "\\",
    "无",
    "暂无",
    "缺",
    "n/a",
    "na",
    "null",
    "暂缺",
    "待统计",
)
DERIVED = re.compile(r"同比|环比|增速|增幅|增长|增减|比上年|较上年|占比|比重|排名|位次|名次|完成率|完成比例|进度|±")
_PERIOD = re.compile(
    r"(\d{4})\s*(?:年)?\s*(?:第?([一二三四1-4])季度?|[Qq]([1-4])"
    r"|(?:-|\.|/)?(1[0-2]|0?[1-9])月(?!\s*[-–—~至到])|年末|年底|年度|年)?"
)
_PARTIAL = re.compile(r"\d+\s*[-–—~至到]\s*\d+\s*月|上半年|下半年|前三季度|截至|累计")
_ROLES = (("target", re.compile(r"目标|规划数|规划值|计划")), ("baseline", re.compile(r"基期|基数|基准")))
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An indicator, as far as sheets are read by it.

    Attributes:
        aggregation: How the district's value comes from its parts', or "".
        past: A value that is known already, a base or the like, by which a new one is found plausible; or None.
        free: Its percentages may lie outside 0 to 100.
    """

    id: str
    name: str
    name_en: str = ""
    unit: str = ""
    aliases: tuple[str, ...] = ()
    aggregation: str = ""
    past: float | None = None
    free: bool = False
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that values may be of: its level is ``district``, ``zone``, ``township`` or ``feature``."""

    id: str
    name: str
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    level: str = "feature"


@dataclass(frozen=True)
class Known:
    """The indicators and places that there are, and how the user says that names are meant.

    Attributes:
        meant: Name in the sheet → id of an indicator or a place.
        shipped: Observed values that came with the plan, by indicator and place, each with its period.
    """

    quantities: Mapping[str, Quantity]
    spots: Mapping[str, Spot]
    meant: Mapping[str, str] = field(default_factory=dict)
    shipped: Mapping[tuple[str, str], Sequence[tuple[str, float]]] = field(default_factory=dict)
    _quantity_names: dict[str, str] = field(default_factory=dict)
    _spot_names: dict[str, str] = field(default_factory=dict)
    _short_names: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, quantities: Iterable[Quantity], spots: Iterable[Spot], meant: Mapping[str, str] | None = None,
        shipped: Mapping[tuple[str, str], Sequence[tuple[str, float]]] | None = None,
    ) -> Known:  # fmt: skip
        """Make the look-ups.

        Raises:
            LayersError: ``sheet.meant``: what a name is said to mean is not there.
        """
        known = cls(
            {one.id: one for one in quantities}, {one.id: one for one in spots}, dict(meant or {}), dict(shipped or {})
        )
        for quantity in known.quantities.values():
            for name in (quantity.id, quantity.name, quantity.name_en, *quantity.aliases):
                if name:
                    known._quantity_names.setdefault(bare(name), quantity.id)
        for spot in sorted(known.spots.values(), key=lambda one: _LEVELS.index(one.level)):
            for name in (spot.id, spot.name, spot.name_en, *spot.aliases):
                if name:
                    known._spot_names.setdefault(key(name), spot.id)
                    known._short_names.setdefault(_TAIL.sub("", key(name)), set()).add(spot.id)
        if "district" in known.spots:
            for name in WHOLE:
                known._spot_names.setdefault(key(name), "district")
        for name, target in known.meant.items():
            if target in known.quantities:
                known._quantity_names[bare(name)] = target
            elif target in known.spots:
                known._spot_names[key(name)] = target
            else:
                raise LayersError("sheet.meant", name=name, value=target)
        return known

    def quantity(self, text: str) -> str | None:
        """Id of the indicator that a text names."""
        return self._quantity_names.get(bare(text)) if text else None

    def spot(self, text: str) -> str | None:
        """Id of the place that a text names: by its name, or by it without 镇 or 街道 where that is one place only."""
        found = self._spot_names.get(key(text)) if text else None
        if found is not None or not text:
            return found
        short = self._short_names.get(_TAIL.sub("", key(text)), set())
        units_of = {one for one in short if self.spots[one].level in ("township", "zone")} or short
        return next(iter(units_of)) if len(units_of) == 1 else None

    def near_spots(self, text: str) -> list[str]:
        """Names of the places that a text may mean, the nearest first."""
        named = [one.name for one in self.spots.values() if one.level != "feature"]
        near = difflib.get_close_matches(text, dict.fromkeys(named), n=3, cutoff=0.4)
        others = dict.fromkeys(one.name for one in self.spots.values())
        return near or difflib.get_close_matches(text, others, n=3, cutoff=0.4)

    def near_quantities(self, text: str) -> list[str]:
        """Names of the indicators that a text may mean."""
        return difflib.get_close_matches(bare(text), [one.name for one in self.quantities.values()], n=3, cutoff=0.4)


_LEVELS = ("district", "zone", "township", "feature")


def key(text: str) -> str:
    """A name as it is compared: full width as half, no blanks, lower case."""
    return re.sub(r"[\s\u3000]", "", unicodedata.normalize("NFKC", text)).casefold()


def bare(text: str) -> str:
    """An indicator's name without numbering, unit and signs.

    Example:
        >>> bare("1. 地区生产总值（亿元）"), bare("其中：农业增加值"), bare("（一）R&D 经费支出")
        ('地区生产总值', '农业增加值', 'r&d经费支出')
    """
    text = _NUMBERING.sub("", _NUMBERING.sub("", text.strip()))

    def gone(found: re.Match[str]) -> str:
        return "" if units.known(found[1]) else found[0]

    return key(_BRACKETS.sub(gone, text)).strip("*#:：").replace("(", "（").replace(")", "）")


def unit_in(text: str) -> str:
    """The unit in a text, in brackets or after 单位：; "" when there is none.

    Example:
        >>> unit_in("地区生产总值（万元）"), unit_in("单位：公顷"), unit_in("执业（助理）医师数")
        ('万元', '公顷', '')
    """
    for found in _BRACKETS.findall(text):
        inner = units.plain(found.split(",")[0].split("，")[0])
        if units.known(inner):
            return inner
    said = re.search(r"单位\s*[:：]\s*([^\s,，;；、)）]+)", text)
    return units.plain(said[1]) if said and units.known(said[1]) else ""


def period_in(text: str) -> tuple[str, bool]:
    """Code of the period that a text names, "" for none; and whether it names part of a year that is no period."""
    plain = unicodedata.normalize("NFKC", text)
    found = next((one for one in _PERIOD.finditer(plain) if 1900 <= int(one[1]) <= 2200), None)
    if found is None:
        return "", False
    if _PARTIAL.search(plain):
        return "", True
    quarter = found[2] or found[3]
    written = f"{found[1]}年{quarter}季度" if quarter else f"{found[1]}-{int(found[4]):02}" if found[4] else found[1]
    try:
        return Period.read(written).code, False
    except LayersError:
        return "", False


def role_in(text: str) -> str:
    """What kind of value a heading speaks of; "" where it does not say."""
    return next((role for role, pattern in _ROLES if pattern.search(text)), "")


def number_in(text: str) -> tuple[float | None, str]:
    """A number as it is typed, and the unit behind it; None where it is none.

    Example:
        >>> number_in("１，８２８．４７"), number_in("42.5%"), number_in("−3"), number_in("约 5")
        ((1828.47, ''), (42.5, '%'), (-3.0, ''), (None, ''))
        >>> number_in("1828.47亿元*")
        (1828.47, '亿元')
    """
    cut = text.strip()
    while cut and (cut[-1] in "*＊#†" or unicodedata.category(cut[-1]) == "No"):  # marks of footnotes
        cut = cut[:-1].rstrip()
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", cut)).replace("−", "-").replace("–", "-")
    found = _NUMBER.match(plain)
    if found is None or not re.search(r"\d", found[0]):
        return None, ""
    rest = plain[found.end() :]
    if rest and not units.known(rest):
        return None, ""
    return float(found[0].replace(",", "")), rest
