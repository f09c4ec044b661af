"""Features of a collection: which are asked for, and the answer joined from what is encoded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from layers.service.columns import Rows
from layers.service.cql2 import Filter, parse
from layers.service.cql2_places import box_numbers
from layers.service.cql2_times import asked_span
from layers.service.errors import ServiceError
from layers.service.query import Question
from layers.service.systems import Coordinates, asked
from layers.service.table import Pieces, Table, members_of
from webmap.ogc.documents import HTML
from webmap.ogc.parameters import PROPERTY_FILTERS
from webmap.ogc.service import Service
from webmap.serving.asking import Wanted
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE
from webmap.serving.mounts import under_edition
from webmap.serving.problems import NotKnownError
from webmap.serving.quick import MARK, ORIGIN, joined

SYSTEM = "Content-Crs"
"""The header that says in which system coordinates are."""


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
        filter_ = parsed(given["filter"], given["filter-lang"], given["filter-crs"], known.lon)
    when = asked_span(given["datetime"]) if given["datetime"] else None
    equal = {one.name: given[one.name] for one in PROPERTY_FILTERS if given[one.name]}
    order = tuple(_signed(one) for one in given["sortby"].split(",") if one)
    return Question(area, when, equal, filter_, order)


_quoted = lru_cache(maxsize=256)(quote)


@lru_cache(maxsize=64)
def parsed(text: str, language: str, crs: str, lon: float) -> Filter:
    """A filter; who asks by it asks by it again, of other places. Systems are told apart by name."""
    return parse(text, language, asked(crs, lon))


def _signed(one: str) -> str:
    """A property to sort by; a plus in an address may come as a blank."""
    name = one.strip()
    return name if name.startswith(("+", "-")) else f"+{name}"


def items(known: Service, wanted: Wanted) -> tuple[bytes, dict[str, str]]:
    """A page of a collection as GeoJSON, and the headers that say its system.

    Raises:
        ServiceError: The question cannot be answered.
    """
    made, told = asked_page(known, wanted)
    return made.whole, told


def asked_page(known: Service, wanted: Wanted) -> tuple[Answer, dict[str, str]]:
    """The same, in parts.

    Raises:
        ServiceError: The question cannot be answered.
    """
    layer, system = wanted["collection"], asked(wanted["crs"], known.lon)
    table = known.table(layer)
    rows = question(known, wanted).rows(table)
    offset, limit = int(wanted["offset"]), int(wanted["limit"])
    chosen = rows[offset : offset + limit]
    found = Found(layer, system, len(rows), offset, limit)
    return page(known, wanted, found, _members(table, system, chosen, wanted))


class Found(NamedTuple):
    """What a page of a collection is of.

    Attributes:
        layer: The collection.
        system: Of the answer.
        matched: So many features answer the question.
        offset: So many are passed over.
        limit: So many are answered with at most.
    """

    layer: str
    system: Coordinates
    matched: int
    offset: int
    limit: int


class Answer(NamedTuple):
    """An answer in parts: before its features, these, behind them; no address of this server is in the features."""

    start: bytes
    members: Sequence[bytes]
    end: bytes

    @property
    def whole(self) -> bytes:
        """The answer."""
        return joined(*self)


def page(known: Service, wanted: Wanted, found: Found, pieces: Pieces) -> tuple[Answer, dict[str, str]]:
    """A page of a collection of what is encoded already."""
    # What is asked for as data has no ``f`` that another one would take the place of.
    return page_at(known, wanted.root, wanted.address(f=""), others(wanted, found), found, pieces)


def page_at(
    known: Service, root: str, own: str, more: Mapping[str, str], found: Found, pieces: Pieces
) -> tuple[Answer, dict[str, str]]:
    """The same, of an address that is known already.

    Args:
        known: The tables.
        root: What stands before the addresses of the edition.
        own: The page's address.
        more: Those of other pages (`others`).
        found: What it is of.
        pieces: Its features.
    """
    returned = max(0, min(found.limit, found.matched - found.offset))
    links = _links(known, root, own, more, found.layer)
    counts = f'"numberMatched":{found.matched},"numberReturned":{returned}'
    start = f'{{"type":"FeatureCollection",{counts},"links":[{links}],"features":['
    return _told(Answer(start.encode(), pieces.members, b"]}"), found.system, pieces.mark)


def _told(answer: Answer, system: Coordinates, mark: bytes) -> tuple[Answer, dict[str, str]]:
    """An answer with its headers: the system, and its mark, made of all that the body is made of."""
    told = hashlib.blake2b(b"".join((answer.start, answer.end, *((mark,) if mark else answer.members))), digest_size=16)
    return answer, {SYSTEM: f"<{system.uri}>", MARK: told.hexdigest()}


def _members(table: Table, system: Coordinates, rows: Rows, wanted: Wanted) -> Pieces:
    names = [name for name in wanted["properties"].split(",") if name]
    bare = wanted["skipGeometry"] == "true"
    encoded = table.encoded(system)
    if not names and not bare:
        return encoded.features(rows.tolist())
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        raise ServiceError("service.filter_property", name=unknown[0][:60], known=list(table.columns))
    ids = [json.dumps(one, ensure_ascii=False).encode("utf-8", "replace") for one in table.ids(rows)]
    shapes = [b"null"] * len(rows) if bare else encoded.geometry(rows)
    return Pieces(members_of(ids, shapes, table.properties(rows, names or None)), b"")


def others(wanted: Wanted, found: Found) -> dict[str, str]:
    """The addresses of the pages before and behind, without what stands before them, by their relation."""
    places = {}
    if found.offset + found.limit < found.matched:
        places["next"] = found.offset + found.limit
    if found.offset > 0:
        places["prev"] = max(0, found.offset - found.limit)
    return {
        rel: wanted.address(offset=str(at) if at else "", f="").removeprefix(wanted.root) for rel, at in places.items()
    }


def _links(known: Service, root: str, own: str, more: Mapping[str, str], layer: str) -> str:
    """Links of a page, as JSON: addresses, percent-encoded as they are, need nothing more.

    Those to other pages are to this very edition, so that none is missed when a newer one comes.
    """
    links = [
        _link(f"{ORIGIN}{own}", "self", GEOJSON_TYPE),
        _link(f"{ORIGIN}{own}{'&' if '?' in own else '?'}f=html", "alternate", HTML),
        _link(f"{ORIGIN}{root}/ogc/collections/{_quoted(layer)}", "collection", JSON_TYPE),
    ]
    for rel, address in more.items():
        links.append(_link(f"{ORIGIN}{under_edition(root, known.store.hash)}{address}", rel, GEOJSON_TYPE))
    return ",".join(links)


def _link(href: str, rel: str, kind: str) -> str:
    return f'{{"href":"{href}","rel":"{rel}","type":"{kind}"}}'


def item(known: Service, wanted: Wanted) -> tuple[bytes, dict[str, str]]:
    """One feature of a collection.

    Raises:
        NotKnownError: The collection does not have it.
    """
    system = asked(wanted["crs"], known.lon)
    found = one_feature(known, wanted, wanted["collection"], wanted["feature"], system)
    if found is None:
        raise NotKnownError("error.unknown_feature", value=wanted["feature"][:60], name="feature")
    return found[0].whole, found[1]


def one_feature(
    known: Service, wanted: Wanted, layer: str, feature: str, system: Coordinates
) -> tuple[Answer, dict[str, str]] | None:
    """One feature of what is encoded already; None when the collection does not have it."""
    table = known.table(layer)
    row = table.row_of(feature)
    if row is None:
        return None
    pieces = table.encoded(system).features((row,))
    path = f"{ORIGIN}{wanted.root}/ogc/collections/{_quoted(layer)}"
    links = (
        _link(f"{path}/items/{quote(feature, safe='')}", "self", GEOJSON_TYPE),
        _link(ORIGIN + wanted.address(f="html"), "alternate", HTML),
        _link(path, "collection", JSON_TYPE),
        _link(f"{ORIGIN}{wanted.root}/feature/{quote(feature)}", "related", HTML),
    )
    rest = f',"links":[{",".join(links)}]}}'.encode()
    return _told(Answer(b"", (pieces.members[0][:-1],), rest), system, pieces.mark)
