"""A record in a reader's words: the only place where a name, a number or a measure becomes text.

Pages, tables of the command line and files that are read by people take their words from here; the browser's
``format.js`` says the same, and ``tests/words.json`` holds the cases that both must pass.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from geo.messages import Catalogue

Record = Mapping[str, Any]

NONE = "—"
"""What stands where there is nothing to say."""

THIN = "\u202f"
"""Narrow no-break space, between a number and its unit."""

SIGNS: Mapping[str, str] = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "~": "≈", "=": ""}

NO_UNIT = ("", "—", "–", "-")
"""How a plan writes that a figure has no unit."""

UNIT_LENGTH = 32
"""A unit stands in narrow columns; whatever is longer is no unit and is cut."""

MOST_DECIMALS = 6
SAME_LENGTH = 0.01
"""A line whose length inside the district falls short by a smaller share lies inside it."""

_MESSAGES = Path(__file__).with_name("messages")
CATALOGUE = Catalogue(_MESSAGES / "words.toml")
CODES = Catalogue(_MESSAGES / "codes.toml")
"""What codes mean that the program knows: ``verdict.agrees``, ``measure.total`` (see ``tables.CODES``)."""
COLUMNS = Catalogue(_MESSAGES / "columns.toml")
"""What columns are called: ``column.status_name``, ``figure.value``."""


def name(record: Record, lang: str, field: str = "name") -> str:
    """A record's name in the language; the other language's where it has none, then its id.

    Example:
        >>> name({"name": "湘湖", "name_en": ""}, "en")
        '湘湖'
    """
    return said(record, lang, field) or str(record.get("id") or "")


@cache
def breaks(lang: str) -> tuple[str, ...]:
    """The words after which a long name may be broken into lines; none in a language with blanks.

    Example:
        >>> breaks("zh")[:3], breaks("en")
        (('国际', '国家', '机场'), ())
    """
    return tuple(one for one in CATALOGUE.text("words.breaks", lang).split("|") if one)


def said(record: Record, lang: str, field: str) -> str:
    """What a record says in a field, in the language or else in the other one; "" when it says nothing.

    Example:
        >>> said({"id": "a", "note": "含江面"}, "en", "note"), said({"id": "a"}, "zh", "note")
        ('含江面', '')
    """
    own, other = (f"{field}_en", field) if lang == "en" else (field, f"{field}_en")
    return str(record.get(own) or record.get(other) or "")


def number(value: float | int | None, decimals: int | None = None) -> str:
    """A number: thousands separated, minus as a minus; zero is "0", nothing is a dash.

    Args:
        value: The number, or None.
        decimals: Exactly so many are written, rounded half up as people do; without, as many as the value carries
            (a figure that a plan states is repeated as it stands).

    Example:
        >>> number(1828.470), number(42.0, 1), number(0.125, 2), number(-3.0), number(None)
        ('1,828.47', '42.0', '0.13', '−3', '—')
    """
    if value is None or not math.isfinite(value):
        return NONE
    exact = Decimal(repr(float(value)))
    wanted = MOST_DECIMALS if decimals is None else decimals
    rounded = exact.quantize(Decimal(1).scaleb(-wanted), ROUND_HALF_UP)
    if not exact:
        return "0"
    shown = f"{abs(rounded):,f}"
    if decimals is None and "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return f"−{shown}" if rounded < 0 else shown


def unit(record: Record, lang: str) -> str:
    """The unit of a figure in the language; "" where it has none.

    Example:
        >>> unit({"unit": "公里", "unit_en": "km"}, "en"), unit({"unit": "—"}, "zh")
        ('km', '')
    """
    found = said(record, lang, "unit")
    if found in NO_UNIT:
        return ""
    return found if len(found) <= UNIT_LENGTH else f"{found[: UNIT_LENGTH - 1]}…"


def with_unit(figure: str, unit: str) -> str:
    """Number and unit; a percent or degree sign stands close, before a unit that begins with a number stands a ×.

    Example:
        >>> with_unit("42", "%"), with_unit("42", "km") == f"42{THIN}km", with_unit(NONE, "km")
        ('42%', True, '—')
        >>> with_unit("2,600", "100M CNY") == f"2,600{THIN}×{THIN}100M CNY"
        True
    """
    if not unit or figure == NONE:
        return figure
    if unit[0].isdecimal():  # "2,600 100M CNY" reads as one number
        return f"{figure}{THIN}×{THIN}{unit}"
    return f"{figure}{unit}" if unit[0] in "%‰°" else f"{figure}{THIN}{unit}"


def stated(record: Record, lang: str) -> str:
    """A stated figure without its unit: sign and number, a range, or words; a dash where nothing is stated.

    Example:
        >>> stated({"value": 2600, "comparator": ">="}, "zh"), stated({"low": 96, "high": 97}, "zh")
        ('≥2,600', '96–97')
    """
    value, low, high = (_known(record.get(field)) for field in ("value", "low", "high"))
    if low is not None and high is not None:
        return f"{number(low)}–{number(high)}"
    if value is not None:
        return f"{sign(record.get('comparator'))}{number(value)}"
    return said(record, lang, "text") or NONE


def span(record: Record, decimals: int) -> str:
    """A measured figure without its unit: one value, or the ends of several readings.

    Example:
        >>> span({"value": 5.0}, 0), span({"value": None, "low": 89.2, "high": 103.8}, 1), span({}, 1)
        ('5', '89.2–103.8', '—')
    """
    value, low, high = (_known(record.get(field)) for field in ("value", "low", "high"))
    if value is None and low is not None and high is not None:
        return f"{number(low, decimals)}–{number(high, decimals)}"
    return number(value, decimals)


def sign(comparator: object) -> str:
    """A comparator as it stands before a number."""
    return SIGNS.get(str(comparator or ""), "")


def quantity(record: Record, lang: str) -> str:
    """A stated figure with its unit; words say their unit themselves."""
    in_words = all(_known(record.get(field)) is None for field in ("value", "low", "high"))
    return stated(record, lang) if in_words else with_unit(stated(record, lang), unit(record, lang))


def accuracy(metres: float | None, lang: str) -> str:
    """A stated accuracy: "±800 米", "±1.5 km"; "" where none is stated."""
    known = _known(metres)
    if known is None or known <= 0:
        return ""
    if known < 1000:
        return with_unit(f"±{number(known, 0)}", _word("unit.m", lang))
    return with_unit(f"±{number(known / 1000)}", _word("unit.km", lang))


def length(km: float, accuracy_m: float | None, lang: str) -> str:
    """A length, no finer than its accuracy allows, with at least two significant digits."""
    doubt = (_known(accuracy_m) or 0.0) / 1000
    return with_unit(number(km, _decimals(km, doubt)), _word("unit.km", lang))


def area(km2: float, accuracy_m: float | None, lang: str) -> str:
    """An area, no finer than its accuracy allows, with at least two significant digits.

    Formula:
        A boundary off by ``a`` km along the perimeter 4·√A of a square of this area, on both sides alike, leaves
        about 2·√A·a in doubt.
    """
    doubt = 2 * math.sqrt(max(km2, 0.0)) * (_known(accuracy_m) or 0.0) / 1000
    return with_unit(number(km2, _decimals(km2, doubt)), _word("unit.km2", lang))


def measure(record: Record, lang: str) -> str:
    """How large a feature is, computed from the map; "" for a point.

    A line that leaves the district says how much of it lies inside; a shape that only marks a place has no size.
    """
    if record.get("symbolic"):
        return _word("symbolic", lang)
    whole, inside, km2 = (_known(record.get(field)) for field in ("length_km", "length_inside_km", "area_km2"))
    doubt = record.get("accuracy_m")
    if km2:
        return area(km2, doubt, lang)
    if not whole:
        return ""
    if inside is None or whole - inside <= SAME_LENGTH * whole:
        return length(whole, doubt, lang)
    return _word("length_inside", lang, whole=length(whole, doubt, lang), inside=length(inside, doubt, lang))


def code(column: str, value: str, lang: str) -> str:
    """What a code means; itself where the program does not know it.

    Example:
        >>> code("verdict", "agrees", "en"), code("verdict", "odd", "en"), code("verdict", "", "en")
        ('agrees', 'odd', '')
    """
    key = f"{column}.{value}"
    return CODES.text(key, lang) if key in CODES else value


def mark(index: int) -> str:
    """The mark of a footnote: it must not read as arithmetic.

    Example:
        >>> mark(1), mark(2), mark(21)
        ('①', '②', '(21)')
    """
    return chr(ord("①") + index - 1) if 1 <= index <= 20 else f"({index})"


def footnote(index: int, names: Sequence[str], note: str, lang: str) -> str:
    """A note under figures: its mark, the figures that it is about, and what it says as a sentence.

    Example:
        >>> footnote(1, ["面积", "镇街数"], "依假定分界线计算", "zh")
        '① 面积、镇街数：依假定分界线计算。'
    """
    trimmed = note.strip()
    ended = trimmed if trimmed.endswith(tuple(".!?。！？")) else f"{trimmed}{'。' if lang == 'zh' else '.'}"
    comma, colon = ("、", "：") if lang == "zh" else (", ", ": ")
    return f"{mark(index)} {comma.join(names)}{colon}{ended[:1].upper()}{ended[1:]}"


def _decimals(value: float, doubt: float) -> int:
    """How many decimals a value deserves: the last digit not below the doubt, two significant digits kept."""
    by_doubt = math.floor(-math.log10(doubt)) if doubt > 0 else 2
    by_size = 1 - math.floor(math.log10(value)) if value > 0 else 0
    return min(2, max(0, by_size, by_doubt))


def _known(value: Any) -> float | None:
    """A number, or None for whatever is missing in a table."""
    if value is None or isinstance(value, str):
        return None
    try:
        known = float(value)
    except TypeError:  # pandas' NA
        return None
    return known if math.isfinite(known) else None


def _word(key: str, lang: str, **params: object) -> str:
    return CATALOGUE.text(f"words.{key}", lang, **params)
