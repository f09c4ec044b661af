"""What questions to services may say, each declared once: read, described in the OpenAPI document, part of the key."""

from __future__ import annotations

import math

from layers.edition.store import Store
from layers.model.tables import FEATURE_COLUMNS, FLAG, INTEGER, NUMBER
from layers.service.cql2 import LANGUAGES as FILTER_LANGUAGES
from layers.service.cql2 import LONGEST as LONGEST_FILTER
from layers.service.cql2_places import box_numbers
from layers.service.cql2_times import asked_span
from layers.service.errors import ServiceError
from layers.service.grids import GRIDS, LEVELS
from layers.service.systems import CRS84, asked
from webmap.ogc.painting import LARGEST_SIDE, WHITE
from webmap.serving.asking import LANG, Parameter
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE
from webmap.serving.problems import BadParameterError

USUAL_LIMIT, MOST_FEATURES = 100, 10_000
LONGEST_VALUE = 200
"""Characters of a value that a property is compared with."""
MOST_PROPERTIES = 40

COLLECTION = Parameter(
    "collection", "Collection id: a layer of the plan", lambda store: store.layers, error="error.unknown_layer"
)


def _formats(**media: str) -> Parameter:
    return Parameter(
        "f", "Format; without it the request's Accept chooses", tuple(media), next(iter(media)), media=dict(media)
    )


FORMAT = _formats(json=JSON_TYPE, html="text/html")
FEATURES_FORMAT = _formats(json=GEOJSON_TYPE, html="text/html")
API_TYPE = "application/vnd.oai.openapi+json;version=3.0"
API_FORMAT = _formats(json=API_TYPE, html="text/html")


TILE_SET_FORMAT = _formats(json=JSON_TYPE, tilejson=JSON_TYPE, html="text/html")
STYLE_FORMAT = _formats(
    mapbox="application/vnd.mapbox.style+json", qml="application/x-qgis-layer-settings", html="text/html"
)
LAYER_DEFINITION = _formats(qlr="application/x-qgis-layer-definition")
GRID = Parameter("grid", "Tile matrix set", tuple(GRIDS), error="error.unknown_value")
LEVEL = Parameter("level", "Level (tile matrix), from 0", numbers=(0, LEVELS - 1))
ROW = Parameter("row", "Row, from the north", numbers=(0, (1 << LEVELS) - 1))
COLUMN = Parameter("column", "Column, from the west", numbers=(0, (1 << (LEVELS + 1)) - 1))
STYLE = Parameter("style", "Style id: that of its layer", lambda store: store.layers, error="error.unknown_layer")
LAYERS = Parameter(
    "collections", "Collection ids, joined by commas; without it all", lambda store: store.layers,
    error="error.unknown_layer", several=True,
)  # fmt: skip


FEATURE = Parameter("feature", "Feature id; its slash may be written as it is or as %2F", longest=LONGEST_VALUE)
LIMIT = Parameter("limit", "At most so many features", default=str(USUAL_LIMIT), numbers=(1, MOST_FEATURES))
OFFSET = Parameter("offset", "So many features are passed over", default="0", numbers=(0, 999_999_999))


def _box(_store: Store, text: str) -> str:
    box_numbers(text.split(","))
    return text


def _time(_store: Store, text: str) -> str:
    asked_span(text)
    return text


def _system(store: Store, text: str) -> str:
    lon = store.plan.get("lon")
    (_south, west), (_north, east) = store.extent
    return asked(text, float(lon) if lon is not None else (west + east) / 2).uri


BBOX = Parameter(
    "bbox", "Box that features meet: lower left corner, upper right, in the axis order of bbox-crs", accepts=_box
)
DATETIME = Parameter("datetime", "Instant, or two with / between them, that features meet; .. is open", accepts=_time)
CRS = Parameter("crs", "System of the answer, by its URI", default=CRS84.uri, accepts=_system)
BBOX_CRS = Parameter("bbox-crs", "System of bbox, by its URI", default=CRS84.uri, accepts=_system)
FILTER_CRS = Parameter(
    "filter-crs", "System of the geometries in the filter, by its URI", default=CRS84.uri, accepts=_system
)


def _condition(_store: Store, text: str) -> str:
    if not text.strip() or len(text) > LONGEST_FILTER:
        raise ServiceError("service.filter_long", most=LONGEST_FILTER)
    return text


