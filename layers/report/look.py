"""The look of documents: colours, fonts and sizes, as ``look.toml`` has them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def look() -> dict[str, dict[str, Any]]:
    """Tables ``colour``, ``word``, ``pdf``, ``size`` (points) and ``page`` (millimetres).

    Example:
        >>> look()["page"]["width"]
        210
    """
    return tomllib.loads(Path(__file__).with_name("look.toml").read_text(encoding="utf-8"))
