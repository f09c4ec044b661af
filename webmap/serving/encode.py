"""Bodies encoded once, and the answer that fits a request: 304, br, gzip or as it is."""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import brotli
from flask import Request, Response

SMALLEST = 512
"""Bodies of fewer bytes are not worth compressing."""

_QUALITIES = ((100_000, 11), (2_000_000, 9), (math.inf, 5))
"""Brotli's quality by size: the best takes a second for each megabyte."""

JSON_TYPE = "application/json"
GEOJSON_TYPE = "application/geo+json"
HTML_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Encoded:
    """A body in each encoding, with the entity tag and headers it is sent with."""

    identity: bytes
    gzip: bytes | None
    br: bytes | None
    etag: str
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return len(self.identity) + len(self.gzip or b"") + len(self.br or b"")


def entity_tag(*parts: str) -> str:
    """The entity tag for the given parts (edition hash, code version, address), without quotation marks."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def json_bytes(value: object) -> bytes:
    """A payload as compact UTF-8 JSON; NaN and infinities are refused.

    Raises:
        ValueError: The payload holds a number that JSON does not know.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")


def encode(body: bytes, etag: str, content_type: str, headers: Mapping[str, str] | None = None) -> Encoded:
    """Encode a body as it is, with gzip and with brotli; a compressed form that saves nothing is left out."""
    zipped: bytes | None = None
    squeezed: bytes | None = None
    if len(body) >= SMALLEST:
        zipped = gzip.compress(body, compresslevel=6, mtime=0)
        squeezed = brotli.compress(body, quality=next(quality for most, quality in _QUALITIES if len(body) <= most))
        zipped = zipped if len(zipped) < len(body) else None
        squeezed = squeezed if len(squeezed) < len(body) else None
    return Encoded(body, zipped, squeezed, etag, content_type, dict(headers or {}))


def answer(request: Request, body: Encoded, *, ranges: bool = False) -> Response:
    """The response for a GET or HEAD: 304 when the browser has it already, else the smallest encoding it takes.

    Entity tags are weak, because one tag stands for the body in every encoding.

    Args:
        request: What was asked.
        body: The body for its address.
        ranges: Whether a part may be asked for; a part is of the body as it is.
    """
    headers = {
        "ETag": f'W/"{body.etag}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        **body.headers,
    }
    if request.if_none_match and request.if_none_match.contains_weak(body.etag):
        return Response(status=304, headers=headers)
    if ranges:
        headers["Accept-Ranges"] = "bytes"
        if request.range is not None:
            part = Response(body.identity, headers=headers, content_type=body.content_type)
            part.make_conditional(request.environ, accept_ranges=True, complete_length=len(body.identity))
            return part
    data, encoding = _negotiate(request, body)
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    return Response(data, headers=headers, content_type=body.content_type)


def _negotiate(request: Request, body: Encoded) -> tuple[bytes, str | None]:
    accepted = request.accept_encodings
    best: tuple[float, bytes, str | None] = (0.0, body.identity, None)
    # A later one wins only with a higher weight, so brotli is preferred among equals.
    for data, name in ((body.br, "br"), (body.gzip, "gzip")):
        if data is not None and accepted.quality(name) > best[0]:
            best = (accepted.quality(name), data, name)
    return best[1], best[2]


class BodyCache:
    """Encoded bodies by key, the least used dropped when there are too many or too large; safe between threads.

    A body that would take more than half of the room is handed out and not kept.

    Args:
        most_bytes: Bytes to keep at most, keys included.
        most_bodies: Bodies to keep at most.
    """

    def __init__(self, most_bytes: int = 96 * 1024 * 1024, most_bodies: int = 4096) -> None:
        self._most = most_bytes
        self._most_bodies = most_bodies
        self._held = 0
        self._bodies: OrderedDict[str, Encoded] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], Encoded]) -> Encoded:
        """The body for a key, made on first demand."""
        with self._lock:
            found = self._bodies.get(key)
            if found is not None:
                self._bodies.move_to_end(key)
                return found
        made = make()
        size = made.size + len(key)
        if size > self._most // 2:
            return made
        with self._lock:
            if key not in self._bodies:
                self._bodies[key] = made
                self._held += size
            while self._held > self._most or len(self._bodies) > self._most_bodies:
                dropped_key, dropped = self._bodies.popitem(last=False)
                self._held -= dropped.size + len(dropped_key)
        return made

    @property
    def held(self) -> tuple[int, int]:
        """Bodies kept, and the bytes that they and their keys take."""
        with self._lock:
            return len(self._bodies), self._held
