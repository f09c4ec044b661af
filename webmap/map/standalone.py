"""The map as one file: bundle, styles and data inside, working from a disk with no server and no network."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from layers import words
from layers.edition.observations import LEVELS, Observed, Seen, level_of
from layers.edition.provenance import bases, full_title, sources
from layers.edition.sheets import Sheet
from layers.edition.store import Store, feature_rows, plain
from layers.ledger.scenarios import Scenario
from layers.model.publication import Publication
from layers.progress import overlay as overlays
from layers.progress.results import Result, results
from layers.progress.scenarios import SHOWS, Told
from layers.progress.scenarios import overlay as scenario_overlay
from layers.surfaces.shown import surface_copies
from webmap.api import figures as stated
from webmap.api import payloads, progress
from webmap.api.scan_payloads import reduced, scans_payload
from webmap.api.search import search_payload
from webmap.map import compose as maps
from webmap.serving.assets import DIST, Assets
from webmap.serving.imprint import imprinted
from webmap.serving.problems import NotReadyError

API = "/api"
"""The addresses that the bundle asks for; here they are only names in ``data``."""
ADDRESSES = ("download", "figures", "embed", "picture", "element", "standalone", "start", "about", "map", "origin")
"""What a file does not have."""


@dataclass(frozen=True)
class Parts:
    """What goes into the file."""

    script: str
    rest: str
    soon: str
    asked: str
    later: str
    engine: str
    style: str
    composed: maps.Composition


def parts(
    store: Store, view: Mapping[str, Any], lang: str, folder: Path = DIST, *, publication: Publication | None = None,
    observed: Observed | None = None, scenarios: Sequence[Scenario] = (), sheets: Collection[Sheet] = (),
) -> Parts:  # fmt: skip
    """Compose a view as a stand-alone file.

    Args:
        store: The edition.
        view: The view that opens.
        lang: Language of the interface.
        folder: Where the built bundle is.
        publication: What every map says; nothing without it.
        observed: The observed values, which the file holds as they are now; None: those of the edition.
        scenarios: The scenarios that it holds.
        sheets: Scanned maps, of which small copies go into the file.

    Raises:
        NotReadyError: The bundle has not been built.
    """
    urls = dict.fromkeys(ADDRESSES, "") | {"api": API}
    data = inlined(store, observed, scenarios)
    copies = reduced(sheets)
    if copies:
        data[f"{API}/scans"] = scans_payload([one for one in sheets if one.id in copies], "", copies)
    config = maps.config(store, mode="standalone", lang=lang, view=view, urls=urls, data=data)
    config = (maps.with_scans(config) if copies else config) | {"surfaces": surface_copies(store, lang)}
    config = imprinted(maps.driven(config, ("*",)), publication or Publication(), store, lang)
    return Parts(
        script=inline_script(_read(folder / "planmap.js")),
        rest=inline_script(_read(folder / "rest.js")),
        soon=inline_script(_read(folder / "soon.js")),
        asked=inline_script(_read(folder / "asked.js")),
        later=inline_script(_read(folder / "later.js")),
        engine=inline_script(_read(folder / "engine.js")),
        style=inline_style("".join(_read(folder / f"{name}.css") for name in ("planmap", "rest", "soon", "asked"))),
        composed=maps.compose(config, Assets()),
    )


def inlined(store: Store, observed: Observed | None = None, scenarios: Sequence[Scenario] = ()) -> dict[str, Any]:
    """Every payload that the page could ask for, by its address."""
    data: dict[str, Any] = {f"{API}/layers/{name}": payloads.layer_payload(store, name) for name in store.layers}
    data[f"{API}/indicators"] = payloads.indicators_payload(store)
    data[f"{API}/search"] = search_payload(store)
    data[f"{API}/claims"] = stated.claims_payload(store)
    if store.edition.meta.get("clauses"):
        data[f"{API}/sentences"] = payloads.sentences_payload(store)
    for indicator in store.indicator_ids:
        for level in LEVELS:
            data[f"{API}/indicators/{indicator}/{level}"] = payloads.indicator_payload(store, indicator, level)
    return data | _observed(observed or Observed(store)) | _scenarios(observed or Observed(store), scenarios)


def _observed(observed: Observed) -> dict[str, Any]:
    """The observed values by the addresses that the overlay asks for, as they are now; nothing where there are none."""
    listed = progress.observed_payload(observed, "")
    if not listed["indicators"]:
        return {}
    data: dict[str, Any] = {f"{API}/observed": listed}
    held = _Held(observed)

    @cache
    def judged(seen: Observed, *, indicator: str, year: int | None = None) -> list[Result]:
        return results(seen, indicator=indicator, year=year)

    for one in listed["indicators"]:
        indicator = one["id"]
        levels = {level_of(observed.store, seen.place) for seen in held.of(indicator)}
        for level, show in product(LEVELS[1:], overlays.SHOWS):
            # What a period has no value for is answered by that without one, see core/data.js.
            periods = one["periods"].get("observed", []) if level in levels and show != "target" else []
            if show and level in levels:
                data[f"{API}/observed/{indicator}/{level}/periods?show={show}"] = overlays.series(
                    held, indicator, level, show, judged
                )
            for period in ("", *periods):
                made = overlays.overlay(held, indicator, level, show, period, judged)
                if made["reason"] and period:
                    continue
                asked = urlencode({"show": show, **({"period": period} if period else {})})
                data[f"{API}/observed/{indicator}/{level}?{asked}"] = made
    return data


class _Held(Observed):
    """Observed values of which each indicator's are read once."""

    def __init__(self, observed: Observed) -> None:
        self.store = observed.store
        self._of = cache(observed.of)
        self._all = observed.periods()

    def of(self, indicator: str | None = None, place: str | None = None) -> list[Seen]:
        """As of the values that are held."""
        return [one for one in self._of(indicator) if place in (None, one.place)]

    def years(self, indicator: str | None = None, place: str | None = None) -> list[Seen]:
        """As of the values that are held."""
        return [one for one in self.of(indicator, place) if len(one.period) == 4]

    def overlay(self, indicator: str, period: str, role: str = "observed") -> dict[str, Seen]:
        """As of the values that are held."""
        return {one.place: one for one in self._of(indicator) if (one.period, one.role) == (period, role)}

    def periods(self, wanted: str = "") -> dict[tuple[str, str], list[str]]:
        """As of the values that are held."""
        return {key: codes for key, codes in self._all.items() if wanted in ("", key[0])}


