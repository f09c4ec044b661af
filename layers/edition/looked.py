"""Features by id, and layers by column, without an object for each feature."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.edition.large import Looked

MOST_SHOWN = 200
AT_ONCE = 4096
"""So many ids are made at a time where all are gone through."""


class HeldLook:
    """A layer whose table is held, looked up as a vast one is.

    Args:
        frame: The table.
        row_of: Gives the row of a feature, None when there is none.
    """

    def __init__(self, frame: pd.DataFrame, row_of: Callable[[str], int | None]) -> None:
        self._frame = frame
        self.row_of = row_of
        located = isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None
        self._shapes = frame.geometry if located else None
        self._columns = [str(column) for column in frame.columns if column not in ("geometry", "geom")]

    @property
    def path(self) -> None:
        """No file: it is in memory."""
        return None

    @property
    def count(self) -> int:
        """Features."""
        return len(self._frame)

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of all there is, degrees; None when nothing has a place."""
        if self._shapes is None:
            return None
        west, south, east, north = (float(one) for one in self._shapes.total_bounds)
        return (west, south, east, north) if west <= east else None

    def ids(self, rows: slice) -> list[str]:
        """The ids of rows."""
        return [str(one) for one in self._frame["id"].iloc[rows]]

    def cells(self, row: int) -> dict[str, Any]:
        """The cells of a row."""
        return {name: self._frame[name].iloc[row] for name in self._columns}

    def geometry(self, row: int) -> BaseGeometry | None:
        """The geometry of a row; None where it has none."""
        found = None if self._shapes is None else self._shapes.iloc[row]
        return None if found is None or found.is_empty else found

    def part(self, names: Sequence[str], rows: NDArray[np.intp]) -> list[list[Any]]:
        """Cells of some columns at some rows, column by column; None for what is empty."""
        found = (self._frame[name].take(rows).astype(object) if name in self._frame else None for name in names)
        return [[None] * len(rows) if one is None else one.where(one.notna(), None).tolist() for one in found]

    def shapes_of(self, rows: NDArray[np.intp]) -> list[BaseGeometry | None]:
        """The geometries of some rows."""
        return [self.geometry(int(row)) for row in rows]

    def tally(self, column: str) -> dict[str, int]:
        """The different texts of a column, with how often each stands there."""
        if column not in self._frame:
            return {}
        cells = self._frame[column].dropna()
        counts = cells[cells != ""].value_counts(sort=False)
        return {str(word): int(count) for word, count in counts.items()}

    def columns_of(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Cells of some columns, row by row; None for what is empty."""
        count = len(self._frame)
        return zip(*self.part(names, np.arange(count)), strict=True)


class Index(Mapping[str, tuple[str, int]]):
    """Where each feature is, layer and row: of held layers in a dictionary, of vast ones as it is asked for.

    Args:
        near: Features of held layers.
        far: Vast layers.
    """

    def __init__(self, near: Mapping[str, tuple[str, int]], far: Mapping[str, Looked]) -> None:
        self._near, self._far = near, far

    def __getitem__(self, feature: str) -> tuple[str, int]:
        found = self._near.get(feature)
        if found is not None:
            return found
        for layer, look in self._far.items():
            row = look.row_of(feature)
            if row is not None:
                return layer, row
        raise KeyError(feature)

    def __contains__(self, feature: object) -> bool:
        if feature in self._near:
            return True
        return isinstance(feature, str) and any(look.row_of(feature) is not None for look in self._far.values())

    def __iter__(self) -> Iterator[str]:
        yield from self._near
        for look in self._far.values():
            for first in range(0, look.count, AT_ONCE):
                yield from look.ids(slice(first, min(first + AT_ONCE, look.count)))

    def __len__(self) -> int:
        return len(self._near) + sum(look.count for look in self._far.values())


class Slugs(Sequence[str]):
    """The places of a level by the rest of their ids; whether there is one is looked up, not sought in a list.

    Args:
        index: Where each feature is.
        level: ``zone`` or ``township``.
    """

    def __init__(self, index: Mapping[str, tuple[str, int]], level: str) -> None:
        self._index, self._start = index, f"{level}/"

    def __contains__(self, slug: object) -> bool:
        return isinstance(slug, str) and f"{self._start}{slug}" in self._index

    def __iter__(self) -> Iterator[str]:
        return (one.removeprefix(self._start) for one in self._index if one.startswith(self._start))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def some(self) -> list[str]:
        """The first ones, to be named where none of them was given."""
        return list(itertools.islice(self, MOST_SHOWN))

    def __getitem__(self, place: Any) -> Any:
        return list(self)[place]
