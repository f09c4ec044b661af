"""Features of a collection: which are asked for, and the answer joined from what is encoded."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import numpy as np

from layers.service.columns import Rows
from layers.service.cql2 import parse
from layers.service.cql2_places import box_numbers
from layers.service.cql2_times import asked_span
from layers.service.errors import ServiceError
from layers.service.query import Question
from layers.service.systems import Coordinates, asked
from layers.service.table import Table, members_of
from webmap.ogc.documents import HTML, link
from webmap.ogc.parameters import PROPERTY_FILTERS
from webmap.ogc.service import Service
from webmap.serving.asking import Wanted
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE, json_bytes
from webmap.serving.mounts import under_edition
from webmap.serving.problems import NotKnownError
from webmap.serving.quick import ORIGIN


def question(known: Service, wanted: Wanted) -> Question:
    """What a request asks of a collection.

    Raises:
        ServiceError: Its box, time or filter cannot be understood.
    """
    given = dict(wanted.values)
    area = None
    if given["bbox"]:
        area = asked(given["bbox-crs"], known.lon).box(box_numbers(given["bbox"].split(",")))
    filter_ = None
    if given["filter"]:
        filter_ = parse(given["filter"], given["filter-lang"], asked(given["filter-crs"], known.lon))
    when = asked_span(given["datetime"]) if given["datetime"] else None
    equal = {one.name: given[one.name] for one in PROPERTY_FILTERS if given[one.name]}
    order = tuple(_signed(one) for one in given["sortby"].split(",") if one)
    return Question(area, when, equal, filter_, order)


def _signed(one: str) -> str:
    """A property to sort by; a plus in an address may come as a blank."""
    name = one.strip()
    return name if name.startswith(("+", "-")) else f"+{name}"


def items(known: Service, wanted: Wanted) -> tuple[bytes, dict[str, str]]:
    """A page of a collection as GeoJSON, and the headers that say its system.

    Raises:
        ServiceError: The question cannot be answered.
    """
    layer, system = wanted["collection"], asked(wanted["crs"], known.lon)
    table = known.table(layer)
    rows = question(known, wanted).rows(table)
    offset, limit = int(wanted["offset"]), int(wanted["limit"])
    page = rows[offset : offset + limit]
    head = {
        "type": "FeatureCollection",
        "numberMatched": len(rows),
        "numberReturned": len(page),
        "links": _links(known, wanted, len(rows), offset, limit),
    }
    members = b",".join(_members(table, system, page, wanted))
    body = json_bytes(head)[:-1] + b',"features":[' + members + b"]}"
    return body, {"Content-Crs": f"<{system.uri}>"}


def _members(table: Table, system: Coordinates, rows: Rows, wanted: Wanted) -> list[bytes]:
    names = [name for name in wanted["properties"].split(",") if name]
    bare = wanted["skipGeometry"] == "true"
    encoded = table.encoded(system)
    if not names and not bare:
        return encoded.features(rows)
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        raise ServiceError("service.filter_property", name=unknown[0][:60], known=list(table.columns))
    ids = [json.dumps(table.ids[row], ensure_ascii=False).encode("utf-8", "replace") for row in rows.tolist()]
    shapes = [b"null"] * len(rows) if bare else encoded.geometry(rows)
    return members_of(ids, shapes, table.properties(rows, names or None))


def _links(known: Service, wanted: Wanted, matched: int, offset: int, limit: int) -> list[dict[str, str]]:
    """Links of a page; those to other pages are to this very edition, so that none is missed when a newer one comes."""
    layer = quote(wanted["collection"])
    made = [
        {"href": ORIGIN + wanted.address(f=""), "rel": "self", "type": GEOJSON_TYPE},
        {"href": ORIGIN + wanted.address(f="html"), "rel": "alternate", "type": HTML},
        link(wanted, f"/ogc/collections/{layer}", "collection", JSON_TYPE),
    ]
    pinned = under_edition(wanted.root, known.store.hash)

    def page(rel: str, at: int) -> dict[str, str]:
        address = wanted.address(offset=str(at) if at else "", f="").removeprefix(wanted.root)
        return {"href": f"{ORIGIN}{pinned}{address}", "rel": rel, "type": GEOJSON_TYPE}

    if offset + limit < matched:
        made.append(page("next", offset + limit))
    if offset > 0:
        made.append(page("prev", max(0, offset - limit)))
    return made


def item(known: Service, wanted: Wanted) -> tuple[bytes, dict[str, str]]:
    """One feature of a collection.

    Raises:
        NotKnownError: The collection does not have it.
    """
    layer, feature, system = wanted["collection"], wanted["feature"], asked(wanted["crs"], known.lon)
    row = known.table(layer).row_of.get(feature)
    if row is None:
        raise NotKnownError("error.unknown_feature", value=feature[:60], name="feature")
    (member,) = known.table(layer).encoded(system).features(np.array([row]))
    path = f"/ogc/collections/{quote(layer)}"
    links: list[dict[str, Any]] = [
        link(wanted, f"{path}/items/{quote(feature, safe='')}", "self", GEOJSON_TYPE),
        {"href": ORIGIN + wanted.address(f="html"), "rel": "alternate", "type": HTML},
        link(wanted, path, "collection", JSON_TYPE),
        link(wanted, f"/feature/{quote(feature)}", "related", HTML),
    ]
    return member[:-1] + b',"links":' + json_bytes(links) + b"}", {"Content-Crs": f"<{system.uri}>"}
