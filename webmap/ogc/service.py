"""An edition as services know it: its layers as tables, its systems, its words."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import pandas as pd

from layers.edition.large import VAST, Frames
from layers.edition.store import Store
from layers.service.packing import write_arrays
from layers.service.systems import CRS84, Coordinates, offered, stored
from layers.service.table import Table, packed
from webmap.serving.context import Context

_MOST_FILES = 16
"""Files with arrays of vast layers that are kept for processes that have not opened them yet."""

Made = TypeVar("Made")


class Service:
    """The tables of an edition, each made when it is first asked for.

    Args:
        store: The edition.
        folder: Where the arrays of vast layers are kept, one file for all processes; None: in memory.
        stamp: What tells the edition from every other.
    """

    def __init__(self, store: Store, folder: Path | None = None, stamp: str = "") -> None:
        self.store = store
        self._folder, self._stamp = folder, stamp
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
            found = self._tables.setdefault(layer, self._made(layer))
        return found

    def _made(self, layer: str) -> Table:
        if self._folder is None or self.store.count(layer) <= VAST:
            return Table.of(layer, self._whole(layer))
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / f"{self._stamp}-{layer}"
        with (self._folder / "lock").open("w") as held:  # the first process writes it, the others wait
            fcntl.flock(held, fcntl.LOCK_EX)
            if not path.is_file():
                write_arrays(path, *packed(layer, self._whole(layer)))
                # Who has mapped an older one keeps it; who has not makes it again.
                for old in sorted(self._folder.glob("*-*"), key=lambda one: one.stat().st_mtime_ns)[:-_MOST_FILES]:
                    old.unlink(missing_ok=True)
        self.store.let_go(layer)
        return Table.mapped(path)

    def _whole(self, layer: str) -> pd.DataFrame:
        layers = self.store.edition.layers
        return layers.whole(layer) if isinstance(layers, Frames) else layers[layer]

    def keep(self, name: str, make: Callable[[], Made]) -> Made:
        """What is made of the edition once and kept with it."""
        if name not in self._kept:
            self._kept.setdefault(name, make())
        return cast(Made, self._kept[name])

    def title(self, layer: str, lang: str) -> str:
        """What a layer is called."""
        record: Mapping[str, Any] = self.store.layers[layer]
        return str((record.get("name_en") if lang == "en" else "") or record.get("name") or layer)


def make_ready(ctx: Context) -> None:
    """Make columns, index and encoded features of an edition, so that workers forked afterwards share them.

    Args:
        ctx: The edition's context.
    """
    known = service(ctx)
    for layer in ctx.store.layers:
        table = known.table(layer)
        table.encoded(CRS84).make_ready()


def service(ctx: Context) -> Service:
    """The services of a context's edition."""
    return ctx.part("ogc", lambda store: Service(store, ctx.shelf.path / "tables", ctx.stamp))
