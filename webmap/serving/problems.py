"""What goes wrong on the web: error classes, one table from class to HTTP status, and the two ways to say it.

Under ``/api``, ``/ogc``, ``/figures`` and ``/download`` a problem is ``application/problem+json`` (RFC 9457);
elsewhere, and for a browser that follows a link to a file, it is a page; both in the language asked for with ``lang``.
What people read is apart from what the log keeps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Request, Response, current_app, request
from werkzeug.exceptions import HTTPException

from geo.errors import PlanmapError
from webmap.serving import messages
from webmap.serving.addresses import language_link, page_urls
from webmap.serving.encode import HTML_TYPE, json_bytes
from webmap.serving.errors import WebError
from webmap.serving.page import ICON, page_values, rendered

LOG = logging.getLogger("planmap.web")

PINNED, SITE, PROBLEM = "planmap.context", "planmap.site", "planmap.problem"
"""What a request's environment holds of ours: its context, what stands before the addresses of the site, and what was
wrong with the part of its address that names a plan or an edition."""

PROBLEM_TYPE = "application/problem+json"

REPORTS: dict[str, Callable[[Mapping[str, Any]], tuple[bytes, str]]] = {}
"""Addresses whose clients know problems in a form of their own: it makes that and its media type of a description."""


class NotKnownError(WebError):
    """A part of the address names something that the edition does not have.

    Args:
        key: Key in errors.toml.
        choices: What would have been valid.
        params: Values for the message.
    """

    def __init__(self, key: str, *, choices: Iterable[str] = (), **params: Any) -> None:
        super().__init__(key, choices=list(choices), **params)

    @property
    def choices(self) -> list[str]:
        """What would have been valid."""
        return list(self.params["choices"])


class BadParameterError(NotKnownError):
    """A query parameter has a value that it cannot have."""


class NotReadyError(WebError):
    """The server lacks something that it needs, such as the built bundle."""


class NotOpenedError(WebError):
    """An edition cannot be opened; others can."""


class LedgerAwayError(WebError):
    """The ledger cannot be asked just now."""


class BusyError(WebError):
    """The server is making as many files as it can."""


class StorageError(WebError):
    """The server cannot keep the file that it was asked for."""


class FullError(StorageError):
    """The disk for prepared files is full."""


class NotSignedInError(WebError):
    """Only for those who are signed in."""


class RefusedError(WebError):
    """Not for this person, or not from this page."""


STATUS: Mapping[type[Exception], int] = {
    BadParameterError: 400,
    NotKnownError: 404,
    NotReadyError: 503,
    NotOpenedError: 503,
    LedgerAwayError: 503,
    BusyError: 503,
    NotSignedInError: 401,
    RefusedError: 403,
    StorageError: 503,
    FullError: 507,
    WebError: 500,
    PlanmapError: 400,
    Exception: 500,
}
"""Error class → HTTP status; the nearest class in the error's line of descent counts."""


def status_of(error: BaseException) -> int:
    """The HTTP status for an error.

    Example:
        >>> status_of(BadParameterError("error.unknown_view", value="x"))
        400
    """
    if isinstance(error, HTTPException):
        return error.code or 500
    return next((STATUS[cls] for cls in type(error).__mro__ if cls in STATUS), 500)


def for_programs(path: str) -> bool:
    """Whether a path is one that programs ask for: data, files, health.

    Example:
        >>> for_programs("/api/layers"), for_programs("/list")
        (True, False)
    """
    return path.startswith(("/api", "/download", "/figures", "/healthz", "/ogc", "/oembed", "/scan/"))


def _as_page(asked: Request) -> bool:
    """Whether a problem is told as a page: but for programs, and a browser that follows a link to a file is none."""
    if asked.path.startswith(("/download", "/figures", "/ogc")):
        offered = [PROBLEM_TYPE, "application/json", "text/html"]
        return asked.accept_mimetypes.best_match(offered, PROBLEM_TYPE) == "text/html"
    return not for_programs(asked.path)