def _scenarios(observed: Observed, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """The scenarios by the addresses that the overlay asks for."""
    listed = progress.scenarios_payload(observed.store, scenarios)
    if not listed["scenarios"]:
        return {}
    known = {one["code"] for one in listed["scenarios"]}
    told = [Told.of(observed.store, one) for one in scenarios if one.code in known]
    made = {
        f"{API}/scenarios/{one.scenario.code}/overlay?show={show}": scenario_overlay(observed, one, show)
        for one, show in product(told, SHOWS)
    }
    return {f"{API}/scenarios": listed, **made}


def file_values(store: Store, lang: str) -> dict[str, Any]:
    """What a stand-alone file says about itself: plan, edition, sources, and how sure positions are."""
    located = [cells for _layer, cells in feature_rows(store) if not plain(cells.get("no_geometry"))]
    return {
        "full_title": full_title(store.plan, lang),
        "indicators_note": words.said(store.plan, lang, "indicators_note"),
        "bases": [row for row in bases(store, located, lang) if row["count"]],
        "sources": sources(store, lang),
        "edition": store.hash,
    }


def inline_script(source: str) -> str:
    """A script that may stand in a page: what would end it or open a comment is written with an escape.

    Such text can only stand in strings, regular expressions and comments, where the escape means the same.
    """
    harmless = re.sub(r"</(?=script)", r"<\\/", source, flags=re.IGNORECASE)
    return harmless.replace("<!--", "\\x3c!--")


def inline_style(source: str) -> str:
    """A style sheet that may stand in a page: nothing in it can end it."""
    return re.sub(r"</(?=style)", r"<\\/", source, flags=re.IGNORECASE)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise NotReadyError("error.no_bundle") from None
