"""The figures that a plan states, checked: what ``planmap check`` prints of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from geo.messages import plain
from layers.build.assemble import assemble
from layers.build.check import Examined
from layers.measure.claims import AGREES, DIFFERS, UNCHECKED
from layers.model.tables import CLAIM_COLUMNS, SEPARATOR
from webmap.commands._common import table, word
from webmap.reading.start import number

_SYMBOLS = {DIFFERS: "≠", UNCHECKED: "?", AGREES: "✓"}
_LONGEST_NAME = 36


def claims_of(examined: Examined) -> list[dict[str, Any]]:
    """The claims of a folder without errors, measured; empty when it makes none.

    Raises:
        ClaimError: A claim names what the plan does not have.
    """
    if examined.plan is None or not examined.plan.claims:
        return []
    frame = assemble(examined.plan, examined.located, examined.lon).figures["claims"]
    return [{name: _plain(row[name]) for name in CLAIM_COLUMNS} for row in frame.to_dict(orient="records")]


def _plain(value: Any) -> Any:
    if value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def claims_text(claims: list[dict[str, Any]], lang: str) -> str:
    """A line that counts the verdicts, then a row a claim: those that differ first."""
    counts = {verdict: sum(claim["verdict"] == verdict for claim in claims) for verdict in _SYMBOLS}
    lines = [word("cli.check.claims", lang, all=len(claims), **counts)]
    order = list(_SYMBOLS)
    rows = [_row(claim, lang) for claim in sorted(claims, key=lambda claim: order.index(claim["verdict"]))]
    head = tuple(word(f"cli.check.claim_{name}", lang) for name in ("verdict", "name", "stated", "measured", "cites"))
    return "\n".join([*lines, table([head, *rows])])


def _row(claim: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    name = str((claim["name_en"] if lang == "en" else "") or claim["name"])
    unit = str((claim["unit_en"] if lang == "en" else "") or claim["unit"])
    measured = "–" if claim["measured"] is None else number(claim["measured"], claim["decimals"])
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    return (
        f"{_SYMBOLS[claim['verdict']]} {word('verdict.' + claim['verdict'], lang)}",
        plain(short, lang),
        plain(f"{claim['comparator']}{number(claim['stated'])} {unit}".strip(), lang),
        measured,
        plain(claim["cites"].replace(SEPARATOR, " "), lang),
    )
