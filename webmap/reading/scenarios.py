"""Scenarios for reading: which there are, and what each place would have to do, beside others and what was observed."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from layers import words
from layers.decomposition.asked import EQUAL, OWN
from layers.edition.observations import Observed, indicator
from layers.ledger.scenarios import Scenario
from layers.model.errors import word
from layers.model.tables import split
from layers.progress import scenarios as kept
from layers.progress.scenarios import Told
from webmap.reading.rows import Rows, Values

MOST_BESIDE = 4
"""Other scenarios that stand beside one at most."""
BAR = 120.0
"""Width of the longest bar, in the units of its picture."""


def list_values(rows: Rows, found: Sequence[Scenario]) -> Values:
    """Values for scenarios.html."""
    known = set(rows.store.indicator_ids)
    listed = [_about(rows, Told.of(rows.store, one)) for one in found if one.indicator in known]
    return {"mark": word("decomposition.mark", rows.lang), "scenarios": listed}


def scenario_values(
    rows: Rows, observed: Observed, told: Told, found: Sequence[Scenario], beside: Sequence[Told]
) -> Values:
    """Values for scenario.html.

    Args:
        rows: Words and addresses.
        observed: The values.
        told: The scenario.
        found: All that there are.
        beside: Those to stand beside it.
    """
    store, lang, said = rows.store, rows.lang, told.said
    decimals = int(said.get("decimals") or 0)

    def figure(value: float | None) -> str:
        return words.NONE if value is None else words.number(value, decimals)

    def printed(value: float | None) -> str:
        return words.NONE if value is None else words.number(float(f"{value:.10g}"))

    lines = kept.rows(store, observed, told, beside)
    longest = max((abs(row["said"]["value"]) for row in lines), default=0) or 1
    seen_in = next((row["seen_in"] for row in lines if row["seen_in"]), "")
    same = [one for one in found if (one.indicator, one.level) == (told.scenario.indicator, told.scenario.level)]
    chosen = {one.scenario.code for one in beside}
    code, listed = told.scenario.code, ",".join(sorted(chosen))
    return {
        "mark": word("decomposition.mark", lang),
        "about": _about(rows, told),
        "seen_in": seen_in,
        "beside": [one.scenario.name for one in beside],
        "less": [(one.scenario.name, _on_map(rows, told, "scenario", one)) for one in beside],
        "rows": [
            {
                "name": row["name_en"] if lang == "en" else row["name"], "url": rows.url(*row["id"].split("/", 1)),
                "value": figure(row["said"]["value"]), "width": round(abs(row["said"]["value"]) / longest * BAR, 1),
                "weight": printed(row["said"].get("weight")), "base": printed(row["said"].get("base")),
                "rate": words.NONE if row["said"].get("rate") is None else words.number(row["said"]["rate"], 2),
                "low": printed(row["said"].get("low")), "high": printed(row["said"].get("high")),
                "at": word(f"decomposition.held.{row['said']['at']}", lang) if row["said"].get("at") else "",
                "observed": printed(row["observed"]), "gap": printed(row["gap"]),
                "others": [figure(value) for value in row["others"]],
            }
            for row in lines
        ],
        "has": {key: any(key in row["said"] for row in lines) for key in ("weight", "base", "rate", "low", "high")},
        "whole": figure(said["whole"]), "total": printed(said.get("total")),
        "zones": [{"name": name, "value": figure(value)} for name, value in _zones(rows, told)],
        "shares": _shares(rows, told),
        "files": [(form, rows.url("scenarios", code, f"table.{form}", beside=listed)) for form in ("csv", "xlsx")],
        "others": [
            {"name": one.name, "code": one.code, "chosen": one.code in chosen} for one in same if one.code != code
        ],
        "compare_url": rows.url("scenarios", code), "list_url": rows.url("scenarios"),
        "map_url": _on_map(rows, told, "scenario"), "gap_url": _on_map(rows, told, "scenario_gap"),
    }  # fmt: skip


def _zones(rows: Rows, told: Told) -> Iterator[tuple[str, float]]:
    """What falls to each zone that the edition has, with its name in a sentence."""
    for zone, value in told.said.get("zones", {}).items():
        if zone in rows.store.index:
            name = rows.store.name_of(zone)[rows.lang == "en"]
            yield rows.t("scenarios.zone", name=name), value


def _on_map(rows: Rows, told: Told, show: str, less: Told | None = None) -> str:
    """The map with a scenario; ``less`` is another one that it is compared with."""
    one = told.scenario
    look = f":from~{less.scenario.code}" if less else ""
    return f"{rows.url('')}#ind={one.indicator}:{one.level}:quantiles:{show}:{one.code}{look}"


def scenario_file(rows: Rows, observed: Observed, told: Told, beside: Sequence[Told], form: str) -> tuple[bytes, str]:
    """The table as a file, and its name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"scenario-{told.scenario.code}.{form}"
        kept.written(rows.store, observed, told, path, rows.lang, beside)
        return io.BytesIO(path.read_bytes()).getvalue(), path.name


def _about(rows: Rows, told: Told) -> Values:
    one, record, said = told.scenario, told.indicator or {}, told.said
    asked = said.get("asked", {})
    weight = asked.get("weight", "equal")
    weighing = indicator(rows.store, weight)
    named = words.name(weighing, rows.lang) if weighing else str(weight)
    if weight in (EQUAL, OWN):
        named = word(f"decomposition.word.{weight}", rows.lang)
    method = str(asked.get("method", "weights"))
    return {
        "code": one.code, "name": one.name, "version": one.version, "year": one.period,
        "indicator": words.name(record, rows.lang), "unit": words.unit(record, rows.lang),
        "cites": rows.cites(split(record.get("cites"))),
        "level": rows.t(f"browse.{one.level}s"), "at": one.at[:10], "note": said.get("note") or "",
        "method": word(f"decomposition.method.{method}", rows.lang),
        "weight": "" if method == "growth" else named,
        "period": said.get("period") or "",
        "aggregation": rows.t(f"aggregation.{asked['aggregation']}") if asked.get("aggregation") else "",
        "rate": "" if said.get("rate") is None else f"{words.number(said['rate'], 3)}%",
        "whole": words.number(said["whole"], int(said.get("decimals") or 0)),
        "url": rows.url("scenarios", one.code),
    }  # fmt: skip


def _shares(rows: Rows, told: Told) -> list[str]:
    """How townships that lie in several zones were counted."""
    store, at, found = rows.store, int(rows.lang == "en"), []
    for township, shares in told.said.get("shares", {}).items():
        parts = [f"{store.name_of(zone)[at]} {words.number(share * 100, 1)}%" for zone, share in shares.items()]
        found.append(
            rows.t("scenarios.share", name=store.name_of(township)[at], parts=rows.t("scenarios.comma").join(parts))
        )
    return found
