"""The map: its page, the embed, the still picture and the stand-alone file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint
from markupsafe import Markup

from layers import words
from layers.drawing import picture as drawing
from layers.drawing import svg
from layers.drawing.shading import shaded
from layers.edition import sheets
from layers.model.publication import PLAIN
from webmap.map import compose as maps
from webmap.map import standalone
from webmap.map.embed import PARAMETERS, VIEW, EmbedRequest
from webmap.serving import imprint
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import LANG, Parameter, Wanted, route
from webmap.serving.assets import FOR_GOOD
from webmap.serving.context import Body, Context
from webmap.serving.encode import JSON_TYPE, json_bytes
from webmap.serving.headers import content_policy, framing, previewed
from webmap.serving.messages import late, text
from webmap.serving.mounts import under_edition
from webmap.serving.page import heading, page_body

blueprint = Blueprint("pages", __name__)


MOST_DRAWN = 3_000
"""Features in the picture that comes with a page."""
LONGEST_PICTURE = 300_000
"""Characters of its outlines; compressed about a sixth."""
SVG_TYPE = "image/svg+xml; charset=utf-8"


@blueprint.app_template_global()
def shapes(picture: drawing.Picture) -> Markup:
    """A picture's markup, for templates: that of a page whose first script may set it to the window."""
    return Markup(svg.drawn(picture, live=True))  # noqa: S704 - every text in it is escaped there


def picture_url(base: str, view_id: str) -> str:
    """Where the still picture of a view is."""
    return f"{base}/picture/{quote(view_id)}.svg"


def picture_of(ctx: Context, view: Mapping[str, Any], lang: str) -> drawing.Picture:
    """A view as a still picture."""
    return drawing.picture(ctx.store, view, lang, icons=ctx.bundle.icons)


def first_picture(ctx: Context, view: Mapping[str, Any], lang: str, *, alone: bool = False) -> drawing.Picture | None:
    """What a map's page shows before its program has come; ``alone`` as for `layers.drawing.shading.shaded`.

    A view of so many features that the picture would keep the page longer than the map takes has none, nor has one of
    observed values or of a scenario: what they are is asked of the ledger.
    """
    # A picture without its watermark must not be there, however short.
    shown, store = view["layers"], ctx.store
    few = (
        ctx.settings.publication.mode == PLAIN
        and all(store.vast(layer) is None for layer in shown)
        and sum(store.count(layer) for layer in shown) <= MOST_DRAWN
    )
    drawn = None
    if few and not view.get("show"):
        shades = view.get("indicator")
        drawn = (
            shaded(ctx.store, view, lang, icons=ctx.bundle.icons, alone=alone)
            if shades
            else picture_of(ctx, view, lang)
        )
    if drawn and sum(len(stroke.d) for layer in drawn.layers for stroke in layer.strokes) > LONGEST_PICTURE:
        drawn = None
    return drawn


KEPT = "private, max-age=3600"
"""The map's page is seen from the browser's own cache at once; its first script asks whether it is still what the
server has (``frontend/src/first.js``). Only there: a proxy that kept it would answer that question, too."""

UNSCRIPTED = ".pm-first{display:block}"
"""Shows the picture where no script does."""


def beginning(
    ctx: Context, wanted: Wanted, view: Mapping[str, Any], composed: maps.Composition, *, alone: bool = False
) -> dict[str, Any]:
    """What a page with the map holds from its first byte on: style, picture, what brings its program.

    The style sheet is in the page: another file would be another way there and back before anything is seen.
    """
    drawn = first_picture(ctx, view, wanted.lang, alone=alone)
    return {
        "composed": composed,
        "first": drawn,
        "first_layers": ",".join(view["layers"]),
        "panel_opens": bool(view.get("indicator")),
        "style": standalone.inline_style(ctx.bundle.text("planmap.css")),
        "unscripted_style": UNSCRIPTED if drawn else "",
        "first_script": standalone.inline_script(ctx.bundle.text("first.js")),
        "page_script": f"function planmapPage() {{{composed.script}}}",
        "program": wanted.site + ctx.bundle.address("planmap.js"),
        "engine_script": standalone.inline_script(ctx.bundle.text("engine.js")),
    }


LATER = {
    "rest": "rest.js", "rest_style": "rest.css", "soon": "soon.js", "soon_style": "soon.css",
    "asked": "asked.js", "asked_style": "asked.css", "later": "later.js", "large": "large.js",
}  # fmt: skip
"""Files of the bundle that the map's program asks for."""


PROGRAM = Parameter("program", "Stamp of the words; with it they are kept for good", longest=16, blank=True)


