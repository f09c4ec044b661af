"""The public JSON: what each address under ``/api`` says, as plain Python values. Knows no framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.errors import GEOSException
from shapely.geometry import LinearRing, MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from layers.edition import observations
from layers.edition.observations import LEVELS
from layers.edition.store import Store, is_empty, plain
from layers.edition.wording import sentences_of
from layers.measure.classify import classes
from layers.model.tables import FEATURE_COLUMNS, FLAG, LIST, MEASURES, split

DECIMALS = 5
"""Decimals of degrees in GeoJSON: about one metre."""


def geometry_json(geometry: BaseGeometry | None) -> dict[str, Any] | None:
    """A geometry as RFC 7946 wants it: lon/lat, 5 decimals, no Z, outer rings counter-clockwise; None stays None.

    Rounding can close up a very small part; what would be an invalid ring is dropped, and None is given when nothing
    is left.
    """
    if geometry is None or geometry.is_empty:
        return None
    flat = shapely.force_2d(geometry)
    rounded = shapely.transform(flat, lambda xy: np.round(xy, DECIMALS) + 0.0)
    tidy = _tidied(rounded)
    if tidy.is_empty:
        return None
    return _lists(mapping(shapely.orient_polygons(tidy)))


def _tidied(rounded: BaseGeometry) -> BaseGeometry:
    """Without repeated places, and without rings that have less than three; GEOS refuses some of these, not all."""
    try:
        tidy = shapely.remove_repeated_points(rounded, tolerance=0.0)
        if (shapely.get_num_coordinates(shapely.get_rings(shapely.get_parts(tidy))) >= 4).all():
            return tidy
    except GEOSException:
        pass
    return shapely.remove_repeated_points(_without_collapsed(rounded), tolerance=0.0)


def _without_collapsed(geometry: BaseGeometry) -> BaseGeometry:
    """Polygons without the parts and holes of which rounding has left less than three places."""

    def stays(ring: LinearRing) -> bool:
        return len(set(ring.coords)) >= 3

    parts = [
        Polygon(part.exterior, [hole for hole in part.interiors if stays(hole)])
        for part in shapely.get_parts(geometry)
        if stays(part.exterior)
    ]
    return parts[0] if parts and geometry.geom_type == "Polygon" else MultiPolygon(parts)


def _lists(geometry: Mapping[str, Any]) -> dict[str, Any]:
    def convert(value: Any) -> Any:
        return [convert(item) for item in value] if isinstance(value, tuple | list) else value

    if geometry["type"] == "GeometryCollection":
        return {"type": "GeometryCollection", "geometries": [_lists(item) for item in geometry["geometries"]]}
    return {"type": geometry["type"], "coordinates": convert(geometry["coordinates"])}


def properties(cells: Mapping[str, Any]) -> dict[str, Any]:
    """A row's cells as GeoJSON properties; empty values are left out, joined cells become lists."""
    result: dict[str, Any] = {}
    for column, value in cells.items():
        holds = FEATURE_COLUMNS.get(column)
        if holds == LIST:
            parts = split(value)
            if parts:
                result[column] = parts
        elif holds == FLAG:
            if not is_empty(value) and bool(value):
                result[column] = True
        elif column in MEASURES:
            number = plain(value)
            if number is not None:
                result[column] = round(float(number), MEASURES[column])
        elif column not in ("geometry", "geom", "fid", "label_lon", "label_lat") and not is_empty(value):
            result[column] = plain(value)
    lon, lat = plain(cells.get("label_lon")), plain(cells.get("label_lat"))
    if lon is not None and lat is not None:
        result["label"] = [round(float(lon), DECIMALS), round(float(lat), DECIMALS)]
    return result


def feature_json(cells: Mapping[str, Any], geometry: BaseGeometry | None) -> dict[str, Any]:
    """One feature as GeoJSON; ``geometry`` is null for a feature without one."""
    return {
        "type": "Feature",
        "id": str(cells["id"]),
        "geometry": geometry_json(geometry),
        "properties": properties(cells),
    }


