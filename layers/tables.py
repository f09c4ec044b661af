"""The columns of an edition's tables."""

from __future__ import annotations

TEXT, NUMBER, INTEGER, FLAG = "text", "number", "integer", "flag"

FEATURE_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "aliases": TEXT, "kind": TEXT, "zone": TEXT, "township": TEXT,
    "status": TEXT, "basis": TEXT, "accuracy_m": NUMBER, "cites": TEXT, "lead_units": TEXT, "sources": TEXT,
    "zone_from": TEXT, "assumed": FLAG, "code": TEXT, "color": TEXT, "note": TEXT, "note_en": TEXT,
    "no_geometry": TEXT, "no_geometry_en": TEXT, "length_km": NUMBER, "area_km2": NUMBER,
    "label_lon": NUMBER, "label_lat": NUMBER,
}  # fmt: skip
"""Columns of a layer's table, beside its geometry; lists are joined by ``;``."""

INDICATOR_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "unit": TEXT, "unit_en": TEXT, "domain": TEXT, "domain_en": TEXT,
    "property": TEXT, "origin": TEXT, "levels": TEXT, "cites": TEXT, "formula": TEXT, "formula_en": TEXT,
    "decimals": INTEGER, "better": TEXT, "baseline_year": INTEGER, "target_year": INTEGER, "target_text": TEXT,
    "target_comparator": TEXT, "flags": TEXT,
}  # fmt: skip

OBSERVATION_COLUMNS = {
    "indicator": TEXT, "place": TEXT, "level": TEXT, "role": TEXT, "year": INTEGER, "value": NUMBER, "low": NUMBER,
    "high": NUMBER, "text": TEXT, "text_en": TEXT, "comparator": TEXT, "flag": TEXT, "note": TEXT, "note_en": TEXT,
}  # fmt: skip

STYLE_COLUMNS = {
    "f_table_catalog": TEXT, "f_table_schema": TEXT, "f_table_name": TEXT, "f_geometry_column": TEXT,
    "styleName": TEXT, "styleQML": TEXT, "styleSLD": TEXT, "useAsDefault": INTEGER, "description": TEXT,
    "owner": TEXT, "ui": TEXT,
}  # fmt: skip
"""QGIS's own table ``layer_styles``."""

SEPARATOR = ";"
STORED_GEOMETRY = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point"}
"""The one geometry type of a layer's table, by the geometry of its kinds."""
