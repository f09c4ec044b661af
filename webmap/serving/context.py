"""What every blueprint works with: the edition, the bundle, the settings and the bodies made so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app

from layers.edition.store import Store
from webmap.serving.assets import Bundle
from webmap.serving.encode import BodyCache, Encoded, encode, entity_tag
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
        routes: The declared routes (``webmap.serving.asking.Route``), for the description of the API.
    """

    store: Store
    bundle: Bundle
    settings: Settings
    shelf: Shelf
    snapshot: Snapshot | None = None
    cache: BodyCache = field(default_factory=BodyCache)
    routes: tuple[Any, ...] = ()

    def body(self, key: str, make: Callable[[], Body], *, kept: bool = True) -> Encoded:
        """The encoded body for a key, made on first demand; ``kept``: it is the same for the key ever after."""

        def encoded() -> Encoded:
            data, content_type, headers = make()
            return encode(data, entity_tag(data, content_type, key), content_type, headers)

        # While debugging, templates and the bundle change under a running server.
        return self.cache.get(key, encoded) if kept and not self.settings.debug else encoded()


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
