"""What a user states about a file that is to be imported, and the coordinate system that follows from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyproj import CRS

from geo import crs
from geo.foreign.binary import read_prj
from geo.parameters import Parameters
from layers.model.errors import LayersError

TOLERANCE_M = 20.0
"""Gaps and overlaps among official polygons up to this width are closed, and told."""
_LOCAL = re.compile(r"gk:(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """Where a file is from, as the records will cite it; only the name is needed."""

    name: str = ""
    title: str = ""
    date: str = ""
    licence: str = ""
    attribution: str = ""


@dataclass(frozen=True)
class Request:
    """A file and what is said of it.

    Attributes:
        file: The file, or the folder of a file geodatabase.
        layer: Its layer, when there are several.
        crs: ``4549``, ``EPSG:4549``, ``gk:120.5`` or ``gk:120.5:40500000`` (a meridian and a false easting in metres),
            ``metric``, or a ``.prj`` file; "" for what the file declares.
        swap_axes: Northing or latitude stands first.
        datum: One of ``geo.datum.DATUMS``; "" to find out.
        parameters: For an old datum.
        encoding: Of the texts; "" to find out.
        name_field: The column with names; "" to find out.
        code_field: The column with codes; "" to find out.
        match: Feature ids by what the file calls them.
        tolerance_m: Gaps and overlaps up to this width are closed.
        repair: Whether invalid shapes are mended.
        basis: Of the new geometry.
        accuracy_m: Of the new geometry; None to take it from the file's kind.
        source: Where it is from.
        force: Put it in although the plan folder has errors then, or the file lies elsewhere.
    """

    file: Path
    layer: str | None = None
    crs: str = ""
    swap_axes: bool = False
    datum: str = ""
    parameters: Parameters = field(default_factory=Parameters)
    encoding: str = ""
    name_field: str = ""
    code_field: str = ""
    match: Mapping[str, str] = field(default_factory=dict)
    tolerance_m: float = TOLERANCE_M
    repair: bool = False
    basis: str = "official"
    accuracy_m: float | None = None
    source: Source = field(default_factory=Source)
    force: bool = False

    @property
    def shown(self) -> str:
        """The file's name, for messages."""
        return self.file.name


def parse_crs(text: str, lon: float) -> CRS:
    """A system as a user writes it; see ``Request.crs``.

    Args:
        text: What was written.
        lon: Longitude in degrees of the plan, for ``metric``.

    Raises:
        GeoError: ``crs.unknown``, ``crs.longitude_not_covered``, ``vector.bad_prj``.
        LayersError: ``import.no_prj``.

    Example:
        >>> parse_crs("4549", 120.3).to_epsg()
        4549
    """
    local = _LOCAL.fullmatch(text.strip())
    if local:
        return crs.gauss_kruger(float(local[1]), float(local[2] or 500_000.0))
    if text.lower().endswith(".prj"):
        found = read_prj(Path(text)) if Path(text).is_file() else None
        if found is None:
            raise LayersError("import.no_prj", file=Path(text).name)
        return found
    return crs.parse_crs(text, lon)
