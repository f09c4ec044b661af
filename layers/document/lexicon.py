"""The words that the rules know: of the genre, never of a place. They are data in the files beside this module."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """One file of words.

    Args:
        name: ``figures``, ``names``, ``suffixes`` or ``words``.
    """
    return tomllib.loads((files("layers.document") / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def genre_words() -> frozenset[str]:
    """Words of the genre that are in no name by themselves: 产业, 省级, 示范."""
    return frozenset(" ".join(table("names")["general"].values()).split())


@cache
def general_words() -> frozenset[str]:
    """Words that are no names: of the language, and of the genre."""
    return frozenset(table("words")["words"].split()) | genre_words()
