"""Signing in and out, the first page for those who are signed in, and what all their pages have in common.

Nothing here is kept for others: these pages go past the bodies that the server keeps, and carry ``no-store``.
"""

from __future__ import annotations

import math
import secrets
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, current_app, request

from webmap.admin import pages
from webmap.admin.access import Access, Who, is_loopback_host, safe_next
from webmap.admin.folders import Folders, Place
from webmap.admin.gate import ADDRESS, LOGIN, TROUBLE, WHO, cookie_of, is_secure, site_of
from webmap.admin.jobs import REBUILD, Jobs
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.context import Context, context
from webmap.serving.edge import LONGEST_ADDRESS
from webmap.serving.encode import HTML_TYPE
from webmap.serving.errors import WebError
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.problems import PROBLEM, NotSignedInError, RefusedError, language

blueprint = Blueprint("admin", __name__)

ACCESS, FOLDERS = "planmap.access", "planmap.folders"
LONGEST_FIELD = 500
KEPT = "private, max-age=86400"
"""What the browser of who is signed in may keep: a picture whose address changes with its content."""


def prepare(app: Flask, access: Access, folders: Folders, library: Any) -> Flask:
    """Make an application without pages the one for those who are signed in."""
    app.extensions |= {"planmap": library, ACCESS: access, FOLDERS: folders}
    app.register_blueprint(blueprint)
    app.before_request(_admit)
    app.after_request(_for_one)
    return app


def access() -> Access:
    """Who may do what on this server."""
    found: Access = current_app.extensions[ACCESS]
    return found


def who() -> Who | None:
    """Who the request is from."""
    found: Who | None = request.environ.get(WHO)
    return found


def signed_in(what: int) -> Who:
    """Who the request is from, when they may do something.

    Raises:
        NotSignedInError: Nobody is signed in.
        RefusedError: They may not.
    """
    found = who()
    if found is None:
        raise NotSignedInError("admin.signed_out")
    if not found.may(what):
        raise RefusedError("admin.not_allowed", name=found.name)
    return found


def known_place() -> Place | None:
    """The plan folder of the page's plan; None when none is known."""
    folders: Folders = current_app.extensions[FOLDERS]
    ctx = context()
    return folders.place(ctx) if ctx.store.hash else None


def needed_place() -> Place:
    """The plan folder of the page's plan.

    Raises:
        RefusedError: None is known.
    """
    found = known_place()
    if found is None:
        raise RefusedError("admin.import.unknown_folder")
    return found


def begin_rebuild(name: str, place: Place) -> Response:
    """Begin to build the edition of a folder as it is; leads to the page of imports, which shows how far it is.

    Args:
        name: Of who wants it.
        place: The folder.
    """
    found = Jobs(context().shelf.path)
    job = found.make(place, access().settings.keep_editions, name)
    try:
        found.start(job, REBUILD)
    except Exception:
        found.drop(job)
        raise
    return goes(f"{where()['root']}/admin/import/{job.id}")


def where() -> dict[str, str]:
    """What stands before the addresses of plan and site, and this page's own path, fit for links."""
    root = quote(request.script_root, safe="/~")
    return {"root": root, "site": quote(site_of(request.environ), safe="/~"), "here": root + quote(request.path)}


def html(template: str, ctx: Context, values: dict[str, Any], status: int = 200) -> Response:
    """A page as an answer."""
    lang = language(request)
    return Response(pages.page(template, ctx, who(), lang, where(), values), status=status, content_type=HTML_TYPE)


def goes(address: str, **params: str | None) -> Response:
    """Go on there, by GET, in the same language."""
    return _there(with_query(address, **params, lang=asked_for(language(request))))


def _there(address: str) -> Response:
    """The address is a path of ours: it names no host, and none is put before it."""
    found = Response(status=303, headers={"Location": quote(address, safe="/?&=%~:@!$'()*+,;#")})
    found.autocorrect_location_header = False
    return found


def _admit() -> Response | None:
    """What every request is asked before its page."""
    scope = request.environ
    if len(scope.get("PATH_INFO", "")) + len(scope.get("QUERY_STRING", "")) > LONGEST_ADDRESS:
        abort(414)
    if LOGIN in scope:  # WSGI has the bytes of a path as Latin-1
        return _to_login(quote(scope[LOGIN].encode("latin-1")))
    signed_out = request.path.startswith("/admin") and who() is None
    if signed_out and (TROUBLE not in scope or isinstance(scope[TROUBLE], NotSignedInError)):
        return _to_login(where()["here"] if request.method in ("GET", "HEAD") else "")
    if TROUBLE in scope:
        raise scope[TROUBLE]
    if PROBLEM in scope:
        raise scope[PROBLEM]
    if request.method == "POST":
        guest = cookie_of(scope, access().guest_cookie)
        signed = None if request.path == "/login" else who()
        if not access().same_mark(signed, guest, request.form.get("mark", "")[:200]):
            raise RefusedError("admin.old_form")
    return None