def language(asked: Request) -> str:
    """The language of a request: its ``lang`` when valid, else the default. Never raises."""
    lang = asked.args.get("lang", "")
    return lang if lang in messages.LANGUAGES else messages.LANGUAGES[0]


def register(app: Flask) -> None:
    """Let the app answer every error by the table above."""
    app.register_error_handler(HTTPException, _respond)
    app.register_error_handler(PlanmapError, _respond)
    app.register_error_handler(Exception, _respond)


def _respond(error: Exception) -> Response:
    status = status_of(error)
    lang = language(request)
    if status >= 500:
        LOG.error("%s %s failed", request.method, request.path[:200], exc_info=error)
    problem = describe(error, status, lang)
    if request.path in REPORTS:
        report, kind = REPORTS[request.path](problem)
        response = Response(report, status=status, content_type=kind)
    elif not _as_page(request):
        body = {
            "type": problem["type"],
            "title": problem["title"],
            "status": status,
            "detail": problem["detail"],
            "instance": (request.script_root + request.path)[:500],
        }
        body |= {key: problem[key] for key in ("remedy", "choices") if problem[key]}
        response = Response(json_bytes(body), status=status, content_type=PROBLEM_TYPE)
    else:
        page = _page(lang, status, problem)
        response = Response(page, status=status, content_type=HTML_TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    if isinstance(error, BusyError):
        response.headers["Retry-After"] = "5"
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name.lower() in ("allow", "location", "retry-after"):
                response.headers[name] = value
    return response


def _page(lang: str, status: int, problem: Mapping[str, Any]) -> str:
    ctx = request.environ.get(PINNED) or current_app.extensions["planmap"].only
    plan = ctx.store.plan
    title = str((plan.get("short_title_en") if lang == "en" else "") or plan.get("short_title", ""))
    root = quote(request.script_root, safe="/~")
    values = {
        **page_values(lang),
        "page": "error",
        "title": f"{status} · {problem['title']}",
        "plan_title": title,
        "plan_subtitle": str(plan.get("period", "")),
        "description": problem["title"],
        "icon": ICON,
        "styles": [request.environ.get(SITE, root) + ctx.bundle.address("pages.css")],
        "urls": page_urls(root, lang),
        "other_lang": language_link(lang, lambda other: _same_address(root, other)),
        "status": status,
        "problem": problem,
    }
    return rendered("error.html", values)


LONGEST_LINK = 500
"""Characters of an address that an error's page repeats."""


def _same_address(root: str, lang: str) -> str:
    """What was asked for, in another language: it stays on this host, and an address without end leads to the map."""
    path = "/" + quote(request.path.lstrip("/"), safe="/~", errors="replace")
    given = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    address = f"{root}{path}?{urlencode([*given, ('lang', lang)], errors='replace')}"
    return address if len(address) <= LONGEST_LINK else page_urls(root, lang)["map"]


def describe(error: Exception, status: int, lang: str) -> dict[str, Any]:
    """What to tell people about an error: type, title, detail, remedy, choices. Nothing of the program's inside."""
    title = _status_text(status, "title", lang)
    detail = _status_text(status, "detail", lang)
    remedy, choices, kind = "", [], f"http-{status}"
    if isinstance(error, PlanmapError) and status != 500:
        detail, remedy, kind = error.message(lang), error.remedy(lang), error.key.replace(".", "-").replace("_", "-")
        choices = error.choices if isinstance(error, NotKnownError) else []
    return {"type": f"urn:planmap:{kind}", "title": title, "detail": detail, "remedy": remedy, "choices": choices}


def _status_text(status: int, part: str, lang: str) -> str:
    for name in (str(status), f"{status // 100}xx"):
        key = f"status.{name}.{part}"
        if key in messages.CATALOGUE:
            return messages.text(lang, key)
    return messages.text(lang, f"status.5xx.{part}")
