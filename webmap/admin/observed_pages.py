"""What the pages for observed values say, as plain values for their templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from geo.errors import PlanmapError
from layers.ledger.book import Entry, Ledger
from layers.ledger.errors import ConflictError
from layers.ledger.grid import MOST_BYTES
from layers.ledger.names import Known
from layers.ledger.sheet import CORRECTS, NEW, SAME, TOTAL, Preview, Row, names_number
from layers.model.errors import LayersError
from layers.model.period import Period
from webmap.admin.sheets import MOST_VALUES, Sheet
from webmap.serving.addresses import asked_for, language_link, with_query
from webmap.serving.context import Context
from webmap.serving.messages import text

STATED = ("source", "period", "indicator", "place")
"""What may be said of a sheet where it does not say so itself."""
LEVELS = ("township", "zone", "district")
SHOWN = 300
"""Rows of a preview that the page shows; what is wrong comes first."""
RECENT = 20
MOST_MATCHED = 50
_UNKNOWN = {"unknown_place": "place", "unknown_indicator": "indicator"}


def start_values(
    ctx: Context, known: Known | None, form: Mapping[str, Any], error: PlanmapError | None, lang: str,
    where: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Values for admin_observed.html.

    Args:
        ctx: The plan; on a shelf what belongs to no plan.
        known: Its indicators and places; None without a ledger.
        form: What was typed, of a sheet by its fields, of one value in ``one``.
        error: What was wrong with it.
        lang: Language.
        where: As of `webmap.admin.pages.page`.
    """
    asked, base = asked_for(lang), f"{where['root']}/admin/observations"
    site, library = where["site"], ctx.library
    plans = [] if ctx.store.hash else [(one, f"{site}/p/{quote(one, safe='')}") for one in library.plans]
    one = {"place": "district", **form.get("one", {})}
    return {
        "title": text(lang, "admin.observed.title"),
        # What was sent stands at an address that is for sending only.
        "other_lang": language_link(lang, lambda other: with_query(base, lang=asked_for(other))),
        "trouble": said(error, lang),
        "plans": [(name, with_query(f"{root}/admin/observations", lang=asked)) for name, root in plans],
        "ledger": known is not None,
        "plan_id": str(ctx.store.plan.get("id", "")),
        "send_url": with_query(base, lang=asked),
        "value_url": with_query(f"{base}/value", lang=asked),
        "template_url": f"{base}/template",
        "asked_lang": asked or "",
        "most_mb": MOST_BYTES // (1024 * 1024),
        "most_values": MOST_VALUES,
        "stated": {name: form.get(name, "") for name in STATED},
        "one": {name: one.get(name, "") for name in ("indicator", "place", "period", "value", "source", "note")},
        **(_choices(known, lang) if known is not None else {}),
        "recent": _recent(ctx.ledger, known, lang, base) if known is not None and ctx.ledger is not None else [],
    }


