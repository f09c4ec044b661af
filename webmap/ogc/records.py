"""The catalogue of a shelf: its plans and their editions as records. Plain values.

Source:
    OGC 20-004r1 (OGC API – Records 1.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from shapely.geometry import box, mapping

from geo.errors import PlanmapError
from layers.edition.card import Card
from layers.edition.kept import SHORT
from layers.edition.notice import licence
from layers.service.cql2_places import box_numbers
from layers.service.cql2_times import Span, asked_span, milliseconds
from layers.service.systems import CRS84
from webmap.ogc.documents import HTML, link, own_links
from webmap.serving.asking import Wanted
from webmap.serving.context import Context
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE
from webmap.serving.messages import text
from webmap.serving.problems import NotKnownError
from webmap.serving.quick import ORIGIN

CATALOGUES = ("plans", "editions")
"""What there are records of."""
CONFORMS = (
    *(
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
        for name in ("core", "html", "geojson", "oas30")
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/{name}"
        for name in ("record-core", "record-core-query-parameters", "record-api", "json", "html")
    ),
)
GEOPACKAGE = "application/geopackage+sqlite3"
_RECORD_CORE = CONFORMS[4]
_YEARS = re.compile(r"(\d{4})\D+(\d{4})")

Record = dict[str, Any]


def landing(_ctx: Context, wanted: Wanted) -> Record:
    """The landing page of the shelf."""
    lang = wanted.lang
    return {
        "title": text(lang, "catalogue.title"),
        "description": text(lang, "ogc.records_lead"),
        "links": [
            *own_links(wanted),
            link(wanted, "/", "about", HTML),
            link(wanted, "/ogc/api", "service-desc", "application/vnd.oai.openapi+json;version=3.0"),
            link(wanted, "/ogc/conformance", "conformance", JSON_TYPE),
            link(wanted, "/ogc/collections", "data", JSON_TYPE),
        ],
    }


def collections(ctx: Context, wanted: Wanted) -> Record:
    """The collections of records."""
    return {
        "links": own_links(wanted),
        "collections": [collection(ctx, wanted, name) for name in CATALOGUES],
    }


def collection(ctx: Context, wanted: Wanted, name: str) -> Record:
    """One collection of records."""
    boxes = [plan.card.bounds for plan in ctx.library.plans.values() if plan.card and plan.card.bounds]
    found: Record = {
        "id": name,
        "type": "Collection",
        "title": text(wanted.lang, f"ogc.records_{name}"),
        "itemType": "record",
        "conformsTo": [_RECORD_CORE],
        "links": [
            link(wanted, f"/ogc/collections/{name}", "self", JSON_TYPE),
            link(wanted, f"/ogc/collections/{name}/items", "items", GEOJSON_TYPE),
        ],
    }
    if boxes:
        west, south, east, north = zip(*boxes, strict=True)
        extent = [min(west), min(south), max(east), max(north)]
        found["extent"] = {"spatial": {"bbox": [extent], "crs": CRS84.uri}}
    return found


def items(ctx: Context, wanted: Wanted) -> Record:
    """A page of the records that fit."""
    fit = [one for one in _records(ctx, wanted) if _fits(one, wanted)]
    offset, limit = int(wanted["offset"]), int(wanted["limit"])
    links = own_links(wanted, GEOJSON_TYPE)
    if offset + limit < len(fit):
        links.append({"href": ORIGIN + wanted.address(offset=str(offset + limit)), "rel": "next", "type": GEOJSON_TYPE})
    if offset:
        before = max(0, offset - limit)
        links.append({"href": ORIGIN + wanted.address(offset=str(before or "")), "rel": "prev", "type": GEOJSON_TYPE})
    page = fit[offset : offset + limit]
    return {
        "type": "FeatureCollection",
        "numberMatched": len(fit),
        "numberReturned": len(page),
        "links": links,
        "features": page,
    }


def item(ctx: Context, wanted: Wanted) -> Record:
    """One record.

    Raises:
        NotKnownError: There is none of this id.
    """
    for one in _records(ctx, wanted):
        if one["id"] == wanted["record"]:
            return one
    raise NotKnownError("error.unknown_plan", value=wanted["record"][:60])


def plans(ctx: Context) -> list[tuple[str, Card]]:
    """The plans that can be opened, by name, with what their editions say of themselves."""
    found = sorted(ctx.library.plans.items())
    return [(name, plan.card) for name, plan in found if plan.card is not None and plan.problem is None]


def _records(ctx: Context, wanted: Wanted) -> Iterator[Record]:
    for name, card in plans(ctx):
        if wanted["catalogue"] == CATALOGUES[0]:
            yield _record(wanted, name, f"/p/{quote(name)}", card.hash, card.plan, card.bounds, name)
            continue
        try:
            hashes = ctx.library.hashes(name) or [card.hash[:SHORT]]
        except PlanmapError:
            continue
        for digits in hashes:
            path = f"/p/{quote(name)}/e/{digits}"
            yield _record(wanted, f"{name}@{digits}", path, digits, card.plan, card.bounds, name)


def _record(
    wanted: Wanted, id_: str, path: str, edition: str, plan: Mapping[str, Any],
    bounds: tuple[float, float, float, float] | None, name: str,
) -> Record:  # fmt: skip
    lang = wanted.lang
    title = str((plan.get("title_en") if lang == "en" else "") or plan.get("title") or name)
    district = plan.get("district", {})
    words = [str(district.get(key) or "") for key in ("name", "name_en", "code")] + [str(plan.get("period") or "")]
    years = _YEARS.search(str(plan.get("period") or ""))
    catalogue = wanted["catalogue"]
    return {
        "type": "Feature",
        "id": id_,
        "conformsTo": [_RECORD_CORE],
        "geometry": mapping(box(*bounds)) if bounds else None,
        "time": {"interval": [f"{years[1]}-01-01", f"{years[2]}-12-31"]} if years else None,
        "properties": {
            "type": "dataset",
            "title": title,
            "description": text(lang, "ogc.record_told", edition=edition[:SHORT], period=str(plan.get("period") or "")),
            "keywords": [one for one in words if one],
            "language": {"code": "zh" if lang == "zh" else "en"},
            "externalIds": [{"scheme": "planmap-edition", "value": edition}],
            "license": licence(plan, lang),
            "formats": [{"name": "GeoPackage", "mediaType": GEOPACKAGE}],
        },
        "links": [
            link(wanted, f"/ogc/collections/{catalogue}/items/{quote(id_)}", "self", GEOJSON_TYPE),
            link(wanted, f"/ogc/collections/{catalogue}", "collection", JSON_TYPE),
            link(wanted, f"{path}/ogc", "service", JSON_TYPE, "OGC API"),
            link(wanted, f"{path}/", "about", HTML, title),
            link(wanted, f"{path}/download/all.gpkg", "enclosure", GEOPACKAGE),
        ],
    }


def _fits(one: Mapping[str, Any], wanted: Wanted) -> bool:
    cells = one["properties"]
    if wanted["bbox"]:
        asked = CRS84.box(box_numbers(wanted["bbox"].split(",")))
        if one["geometry"] is None or not asked.intersects(box(*_bounds(one["geometry"]["coordinates"][0]))):
            return False
    if wanted["datetime"] and one["time"] and not _meets(one["time"]["interval"], asked_span(wanted["datetime"])):
        return False
    told = " ".join([one["id"], cells["title"], cells["description"], *cells["keywords"]]).casefold()
    if any(word.casefold() not in told for word in wanted["q"].replace(",", " ").split()):
        return False
    chosen = (
        (wanted["type"], [cells["type"]]),
        (wanted["ids"], [one["id"]]),
        (wanted["externalIds"], [each["value"] for each in cells["externalIds"]]),
    )
    return all(not asked or set(asked.split(",")) & set(values) for asked, values in chosen)


def _bounds(ring: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = zip(*ring, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _meets(interval: list[str], when: Span) -> bool:
    first, last = (milliseconds(one) for one in interval)
    return bool(first <= when.end and last >= when.start)
