"""Features as columns of NumPy arrays: what measuring reads, without the weight of a table library.

A plan's few hundred features are asked hundreds of times, by kind, status, zone; arrays answer in microseconds where
data frames take milliseconds, and a check that measures claims starts without importing them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS

FLAGS = ("assumed", "context")
"""Columns of truth values; all others are texts, "" where nothing is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Geometries in one CRS, each with the id of its feature.

    Attributes:
        ids: Ids, (n,) objects.
        geometries: Shapely geometries, (n,) objects; None where there is none.
        crs: Their CRS; None when nobody said.
    """

    ids: NDArray[Any]
    geometries: NDArray[Any]
    crs: CRS | None

    def __len__(self) -> int:
        return len(self.geometries)

    @classmethod
    def of(cls, geometries: Iterable[Any], crs: CRS | None, ids: Iterable[str] | None = None) -> Shapes:
        """Shapes from any sequence of geometries; their numbers as ids unless they have their own."""
        shapes = objects(geometries)
        return cls(objects(range(len(shapes)) if ids is None else ids), shapes, crs)

    def take(self, which: NDArray[Any]) -> Shapes:
        """Some of them, by number or by mask."""
        return Shapes(self.ids[which], self.geometries[which], self.crs)

    def named(self, ids: Collection[str]) -> Shapes:
        """Those with these ids, in the order in which they stand."""
        return self.take(np.array([one in ids for one in self.ids], dtype=bool))


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features by column.

    Attributes:
        columns: Arrays (n,): objects (texts), or truth values for `FLAGS`.
        shapes: Their geometries; ids are the column ``id``.
        areas_m2: Their geodesic areas, (n,), where somebody has measured them already; else None.
    """

    columns: Mapping[str, NDArray[Any]]
    shapes: Shapes
    areas_m2: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, column: str) -> NDArray[Any]:
        return self.columns[column]

    @classmethod
    def of(cls, columns: Mapping[str, Iterable[Any]], geometries: Iterable[Any], crs: CRS | None) -> Features:
        """Features from columns of any sequence; ``id`` must be among them."""
        arrays = {
            name: np.array(list(values), dtype=bool) if name in FLAGS else objects(values)
            for name, values in columns.items()
        }
        return cls(arrays, Shapes(arrays["id"], objects(geometries), crs))

    @classmethod
    def joined(cls, layers: Iterable[gpd.GeoDataFrame], columns: Iterable[str]) -> Features:
        """The features of layers one after the other; missing columns and cells are empty.

        Args:
            layers: Tables with an active geometry column, or without any.
            columns: Which columns to take.
        """
        frames = list(layers)
        crs = next((frame.crs for frame in frames if getattr(frame, "crs", None) is not None), None)
        found: dict[str, list[Any]] = {name: [] for name in columns}
        geometries: list[Any] = []
        for frame in frames:
            for name, values in found.items():
                values += _cells(frame, name)
            drawn = getattr(frame, "active_geometry_name", None)
            geometries += list(frame[drawn]) if drawn else [None] * len(frame)
        return cls.of(found, geometries, crs)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which features have no geometry, or an empty one."""
        return np.asarray(shapely.is_missing(self.shapes.geometries) | shapely.is_empty(self.shapes.geometries))

    def take(self, which: NDArray[Any]) -> Features:
        """Some of them, by number or by mask."""
        columns = {name: values[which] for name, values in self.columns.items()}
        areas = None if self.areas_m2 is None else self.areas_m2[which]
        return Features(columns, self.shapes.take(which), areas)

    def among(self, column: str, values: Collection[object]) -> NDArray[np.bool_]:
        """Which features have one of these values in a column."""
        wanted = frozenset(values)
        return np.array([value in wanted for value in self.columns[column]], dtype=bool)


def objects(values: Iterable[Any]) -> NDArray[Any]:
    """A one-dimensional array of objects, whatever they are."""
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _cells(frame: Any, name: str) -> list[Any]:
    """The cells of a column of a table as this module has them."""
    if name not in frame:
        return [False if name in FLAGS else ""] * len(frame)
    cells, known = frame[name].tolist(), frame[name].notna().tolist()
    if name in FLAGS:
        return [value is True or value == 1 for value in cells]
    return [str(value) if there else "" for value, there in zip(cells, known, strict=True)]
