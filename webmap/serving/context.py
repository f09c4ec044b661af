"""What every blueprint works with: the edition, the bundle, the settings and the bodies made so far."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from flask import current_app

from layers.edition.store import Store
from webmap.serving.assets import Bundle
from webmap.serving.encode import BodyCache, Encoded, encode, entity_tag
from webmap.serving.problems import BadParameterError
from webmap.serving.settings import Settings

Body = tuple[bytes, str, Mapping[str, str]]
"""Bytes, content type and further headers."""


@dataclass
class Context:
    """One application's edition, bundle, settings and encoded bodies.

    Attributes:
        routes: The declared routes (``webmap.serving.asking.Route``), for the description of the API.
        file: The edition's file, kept open: when another is put in its place, this one can still be read.
    """

    store: Store
    bundle: Bundle
    settings: Settings
    version: str
    file: BinaryIO | None = None
    cache: BodyCache = field(default_factory=BodyCache)
    routes: tuple[Any, ...] = ()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def file_bytes(self) -> bytes:
        """The edition's file as it was when the server started; safe between threads and forked workers."""
        if self.file is None:
            raise ValueError("this edition was not read from a file")
        return os.pread(self.file.fileno(), os.fstat(self.file.fileno()).st_size, 0)

    def body(self, key: str, make: Callable[[], Body]) -> Encoded:
        """The encoded body for a key, made on first demand; its entity tag says edition, code and key."""

        def encoded() -> Encoded:
            data, content_type, headers = make()
            # While debugging, templates and the bundle change under a running server.
            content = data.hex() if self.settings.debug else ""
            return encode(data, entity_tag(self.store.hash, self.version, content, key), content_type, headers)

        return encoded() if self.settings.debug else self.cache.get(key, encoded)


def context() -> Context:
    """The context of the application that handles the request."""
    return cast(Context, current_app.extensions["planmap"])


def choose(
    value: str, choices: Iterable[str], key: str, error: type[BadParameterError] | Any = BadParameterError
) -> str:
    """Give the value back when it is one of the choices.

    Raises:
        BadParameterError: It is not (or the error class given); names the choices.
    """
    valid = list(choices)
    if value not in valid:
        raise error(key, value=value[:60], choices=valid)
    return value
