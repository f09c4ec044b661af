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
from pathlib import Path

import brotli
from flask import Request, Response, send_file

SMALLEST = 512
"""Bodies of fewer bytes are not worth compressing."""

_QUALITIES = ((300_000, 11), (2_000_000, 9), (math.inf, 5))
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


def entity_tag(body: bytes, *parts: str) -> str:
    """The entity tag of a body, without quotation marks: made of its bytes, so that it cannot speak of others.

    Args:
        body: The body as it is.
        parts: What else tells it from others: its key, its content type.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass"))
    digest.update(b"\x1e")
    digest.update(body)
    return digest.hexdigest()[:32]


def json_bytes(value: object) -> bytes:
    """A payload as compact UTF-8 JSON; NaN and infinities are refused.

    Raises:
        ValueError: The payload holds a number that JSON does not know.
    """
    return _JSON.encode(value).encode("utf-8", "replace")


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


NOT_KEPT = "no-store"
"""The ``Cache-Control`` of an answer that will soon be another one."""


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

    Each encoding has an entity tag of its own, so that tags are strong and a part (``Range``, ``If-Range``) is never of
    another representation.

    Args:
        request: What was asked.
        body: The body for its address.
        ranges: Whether a part may be asked for; a part is of the body as it is.
    """
    if "Location" in body.headers:  # leads on, now: the next time perhaps elsewhere
        status = 303 if request.method == "POST" else 302  # what was sent is not sent again there
        return Response(status=status, headers={"Cache-Control": "no-store", **body.headers})
    span = _span(request, body) if ranges else None
    data, encoding = (body.identity, None) if span else _negotiate(request, body)
    headers = {
        "ETag": f'"{_tag(body, encoding)}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        **body.headers,
    }
    if request.if_none_match and request.if_none_match.contains_weak(_tag(body, encoding)):
        return Response(status=304, headers=headers)
    if ranges:
        headers["Accept-Ranges"] = "bytes"
    if span:
        return _part(body, span, headers)
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    return Response(data, headers=headers, content_type=body.content_type)


STREAMED = "planmap.streamed"
"""In a request's environment: the answer is a file, sent piece by piece."""


@dataclass(frozen=True)
class Stored:
    """A file on disk as an answer.

    Attributes:
        path: The file, which never changes under its entity tag.
        etag: Without quotation marks.
        content_type: Of the file.
        name: What a browser saves it as.
    """

    path: Path
    etag: str
    content_type: str
    name: str


def answer_stored(request: Request, file: Stored) -> Response:
    """The response for a file that may be larger than the memory: 304, a part, or the whole, read as it is sent."""
    response = send_file(
        file.path, file.content_type, as_attachment=True, download_name=file.name, etag=file.etag, max_age=0
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    request.environ[STREAMED] = True
    return response


def _tag(body: Encoded, encoding: str | None) -> str:
    return body.etag if encoding is None else f"{body.etag}-{encoding}"


def _span(request: Request, body: Encoded) -> tuple[int | None, int | None] | None:
    """The one range of bytes that is asked for, as start and end; None when the whole is to be sent.

    A server may always send the whole: it does for several ranges, for other units, for what it cannot read, and when
    ``If-Range`` names anything but the very bytes at hand (a date never does).
    """
    asked = request.range
    if request.method != "GET" or asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != f'"{body.etag}"':
        return None
    return asked.ranges[0]


def _part(body: Encoded, span: tuple[int | None, int | None], headers: dict[str, str]) -> Response:
    """A part of the body, 206; 416 when there is nothing there."""
    size = len(body.identity)
    start, end = span
    if start is None or start < 0:
        start, end = max(0, size + (start or 0)), size
    end = size if end is None else min(end, size)
    if start >= end:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Response(body.identity[start:end], status=206, headers=headers, content_type=body.content_type)


def _negotiate(request: Request, body: Encoded) -> tuple[bytes, str | None]:
    """The body in the encoding that the browser wants most; as it is when it wants none of ours."""
    wanted = {name.lower(): weight for name, weight in request.accept_encodings}
    best: tuple[float, bytes, str | None] = (wanted.get("identity", 0.0), body.identity, None)
    # A later one wins among equals: brotli is preferred to gzip, and either to nothing.
    for data, name in ((body.gzip, "gzip"), (body.br, "br")):
        weight = wanted.get(name, wanted.get("*", 0.0))
        if data is not None and weight > 0 and weight >= best[0]:
            best = (weight, data, name)
    return best[1], best[2]


class BodyCache:
    """Encoded bodies by key, the least used dropped when there are too many or too large; safe between threads.

    A body that would take more than half of the room is handed out and not kept, nor is one that says so of itself.

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
        if size > self._most // 2 or made.headers.get("Cache-Control") == NOT_KEPT:
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
