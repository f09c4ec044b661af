"""Questions to a collection, answered without the framework: pages, boxes, filters, single features, vector tiles.

What a framework does for a request takes longer than the answer, which is joined from what is encoded already. The
plainest are read here, others by the parameters that the route declares. A request for a page, or one that has anything
wrong with it, is left to `webmap.ogc.routes`; both give the same bytes and headers
(``tests/test_webmap_ogc_direct.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote_plus

from layers.service.errors import ServiceError
from layers.service.grids import GRIDS, LEVELS
from layers.service.systems import CRS84
from webmap.ogc.answers import OPEN
from webmap.ogc.features import SYSTEM, Answer, asked_page, one_feature
from webmap.ogc.parameters import (
    FEATURES_FORMAT,
    ITEMS,
)  # fmt: skip
from webmap.ogc.plain import plain_page
from webmap.ogc.routes import SHOWN
from webmap.ogc.service import Service, service
from webmap.ogc.tile_routes import LAYER_TILE
from webmap.ogc.tiling import MVT, tile
from webmap.serving.asking import LANG, Wanted, preferred
from webmap.serving.context import Context
from webmap.serving.encode import GEOJSON_TYPE
from webmap.serving.headers import SECURITY
from webmap.serving.problems import SITE, NotKnownError
from webmap.serving.quick import MARK, PACKED, Data, always, origin_of, sent, sent_kept
from webmap.serving.recent import KEPT

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from webmap.serving.recent import Sent

_PATH = re.compile(r"/ogc/collections/([a-z0-9_-]+)/items(?:/([a-z0-9_/-]+))?")
_PLACE = r"(0|[1-9][0-9]{0,8})"
_TILE = re.compile(rf"/ogc/collections/([a-z0-9_-]+)/tiles/([A-Za-z0-9]+)/{_PLACE}/{_PLACE}/{_PLACE}")
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_RANGE", "HTTP_TRANSFER_ENCODING")
_LONGEST = 4000
_READ = frozenset(one.name for one in ITEMS) - {FEATURES_FORMAT.name, LANG.name}
"""What is read here; the form and the language of an answer are the route's business."""


@lru_cache(maxsize=256)
def _quoted(script: str) -> str:
    return quote(script, safe="/~")


def direct(ctx: Context, scope: WSGIEnvironment) -> Sent | None:
    """The answer to a request; None for one that goes the whole way.

    Args:
        ctx: The edition's context.
        scope: The request's environment, what names plan and edition in ``SCRIPT_NAME``.
    """
    path, query, script = scope.get("PATH_INFO", ""), scope.get("QUERY_STRING", ""), scope.get("SCRIPT_NAME", "")
    found = _PATH.fullmatch(path)
    if found is None:
        return _tile(ctx, scope, path)
    if not _plain(ctx, scope) or not _as_data(scope.get("HTTP_ACCEPT")):
        return None
    if found[1] not in ctx.store.layers:
        return None
    if found[2] is not None and query:
        return None
    root, site = _quoted(script), _quoted(str(scope.get(SITE, script)))
    known = service(ctx)
    try:
        if found[2] is not None:
            made = one_feature(known, Wanted("", root, path, (), (), site), found[1], found[2], CRS84)
        else:
            asked = _Asked(root, path, site, found[1], query)
            made = plain_page(known, root, path, found[1], query) or _any_page(ctx, known, asked, scope)
    except (ServiceError, NotKnownError):  # said in words by the route
        return None
    return _sent(ctx, scope, *made) if made is not None else None


class _Asked(NamedTuple):
    """What a page is asked for with: what stands before addresses, the path, what stands before those of the site."""

    root: str
    path: str
    site: str
    layer: str
    query: str

    def wanted(self, values: Iterable[tuple[str, str]], given: Iterable[tuple[str, str]]) -> Wanted:
        return Wanted("", self.root, self.path, tuple(values), tuple(given), self.site)


def _any_page(
    ctx: Context, known: Service, asked: _Asked, scope: WSGIEnvironment
) -> tuple[Answer, dict[str, str]] | None:
    """A page of whatever is asked for by parameters that the route declares."""
    values = _declared(ctx, asked.layer, asked.query)
    if values is None:
        return None
    usual = {one.name: one.default for one in ITEMS}
    said = ((name, value) for name, value in values.items() if value != usual.get(name, value))
    made = asked_page(known, asked.wanted(values.items(), said))
    scope[KEPT] = True  # such a question may take a while
    return made