@cache
def words_stamp(lang: str) -> str:
    """Tells the words that come late from those of other releases."""
    return hashlib.sha256(json_bytes(late(lang))).hexdigest()[:12]


@route(blueprint, "/words.json", LANG, PROGRAM)
def late_words(_ctx: Context, wanted: Wanted) -> Body:
    """What the map's late programs say."""
    for_good = wanted["program"] == words_stamp(wanted.lang)
    return json_bytes(late(wanted.lang)), JSON_TYPE, {"Cache-Control": FOR_GOOD} if for_good else {}


def map_urls(ctx: Context, wanted: Wanted) -> dict[str, str]:
    """Addresses that a page with the map knows."""
    urls = page_urls(wanted.root, wanted.lang, under_edition(wanted.root, ctx.store.hash))
    urls["preview"] = urls["embed"] if previewed(ctx.settings.frame_ancestors) else ""
    urls["words"] = f"{wanted.root}/words.json?lang={wanted.lang}&program={words_stamp(wanted.lang)}"
    return {**urls, **{name: wanted.site + ctx.bundle.address(file) for name, file in LATER.items()}}


def map_config(ctx: Context, mode: str, lang: str, view: Mapping[str, Any], urls: Mapping[str, str]) -> dict[str, Any]:
    """What the map's program is given on a page."""
    basemap, program = ctx.settings.basemap, maps.Program(ctx.bundle.stamp, ctx.bundle.icons)
    made = maps.config(ctx.store, mode=mode, lang=lang, view=view, urls=urls, basemap=basemap, program=program)
    made = maps.with_scans(made) if sheets.known(ctx.store.edition.meta, ctx.file) else made
    made = imprint.imprinted(made, ctx.settings.publication, ctx.store, lang)
    return maps.driven(made, ctx.settings.message_origins) if mode == "embed" else made


def source_hash(source: str) -> str:
    """A script or style as the Content-Security-Policy names it: ``'sha256-…'``."""
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@route(blueprint, "/", VIEW, LANG)
def map_page(ctx: Context, wanted: Wanted) -> Body:
    """The map."""
    lang, base = wanted.lang, wanted.root
    view_id = wanted["view"] or ctx.store.default_view
    view = ctx.store.views[view_id]
    urls = map_urls(ctx, wanted)
    composed = maps.compose(
        map_config(ctx, "full", lang, view, urls),
        ctx.bundle.map_assets(wanted.site),
        apart=True,
    )
    head = heading(ctx.store.plan, lang)
    asked = asked_for(lang)
    begun = beginning(ctx, wanted, view, composed)
    values = {
        **head,
        **begun,
        "title": f"{words.name(view, lang)} · {head['plan_title']}",
        "mode": "full",
        "newer": ctx.newer(base, wanted.site),
        "picture": picture_url(base, view_id),
        "urls": urls,
        "view_id": view_id,
        "views": [
            {
                "id": item["id"],
                "label": words.name(item, lang),
                "url": with_query(f"{base}/", view=item["id"], lang=asked),
            }
            for item in ctx.store.views.values()
        ],
        "other_lang": other_language(wanted),
        "oembed": oembed_url(ctx, wanted),
        "downloads": [
            {"label": text(lang, "download.gpkg"), "url": f"{urls['download']}/all.gpkg"},
            {"label": text(lang, "download.geojson"), "url": f"{urls['download']}/all.geojson"},
            {"label": text(lang, "download.indicators"), "url": f"{urls['download']}/indicators.csv"},
        ],
    }
    policy = content_policy(
        scripts=hashes(begun["page_script"], begun["first_script"], begun["engine_script"]),
        styles=hashes(begun["style"], begun["unscripted_style"]),
        images=tiles_origin(ctx),
        frames=previewed(ctx.settings.frame_ancestors),
    )
    body, content_type, headers = page_body("map.html", lang, policy, values)
    return body, content_type, headers if ctx.settings.debug else {**headers, "Cache-Control": KEPT}


def oembed_url(ctx: Context, wanted: Wanted) -> str:
    """Where an editor learns what to show in place of this page's address."""
    origin = ctx.settings.origin
    return f"{origin}{wanted.root}/oembed?{urlencode({'url': origin + wanted.address()})}"


def hashes(*sources: str) -> list[str]:
    """The inline scripts or styles that a page has, as its policy names them."""
    return [source_hash(source) for source in sources if source]


def tiles_origin(ctx: Context) -> str:
    """Where the operator's base map comes from, for a policy; "" where there is none or it is our own host."""
    return ctx.settings.basemap.origin if ctx.settings.basemap else ""


