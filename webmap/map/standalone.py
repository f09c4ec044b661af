"""The map as one file: bundle, styles and data inside, working from a disk with no server and no network."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers import words
from layers.edition.observations import LEVELS
from layers.edition.provenance import bases, full_title, sources
from layers.edition.sheets import Sheet
from layers.edition.store import Store, feature_rows, plain
from layers.model.publication import Publication
from webmap.api import figures as stated
from webmap.api import payloads
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
    sheets: Collection[Sheet] = (),
) -> Parts:  # fmt: skip
    """Compose a view as a stand-alone file.

    Args:
        store: The edition.
        view: The view that opens.
        lang: Language of the interface.
        folder: Where the built bundle is.
        publication: What every map says; nothing without it.
        sheets: Scanned maps, of which small copies go into the file.

    Raises:
        NotReadyError: The bundle has not been built.
    """
    urls = dict.fromkeys(ADDRESSES, "") | {"api": API}
    data = inlined(store)
    copies = reduced(sheets)
    if copies:
        data[f"{API}/scans"] = scans_payload([one for one in sheets if one.id in copies], "", copies)
    config = maps.config(store, mode="standalone", lang=lang, view=view, urls=urls, data=data)
    config = maps.with_scans(config) if copies else config
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


def inlined(store: Store) -> dict[str, Any]:
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
    return data


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
