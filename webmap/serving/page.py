"""The one frame of every page: templates are filled from the values given and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app
from jinja2 import StrictUndefined

from layers import words
from layers.edition.provenance import full_title
from webmap.serving import messages
from webmap.serving.encode import HTML_TYPE

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath fill='%23164a66' "
    "d='M3 7l9-4 9 4 8-4v22l-8 4-9-4-9 4z'/%3E%3Cpath fill='none' stroke='%23a9cde0' stroke-width='3' "
    "d='M4 22c8-2 10-12 24-13'/%3E%3C/svg%3E"
)
"""The site's mark, inside the page so that it costs no request."""

_REACH = ("request", "session", "g", "config", "url_for", "get_flashed_messages")
"""What Flask hands to every template beside its values: a page that used them would hold more than its key says."""


OPTIONAL: Mapping[str, Any] = {
    "downloads": [], "edition": "", "inline_picture": None, "newer": None, "other_lang": None, "page": "",
    "picture": "",
}  # fmt: skip
"""What a page may leave out; any other name that a template uses and no page gives is an error."""


def prepare(app: Flask) -> None:
    """Set an app's templates up: the request is out of their reach."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for name in _REACH:
        app.jinja_env.globals.pop(name, None)


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """A template filled in with values; no context processor adds to them."""
    return current_app.jinja_env.get_template(template).render(values)


def page_values(lang: str) -> dict[str, Any]:
    """What every page's template needs to know about its language."""
    return {
        "lang": lang,
        "html_lang": messages.HTML_LANGUAGE[lang],
        "t": lambda key, **params: messages.text(lang, key, **params),
        **OPTIONAL,
    }


def heading(plan: Mapping[str, Any], lang: str) -> dict[str, str]:
    """Title and subtitle of the plan, for the head of a page."""
    return {
        "plan_title": words.name(plan, lang, "short_title"),
        "plan_subtitle": " · ".join(
            part for part in (words.name(plan.get("district", {}), lang), str(plan.get("period", ""))) if part
        ),
        "description": full_title(plan, lang),
    }


def page_body(template: str, lang: str, policy: str, values: Mapping[str, Any]) -> tuple[bytes, str, dict[str, str]]:
    """A rendered page with the policy that it runs under."""
    html = rendered(template, {**page_values(lang), "icon": ICON, **values})
    return html.encode("utf-8", "replace"), HTML_TYPE, {"Content-Security-Policy": policy}
