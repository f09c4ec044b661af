"""``/download``: the edition and its layers as files."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("download", __name__)
