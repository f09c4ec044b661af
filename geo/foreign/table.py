"""What every reader hands on: rows with geometries, and the CRS that the file declares, if it does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry


@dataclass
class Table:
    """One layer of a file.

    Attributes:
        rows: properties of each feature, values as the file has them.
        geometries: 2D, None where a feature has none.
        crs: the CRS that the file declares, or None.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    geometries: list[BaseGeometry | None] = field(default_factory=list)
    crs: CRS | None = None

    def add(self, row: dict[str, Any], geometry: BaseGeometry | None) -> None:
        """Append a feature."""
        self.rows.append(row)
        self.geometries.append(geometry)

    def frame(self) -> gpd.GeoDataFrame:
        """The same as a table of geopandas; a property named `geometry` gives way to the geometry."""
        columns = dict.fromkeys(str(name) for row in self.rows for name in row if name != "geometry")
        values = {name: _column([row.get(name) for row in self.rows]) for name in columns}
        frame = pd.DataFrame(values, index=range(len(self.rows)))
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(self.geometries, index=frame.index, crs=self.crs))


def _column(values: Sequence[Any]) -> Any:
    """Values as they are: a missing code must not turn the column's whole numbers into decimals."""
    if values and all(type(value) is int and abs(value) < 2**63 for value in values):
        return np.array(values)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
