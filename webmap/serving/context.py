"""What every blueprint works with: the edition, the bundle, the settings, and the one way to answer a GET."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Response, current_app, request

from layers.edition.store import Store
from webmap.serving.assets import Bundle
from webmap.serving.encode import BodyCache, Encoded, answer, encode, entity_tag
from webmap.serving.messages import LANGUAGES
from webmap.serving.problems import BadParameterError
from webmap.serving.settings import Settings
from webmap.serving.shelf import Shelf
from webmap.serving.snapshot import Snapshot

Body = tuple[bytes, str, Mapping[str, str]]
"""Bytes, content type and further headers."""


@dataclass
class Context:
    """One application's edition, bundle, settings and encoded bodies.

    Attributes:
        shelf: Where prepared downloads are kept.
        snapshot: The edition's file as it was at the start; None for an edition that came from no file.
    """

    store: Store
    bundle: Bundle
    settings: Settings
    shelf: Shelf
    snapshot: Snapshot | None = None
    cache: BodyCache = field(default_factory=BodyCache)

    def body(self, key: tuple[str, ...], make: Callable[[], Body]) -> Encoded:
        """The encoded body for a key, made on first demand."""

        def encoded() -> Encoded:
            data, content_type, headers = make()
            return encode(data, entity_tag(data, content_type, *key), content_type, headers)

        # While debugging, templates and the bundle change under a running server.
        return encoded() if self.settings.debug else self.cache.get(key, encoded)


def context() -> Context:
    """The context of the application that handles the request."""
    return cast(Context, current_app.extensions["planmap"])


def respond(key: tuple[str, ...], make: Callable[[], Body], *, ranges: bool = False) -> Response:
    """Answer a GET with the body for a key; the key must hold everything that the body depends on.

    Args:
        key: What the body is of.
        make: Makes it.
        ranges: Whether a part of it may be asked for, as GIS programs do with files.
    """
    return answer(request, context().body((request.script_root, *key), make), ranges=ranges)


def root() -> str:
    """What stands before every address of ours: empty, or the prefix under which a proxy mounts the server."""
    return request.script_root


def asked_language() -> str:
    """The language of the request.

    Raises:
        BadParameterError: ``lang`` is given and is none of ours.
    """
    lang = request.args.get("lang", LANGUAGES[0])
    return choose(lang, LANGUAGES, "error.unknown_lang")


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
