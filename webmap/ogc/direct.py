"""The plainest questions to a collection, answered without the framework: pages, boxes, single features.

What a framework does for a request takes longer than the answer, which is joined from what is encoded already. A
request that asks for more than a few parameters in their usual form, or has anything wrong with it, is left to
`webmap.ogc.routes`; both give the same bytes and headers (``tests/test_webmap_ogc_direct.py``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from layers.service.errors import ServiceError
from layers.service.systems import CRS84
from webmap.ogc.answers import OPEN
from webmap.ogc.features import Answer, Found, one_feature, page
from webmap.ogc.parameters import FEATURES_FORMAT, LIMIT, MOST_FEATURES, USUAL_LIMIT
from webmap.ogc.routes import SHOWN
from webmap.ogc.service import Service, service
from webmap.serving.asking import Wanted, preferred
from webmap.serving.context import Context
from webmap.serving.encode import GEOJSON_TYPE
from webmap.serving.headers import SECURITY
from webmap.serving.problems import SITE
from webmap.serving.quick import origin_of, sent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from webmap.serving.recent import Sent

_PATH = re.compile(r"/ogc/collections/([a-z0-9_-]+)/items(?:/([a-z0-9_/-]+))?")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_NUMBER = r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?"
_BOX = re.compile(rf"{_NUMBER}(?:,{_NUMBER}){{3}}")
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_RANGE", "HTTP_TRANSFER_ENCODING")
_LONGEST = 1000


def direct(ctx: Context, scope: WSGIEnvironment) -> Sent | None:
    """The answer to a request; None for one that goes the whole way.

    Args:
        ctx: The edition's context.
        scope: The request's environment, what names plan and edition in ``SCRIPT_NAME``.
    """
    path, query, script = scope.get("PATH_INFO", ""), scope.get("QUERY_STRING", ""), scope.get("SCRIPT_NAME", "")
    found = _PATH.fullmatch(path)
    plain = scope.get("REQUEST_METHOD") == "GET" and not any(one in scope for one in _CONDITIONS)
    plain = plain and scope.get("CONTENT_LENGTH", "") in ("", "0") and len(path) + len(query) < _LONGEST
    if found is None or not plain or ctx.settings.debug or not _as_data(scope.get("HTTP_ACCEPT")):
        return None
    if not script.isascii() or script.endswith("/") or found[1] not in ctx.store.layers:
        return None
    given = _given(query) if found[2] is None else {} if not query else None
    if given is None:
        return None
    root, site = quote(script, safe="/~"), quote(str(scope.get(SITE, script)), safe="/~")
    wanted = Wanted("", root, path, (), tuple(given.items()), site)
    known = service(ctx)
    try:
        made = (
            _page(known, wanted, found[1], given)
            if found[2] is None
            else one_feature(known, wanted, found[1], found[2], CRS84)
        )
    except ServiceError:  # said in words by the route
        return None
    return _sent(ctx, scope, *made) if made is not None else None


def _given(query: str) -> dict[str, str] | None:
    """The parameters that are not as usual; None when there are others, or one that is not written plainly."""
    given: dict[str, str] = {}
    for part in query.split("&") if query else ():
        name, _sign, value = part.partition("=")
        if name in given:
            return None
        if name == "bbox":
            value = value.replace("%2C", ",").replace("%2c", ",")
            if not _BOX.fullmatch(value) or not _plain_box(value):
                return None
        elif name not in ("limit", "offset") or not _WHOLE.fullmatch(value):
            return None
        given[name] = value
    if not 1 <= int(given.get("limit", USUAL_LIMIT)) <= MOST_FEATURES:
        return None
    # In the order in which the route declares them, for links name them so.
    usual = {LIMIT.name: LIMIT.default, "offset": "0", "bbox": ""}
    return {name: given[name] for name in usual if given.get(name, usual[name]) != usual[name]}


def _plain_box(text: str) -> bool:
    """Whether a box needs nothing but to be looked into: corners in order, on the Earth."""
    west, south, east, north = map(float, text.split(","))
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


def _page(known: Service, wanted: Wanted, layer: str, given: dict[str, str]) -> tuple[Answer, dict[str, str]]:
    table = known.table(layer)
    limit, offset = int(given.get("limit", USUAL_LIMIT)), int(given.get("offset", "0"))
    if "bbox" in given:
        rows = table.within(*map(float, given["bbox"].split(",")))
        matched, rows = len(rows), rows[offset : offset + limit]
    else:
        matched = table.count
        rows = np.arange(min(offset, matched), min(offset + limit, matched))
    found = Found(layer, CRS84, matched, offset, limit)
    return page(known, wanted, found, table.encoded(CRS84).features(rows))


def _sent(ctx: Context, scope: WSGIEnvironment, made: Answer, told: dict[str, str]) -> Sent:
    forwarded = scope.get("HTTP_X_FORWARDED_PROTO")
    origin = origin_of(scope.get("HTTP_HOST", ""), scope["wsgi.url_scheme"], forwarded, ctx.settings.origin)
    takes = scope.get("HTTP_ACCEPT_ENCODING", "")
    data, headers = sent(made, GEOJSON_TYPE, {**OPEN, **SHOWN, **told}, origin, takes)
    headers |= {"Content-Length": str(len(data)), **SECURITY}
    return "200 OK", [*headers.items(), ("Planmap-Edition", ctx.store.hash)], [data]


@lru_cache(maxsize=256)
def _as_data(accept: str | None) -> bool:
    """Whether who sends this ``Accept`` is answered with data rather than with a page."""
    return preferred(FEATURES_FORMAT, accept) == FEATURES_FORMAT.default
