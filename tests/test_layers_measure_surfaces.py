"""Accessibility by place: shares against buffers cut by GEOS, means and people by hand; notes and flags."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point, box
from test_layers_measure_indicators import frame, make_plan

from geo import raster
from geo.crs import CGCS2000, metric_crs, transform_array
from layers.build.assemble import build, settled
from layers.edition.file import Edition, read
from layers.measure import indicators, surfaces
from layers.measure.features import Features
from layers.model import tables
from layers.model.errors import Origin
from layers.model.plan import Observed, Plan
from layers.model.surfaces import Population, Surface, Surfaces

LON = 120.1
PLANE = metric_crs(LON)
ORIGIN = Origin("surfaces.toml")


def surface(identifier: str = "stop", kinds=("stop",), limits=(500.0, 1500.0), **changes) -> Surface:
    given = {"status": (), "ids": (), "speed_kmh": None, "detour": 1.0, "assumption": "", "assumption_en": "",
             "cites": ("2.1",), "note": "", "note_en": ""} | changes  # fmt: skip
    return Surface(identifier, "距站", "To a stop", ORIGIN, kinds=kinds, limits=limits, **given)


def square(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A rectangle in kilometres from a corner near 120.1° E, 30° N, in degrees, its edges straight in metres."""
    base = np.array([509_000.0, 3_320_000.0])
    metres = shapely.transform(shapely.segmentize(box(west, south, east, north), 0.5), lambda xy: base + xy * 1000)
    return transform_array(np.array([metres], dtype=object), PLANE, CGCS2000)[0]


def at(x: float, y: float) -> Point:
    """A place in kilometres from the same corner."""
    return square(x, y, x + 1e-9, y + 1e-9).centroid


def layers(*sources: dict) -> list[dict]:
    """Two townships of 4 km × 10 km and 6 km × 10 km, a zone of each, and a district of both."""
    return [
        {"id": "district", "kind": "district", "geometry": square(0, 0, 10, 10)},
        {"id": "zone/w", "kind": "zone", "geometry": square(0, 0, 4, 10)},
        {"id": "zone/e", "kind": "zone", "geometry": square(4, 0, 10, 10)},
        {"id": "township/w", "kind": "township", "geometry": square(0, 0, 4, 10)},
        {"id": "township/e", "kind": "township", "geometry": square(4, 0, 10, 10)},
        *sources,
    ]


def with_surfaces(given: Surfaces, observed: tuple[Observed, ...] = ()) -> Plan:
    return replace(make_plan(), surfaces=given, observed=observed)


