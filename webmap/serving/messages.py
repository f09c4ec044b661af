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

FRONTEND_CATALOGUES: tuple[str, ...] = ("map", "panels", "filters", "embeds", "notes", "overlay")
"""Catalogues whose keys the page hands to the browser."""

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


def text(lang: str, key: str, **params: object) -> str:
    """One text for a page, with its placeholders (``{name}``) filled in by texts as they are.

    Raises:
        KeyError: No catalogue has the key: a fault of the program.
    """
    return CATALOGUE.filled(key, lang, **params)
