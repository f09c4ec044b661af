"""What every request passes first, and every answer last: limits, the mount point, whole bodies."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, current_app, request
from werkzeug.exceptions import PreconditionFailed

from webmap.serving.context import Context, context
from webmap.serving.encode import STREAMED
from webmap.serving.headers import content_policy
from webmap.serving.library import Library
from webmap.serving.mounts import pin
from webmap.serving.problems import PINNED, PROBLEM
from webmap.serving.recent import KEPT, Key, Recent, Sent, key_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOG = logging.getLogger("planmap.web")

LONGEST_ADDRESS = 8190
"""Characters of path and query; longer ones are answered with 414."""
LONGEST_BODY = 64 * 1024
"""Bytes of a request's body, which nothing here reads; longer ones are answered with 413."""

_FAULT = "服务器出了问题，已记入日志。Something went wrong on the server; it has been logged.\n".encode()


Rest = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]
Run = Callable[["WSGIApplication", "WSGIEnvironment", "StartResponse"], Iterable[bytes]]
Gate = Callable[["WSGIEnvironment", "StartResponse", Any, Rest, Run], Iterable[bytes]]
"""Answers a request by itself, or lets it pass: gets the request, its body unread, what comes behind, and what runs an
application of its own."""

Direct = Callable[[Context, "WSGIEnvironment"], "Sent | None"]
"""Answers a request, or gives None for one that goes the whole way."""


def mount(
    app: Flask, prefix: str, library: Library, site: Context | None = None, plans: Flask | None = None,
    gate: Gate | None = None, direct: Direct | None = None,
) -> None:  # fmt: skip
    """Put the edge before the app.

    Args:
        app: The application.
        library: The plans.
        site: What belongs to no plan, when there are several.
        plans: The application for what belongs to a plan, when that is another.
        prefix: Path under which a reverse proxy shows the server, or empty. A request may come with it or, as some
            proxies send it, without.
        gate: What a request passes before anything is answered; None lets everything pass.
        direct: Answers the plainest questions to a plan without the framework.
    """
    inner, recent = app.wsgi_app, Recent()
    other = inner if plans is None else plans.wsgi_app

    def edge(scope: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Nothing is read from a client that sends its body slowly, unless the gate does.
        sent, scope["wsgi.input"] = scope.get("wsgi.input"), io.BytesIO()
        if prefix:
            path = scope.get("PATH_INFO", "")
            scope["SCRIPT_NAME"] = prefix
            if path == prefix or path.startswith(prefix + "/"):
                scope["PATH_INFO"] = path[len(prefix) :] or "/"
        own = PINNED in scope  # what the server asks itself, to be ready
        of_plan = pin(library, scope, site)

        def rest(scope: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            return answered(scope, start_response, of_plan=of_plan)

        return rest(scope, start_response) if gate is None or own else gate(scope, start_response, sent, rest, run)

    def run(inside: WSGIApplication, scope: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return _whole(inside, scope, start_response, recent, None)

    def answered(scope: WSGIEnvironment, start_response: StartResponse, *, of_plan: bool) -> Iterable[bytes]:
        key = key_of(scope, scope[PINNED].tag) if of_plan and PROBLEM not in scope else None
        found = recent.get(key) if key else None
        if found is not None:
            start_response(found[0], list(found[1]))
            return found[2]
        sent = direct(scope[PINNED], scope) if direct and key else None
        if sent is not None:
            if key and KEPT in scope:
                recent.keep(key, (sent[0], list(sent[1]), sent[2]))
            start_response(sent[0], list(sent[1]))
            return sent[2]
        return _whole(other if of_plan else inner, scope, start_response, recent, key)

    app.wsgi_app = edge  # type: ignore[method-assign, assignment]
    for one in {app, plans or app}:
        one.before_request(_limit)
        one.after_request(_unless_changed)
        one.after_request(_say_edition)


def _say_edition(response: Response) -> Response:
    """Every answer says which edition it is of."""
    edition = context().store.hash
    if edition:
        response.headers["Planmap-Edition"] = edition
    return response


def _unless_changed(response: Response) -> Response:
    """Nothing of a body that is another than the one asked for by ``If-Match``, as who goes on with a download does."""
    wanted, (tag, weak) = request.if_match, response.get_etag()
    changed = "If-Match" in request.headers and not wanted.star_tag and (not tag or weak or not wanted.is_strong(tag))
    if not changed or response.status_code not in (200, 206):
        return response
    response.close()
    return current_app.make_response(current_app.handle_user_exception(PreconditionFailed()))


def _limit() -> None:
    """Refuse what is longer than anything of ours, and what names a plan or an edition that there is not."""
    scope = request.environ
    if len(scope.get("PATH_INFO", "")) + len(scope.get("QUERY_STRING", "")) > LONGEST_ADDRESS:
        abort(414)
    if (request.content_length or 0) > LONGEST_BODY:
        abort(413)
    if PROBLEM in scope:
        raise scope[PROBLEM]


def _whole(
    app: WSGIApplication, scope: WSGIEnvironment, start_response: StartResponse, recent: Recent, key: Key | None
) -> Iterable[bytes]:
    """The app's answer as one list: the server sends a list by itself, while an iterator would hold a thread.

    A file on disk, which may be larger than the memory, is sent piece by piece all the same.

    A fault outside the app's own error pages still gets an answer with security headers.
    """
    started: list[Any] = []

    def remember(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
        started[:] = [status, headers]
        return lambda _part: None

    try:
        answer = app(scope, remember)
        if STREAMED in scope:
            start_response(*started)
            return answer
        try:
            body = list(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        status, headers = started
        if key is not None and KEPT in scope and status.startswith("200"):
            recent.keep(key, (status, list(headers), body))
    except Exception:
        LOG.exception("%s failed", scope.get("REQUEST_METHOD", ""))
        body = [_FAULT]
        status = "500 Internal Server Error"
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(_FAULT))),
            ("Content-Security-Policy", content_policy()),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
    start_response(status, headers)
    return body
