"""A county near the edge of a 3-degree zone chooses its system, with the zone's number or without, to the last file."""

import re
from pathlib import Path

import geopandas as gpd
import pytest
import test_second_district as county
from click.testing import CliRunner

from webmap.app import close, create_app
from webmap.cli import main

EAST = 16.0
"""Degrees that the invented county is moved: to 118.6 to 118.8 E, where 118.5 E is the edge of two zones."""
# Gauss-Krueger of (118.6, 25.0), its south-western corner, metres, by Krueger's series to the 4th order on CGCS2000:
CORNER = {4548: (661_533.734, 2_767_007.523), 4527: (39_661_533.734, 2_767_007.523)}


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("zone")
    plan = top / "data" / "plans" / "wangshu-15fyp"
    for path, text in {
        plan / "plan.toml": county.PLAN, plan / "kinds.toml": county.KINDS, plan / "outline.toml": county.OUTLINE,
        plan / "sources.toml": county.SOURCES, plan / "places.csv": county.PLACES,
        plan / "features/townships.toml": county.TOWNSHIPS, plan / "features/structure.toml": county.STRUCTURE,
        plan / "indicators.toml": county.INDICATORS, top / "data/boundaries/wangshu.csv": county.ARCS,
    }.items():  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(re.sub(r"\b102\.\d+", lambda found: f"{float(found[0]) + EAST:.6f}", text), "utf-8")
    target = top / "e.gpkg"
    done = CliRunner().invoke(main, ["build", str(plan), "--output", str(target)])
    assert done.exit_code == 0, done.output
    return target


def test_files_by_command_and_over_http(edition: Path, tmp_path: Path) -> None:
    client = (app := create_app({"PLANMAP_EDITION": str(edition)})).test_client()
    for code, corner in CORNER.items():
        by_command = tmp_path / f"{code}.gpkg"
        arguments = ["export", str(edition), "--crs", str(code), "--output", str(by_command)]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        answer = client.get(f"/download/townships.gpkg?crs={code}")
        assert answer.status_code == 200, answer.text[:300]
        over_http = tmp_path / f"http{code}.gpkg"
        over_http.write_bytes(answer.data)
        for path in (by_command, over_http):
            found = gpd.read_file(path, layer="townships")
            assert found.crs.to_epsg() == code
            shape = found[found.id == "township/chaping"].geometry.iloc[0]
            points = shape.geoms[0].exterior.coords
            assert min(points, key=lambda point: point[0] + point[1])[:2] == pytest.approx(corner, abs=0.01)
    wrong = client.get("/download/townships.gpkg?crs=4543")
    assert wrong.status_code == 400
    close(app)
