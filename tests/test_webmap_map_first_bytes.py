"""What the map's first view costs on the line, and the form in which its features come."""

from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from web_edition import make_edition

from layers.edition.file import read
from webmap.api.steps import in_steps
from webmap.app import create_app
from webmap.serving.assets import DIST

MOST = {"seen": 33_000, "answers": 88_500, "whole": 121_000}
"""Bytes with heads until the picture is there, the map answers, all of its view is there (goal: 125 kB)."""
SERVER = 100
"""What the server adds to each head: its name, the date, the first line."""


@pytest.mark.usefixtures("well_packed")
@pytest.mark.skipif(not (DIST / "rest.js.br").is_file(), reason="the browser bundle is not built: make setup")
@pytest.mark.parametrize("page", ["/", "/?lang=en", "/?view=indicators", "/embed/overview"])
def test_the_first_view_stays_within_its_bytes(xiaoshan_edition: Path, page: str) -> None:
    pytest.importorskip("playwright")
    from benchmarks.first_bytes import added

    client = create_app({}, edition=read(xiaoshan_edition)).test_client()

    def fetched(path: str) -> tuple[int, str]:
        answer = client.get(path, headers={"Accept-Encoding": "br"})
        assert answer.headers["Content-Encoding"] == "br", path
        return len(answer.data) + len(str(answer.headers)) + SERVER, client.get(path).get_data(as_text=True)

    sums = {step: size for step, (size, _) in added(page, fetched).items()}
    assert {step: sums[step] for step, most in MOST.items() if sums[step] > most} == {}, sums


def test_steps_are_the_places_that_geojson_has() -> None:
    client = create_app({}, edition=make_edition()).test_client()
    whole = client.get("/api/features?layers=zones,expressways,hubs,district").get_json()
    steps = client.get("/api/features?layers=zones,expressways,hubs,district&coordinates=steps").get_json()

    def places(value: list[Any]) -> list[Any]:
        if value and isinstance(value[0], list):
            return [places(one) for one in value]
        return [[x / 1e5, y / 1e5] for x, y in zip(accumulate(value[::2]), accumulate(value[1::2]), strict=True)]

    kinds = set()
    for collection in steps["layers"].values():
        for feature in collection["features"]:
            geometry = feature["geometry"]
            kinds.add(geometry["type"])
            if "steps" in geometry:
                geometry["coordinates"] = places(geometry.pop("steps"))
    assert steps == whole
    assert len(kinds) >= 3, "areas, lines and points"
    assert client.get("/api/features?layers=zones&coordinates=other").status_code == 400


def test_each_line_of_a_collection_begins_anew() -> None:
    line = {"type": "LineString", "coordinates": [[-0.00001, 0.0], [0.00002, -0.00003]]}
    point = {"type": "Point", "coordinates": [1.5, 2.5]}
    given = {"type": "GeometryCollection", "geometries": [line, point, line]}
    stepped = {"type": "LineString", "steps": [-1, 0, 3, -3]}
    assert in_steps(given) == {"type": "GeometryCollection", "geometries": [stepped, point, stepped]}
    assert in_steps(None) is None
