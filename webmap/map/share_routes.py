"""What takes a map elsewhere: the element for pages, oEmbed, pictures of pixels, short links."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from layers import words
from layers.drawing import picture as drawing
from layers.drawing import sheet
from layers.edition.kept import SHORT
from layers.edition.store import Store
from webmap.map import links, oembed
from webmap.map.embed import LAYERS, VIEW, ZONE, EmbedRequest
from webmap.map.routes import picture_of, still_picture
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import JSON_TYPE, json_bytes
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.page import heading, page_body
from webmap.serving.problems import BadParameterError, NotKnownError, NotReadyError
from webmap.serving.quick import ORIGIN

blueprint = Blueprint("sharing", __name__)

SMALLEST_PX, LARGEST_PX, USUAL_PX = 100, 2560, 1280


def _bounds(store: Store, given: str) -> str:
    """``west,south,east,north`` in degrees, with something of the plan in it."""
    parts = given.split(",")
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError:
        raise BadParameterError("error.bad_bounds", value=given[:60]) from None
    (low_lat, low_lon), (high_lat, high_lon) = store.extent
    meets = west < high_lon and east > low_lon and south < high_lat and north > low_lat
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85 and meets):
        raise BadParameterError("error.bad_bounds", value=given[:60])
    return ",".join(f"{degrees:.4f}" for degrees in (west, south, east, north))


def _link(_store: Store, given: str) -> str:
    if not links.ID.fullmatch(given):
        raise NotKnownError("error.unknown_link", value=given[:60])
    return given


BOUNDS = Parameter("bounds", "west,south,east,north in degrees, in place of the view's", accepts=_bounds, blank=True)
WIDTH = Parameter(
    "width", "Width in pixels; the height is three quarters of it", numbers=(SMALLEST_PX, LARGEST_PX),
    default=str(USUAL_PX), blank=True,
)  # fmt: skip


def _most(name: str) -> Parameter:
    return Parameter(f"max{name}", f"Greatest {name} in pixels", numbers=(SMALLEST_PX, 8000), default="0", blank=True)


@route(blueprint, "/picture/<view>.png", VIEW, LAYERS, ZONE, BOUNDS, WIDTH, LANG)
def picture_pixels(ctx: Context, wanted: Wanted) -> Body:
    """A view as a picture of pixels, for mails and pages that show no frames."""
    view = EmbedRequest(wanted["view"], EmbedRequest.listed(wanted["layers"]), zone=wanted["zone"]).view(ctx.store)
    if wanted["bounds"]:
        west, south, east, north = (float(part) for part in wanted["bounds"].split(","))
        view["bounds"] = ((south, west), (north, east))
    drawn = picture_of(ctx, view, wanted.lang)
    width = int(wanted["width"])
    height = round(width * drawing.HEIGHT / drawing.WIDTH)
    made = still_picture(ctx, drawn, wanted.lang, words.name(view, wanted.lang))
    return sheet.pixels(made, width, height, drawn.beyond or sheet.PAPER), "image/png", {}


@route(blueprint, "/plan-map.js")
def element(ctx: Context, _wanted: Wanted) -> Body:
    """The element ``<plan-map>`` for somebody's page: one file, at this address for good."""
    source = ctx.bundle.text("plan-map.js")
    if not source:
        raise NotReadyError("error.no_bundle")
    return source.encode("utf-8"), "text/javascript; charset=utf-8", {}


@route(
    blueprint, "/oembed",
    Parameter("url", "Address of a map, whole or from the server's root on", longest=links.LONGEST_ADDRESS),
    _most("width"), _most("height"),
    Parameter("format", "Form of the answer", ("json",), "json"),
    LANG, quick=True,
)  # fmt: skip
def oembed_answer(ctx: Context, wanted: Wanted) -> Body:
    """What an editor shows in place of a pasted address."""
    return json_bytes(oembed.answer(ctx.store, wanted, ORIGIN)), JSON_TYPE, {}


@route(
    blueprint, "/s/<link>", Parameter("link", "Id of a short link", accepts=_link),
    Parameter("about", "Say what has changed, also where a map opens", ("1",), blank=True), LANG, kept=False,
)  # fmt: skip
def short_link(ctx: Context, wanted: Wanted) -> Body:
    """The map that a short link is of; a page in between when what it shows is not any more as it was."""
    plan = ctx.library.plans.get(ctx.name)
    folder = links.folder_of(plan.path if plan else None, ctx.settings.links)
    found = links.read(folder, wanted["link"])
    if found is None or found.plan not in ("", ctx.name):
        raise NotKnownError("error.unknown_link", value=wanted["link"])
    digests: dict[str, str] = ctx.part("link digests", lambda _store: {})

    def digest(name: str) -> str:
        if name not in digests:
            digests[name] = links.digest_of(ctx.store, name)
        return digests[name]

    changes = links.changed(found, digest) if found.edition != ctx.store.hash else []
    if not changes or (found.embeds and not wanted["about"]):
        # A frame shows the map as it is now, and says so in a line.
        return b"", "text/plain", {"Location": wanted.root + (_marked(found) if changes else found.address)}
    return _page(ctx, wanted, found, changes)


def _marked(link: links.Link) -> str:
    """The address of an embed that says in a line that what it shows has changed."""
    before, mark, hashed = link.address.partition("#")
    return f"{before}{'&' if '?' in before else '?'}link={link.id}{mark}{hashed}"


def _page(ctx: Context, wanted: Wanted, link: links.Link, changes: list[str]) -> Body:
    lang, head = wanted.lang, heading(ctx.store.plan, wanted.lang)
    short = link.edition[:SHORT]
    kept = short in ctx.library.hashes(ctx.name)
    above = wanted.root.removesuffix(f"/e/{ctx.store.hash[:SHORT]}")
    values: dict[str, Any] = {
        **head,
        "title": f"{text(lang, 'link.title')} · {head['plan_title']}",
        "page": "link",
        "urls": page_urls(wanted.root, lang),
        "other_lang": other_language(wanted),
        "styles": [wanted.site + ctx.bundle.address("pages.css")],
        "newer": None,
        "edition": ctx.store.hash,
        "made": link.made,
        "before": short,
        "changes": [_named(ctx.store, name, lang) for name in changes],
        "now": wanted.root + link.address,
        "then": f"{above}/e/{short}{link.address}" if kept else "",
        "compare": with_query(f"{wanted.root}/compare", **{"with": short, "lang": asked_for(lang)}) if kept else "",
    }
    return page_body("link.html", lang, content_policy(), values)


def _named(store: Store, name: str, lang: str) -> dict[str, Any]:
    """A layer or an indicator in words, and whether it is still there."""
    what, _, key = name.partition("/")
    if what == "layer":
        record = store.layers.get(key)
    else:
        key = key.rpartition("/")[0]
        rows = store.edition.indicators
        record = next((dict(row) for _, row in rows[rows["id"] == key].iterrows()), None)
    return {
        "what": text(lang, f"link.{what}"),
        "name": words.name(record, lang) if record else key,
        "gone": record is None,
    }
