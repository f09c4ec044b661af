"""Passwords: argon2id as RFC 9106 has it for little memory, and the same work for names that nobody has."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webmap.admin.store import folded
from webmap.serving.errors import WebError
from webmap.serving.problems import BusyError

SHORTEST, LONGEST = 10, 200
"""Characters of a password."""
HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$KA7Q2Igc1fqZZ6Zf8QjIXw$Unha+rISfYPHEjbO0nBLx8b920czWrAARhQJr6x6Be0"
"""The hash of a text that was thrown away: what a name that nobody has is verified against."""
AT_ONCE = 2
"""Passwords that a worker verifies at once: each takes 64 MB, and a thread that readers wait for."""
_PATIENCE_S = 1.0
_room = threading.BoundedSemaphore(AT_ONCE)


def hashed(password: str, name: str) -> str:
    """The hash to keep of a new password.

    Raises:
        WebError: ``people.weak_password``.
        BusyError: Too many are worked on.

    Example:
        >>> hashed("correct horse", "wang").startswith("$argon2id$")
        True
    """
    short = not SHORTEST <= len(password) <= LONGEST
    if short or folded(name) in (folded(password), "") or len(set(password)) < 4:
        raise WebError("people.weak_password", least=SHORTEST, most=LONGEST)
    with _turn():
        return HASHER.hash(password)


def verified(digest: str | None, password: str) -> bool:
    """Whether a password is the one of a hash; for a name that nobody has, the same work and no.

    Args:
        digest: The hash, or None.
        password: What was typed.

    Raises:
        BusyError: Too many are worked on.
    """
    with _turn():
        try:
            HASHER.verify(digest or NOBODY, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return digest is not None


def outdated(digest: str) -> bool:
    """Whether a hash is of other parameters than new ones."""
    return HASHER.check_needs_rehash(digest)


@contextmanager
def _turn() -> Iterator[None]:
    if not _room.acquire(timeout=_PATIENCE_S):
        raise BusyError("error.busy")
    try:
        yield
    finally:
        _room.release()
