"""The map: its page, the embed, the still picture and the stand-alone file."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

from flask import Blueprint

from layers import words
from layers.drawing.sketch import sketch
from webmap.map import compose as maps
from webmap.map import standalone
from webmap.map.embed import PARAMETERS, VIEW, EmbedRequest
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import LANG, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.mounts import under_edition
from webmap.serving.page import heading, page_body, rendered

blueprint = Blueprint("pages", __name__)


PICTURE_SIZE = (960, 720)
SVG_TYPE = "image/svg+xml; charset=utf-8"


def picture_url(base: str, view_id: str) -> str:
    """Where the still picture of a view is."""
    return f"{base}/picture/{quote(view_id)}.svg"


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
    urls = page_urls(base, lang, under_edition(base, ctx.store.hash))
    composed = maps.compose(
        maps.config(ctx.store, mode="full", lang=lang, view=view, urls=urls, basemap=ctx.settings.basemap),
        ctx.bundle.map_assets(wanted.site),
    )
    head = heading(ctx.store.plan, lang)
    asked = asked_for(lang)
    values = {
        **head,
        "title": f"{words.name(view, lang)} · {head['plan_title']}",
        "mode": "full",
        "newer": ctx.newer(base, wanted.site),
        "composed": composed,
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
        "downloads": [
            {"label": text(lang, "download.gpkg"), "url": f"{urls['download']}/all.gpkg"},
            {"label": text(lang, "download.geojson"), "url": f"{urls['download']}/all.geojson"},
            {"label": text(lang, "download.indicators"), "url": f"{urls['download']}/indicators.csv"},
        ],
    }
    policy = content_policy(scripts=[source_hash(composed.script)], images=tiles_origin(ctx))
    return page_body("map.html", lang, policy, values)


def tiles_origin(ctx: Context) -> str:
    """Where the operator's base map comes from, for a policy; "" where there is none or it is our own host."""
    return ctx.settings.basemap.origin if ctx.settings.basemap else ""


def framing(setting: str) -> str | None:
    """Who may frame an embed, for its policy; None where the setting lets anybody."""
    return None if "*" in setting.split() else setting


@route(blueprint, "/embed/<view>", *PARAMETERS)
def embed_page(ctx: Context, wanted: Wanted) -> Body:
    """The map without chrome, for a frame."""
    lang, base, asked = wanted.lang, wanted.root, EmbedRequest.read(wanted)
    view = asked.view(ctx.store)
    urls = page_urls(base, lang, under_edition(base, ctx.store.hash))
    composed = maps.compose(
        maps.config(ctx.store, mode="embed", lang=lang, view=view, urls=urls, basemap=ctx.settings.basemap),
        ctx.bundle.map_assets(wanted.site),
    )
    style = asked.frame_style
    head = heading(ctx.store.plan, lang)
    values = {
        "title": f"{words.name(view, lang)} · {head['plan_title']}",
        "heading": f"{head['plan_title']} · {words.name(view, lang)}",
        "composed": composed,
        "picture": picture_url(base, str(view["id"])),
        "frame_style": style,
        "full_url": with_query(f"{base}/", view=asked.view_id, lang=asked_for(lang)),
    }
    policy = content_policy(
        scripts=[source_hash(composed.script)],
        styles=[source_hash(style)] if style else [],
        images=tiles_origin(ctx),
        frame_ancestors=framing(ctx.settings.frame_ancestors),
    )
    return page_body("embed.html", lang, policy, values)


@route(blueprint, "/picture/<view>.svg", VIEW, LANG)
def picture(ctx: Context, wanted: Wanted) -> Body:
    """A view as a still picture, for engines that cannot run the map."""
    view = ctx.store.views[wanted["view"]]
    values = {"sketch": sketch(ctx.store, view, *PICTURE_SIZE), "title": words.name(view, wanted.lang)}
    return rendered("picture.svg", values).encode("utf-8", "replace"), SVG_TYPE, {}


@route(blueprint, "/standalone/<view>.html", VIEW, LANG)
def standalone_file(ctx: Context, wanted: Wanted) -> Body:
    """The map as one file that asks for nothing."""
    lang, view_id = wanted.lang, wanted["view"]
    view = ctx.store.views[view_id]
    parts = standalone.parts(ctx.store, view, lang)
    head = heading(ctx.store.plan, lang)
    hashes = [source_hash(script) for script in (parts.script, parts.engine, parts.composed.script)]
    values = {
        **head,
        **standalone.file_values(ctx.store, lang),
        "title": f"{words.name(view, lang)} · {head['plan_title']}",
        "composed": parts.composed,
        "inline_js": parts.script,
        "inline_engine": parts.engine,
        "inline_picture": sketch(ctx.store, view, *PICTURE_SIZE),
        "inline_css": parts.style,
        # frame-ancestors has no meaning in a file's own policy, browsers warn about it.
        "policy": content_policy(
            scripts=hashes, styles=[source_hash(parts.style)], own_files=False, frame_ancestors=None
        ),
    }
    policy = content_policy(scripts=hashes, styles=[source_hash(parts.style)], own_files=False)
    body, content_type, headers = page_body("standalone.html", lang, policy, values)
    name = f"{ctx.store.plan.get('id', 'plan')}-{view_id}.html"
    disposition = f'inline; filename="{name}"' if name.isascii() else "inline"
    return body, content_type, {**headers, "Content-Disposition": disposition}