def _plain(ctx: Context, scope: WSGIEnvironment) -> bool:
    """Whether nothing of a request but its address says what is wanted."""
    script = scope.get("SCRIPT_NAME", "")
    plain = scope.get("REQUEST_METHOD") == "GET" and not any(one in scope for one in _CONDITIONS)
    plain = plain and scope.get("CONTENT_LENGTH", "") in ("", "0") and not ctx.settings.debug
    plain = plain and len(scope.get("PATH_INFO", "")) + len(scope.get("QUERY_STRING", "")) < _LONGEST
    return plain and script.isascii() and not script.endswith("/")


def _tile(ctx: Context, scope: WSGIEnvironment, path: str) -> Sent | None:
    """A vector tile of a collection with its usual properties, kept under the same key as the route keeps it."""
    script = scope.get("SCRIPT_NAME", "")
    found = _TILE.fullmatch(path)
    if found is None or scope.get("QUERY_STRING") or not _plain(ctx, scope) or found[1] not in ctx.store.layers:
        return None
    if found[2] not in GRIDS or int(found[3]) >= LEVELS:
        return None
    root, site = _quoted(script), _quoted(str(scope.get(SITE, script)))
    values = tuple(
        zip(("collection", "grid", "level", "row", "column", "properties"), (*found.groups(), ""), strict=True)
    )
    wanted = Wanted(LAYER_TILE, root, path, values, (), site)

    def make() -> tuple[bytes, str, dict[str, str]]:
        return tile(service(ctx), [found[1]], wanted), MVT, OPEN

    try:
        body = ctx.quick_body(wanted.key, make, kept=True)
    except (ServiceError, NotKnownError):
        return None
    scope[KEPT] = True
    data = sent_kept(body, _origin(ctx, scope), scope.get("HTTP_ACCEPT_ENCODING", ""))
    return _answer(data, _heads(MVT, "", ctx.store.hash))


def _declared(ctx: Context, layer: str, query: str) -> dict[str, str] | None:
    """The values of all that the route declares; None where there is another parameter, one twice, or a wrong one."""
    given: dict[str, str] = {}
    if not query.isascii():
        return None
    for part in query.split("&"):
        name, sign, value = part.partition("=")
        if not sign or name in given or name not in _READ:
            return None
        try:
            given[name] = unquote_plus(value, errors="strict")
        except UnicodeDecodeError:
            return None
    values = {"collection": layer}
    for one in ITEMS:
        values[one.name] = one.read(ctx.store, given[one.name]) if one.name in given else one.default
    return values


def _sent(ctx: Context, scope: WSGIEnvironment, made: Answer, told: dict[str, str]) -> Sent:
    takes = scope.get("HTTP_ACCEPT_ENCODING", "")
    data = sent(made, told[MARK], GEOJSON_TYPE, _origin(ctx, scope), takes)
    return _answer(data, _heads(GEOJSON_TYPE, told[SYSTEM], ctx.store.hash))


@lru_cache(maxsize=64)
def _heads(content_type: str, system: str, edition: str) -> tuple[tuple[str, str], ...]:
    """Headers that all answers of a type have, in one system, of one edition."""
    own = {**OPEN, **SHOWN, SYSTEM: system} if system else OPEN
    return *always(content_type, own).items(), *SECURITY.items(), ("Planmap-Edition", edition)


def _origin(ctx: Context, scope: WSGIEnvironment) -> str:
    forwarded = scope.get("HTTP_X_FORWARDED_PROTO")
    return origin_of(scope.get("HTTP_HOST", ""), scope["wsgi.url_scheme"], forwarded, ctx.settings.origin)


def _answer(data: Data, heads: tuple[tuple[str, str], ...]) -> Sent:
    headers = [("ETag", f'"{data.tag}"'), ("Content-Length", str(len(data.body))), *heads]
    if data.packed:
        headers += PACKED.items()
    return "200 OK", headers, [data.body]


@lru_cache(maxsize=256)
def _as_data(accept: str | None) -> bool:
    """Whether who sends this ``Accept`` is answered with data rather than with a page."""
    return preferred(FEATURES_FORMAT, accept) == FEATURES_FORMAT.default