FILTER = Parameter("filter", "Condition in CQL2", accepts=_condition)
FILTER_LANG = Parameter("filter-lang", "How the condition is written", FILTER_LANGUAGES, FILTER_LANGUAGES[0])


WIDTH = Parameter("width", "Pixels", numbers=(1, LARGEST_SIDE))
HEIGHT = Parameter("height", "Pixels", numbers=(1, LARGEST_SIDE))
TRANSPARENT = Parameter("transparent", "Without a ground", ("false", "true"), "false")
BACKGROUND = Parameter("bgcolor", "Colour of the ground, 0xRRGGBB", default=WHITE, longest=8)
MAP = (BBOX, BBOX_CRS, CRS, WIDTH, HEIGHT, TRANSPARENT, BACKGROUND)
"""What a map may be asked with."""


def _key(name: str, told: str, longest: int = LONGEST_VALUE) -> Parameter:
    return Parameter(name, told, longest=longest, blank=True)


def _pixel(name: str, told: str, low: int = 0, high: int = LARGEST_SIDE) -> Parameter:
    return Parameter(name, told, numbers=(low, high), blank=True)


WMS = (
    _key("service", "WMS"), _key("request", "Operation"), _key("version", "1.3.0 or 1.1.1"),
    _key("layers", "Layers, joined by commas", 2000), _key("styles", "Empty, or default for each layer", 2000),
    _key("crs", "System"), _key("srs", "System, in version 1.1.1"), _key("bbox", "Box"), _pixel("width", "Pixels", 1),
    _pixel("height", "Pixels", 1), _key("format", "image/png"), _key("transparent", "TRUE or FALSE"),
    _key("bgcolor", "Colour of the ground"), _key("query_layers", "Layers to look in", 2000), _pixel("i", "Column"),
    _pixel("j", "Row"), _pixel("x", "Column, in version 1.1.1"), _pixel("y", "Row, in version 1.1.1"),
    _key("info_format", "Format of what is found"), _pixel("feature_count", "At most so many", 0, 999_999),
    _key("layer", "Layer of a legend"),
)  # fmt: skip
WMTS = (
    _key("service", "WMTS"), _key("request", "Operation"), _key("version", "1.0.0"), _key("layer", "Layer"),
    _key("style", "default"), _key("format", "image/png"), _key("tilematrixset", "Tile matrix set"),
    Parameter("tilematrix", "Level", numbers=(0, LEVELS - 1), blank=True),
    Parameter("tilerow", "Row", numbers=(0, (1 << LEVELS) - 1), blank=True),
    Parameter("tilecol", "Column", numbers=(0, (1 << (LEVELS + 1)) - 1), blank=True),
)  # fmt: skip


def _properties(_store: Store, text: str) -> str:
    names = text.split(",")
    if len(names) > MOST_PROPERTIES or any(not name for name in names) or len(text) > LONGEST_VALUE * 5:
        raise BadParameterError("error.too_long", name="properties", most=MOST_PROPERTIES)
    return ",".join(dict.fromkeys(names))


PROPERTIES = Parameter("properties", "Properties of the answer, joined by commas; without it all", accepts=_properties)
SORT_BY = Parameter(
    "sortby", "Properties to sort by, joined by commas, each with + or - before it", longest=LONGEST_VALUE
)
SKIP_GEOMETRY = Parameter("skipGeometry", "Leave the geometries out", ("false", "true"), "false")


def _number(_store: Store, text: str) -> str:
    try:
        if len(text) <= LONGEST_VALUE and math.isfinite(float(text)):
            return text
    except ValueError:
        pass
    raise ServiceError("service.number_wrong", name="…", value=text[:60])


def _property(name: str, holds: str) -> Parameter:
    told = f"Features whose {name} is exactly this"
    if holds == FLAG:
        return Parameter(name, told, ("true", "false"))
    if holds in (NUMBER, INTEGER):
        return Parameter(name, told, accepts=_number)
    return Parameter(name, told, longest=LONGEST_VALUE)


PROPERTY_FILTERS = tuple(_property(name, holds) for name, holds in FEATURE_COLUMNS.items())
"""Any property of a layer may be asked for by its value."""
ITEMS = (
    LIMIT, OFFSET, BBOX, BBOX_CRS, DATETIME, CRS, FILTER, FILTER_LANG, FILTER_CRS, SORT_BY, PROPERTIES, SKIP_GEOMETRY,
    *PROPERTY_FILTERS, FEATURES_FORMAT, LANG,
)  # fmt: skip
"""What features of a collection may be asked with."""
