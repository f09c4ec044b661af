"""The columns of an edition's tables: what each holds, and how a list stands in one cell."""

from __future__ import annotations

from collections.abc import Iterable

TEXT, NUMBER, INTEGER, FLAG, LIST = "text", "number", "integer", "flag", "list"

SEPARATOR = ";"
"""Between the items of a list; asked for here only, by `join`, `split` and `divided`."""


def join(items: Iterable[str]) -> str:
    """A list as one cell.

    Example:
        >>> join(("7.1.3", "9.1")), join(())
        ('7.1.3;9.1', '')
    """
    return SEPARATOR.join(items)


def split(cell: object) -> list[str]:
    """The items of a list's cell; none where the cell says nothing.

    Example:
        >>> split("7.1.3; 9.1;"), split(None), split(float("nan"))
        (['7.1.3', '9.1'], [], [])
    """
    return [item.strip() for item in cell.split(SEPARATOR) if item.strip()] if isinstance(cell, str) else []


def divided(item: str) -> bool:
    """Whether a text would come back as several, and so can be no item of a list."""
    return SEPARATOR in item


FEATURE_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "aliases": LIST, "kind": TEXT, "zone": LIST, "township": LIST,
    "status": TEXT, "basis": TEXT, "accuracy_m": NUMBER, "cites": LIST, "lead_units": LIST, "sources": LIST,
    "zone_from": TEXT, "unit": TEXT, "assumed": FLAG, "symbolic": FLAG, "context": FLAG, "code": TEXT, "color": TEXT,
    "note": TEXT, "note_en": TEXT, "no_geometry": TEXT, "no_geometry_en": TEXT,
    "length_km": NUMBER, "length_inside_km": NUMBER, "area_km2": NUMBER, "label_lon": NUMBER, "label_lat": NUMBER,
    "same_as_maybe": LIST,
}  # fmt: skip
"""Columns of a layer's table, beside its geometry."""

MEASURES = {"length_km": 3, "length_inside_km": 3, "area_km2": 3, "accuracy_m": 1}
"""Columns of measures, and with how many decimals they are given away."""

INDICATOR_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "unit": TEXT, "unit_en": TEXT, "domain": TEXT, "domain_en": TEXT,
    "property": TEXT, "origin": TEXT, "levels": LIST, "cites": LIST, "formula": TEXT, "formula_en": TEXT,
    "decimals": INTEGER, "better": TEXT, "baseline_year": INTEGER, "target_year": INTEGER, "target_text": TEXT,
    "target_comparator": TEXT, "flags": LIST, "aliases": LIST, "measure": TEXT, "path": TEXT, "aggregation": TEXT,
    "weight": TEXT,
}  # fmt: skip

OBSERVATION_COLUMNS = {
    "indicator": TEXT, "place": TEXT, "level": TEXT, "role": TEXT, "year": INTEGER, "value": NUMBER, "low": NUMBER,
    "high": NUMBER, "text": TEXT, "text_en": TEXT, "comparator": TEXT, "flag": TEXT, "note": TEXT, "note_en": TEXT,
    "period": TEXT, "source": TEXT, "scope": TEXT,
}  # fmt: skip

TARGET_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER, "text": TEXT,
    "text_en": TEXT, "comparator": TEXT, "unit": TEXT, "unit_en": TEXT, "measure": TEXT, "year": INTEGER,
    "base_year": INTEGER, "domain": TEXT, "domain_en": TEXT, "cites": LIST, "lead_units": LIST, "place": TEXT,
    "note": TEXT, "note_en": TEXT,
}  # fmt: skip
"""Numeric targets of the running text and the boxes."""

REVIEW_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "unit": TEXT, "unit_en": TEXT, "property": TEXT, "base_year": INTEGER,
    "base": NUMBER, "goal": NUMBER, "goal_text": TEXT, "goal_comparator": TEXT, "goal_growth": NUMBER,
    "result_year": INTEGER, "result": NUMBER, "result_text": TEXT, "result_growth": NUMBER, "cumulative": FLAG,
    "better": TEXT, "cites": LIST, "note": TEXT, "note_en": TEXT, "met": TEXT, "met_by": TEXT,
}  # fmt: skip
"""Results of the last period; ``met`` is ``met``, ``missed`` or "" where it cannot be told, by ``value``, ``growth`` or
as ``stated`` by the plan."""

CLAIM_COLUMNS = {
    "id": TEXT, "name": TEXT, "name_en": TEXT, "cites": LIST, "stated": NUMBER, "stated_low": NUMBER,
    "stated_high": NUMBER, "comparator": TEXT, "test": TEXT, "unit": TEXT, "unit_en": TEXT, "measured": NUMBER,
    "measured_low": NUMBER, "measured_high": NUMBER, "difference": NUMBER, "tolerance": NUMBER,
    "tolerance_percent": FLAG, "verdict": TEXT, "because": TEXT, "self_check": FLAG, "operation": TEXT, "reason": TEXT,
    "reason_en": TEXT, "note": TEXT, "note_en": TEXT, "decimals": INTEGER, "features": LIST, "readings": TEXT,
}  # fmt: skip
"""Figures of the plan, stated and measured; ``readings`` is JSON."""

CLAUSES = "clauses"
CLAUSE_COLUMNS = {"clause": TEXT, "title": TEXT, "text": TEXT}
"""The plan's own words, in an edition whose plan folder has them."""

FIGURES = {"targets": TARGET_COLUMNS, "reviews": REVIEW_COLUMNS, "claims": CLAIM_COLUMNS}
"""The tables of the plan's own figures, by the name they have in the file."""
FIGURE_TABLES = ("indicators", "observations", *FIGURES)
"""All tables that are no layers."""

_LEVELS = ("district", "zone", "township")
PATHS = ("linear", "growth")
"""How a value is expected to come from its base to its target: by the same amount, or the same rate, every year."""
AGGREGATIONS = ("sum", "mean", "weighted_mean", "ratio")
"""How a district's value comes from those of its parts."""
_PROPERTIES, _BETTER = ("expected", "binding"), ("higher", "lower")
CODES: dict[str, dict[str, tuple[str, ...]]] = {
    "features": {"zone_from": ("stated", "position")},
    "indicators": {
        "property": _PROPERTIES, "origin": ("stated", "computed"), "better": _BETTER,
        "measure": ("level", "new", "cumulative", "total", "per_year", "growth", "share"), "path": PATHS,
        "aggregation": AGGREGATIONS,
    },
    "observations": {
        "level": (*_LEVELS, "feature"), "role": ("baseline", "target", "computed", "observed"),
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

RANGES: dict[str, tuple[float, float]] = {
    "decimals": (0, 9), "year": (1, 9999), "label_lon": (-180, 180), "label_lat": (-90, 90), "accuracy_m": (0, 1e8),
}  # fmt: skip
"""Least and greatest number in columns whose name ends so."""
LARGEST = 1e15
"""Greatest size of any other number: whole ones are still exact."""

STYLE_COLUMNS = {
    "f_table_catalog": TEXT, "f_table_schema": TEXT, "f_table_name": TEXT, "f_geometry_column": TEXT,
    "styleName": TEXT, "styleQML": TEXT, "styleSLD": TEXT, "useAsDefault": INTEGER, "description": TEXT,
    "owner": TEXT, "ui": TEXT,
}  # fmt: skip
"""QGIS's own table ``layer_styles``."""

STORED_GEOMETRY = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point"}
"""The one geometry type of a layer's table, by the geometry of its kinds."""
