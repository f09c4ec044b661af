"""The services as pages: the documents that programs read, as headed tables with links."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from layers.edition.layer_table import plain_heading
from webmap.ogc.documents import attribution
from webmap.ogc.service import Service
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import Wanted
from webmap.serving.context import Body, Context
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.page import heading, page_body
from webmap.serving.quick import ORIGIN

CLIENTS = {"qgis": "QGIS", "gdal": "GDAL", "arcgis": "ArcGIS Pro", "wms": "WMS, WMTS"}
CLIENT_ENDS = {"wms": "/wms"}


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and where it leads."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Block:
    """A headed table of a page."""

    title: str
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()


@dataclass(frozen=True)
class Page:
    """What a page says."""

    title: str
    lead: str = ""
    blocks: Sequence[Block] = ()
    trail: Sequence[Cell] = field(default_factory=tuple)


def page(ctx: Context, wanted: Wanted, known: Service, made: Page) -> Body:
    """A page in the house's frame."""
    lang = wanted.lang
    head = heading(ctx.store.plan, lang)
    values: dict[str, Any] = {
        **head,
        "title": f"{made.title} · {head['plan_title']}",
        "heading": made.title,
        "made": made,
        "page": "ogc",
        "urls": page_urls(wanted.root, lang),
        "other_lang": other_language(wanted),
        "styles": [wanted.site + ctx.bundle.address("pages.css")],
        "newer": None,
        "edition": ctx.store.hash,
        "json_url": wanted.address(f="json"),
        "attribution": attribution(known, lang),
    }
    body, kind, headers = page_body("ogc.html", lang, content_policy(), values)
    return body, kind, {**headers, "Vary": "Accept"}


def _to(wanted: Wanted, path: str, **params: str) -> str:
    return with_query(f"{wanted.root}{path}", f="html", lang=asked_for(wanted.lang), **params)


def trail(wanted: Wanted, known: Service, layer: str = "") -> tuple[Cell, ...]:
    """Where a page stands: the services, the collections, one of them."""
    steps = [
        Cell(text(wanted.lang, "ogc.title"), _to(wanted, "/ogc")),
        Cell(text(wanted.lang, "ogc.collections"), _to(wanted, "/ogc/collections")),
    ]
    if layer:
        steps.append(Cell(known.title(layer, wanted.lang), _to(wanted, f"/ogc/collections/{quote(layer)}")))
    return tuple(steps)


def landing_page(wanted: Wanted) -> Page:
    """The landing page, with what to type into which program."""
    lang = wanted.lang

    def t(key: str) -> str:
        return text(lang, f"ogc.{key}")

    address = f"{ORIGIN}{wanted.root}/ogc"
    parts = [
        [Cell(t(name), _to(wanted, f"/ogc/{name}")), Cell(t(f"{name}_told"))]
        for name in ("collections", "tiles", "styles", "conformance", "api")
    ]
    clients = [
        [Cell(program), Cell(t(f"client_{name}_how")), Cell(address + CLIENT_ENDS.get(name, ""))]
        for name, program in CLIENTS.items()
    ]
    at_once = with_query(f"{wanted.root}/ogc/layers.qlr", lang=asked_for(lang))
    clients.insert(1, [Cell("QGIS"), Cell(t("client_qlr_how")), Cell(ORIGIN + at_once, at_once)])
    return Page(
        t("title"),
        t("lead"),
        (Block(t("parts"), (), parts), Block(t("clients"), (t("program"), t("how"), t("address")), clients)),
    )


def conformance_page(wanted: Wanted, known: Service, classes: Sequence[str]) -> Page:
    """The conformance classes."""
    lang = wanted.lang
    return Page(
        text(lang, "ogc.conformance"),
        text(lang, "ogc.conformance_told"),
        (Block("", (), [[Cell(one)] for one in classes]),),
        trail(wanted, known)[:1],
    )


def collections_page(wanted: Wanted, known: Service) -> Page:
    """All collections."""
    lang = wanted.lang
    rows = [
        [
            Cell(known.title(layer, lang), _to(wanted, f"/ogc/collections/{quote(layer)}")),
            Cell(layer),
            Cell(str(known.store.count(layer)), _to(wanted, f"/ogc/collections/{quote(layer)}/items")),
        ]
        for layer in known.store.layers
    ]
    head = (text(lang, "download.layer"), text(lang, "ogc.id"), text(lang, "download.count"))
    return Page(text(lang, "ogc.collections"), "", (Block("", head, rows),), trail(wanted, known)[:1])


