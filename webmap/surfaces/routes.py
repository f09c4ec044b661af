"""``/surface/<id>/…``: a surface as a picture for the map, as rasters and styles for QGIS, as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint

from geo.files import atomic_path
from layers.edition.store import Store
from layers.surfaces import files, picture
from layers.surfaces.made import Made, surfaces
from webmap.serving.asking import LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context

blueprint = Blueprint("surfaces", __name__)


def _ids(store: Store) -> list[str]:
    return [name for name, one in surfaces(store).items() if one.there]


SURFACE = Parameter("surface", "Id of a surface that can be shown", _ids, error="error.unknown_surface")
WHAT = Parameter("what", "values (metres or minutes) or bands", files.WHAT)


def _made(ctx: Context, wanted: Wanted) -> Made:
    return ctx.part("surfaces", surfaces)[wanted["surface"]]


def _kept(ctx: Context, wanted: Wanted, end: str, make: Callable[[Path], object]) -> bytes:
    """A file of a surface, made once for all workers."""
    return ctx.shelf.get(f"{ctx.stamp}-surface-{wanted['surface']}-{end}", make)


def _attachment(wanted: Wanted, end: str) -> dict[str, str]:
    """The surface names the file; its id is fit for a header."""
    return {"Content-Disposition": f'attachment; filename="{wanted["surface"]}_{end}"'}


@route(blueprint, "/surface/<surface>/map.png", SURFACE)
def map_picture(ctx: Context, wanted: Wanted) -> Body:
    """The bands as a picture in Web Mercator; where it lies says the map's page."""

    def make(path: Path) -> None:
        with atomic_path(path) as temporary:
            temporary.write_bytes(picture.png(_made(ctx, wanted)))

    return _kept(ctx, wanted, "map.png", make), "image/png", {}


@route(blueprint, "/surface/<surface>/<what>.tif", SURFACE, WHAT, ranges=True)
def raster_file(ctx: Context, wanted: Wanted) -> Body:
    """Distances or bands as a Cloud-Optimised GeoTIFF."""
    end = f"{wanted['what']}.tif"
    data = _kept(ctx, wanted, end, lambda path: files.write_raster(_made(ctx, wanted), wanted["what"], path))
    return data, "image/tiff", _attachment(wanted, end)


@route(blueprint, "/surface/<surface>/<what>.qml", SURFACE, WHAT, LANG)
def style_file(ctx: Context, wanted: Wanted) -> Body:
    """The style that QGIS takes for the raster of the same name."""
    end, lang = f"{wanted['what']}.qml", wanted.lang

    def make(path: Path) -> None:
        files.write_style(_made(ctx, wanted), wanted["what"], path, lang)

    return _kept(ctx, wanted, f"{lang}-{end}", make), "application/xml; charset=utf-8", _attachment(wanted, end)


@route(blueprint, "/surface/<surface>/table.csv", SURFACE, LANG)
def table_file(ctx: Context, wanted: Wanted) -> Body:
    """Values by place."""
    one, lang = _made(ctx, wanted), wanted.lang
    data = _kept(ctx, wanted, f"{lang}-table.csv", lambda path: files.write_table({one.surface.id: one}, path, lang))
    return data, "text/csv; charset=utf-8", _attachment(wanted, "table.csv")
