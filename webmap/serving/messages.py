"""The words people read: TOML catalogues in ``webmap/messages``, one table a key with ``zh`` and ``en``.

The form is that of ``geo.messages``; problems also have ``remedy_zh`` and ``remedy_en``. A catalogue never holds
markup: every text is escaped where it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from geo.messages import Catalogue
from layers import words

LANGUAGES: tuple[str, ...] = ("zh", "en")
"""Languages of the interface, the first one is the default."""

HTML_LANGUAGE: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}
"""What the ``lang`` attribute of a page says."""

FRONTEND_CATALOGUES: tuple[str, ...] = (
    "map", "panels", "filters", "embeds", "notes", "scans", "surfaces", "overlay",
)  # fmt: skip
"""Catalogues whose keys the page hands to the browser."""

LATE: tuple[str, ...] = (
    "panels.overlay.", "panels.embed.", "panels.card.", "panels.figure.", "panels.stated.", "panels.table.",
    "panels.copy_failed", "notes.", "map.remote.", "map.measure.", "map.print.", "map.search.", "filters.", "scans.",
    "overlay.", "own.", "map.unit.m2", "map.unit.km2", "map.unit.mu", "panels.copied", "words.changes",
)  # fmt: skip
"""How keys begin that only programs use that come after the page has all that it shows (``frontend/src/soon.js``)."""

SOONER: frozenset[str] = frozenset({
    "map.search.label", "map.search.placeholder", "map.search.results", "filters.at_unit", "filters.clear",
    "filters.cluster", "filters.failed", "filters.here", "filters.open", "filters.title",
})  # fmt: skip
"""Keys among them that the page shows from the first."""

FOLDER = Path(__file__).parents[1] / "messages"

CATALOGUE = Catalogue(FOLDER, *words.CODES.paths)
"""All catalogues of the web together, with the words for codes; a key may be in one of them only."""


@cache
def ui(lang: str) -> Mapping[str, str]:
    """All texts in one language, placeholders left in; a missing translation falls back to Chinese.

    Example:
        >>> ui("en")["nav.about"]
        'About'
    """
    return CATALOGUE.language(lang)


@cache
def frontend(lang: str) -> Mapping[str, str]:
    """The texts that the page hands to the browser, in one language."""
    files = [FOLDER / f"{name}.toml" for name in FRONTEND_CATALOGUES]
    return {**Catalogue(*(file for file in files if file.exists())).language(lang), **words.CATALOGUE.language(lang)}


def late(lang: str) -> dict[str, str]:
    """Those of `frontend` that come with the programs that need them.

    Example:
        >>> "notes.color" in late("en"), "map.label" in late("en")
        (True, False)
    """
    return {key: said for key, said in frontend(lang).items() if key.startswith(LATE) and key not in SOONER}


def text(lang: str, key: str, **params: object) -> str:
    """One text for a page, with its placeholders (``{name}``) filled in by texts as they are.

    Raises:
        KeyError: No catalogue has the key: a fault of the program.
    """
    return CATALOGUE.filled(key, lang, **params)
