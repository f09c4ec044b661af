"""What of an edition is given out: some layers, and of those what belongs to a zone or township, or lies in a view."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers import words
from layers.edition.file import Edition
from layers.edition.large import listed
from layers.edition.systems import ExportError
from layers.model.errors import word
from layers.model.plan import TOWNSHIP, ZONE
from layers.model.tables import split

ALL = "all"


@dataclass(frozen=True, slots=True)
class Area:
    """Where: a zone or township, or a box, or what of the one lies in the other; neither is everywhere.

    Attributes:
        level: ``zone``, ``township`` or "".
        slug: Its name in ids.
        box: West, south, east, north in degrees, or None.
    """

    level: str = ""
    slug: str = ""
    box: tuple[float, float, float, float] | None = None

    @property
    def everywhere(self) -> bool:
        """Whether nothing is left out."""
        return not self.slug and self.box is None

    @property
    def code(self) -> str:
        """For the name of a file: ``zone-central``, ``view`` or ""."""
        return "-".join(part for part in (self.level, self.slug, "view" if self.box else "") if part)

    def words(self, edition: Edition, lang: str) -> str:
        """What it is called; "" for everywhere."""
        said = []
        if self.slug:
            said.append(word("export.scope_unit", lang, name=dict(units(edition, self.level, lang))[self.slug]))
        if self.box:
            said.append(word("export.scope_box", lang, bbox=",".join(f"{value:g}" for value in self.box)))
        return word("notice.join", lang).join(said)


EVERYWHERE = Area()


def units(edition: Edition, level: str, lang: str = "zh") -> list[tuple[str, str]]:
    """Slug and name of each zone or township, in the order of their layer.

    Args:
        edition: Where they are.
        level: ``zone`` or ``township``.
        lang: Language of the names.
    """
    found = []
    for frame in listed(edition.layers):
        rows = frame.loc[frame["kind"] == level, ["id", "name", "name_en"]].to_dict("records")
        found += [(str(row["id"]).rpartition("/")[2], words.name({**row}, lang)) for row in rows]
    return found


def area(edition: Edition, zone: str = "", township: str = "", bbox: str = "") -> Area:
    """Read an area as people write it.

    Args:
        edition: Where zones and townships are.
        zone: Slug or name of a zone, or "".
        township: Slug or name of a township, or "".
        bbox: ``west,south,east,north`` in degrees, or "".

    Raises:
        ExportError: ``export.area_unknown`` or ``export.bad_bbox``.
    """
    for level, asked in ((TOWNSHIP, township), (ZONE, zone)):
        if asked:
            known = units(edition, level)
            slug = next((slug for slug, name in known if asked in (slug, f"{level}/{slug}", name)), None)
            if slug is None:
                raise ExportError("export.area_unknown", area=asked, known=[slug for slug, _name in known])
            return Area(level, slug, _box(bbox) if bbox else None)
    return Area(box=_box(bbox)) if bbox else EVERYWHERE


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ExportError("export.bad_bbox", bbox=text) from None
    fits = all(map(math.isfinite, (west, south, east, north))) and -180 <= west < east <= 180
    if not (fits and -90 <= south < north <= 90):
        raise ExportError("export.bad_bbox", bbox=text)
    return west, south, east, north


def chosen(edition: Edition, layers: Iterable[str], where: Area) -> Edition:
    """Give an edition that holds only what was chosen.

    Args:
        edition: The whole one; it is not changed.
        layers: Ids of layers, or ``all`` among them.
        where: Which features: of a unit those whose ``zone`` or ``township`` names it, and itself; of a box those
            whose shape meets it, or without a shape whose unit does. Shapes stay whole.

    Raises:
        ExportError: ``export.layer_unknown``, or ``export.nothing`` when no feature is left.
    """
    asked = list(dict.fromkeys(layers))
    unknown = [name for name in asked if name != ALL and name not in edition.layers]
    if unknown or not asked:
        raise ExportError("export.layer_unknown", layer="、".join(unknown), known=[*edition.layers, ALL, "indicators"])
    names = [name for name in edition.layers if ALL in asked or name in asked]
    if where.everywhere:
        return replace(edition, layers={name: edition.layers[name] for name in names})
    inside = _rows(edition, where)
    kept = {name: edition.layers[name][inside(edition.layers[name])] for name in names}
    found = {name: frame.reset_index(drop=True) for name, frame in kept.items() if len(frame)}
    if not found:
        raise ExportError("export.nothing")
    return replace(edition, layers=found)


def _rows(edition: Edition, where: Area) -> Callable[[gpd.GeoDataFrame], NDArray[np.bool_]]:
    """Which rows of a layer an area has."""
    own, box, met = f"{where.level}/{where.slug}", where.box, set()
    if box is not None:
        for frame in edition.layers.values():
            places = frame[frame["kind"].isin((ZONE, TOWNSHIP))]
            met |= set(places.loc[_meets(places, box), "id"])

    def inside(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        found = np.ones(len(frame), dtype=bool)
        if where.slug:
            cells = frame[where.level].map(lambda cell: where.slug in split(cell))
            found &= cells.to_numpy(dtype=bool) | (frame["id"] == own).to_numpy()
        if box is not None:
            found &= _meets(frame, box) | (frame.geometry.isna() & frame["unit"].isin(met)).to_numpy()
        return found

    return inside


def _meets(frame: gpd.GeoDataFrame, box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    return np.asarray(shapely.intersects(frame.geometry.to_numpy(), shapely.box(*box)), dtype=bool)
