"""What the start page offers for download: ready links, and a form for everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.crs import parse_crs
from layers.edition import export
from layers.edition.layer_table import HEADINGS
from layers.edition.store import Store
from webmap.serving.messages import text

FORMAT_NAMES: Mapping[str, str] = {"gpkg": "GeoPackage", "geojson": "GeoJSON", "csv": "CSV"}


def offers(store: Store, base: str, lang: str) -> dict[str, Any]:
    """Values for the downloads on start.html.

    Args:
        store: The edition.
        base: What stands before our addresses.
        lang: Language of the page.
    """
    names = (("all.gpkg", "gpkg"), ("all.geojson", "geojson"), ("all.csv", "csv"), ("indicators.csv", "indicators"))
    layers = [(layer, _name(record, lang), len(store.frame(layer))) for layer, record in store.layers.items()]
    return {
        "downloads": [
            {"url": f"{base}/download/{file}", "label": text(lang, f"download.{key}")} for file, key in names
        ],
        "layer_downloads": [
            {
                "name": name,
                "count": count,
                "files": [{"format": fmt, "url": f"{base}/download/{layer}.{fmt}"} for fmt in FORMAT_NAMES],
            }
            for layer, name, count in layers
        ],
        "form": {
            "action": f"{base}/start/file",
            "whats": [
                (export.ALL, text(lang, "download.everything")),
                *((layer, name) for layer, name, _count in layers),
                (export.INDICATORS, text(lang, "download.indicators")),
            ],
            "formats": list(FORMAT_NAMES.items()),
            "systems": _systems(store, lang),
            "headings": [(one, text(lang, f"download.headings_{one}")) for one in HEADINGS],
        },
    }


def _name(record: Mapping[str, Any], lang: str) -> str:
    return str((record.get("name_en") if lang == "en" else "") or record.get("name") or record["id"])


def _systems(store: Store, lang: str) -> list[tuple[str, str]]:
    """The CRS that files are offered in: ``(code, name for people)``."""
    systems = []
    for code in export.crs_codes(store.edition):
        crs = parse_crs(code)
        key = "download.crs_degrees" if crs.is_geographic else "download.crs_metres"
        systems.append((code, text(lang, key, name=crs.name, code=code)))
    return systems
