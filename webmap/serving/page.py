"""Rendering templates: from the values given and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app

_REACH = ("request", "session", "g", "config", "url_for", "get_flashed_messages")
"""What Flask hands to every template beside its values: a page that used them would hold more than its key says."""


def prepare(app: Flask) -> None:
    """Set an app's templates up: the request is out of their reach."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for name in _REACH:
        app.jinja_env.globals.pop(name, None)


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """A template filled in with values; no context processor adds to them."""
    return current_app.jinja_env.get_template(template).render(values)
