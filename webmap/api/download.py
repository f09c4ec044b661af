"""``/download``: the edition and its layers as files, made once and kept on the shelf."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from flask import Blueprint, Response, request

from geo.errors import PlanmapError
from layers.edition import export
from webmap.reading.start import localized
from webmap.serving.context import Body, Context, asked_language, choose, context, respond
from webmap.serving.problems import BadParameterError, NotKnownError

blueprint = Blueprint("download", __name__)

DEFAULT_CRS = {"geojson": 1}
"""Which of the edition's CRS a format has unless asked otherwise: its own (0), GeoJSON the WGS 84 of RFC 7946 (1)."""


@blueprint.get("/download/<name>.<fmt>")
def download(name: str, fmt: str) -> Response:
    """A layer, all layers, or the indicators, as a file."""
    ctx, lang = context(), asked_language()
    choose(name, [export.ALL, export.INDICATORS, *ctx.store.layers], "error.unknown_layer", NotKnownError)
    formats = ["csv"] if name == export.INDICATORS and name not in ctx.store.layers else list(export.FORMATS)
    choose(fmt, formats, "error.unknown_format", NotKnownError)
    codes = export.crs_codes(ctx.store.edition)
    crs = _crs(ctx, request.args.get("crs") or codes[DEFAULT_CRS.get(fmt, 0)], codes)
    response = respond(("download", name, fmt, crs, lang), lambda: _body(ctx, name, fmt, crs, lang), ranges=True)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/start/file")
def chosen_file() -> Response:
    """The file that the form on the start page asks for: ``what``, ``format`` and ``crs``, empty for the usual one."""
    name, fmt = request.args.get("what", export.ALL), request.args.get("format", "gpkg")
    if name == export.INDICATORS and name not in context().store.layers:
        # A table of numbers has no geometry: there is one file of it, whatever format is chosen.
        fmt = "csv"
    return download(name, fmt)


def _crs(ctx: Context, text: str, codes: list[str]) -> str:
    """The EPSG code for what was asked for.

    Raises:
        BadParameterError: It is none of those offered.
    """
    try:
        return str(export.target_crs(ctx.store.edition, text[:60]).to_epsg())
    except PlanmapError:
        raise BadParameterError("error.unknown_crs", value=text[:60], choices=codes) from None


def _body(ctx: Context, name: str, fmt: str, crs: str, lang: str) -> Body:
    own = export.crs_codes(ctx.store.edition)[0]
    whole = name == export.ALL and fmt == "gpkg" and crs == own and ctx.snapshot is not None
    data = ctx.snapshot.bytes() if whole and ctx.snapshot else _exported(ctx, name, fmt, crs)
    title = _title(ctx, name, lang) + ("" if crs == own else f"-{crs}")
    simple, full = _ascii(export.file_name(ctx.store.edition, name, fmt)), quote(f"{title}.{fmt}")
    disposition = f"attachment; filename=\"{simple}\"; filename*=UTF-8''{full}"
    return data, export.FORMATS[fmt], {"Content-Disposition": disposition}


def _exported(ctx: Context, name: str, fmt: str, crs: str) -> bytes:
    """The file's bytes, from the shelf when it has been made before."""
    return ctx.shelf.get(f"{name}-{crs}.{fmt}", lambda path: export.export(ctx.store.edition, name, fmt, crs, path))


def _title(ctx: Context, name: str, lang: str) -> str:
    """What the file is called for people: the plan's short title, and the layer's name unless it is all of them."""
    parts = [localized(ctx.store.plan, lang, "short_title")]
    if name in ctx.store.layers:
        parts.append(localized(ctx.store.layers[name], lang))
    elif name == export.INDICATORS:
        parts.append(name)
    joined = "-".join(part for part in parts if part) or name
    # No separators, controls or marks that turn the text around: nothing that a file system or a person trips over.
    kept = "".join(c for c in joined if (c == " " or unicodedata.category(c)[0] not in "CZ") and c not in '/\\:*?"<>|')
    return kept.strip(" .")[:80] or name


def _ascii(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)
