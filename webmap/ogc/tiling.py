"""Tiles, tile sets and styles of the services."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any
from urllib.parse import quote

import numpy as np

from geo import crs as geo_crs
from layers import words
from layers.edition.gpkg_project import source
from layers.model.tables import FEATURE_COLUMNS
from layers.qgis.definition import definition
from layers.service.errors import ServiceError
from layers.service.grids import GRIDS, LEVELS, MERCATOR, Grid
from layers.service.tiles import DIMENSIONS, Cutter
from layers.style.maplibre import Class, style
from layers.style.paint import qgis_styles
from webmap.ogc.documents import MAPBOX_STYLE, QML, attribution, link, own_links
from webmap.ogc.service import Service
from webmap.serving.asking import Wanted
from webmap.serving.encode import JSON_TYPE
from webmap.serving.messages import text
from webmap.serving.problems import NotKnownError
from webmap.serving.quick import ORIGIN

MVT, TILEJSON = "application/vnd.mapbox-vector-tile", "application/json"
_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_MOST_LEVEL = 18
"""Clients are told to ask no further, and draw these larger: features of a plan are metres exact at best."""


def tiled(known: Service) -> list[str]:
    """The layers that have tiles."""
    return [layer for layer in known.store.layers if known.store.geometry_type(layer) in DIMENSIONS]


def tile(known: Service, layers: Sequence[str], wanted: Wanted) -> bytes:
    """A vector tile of layers.

    Raises:
        NotKnownError: The level has no such tile.
        ServiceError: No feature has such a property.
    """
    grid, level = GRIDS[wanted["grid"]], int(wanted["level"])
    column, row = int(wanted["column"]), int(wanted["row"])
    columns, rows = grid.size(level)
    if column >= columns or row >= rows:
        value = f"{level}/{row}/{column}"
        raise NotKnownError("error.unknown_tile", value=value, columns=columns, rows=rows)
    names = wanted["properties"].split(",") if wanted["properties"] else None
    # Layers do not have columns in which nothing stands: to ask for one is no mistake.
    unknown = [one for one in names or [] if one not in FEATURE_COLUMNS]
    if unknown:
        raise ServiceError("service.filter_property", name=unknown[0][:60], known=list(FEATURE_COLUMNS))
    return b"".join(_cutter(known, layer).tile(grid, level, column, row, names) for layer in layers)


def make_ready(known: Service) -> None:
    """Keep what tiles of the usual set are cut from, so that workers forked afterwards share it."""
    for layer in tiled(known):
        _cutter(known, layer).make_ready(GRIDS[MERCATOR.id])


def _cutter(known: Service, layer: str) -> Cutter:
    return known.keep(f"tiles {layer}", lambda: Cutter(known.table(layer), known.store.geometry_type(layer)))


def grids(_known: Service, wanted: Wanted) -> dict[str, Any]:
    """The tile matrix sets."""
    made = [
        {
            "id": one.id,
            "title": one.title,
            **({"uri": one.uri} if one.uri else {}),
            "links": [link(wanted, f"/ogc/tileMatrixSets/{one.id}", "self", JSON_TYPE)],
        }
        for one in GRIDS.values()
    ]
    return {"tileMatrixSets": made, "links": own_links(wanted)}


def _path(layer: str) -> str:
    return f"/ogc/collections/{quote(layer)}/tiles" if layer else "/ogc/tiles"


def tile_sets(known: Service, wanted: Wanted, layer: str = "") -> dict[str, Any]:
    """The tile sets of a layer, or of all."""
    return {"links": own_links(wanted), "tilesets": [_tile_set(known, wanted, grid, layer) for grid in GRIDS.values()]}


def tile_set(known: Service, wanted: Wanted, layer: str = "") -> dict[str, Any]:
    """One tile set, with what is in it."""
    grid = GRIDS[wanted["grid"]]
    found = _tile_set(known, wanted, grid, layer)
    found["layers"] = [
        {
            "id": one,
            "title": known.title(one, wanted.lang),
            "dataType": "vector",
            "geometryDimension": DIMENSIONS[known.store.geometry_type(one)],
        }
        for one in tiled(known)
        if layer in ("", one)
    ]
    return found


def grid_definition(_known: Service, wanted: Wanted) -> dict[str, Any]:
    """One tile matrix set."""
    return GRIDS[wanted["grid"]].definition


def _tile_set(known: Service, wanted: Wanted, grid: Grid, layer: str) -> dict[str, Any]:
    base = f"{_path(layer)}/{grid.id}"
    template = f"{ORIGIN}{wanted.root}{base}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    return {
        "title": f"{_title(known, wanted, layer)} · {grid.id}",
        "dataType": "vector",
        "crs": geo_crs.crs_uri(grid.crs),
        **({"tileMatrixSetURI": grid.uri} if grid.uri else {}),
        "links": [
            link(wanted, base, "self", JSON_TYPE, text(wanted.lang, "ogc.tile_set")),
            link(wanted, f"{base}?f=tilejson", "describedby", TILEJSON, "TileJSON"),
            link(wanted, f"/ogc/tileMatrixSets/{grid.id}", _SCHEME, JSON_TYPE, text(wanted.lang, "ogc.grid")),
            {"href": template, "rel": "item", "type": MVT, "templated": True},
        ],
    }


def _title(known: Service, wanted: Wanted, layer: str) -> str:
    """What tiles are of: a layer, or the plan."""
    return known.title(layer, wanted.lang) if layer else words.name(known.store.plan, wanted.lang, "short_title")


def tile_json(known: Service, wanted: Wanted, layer: str = "") -> dict[str, Any]:
    """The same as TileJSON 3.0, for MapLibre and others."""
    grid = GRIDS[wanted["grid"]]
    shown = [layer] if layer else tiled(known)
    fields = {one: {name: column.kind for name, column in known.table(one).columns.items()} for one in shown}
    extents = [extent for one in shown if (extent := known.table(one).extent)]
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": _title(known, wanted, layer),
        "attribution": attribution(known, wanted.lang),
        "scheme": "xyz",
        "minzoom": 0,
        "maxzoom": min(_MOST_LEVEL, LEVELS - 1),
        "tiles": [f"{ORIGIN}{wanted.root}{_path(layer)}/{grid.id}/{{z}}/{{y}}/{{x}}"],
        "vector_layers": [
            {"id": one, "description": known.title(one, wanted.lang), "fields": fields[one]} for one in shown
        ],
    }
    if extents:
        low, high = np.min(extents, axis=0), np.max(extents, axis=0)
        found["bounds"] = [float(low[0]), float(low[1]), float(high[2]), float(high[3])]
    return found


def styles(known: Service, wanted: Wanted) -> dict[str, Any]:
    """The styles: one of each layer."""
    made = [
        {
            "id": layer,
            "title": known.title(layer, wanted.lang),
            "links": [
                link(wanted, f"/ogc/styles/{quote(layer)}?f=mapbox", "stylesheet", MAPBOX_STYLE, "MapLibre"),
                link(wanted, f"/ogc/styles/{quote(layer)}?f=qml", "stylesheet", QML, "QGIS (QML)"),
            ],
        }
        for layer in tiled(known)
    ]
    return {"styles": made, "links": own_links(wanted)}


def mapbox_style(known: Service, wanted: Wanted, layer: str) -> dict[str, Any]:
    """The MapLibre style of a layer."""
    source = {
        "type": "vector",
        "tiles": [f"{ORIGIN}{wanted.root}{_path(layer)}/{GRIDS['WebMercatorQuad'].id}/{{z}}/{{y}}/{{x}}"],
        "minzoom": 0,
        "maxzoom": _MOST_LEVEL,
        "attribution": attribution(known, wanted.lang),
    }
    store = known.store
    records = (store.kinds, store.statuses)
    return style(
        layer, known.title(layer, wanted.lang), store.geometry_type(layer), _classes(known, layer), records, source
    )


def _classes(known: Service, layer: str) -> list[Class]:
    table = known.table(layer)
    cells = [
        column.plains() if (column := table.columns.get(name)) is not None else repeat(None, table.count)
        for name in ("kind", "status", "assumed")
    ]
    found = set(zip(*cells, strict=True))
    return sorted({(str(kind or ""), str(status or ""), bool(assumed)) for kind, status, assumed in found})


def qml_style(known: Service, layer: str) -> bytes:
    """The QGIS style of a layer, as it is in the GeoPackage.

    Raises:
        NotKnownError: It has none.
    """
    edition = known.store.edition
    rows = qgis_styles(edition.meta, {layer: edition.layers[layer]})
    if rows.empty:
        raise NotKnownError("error.unknown_style", value=layer, choices=tiled(known))
    return str(rows.iloc[0]["styleQML"]).encode("utf-8", "replace")


def layer_definition(known: Service, wanted: Wanted) -> bytes:
    """A QGIS layer definition of all collections, that asks this service for features."""
    edition = known.store.edition
    found = source(edition, edition.layers, lang=wanted.lang)
    return definition(found, f"{ORIGIN}{wanted.root}/ogc").encode("utf-8", "replace")
