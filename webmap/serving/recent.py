"""Answers of live services as they were sent, by the request's own words.

A question that is asked again, as every client of tiles and pages does, does not go through the framework again: that
takes several times as long as a look-up. What is kept is what the framework answered, for the same edition, address,
host and headers that an answer may depend on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

KEPT = "planmap.kept"
"""What a request's environment says when its answer is the same ever after."""

Key = tuple[str, ...]
Sent = tuple[str, list[tuple[str, str]], list[bytes]]


def key_of(scope: WSGIEnvironment, tag: str) -> Key | None:
    """What tells a request from others that are answered otherwise; None for one that goes the whole way.

    Args:
        scope: The request's environment.
        tag: Of the edition that it is answered from.
    """
    if scope.get("REQUEST_METHOD") != "GET" or not _of_service(scope):
        return None
    if "HTTP_IF_NONE_MATCH" in scope or "HTTP_IF_MATCH" in scope:
        return None
    given = scope.get
    place = given("SCRIPT_NAME", ""), given("PATH_INFO", ""), given("QUERY_STRING", ""), given("wsgi.url_scheme", "")
    takes = given("HTTP_ACCEPT", ""), given("HTTP_ACCEPT_ENCODING", "")
    return (tag, *place, *takes, given("HTTP_HOST", ""), given("HTTP_X_FORWARDED_PROTO", ""))


def _of_service(scope: WSGIEnvironment) -> bool:
    return str(scope.get("PATH_INFO", "")).startswith("/ogc")


class Recent:
    """The answers sent last, bounded; safe between threads.

    Args:
        most_bytes: Bytes of bodies to keep at most.
        most: Answers to keep at most.
    """

    def __init__(self, most_bytes: int = 24 * 1024 * 1024, most: int = 4096) -> None:
        self._most_bytes, self._most = most_bytes, most
        self._held = 0
        self._sent: OrderedDict[Key, Sent] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Sent | None:
        """What was answered."""
        with self._lock:
            found = self._sent.get(key)
            if found is not None:
                self._sent.move_to_end(key)
            return found

    def keep(self, key: Key, sent: Sent) -> None:
        """Keep an answer; one that takes more than a sixteenth of the room is not."""
        size = _size(key, sent)
        if size > self._most_bytes // 16:
            return
        with self._lock:
            if key not in self._sent:
                self._held += size
            self._sent[key] = sent
            while self._held > self._most_bytes or len(self._sent) > self._most:
                self._held -= _size(*self._sent.popitem(last=False))

    @property
    def held(self) -> tuple[int, int]:
        """Answers kept, and the bytes that they take."""
        with self._lock:
            return len(self._sent), self._held


def _size(key: Key, sent: Sent) -> int:
    return sum(len(part) for part in sent[2]) + sum(len(part) for part in key) + 600
