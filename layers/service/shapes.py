"""The geometries of a table: objects where they are few, else well-known binary, made into objects when asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.service.columns import Rows

AT_ONCE = 4096
"""So many objects are made at a time where all are gone through."""


class Shapes:
    """Geometries by row.

    Args:
        data: Well-known binary of one after the other.
        starts: Where each begins, and where the last ends; those without bytes are none.
        kept: The same as objects, where there is room for them.
    """

    def __init__(
        self, data: NDArray[np.uint8], starts: NDArray[np.int64], kept: NDArray[np.object_] | None = None
    ) -> None:
        self._view, self._starts, self._kept = data.data, starts, kept

    @staticmethod
    def packed(geometries: NDArray[np.object_]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """What geometries are made of: bytes and beginnings."""
        coded = [one or b"" for one in shapely.to_wkb(geometries)]
        starts = np.zeros(len(coded) + 1, dtype=np.int64)
        np.cumsum([len(one) for one in coded], out=starts[1:])
        return np.frombuffer(b"".join(coded), dtype=np.uint8), starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, rows: slice | Rows) -> NDArray[np.object_]:
        if self._kept is not None:
            return self._kept[rows]
        starts, ends = self._starts[:-1][rows].tolist(), self._starts[1:][rows].tolist()
        coded = [bytes(self._view[first:last]) or None for first, last in zip(starts, ends, strict=True)]
        return np.asarray(shapely.from_wkb(coded), dtype=object)

    def pieces(self) -> Iterator[tuple[slice, NDArray[np.object_]]]:
        """All of them, some at a time, with their rows."""
        for first in range(0, len(self), AT_ONCE):
            rows = slice(first, min(first + AT_ONCE, len(self)))
            yield rows, self[rows]
