"""``/scan`` and ``/api/scans``: scanned maps of the plan folder, laid on the ground by their control points."""

from __future__ import annotations

from flask import Blueprint

from geo.crs import web_mercator
from geo.errors import GeoError
from geo.warp import tile
from layers.edition import sheets
from layers.edition.sheets import Sheet
from layers.service.grids import LEVELS, MERCATOR
from webmap.api.scan_payloads import EMPTY, WEBP, scans_payload
from webmap.serving.asking import PROBLEM_LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import JSON_TYPE, Stored, json_bytes
from webmap.serving.problems import NotKnownError

blueprint = Blueprint("scans", __name__)


GEOTIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
_OPEN = {"Access-Control-Allow-Origin": "*"}
_SCAN = Parameter(
    "scan", "Id of a scanned map", lambda store: [one["id"] for one in store.edition.meta.get("scans", ())],
    error="error.unknown_scan",
)  # fmt: skip
_LEVEL = Parameter("z", "Zoom level, from 0", numbers=(0, LEVELS - 1))
_COLUMN = Parameter("x", "Column, from the west", numbers=(0, (1 << LEVELS) - 1))
_ROW = Parameter("y", "Row, from the north", numbers=(0, (1 << LEVELS) - 1))


def sheets_of(ctx: Context) -> dict[str, Sheet]:
    """The scanned maps of an edition that can be shown."""
    return sheets.known(ctx.store.edition.meta, ctx.file)


def _sheet(ctx: Context, name: str) -> Sheet:
    found = sheets_of(ctx)
    if name not in found:
        raise NotKnownError("error.unknown_scan", value=name[:60], choices=list(found))
    return found[name]


@route(blueprint, "/api/scans", PROBLEM_LANG)
def listed(ctx: Context, wanted: Wanted) -> Body:
    """The scanned maps: words, place, accuracy, control points with their residuals, and where the picture is."""
    return json_bytes(scans_payload(sheets_of(ctx).values(), wanted.root)), JSON_TYPE, _OPEN


@route(blueprint, "/scan/<scan>/<z>/<x>/<y>.webp", _SCAN, _LEVEL, _COLUMN, _ROW, PROBLEM_LANG, quick=True)
def scan_tile(ctx: Context, wanted: Wanted) -> Body:
    """A tile of a scanned map in web Mercator, transparent where it does not reach."""
    level, column, row = (int(wanted[name]) for name in "zxy")
    columns, rows = MERCATOR.size(level)
    if column >= columns or row >= rows:
        raise NotKnownError("error.unknown_tile", value=f"{level}/{row}/{column}", columns=columns, rows=rows)
    try:
        drawn = tile(_sheet(ctx, wanted["scan"]).path, MERCATOR.bounds(level, column, row), web_mercator())
    except GeoError as error:
        raise NotKnownError("error.unreadable_scan", value=wanted["scan"]) from error
    return drawn or EMPTY, WEBP, _OPEN


@route(blueprint, "/scan/<scan>.tif", _SCAN, PROBLEM_LANG, stored=True)
def scan_file(ctx: Context, wanted: Wanted) -> Stored:
    """A scanned map as Cloud-Optimised GeoTIFF in the plan's metric CRS; parts of it may be asked for."""
    found = _sheet(ctx, wanted["scan"])
    return Stored(found.path, str(found.record["warped"]), GEOTIFF, f"{found.id}.tif")
