"""The tiny edition of ``web_edition`` with a few figures: targets, a review and claims, made by hand."""

from __future__ import annotations

import json
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
        "result_growth": 16.4, "better": "higher", "cites": "7.1.1", "met": "met", "met_by": "value",
    },
    {
        # Only rates are planned: 7.5 aimed at, 5.6 reached.
        "id": "r-0", "name": "生产总值", "name_en": "GDP", "unit": "亿元", "unit_en": "100 million CNY",
        "property": "expected", "base_year": 2015, "base": 100.0, "goal_growth": 7.5, "result_year": 2020,
        "result": 110.0, "result_growth": 5.6, "better": "higher", "cites": "7.1.1", "met": "missed",
        "met_by": "growth",
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
        "features": "expressway/g1", "test": "=", "measured_low": 38.6, "measured_high": 38.6,
    },
    {
        "id": "zones", "name": "片区个数", "name_en": "Zones", "cites": "7.1.1", "stated": 3.0, "unit": "个",
        "unit_en": "", "measured": 2.0, "difference": -1.0, "tolerance": 0.0, "verdict": "differs",
        "operation": "count_of", "decimals": 0, "features": "zone/west;zone/east", "test": "=",
    },
    {
        # The plan says "more than", the check is the other way round; the words and the test stand apart.
        "id": "reached", "name": "就业", "name_en": "Jobs", "cites": "9.1.1", "stated": 10.0, "comparator": ">=",
        "test": "<=", "unit": "万人", "unit_en": "10,000", "measured": 17.93, "difference": 7.93, "tolerance": 0.0,
        "verdict": "noted", "because": "policy", "operation": "value_of", "decimals": 2, "note": "上期已达 17.93",
        "note_en": "17.93 in the last period",
    },
    {
        "id": "track", "name": "轨道里程", "name_en": "Track", "cites": "9.1.1", "stated": 104.0, "test": "=",
        "unit": "公里", "unit_en": "km", "measured_low": 89.2, "measured_high": 103.8, "tolerance": 5.0,
        "tolerance_percent": True, "verdict": "noted", "because": "readings", "operation": "length_of", "decimals": 1,
        "readings": json.dumps([
            {"name": "共线一次", "name_en": "once", "operation": "length_of", "measured": 89.2, "fits": False,
             "features": []},
            {"name": "逐线计", "name_en": "each", "operation": "length_of", "measured": 103.8, "fits": True,
             "features": []},
        ]),
    },
    {
        "id": "whole", "name": "整建制镇街", "name_en": "Whole townships", "cites": "9.1.1", "stated": 2.0,
        "test": "=", "unit": "个", "unit_en": "", "measured": 2.0, "difference": 0.0, "tolerance": 0.0,
        "verdict": "agrees", "self_check": True, "operation": "touching", "decimals": 0,
    },
    {
        "id": "green", "name": "绿化率", "name_en": "Green cover", "cites": "9.1.1", "stated": 40.0, "unit": "%",
        "unit_en": "%", "test": "=", "tolerance": 0.0, "verdict": "unchecked", "operation": "none", "reason": "无数据",
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
    edition.meta["leads"] = {"7.1.2": ["公安分局"]}
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
