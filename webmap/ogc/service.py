"""An edition as services know it: its layers as tables, its systems, its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar, cast

from layers.edition.store import Store
from layers.service.systems import CRS84, Coordinates, offered, stored
from layers.service.table import Table
from webmap.serving.context import Context

Made = TypeVar("Made")


class Service:
    """The tables of an edition, each made when it is first asked for.

    Args:
        store: The edition.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._tables: dict[str, Table] = {}
        self._kept: dict[str, Any] = {}

    @property
    def lon(self) -> float:
        """The plan's longitude, degrees: chooses its metric zone."""
        stated = self.store.plan.get("lon")
        (_south, west), (_north, east) = self.store.extent
        return float(stated) if stated is not None else (west + east) / 2

    @cached_property
    def systems(self) -> list[Coordinates]:
        """The systems that answers are given in, the usual one first."""
        return offered(self.lon)

    @property
    def stored(self) -> Coordinates:
        """The system that the edition is kept in."""
        return stored()

    def table(self, layer: str) -> Table:
        """A layer."""
        found = self._tables.get(layer)
        if found is None:
            found = self._tables.setdefault(layer, Table(layer, self.store.frame(layer)))
        return found

    def keep(self, name: str, make: Callable[[], Made]) -> Made:
        """What is made of the edition once and kept with it."""
        if name not in self._kept:
            self._kept.setdefault(name, make())
        return cast(Made, self._kept[name])

    def title(self, layer: str, lang: str) -> str:
        """What a layer is called."""
        record: Mapping[str, Any] = self.store.layers[layer]
        return str((record.get("name_en") if lang == "en" else "") or record.get("name") or layer)


MOST_READY = 50_000
"""Features of a layer that are encoded before anybody asks; of larger ones, when somebody does."""


def make_ready(ctx: Context) -> None:
    """Make columns, index and encoded features of an edition, so that workers forked afterwards share them.

    Args:
        ctx: The edition's context.
    """
    known = service(ctx)
    for layer in ctx.store.layers:
        table = known.table(layer)
        if table.count <= MOST_READY:
            table.within_box(CRS84.box((-180.0, -90.0, 180.0, 90.0)))
            table.encoded(CRS84).make_ready()


def service(ctx: Context) -> Service:
    """The services of a context's edition."""
    return ctx.part("ogc", Service)
