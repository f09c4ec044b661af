"""``/ogc`` of a shelf of plans as pages: the plans with their services, and the records that programs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from layers import words
from webmap.ogc import records
from webmap.ogc.pages import Block, Cell, Page
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import Wanted
from webmap.serving.context import Body, Context
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.page import heading, page_body
from webmap.serving.quick import ORIGIN

PLANS = 100
"""So many plans stand on the landing page; all are in the records, page by page."""


def page(ctx: Context, wanted: Wanted, made: Page) -> Body:
    """A page in the house's frame that belongs to no plan."""
    lang = wanted.lang
    home = _to(wanted, "/")
    values: dict[str, Any] = {
        **heading(ctx.store.plan, lang),
        "title": f"{made.title} · {text(lang, 'catalogue.title')}" if made.trail else made.title,
        "heading": made.title,
        "made": made,
        "page": "catalogue",
        "urls": {**page_urls(wanted.root, lang), "map": home},
        "other_lang": other_language(wanted),
        "styles": [wanted.site + ctx.bundle.address("pages.css")],
        "newer": None,
        "edition": "",
        "json_url": wanted.address(f="json"),
        "attribution": "",
    }
    body, kind, headers = page_body("ogc.html", lang, content_policy(), values)
    return body, kind, {**headers, "Vary": "Accept"}


def landing(ctx: Context, wanted: Wanted, _made: Mapping[str, Any]) -> Page:
    """Every plan with the addresses of its services, and where the records are."""
    lang = wanted.lang
    plans = records.plans(ctx)
    rows = [
        [
            Cell(words.name(card.plan, lang, "short_title") or name, _to(wanted, f"/p/{quote(name)}/")),
            Cell(_whose(card.plan, lang)),
            Cell(f"{ORIGIN}{wanted.root}/p/{quote(name)}/ogc", _page(wanted, f"/p/{quote(name)}/ogc")),
            Cell("layers.qlr", _to(wanted, f"/p/{quote(name)}/ogc/layers.qlr")),
            Cell("GeoPackage", f"{wanted.root}/p/{quote(name)}/download/all.gpkg"),
        ]
        for name, card in plans[:PLANS]
    ]
    head = [text(lang, f"ogc.{one}") for one in ("record", "record_whose", "record_services")]
    parts = [
        [
            Cell(text(lang, f"ogc.records_{name}"), _page(wanted, f"/ogc/collections/{name}/items")),
            Cell(text(lang, f"ogc.records_{name}_told")),
        ]
        for name in records.CATALOGUES
    ]
    parts += [
        [Cell(text(lang, f"ogc.{name}"), _page(wanted, f"/ogc/{name}")), Cell(text(lang, f"ogc.{name}_told"))]
        for name in ("conformance", "api")
    ]
    more = text(lang, "ogc.records_more", shown=PLANS, all=len(plans)) if len(plans) > PLANS else ""
    title = text(lang, "ogc.records_plans") + (f" {more}" if more else "")
    return Page(
        text(lang, "ogc.title"),
        text(lang, "ogc.records_lead"),
        (Block(title, (*head, "QGIS", "GeoPackage"), rows), Block(text(lang, "ogc.parts"), (), parts)),
    )


def collections(_ctx: Context, wanted: Wanted, made: Mapping[str, Any]) -> Page:
    """The collections of records."""
    rows = [
        [
            Cell(one["title"], _page(wanted, f"/ogc/collections/{one['id']}/items")),
            Cell(one["id"], _page(wanted, f"/ogc/collections/{one['id']}")),
        ]
        for one in made["collections"]
    ]
    return Page(text(wanted.lang, "ogc.records"), "", (Block("", (), rows),), _trail(wanted)[:1])


def collection(_ctx: Context, wanted: Wanted, made: Mapping[str, Any]) -> Page:
    """One collection of records."""
    at = _page(wanted, f"/ogc/collections/{made['id']}/items")
    rows = [[Cell(text(wanted.lang, "ogc.items_of_records"), at), Cell("")]]
    rows += [
        [Cell(text(wanted.lang, "ogc.extent")), Cell(", ".join(f"{one:.4f}" for one in box))]
        for box in made.get("extent", {}).get("spatial", {}).get("bbox", ())
    ]
    return Page(made["title"], "", (Block("", (), rows),), _trail(wanted)[:1])


def items(_ctx: Context, wanted: Wanted, made: Mapping[str, Any]) -> Page:
    """A page of records, with the pages before and after it."""
    lang, name = wanted.lang, wanted["catalogue"]
    rows = [
        [
            Cell(one["properties"]["title"], _page(wanted, f"/ogc/collections/{name}/items/{quote(one['id'])}")),
            Cell(one["properties"]["description"]),
            *_services(one),
        ]
        for one in made["features"]
    ]
    around = [
        [Cell(text(lang, f"ogc.{one['rel']}"), _here(one["href"]))]
        for one in made["links"]
        if one["rel"] in ("prev", "next")
    ]
    head = [text(lang, f"ogc.{one}") for one in ("record", "record_says", "record_services")]
    lead = text(lang, "ogc.matched", matched=made["numberMatched"], returned=made["numberReturned"])
    title = text(lang, f"ogc.records_{name}")
    return Page(title, lead, (Block("", head, rows), Block("", (), around)), _trail(wanted)[:1])


def item(_ctx: Context, wanted: Wanted, made: Mapping[str, Any]) -> Page:
    """One record: what it says, and where it leads."""
    lang, said = wanted.lang, made["properties"]
    shown = {
        "id": made["id"],
        "record_says": said["description"],
        "record_words": "、".join(said["keywords"]) if lang == "zh" else ", ".join(said["keywords"]),
        "record_edition": said["externalIds"][0]["value"],
        "record_licence": said["license"],
    }
    rows = [[Cell(text(lang, f"ogc.{key}")), Cell(value)] for key, value in shown.items() if value]
    links = [
        [Cell(text(lang, f"ogc.link_{one['rel']}")), Cell(one["href"], one["href"].removeprefix(ORIGIN))]
        for one in made["links"]
        if one["rel"] in ("service", "about", "enclosure")
    ]
    blocks = (Block("", (), rows), Block(text(lang, "ogc.links"), (), links))
    return Page(said["title"], "", blocks, _trail(wanted, wanted["catalogue"]))


def _services(record: Mapping[str, Any]) -> list[Cell]:
    return [Cell(one["href"], one["href"].removeprefix(ORIGIN)) for one in record["links"] if one["rel"] == "service"]


def _whose(plan: Mapping[str, Any], lang: str) -> str:
    parts = (words.name(plan.get("district", {}), lang), str(plan.get("period", "")))
    return " · ".join(one for one in parts if one)


def _trail(wanted: Wanted, catalogue: str = "") -> tuple[Cell, ...]:
    steps = [Cell(text(wanted.lang, "ogc.title"), _page(wanted, "/ogc"))]
    if catalogue:
        at = _page(wanted, f"/ogc/collections/{catalogue}/items")
        steps.append(Cell(text(wanted.lang, f"ogc.records_{catalogue}"), at))
    return tuple(steps)


def _to(wanted: Wanted, path: str) -> str:
    return with_query(f"{wanted.root}{path}", lang=asked_for(wanted.lang))


def _page(wanted: Wanted, path: str) -> str:
    return with_query(f"{wanted.root}{path}", f="html", lang=asked_for(wanted.lang))


def _here(address: str) -> str:
    """A link of the document to the page before or after, as a page."""
    address = address.removeprefix(ORIGIN)
    return address if "f=html" in address else address + ("&" if "?" in address else "?") + "f=html"
