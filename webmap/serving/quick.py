"""Answers of live services: joined from what is encoded already, compressed for who asks, with absolute links.

Their clients follow no others. A body is kept with ``ORIGIN`` in them; the origin that the operator states, else the
one that the request was sent to, is put in when it is sent, so that no body that is kept depends on it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache

from flask import Request, Response

from webmap.serving.encode import SMALLEST, Encoded, entity_tag

ORIGIN = "https://planmap-origin.invalid"
"""What stands for the server's origin in bodies."""
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
_PACKED = ("image/", "application/zip")


def origin_of(request: Request, stated: str) -> str:
    """Scheme and host that clients know the server by; "" when a request names none that could be.

    Args:
        request: What was asked; ``X-Forwarded-Proto`` of a proxy counts, a host that is forwarded does not: caches do
            not keep answers apart by it.
        stated: What the operator's settings say, or "".
    """
    if stated:
        return stated
    host = request.headers.get("Host", "")
    if not _HOST.fullmatch(host):
        return ""
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    return f"{scheme if scheme in ('http', 'https') else request.scheme}://{host}"


def encode_quick(body: bytes, key: str, content_type: str, headers: dict[str, str]) -> Encoded:
    """A body that is kept as it is."""
    return Encoded(body, None, None, entity_tag(body, content_type, key), content_type, headers)


def answer_quick(request: Request, body: Encoded, stated: str) -> Response:
    """The response for a GET or HEAD: 304 when the client has it already.

    Args:
        request: What was asked.
        body: The body for its address.
        stated: The origin of the settings, or "".
    """
    data, tag = body.identity, body.etag
    token = ORIGIN.encode()
    if token in data:
        origin = origin_of(request, stated)
        data, tag = data.replace(token, origin.encode()), f"{tag}-{_mark(origin)}"
    packs = len(data) >= SMALLEST and not body.content_type.startswith(_PACKED)
    packs = packs and request.accept_encodings.quality("gzip") > 0
    tag = f"{tag}-gzip" if packs else tag
    vary = "Accept, Accept-Encoding" if "Vary" in body.headers else "Accept-Encoding"
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache", **body.headers, "Vary": vary}
    if request.if_none_match and request.if_none_match.contains_weak(tag):
        return Response(status=304, headers=headers)
    if packs:
        data = gzip.compress(data, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(data, headers=headers, content_type=body.content_type)


@lru_cache(maxsize=256)
def _mark(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()[:8]
