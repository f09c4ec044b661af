"""Colours of a figure's furniture, from ``layers/paper.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

_COLORS = tomllib.loads(Path(__file__).parents[1].joinpath("paper.toml").read_text("utf-8"))
INK = str(_COLORS["ink"])
GREY = str(_COLORS["grey"])
MISSING = str(_COLORS["missing"])
RING = str(_COLORS["ring"])
RULE = str(_COLORS["rule"])
TARGET = str(_COLORS["target"])
NOTES = {str(name): str(color) for name, color in _COLORS["note"].items()}
