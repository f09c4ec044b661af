"""All indicators as one wide table, for spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from layers import words
from layers.edition.file import Edition
from layers.model.errors import word
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE

_ABOUT = ("id", "name", "name_en", "unit", "domain", "cites", "formula")


def indicator_table(edition: Edition) -> pd.DataFrame:
    """Give all indicators as one wide table, a row each, for reading in a spreadsheet.

    Columns are headed in Chinese with the id or field name in brackets: what the indicator is, baseline and target
    as the plan states them, then computed values for the district, every zone and every township, then the places
    whose value leans on something assumed, and notes. Cells without a value are empty.

    Args:
        edition: The edition.
    """
    seen = edition.observations
    seen = seen[seen["period"] == ""]  # what was observed is apart
    computed = seen[seen["role"] == "computed"]
    keys = zip(computed["indicator"], computed["place"], strict=True)
    values = dict(zip(keys, computed["value"], strict=True))
    places = _places(edition, set(computed["place"]))
    rows = []
    for one in edition.indicators.itertuples():
        own = seen[seen["indicator"] == one.id]
        row: dict[str, Any] = {_word(name): getattr(one, name) for name in _ABOUT}
        row[_word("property")] = _word(f"property_{one.property!s}") if one.property else ""
        row[_word("origin")] = _word(f"origin_{one.origin!s}")
        for role in ("baseline", "target"):
            stated = own[own["role"] == role]
            row[_word(f"{role}_year")] = int(stated["year"].iloc[0]) if len(stated) else None
            row[_word(role)] = _stated(stated.iloc[0].to_dict()) if len(stated) else ""
        for place, name in places.items():
            number: Any = values.get((one.id, place))
            heading = f"{name!s} ({place!s})"
            row[heading] = None if number is None or pd.isna(number) else _figure(float(number), one.decimals)
        leaning = own.loc[own["flag"] == "assumed", "place"]
        row[_word("assumed")] = "、".join(places.get(place, place) for place in leaning)
        common = edition.meta["plan"].get("indicators_note") if one.origin == "stated" else ""
        row[_word("notes")] = "；".join(dict.fromkeys(note for note in (common, *own["note"]) if note))
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)


# ---- machinery


def _word(key: str) -> str:
    """A heading or word of the table; headings are Chinese with the field's id in brackets."""
    return word(f"table.{key}", "zh")


def _places(edition: Edition, used: set[str]) -> dict[str, str]:
    """Names of the places with values: district, zones, townships, each in the order of its layer."""
    found: dict[str, str] = {}
    for kind in (DISTRICT, ZONE, TOWNSHIP):
        for frame in edition.layers.values():
            rows = frame[frame["kind"] == kind]
            found |= {key: name for key, name in zip(rows["id"], rows["name"], strict=True) if key in used}
    return found


def _stated(row: Mapping[Any, Any]) -> Any:
    """A stated value as the plan has it: a number, a range, a comparison, or words."""
    if pd.notna(row["value"]) and not row["comparator"]:
        return _figure(row["value"], None)  # a number for the spreadsheet
    shown = words.stated(row, "zh")
    return "" if shown == words.NONE else shown


def _figure(value: float, decimals: Any) -> str:
    """A number with the indicator's decimals, or with as many as it has; a whole number without any."""
    if decimals is None or pd.isna(decimals):
        return f"{value:.10g}"
    rounded = f"{value:.{int(decimals)}f}"
    return rounded if float(rounded) % 1 else f"{float(rounded):.0f}"