def collection_page(wanted: Wanted, known: Service, layer: str) -> Page:
    """One collection: where its features are, the systems, the properties that filters may name."""
    lang, table = wanted.lang, known.table(layer)
    path = f"/ogc/collections/{quote(layer)}"
    parts = [
        [Cell(text(lang, "ogc.items"), _to(wanted, f"{path}/items")), Cell(str(table.count))],
        [Cell("GeoJSON", with_query(f"{wanted.root}{path}/items", f="json")), Cell("")],
    ]
    systems = [
        [Cell(one.uri), Cell(text(lang, "ogc.north_first" if one.swapped else "ogc.east_first"))]
        for one in known.systems
    ]
    fields = [
        [Cell(name), Cell(plain_heading(name, lang)), Cell(text(lang, f"ogc.kind_{one.kind}"))]
        for name, one in table.columns.items()
    ]
    blocks = (
        Block("", (), parts),
        Block(
            text(lang, "ogc.queryables"),
            (text(lang, "ogc.id"), text(lang, "ogc.meaning"), text(lang, "ogc.kind")),
            fields,
        ),
        Block(text(lang, "ogc.systems"), (), systems),
    )
    return Page(known.title(layer, lang), "", blocks, trail(wanted, known))


def items_page(wanted: Wanted, known: Service, answer: Mapping[str, Any]) -> Page:
    """A page of features, with the pages before and after it."""
    lang, layer = wanted.lang, wanted["collection"]
    path = f"/ogc/collections/{quote(layer)}/items"
    rows = [
        [
            Cell(_name(one, lang), _to(wanted, f"{path}/{quote(one['id'])}")),
            Cell(str(one["id"])),
            Cell(str(one["properties"].get("status") or "")),
        ]
        for one in answer["features"]
    ]
    offset, limit = int(wanted["offset"]), int(wanted["limit"])
    around = []
    if offset:
        around.append([Cell(text(lang, "ogc.prev"), wanted.address(offset=str(max(0, offset - limit)), f="html"))])
    if offset + limit < answer["numberMatched"]:
        around.append([Cell(text(lang, "ogc.next"), wanted.address(offset=str(offset + limit), f="html"))])
    lead = text(lang, "ogc.matched", matched=answer["numberMatched"], returned=answer["numberReturned"])
    head = (plain_heading("name", lang), text(lang, "ogc.id"), plain_heading("status", lang))
    return Page(
        known.title(layer, lang), lead, (Block("", head, rows), Block("", (), around)), trail(wanted, known, layer)
    )


def item_page(wanted: Wanted, known: Service, answer: Mapping[str, Any]) -> Page:
    """One feature: its properties in words of the tables, and a link to its page for reading."""
    lang = wanted.lang
    rows = [
        [Cell(plain_heading(name, lang)), Cell(_shown(value))]
        for name, value in answer["properties"].items()
        if value is not None
    ]
    reading = [
        [
            Cell(
                text(lang, "ogc.reading"),
                with_query(f"{wanted.root}/feature/{quote(answer['id'])}", lang=asked_for(lang)),
            )
        ]
    ]
    return Page(
        _name(answer, lang),
        "",
        (Block("", (), rows), Block("", (), reading)),
        trail(wanted, known, wanted["collection"]),
    )


def links_page(title: str) -> Callable[[Wanted, Service, Mapping[str, Any]], Page]:
    """A page of a document that is a list of links: whatever it holds that has a title and links."""

    def show(wanted: Wanted, known: Service, answer: Mapping[str, Any]) -> Page:
        groups = next((value for key, value in answer.items() if key != "links" and isinstance(value, list)), [])
        rows = [
            [
                Cell(str(one.get("title") or one.get("id", ""))),
                Cell(to.get("title") or to["type"], to["href"].removeprefix(ORIGIN)),
            ]
            for one in groups
            for to in one.get("links", ())
            if not to.get("templated")
        ]
        own = [
            [Cell(to["rel"].rpartition("/")[2]), Cell(to["href"].removeprefix(ORIGIN))]
            for to in answer.get("links", ())
        ]
        return Page(text(wanted.lang, title), "", (Block("", (), rows or own),), trail(wanted, known)[:1])

    return show


def api_page(wanted: Wanted, known: Service, answer: Mapping[str, Any]) -> Page:
    """The description of the services: each address with its parameters."""
    lang = wanted.lang
    shared = answer["components"]["parameters"]
    blocks = []
    for address, operations in answer["paths"].items():
        operation = operations["get"]
        named = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in operation["parameters"]]
        rows = [[Cell(one["name"]), Cell(one["in"]), Cell(one["description"])] for one in named]
        blocks.append(Block(f"/ogc{address.rstrip('/')}", (), rows))
    return Page(text(lang, "ogc.api"), text(lang, "ogc.api_told"), blocks, trail(wanted, known)[:1])


def _name(one: Mapping[str, Any], lang: str) -> str:
    cells = one["properties"]
    return str((cells.get("name_en") if lang == "en" else "") or cells.get("name") or one["id"])


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
