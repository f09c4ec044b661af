"""A tiny edition made by hand: two zones, three townships, a road, a hub, a layer without shapes.

The district is the rectangle 120.0–120.4 E, 30.0–30.2 N; the western zone its left half, the eastern its right half.
"""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, box

from layers.edition.file import FORMAT, Edition

KINDS_FILE = Path(__file__).parent.parent / "data" / "kinds.toml"

HOSTILE = "<img src=x onerror=window.__pwned=1>`${window.__pwned=1}`</script><!--\u2028\u202e"

COLUMNS: dict[str, Any] = {
    "id": "",
    "name": "",
    "name_en": "",
    "aliases": "",
    "kind": "",
    "zone": "",
    "township": "",
    "status": "",
    "basis": "schematic",
    "accuracy_m": 300.0,
    "cites": "",
    "lead_units": "",
    "sources": "general",
    "zone_from": "",
    "unit": "",
    "assumed": False,
    "symbolic": False,
    "context": False,
    "code": "",
    "color": "",
    "note": "",
    "note_en": "",
    "no_geometry": "",
    "no_geometry_en": "",
    "length_km": None,
    "length_inside_km": None,
    "area_km2": None,
    "label_lon": None,
    "label_lat": None,
    "same_as_maybe": "",
}


def _table(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    records = [{**COLUMNS, **{key: value for key, value in row.items() if key != "geometry"}} for row in rows]
    return gpd.GeoDataFrame(pd.DataFrame(records), geometry=[row.get("geometry") for row in rows], crs="EPSG:4490")


def _area(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return {
        "geometry": MultiPolygon([box(west, south, east, north)]),
        "label_lon": (west + east) / 2,
        "label_lat": (south + north) / 2,
    }


def _layers() -> dict[str, gpd.GeoDataFrame]:
    return {
        "zones": _table(
            [
                {
                    "id": "zone/west",
                    "name": "西片",
                    "name_en": "West",
                    "kind": "zone",
                    "area_km2": 213.8456789,
                    "cites": "7.1.1",
                    **_area(120.0, 30.0, 120.2, 30.2),
                },
                {
                    "id": "zone/east",
                    "name": "东片",
                    "name_en": "East",
                    "kind": "zone",
                    "area_km2": 213.8,
                    "cites": "7.1.2",
                    **_area(120.2, 30.0, 120.4, 30.2),
                },
            ]
        ),
        "zone_parts": _table(
            [
                {
                    "id": "part/b-east",
                    "name": "乙街道（东部）",
                    "name_en": "B (east)",
                    "kind": "zone_part",
                    "assumed": True,
                    "note": "分界为制图假定",
                    "note_en": "The line is assumed",
                    "cites": "7.1.2",
                    **_area(120.2, 30.0, 120.25, 30.2),
                },
            ]
        ),
        "townships": _table(
            [
                {
                    "id": "township/a",
                    "name": "长山街道",
                    "name_en": "Changshan",
                    "aliases": "老长山;CS2",
                    "kind": "township",
                    "zone": "west",
                    "zone_from": "stated",
                    "code": "330199001",
                    **_area(120.0, 30.0, 120.1, 30.2),
                },
                {
                    "id": "township/b",
                    "name": "乙街道",
                    "name_en": "B",
                    "kind": "township",
                    "zone": "west;east",
                    **_area(120.1, 30.0, 120.25, 30.2),
                },
                {
                    "id": "township/c",
                    "name": "丙镇",
                    "name_en": "C",
                    "kind": "township",
                    "zone": "east",
                    **_area(120.25, 30.0, 120.4, 30.2),
                },
            ]
        ),
        "district": _table(
            [
                {
                    "id": "district",
                    "name": "试验区",
                    "name_en": "Test District",
                    "kind": "district",
                    "code": "330199",
                    "area_km2": 427.6,
                    **_area(120.0, 30.0, 120.4, 30.2),
                },
            ]
        ),
        "expressways": _table(
            [
                {
                    "id": "expressway/g1",
                    "name": "G1 高速",
                    "name_en": "G1",
                    "kind": "expressway",
                    "status": "building",
                    "length_km": 38.6123,
                    "cites": "专栏2-1;2.4.1",
                    "township": "a;b;c",
                    "geometry": MultiLineString(
                        [LineString([(120.0, 30.1), (120.200004, 30.123456789), (120.4, 30.1)])]
                    ),
                },
            ]
        ),
        "hubs": _table(
            [
                {
                    "id": "hub/south",
                    "name": "南站",
                    "name_en": "South Station",
                    "kind": "hub",
                    "status": "operating",
                    "basis": "osm",
                    "accuracy_m": 30.0,
                    "geometry": Point(120.15, 30.05),
                    "label_lon": 120.15,
                    "label_lat": 30.05,
                },
            ]
        ),
        "control_lines": _table(
            [
                {
                    "id": "control_line/eco",
                    "name": "生态保护红线",
                    "name_en": "Ecological red line",
                    "kind": "control_line",
                    "no_geometry": "无公开数据",
                    "no_geometry_en": "No public data",
                    "cites": "9.1.1",
                },
            ]
        ),
    }


def _indicators() -> tuple[pd.DataFrame, pd.DataFrame]:
    blank = {
        "formula": "",
        "formula_en": "",
        "flags": "",
        "better": "higher",
        "cites": "",
        "property": "",
        "baseline_year": None,
        "target_year": None,
        "target_text": "",
        "target_comparator": "",
        "decimals": 2,
    }
    indicators = pd.DataFrame(
        [
            {
                **blank,
                "id": "t2-01",
                "name": "生产总值",
                "name_en": "GDP",
                "unit": "亿元",
                "unit_en": "100 million CNY",
                "domain": "经济",
                "domain_en": "Economy",
                "property": "expected",
                "origin": "stated",
                "levels": "district",
                "cites": "表2-1",
                "baseline_year": 2020,
                "target_year": 2025,
            },
            {
                **blank,
                "id": "t2-02",
                "name": "能耗降低",
                "name_en": "Energy saved",
                "unit": "%",
                "unit_en": "%",
                "domain": "生态",
                "domain_en": "Ecology",
                "property": "binding",
                "origin": "stated",
                "levels": "district",
                "cites": "表2-2",
                "target_text": "省市下达指标",
            },
            {
                **blank,
                "id": "area_km2",
                "name": "面积",
                "name_en": "Area",
                "unit": "km²",
                "unit_en": "km²",
                "domain": "空间",
                "domain_en": "Space",
                "origin": "computed",
                "levels": "district;zone;township",
                "formula": "测地线面积",
            },
        ]
    )
    row = {
        "value": None,
        "low": None,
        "high": None,
        "text": "",
        "text_en": "",
        "comparator": "",
        "flag": "",
        "note": "",
        "note_en": "",
        "year": 2020,
    }
    observations = pd.DataFrame(
        [
            {
                **row,
                "indicator": "t2-01",
                "place": "district",
                "level": "district",
                "role": "baseline",
                "value": 1828.47,
            },
            {
                **row,
                "indicator": "t2-01",
                "place": "district",
                "level": "district",
                "role": "target",
                "value": 2600.0,
                "year": 2025,
                "comparator": ">",
            },
            {
                **row,
                "indicator": "t2-02",
                "place": "district",
                "level": "district",
                "role": "target",
                "year": 2025,
                "text": "省市下达指标",
            },
            *(
                {
                    **row,
                    "indicator": "area_km2",
                    "place": place,
                    "level": level,
                    "role": "computed",
                    "value": value,
                    "year": 2022,
                    "flag": flag,
                }
                for place, level, value, flag in (
                    ("district", "district", 427.6, ""),
                    ("zone/west", "zone", 213.8, "assumed"),
                    ("zone/east", "zone", 213.8, "assumed"),
                    ("township/a", "township", 106.9, ""),
                    ("township/b", "township", 160.35, ""),
                    ("township/c", "township", 160.35, ""),
                )
            ),
        ]
    )
    texts = dict.fromkeys(("aliases", "measure", "path", "aggregation", "weight"), "")
    return indicators.assign(**texts), observations.assign(period="", source="", scope="")


def _meta() -> dict[str, Any]:
    shared = tomllib.loads(KINDS_FILE.read_text(encoding="utf-8"))
    layer_rows = (
        ("zones", "三区", "structure", ["zone"], 120),
        ("zone_parts", "假定分界", "structure", ["zone_part"], 260),
        ("townships", "镇街", "structure", ["township"], 240),
        ("district", "区界", "structure", ["district"], 300),
        ("expressways", "高速公路", "transport", ["expressway"], 520),
        ("hubs", "枢纽", "transport", ["hub"], 640),
        ("control_lines", "控制线", "structure", ["control_line"], 130),
    )
    return {
        "plan": {
            "id": "test-plan",
            "title": "试验区规划纲要",
            "title_en": "Plan of the Test District",
            "short_title": "试验规划",
            "short_title_en": "Test Plan",
            "period": "2021–2025",
            "base_year": 2020,
            "target_year": 2025,
            "as_of": 2022,
            "lon": 120.2,
            "district": {"name": "试验区", "name_en": "Test District", "code": "330199"},
        },
        "groups": [
            {"id": "structure", "name": "空间格局", "name_en": "Structure"},
            {"id": "transport", "name": "交通", "name_en": "Transport"},
        ],
        "layers": [
            {
                "id": name,
                "name": title,
                "name_en": name,
                "group": group,
                "kinds": kinds,
                "order": order,
                "show": True,
                "geometry": {k["id"]: k["geometry"] for k in shared["kind"]}[kinds[0]],
            }
            for name, title, group, kinds, order in layer_rows
        ],
        "views": [
            {
                "id": "overview",
                "name": "总览",
                "name_en": "Overview",
                "fit": "district",
                "layers": ["zones", "townships", "district", "expressways", "hubs"],
            },
            {
                "id": "indicators",
                "name": "指标",
                "name_en": "Indicators",
                "bounds": [120.0, 30.0, 120.4, 30.2],
                "layers": ["zones", "district"],
                "indicator": "area_km2",
                "level": "zone",
            },
        ],
        "kinds": shared["kind"],
        "statuses": shared["status"],
        "bases": shared["basis"],
        "ramps": shared["ramp"],
        "sources": [
            {
                "name": "general",
                "title": "通用地理知识",
                "title_en": "General knowledge",
                "licence": "CC0",
                "attribution": "试验",
                "note": "概化",
            }
        ],
        "outline": {"7.1": 3},
        "stats": {},
        "hash": "ab" * 32,
        "format": FORMAT,
    }


def make_edition(**changes: Any) -> Edition:
    """The edition; ``changes`` replace its meta, layers, indicators or observations."""
    indicators, observations = _indicators()
    parts = {"meta": _meta(), "layers": _layers(), "indicators": indicators, "observations": observations}
    return Edition(**{**parts, **changes})


def hostile_edition() -> Edition:
    """The same edition with every text a person could have written replaced by something hostile."""
    edition = make_edition()
    for frame in edition.layers.values():
        for column in ("name", "name_en", "note", "note_en", "lead_units", "code", "color"):
            frame[column] = HOSTILE
        frame["aliases"] = f"{HOSTILE};{'长' * 10_000}"
        frame.loc[frame["no_geometry"] != "", ["no_geometry", "no_geometry_en"]] = HOSTILE
    meta = copy.deepcopy(edition.meta)
    for field in ("title", "title_en", "short_title", "short_title_en", "period"):
        meta["plan"][field] = HOSTILE
    for table in ("layers", "groups", "views", "statuses", "bases"):
        for record in meta[table]:
            record["name"] = record["name_en"] = HOSTILE
    for source in meta["sources"]:
        source |= dict.fromkeys(("title", "title_en", "licence", "attribution", "note"), HOSTILE)
    edition = replace(edition, meta=meta)
    for frame in (edition.indicators, edition.observations):
        for column in (
            "name",
            "name_en",
            "unit",
            "unit_en",
            "domain",
            "domain_en",
            "formula",
            "note",
            "note_en",
            "text",
            "text_en",
            "target_text",
        ):
            if column in frame.columns:
                frame[column] = HOSTILE
    return edition
