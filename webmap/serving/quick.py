"""Answers of live services: joined from what is encoded already, compressed for who asks, with absolute links.

Their clients follow no others. A body is kept with ``ORIGIN`` in them; the origin that the operator states, else the
one that the request was sent to, is put in when it is sent, so that no body that is kept depends on it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from flask import Request, Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from webmap.serving.encode import SMALLEST, Encoded, entity_tag

ORIGIN = "https://planmap-origin.invalid"
"""What stands for the server's origin in bodies."""
MARK = "planmap.mark"
"""Among a body's headers: what tells it from all others, where that is known without reading it."""
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
_READY = ("image/", "application/zip")
"""What is compressed in itself."""
PACKED = {"Content-Encoding": "gzip"}


@lru_cache(maxsize=256)
def origin_of(host: str, scheme: str, forwarded: str | None, stated: str) -> str:
    """Scheme and host that clients know the server by; "" when a request names none that could be.

    Args:
        host: What the request was sent to.
        scheme: By which it came.
        forwarded: ``X-Forwarded-Proto`` of a proxy; a host that is forwarded does not count: caches do not keep
            answers apart by it.
        stated: What the operator's settings say, or "".
    """
    if stated:
        return stated
    if not _HOST.fullmatch(host):
        return ""
    return f"{forwarded if forwarded in ('http', 'https') else scheme}://{host}"


def encode_quick(body: bytes, key: str, content_type: str, headers: dict[str, str]) -> Encoded:
    """A body that is kept as it is; its tag is made of its mark where it has one."""
    mark = headers.pop(MARK, "")
    tag = _marked(mark) if mark else entity_tag(body, content_type, key)
    return Encoded(body, None, None, tag, content_type, headers)


def answer_quick(request: Request, body: Encoded, stated: str) -> Response:
    """The response for a GET or HEAD: 304 when the client has it already.

    Args:
        request: What was asked.
        body: The body for its address.
        stated: The origin of the settings, or "".
    """
    asked = request.headers
    origin = origin_of(asked.get("Host", ""), request.scheme, asked.get("X-Forwarded-Proto"), stated)
    data, tag, packs = _addressed(body, origin, asked.get("Accept-Encoding", ""))
    if request.if_none_match and request.if_none_match.contains_weak(tag):
        return Response(status=304, headers=_headers(body, tag))
    headers = _headers(body, tag)
    if packs:
        data, headers = _packed(data), {**headers, **PACKED}
    return Response(data, headers=headers, content_type=body.content_type)


class Data(NamedTuple):
    """A body as it is sent.

    Attributes:
        body: Its bytes.
        tag: Its entity tag.
        packed: Whether they are compressed.
    """

    body: bytes
    tag: str
    packed: bool


def joined(first: bytes, members: Sequence[bytes], last: bytes) -> bytes:
    """A body of what is before an array's members, these, and what is behind them, copied once.

    Example:
        >>> joined(b"[", (b"1", b"2", b"3"), b"]"), joined(b"[", (b"1",), b"]"), joined(b"[", (), b"]")
        (b'[1,2,3]', b'[1]', b'[]')
    """
    if len(members) < 2:
        return b"".join((first, *members, last))
    return b",".join((first + members[0], *members[1:-1], members[-1] + last))


def sent(parts: tuple[bytes, Sequence[bytes], bytes], mark: str, content_type: str, origin: str, takes: str) -> Data:
    """A body as `answer_quick` sends it to who does not have it.

    Args:
        parts: The body as `joined` takes it; no member has ``ORIGIN`` in it.
        mark: What tells it from all others.
        content_type: Of the body.
        origin: Stands in the place of ``ORIGIN``.
        takes: The request's ``Accept-Encoding``.
    """
    token, address = ORIGIN.encode(), origin.encode()
    first, middle, last = parts
    data = joined(first.replace(token, address), middle, last.replace(token, address))
    tag, packs = _told(_marked(mark), content_type, len(data), origin, takes)
    return Data(_packed(data) if packs else data, tag, packs)


def sent_kept(body: Encoded, origin: str, takes: str) -> Data:
    """A body that is kept as `answer_quick` sends it to who does not have it."""
    data, tag, packs = _addressed(body, origin, takes)
    return Data(_packed(data) if packs else data, tag, packs)


def always(content_type: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a body of a type with headers of its own that are the same whatever is in it."""
    vary = "Accept, Accept-Encoding" if "Vary" in headers else "Accept-Encoding"
    return {"Cache-Control": "no-cache", **headers, "Vary": vary, "Content-Type": content_type}


def _addressed(body: Encoded, origin: str, takes: str) -> tuple[bytes, str, bool]:
    """A body with its origin, its tag, and whether it is to be compressed."""
    data, token = body.identity, ORIGIN.encode()
    placed = token in data
    data = data.replace(token, origin.encode()) if placed else data
    return data, *_told(body.etag, body.content_type, len(data), origin if placed else None, takes)


def _told(tag: str, content_type: str, size: int, origin: str | None, takes: str) -> tuple[str, bool]:
    """The tag of a body with an origin in it, and whether it is to be compressed."""
    packs = size >= SMALLEST and _takes_gzip(takes) and not content_type.startswith(_READY)
    return f"{tag}{_mark(origin)}{'-gzip' if packs else ''}", packs


def _marked(mark: str) -> str:
    """The tag of a body that has a mark: as long as one of a body's own bytes."""
    return mark[:32]


def _headers(body: Encoded, tag: str) -> dict[str, str]:
    told = always(body.content_type, body.headers)
    del told["Content-Type"]
    return {"ETag": f'"{tag}"', **told}


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1, mtime=0)


@lru_cache(maxsize=256)
def _takes_gzip(takes: str) -> bool:
    return parse_accept_header(takes, Accept).quality("gzip") > 0


@lru_cache(maxsize=256)
def _mark(origin: str | None) -> str:
    return "" if origin is None else f"-{hashlib.sha256(origin.encode()).hexdigest()[:8]}"
