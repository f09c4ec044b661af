"""The columns of an edition's tables."""

from __future__ import annotations

TEXT, NUMBER, INTEGER, FLAG = "text", "number", "integer", "flag"

FEATURE_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "aliases": TEXT, "kind": TEXT, "zone": TEXT, "township": TEXT,
    "status": TEXT, "basis": TEXT, "accuracy_m": NUMBER, "cites": TEXT, "lead_units": TEXT, "sources": TEXT,
    "zone_from": TEXT, "unit": TEXT, "assumed": FLAG, "symbolic": FLAG, "context": FLAG, "code": TEXT, "color": TEXT,
    "note": TEXT, "note_en": TEXT, "no_geometry": TEXT, "no_geometry_en": TEXT,
    "length_km": NUMBER, "length_inside_km": NUMBER, "area_km2": NUMBER, "label_lon": NUMBER, "label_lat": NUMBER,
    "same_as_maybe": TEXT,
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

TARGET_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "text": TEXT,
    "text_en": TEXT, "comparator": TEXT, "unit": TEXT, "unit_en": TEXT, "measure": TEXT, "year": INTEGER,
    "base_year": INTEGER, "domain": TEXT, "domain_en": TEXT, "cites": TEXT, "lead_units": TEXT, "place": TEXT,
    "note": TEXT, "note_en": TEXT,
}  # fmt: skip
"""Numeric targets of the running text and the boxes."""

REVIEW_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "unit": TEXT, "unit_en": TEXT, "property": TEXT, "base_year": INTEGER,
    "base": NUMBER, "goal": NUMBER, "goal_text": TEXT, "goal_comparator": TEXT, "goal_growth": NUMBER,
    "result_year": INTEGER, "result": NUMBER, "result_text": TEXT, "result_growth": NUMBER, "cumulative": FLAG,
    "better": TEXT, "cites": TEXT, "note": TEXT, "note_en": TEXT, "met": TEXT, "met_by": TEXT,
}  # fmt: skip
"""Results of the last period; ``met`` is ``met``, ``missed`` or "" where it cannot be told, by ``value``, ``growth`` or
as ``stated`` by the plan."""

CLAIM_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "cites": TEXT, "stated": NUMBER, "stated_low": NUMBER,
    "stated_high": NUMBER, "comparator": TEXT, "test": TEXT, "unit": TEXT, "unit_en": TEXT, "measured": NUMBER,
    "measured_low": NUMBER, "measured_high": NUMBER, "difference": NUMBER, "tolerance": NUMBER,
    "tolerance_percent": FLAG, "verdict": TEXT, "because": TEXT, "self_check": FLAG, "operation": TEXT, "reason": TEXT,
    "reason_en": TEXT, "note": TEXT, "note_en": TEXT, "decimals": INTEGER, "features": TEXT, "readings": TEXT,
}  # fmt: skip
"""Figures of the plan, stated and measured; ``readings`` is JSON."""

FIGURES = {"targets": TARGET_COLUMNS, "reviews": REVIEW_COLUMNS, "claims": CLAIM_COLUMNS}
"""The tables of the plan's own figures, by the name they have in the file."""

_LEVELS = ("district", "zone", "township")
_PROPERTIES, _BETTER = ("expected", "binding"), ("higher", "lower")
CODES: dict[str, dict[str, tuple[str, ...]]] = {
    "features": {"zone_from": ("stated", "position")},
    "indicators": {
        "property": _PROPERTIES, "origin": ("stated", "computed"), "better": _BETTER,

    },
    "observations": {
        "level": _LEVELS, "role": ("baseline", "target", "computed"),
    },
    "targets": {
        "measure": ("level", "new", "cumulative", "total", "per_year", "growth", "share"),
    },
    "reviews": {
        "property": _PROPERTIES, "better": _BETTER, "met": ("met", "missed"),
        "met_by": ("value", "growth", "stated"),
    },
    "claims": {

        "verdict": ("differs", "noted", "agrees", "unchecked"),
        "because": ("open_list", "groupings", "policy", "prices", "readings"),
        "operation": (
            "length_of", "area_of", "bank_of", "count_of", "touching", "share_in", "items_of", "names_of",
            "sum_of", "rest_of", "ratio_of", "growth_of", "value_of", "none",
        ),
    },
}  # fmt: skip
"""What may stand, beside nothing, in the columns of codes whose meaning the program knows."""
LISTS_OF_CODES: dict[str, dict[str, tuple[str, ...]]] = {"indicators": {"levels": _LEVELS}}

STYLE_COLUMNS = {
    "f_table_catalog": TEXT, "f_table_schema": TEXT, "f_table_name": TEXT, "f_geometry_column": TEXT,
    "styleName": TEXT, "styleQML": TEXT, "styleSLD": TEXT, "useAsDefault": INTEGER, "description": TEXT,
    "owner": TEXT, "ui": TEXT,
}  # fmt: skip
"""QGIS's own table ``layer_styles``."""

SEPARATOR = ";"
STORED_GEOMETRY = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point"}
"""The one geometry type of a layer's table, by the geometry of its kinds."""
