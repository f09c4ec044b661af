"""Pages for people: the map, the start page, the about page, the embed and the stand-alone file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from webmap.map import compose as maps
from webmap.map import standalone
from webmap.map.embed import EmbedRequest
from webmap.reading.about import about_values, file_values
from webmap.reading.start import full_title, localized, start_values
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.context import Body, Context, asked_language, choose, context, respond, root
from webmap.serving.encode import HTML_TYPE
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.problems import ICON, NotKnownError, page_values

blueprint = Blueprint("pages", __name__)


def source_hash(source: str) -> str:
    """A script or style as the Content-Security-Policy names it: ``'sha256-…'``."""
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def heading(ctx: Context, lang: str) -> dict[str, str]:
    """Title and subtitle of the plan, for the head of a page."""
    plan = ctx.store.plan
    return {
        "plan_title": localized(plan, lang, "short_title"),
        "plan_subtitle": " · ".join(
            part for part in (localized(plan.get("district", {}), lang), str(plan.get("period", ""))) if part
        ),
        "description": full_title(plan, lang),
    }


def page_body(template: str, lang: str, policy: str, values: Mapping[str, Any]) -> Body:
    """A rendered page with the policy that it runs under."""
    html = render_template(template, **page_values(lang), icon=ICON, **values)
    return html.encode("utf-8", "replace"), HTML_TYPE, {"Content-Security-Policy": policy}


@blueprint.get("/")
def map_page() -> Response:
    """The map."""
    ctx, lang = context(), asked_language()
    view = choose(request.args.get("view", ctx.store.default_view), ctx.store.views, "error.unknown_view")
    return respond(("map", view, lang), lambda: _map_body(ctx, view, lang, root()))


def _map_body(ctx: Context, view_id: str, lang: str, base: str) -> Body:
    view = ctx.store.views[view_id]
    urls = page_urls(base, lang)
    composed = maps.compose(
        maps.config(ctx.store, mode="full", lang=lang, view=view, urls=urls), ctx.bundle.map_assets(base)
    )
    head = heading(ctx, lang)
    asked = asked_for(lang)
    values = {
        **head,
        "title": f"{localized(view, lang)} · {head['plan_title']}",
        "mode": "full",
        "composed": composed,
        "urls": urls,
        "view_id": view_id,
        "views": [
            {
                "id": item["id"],
                "label": localized(item, lang),
                "url": with_query(f"{base}/", view=item["id"], lang=asked),
            }
            for item in ctx.store.views.values()
        ],
        "other_lang": other_language(f"{base}/", {"view": view_id}, lang),
        "downloads": [
            {"label": text(lang, "download.gpkg"), "url": f"{urls['download']}/all.gpkg"},
            {"label": text(lang, "download.geojson"), "url": f"{urls['download']}/all.geojson"},
            {"label": text(lang, "download.indicators"), "url": f"{urls['download']}/indicators.csv"},
        ],
    }
    policy = content_policy(scripts=[source_hash(composed.script)])
    return page_body("map.html", lang, policy, values)


@blueprint.get("/embed/<view>")
def embed_page(view: str) -> Response:
    """The map without chrome, for a frame."""
    ctx, lang = context(), asked_language()
    choose(view, ctx.store.views, "error.unknown_view", NotKnownError)
    asked = EmbedRequest.read(ctx.store, view, request.args)
    return respond(("embed", lang, *asked.key), lambda: _embed_body(ctx, asked, lang, root()))


def _embed_body(ctx: Context, asked: EmbedRequest, lang: str, base: str) -> Body:
    view = asked.view(ctx.store)
    urls = page_urls(base, lang)
    composed = maps.compose(
        maps.config(ctx.store, mode="embed", lang=lang, view=view, urls=urls), ctx.bundle.map_assets(base)
    )
    style = asked.frame_style
    head = heading(ctx, lang)
    values = {
        **head,
        "title": f"{localized(view, lang)} · {head['plan_title']}",
        "heading": f"{head['plan_title']} · {localized(view, lang)}",
        "composed": composed,
        "frame_style": style,
        "full_url": with_query(f"{base}/", view=asked.view_id, lang=asked_for(lang)),
    }
    policy = content_policy(
        scripts=[source_hash(composed.script)],
        styles=[source_hash(style)] if style else [],
        frame_ancestors=ctx.settings.frame_ancestors,
    )
    return page_body("embed.html", lang, policy, values)


@blueprint.get("/standalone/<view>.html")
def standalone_file(view: str) -> Response:
    """The map as one file that asks for nothing."""
    ctx, lang = context(), asked_language()
    choose(view, ctx.store.views, "error.unknown_view", NotKnownError)
    return respond(("standalone", view, lang), lambda: _standalone_body(ctx, view, lang))


def _standalone_body(ctx: Context, view_id: str, lang: str) -> Body:
    view = ctx.store.views[view_id]
    parts = standalone.parts(ctx.store, view, lang)
    head = heading(ctx, lang)
    hashes = [source_hash(parts.script), source_hash(parts.composed.script)]
    values = {
        **head,
        **file_values(ctx.store, lang),
        "title": f"{localized(view, lang)} · {head['plan_title']}",
        "composed": parts.composed,
        "inline_js": parts.script,
        "inline_css": parts.style,
        # frame-ancestors has no meaning in a file's own policy, browsers warn about it.
        "policy": content_policy(scripts=hashes, styles=[source_hash(parts.style)], own_files=False),
    }
    policy = content_policy(
        scripts=hashes, styles=[source_hash(parts.style)], own_files=False, frame_ancestors="'self'"
    )
    body, content_type, headers = page_body("standalone.html", lang, policy, values)
    name = f"{ctx.store.plan.get('id', 'plan')}-{view_id}.html"
    disposition = f'inline; filename="{name}"' if name.isascii() else "inline"
    return body, content_type, {**headers, "Content-Disposition": disposition}


@blueprint.get("/start")
def start_page() -> Response:
    """What the plan is, its views, downloads and how to connect QGIS."""
    ctx, lang = context(), asked_language()
    base, here = root(), request.host_url.rstrip("/")
    return respond(
        ("start", lang, here), lambda: _plain_body(ctx, lang, base, "start", start_values(ctx.store, lang, base, here))
    )


@blueprint.get("/about")
def about_page() -> Response:
    """Sources, accuracy, assumptions and the edition."""
    ctx, lang = context(), asked_language()
    base = root()
    return respond(("about", lang), lambda: _plain_body(ctx, lang, base, "about", about_values(ctx.store, lang, base)))


def _plain_body(ctx: Context, lang: str, base: str, page: str, values: Mapping[str, Any]) -> Body:
    head = heading(ctx, lang)
    shared = {
        **head,
        "title": f"{text(lang, f'nav.{page}')} · {head['plan_title']}",
        "page": page,
        "urls": page_urls(base, lang),
        "other_lang": other_language(f"{base}/{page}", {}, lang),
        "styles": [base + ctx.bundle.address("pages.css")],
    }
    # The form for downloads on the start page needs no script, but leave to send.
    return page_body(f"{page}.html", lang, content_policy(forms="form" in values), {**shared, **values})
