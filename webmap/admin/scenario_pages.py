"""What the pages for making scenarios say, and what their forms mean."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from geo.errors import PlanmapError
from layers import words
from layers.decomposition.asked import EQUAL, OWN, Asked
from layers.decomposition.split import AGGREGATIONS, METHODS, MOST_DECIMALS, Part
from layers.edition.observations import Observed, places_of
from layers.edition.observations import records as rows_of
from layers.edition.store import Store, plain
from layers.ledger.scenarios import LONGEST_NAME, Scenario
from layers.model.errors import word
from layers.progress.decomposing import Decomposed, prepared, weights_there
from webmap.admin.observed_pages import said
from webmap.serving.addresses import asked_for, language_link, with_query
from webmap.serving.context import Context
from webmap.serving.messages import text
from webmap.serving.problems import RefusedError

LEVELS = ("township", "zone")
TEXTS = ("indicator", "level", "method", "weight", "period", "aggregation", "size")
NUMBERS = ("whole", "year", "decimals")
TABLES = {"own": "w", "base": "b", "sizes": "s", "low": "l", "high": "h", "fixed": "f"}
"""What may be typed for a place, and the letter that its fields begin with; the number of the place follows."""
LOCK, SHOWN = "k", "v"
"""Fields of a tick that keeps a value as it is shown, and of that value."""
LONGEST_NUMBER = 40


def read(store: Store, form: Mapping[str, str]) -> Asked:
    """What a form asks for.

    Args:
        store: The edition.
        form: The fields; those of places by their number in the level.

    Raises:
        RefusedError: ``admin.observed.bad_field``: one is no number.
        DecompositionError: As `Asked.checked`.
    """
    texts = {name: form.get(name, "").strip()[:100] for name in TEXTS}
    places = places_of(store, texts["level"]) if texts["level"] in LEVELS else []
    tables: dict[str, dict[str, float]] = {}
    for name, letter in TABLES.items():
        found = {place: _number(form, f"{letter}{at}", name) for at, place in enumerate(places)}
        tables[name] = {place: value for place, value in found.items() if value is not None}
    for at, place in enumerate(places):
        kept = _number(form, f"{SHOWN}{at}", "fixed") if form.get(f"{LOCK}{at}") == "1" else None
        if kept is not None and place not in tables["fixed"]:
            tables["fixed"][place] = kept
    shares = _shares(store, form)
    year, decimals = (_whole(form, name) for name in ("year", "decimals"))
    return Asked(
        texts["indicator"], texts["level"], year, _number(form, "whole", "whole"), texts["method"] or METHODS[0],
        texts["weight"] or EQUAL, texts["period"], texts["aggregation"], texts["size"], decimals, tables["own"],
        tables["base"], tables["sizes"], tables["fixed"], tables["low"], tables["high"], shares,
    ).checked()  # fmt: skip


def start_values(
    ctx: Context, observed: Observed, found: Sequence[Scenario], form: Mapping[str, Any], error: PlanmapError | None,
    lang: str, root: str,
) -> dict[str, Any]:  # fmt: skip
    """Values for admin_scenarios.html.

    Args:
        ctx: The plan.
        observed: Its values.
        found: The scenarios that there are.
        form: What was typed.
        error: What was wrong with it.
        lang: Language.
        root: What stands before the plan's addresses.
    """
    base = f"{root}/admin/scenarios"
    return {
        "title": text(lang, "admin.scenarios.title"),
        "other_lang": language_link(lang, lambda other: with_query(base, lang=asked_for(other))),
        "trouble": said(error, lang),
        "ledger": ctx.ledger is not None,
        "mark_words": word("decomposition.mark", lang),
        "plan_id": str(ctx.store.plan.get("id", "")),
        "look_url": with_query(f"{base}/look", lang=asked_for(lang)),
        "withdraw_url": with_query(f"{base}/withdraw", lang=asked_for(lang)),
        "read_url": with_query(f"{root}/scenarios", lang=asked_for(lang)),
        "form": {name: str(form.get(name, "")) for name in (*TEXTS, *NUMBERS)},
        **_choices(observed, lang),
        "scenarios": [
            {"name": one.name, "code": one.code, "version": one.version, "author": one.author,
             "at": one.at[:16].replace("T", " "),
             "url": with_query(f"{root}/scenarios/{one.code}", lang=asked_for(lang)),
             "edit_url": with_query(f"{base}/{one.code}", lang=asked_for(lang))}
            for one in found
        ],
    }  # fmt: skip


def table_values(
    observed: Observed, asked: Asked, found: Decomposed | None, form: Mapping[str, str], error: PlanmapError | None,
    lang: str, root: str,
) -> dict[str, Any]:  # fmt: skip
    """Values for admin_scenario.html: what was asked for, the table with all that may be typed, and what came of it.

    Args:
        observed: The values.
        asked: What was asked for.
        found: What came of it; None when it cannot be done.
        form: What was typed: ``name``, ``note``, ``after``.
        error: Why it cannot be done.
        lang: Language.
        root: What stands before the plan's addresses.
    """
    store, base = observed.store, f"{root}/admin/scenarios"
    decimals = found.split.decimals if found else 0
    record = next(row for row in rows_of(store.edition.indicators) if row["id"] == asked.indicator)
    record = {key: plain(value) or "" for key, value in record.items()}
    full = found.asked if found else asked
    return {
        "title": text(lang, "admin.scenarios.split"),
        "other_lang": language_link(lang, lambda other: with_query(base, lang=asked_for(other))),
        "trouble": said(error, lang), "mark_words": word("decomposition.mark", lang),
        "indicator_name": words.name(record, lang), "unit": words.unit(record, lang),
        "form": {
            **{name: str(getattr(asked, name)) for name in TEXTS},
            **{name: _typed(getattr(asked, name)) for name in NUMBERS},
            **{name: form.get(name, "") for name in ("name", "note", "after")},
        },
        "aggregation": text(lang, f"aggregation.{full.aggregation}") if full.aggregation else words.NONE,
        "weighed": full.aggregation in ("weighted_mean", "ratio"),
        "based": asked.method != "weights", "weighing": asked.method != "growth",
        "rows": _rows(observed, asked, found, lang), "done": found is not None, "year": full.year or "",
        "whole": words.number(found.split.whole, decimals) if found else words.NONE,
        "total": words.number(float(f"{found.split.total:.10g}")) if found else words.NONE,
        "rate": f"{words.number(found.split.rate, 3)}%" if found and found.split.rate is not None else "",
        "zones": [
            {"name": store.name_of(zone)[lang == "en"],
             "value": words.NONE if value is None else words.number(value, decimals)}
            for zone, value in (found.zones if found else {}).items()
        ],
        "shares": _share_rows(store, asked, found, lang),
        "longest": LONGEST_NAME,
        "look_url": with_query(f"{base}/look", lang=asked_for(lang)),
        "save_url": with_query(f"{base}/save", lang=asked_for(lang)),
        "back_url": with_query(base, lang=asked_for(lang)),
        **_choices(observed, lang),
    }  # fmt: skip


# ---- machinery


def _rows(observed: Observed, asked: Asked, found: Decomposed | None, lang: str) -> list[dict[str, Any]]:
    """A row for each place: what is known, what was typed, what came of it."""
    store, known = observed.store, _known(observed, asked)
    values = {row.place: row for row in found.rows} if found else {}
    decimals = found.split.decimals if found else 0
    rows = []
    for at, place in enumerate(places_of(store, asked.level)):
        part, row = known.get(place), values.get(place)
        typed = {name: _typed(getattr(asked, name).get(place)) for name in TABLES}
        rows.append({
            "at": at, "name": store.name_of(place)[lang == "en"], **typed,
            "weight": _typed(part.weight if part else None), "base_known": _typed(part.base if part else None),
            "size_known": _typed(part.size if part else None),
            "value": words.number(row.value, decimals) if row else words.NONE,
            "raw": _typed(row.value if row else None),
            "held": word(f"decomposition.held.{row.at}", lang) if row and row.at else "",
            "rate": words.number(row.rate, 2) if row and row.rate is not None else "",
        })  # fmt: skip
    return rows


def _known(observed: Observed, asked: Asked) -> dict[str, Part]:
    try:
        return {part.id: part for part in prepared(observed, asked).parts}
    except PlanmapError:  # said above the table already
        return {}


def _choices(observed: Observed, lang: str) -> dict[str, Any]:
    store = observed.store

    def named(record: Mapping[str, Any]) -> str:
        clean = {key: plain(value) or "" for key, value in record.items()}
        unit = words.unit(clean, lang)
        return f"{words.name(clean, lang)} ({unit})" if unit else words.name(clean, lang)

    stated = [(str(row["id"]), named(row)) for row in rows_of(store.edition.indicators) if row["origin"] == "stated"]
    weighing: dict[str, str] = {}
    for level in LEVELS:
        weighing |= {str(record["id"]): named(record) for record, _ in weights_there(observed, level)}
    return {
        "indicators": stated,
        "levels": [(one, text(lang, f"browse.{one}s")) for one in LEVELS if places_of(store, one)],
        "methods": [(one, word(f"decomposition.method.{one}", lang)) for one in METHODS],
        "weights": [(one, word(f"decomposition.word.{one}", lang)) for one in (EQUAL, OWN)] + list(weighing.items()),
        "sizes": list(weighing.items()),
        "aggregations": [(one, text(lang, f"aggregation.{one}")) for one in AGGREGATIONS],
        "most_decimals": MOST_DECIMALS,
    }


def _share_rows(store: Store, asked: Asked, found: Decomposed | None, lang: str) -> list[dict[str, Any]]:
    """Townships in several zones: the shares that were used, and fields for others."""
    at = int(lang == "en")
    rows = []
    for township, shares in (found.shares if found else asked.shares).items():
        number = places_of(store, "township").index(township)
        zones = [
            {"field": f"z{number}_{places_of(store, 'zone').index(zone)}", "name": store.name_of(zone)[at],
             "used": words.number(share * 100, 1), "value": _typed(asked.shares.get(township, {}).get(zone))}
            for zone, share in shares.items()
        ]  # fmt: skip
        rows.append({"name": store.name_of(township)[at], "zones": zones})
    return rows


def _shares(store: Store, form: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Shares that were typed: fields ``z<township>_<zone>``."""
    townships, zones = places_of(store, "township"), places_of(store, "zone")
    found: dict[str, dict[str, float]] = {}
    for at, township in enumerate(townships):
        typed = {zone: _number(form, f"z{at}_{to}", "weight") for to, zone in enumerate(zones)}
        given = {zone: value for zone, value in typed.items() if value is not None}
        if given:
            found[township] = given
    return found


def _number(form: Mapping[str, str], field: str, name: str) -> float | None:
    """A number as people type it, full-width or with separators; None where nothing was typed."""
    typed = unicodedata.normalize("NFKC", form.get(field, "")).strip()
    if not typed:
        return None
    try:
        value = float(typed.replace(",", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or len(typed) > LONGEST_NUMBER:
        raise RefusedError("admin.observed.bad_field", field=name, value=typed[:LONGEST_NUMBER])
    return value


def _whole(form: Mapping[str, str], name: str) -> int | None:
    value = _number(form, name, name)
    low, high = (1900, 2200) if name == "year" else (0, MOST_DECIMALS)
    if value is not None and not (value == int(value) and low <= value <= high):
        raise RefusedError("admin.observed.bad_field", field=name, value=f"{value:g}")
    return None if value is None else int(value)


def _typed(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"