def layer_payload(store: Store, layer: str) -> dict[str, Any]:
    """A layer as a GeoJSON FeatureCollection."""
    frame = store.frame(layer)
    columns = [str(column) for column in frame.columns]
    rows = zip(*(frame[column] for column in frame.columns), strict=True)
    features = [
        feature_json(store.labelled({c: v for c, v in zip(columns, row, strict=True) if c != "geometry"}), geometry)
        for row, geometry in zip(rows, store.geometries(layer), strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def features_payload(store: Store, layers: Iterable[str]) -> dict[str, Any]:
    """The features of several layers in one answer, by layer."""
    return {"edition": store.hash, "layers": {name: layer_payload(store, name) for name in layers}}


def layers_payload(store: Store, api: str = "/api") -> dict[str, Any]:
    """The list of layers, with where each one's GeoJSON is."""
    return {
        "edition": store.hash,
        "plan": store.plan.get("id", ""),
        "layers": [layer_told(store, name, api) for name in store.layers],
    }


def layer_told(store: Store, name: str, api: str) -> dict[str, Any]:
    """What a layer is, without its features."""
    record = store.layers[name]
    return {
        "id": name,
        "name": record.get("name", name),
        "name_en": record.get("name_en") or record.get("name", name),
        "group": record.get("group", ""),
        "kinds": list(record.get("kinds", [])),
        "order": record.get("order", 0),
        "show": bool(record.get("show", True)),
        "geometry": store.geometry_type(name),
        "count": store.count(name),
        "bounds": store.layer_bounds(name),
        "url": f"{api}/layers/{name}",
    }


def feature_payload(store: Store, feature: str) -> dict[str, Any]:
    """One feature in full: as in its layer, plus its layer and the words behind its codes.

    Raises:
        KeyError: The edition has no such feature.
    """
    layer, cells, geometry = store.row(feature)
    result = feature_json(store.labelled(cells), geometry)
    described = {
        "kind": store.kinds.get(str(plain(cells.get("kind")) or "")),
        "status": store.statuses.get(str(plain(cells.get("status")) or "")),
        "basis": store.bases.get(str(plain(cells.get("basis")) or "")),
    }
    result["layer"] = layer
    result["edition"] = store.hash
    result["described"] = {
        key: {"id": record["id"], "name": record.get("name", ""), "name_en": record.get("name_en", "")}
        for key, record in described.items()
        if record is not None
    }
    result["sources"] = [{"name": name, **_source(store.sources.get(name, {}))} for name in split(cells.get("sources"))]
    return result


def sentences_payload(store: Store) -> dict[str, Any]:
    """Where the plan's words name each feature: ``{id: [{cite, exact, more, parts}]}``, a name being a list of one."""
    return {"edition": store.hash, "sentences": sentences_of(store)}


def _source(record: Mapping[str, Any]) -> dict[str, str]:
    fields = [f"{name}{suffix}" for name in ("title", "licence", "attribution", "note") for suffix in ("", "_en")]
    return {field: str(record[field]) for field in fields if record.get(field)}


def indicators_payload(store: Store) -> dict[str, Any]:
    """The list of indicators, stated and computed, in the edition's order."""
    indicators = observations.indicators(store)
    domains = {item["domain"]: {"name": item["domain"], "name_en": item["domain_en"]} for item in indicators}
    return {"edition": store.hash, "domains": list(domains.values()), "indicators": indicators}


def indicator_payload(store: Store, indicator: str, level: str) -> dict[str, Any]:
    """The values of one indicator for the places of a level, with three ways to class them.

    ``reason`` is ``not_by_zone`` when the plan states the indicator for the district only and ``level`` is a finer
    one; then there are no values.

    Raises:
        KeyError: No such indicator or level.
    """
    head, table = shown(store, indicator, level)
    values = _values(store, table)
    made = classes([value["value"] for value in values], store.ramp(), head["indicator"]["decimals"])
    return {**head, "values": values, "classes": made}


def shown(store: Store, indicator: str, level: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """What is said of an indicator at a level whatever form its values have, and the table of these.

    Raises:
        KeyError: No such indicator or level.
    """
    described = observations.indicator(store, indicator)
    if described is None or level not in LEVELS:
        raise KeyError(indicator)
    table, year = observations.shown_table(store, indicator, level)
    head = {
        "indicator": described,
        "level": level,
        "edition": store.hash,
        "year": year,
        "reason": "not_by_zone" if table.empty and level not in described["levels"] else None,
        "total": described["values"]["district"],
    }
    return head, table


def indicator_at(store: Store, indicator: str, level: str, place: str) -> dict[str, Any]:
    """The value of one place alone, with its rank (from the greatest down) among how many, where places are many.

    Raises:
        KeyError: No such indicator or level.
    """
    if level not in LEVELS:
        raise KeyError(level)
    found = store.edition.indicators[store.edition.indicators["id"] == indicator]
    if found.empty:
        raise KeyError(indicator)
    rows, year = observations.shown(store, indicator, level)
    known = [value for row in rows if (value := plain(row.get("value"))) is not None]
    values = []
    for row in rows:
        if str(row["place"]) == place:
            own = _value(store, row)
            rank = None if own["value"] is None else 1 + sum(value > own["value"] for value in known)
            values.append({**own, "rank": rank, "of": len(known)})
    described = observations.described(store, observations.records(found)[0])
    return {
        "indicator": described,
        "level": level,
        "edition": store.hash,
        "year": year,
        "reason": "not_by_zone" if not rows and level not in described["levels"] else None,
        "values": values,
        "total": described["values"]["district"],
        "classes": {},
    }


def _values(store: Store, table: pd.DataFrame) -> list[dict[str, Any]]:
    """`_value` of every row, column by column: there may be tens of thousands."""
    said = {name: texts(table[name]) for name in ("flag", "note", "note_en")}
    numbers = pd.to_numeric(table["value"]).to_numpy(dtype=float, na_value=np.nan)
    values = [value if known else None for value, known in zip(numbers.tolist(), np.isfinite(numbers), strict=True)]
    return [
        {
            "place": place,
            "name": names[0],
            "name_en": names[1],
            "value": value,
            "flag": flag,
            "note": note,
            "note_en": en,
        }
        for (place, value, flag, note, en) in zip(
            table["place"].astype(str).tolist(), values, *said.values(), strict=True
        )
        for names in (store.name_of(place),)
    ]


def texts(column: pd.Series) -> list[str]:
    """The cells of a column, "" for what is empty."""
    return [str(text) for text in column.astype(object).where(column.notna(), "")]


def _value(store: Store, row: Mapping[str, Any]) -> dict[str, Any]:
    place = str(row["place"])
    name, name_en = store.name_of(place)
    return {
        "place": place,
        "name": name,
        "name_en": name_en,
        "value": plain(row.get("value")),
        "flag": str(plain(row.get("flag")) or ""),
        "note": str(plain(row.get("note")) or ""),
        "note_en": str(plain(row.get("note_en")) or ""),
    }
