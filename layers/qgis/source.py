"""What a project or a layer definition is written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from pyproj import CRS

from geo.messages import Catalogue
from layers import words
from layers.style.paint import GROUND, latitude_of
from layers.style.qml_xml import channels
from layers.style.symbols import Kind, Status, parse_kinds, parse_statuses

_WORDS = Catalogue(Path(__file__).parents[1] / "messages" / "qgis.toml")

Names = Mapping[str, Mapping[str, str]]
"""Name by code of each column of codes."""


def word(key: str, lang: str, **params: Any) -> str:
    """A text of ``messages/qgis.toml``."""
    return _WORDS.text(f"qgis.{key}", lang, **params)


@dataclass(frozen=True)
class Source:
    """Layers in a file, with what is to be said of them.

    Attributes:
        meta: The edition's metadata: ``plan``, ``layers``, ``groups``, ``views``, ``kinds``, ``statuses``, ``bases``.
        frames: The layers that are in the file, by id: columns of ``layers.model.tables.FEATURE_COLUMNS``, in ``crs``.
        crs: Of the file's coordinates.
        canvas: In which the map is shown; in metres.
        file: Name of the file, which lies beside the project or holds it.
        names: Names of codes in ``lang``.
        lang: Of names and words.
        said: Label and text of each statement about origin, terms and accuracy, in reading order, by name.
        hash: Of the edition's content.
        places: Longitude and latitude, degrees, of the names of the units that features are only known to lie in.
    """

    meta: Mapping[str, Any]
    frames: Mapping[str, pd.DataFrame]
    crs: CRS
    canvas: CRS
    file: str
    names: Names
    lang: str = "zh"
    said: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    hash: str = ""
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """The kinds by id."""
        return parse_kinds(self.meta["kinds"])

    @cached_property
    def statuses(self) -> list[Status]:
        """The statuses in the order of the legend."""
        return list(parse_statuses(self.meta.get("statuses", ())).values())

    @cached_property
    def layers(self) -> list[Mapping[str, Any]]:
        """The records of the layers that are in the file, in the plan's order."""
        return [one for one in self.meta["layers"] if one["id"] in self.frames]

    @property
    def stacked(self) -> list[Mapping[str, Any]]:
        """The same, the uppermost on the map first."""
        return sorted(self.layers, key=lambda one: (-int(one.get("order", 0)), str(one["id"])))

    @property
    def views(self) -> Sequence[Mapping[str, Any]]:
        """The plan's views that show something of the file."""
        return [one for one in self.meta.get("views", ()) if any(name in self.frames for name in one["layers"])]

    @property
    def shown(self) -> set[str]:
        """Layers that are on at first: those of the first view, as on the page; else those that say so."""
        if self.views:
            return set(self.views[0]["layers"]) & set(self.frames)
        return {str(one["id"]) for one in self.layers if one.get("show")}

    @property
    def latitude(self) -> float:
        """Of the plan's middle, degrees."""
        return latitude_of(self.meta)

    @property
    def beyond(self) -> tuple[int, int, int]:
        """Red, green and blue of the ground beyond its frame, as on the page; paper where there is no ground."""
        grounds = [one for one in self.stacked if one.get("group") == GROUND and one["geometry"] == "polygon"]
        fills = [self.kinds[kind].symbol.fill for layer in grounds[-1:] for kind in layer["kinds"][:1]]
        return channels(fills[0]) if fills and fills[0] else (255, 255, 255)

    def title(self, layer: Mapping[str, Any]) -> str:
        """A layer's name; a layer without any shape says so."""
        name = words.name(layer, self.lang)
        if layer.get("geometry") == "none":
            return word("table", self.lang, name=name)
        return name if has_shapes(self.frames[layer["id"]]) else word("undrawn", self.lang, name=name)


def has_shapes(frame: pd.DataFrame) -> bool:
    """Whether any row has a geometry."""
    return "geometry" in frame.columns and bool(frame["geometry"].notna().any())
