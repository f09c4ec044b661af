"""``/download``: the edition and its layers as files, made once and kept on the shelf."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Blueprint

from geo.errors import PlanmapError
from layers import words
from layers.edition import basket as baskets
from layers.edition import export, selection
from layers.edition.basket import Basket
from layers.edition.formats.part import ENCODINGS, UTF8
from layers.edition.large import VAST
from layers.edition.layer_table import HEADINGS
from layers.edition.selection import Area
from layers.edition.store import Store
from layers.edition.systems import crs_choices, system
from layers.model.plan import TOWNSHIP, ZONE
from webmap.serving.asking import LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import Stored
from webmap.serving.problems import BadParameterError, NotKnownError

blueprint = Blueprint("download", __name__)


def _crs(store: Store, text: str) -> str:
    """The code for what was asked for, in any of the ways that `layers.edition.systems.system` reads."""
    try:
        return system(store.edition, text[:60]).code
    except PlanmapError:
        raise BadParameterError("error.unknown_crs", value=text[:60], choices=crs_choices(store.edition)) from None


def _names(store: Store) -> list[str]:
    return [export.ALL, export.INDICATORS, *store.layers]


def _layers(store: Store) -> list[str]:
    return [export.ALL, *store.layers]


def _areas(store: Store) -> list[str]:
    found = [f"{level}/{slug}" for level in (ZONE, TOWNSHIP) for slug, _name in selection.units(store.edition, level)]
    return [*found, *(f"view/{name}" for name in store.views)]


CRS = Parameter(
    "crs",
    "EPSG code of the coordinate reference system, or gcj02, bd09; GeoJSON is WGS 84 unless asked otherwise",
    accepts=_crs,
    blank=True,
)
HEADED = Parameter(
    "headings",
    "Column names as codes (usual but for XLSX), or in a language, with names beside codes",
    HEADINGS,
    blank=True,
)
WKT = Parameter("wkt", "CSV and XLSX: 1 adds the geometry as WKT", ("0", "1"), default="0", blank=True)
ENCODING = Parameter("encoding", "Shapefile and TAB: encoding of texts", ENCODINGS, default=UTF8, blank=True)


def _sent_as_it_is(ctx: Context, wanted: Wanted) -> bool:
    """Whether the very file of an edition with a vast layer is asked for: it may be larger than the memory."""
    own = export.crs_codes(ctx.store.edition)[0]
    return (
        (wanted["name"], wanted["fmt"]) == (export.ALL, "gpkg")
        and wanted["crs"] in ("", own)
        and ctx.snapshot is not None
        and not ctx.settings.publication.public
        and any(ctx.store.count(layer) > VAST for layer in ctx.store.layers)
    )


_NAME_HELP = "Layer id, all, or indicators (csv, xlsx)"


@route(
    blueprint,
    "/download/<name>.<fmt>",
    Parameter("name", _NAME_HELP, _names, error="error.unknown_layer"),
    Parameter("fmt", "File format", tuple(export.FORMATS), error="error.unknown_format"),
    CRS,
    HEADED,
    WKT,
    ENCODING,
    LANG,
    ranges=True,
    stored=_sent_as_it_is,
)
def download(ctx: Context, wanted: Wanted) -> Body | Stored:
    """A layer, all layers, or the indicators, as a file."""
    name, fmt, given = wanted["name"], wanted["fmt"], dict(wanted.given)
    table = _is_table(ctx.store, name)
    if table and fmt not in export.TABLES:
        raise NotKnownError("error.unknown_format", value=fmt, choices=list(export.TABLES))
    taken = ["lang"] if table else ["crs", *sorted(export.FORMATS[fmt].options), "lang"]
    for parameter in given:
        if parameter not in taken:
            raise BadParameterError("error.unknown_parameter", value=parameter, choices=taken)
    if ctx.snapshot is not None and _sent_as_it_is(ctx, wanted):
        form, simple = export.FORMATS[fmt], _file(ctx, name, fmt)
        return Stored(ctx.snapshot.copy, ctx.snapshot.digest[:32], form.media_of(len(ctx.store.layers)), simple)
    return _body(ctx, wanted, name, fmt)


_LIST: Any = {"several": True, "repeats": True, "blank": True}
"""A list, joined by commas or said several times, as forms do."""


def _crs_list(store: Store, text: str) -> str:
    return ",".join(dict.fromkeys(_crs(store, one) for one in text.split(",") if one.strip()))


@route(
    blueprint,
    "/download/basket.zip",
    Parameter("layers", "Layer ids, or all", _layers, error="error.unknown_layer", **_LIST),
    Parameter("formats", "File formats", tuple(export.FORMATS), error="error.unknown_format", **_LIST),
    replace(CRS, repeats=True, accepts=_crs_list),
    Parameter("area", "A zone, a township, a view's extent", _areas, error="error.unknown_area", blank=True),
    Parameter("bbox", "West, south, east, north in degrees: only what meets this box", longest=100, blank=True),
    HEADED,
    WKT,
    ENCODING,
    LANG,
    ranges=True,
)  # fmt: skip
def basket(ctx: Context, wanted: Wanted) -> Body:
    """Layers in several formats and systems, of an area, as one archive with readme and licence."""
    edition = ctx.store.edition
    layers, formats, systems = (tuple(filter(None, wanted[one].split(","))) for one in ("layers", "formats", "crs"))
    some = tuple(one for one in layers if one != export.ALL)
    made = Basket(
        some or (export.ALL,), formats or (next(iter(export.FORMATS)),), systems, _area(ctx.store, wanted),
        wanted.lang, wanted["headings"] or wanted.lang, wanted["encoding"], wanted["wkt"] == "1",
    )  # fmt: skip
    digest = hashlib.sha256(repr(made).encode("utf-8", "replace")).hexdigest()[:24]
    data = ctx.shelf.get(
        f"{ctx.stamp}-basket-{digest}.zip",
        lambda path: baskets.write(edition, made, path, most=baskets.MOST_VERTICES),
    )
    simple = baskets.file_name(edition, made)
    full = f"{_title(ctx, export.ALL, wanted.lang)}{simple.removeprefix(edition.meta['plan']['id'])}"
    return data, "application/zip", attachment(_ascii(simple), quote(full))


def _area(store: Store, wanted: Wanted) -> Area:
    """The area that a request names."""
    level, _, name = wanted["area"].partition("/")
    box = selection.area(store.edition, bbox=wanted["bbox"]).box
    if level == "view":
        (south, west), (north, east) = store.views[name]["bounds"]
        return Area(box=box or (west, south, east, north))
    return Area(level, name, box)


def _is_table(store: Store, name: str) -> bool:
    """Whether it is the table of indicators, which has no geometry."""
    return name == export.INDICATORS and name not in store.layers


def _body(ctx: Context, wanted: Wanted, name: str, fmt: str) -> Body:
    edition, form, given = ctx.store.edition, export.FORMATS[fmt], dict(wanted.given)
    layers = 1 if _is_table(ctx.store, name) else len(edition.layers) if name == export.ALL else 1
    own, code = export.crs_codes(edition)[0], form.usual_code(edition)
    if not _is_table(ctx.store, name) and given.get("crs"):
        code = given["crs"]
    options = {one: given[one] for one in (HEADED.name, ENCODING.name) if one in given and one in form.options}
    wkt = given.get(WKT.name) == "1"
    whole = name == export.ALL and fmt == "gpkg" and code == own
    if whole and ctx.snapshot is not None and not ctx.settings.publication.public:
        data = ctx.snapshot.bytes()
    else:
        data = _exported(ctx, name, fmt, code, wanted.lang, options, wkt=wkt)
    shown = "" if code == own or _is_table(ctx.store, name) else f"-{code}"
    simple = _file(ctx, name, fmt)
    # QGIS looks for the layers of a project under the name that the file had when it was written.
    full = quote(simple if fmt == "gpkg" else f"{_title(ctx, name, wanted.lang)}{shown}.{form.suffix(layers)}")
    return data, form.media_of(layers), attachment(simple, full)


def _file(ctx: Context, name: str, fmt: str) -> str:
    """A plain name for a file; that of the edition itself is the one that editions have."""
    edition = ctx.store.edition
    if name == export.ALL and fmt == "gpkg":
        return f"{edition.meta['plan']['id']}.gpkg"
    return _ascii(export.file_name(edition, name, fmt))


def attachment(simple: str, full: str) -> dict[str, str]:
    """Headers of a file that is saved under a name; programs of other sites may read it."""
    disposition = f"attachment; filename=\"{simple}\"; filename*=UTF-8''{full}"
    return {"Content-Disposition": disposition, "Access-Control-Allow-Origin": "*"}


def _exported(
    ctx: Context, name: str, fmt: str, code: str, lang: str, options: Mapping[str, str], *, wkt: bool
) -> bytes:
    """The file's bytes, from the shelf when it has been made before."""
    choices = {} if lang == "zh" else {"lang": lang}
    choices |= {**options, **({"wkt": "1"} if wkt else {})}
    parts = [ctx.stamp, _ascii(name), code, *(f"{key}={value}" for key, value in choices.items())]
    headings, encoding = options.get(HEADED.name, ""), options.get(ENCODING.name, UTF8)
    return ctx.shelf.get(
        f"{'-'.join(parts)}.{fmt}",
        lambda path: export.export(
            ctx.store.edition,
            name,
            fmt,
            code,
            path,
            wkt=wkt,
            lang=lang,
            headings=headings,
            encoding=encoding,
            name=_file(ctx, name, fmt),
            served=True,
        ),
    )


def _title(ctx: Context, name: str, lang: str) -> str:
    """What the file is called for people: the plan's short title, and the layer's name unless it is all of them."""
    parts = [words.name(ctx.store.plan, lang, "short_title")]
    if name in ctx.store.layers:
        parts.append(words.name(ctx.store.layers[name], lang))
    elif name == export.INDICATORS:
        parts.append(name)
    joined = "-".join(part for part in parts if part) or name
    # No separators, controls or marks that turn the text around: nothing that a file system or a person trips over.
    kept = "".join(c for c in joined if (c == " " or unicodedata.category(c)[0] not in "CZ") and c not in '/\\:*?"<>|')
    return kept.strip(" .")[:80] or name


def _ascii(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)
