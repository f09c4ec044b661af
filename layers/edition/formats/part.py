"""What a writer writes: layers of an edition in one coordinate system, with the words that go with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from layers import words
from layers.edition.file import Edition
from layers.edition.layer_table import CODES, worded
from layers.edition.notice import Notice, notice
from layers.edition.systems import System
from layers.model.errors import word
from layers.model.tables import STORED_GEOMETRY
from layers.style.passes import Pass, lightness, own_colour, passes, single, spot
from layers.style.symbols import Kind, Status, parse_kinds, parse_statuses

Remarks = list[str]
"""What a writer has to say about its files, in the part's language, for the readme."""

UTF8, GB18030 = "utf-8", "gb18030"
ENCODINGS = (UTF8, GB18030)
"""Encodings of formats that leave the choice."""

_SHAPES = {1: "line", 2: "polygon"}


@dataclass(frozen=True)
class Part:
    """Layers of an edition in one system.

    Attributes:
        edition: Where they are from, whole: names of codes are looked up in it.
        rows: The layers by id, as they are in the edition.
        frames: The same in the system.
        system: Of their coordinates.
        lang: Language of names and words.
        headings: ``codes`` or a language: how columns are called.
        encoding: Of formats that leave the choice.
        wkt: Whether tables of text have the geometry too.
        whole: Whether it is the whole edition, so that its tables go with it.
        scope: What of the edition it is, in words; "" for all.
        stem: Name of the file without its extension.
        known_as: Name that the file will have when it is given out; "" for the stem with its extension.
    """

    edition: Edition
    rows: Mapping[str, gpd.GeoDataFrame]
    frames: Mapping[str, gpd.GeoDataFrame]
    system: System
    lang: str
    headings: str = CODES
    encoding: str = UTF8
    wkt: bool = False
    whole: bool = False
    scope: str = ""
    stem: str = "layers"
    known_as: str = ""

    @cached_property
    def notice(self) -> Notice:
        """What the file says of itself."""
        return notice(self.edition, self.frames, self.lang, self.system, self.scope)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """The kinds by id."""
        return parse_kinds(self.edition.meta["kinds"])

    @cached_property
    def statuses(self) -> dict[str, Status]:
        """The statuses by id."""
        return parse_statuses(self.edition.meta.get("statuses", ()))

    @cached_property
    def kind_records(self) -> dict[str, Mapping[str, Any]]:
        """The records of the kinds by id."""
        return {str(one["id"]): one for one in self.edition.meta["kinds"]}

    @cached_property
    def status_records(self) -> dict[str, Mapping[str, Any]]:
        """The records of the statuses by id."""
        return {str(one["id"]): one for one in self.edition.meta.get("statuses", ())}

    def painted(self, cells: Mapping[str, Any], shape: BaseGeometry) -> list[Pass]:
        """What a feature is painted with, as on the page: its passes, or the one of a point (`spot`).

        Args:
            cells: Of the feature; ``kind``, ``status``, ``basis``, ``color`` and ``assumed`` count.
            shape: Its geometry.
        """
        names = ("kind", "status", "basis", "color")
        kind, status, basis, color = (str(cells.get(name) or "") for name in names)
        assumed, dimension = cells.get("assumed") in (True, 1), int(shapely.get_dimensions(shape))
        key = (kind, status, basis, color, assumed, dimension)
        if key not in self._looks:
            record, state, own = self.kind_records[kind], self.status_records.get(status, {}), own_colour(color)
            if dimension:
                made = passes(record, state, _SHAPES[dimension], color=own, assumed=assumed)
            else:
                apart = basis in self._apart
                made = [spot(record, color=own, hollow=apart or bool(state.get("dash")))]
            self._looks[key] = made
        return self._looks[key]

    def line(self, cells: Mapping[str, Any], shape: BaseGeometry) -> Pass:
        """The one stroke of a feature, of a point its colour, where a format has no more."""
        made = self.painted(cells, shape)
        if made[0].name == "spot":
            one = made[0]
            return one if lightness(one.fill) == 1 else replace(one, stroke=one.fill)
        return single(made, broken=bool(self.status_records.get(str(cells.get("status") or ""), {}).get("dash")))

    @cached_property
    def _looks(self) -> dict[tuple[object, ...], list[Pass]]:
        return {}

    @cached_property
    def _apart(self) -> frozenset[str]:
        """Bases whose points are hollow."""
        return frozenset(str(one["id"]) for one in self.edition.meta.get("bases", ()) if one.get("apart"))

    @property
    def year(self) -> int:
        """The year of the data: what stands for the time of making, so that the same input gives the same bytes."""
        return int(self.edition.meta["plan"]["as_of"])

    def title(self, layer: str) -> str:
        """A layer's name for people."""
        record = next(one for one in self.edition.meta["layers"] if one["id"] == layer)
        return words.name(record, self.lang)

    def file(self, layer: str) -> str:
        """A layer's id as the name of a file, without its extension."""
        return file_stem(layer)

    def geometry(self, layer: str) -> str:
        """``polygon``, ``line``, ``point`` or ``none``."""
        return self.edition.geometries[layer]

    def stored_type(self, layer: str) -> str | None:
        """The one geometry type of a layer's file; None for a layer without geometry."""
        return STORED_GEOMETRY.get(self.geometry(layer))

    def drawn(self, layer: str) -> gpd.GeoDataFrame:
        """The rows of a layer that have a shape."""
        frame = self.frames[layer]
        return frame[~(frame.geometry.isna() | frame.geometry.is_empty)]

    def shapes(self, layer: str, *, brackets: bool = True) -> gpd.GeoDataFrame:
        """A layer with its columns headed as asked, geometry last.

        Args:
            layer: Its id.
            brackets: Whether a heading in words has the column's own name behind it.
        """
        frame = self.frames[layer]
        if self.headings == CODES:
            return frame
        table = worded(self.edition, pd.DataFrame(frame.drop(columns="geometry")), self.headings, brackets=brackets)
        return gpd.GeoDataFrame(table, geometry=frame.geometry.to_numpy(), crs=frame.crs)

    def say(self, key: str, **params: Any) -> str:
        """A text about the export in the part's language."""
        return word(f"export.{key}", self.lang, **params)


def file_stem(text: str) -> str:
    """A text as the name of a file: nothing that leads elsewhere or that a file system refuses.

    Example:
        >>> file_stem("../区 a")
        '_区_a'
    """
    return re.sub(r"[^\w-]+", "_", text)[:80] or "_"


def paths(folder: Path) -> Sequence[Path]:
    """The files below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