def _to_login(path: str) -> Response:
    query = f"?{request.query_string.decode('latin-1')}" if path and request.query_string else ""
    return goes(f"{where()['site']}/login", next=path + query)


def _for_one(response: Response) -> Response:
    """No cache keeps it, no other site shows it in a frame or sends a form to it."""
    if response.headers.get("Cache-Control") != KEPT:
        response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Cookie"
    response.headers["Content-Security-Policy"] = content_policy(frame_ancestors="'none'", forms=True)
    response.headers["X-Frame-Options"] = "DENY"
    # With no-referrer browsers would say "Origin: null" of our own forms.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _set(response: Response, name: str, value: str, *, strict: bool = False) -> None:
    """A cookie that no script reads, for this server's addresses only; it ends with the browser."""
    response.set_cookie(
        name, value, path=where()["site"] or "/", httponly=True, samesite="Strict" if strict else "Lax",
        secure=is_secure(request.environ, access().settings.origin),
    )  # fmt: skip


def _begun(found: Who, next_: str) -> Response:
    response = goes(next_) if next_.endswith("/admin") else _there(next_)
    _set(response, access().cookie, found.token)
    response.delete_cookie(access().guest_cookie, path=where()["site"] or "/")
    return response


@blueprint.get("/login")
def login() -> Response:
    """The form; or, with the token of ``--edit``, a session."""
    token = request.args.get("token", "")[:200]
    site = where()["site"]
    next_ = safe_next(request.args.get("next", ""), site)
    if token:
        if not is_loopback_host(request.headers.get("Host", "")):
            raise RefusedError("admin.other_host", host=request.headers.get("Host", "")[:100])
        found = access().by_token(token) if request.method == "GET" else None
        if found is None:
            raise RefusedError("admin.used_token")
        access().note(found.name, "local", "", request.environ[ADDRESS])
        return _begun(found, next_)
    return _login_page(next_)


def _login_page(next_: str, name: str = "", trouble: str = "", status: int = 200, wait: float = 0.0) -> Response:
    guest = cookie_of(request.environ, access().guest_cookie) or secrets.token_urlsafe(24)
    lang = language(request)
    mark = access().guest_mark(guest)
    values = pages.login_values(access(), lang, mark=mark, next_=next_, name=name, trouble=trouble)
    response = html("admin_login.html", context(), values, status)
    _set(response, access().guest_cookie, guest, strict=True)
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


@blueprint.post("/login")
def sign_in() -> Response:
    """A name and a password."""
    lang = language(request)
    next_ = safe_next(request.form.get("next", ""), where()["site"])
    name, password = (request.form.get(field, "")[:LONGEST_FIELD] for field in ("name", "password"))
    if access().nobody:
        return _login_page(next_, status=403)
    found, wait = access().by_password(name, password, request.environ[ADDRESS])
    if wait:
        trouble = text(lang, "admin.wait", minutes=math.ceil(wait / 60))
        return _login_page(next_, name, trouble, 429, wait)
    if found is None:
        return _login_page(next_, name, text(lang, "admin.wrong"), 403)
    old = who()
    if old is not None:
        access().end(old)
    return _begun(found, next_)


@blueprint.post("/logout")
def sign_out() -> Response:
    """End the session."""
    found = signed_in(0)
    access().end(found)
    access().note(found.name, "signed_out", "", request.environ[ADDRESS])
    response = goes(f"{where()['site']}/login")
    response.delete_cookie(access().cookie, path=where()["site"] or "/")
    return response


@blueprint.get("/admin")
def overview() -> Response:
    """What there is to do, and the account."""
    done = text(language(request), "admin.password_done") if request.args.get("done") == "password" else ""
    return _overview(done=done)


def _overview(trouble: str = "", done: str = "", status: int = 200) -> Response:
    found, ctx, lang = signed_in(0), context(), language(request)
    values = pages.overview_values(access(), current_app.extensions[FOLDERS], ctx, found, lang, where()["site"])
    return html("admin.html", ctx, {**values, "trouble": trouble, "done": done}, status)


@blueprint.post("/admin/password")
def password() -> Response:
    """Another password; the session goes on under a new token, all others end."""
    found, lang = signed_in(0), language(request)
    if found.local:
        raise RefusedError("admin.not_allowed", name=found.name)
    old, new, again = (request.form.get(field, "")[:LONGEST_FIELD] for field in ("old", "new", "again"))
    if new != again:
        return _overview(text(lang, "admin.not_twice"), status=400)
    try:
        renewed, wait = access().new_password(found, old, new, request.environ[ADDRESS])
    except WebError as error:
        if error.key != "people.weak_password":
            raise
        return _overview(error.message(lang), status=400)
    if wait:
        return _overview(text(lang, "admin.wait", minutes=math.ceil(wait / 60)), status=429)
    if renewed is None:
        return _overview(text(lang, "admin.wrong_old"), status=403)
    response = goes(f"{where()['site']}/admin", done="password")
    _set(response, access().cookie, renewed.token)
    return response
