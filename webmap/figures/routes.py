"""``/figures``: views as figures for reports, drawn in processes of their own and kept by what they are of."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from flask import Blueprint

from layers import words
from layers.drawing.asked import MAP, Asked, shaded
from layers.edition.entered import Entered, with_entered
from layers.edition.observations import level_of
from layers.ledger.entry import OBSERVED
from layers.model.plan import TOWNSHIP, ZONE
from layers.model.publication import INTERNAL
from webmap.figures.parameters import JSON, PARAMETERS, YES, asked_of
from webmap.figures.pool import Pool
from webmap.serving.asking import Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.edition_file import edition_bytes, light, not_drawn, vast_layers
from webmap.serving.encode import JSON_TYPE
from webmap.serving.messages import text

blueprint = Blueprint("figures", __name__)

MEDIA = {
    "pdf": "application/pdf", "svg": "image/svg+xml; charset=utf-8", "png": "image/png", "tif": "image/tiff",
    "tiff": "image/tiff", JSON: JSON_TYPE,
}  # fmt: skip
POOLS: WeakKeyDictionary[Any, Pool] = WeakKeyDictionary()
"""The processes of each application in this process, by its library."""
_LOCK = threading.Lock()


@route(blueprint, "/figures/<view>.<fmt>", *PARAMETERS, quick=True, kept=False, observed=True)
def figure(ctx: Context, wanted: Wanted) -> Body:
    """A figure, or what it shows in words and numbers; of the ledger the values of its indicator."""
    entered = _entered(ctx, wanted)
    store = with_entered(light(ctx), entered) if entered else light(ctx)
    asked, fmt = asked_of(store, _of_small(ctx, wanted)), wanted["fmt"]
    dpi = int(wanted["dpi"]) if fmt in ("png", "tif", "tiff") else 0
    digest = hashlib.sha256(repr((asdict(asked), fmt, dpi, entered)).encode("utf-8", "replace")).hexdigest()[:32]
    name = f"{ctx.stamp}-figure-{digest}.{fmt}"
    body = ctx.shelf.find(name)
    if body is None:
        body = _pool(ctx).draw(
            ctx.stamp, lambda: edition_bytes(ctx), asked, f".{fmt}", dpi, _mark(ctx, asked.lang), entered
        )
        ctx.shelf.keep(name, body)
    headers = {"Access-Control-Allow-Origin": "*"}
    if fmt != JSON:
        shown = "attachment" if wanted["download"] == YES else "inline"
        headers["Content-Disposition"] = (
            f"{shown}; filename=\"figure.{fmt}\"; filename*=UTF-8''{_name(ctx, asked)}.{fmt}"
        )
    return body, MEDIA[fmt], headers


def _of_small(ctx: Context, wanted: Wanted) -> Wanted:
    """The same without vast layers among those to draw.

    Raises:
        LayersError: ``vast.drawn``: nothing else is asked for, or a place or an indicator of such a layer.
    """
    vast = vast_layers(ctx)
    if not vast:
        return wanted
    given = wanted["layers"].split(",") if wanted["layers"] else ctx.store.views[wanted["view"]]["layers"]
    named = [wanted["select"], *(f"{level}/{wanted[level]}" for level in (ZONE, TOWNSHIP) if wanted[level])]
    shown = [one for one in given if one not in vast]
    if given and not shown:
        raise not_drawn(ctx, given[0])
    for one in named:
        if one and one in ctx.store.index and ctx.store.index[one][0] in vast:
            raise not_drawn(ctx, ctx.store.index[one][0])
    name, level = shaded(ctx.store, Asked(wanted["view"], indicator=wanted["indicator"]))
    for layer in vast:
        if name and level in ctx.store.layers[layer].get("kinds", []):
            raise not_drawn(ctx, layer)
    opacity = ",".join(one for one in wanted["op"].split(",") if one.partition(":")[0] not in vast)
    changed = {"layers": ",".join(shown) if wanted["layers"] else "", "op": opacity}
    return replace(wanted, values=tuple((name, changed.get(name, value)) for name, value in wanted.values))


def _entered(ctx: Context, wanted: Wanted) -> Entered | None:
    """The values that a figure's indicator has for whole years in the ledger, of the figure's level; None for none."""
    name, level = shaded(ctx.store, Asked(wanted["view"], indicator=wanted["indicator"]))
    if not name or not wanted.seen or ctx.ledger is None:
        return None
    observed = ctx.observed(wanted.seen)
    values = [one for one in observed.years(name) if one.role == OBSERVED and level_of(ctx.store, one.place) == level]
    found = Entered.of(ctx.ledger, values, observed.upto)
    if not found.rows:
        return None
    # A map of one year rests on that year's sources alone.
    year = wanted["year"] or (max(row[2] for row in found.rows) if wanted["form"] == MAP else "")
    return replace(found, sources=found.sources_of(year))


def _pool(ctx: Context) -> Pool:
    """The processes of this server's process, made when they are first needed."""
    with _LOCK:
        found = POOLS.get(ctx.library)
        if found is None:
            given = ctx.settings
            found = Pool(given.figure_processes, given.figure_queue, given.figure_timeout, given.figure_mb)
            POOLS[ctx.library] = found
        return found


def _mark(ctx: Context, lang: str) -> str:
    """The watermark of maps for inside use; "" for others."""
    return text(lang, "imprint.internal") if ctx.settings.publication.mode == INTERNAL else ""


def _name(ctx: Context, asked: Asked) -> str:
    """What the file is called for people, fit for a header."""
    parts = [words.name(ctx.store.plan, asked.lang, "short_title"), words.name(ctx.store.views[asked.view], asked.lang)]
    joined = "-".join(part for part in parts if part)
    kept = "".join(letter for letter in joined if letter.isprintable() and letter not in '/\\:*?"<>|')
    return quote(kept.strip(" .")[:80] or "figure", safe="")
