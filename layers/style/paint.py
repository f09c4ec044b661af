"""One symbology per kind: read ``kinds.toml``, hand it to Leaflet as JSON and to QGIS as QML.

The page receives the kinds as they are written plus the dash arrays that follow from a feature's status.
QGIS receives a QML document per layer (see ``layers.style.qml``): the only style that it loads from a GeoPackage
by itself. Colours live in the data file, none in the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element  # writes only: nothing foreign is parsed here

import geopandas as gpd
import pandas as pd

from layers.style.qml import qml
from layers.style.symbols import (
    Kind,
    Label,
    Status,
    StyleError,
    Symbol,
    dash_px,
    parse_kind,
    parse_kinds,
    parse_statuses,
)

__all__ = [
    "Kind",
    "Label",
    "Status",
    "StyleError",
    "Symbol",
    "dash_px",
    "leaflet",
    "parse_kind",
    "parse_kinds",
    "parse_statuses",
    "qgis_styles",
]


GROUND = "ground"
"""The group whose layers are the ground that a plan lies on."""


def leaflet(kinds: Sequence[Mapping[str, Any]], statuses: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the kinds as the page wants them.

    Args:
        kinds: ``[[kind]]`` records.
        statuses: ``[[status]]`` records.

    Returns:
        The records as they are, each line kind with ``dashes = {status: [px, …]}`` added.

    Raises:
        StyleError: See `parse_kind`.
    """
    known = parse_statuses(statuses)
    result = []
    for record in kinds:
        kind = parse_kind(record)
        entry = dict(record)
        if kind.geometry == "line":
            entry["dashes"] = {status.id: list(dash_px(kind, status)) for status in known.values()}
        result.append(entry)
    return result


def qgis_styles(
    meta: Mapping[str, Any],
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    pinned: bool = True,
    form: Callable[[Mapping[str, Any]], Iterable[Element]] = lambda _layer: (),
) -> pd.DataFrame:
    """Build the rows of QGIS's own table ``layer_styles``, one default style for each layer with geometry.

    Args:
        meta: The edition's metadata; ``layers``, ``kinds`` and ``statuses`` are used (lists of records).
        layers: The layers by id. Only columns ``kind``, ``status`` and ``assumed`` are read.
        pinned: Put names of areas at ``label_lon``, ``label_lat``; right for layers in degrees only.
        form: Gives what else the style of a layer says: of columns, forms and map tips.

    Returns:
        Columns ``f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
        styleSLD, useAsDefault, description, owner, ui``, in the order of the layers' stacking.

    Raises:
        StyleError: See `parse_kind`; ``style.kind_unknown`` when a layer names a kind that is not defined.
    """
    kinds, statuses = parse_kinds(meta["kinds"]), parse_statuses(meta["statuses"])
    rows = []
    for layer in sorted(meta["layers"], key=lambda entry: (entry.get("order", 0), entry["id"])):
        own = [_lookup(kinds, kind, layer["id"]) for kind in layer["kinds"]]
        frame = layers.get(layer["id"])
        if frame is None or all(kind.geometry == "none" for kind in own):
            continue
        rows.append(
            {
                "f_table_catalog": "",
                "f_table_schema": "",
                "f_table_name": layer["id"],
                "f_geometry_column": "geom",
                "styleName": layer.get("name") or layer["id"],
                "styleQML": qml(
                    own,
                    list(statuses.values()),
                    frame,
                    pinned=pinned,
                    ground=layer.get("group") == GROUND,
                    bases=meta.get("bases", ()),
                    latitude=latitude_of(meta),
                    form=form(layer),
                ),
                "styleSLD": "",
                "useAsDefault": 1,
                "description": layer.get("name_en", ""),
                "owner": "",
                "ui": "",
            }
        )
    columns = "f_table_catalog f_table_schema f_table_name f_geometry_column styleName styleQML styleSLD"
    return pd.DataFrame(rows, columns=[*columns.split(), "useAsDefault", "description", "owner", "ui"])


def latitude_of(meta: Mapping[str, Any]) -> float:
    """Latitude of a plan's middle, degrees; 0 for a plan without bounds.

    Example:
        >>> latitude_of({"plan": {"bounds": [120.0, 29.0, 121.0, 31.0]}})
        30.0
    """
    bounds = meta.get("plan", {}).get("bounds")
    return (float(bounds[1]) + float(bounds[3])) / 2 if bounds else 0.0


def _lookup(kinds: Mapping[str, Kind], kind: str, layer: str) -> Kind:
    if kind not in kinds:
        raise StyleError("style.kind_unknown", kind=kind, layer=layer)
    return kinds[kind]
