"""Tables of an edition that are too large to be held for good: read again from the file by whoever needs them whole."""

from __future__ import annotations

import ctypes
import gc
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.model.errors import LayersError

VAST = 50_000
"""Features of a layer that is not held: services answer from arrays on disk (`layers.service.table`)."""

LISTED = 10_000
"""Features of a layer that pages name one by one; of a larger one they say how many, and find each by its id."""


class Looked(Protocol):
    """A layer whose rows are looked up, and never all made into objects."""

    @property
    def path(self) -> Path | None:
        """The file of its arrays, where other processes find them; None where it is in memory."""

    @property
    def count(self) -> int:
        """Features."""

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of all there is, degrees; None when nothing has a place."""

    def row_of(self, feature: str) -> int | None:
        """The row of a feature by its id; None when there is none."""

    def ids(self, rows: slice) -> Sequence[str]:
        """The ids of rows."""

    def cells(self, row: int) -> dict[str, Any]:
        """The cells of a row, None where one is empty."""

    def geometry(self, row: int) -> BaseGeometry | None:
        """The geometry of a row."""

    def part(self, names: Sequence[str], rows: NDArray[np.intp]) -> list[list[Any]]:
        """Cells of some columns at some rows, column by column; None for what is empty."""

    def shapes_of(self, rows: NDArray[np.intp]) -> list[BaseGeometry | None]:
        """The geometries of some rows."""

    def tally(self, column: str) -> Mapping[str, int]:
        """The different texts of a column, with how often each stands there."""

    def columns_of(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Cells of some columns, row by row, made as they are gone through; None for what is empty."""


class Frames(Mapping[str, gpd.GeoDataFrame]):
    """Layers by id; those that were let go are read when they are asked for, and held while somebody uses them.

    Where a vast layer can be looked up (`look`), it is not given whole: who asks is told so (``vast.whole``).

    Args:
        frames: The layers.
        read: Reads one again.

    Attributes:
        look: Gives the arrays of a vast layer, where there are any.
    """

    def __init__(self, frames: Mapping[str, gpd.GeoDataFrame], read: Callable[[str], gpd.GeoDataFrame]) -> None:
        self._held = dict(frames)
        self._counts = {name: len(frame) for name, frame in frames.items()}
        self._seen: dict[str, weakref.ref[gpd.GeoDataFrame]] = {}
        self._read = read
        self.look: Callable[[str], Looked] | None = None

    def __getitem__(self, name: str) -> gpd.GeoDataFrame:
        if self.look is not None and self._counts[name] > VAST:
            raise LayersError("vast.whole", layer=name, count=f"{self._counts[name]:,}", most=f"{VAST:,}")
        return self.whole(name)

    def whole(self, name: str) -> gpd.GeoDataFrame:
        """A layer as a table, whatever its size."""
        if name in self._held:
            return self._held[name]
        seen = self._seen.get(name)
        frame = seen() if seen is not None else None
        if frame is None:
            frame = self._read(name)
            self._seen[name] = weakref.ref(frame)
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def count(self, name: str) -> int:
        """Features of a layer, held or not."""
        return self._counts[name]

    def looked(self, name: str) -> Looked | None:
        """A vast layer as arrays; None for others, which are held."""
        return self.look(name) if self.look is not None and self._counts[name] > VAST else None

    def held(self) -> Iterator[gpd.GeoDataFrame]:
        """The layers that are given whole."""
        return (self[name] for name in self._counts if self.looked(name) is None)

    def let_go(self, name: str) -> None:
        """Hold a layer no longer, if it is vast."""
        if self._counts[name] > VAST and self._held.pop(name, None) is not None:
            give_back()


def listed(layers: Mapping[str, gpd.GeoDataFrame]) -> Iterator[gpd.GeoDataFrame]:
    """The layers whose features may be gone through one by one."""
    return layers.held() if isinstance(layers, Frames) else iter(layers.values())


def give_back() -> None:
    """Give memory that is free back to the machine: what stays with the process, workers that fork from it have too."""
    gc.collect()
    with suppress(OSError, AttributeError):  # glibc's own
        ctypes.CDLL(None).malloc_trim(0)
