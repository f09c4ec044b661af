"""The figures that a plan states, checked: what ``planmap check`` prints of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from geo.messages import plain
from layers import words
from layers.build.check import Examined
from layers.build.columns import measured_claims
from layers.measure.claims import AGREES, DIFFERS, NOTED, UNCHECKED, VERDICTS
from layers.model.tables import CLAIM_COLUMNS, split
from webmap.commands._common import table, word

_SYMBOLS = {DIFFERS: "≠", NOTED: "i", AGREES: "✓", UNCHECKED: "?"}
_LONGEST_NAME = 36


def claims_of(examined: Examined) -> list[dict[str, Any]]:
    """The claims of a folder without errors, measured; empty when it makes none.

    Raises:
        ClaimError: A claim names what the plan does not have.
    """
    if examined.plan is None or not examined.plan.claims:
        return []
    rows = measured_claims(examined.plan, examined.located)
    return [{name: _plain(row[name]) for name in CLAIM_COLUMNS} for row in rows]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def claims_text(claims: list[dict[str, Any]], lang: str) -> str:
    """A line that counts the verdicts, then a row a claim: those that differ first, the editors' own counts last."""
    plans = [claim for claim in claims if not claim["self_check"]]
    counts = {verdict: sum(claim["verdict"] == verdict for claim in plans) for verdict in VERDICTS}
    lines = [word("cli.check.claims", lang, all=len(plans), self_check=len(claims) - len(plans), **counts)]
    ordered = sorted(claims, key=lambda claim: (claim["self_check"], VERDICTS.index(claim["verdict"])))
    rows = [_row(claim, lang) for claim in ordered]
    head = tuple(word(f"cli.check.claim_{name}", lang) for name in ("verdict", "name", "stated", "measured", "cites"))
    return "\n".join([*lines, table([head, *rows])])


def _row(claim: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    name = words.name(claim, lang)
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    own = f" ({word('verdict.self_check', lang)})" if claim["self_check"] else ""
    return (
        f"{_SYMBOLS[claim['verdict']]} {word('verdict.' + claim['verdict'], lang)}{own}",
        plain(short, lang),
        plain(words.quantity(_ends(claim, "stated"), lang), lang),
        words.span(_ends(claim, "measured"), claim["decimals"]),
        plain(" ".join(split(claim["cites"])), lang),
    )


def _ends(claim: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**claim, "value": claim[name], "low": claim[f"{name}_low"], "high": claim[f"{name}_high"]}