@route(blueprint, "/embed/<view>", *PARAMETERS)
def embed_page(ctx: Context, wanted: Wanted) -> Body:
    """The map without chrome, for a frame."""
    lang, base, asked = wanted.lang, wanted.root, EmbedRequest.read(wanted)
    view = asked.view(ctx.store)
    urls = map_urls(ctx, wanted)
    composed = maps.compose(
        map_config(ctx, "embed", lang, view, urls),
        ctx.bundle.map_assets(wanted.site),
        apart=True,
    )
    frame_style = asked.frame_style
    head = heading(ctx.store.plan, lang)
    begun = beginning(ctx, wanted, view, composed, alone=asked.layers is None)
    values = {
        **begun,
        "title": f"{words.name(view, lang)} · {head['plan_title']}",
        "heading": f"{head['plan_title']} · {words.name(view, lang)}",
        "picture": picture_url(base, str(view["id"])),
        "frame_style": frame_style,
        "marks": asked.marks,
        "changed": f"{base}/s/{asked.link}?about=1&lang={lang}" if asked.link else "",
        "oembed": oembed_url(ctx, wanted),
        "theme": "" if asked.theme == "auto" else asked.theme,
        "full_url": with_query(f"{base}/", view=asked.view_id, lang=asked_for(lang)),
    }
    policy = content_policy(
        scripts=hashes(begun["page_script"], begun["first_script"], begun["engine_script"]),
        styles=hashes(begun["style"], begun["unscripted_style"], frame_style),
        images=tiles_origin(ctx),
        frame_ancestors=framing(ctx.settings.frame_ancestors),
    )
    return page_body("embed.html", lang, policy, values)


def still_picture(ctx: Context, drawn: drawing.Picture, lang: str, title: str) -> str:
    """A picture as a file, with what every map says."""
    width, height = drawn.plane.width, drawn.plane.height
    stamped = imprint.stamp(ctx.settings.publication, ctx.store, lang, width, height)
    return svg.document(svg.drawn(drawn) + stamped, width, height, title)


@route(blueprint, "/picture/<view>.svg", VIEW, LANG)
def picture(ctx: Context, wanted: Wanted) -> Body:
    """A view as a still picture, for engines that cannot run the map."""
    view = ctx.store.views[wanted["view"]]
    drawn = picture_of(ctx, view, wanted.lang)
    title = words.name(view, wanted.lang)
    made = still_picture(ctx, drawn, wanted.lang, title)
    return made.encode("utf-8", "replace"), SVG_TYPE, {}


@route(blueprint, "/standalone/<view>.html", VIEW, LANG, observed=True)
def standalone_file(ctx: Context, wanted: Wanted) -> Body:
    """The map as one file that asks for nothing."""
    lang, view_id = wanted.lang, wanted["view"]
    view = ctx.store.views[view_id]
    seen, kept = ctx.observed(wanted.seen), ctx.scenarios(wanted.seen)
    publication = ctx.settings.publication
    shown = sheets.known(ctx.store.edition.meta, ctx.file).values()
    parts = standalone.parts(
        ctx.store, view, lang, publication=publication, observed=seen, scenarios=kept, sheets=shown
    )
    head = heading(ctx.store.plan, lang)
    own = hashes(parts.script, parts.rest, parts.soon, parts.asked, parts.later, parts.engine, parts.composed.script)
    values = {
        **head,
        **standalone.file_values(ctx.store, lang),
        "title": f"{words.name(view, lang)} · {head['plan_title']}",
        "composed": parts.composed,
        "inline_js": parts.script,
        "inline_rest": parts.rest,
        "inline_soon": parts.soon,
        "inline_asked": parts.asked,
        "inline_later": parts.later,
        "inline_engine": parts.engine,
        "inline_picture": picture_of(ctx, view, lang) if ctx.settings.publication.mode == PLAIN else None,
        "inline_css": parts.style,
        # frame-ancestors has no meaning in a file's own policy, browsers warn about it.
        "policy": content_policy(scripts=own, styles=[source_hash(parts.style)], own_files=False, frame_ancestors=None),
    }
    policy = content_policy(scripts=own, styles=[source_hash(parts.style)], own_files=False)
    body, content_type, headers = page_body("standalone.html", lang, policy, values)
    name = f"{ctx.store.plan.get('id', 'plan')}-{view_id}.html"
    disposition = f'inline; filename="{name}"' if name.isascii() else "inline"
    return body, content_type, {**headers, "Content-Disposition": disposition}
