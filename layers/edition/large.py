"""Tables of an edition that are too large to be held for good: read again from the file by whoever needs them whole."""

from __future__ import annotations

import ctypes
import gc
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import geopandas as gpd

VAST = 50_000
"""Features of a layer that is not held: services answer from arrays on disk (`layers.service.table`)."""


class Frames(Mapping[str, gpd.GeoDataFrame]):
    """Layers by id; those that were let go are read when they are asked for, and held while somebody uses them.

    Args:
        frames: The layers.
        read: Reads one again.
    """

    def __init__(self, frames: Mapping[str, gpd.GeoDataFrame], read: Callable[[str], gpd.GeoDataFrame]) -> None:
        self._held = dict(frames)
        self._counts = {name: len(frame) for name, frame in frames.items()}
        self._seen: dict[str, weakref.ref[gpd.GeoDataFrame]] = {}
        self._read = read

    def __getitem__(self, name: str) -> gpd.GeoDataFrame:
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

    def let_go(self, name: str) -> None:
        """Hold a layer no longer, if it is vast."""
        if self._counts[name] > VAST and self._held.pop(name, None) is not None:
            give_back()


def give_back() -> None:
    """Give memory that is free back to the machine: what stays with the process, workers that fork from it have too."""
    gc.collect()
    with suppress(OSError, AttributeError):  # glibc's own
        ctypes.CDLL(None).malloc_trim(0)
