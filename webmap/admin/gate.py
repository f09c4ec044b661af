"""What every request passes first: the pages for those who are signed in, and, when reading is closed, everything.

Pages for reading are the same for everybody and kept for all; who asks for them is looked at here alone, where none of
them is made. What is made for one person goes through an application of its own that keeps nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import PlanmapError
from webmap.admin import bodies
from webmap.admin.access import EDIT, PUBLISH, READ, Access, Who, is_loopback_host
from webmap.serving.context import Context
from webmap.serving.origin import from_us
from webmap.serving.problems import PINNED, PROBLEM, SITE, NotSignedInError, RefusedError, for_programs

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Rest = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]
Run = Callable[["WSGIApplication", "WSGIEnvironment", "StartResponse"], Iterable[bytes]]

WHO, TROUBLE, ADDRESS, LOGIN = "planmap.who", "planmap.trouble", "planmap.address", "planmap.login"
"""What a request's environment says: who it is from, what was wrong before it was read, where it came from, and the
path that has to be signed in for first."""
LONGEST_FORM = 16 * 1024
"""Bytes of a form without a file."""
_OURS = re.compile(r"/(login|logout|admin)(?=/|$)")
WIDEST_FORM = 256 * 1024
"""Bytes of a form with fields for every township."""
_WIDE = ("/admin/scenarios/look", "/admin/scenarios/save")
_UPLOADS = {
    "/admin/import": PUBLISH, "/admin/observations": EDIT, "/admin/scans": PUBLISH, "/admin/reading": PUBLISH,
}  # fmt: skip
"""Where files are sent to, and who may send them."""
_AGAIN = re.compile(r"/admin/import/[0-9a-f]{16}/again")
"""Where a grid may come after the file that wants it."""
LARGEST_SHEET = 17_000_000
"""Bytes of a form with a sheet: a little more than the sheet may have."""
LONGEST_DRAWING = 600_000
"""Bytes of a form with control points, or with a shape that somebody has drawn."""
_DRAWINGS = "/admin/scan/"
_OPEN = re.compile(r"/healthz|/static/.*")
_EDITION = re.compile(r"/e/[0-9a-f]{8,64}$")


class Gate:
    """Stands before the pages of a server.

    Args:
        access: Who may do what.
        admin: The application for those who are signed in.
        folder: Where bodies are put while they are read.
        nothing: What the pages of a closed server speak of to those who are not signed in.
    """

    def __init__(self, access: Access, admin: WSGIApplication, folder: Path, nothing: Context) -> None:
        self.access, self._admin, self._folder, self._nothing = access, admin, folder, nothing

    def __call__(
        self, scope: WSGIEnvironment, start_response: StartResponse, body: Any, rest: Rest, run: Run
    ) -> Iterable[bytes]:
        """Answer a request, or let it pass."""
        path = scope.get("PATH_INFO", "")
        if _OURS.match(path) and not _EDITION.search(scope.get("SCRIPT_NAME", "")):
            try:
                self._check(scope, body, path)
            except PlanmapError as error:
                scope[TROUBLE] = error
            if self.access.closed and scope.get(WHO) is None:
                self._hide(scope)
            return run(self._admin, scope, start_response)
        if not self.access.closed or _OPEN.fullmatch(path):
            return rest(scope, start_response)
        try:
            who = self._who(scope)
        except PlanmapError as error:
            scope[TROUBLE] = error
            self._hide(scope)
            return run(self._admin, scope, start_response)
        if who is not None and who.may(READ):
            return rest(scope, _private(start_response))
        if for_programs(path) or scope.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            scope[TROUBLE] = NotSignedInError("admin.closed")
        else:
            scope[LOGIN] = scope.get("SCRIPT_NAME", "") + path
        self._hide(scope)
        return run(self._admin, scope, start_response)

    def _hide(self, scope: WSGIEnvironment) -> None:
        """Nothing of a plan, not even whether there is one of a name, is told to those who may not read."""
        scope[PINNED] = self._nothing
        scope["SCRIPT_NAME"] = site_of(scope)
        scope.pop(PROBLEM, None)

    def _check(self, scope: WSGIEnvironment, body: Any, path: str) -> None:
        """Who it is from, and whether what it sends may be read; then it is read.

        Raises:
            RefusedError: It comes from another site's page, or is too large.
            NotSignedInError: It sends something, and nobody is signed in.
        """
        host = scope.get("HTTP_HOST", "")
        if self.access.settings.edit and not is_loopback_host(host):
            raise RefusedError("admin.other_host", host=host[:100])
        scope[ADDRESS] = address_of(scope, self.access.settings.proxies)
        scope[WHO] = who = self._who(scope)
        if scope.get("REQUEST_METHOD") != "POST":
            return
        if not from_us(scope, self.access.settings.origin):
            raise RefusedError("admin.other_origin")
        if who is None and path != "/login":
            raise NotSignedInError("admin.signed_out")
        settings = self.access.settings
        right = PUBLISH if _AGAIN.fullmatch(path) else _UPLOADS.get(path)
        large = who is not None and right is not None and who.may(right)
        files = LARGEST_SHEET if path == "/admin/observations" else settings.upload_mb * 1_000_000
        wide = path in _WIDE and who is not None and who.may(EDIT)
        drawn = who is not None and path.startswith(_DRAWINGS) and who.may(PUBLISH)
        most = files if large else LONGEST_DRAWING if drawn else WIDEST_FORM if wide else LONGEST_FORM
        length = scope.get("CONTENT_LENGTH") or ""
        near, port = str(scope.get("REMOTE_ADDR", "")), int(scope.get("SERVER_PORT") or 0)

        def cut() -> None:
            bodies.cut_off(near, port)

        scope["wsgi.input"] = bodies.taken(body, length, most, settings.read_timeout, self._folder, cut, large=large)

    def _who(self, scope: WSGIEnvironment) -> Who | None:
        return self.access.who(cookie_of(scope, self.access.cookie))


def cookie_of(scope: WSGIEnvironment, name: str) -> str:
    """The value of a cookie; "" when it is not there."""
    try:
        found = SimpleCookie(scope.get("HTTP_COOKIE", "")[:8192])
    except CookieError:
        return ""
    return found[name].value if name in found else ""


def address_of(scope: WSGIEnvironment, proxies: int) -> str:
    """Where a request came from: what the outermost proxy of ours saw, never what a client says of itself.

    Args:
        scope: The request.
        proxies: How many proxies of ours stand before the server; each adds the address that it sees.
    """
    near = str(scope.get("REMOTE_ADDR", ""))
    if near.startswith("["):
        near = near[1:].partition("]")[0]
    elif near.count(":") == 1:  # with a port
        near = near.partition(":")[0]
    seen = [one.strip() for one in scope.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()]
    return seen[-proxies][:60] if proxies and len(seen) >= proxies else near


def is_secure(scope: WSGIEnvironment, stated: str) -> bool:
    """Whether people reach the server by https."""
    if stated:
        return stated.startswith("https://")
    return "https" in (scope.get("HTTP_X_FORWARDED_PROTO", ""), scope.get("wsgi.url_scheme", ""))


def site_of(scope: WSGIEnvironment) -> str:
    """What stands before the addresses of the site."""
    return str(scope.get(SITE, scope.get("SCRIPT_NAME", "")))


def _private(start_response: StartResponse) -> StartResponse:
    """What is only for those who are signed in is in no cache that others share."""

    def started(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
        told = [(name, value) for name, value in headers if name.lower() not in ("cache-control", "vary")]
        given = {name.lower(): value for name, value in headers}
        caching = given.get("cache-control", "no-cache").replace("public, ", "")
        # A page that a browser may show without asking would be seen after signing out, too.
        caching = "no-cache" if caching.startswith("private, max-age") else caching
        vary = ", ".join(one for one in (given.get("vary", ""), "Cookie") if one)
        return start_response(status, [*told, ("Cache-Control", f"private, {caching}"), ("Vary", vary)], error)

    return started