def compute(
    given: Surfaces, rows: list[dict], people: surfaces.People | None = None, observed: tuple[Observed, ...] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    plan = with_surfaces(given, observed)
    features = Features.joined([frame(*rows)], indicators.COLUMNS)
    found, seen = surfaces.compute(plan, features, LON, people)
    return settled(found, tables.INDICATOR_COLUMNS), settled(seen, tables.OBSERVATION_COLUMNS)


def value(seen: pd.DataFrame, indicator: str, place: str) -> float:
    return float(seen.loc[(seen["indicator"] == indicator) & (seen["place"] == place), "value"].iloc[0])


STOP = {"id": "stop/1", "kind": "stop", "geometry": at(4, 5)}


def test_a_circle_on_the_line_between_two_townships_by_hand() -> None:
    """Half of π · 1.5² km² in each: 3.534 of 40 km² are 8.8 %, of 60 km² 5.9 %, both together 7.069 % of 100 km²."""
    found, seen = compute(Surfaces(50.0, (surface(),)), layers(STOP))
    assert found["id"].tolist() == ["access_stop_500m", "access_stop_1500m", "access_stop_mean"]
    assert value(seen, "access_stop_1500m", "township/w") == 8.8
    assert value(seen, "access_stop_1500m", "township/e") == 5.9
    assert value(seen, "access_stop_1500m", "district") == 7.1
    assert value(seen, "access_stop_500m", "zone/w") == 1.0  # 0.3927 of 40
    row = found.iloc[1]
    assert (row["unit"], row["decimals"], row["levels"], row["cites"], row["origin"]) == (
        "%", 1, "district;zone;township", "2.1", "computed"
    )  # fmt: skip
    assert "1500 米" in row["formula"]
    assert "50 米格网" in row["formula"]
    assert row["name_en"] == "To a stop: area within 1500 m"


def test_the_mean_distance_to_a_straight_road_by_hand() -> None:
    """A road along the western edge: over 10 km the mean distance is 5 km, over the first 4 km it is 2 km."""
    road = {"id": "road/1", "kind": "road", "geometry": LineString([at(0, -20), at(0, -10), at(0, 5), at(0, 30)])}
    _, seen = compute(Surfaces(50.0, (surface("road", ("road",)),)), layers(road))
    assert value(seen, "access_road_mean", "district") == pytest.approx(5000, abs=3)
    assert value(seen, "access_road_mean", "township/w") == pytest.approx(2000, abs=3)
    assert value(seen, "access_road_1500m", "township/w") == 37.5
    assert value(seen, "access_road_500m", "township/e") == 0.0


def test_minutes_are_metres_by_the_stated_speed_and_detour() -> None:
    """At 6 km/h a minute is 100 m; with a detour of 1.25 ten minutes reach 800 m as the crow flies."""
    walk = surface(
        "walk", limits=(10.0, 30.0), speed_kmh=6.0, detour=1.25, assumption="假定步行", assumption_en="On foot"
    )
    assert [walk.metres(limit) for limit in walk.limits] == [800.0, 2400.0]
    found, seen = compute(Surfaces(50.0, (walk,)), layers(STOP))
    assert found["id"].tolist() == ["access_walk_10min", "access_walk_30min", "access_walk_mean"]
    assert value(seen, "access_walk_10min", "district") == round(math.pi * 0.64, 1)
    assert found["unit"].tolist() == ["%", "%", "分钟"]
    assert all("假定步行" in text for text in found["formula"])
    assert "6 km/h" in found["formula_en"].iloc[2]


def test_sources_go_by_kind_status_and_id_and_missing_ones_are_said() -> None:
    rows = layers(
        {**STOP, "status": "operating"},
        {"id": "stop/2", "kind": "stop", "status": "building", "geometry": at(8, 8)},
        {"id": "stop/3", "kind": "stop", "status": "operating", "geometry": None},
    )
    given = Surfaces(50.0, (
        surface("built", status=("operating",), limits=(500.0,)),
        surface("all", limits=(500.0,)),
        surface("one", kinds=(), ids=("stop/2",), limits=(500.0,)),
        surface("planned", status=("planned",), limits=(500.0,)),
    ))  # fmt: skip
    found, seen = compute(given, rows)
    assert not any("planned" in one for one in found["id"]), "nothing to measure to: no indicator, not 0 %"
    assert value(seen, "access_built_500m", "township/e") == value(seen, "access_built_500m", "zone/e") == 0.7
    assert value(seen, "access_all_500m", "township/e") == pytest.approx((0.3927 + 0.7854) / 60 * 100, abs=0.06)
    assert value(seen, "access_one_500m", "township/w") == 0.0
    notes = seen.loc[seen["indicator"] == "access_built_500m", "note"]
    assert set(notes) == {"另有 1 处没有位置，未计入。"}
    assert set(seen.loc[seen["indicator"] == "access_one_500m", "note"]) == {""}


def test_people_of_townships_are_spread_evenly() -> None:
    """8.836 % of the 1,000 in the west and 5.890 % of the 4,000 in the east: 324 of 5,000 are 6.5 %."""
    people = Population({"township/w": 1000.0, "township/e": 4000.0})
    found, seen = compute(Surfaces(50.0, (surface(),), people), layers(STOP))
    assert value(seen, "access_stop_1500m_people", "district") == 6.5
    assert value(seen, "access_stop_1500m_people", "zone/w") == 8.8
    row = found[found["id"] == "access_stop_1500m_people"].iloc[0]
    assert row["levels"] == "district;zone", "within a township it would be the share of area once more"
    assert "均匀分布" in row["formula"]
    _, seen = compute(Surfaces(50.0, (surface(),), Population({"township/w": 1000.0})), layers(STOP))
    missing = seen[(seen["indicator"] == "access_stop_1500m_people") & (seen["place"] == "zone/e")].iloc[0]
    assert math.isnan(missing["value"])
    assert "缺少" in missing["note"]


def test_people_by_an_observed_indicator_are_those_of_the_last_period() -> None:
    rows = [
        Observed("pop", place, "observed", period, number, "", "", "", ORIGIN)
        for place, period, number in (
            ("township/w", "2021", 9.0), ("township/w", "2023", 1000.0), ("township/e", "2023", 4000.0),
            ("district", "2023", 5000.0),
        )
    ]  # fmt: skip
    _, seen = compute(Surfaces(50.0, (surface(),), Population(indicator="pop")), layers(STOP), observed=tuple(rows))
    assert value(seen, "access_stop_1500m_people", "district") == 6.5


def test_people_of_a_raster_by_hand() -> None:
    """Four cells of 5 km: 300 people in the one around a stop, all of them within 3.6 km, 100 in the opposite one."""
    base = np.array([509_000.0, 3_320_000.0])
    cells = raster.Cells(base[0], base[1] + 10_000, 5000.0, 5000.0, 2, 2)
    people = surfaces.People(cells, np.array([[100.0, 0.0], [0.0, 300.0]]), PLANE)
    stop = {"id": "stop/1", "kind": "stop", "geometry": at(7.5, 2.5)}
    given = Surfaces(50.0, (surface(limits=(3600.0,)),), Population(raster="p.tif"))
    found, seen = compute(given, layers(stop), people)
    assert value(seen, "access_stop_3600m_people", "district") == 75.0
    assert value(seen, "access_stop_3600m_people", "township/e") == pytest.approx(300 / (300 + 20) * 100, abs=0.05)
    assert "栅格" in found[found["id"].str.endswith("_people")].iloc[0]["formula"]
    # A circle that just fits into the cell holds π/4 of it; looked at in 20 × 20 places.
    _, seen = compute(Surfaces(50.0, (surface(limits=(2500.0,)),), given.population), layers(stop), people)
    assert value(seen, "access_stop_2500m_people", "zone/e") == pytest.approx(math.pi / 4 * 300 / 320 * 100, abs=1.5)


def test_what_leans_on_an_assumed_line_is_flagged() -> None:
    rows = layers(STOP)
    rows[1]["geometry"], rows[2]["geometry"] = square(0, 0, 5, 10), square(5, 0, 10, 10)
    rows += [
        {"id": "part/w", "kind": "zone_part", "assumed": True, "geometry": square(4, 0, 5, 10)},
        {"id": "part/e", "kind": "zone_part", "assumed": True, "geometry": square(5, 0, 10, 10)},
    ]
    _, seen = compute(Surfaces(50.0, (surface(),)), rows)
    flags = seen[seen["indicator"] == "access_stop_500m"].set_index("place")["flag"].to_dict()
    assert flags == {"district": "", "zone/w": "assumed", "zone/e": "assumed", "township/w": "", "township/e": ""}


def test_a_plan_without_anything_to_measure_to_has_no_rows() -> None:
    found, seen = compute(Surfaces(50.0, (surface(),)), layers())
    assert found.empty
    assert seen.empty


# ---- the shipped plan


@pytest.fixture(scope="module")
def shipped(xiaoshan_edition: Path) -> Edition:
    return read(xiaoshan_edition)


def test_shares_of_the_shipped_townships_agree_with_buffers_cut_by_geos(shipped: Edition) -> None:
    """Every township, zone and the district, every surface and limit: to a tenth of a per cent and better."""
    plane = metric_crs(float(shipped.meta["plan"]["lon"]))
    places = {}
    for layer in ("district", "zones", "townships"):
        drawn = shipped.layers[layer]
        places |= dict(zip(drawn["id"], transform_array(np.array(drawn.geometry), CGCS2000, plane), strict=True))
    seen = shipped.observations.set_index(["indicator", "place"])["value"]
    worst, checked = 0.0, 0
    for record in shipped.meta["surfaces"]["surfaces"]:
        chosen = pd.concat([one for one in shipped.layers.values() if one["kind"].isin(record["kinds"]).any()])
        chosen = chosen[chosen["kind"].isin(record["kinds"]) & chosen.geometry.notna()]
        if record["status"]:
            chosen = chosen[chosen["status"].isin(record["status"])]
        assert len(chosen) == record["sources"]
        if not len(chosen):
            continue
        sources = transform_array(np.array(chosen.geometry), CGCS2000, plane)
        minutes = record["speed_kmh"] is not None
        for limit in record["limits"]:
            metres = limit * record["speed_kmh"] * 1000 / 60 / record["detour"] if minutes else limit
            ground = shapely.union_all(shapely.buffer(sources, metres, quad_segs=90))
            name = f"access_{record['id']}_{limit:g}{'min' if minutes else 'm'}"
            for place, shape in places.items():
                expected = shapely.intersection(ground, shape).area / shape.area * 100
                worst = max(worst, abs(float(seen[name, place]) - expected))
                checked += 1
    assert checked == 26 * 19
    assert worst < 0.1, "values are rounded to a tenth, so that half of it is the least that can be asked"


def test_unrounded_shares_agree_to_a_fortieth_of_a_per_cent(shipped: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousandth of every share, too; what is left is where two circles meet in a cell."""
    monkeypatch.setattr(surfaces, "_SHARE_DECIMALS", 9)
    lon = float(shipped.meta["plan"]["lon"])
    plane = metric_crs(lon)
    features = Features.joined(list(shipped.layers.values()), indicators.COLUMNS)
    one = surface("s", ("metro_station",), (500.0, 800.0, 1500.0), status=("operating",))
    _, seen = surfaces.compute(with_surfaces(Surfaces(50.0, (one,))), features, lon)
    found = dict(zip(zip(seen["indicator"], seen["place"], strict=True), seen["value"], strict=True))
    stations, towns = shipped.layers["metro_stations"], shipped.layers["townships"]
    sources = transform_array(np.array(stations[stations["status"] == "operating"].geometry), CGCS2000, plane)
    shapes = transform_array(np.array(towns.geometry), CGCS2000, plane)
    ratios = []
    for limit in (500, 800, 1500):
        ground = shapely.union_all(shapely.buffer(sources, limit, quad_segs=400))
        for place, shape in zip(towns["id"], shapes, strict=True):
            expected = shapely.intersection(ground, shape).area / shape.area * 100
            assert abs(found[f"access_s_{limit}m", place] - expected) < 0.025
            if expected > 1:
                ratios.append(abs(found[f"access_s_{limit}m", place] / expected - 1))
    assert len(ratios) > 20
    assert max(ratios) < 0.001


def test_the_computed_indicator_of_the_same_thing_agrees(shipped: Edition) -> None:
    seen = shipped.observations
    both = [seen[seen["indicator"] == name].set_index("place")["value"].astype(float)
            for name in ("station_share_800m", "access_station_operating_800m")]  # fmt: skip
    assert len(both[0]) == 26
    assert (both[0] - both[1]).abs().max() <= 0.1 + 1e-9


def test_a_folder_gives_the_same_edition_twice_and_without_the_file_no_surfaces(tiny_plan: Path) -> None:
    before = build(tiny_plan)
    (tiny_plan / "surfaces.toml").write_text(
        '[[surface]]\nid = "station"\nname = "距站点"\nname_en = "To a station"\nkinds = ["metro_station"]\n'
        'status = ["operating"]\nwithin_m = [800, 2000]\ncites = ["专栏1-2"]\n',
        encoding="utf-8",
    )
    first, second = build(tiny_plan), build(tiny_plan)
    assert first.hash == second.hash != before.hash
    assert "surfaces" not in before.meta
    assert not before.indicators["id"].str.startswith("access_").any()
    assert first.meta["surfaces"]["surfaces"][0]["sources"] == 1
    seen = first.observations[first.observations["indicator"] == "access_station_2000m"].set_index("place")["value"]
    # West Station lies 4.8 km from the nearest edge of township a, 106.0 km² large: the whole circle is in it.
    jia = first.layers["townships"].set_index("id").loc["township/a", "area_km2"]
    assert seen["township/a"] == pytest.approx(math.pi * 4 / jia * 100, abs=0.06)
    assert seen["township/d"] == 0
