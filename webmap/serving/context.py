"""What every blueprint works with: one edition, the bundle, the settings and the bodies made so far."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import current_app, has_request_context, request

from layers.edition.observations import Observed
from layers.edition.store import Store
from layers.ledger.scenarios import Scenario, Scenarios
from layers.model.publication import PLAIN
from webmap.serving.assets import Bundle
from webmap.serving.encode import BodyCache, Encoded, encode, entity_tag
from webmap.serving.problems import PINNED, BadParameterError
from webmap.serving.quick import encode_quick
from webmap.serving.settings import Settings
from webmap.serving.shelf import Shelf
from webmap.serving.snapshot import Snapshot

if TYPE_CHECKING:
    from layers.ledger.book import Ledger
    from webmap.serving.library import Library

Body = tuple[bytes, str, Mapping[str, str]]
"""Bytes, content type and further headers."""


ANSWERS_BYTES = 48 * 1024 * 1024
"""Room for bodies of live services."""
Made = TypeVar("Made")


@dataclass
class Context:
    """One edition with bundle, settings and encoded bodies.

    Attributes:
        name: What its plan is called in addresses.
        library: The plans of the server.
        shelf: Where prepared downloads are kept.
        snapshot: The edition's file as it was when it was opened; None for an edition that came from no file.
        cache: Bodies of all editions; the keys say of which.
        answers: Bodies of live services, of all editions; apart, since any question makes one.
        routes: The declared routes (``webmap.serving.asking.Route``), for the description of the API.
        ledger: The ledger of observed values, or None; only `seen` and `observed` ask it.
    """

    store: Store
    bundle: Bundle
    settings: Settings
    shelf: Shelf
    library: Library
    name: str = ""
    snapshot: Snapshot | None = None
    cache: BodyCache = field(default_factory=BodyCache)
    answers: BodyCache = field(default_factory=lambda: BodyCache(ANSWERS_BYTES))
    routes: tuple[Any, ...] = ()
    ledger: Ledger | None = None
    _parts: dict[str, Any] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """What tells this edition from every other, of this plan or of others, also one of the same content hash."""
        if not self.store.hash:  # what belongs to no plan
            return f"@{self.library.version}"
        # A server for the public shares no prepared file with one for inside use.
        mark = "" if self.settings.publication.mode == PLAIN else f" {self.settings.publication}"
        return f"{self.name}@{self.snapshot.digest if self.snapshot else self.store.hash}{mark}"

    @property
    def file(self) -> Path | None:
        """The file of the plan's edition in use, beside which its pictures are; None for one that came from no file."""
        plan = self.library.plans.get(self.name)
        return plan.path if plan is not None else None

    def newer(self, root: str, site: str) -> dict[str, str] | None:
        """What a page needs to notice a newer edition; one of an edition for good, that it is not the one in use.

        Args:
            root: What stands before the addresses of the plan.
            site: What stands before those of the site.
        """
        if not self.store.hash:
            return None
        script = site + self.bundle.address("newer.js")
        current = re.sub(r"/e/[0-9a-f]{8,64}$", "", root)
        kept = {"root": root, "current": f"{current}/"} if current != root else {"root": "", "current": ""}
        return {"script": script, "ask": f"{current}/api/edition", "edition": self.store.hash, **kept}

    def seen(self) -> str:
        """How far the ledger has come, for the key of a body that holds its values; "" without a ledger."""
        if self.ledger is None:
            return ""
        scenarios = Scenarios(self.ledger.keeping).state()
        return self.ledger.state().key + (f"~{scenarios.key}" if scenarios.count else "")

    def observed(self, seen: str) -> Observed:
        """The observed values as they are in a state of the ledger, whatever is entered meanwhile."""
        return Observed(self.store, self.ledger, int(seen.partition("-")[0]) if seen else 0)

    def scenarios(self, seen: str) -> list[Scenario]:
        """The scenarios beside the ledger as they are in a state; none without a ledger."""
        count = seen.partition("~")[2].partition("-")[0]
        return Scenarios(self.ledger.keeping).current(int(count)) if self.ledger is not None and count else []

    @property
    def stamp(self) -> str:
        """The same, fit for the name of a file."""
        return hashlib.sha256(self.tag.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def body(self, key: str, make: Callable[[], Body], *, kept: bool = True) -> Encoded:
        """The encoded body for a key, made on first demand; ``kept``: it is the same for the key ever after."""

        def encoded() -> Encoded:
            data, content_type, headers = make()
            return encode(data, entity_tag(data, content_type, key), content_type, headers)

        # While debugging, templates and the bundle change under a running server.
        return self.cache.get(f"{self.tag} {key}", encoded) if kept and not self.settings.debug else encoded()

    def quick_body(self, key: str, make: Callable[[], Body], *, kept: bool = True) -> Encoded:
        """The body of a live service for a key; ``kept`` as for `body`."""

        def encoded() -> Encoded:
            data, content_type, headers = make()
            return encode_quick(data, key, content_type, dict(headers))

        return self.answers.get(f"{self.tag} {key}", encoded) if kept and not self.settings.debug else encoded()

    def part(self, name: str, make: Callable[[Store], Made]) -> Made:
        """What a room makes of the edition once and keeps with it."""
        if name not in self._parts:
            self._parts.setdefault(name, make(self.store))
        return cast(Made, self._parts[name])


def context() -> Context:
    """The context that the request was given when it came; outside one, that of the only plan."""
    pinned = request.environ.get(PINNED) if has_request_context() else None
    return cast(Context, pinned or current_app.extensions["planmap"].only)


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