def sheet_values(
    ledger: Ledger, known: Known, sheet: Sheet, found: Preview, error: PlanmapError | None, lang: str, root: str
) -> dict[str, Any]:
    """Values for admin_sheet.html."""
    here = f"{root}/admin/observations/{sheet.id}"
    rows = sorted(found.rows, key=_rank)
    there = ledger.newest([row.cell for row in rows[:SHOWN] if row.verdict == CORRECTS])
    shown = []
    for row in rows[:SHOWN]:
        entry = there.get(row.cell)
        before = text(lang, "admin.observed.before", who=entry.author, day=entry.at[:10]) if entry else ""
        shown.append({
            "at": row.at, "indicator": _quantity(known, row.indicator, lang) or row.said,
            "place": _spot(known, row.place, lang), "period": _period(row.period, lang), "unit": row.unit,
            "role": "" if row.role == "observed" else text(lang, f"admin.observed.role.{row.role}")
            if row.role in ("target", "baseline") else row.role,
            "value": names_number(row.value) if row.value is not None else row.given,
            "text": row.text(lang), "before": before,
            "state": "wrong" if _rank(row)[0] == 0 else "doubt" if row.doubt else row.verdict,
        })  # fmt: skip
    count = found.count
    facts = {name: count.get(name, 0) for name in (NEW, SAME, CORRECTS)}
    entered = facts[NEW] + facts[CORRECTS]
    return {
        "title": sheet.file or text(lang, "admin.observed.one"),
        "other_lang": language_link(lang, lambda other: with_query(here, lang=asked_for(other))),
        "trouble": said(error, lang),
        "conflict": isinstance(error, ConflictError),
        "counted": text(lang, "cli.import.observations.count", wrong=found.wrong, doubtful=found.doubtful, **facts),
        "source": found.source,
        "rows": shown,
        "more": max(0, len(rows) - SHOWN),
        "sums": [_sum(one, known, lang) for one in found.sums],
        "left": [text(lang, f"cli.import.observations.left_{why}", at=at, text=what) for at, what, why in found.left],
        "wrong": found.wrong,
        "doubtful": found.doubtful,
        "unknown_indicators": count.get("unknown_indicator", 0),
        "can_enter": bool(entered) and found.wrong == count.get("unknown_indicator", 0),
        "nothing": not entered and not found.wrong,
        "entered": entered,
        "unknown": _unknown(found, known, lang),
        **{f"{name}_url": with_query(f"{here}/{name}", lang=asked_for(lang)) for name in ("again", "enter", "drop")},
        "back_url": with_query(f"{root}/admin/observations", lang=asked_for(lang)),
        **_choices(known, lang),
    }


def chosen(found: Preview, pairs: Sequence[str], known: Known) -> dict[str, str]:
    """What names of a sheet are said to mean: ``number=id``, the number as in `sheet_values`."""
    names = _names(found)
    meant = {}
    for pair in pairs[:MOST_MATCHED]:
        number, _, target = pair.partition("=")
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else -1
        if 0 <= at < len(names) and (target in known.quantities or target in known.spots):
            meant[names[at][1]] = target
    return meant


def said(error: PlanmapError | None, lang: str) -> list[str]:
    """What was wrong and what to do, in the page's own words."""
    if error is None:
        return []
    remedy = error.remedy(lang)
    if isinstance(error, LayersError) and error.key in ("sheet.wrong", "sheet.doubtful", "sheet.template_empty"):
        remedy = text(lang, f"admin.observed.remedy_{error.key.partition('.')[2]}")
    return [one for one in (error.message(lang), remedy) if one]


# ---- parts of the pages


def _rank(row: Row) -> tuple[int, bool]:
    """What is wrong first, then what is doubted."""
    return (1 if row.verdict in (NEW, SAME, CORRECTS, TOTAL, "empty") else 0), not row.doubt


def _names(found: Preview) -> list[tuple[str, str]]:
    """The unknown names of a sheet, each once: of an indicator or a place, and as it stands there."""
    pairs = [(row.verdict, row.said) for row in found.rows if row.verdict in _UNKNOWN and row.said]
    return list(dict.fromkeys(pairs))[:MOST_MATCHED]


def _unknown(found: Preview, known: Known, lang: str) -> list[dict[str, Any]]:
    shown = []
    for number, (verdict, name) in enumerate(_names(found)):
        if _UNKNOWN[verdict] == "place":
            ids = [known.spot(one) for one in known.near_spots(name)]
            near = [(one, _spot(known, one, lang)) for one in ids if one]
        else:
            ids = [known.quantity(one) for one in known.near_quantities(name)]
            near = [(one, _quantity(known, one, lang)) for one in ids if one]
        if near:
            shown.append({"number": number, "said": name, "near": near})
    return shown


def _sum(one: Any, known: Known, lang: str) -> dict[str, Any]:
    level = text(lang, f"cli.import.observations.level_{one.level}")
    words = text(
        lang, f"cli.import.observations.sum_{one.told}", indicator=_quantity(known, one.indicator, lang),
        period=_period(one.period, lang), level=level, parts=names_number(one.parts), whole=names_number(one.whole),
        missing=one.missing,
    )  # fmt: skip
    return {"text": words, "off": one.adds_up is False}


