"""Named places of a plan: position, datum, accuracy, source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shapely import Point

from layers.model.errors import Origin


@dataclass(frozen=True, slots=True)
class Place:
    """A gazetteer entry.

    Attributes:
        lon: Longitude in degrees, EPSG:4490, converted from the datum of the file.
        lat: Latitude in degrees, EPSG:4490.
        datum: Datum in which the file has it.
        accuracy_m: Stated positional uncertainty in metres.
        basis: Id of the basis.
        township: Id of the feature that must contain it, or "".
        sources: Names of sources.
    """

    name: str
    name_en: str
    aliases: tuple[str, ...]
    lon: float
    lat: float
    datum: str
    accuracy_m: float
    basis: str
    township: str
    sources: tuple[str, ...]
    note: str
    origin: Origin

    @property
    def point(self) -> Point:
        """The position, lon/lat in degrees (EPSG:4490)."""
        return Point(self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places by name; an alias finds its place too.

    Attributes:
        places: In the order of the file.
        dropped: Names of rows that are not sound.
    """

    places: tuple[Place, ...] = ()
    _index: Mapping[str, Place] = field(default_factory=dict, repr=False)
    dropped: frozenset[str] = frozenset()

    def find(self, name: str) -> Place | None:
        """The place with this name or alias, or None."""
        return self._index.get(name)

    @property
    def words(self) -> tuple[str, ...]:
        """Every name and alias."""
        return tuple(self._index)
