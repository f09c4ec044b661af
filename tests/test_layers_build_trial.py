"""The invented district that other tests look at is without fault, and its measures are those worked out by hand."""

import math
from pathlib import Path

import pytest
from ellipsoid import E2, A, cell_km2
from trial_folder import write_trial_plan
from web_edition import figures_edition

from layers.build.check import check
from layers.model.errors import ERROR

# Areas between the parallels 30.0 and 30.2 N: township a, b and c, a zone, the district; km².
AREAS = {"township/a": (0.1, 213.7031), "township/b": (0.15, 320.5547), "township/c": (0.15, 320.5547),
         "zone/west": (0.2, 427.4063), "zone/east": (0.2, 427.4063), "district": (0.4, 854.8126)}  # fmt: skip


def leg_km(degrees: float, south: float, north: float) -> float:
    """A short slanting line: Pythagoras on the radii of curvature at its middle."""
    phi = math.radians((south + north) / 2)
    across = A / math.sqrt(1 - E2 * math.sin(phi) ** 2) * math.cos(phi) * math.radians(degrees)
    along = A * (1 - E2) / (1 - E2 * math.sin(phi) ** 2) ** 1.5 * math.radians(north - south)
    return math.hypot(across, along) / 1000


def test_the_folder_has_no_error(tmp_path: Path) -> None:
    for figures in (False, True):
        folder = write_trial_plan(tmp_path / str(figures), figures=figures)
        assert [problem.key for problem in check(folder) if problem.severity == ERROR] == []


def test_the_measures_that_other_tests_state_are_right() -> None:
    edition = figures_edition()
    rows = {row["id"]: row for frame in edition.layers.values() for row in frame.to_dict("records")}
    for name, (degrees, area_km2) in AREAS.items():
        assert cell_km2(30.0, 30.2, degrees) == pytest.approx(area_km2, abs=1e-4)
        assert rows[name]["area_km2"] == pytest.approx(area_km2, abs=2e-4), name
    length_km = leg_km(0.200004, 30.1, 30.123457) + leg_km(0.199996, 30.1, 30.123457)
    assert rows["expressway/g1"]["length_km"] == pytest.approx(length_km, abs=1e-3) == 38.9


def test_both_sides_of_the_assumed_line_lean_on_it() -> None:
    """The folder draws the eastern part of township b only; the rest, in the west, moves with the line, too."""
    values = figures_edition().observations.set_index("place")
    flags = values.loc[values["indicator"] == "area_km2", "flag"].to_dict()
    assert {place for place, flag in flags.items() if flag} == {"zone/west", "zone/east"}
