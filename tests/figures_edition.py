"""The tiny edition of ``web_edition`` with a few figures: targets, a review and claims, made by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
from web_edition import HOSTILE, hostile_edition, make_edition

from layers.edition.file import Edition
from layers.model.tables import FIGURES, FLAG, INTEGER, NUMBER

TARGETS: list[dict[str, Any]] = [
    {
        "id": "hub-length", "name": "站台长度", "name_en": "Platform length", "value": 35.0, "comparator": ">=",
        "unit": "公里", "unit_en": "km", "measure": "level", "year": 2025, "domain": "交通", "domain_en": "Transport",
        "cites": "7.1.2", "lead_units": "交通局;发改局", "place": "hub/south",
    },
    {
        "id": "firms", "name": "企业数", "name_en": "Firms", "low": 3.0, "high": 5.0, "unit": "家", "unit_en": "firms",
        "measure": "new", "year": 2025, "base_year": 2021, "domain": "产业", "domain_en": "Industry", "cites": "7.1.1",
        "lead_units": "经信局",
    },
]  # fmt: skip

REVIEWS: list[dict[str, Any]] = [
    {
        # (300.03 / 140.5) ^ (1/5) = 2.13544 ^ 0.2 = 1.16386: 16.39 per cent a year
        "id": "r-1", "name": "研发投入", "name_en": "R&D", "unit": "亿元", "unit_en": "100 million CNY",
        "property": "expected", "base_year": 2015, "base": 140.5, "goal": 250.0, "result_year": 2020, "result": 300.03,
        "result_growth": 16.4, "better": "higher", "cites": "7.1.1", "met": "met",
    },
    {
        "id": "r-2", "name": "新增就业", "name_en": "New jobs", "unit": "万人", "unit_en": "10,000",
        "property": "binding", "base_year": 2015, "base": 40.0, "goal": 50.0, "result_year": 2020,
        "result": 45.0, "better": "higher", "cumulative": True, "cites": "7.1.2", "met": "missed",
    },
]  # fmt: skip

CLAIMS: list[dict[str, Any]] = [
    {
        "id": "roads", "name": "高速里程", "name_en": "Expressways", "cites": "2.4.1", "stated": 40.0, "unit": "公里",
        "unit_en": "km", "measured": 38.6, "difference": -1.4, "tolerance": 5.0, "tolerance_percent": True,
        "verdict": "agrees", "operation": "length_of", "reason": "概化线位", "reason_en": "Schematic", "decimals": 1,
        "features": "expressway/g1",
    },
    {
        "id": "zones", "name": "片区个数", "name_en": "Zones", "cites": "7.1.1", "stated": 3.0, "unit": "个",
        "unit_en": "", "measured": 2.0, "difference": -1.0, "tolerance": 0.0, "verdict": "differs",
        "operation": "count_of", "decimals": 0, "features": "zone/west;zone/east",
    },
    {
        "id": "green", "name": "绿化率", "name_en": "Green cover", "cites": "9.1.1", "stated": 40.0, "unit": "%",
        "unit_en": "%", "tolerance": 0.0, "verdict": "unchecked", "operation": "none", "reason": "无数据",
        "reason_en": "No data", "decimals": 1,
    },
]  # fmt: skip


def _frame(table: str, records: list[dict[str, Any]]) -> pd.DataFrame:
    blank = {NUMBER: None, INTEGER: None, FLAG: False}
    columns = FIGURES[table]
    rows = [{name: record.get(name, blank.get(kind, "")) for name, kind in columns.items()} for record in records]
    return pd.DataFrame(rows, columns=list(columns))


def figures_edition() -> Edition:
    """The edition with figures and with lead units."""
    figures = {
        "targets": _frame("targets", TARGETS),
        "reviews": _frame("reviews", REVIEWS),
        "claims": _frame("claims", CLAIMS),
    }
    edition = make_edition(figures=figures)
    edition.layers["expressways"]["lead_units"] = "交通局"
    edition.layers["expressways"]["zone"] = "west;east"
    edition.layers["hubs"]["zone"] = "west"
    edition.layers["hubs"]["township"] = "b"
    return edition


def hostile_figures() -> Edition:
    """The hostile edition, its figures hostile too."""
    edition = hostile_edition()
    figures = dict(figures_edition().figures)
    texts = (
        "name",
        "name_en",
        "unit",
        "unit_en",
        "domain",
        "domain_en",
        "note",
        "note_en",
        "reason",
        "reason_en",
        "text",
        "goal_text",
        "lead_units",
    )
    for frame in figures.values():
        for column in texts:
            if column in frame.columns:
                frame[column] = HOSTILE
    return Edition(edition.meta, edition.layers, edition.indicators, edition.observations, figures)
