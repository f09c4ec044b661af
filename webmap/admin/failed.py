"""What went wrong with a piece of work, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webmap.serving.messages import CATALOGUE


def failure(state: Mapping[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
    """The error of a work's state, {} where there is none, and what it says with its remedy.

    Example:
        >>> failure({"lost": False}, "en")
        ({}, [])
    """
    error: dict[str, Any] = {"key": "admin.import.lost"} if state["lost"] else dict(state.get("error") or {})
    said = error.get("said", {}).get(lang)
    if error and not said:
        said = [CATALOGUE.text(error["key"], lang), CATALOGUE.remedy(error["key"], lang)]
    return error, said or []
