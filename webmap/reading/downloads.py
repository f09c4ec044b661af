"""What the start page offers for download: ready links, and a form for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from geo.crs import parse_crs
from layers.edition import export, selection
from layers.edition.formats.part import ENCODINGS
from layers.edition.large import VAST
from layers.edition.layer_table import HEADINGS
from layers.edition.store import Store
from layers.edition.systems import SHIFT_NAMES
from layers.model.plan import TOWNSHIP, ZONE
from webmap.reading.surfaces import there_are
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.messages import text

FORMAT_NAMES: Mapping[str, str] = {one.id: one.name for one in export.FORMATS.values() if one.available}

GPKG = "gpkg"
QUICK, DRAWN = (GPKG, "shp", "dxf", "geojson", "kml", "xlsx", "csv"), ("dxf",)


def offers(
    store: Store, base: str, lang: str, seen: str = "", scans: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Values for the downloads on start.html.

    Args:
        store: The edition.
        base: What stands before our addresses.
        lang: Language of the page.
        seen: The box that the map showed, or "".
        scans: Records of the scanned maps that are there.

    Raises:
        ExportError: ``export.bad_bbox``.
    """
    selection.area(store.edition, bbox=seen)
    names = (
        ("all.gpkg", "gpkg"),
        ("all.geojson", "geojson"),
        ("all.csv", "csv"),
        ("indicators.csv", "indicators"),
        ("indicators.xlsx", "indicators_xlsx"),
    )
    layers = [(layer, _name(record, lang), store.count(layer)) for layer, record in store.layers.items()]
    return {
        "downloads": [
            *({"url": f"{base}/download/{file}", "label": text(lang, f"download.{key}")} for file, key in names),
            *({"url": f"{base}/scan/{one['id']}.tif", "label": _scan(one, lang)} for one in scans),
            *_surfaces(store, base, lang),
        ],
        "layer_downloads": [
            {
                "name": name,
                "count": count,
                "files": [{"format": fmt, "url": f"{base}/download/{layer}.{fmt}"} for fmt in _quick(store, layer)],
            }
            for layer, name, count in layers
        ],
        "form": {
            "action": f"{base}/download/basket.zip",
            "groups": _groups(store, lang),
            "formats": [(one, name, one == GPKG) for one, name in FORMAT_NAMES.items()],
            "systems": _systems(store, lang),
            "areas": _areas(store, lang),
            "seen": seen,
            "headings": [(one, text(lang, f"download.headings_{one}"), one == lang) for one in HEADINGS],
            "encodings": [(one, one.upper()) for one in ENCODINGS],
        },
    }


def _scan(record: Mapping[str, Any], lang: str) -> str:
    return text(lang, "download.scan", name=_name(record, lang))


def _surfaces(store: Store, base: str, lang: str) -> list[dict[str, str]]:
    """The way to the rasters, styles and tables of accessibility, where the edition declares any."""
    if not there_are(store):
        return []
    return [{"url": with_query(f"{base}/surface", lang=asked_for(lang)), "label": text(lang, "download.surfaces")}]


def _groups(store: Store, lang: str) -> list[dict[str, Any]]:
    """The layers by group, as the map's tree has them."""
    groups = {str(one["id"]): _name(one, lang) for one in store.groups}
    found: dict[str, list[tuple[str, str]]] = {}
    for layer, record in store.layers.items():
        found.setdefault(str(record.get("group") or ""), []).append((layer, _name(record, lang)))
    return [{"name": groups.get(group, group), "layers": layers} for group, layers in found.items()]


def _areas(store: Store, lang: str) -> list[dict[str, Any]]:
    """Zones, townships and views, each kind that there is."""
    found = [
        (level, [(f"{level}/{slug}", name) for slug, name in selection.units(store.edition, level, lang)])
        for level in (ZONE, TOWNSHIP)
    ]
    found.append(("view", [(f"view/{name}", _name(view, lang)) for name, view in store.views.items()]))
    return [{"name": text(lang, f"download.area_{level}"), "areas": areas} for level, areas in found if areas]


def _name(record: Mapping[str, Any], lang: str) -> str:
    return str((record.get("name_en") if lang == "en" else "") or record.get("name") or record["id"])


def _systems(store: Store, lang: str) -> list[tuple[str, str]]:
    """The CRS that files are offered in: ``(code, name for people)``."""
    systems = []
    for code in export.crs_codes(store.edition):
        crs = parse_crs(code)
        key = "download.crs_degrees" if crs.is_geographic else "download.crs_metres"
        systems.append((code, text(lang, key, name=crs.name, code=code)))
    return [*systems, *((code, text(lang, "download.crs_shifted", name=name)) for code, name in SHIFT_NAMES.items())]


def _quick(store: Store, layer: str) -> list[str]:
    """The formats that stand beside each layer; a drawing needs a shape."""
    drawn = store.geometry_type(layer) != "none" and (store.count(layer) > VAST or any(store.geometries(layer)))
    return [one for one in QUICK if drawn or one not in DRAWN]
