"""Pages for people: the map, the start page, the about page, the embed and the stand-alone file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint

from layers import words
from layers.drawing.sketch import sketch
from webmap.map import compose as maps
from webmap.map import standalone
from webmap.map.embed import PARAMETERS, VIEW, EmbedRequest
from webmap.reading.about import about_values, file_values
from webmap.reading.start import full_title, start_values
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import LANG, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import HTML_TYPE
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.page import rendered
from webmap.serving.problems import ICON, page_values

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


def heading(ctx: Context, lang: str) -> dict[str, str]:
    """Title and subtitle of the plan, for the head of a page."""
    plan = ctx.store.plan
    return {
        "plan_title": words.name(plan, lang, "short_title"),
        "plan_subtitle": " · ".join(
            part for part in (words.name(plan.get("district", {}), lang), str(plan.get("period", ""))) if part
        ),
        "description": full_title(plan, lang),
    }


def page_body(template: str, lang: str, policy: str, values: Mapping[str, Any]) -> Body:
    """A rendered page with the policy that it runs under."""
    html = rendered(template, {**page_values(lang), "icon": ICON, **values})
    return html.encode("utf-8", "replace"), HTML_TYPE, {"Content-Security-Policy": policy}


@route(blueprint, "/", VIEW, LANG)
def map_page(ctx: Context, wanted: Wanted) -> Body:
    """The map."""
    lang, base = wanted.lang, wanted.root
    view_id = wanted["view"] or ctx.store.default_view
    view = ctx.store.views[view_id]
    urls = page_urls(base, lang)
    composed = maps.compose(
        maps.config(ctx.store, mode="full", lang=lang, view=view, urls=urls, basemap=ctx.settings.basemap),
        ctx.bundle.map_assets(base),
    )
    head = heading(ctx, lang)
    asked = asked_for(lang)
    values = {
        **head,
        "title": f"{words.name(view, lang)} · {head['plan_title']}",
        "mode": "full",
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
    urls = page_urls(base, lang)
    composed = maps.compose(
        maps.config(ctx.store, mode="embed", lang=lang, view=view, urls=urls, basemap=ctx.settings.basemap),
        ctx.bundle.map_assets(base),
    )
    style = asked.frame_style
    head = heading(ctx, lang)
    values = {
        **head,
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
    head = heading(ctx, lang)
    hashes = [source_hash(script) for script in (parts.script, parts.engine, parts.composed.script)]
    values = {
        **head,
        **file_values(ctx.store, lang),
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


@route(blueprint, "/start", LANG)
def start_page(ctx: Context, wanted: Wanted) -> Body:
    """What the plan is, its views, downloads and how to connect QGIS."""
    return _plain_body(ctx, wanted, "start", start_values(ctx.store, wanted.lang, wanted.root))


@route(blueprint, "/about", LANG)
def about_page(ctx: Context, wanted: Wanted) -> Body:
    """Sources, accuracy, assumptions and the edition."""
    return _plain_body(ctx, wanted, "about", about_values(ctx.store, wanted.lang, wanted.root))


def _plain_body(ctx: Context, wanted: Wanted, page: str, values: Mapping[str, Any]) -> Body:
    lang, base = wanted.lang, wanted.root
    head = heading(ctx, lang)
    shared = {
        **head,
        "title": f"{text(lang, f'nav.{page}')} · {head['plan_title']}",
        "page": page,
        "urls": page_urls(base, lang),
        "other_lang": other_language(wanted),
        "styles": [base + ctx.bundle.address("pages.css")],
    }
    # The form for downloads on the start page needs no script, but leave to send.
    return page_body(f"{page}.html", lang, content_policy(forms="form" in values), {**shared, **values})
