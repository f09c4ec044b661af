"""可达性: the accessibility surfaces, what each rests on, and values by place."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from layers.edition.store import Store
from layers.model.plan import DISTRICT
from layers.surfaces import said
from layers.surfaces.made import Made, surfaces
from webmap.reading.rows import Rows, Values
from webmap.serving.addresses import with_query
from webmap.serving.asking import Parameter


def there_are(store: Store) -> bool:
    """Whether the edition declares any surface."""
    return bool((store.edition.meta.get("surfaces") or {}).get("surfaces"))


SURFACE = Parameter("surface", "Id of a surface", surfaces, error="error.unknown_surface")


def surfaces_values(rows: Rows) -> Values:
    """Values for surfaces.html: all of them, with the district's figures."""
    found = surfaces(rows.store)
    cell = f"{next(iter(found.values())).cell_m:g}" if found else ""
    return {"cards": [_card(rows, one) for one in found.values()], "cell": cell}


def surface_values(rows: Rows, wanted: str) -> Values:
    """Values for surface.html."""
    one = surfaces(rows.store)[wanted]
    lang, own = rows.lang, _card(rows, one)
    columns = said.columns(one)
    return own | {
        "title": own["name"],
        # Why there is nothing to see stands above as the caution.
        "facts": said.facts(one, lang)[0 if one.there else 1 :],
        "headings": [said.column_name(one, name, lang) for name in columns],
        "places": [
            {
                "name": place["name_en"] if lang == "en" else place["name"],
                "url": rows.url("feature", place["place"]),
                "level": place["level"],
                "assumed": place["assumed"],
                "values": [said.shown_value(place["values"].get(name), name, one.surface) for name in columns],
            }
            for place in said.places(one)
        ],
        "files": _files(rows, one),
    }


def _card(rows: Rows, one: Made) -> dict[str, Any]:
    """What both pages say of a surface."""
    lang, surface = rows.lang, one.surface
    columns = said.columns(one)
    district = next((place for place in said.places(one) if place["place"] == DISTRICT), None)
    shown = [] if district is None else [
        (said.column_name(one, name, lang), said.shown_value(district["values"].get(name), name, surface))
        for name in columns
    ]  # fmt: skip
    base = f"{rows.base}/surface/{quote(surface.id)}"
    return {
        "id": surface.id,
        "name": said.said(surface, lang, "name"),
        "url": rows.url("surface", surface.id),
        "made": one.there,
        "caution": said.caution(one, lang) if one.there else said.facts(one, lang)[0][1],
        "cites": rows.cites(surface.cites),
        "figures": shown,
        "picture": f"{base}/map.png" if one.there else "",
        "map_url": f"{with_query(f'{rows.base}/', lang=rows.asked)}#surf={quote(surface.id)}" if one.there else "",
        "bands": list(zip(one.colours, said.band_names(surface, lang), strict=True)) if one.there else [],
    }


def _files(rows: Rows, one: Made) -> list[dict[str, str]]:
    """What can be downloaded of a surface."""
    if not one.there:
        return []
    base, tail = f"{rows.base}/surface/{quote(one.surface.id)}", f"?lang={rows.lang}" if rows.asked else ""
    values = rows.t(f"surface.file_values_{one.surface.unit}")
    return [
        {"name": values, "url": f"{base}/values.tif", "style": f"{base}/values.qml{tail}"},
        {"name": rows.t("surface.file_bands"), "url": f"{base}/bands.tif", "style": f"{base}/bands.qml{tail}"},
        {"name": rows.t("surface.file_table"), "url": f"{base}/table.csv{tail}", "style": ""},
    ]  # fmt: skip
