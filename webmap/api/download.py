"""``/download``: the edition and its layers as files, made once and kept on the shelf."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Blueprint

from geo.errors import PlanmapError
from layers import words
from layers.edition import export
from layers.edition.layer_table import CODES, HEADINGS
from layers.edition.store import Store
from webmap.serving.asking import LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.problems import BadParameterError, NotKnownError

blueprint = Blueprint("download", __name__)

DEFAULT_CRS = {"geojson": 1}
"""Which of the edition's CRS a format has unless asked otherwise: its own (0), GeoJSON the WGS 84 of RFC 7946 (1)."""


def _crs(store: Store, text: str) -> str:
    """The EPSG code for what was asked for, in any of the ways that `export.target_crs` reads."""
    try:
        return str(export.target_crs(store.edition, text[:60]).to_epsg())
    except PlanmapError:
        codes = export.crs_codes(store.edition)
        raise BadParameterError("error.unknown_crs", value=text[:60], choices=codes) from None


def _names(store: Store) -> list[str]:
    return [export.ALL, export.INDICATORS, *store.layers]


CRS = Parameter(
    "crs",
    "EPSG code of the coordinate reference system; GeoJSON is WGS 84 unless asked otherwise",
    accepts=_crs,
    blank=True,
)
HEADED = Parameter(
    "headings",
    "CSV: column names as codes; or in a language, with a column of names beside each column of codes",
    HEADINGS,
    default=CODES,
    blank=True,
)
WKT = Parameter("wkt", "CSV: 1 adds the geometry as WKT", ("0", "1"), default="0", blank=True)
_NAME_HELP = "Layer id, all, or indicators (csv only)"


@route(
    blueprint,
    "/download/<name>.<fmt>",
    Parameter("name", _NAME_HELP, _names, error="error.unknown_layer"),
    Parameter("fmt", "File format", tuple(export.FORMATS), error="error.unknown_format"),
    CRS,
    HEADED,
    WKT,
    LANG,
    ranges=True,
)
def download(ctx: Context, wanted: Wanted) -> Body:
    """A layer, all layers, or the indicators, as a file."""
    name, fmt, given = wanted["name"], wanted["fmt"], dict(wanted.given)
    table = _is_table(ctx.store, name)
    if table and fmt != "csv":
        raise NotKnownError("error.unknown_format", value=fmt, choices=["csv"])
    senseless = ["crs", "headings", "wkt"] if table else [] if fmt == "csv" else ["headings", "wkt"]
    for parameter in senseless:
        if parameter in given:
            taken = [one for one in ("crs", "headings", "wkt", "lang") if one not in senseless]
            raise BadParameterError("error.unknown_parameter", value=parameter, choices=taken)
    return _body(ctx, wanted, name, fmt)


@route(
    blueprint,
    "/start/file",
    Parameter("what", _NAME_HELP, _names, default=export.ALL, error="error.unknown_layer", blank=True),
    Parameter("format", "", tuple(export.FORMATS), default="gpkg", error="error.unknown_format", blank=True),
    CRS,
    HEADED,
    LANG,
    ranges=True,
)
def chosen_file(ctx: Context, wanted: Wanted) -> Body:
    """The file that the form on the start page asks for.

    The form sends every field, and those that say nothing for the file that was chosen are left out. The indicators
    are a table of numbers: there is one file of them.
    """
    name, fmt = wanted["what"], wanted["format"]
    return _body(ctx, wanted, name, "csv" if _is_table(ctx.store, name) else fmt)


def _is_table(store: Store, name: str) -> bool:
    """Whether it is the table of indicators, which has no geometry."""
    return name == export.INDICATORS and name not in store.layers


def _body(ctx: Context, wanted: Wanted, name: str, fmt: str) -> Body:
    codes = export.crs_codes(ctx.store.edition)
    asked = "" if _is_table(ctx.store, name) else wanted["crs"]
    crs, own = asked or codes[DEFAULT_CRS.get(fmt, 0)], codes[0]
    options = dict(wanted.given) if fmt == "csv" and not _is_table(ctx.store, name) else {}
    headings, wkt = options.get("headings", CODES), options.get("wkt") == "1"
    whole = name == export.ALL and fmt == "gpkg" and crs == own
    if whole and ctx.snapshot is not None:
        data = ctx.snapshot.bytes()
    else:
        data = _exported(ctx, name, fmt, crs, headings, wkt=wkt)
    title = _title(ctx, name, wanted.lang) + ("" if crs == own else f"-{crs}")
    simple, full = _ascii(export.file_name(ctx.store.edition, name, fmt)), quote(f"{title}.{fmt}")
    disposition = f"attachment; filename=\"{simple}\"; filename*=UTF-8''{full}"
    return data, export.FORMATS[fmt], {"Content-Disposition": disposition, "Access-Control-Allow-Origin": "*"}


def _exported(ctx: Context, name: str, fmt: str, crs: str, headings: str, *, wkt: bool) -> bytes:
    """The file's bytes, from the shelf when it has been made before."""
    choice = ("" if headings == CODES else f"-{headings}") + ("-wkt" if wkt else "")
    return ctx.shelf.get(
        f"{ctx.stamp}-{_ascii(name)}-{crs}{choice}.{fmt}",
        lambda path: export.export(ctx.store.edition, name, fmt, crs, path, headings=headings, wkt=wkt),
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