def cell_values(
    known: Known, found: Sequence[Entry], note: str, error: PlanmapError | None, lang: str, root: str
) -> dict[str, Any]:
    """Values for admin_value.html.

    Args:
        known: Indicators and places.
        found: The entries of a cell, the newest first.
        note: The reason that was typed for taking it back.
        error: What was wrong with it.
        lang: Language.
        root: What stands before the plan's addresses.
    """
    one, base = found[0], f"{root}/admin/observations"
    here = {"indicator": one.indicator, "role": one.role, "period": one.period, "place": one.place}
    return {
        "title": _quantity(known, one.indicator, lang) or one.indicator,
        "other_lang": language_link(lang, lambda other: with_query(f"{base}/cell", **here, lang=asked_for(other))),
        "trouble": said(error, lang),
        "place": _spot(known, one.place, lang) or one.place,
        "period": _period(one.period, lang),
        "role": text(lang, f"admin.observed.role.{one.role}") if one.role in ("target", "baseline") else "",
        "cell": here,
        "after": one.version,
        "note": note,
        "there": one.value is not None,
        "entries": [
            {"at": entry.at[:16].replace("T", " "), "author": entry.author, "source": entry.source, "note": entry.note,
             "value": text(lang, "admin.observed.taken_back") if entry.value is None
             else f"{names_number(entry.value)} {entry.unit}".strip(),
             "now": entry is one and entry.value is not None, "seq": entry.seq}
            for entry in found
        ],
        "withdraw_url": with_query(f"{base}/withdraw", lang=asked_for(lang)),
        "back_url": with_query(base, lang=asked_for(lang)),
    }  # fmt: skip


def _recent(ledger: Ledger, known: Known, lang: str, base: str) -> list[dict[str, str]]:
    return [
        {
            "at": one.at[:16].replace("T", " "), "author": one.author, "period": _period(one.period, lang),
            "indicator": _quantity(known, one.indicator, lang) or one.indicator,
            "place": _spot(known, one.place, lang) or one.place,
            "value": f"{names_number(one.value)} {one.unit}".strip() if one.value is not None else "—",
            "source": one.source,
            "what": text(lang, "admin.observed.taken_back" if one.value is None
                         else "admin.observed.corrected" if one.version > 1 else "admin.observed.new"),
            "url": with_query(f"{base}/cell", indicator=one.indicator, role=one.role, period=one.period,
                              place=one.place, lang=asked_for(lang)),
        }
        for one in ledger.history(most=RECENT)
    ]  # fmt: skip


def _choices(known: Known, lang: str) -> dict[str, Any]:
    """Indicators, places and levels that may be chosen."""
    levels = [one for one in LEVELS if any(spot.level == one for spot in known.spots.values())]
    spots = [
        (level, [(one.id, _spot(known, one.id, lang)) for one in known.spots.values() if one.level == level])
        for level in ("district", "zone", "township", "feature")
    ]
    return {
        "indicators": [
            (one.id, f"{_quantity(known, one.id, lang)} ({one.unit})" if one.unit else _quantity(known, one.id, lang))
            for one in known.quantities.values()
        ],
        "places": [(text(lang, f"admin.observed.level.{level}"), found) for level, found in spots if found],
        "levels": [(one, text(lang, f"admin.observed.level.{one}")) for one in levels],
    }


def _quantity(known: Known, name: str, lang: str) -> str:
    one = known.quantities.get(name)
    return "" if one is None else (one.name_en if lang == "en" else "") or one.name


def _spot(known: Known, name: str, lang: str) -> str:
    one = known.spots.get(name)
    return name if one is None else (one.name_en if lang == "en" else "") or one.name


def _period(code: str, lang: str) -> str:
    return Period.of(code).text(lang) if code else ""
