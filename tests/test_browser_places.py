"""What a reader sees of positions: units in place of points, symbols on one spot, names of areas, colour of zones."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from browser_tools import Visit, served
from shapely import Point
from web_edition import make_edition

from layers.edition.file import Edition, read

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plan(xiaoshan_edition: Path) -> Edition:
    return read(xiaoshan_edition)


def row(edition: Edition, feature: str) -> Any:
    return next(frame.set_index("id").loc[feature] for frame in edition.layers.values() if feature in set(frame["id"]))


def changed(layer: str, change: Callable[[Any], Any]) -> Edition:
    """The tiny edition with one layer changed."""
    edition = make_edition()
    return replace(edition, layers={**edition.layers, layer: change(edition.layers[layer].copy())})


# ---- known to a unit only


def marks(page: Visit) -> dict[str, int]:
    """The marks on the map: unit and the number written on it."""
    found = page.run(
        "[...document.querySelectorAll('.leaflet-pm-units-pane svg.pm-unit')]"
        ".map((node) => [node.dataset.unit, Number(node.querySelector('text').textContent)])"
    )
    return {unit: int(count) for unit, count in found}


def test_each_unit_carries_one_mark_with_the_number_of_what_it_holds(
    visit: Callable[..., Visit], shipped: str, plan: Edition
) -> None:
    layers = [name for name, frame in plan.layers.items() if (frame["unit"] != "").any()]
    assert len(layers) > 5
    page = visit("/?lang=zh", address=shipped, width=1440, height=862)
    page.run(f"app.layers.setAll({layers!r})")
    page.settle()
    expected = Counter(unit for name in layers for unit in plan.layers[name]["unit"] if unit)
    assert sum(expected.values()) > 40
    assert marks(page) == dict(expected)
    # No symbol of its own, wherever: of all that is drawn as a point nothing has a unit.
    ids = [str(one) for name in layers for one in plan.layers[name].loc[plan.layers[name]["unit"] != "", "id"]]
    assert page.run(f"{ids!r}.filter((id) => app.layers.view(id).parts.length)") == []
    # Switching a layer off takes its features out of the numbers.
    page.run(f"app.layers.setVisible('{layers[0]}', false)")
    fewer = Counter(unit for name in layers[1:] for unit in plan.layers[name]["unit"] if unit)
    page.settle()
    assert marks(page) == dict(fewer)


@pytest.mark.parametrize(("lang", "width", "height"), [("zh", 1440, 862), ("en", 390, 844)])
def test_a_mark_lists_what_it_holds_and_choosing_shows_the_unit(
    visit: Callable[..., Visit], shipped: str, plan: Edition, lang: str, width: int, height: int
) -> None:
    frame = plan.layers["projects"]
    at_units = frame[frame["unit"] != ""]
    unit, count = Counter(at_units["unit"]).most_common(1)[0]
    page = visit(f"/?lang={lang}", address=shipped, width=width, height=height)
    page.run("app.layers.setAll(['projects', 'townships', 'zones'])")
    page.settle()
    page.page.locator(f'svg.pm-unit[data-unit="{unit}"]').dispatch_event("click")
    page.until("document.querySelector('.leaflet-popup .pm-feature')")
    listed = page.run("[...document.querySelectorAll('.leaflet-popup .pm-feature')].map((node) => node.dataset.id)")
    assert sorted(listed) == sorted(at_units.loc[at_units["unit"] == unit, "id"])
    assert len(listed) == count
    name = row(plan, unit)["name" if lang == "zh" else "name_en"]
    assert name in page.run("document.querySelector('.leaflet-popup h3').textContent")
    # Keyboard and pointer choose from the list.
    page.page.locator(".leaflet-popup .pm-feature").first.dispatch_event("click")
    page.until(f"app.selected === '{listed[0]}'")
    page.settle()
    # The emphasis is the unit's shape, as far as the unit reaches: nothing stands for a place in it.
    drawn = "app.map.getPane('pm-select').querySelectorAll('path')"
    assert page.run(f"[...{drawn}].filter((path) => path.getAttribute('stroke-dasharray') === '4 4').length") == 1
    assert page.run(f"{drawn}.length") == 1


def test_choosing_it_from_a_search_goes_to_its_unit(visit: Callable[..., Visit], shipped: str, plan: Edition) -> None:
    frame = plan.layers["projects"]
    one = frame[frame["unit"].str.startswith("township/")].iloc[0]
    west, south, east, north = row(plan, one["unit"]).geometry.bounds
    page = visit("/?lang=zh#map=16/30.0/120.2", address=shipped, width=1440, height=862)
    page.run(f"app.select('{one['id']}', {{zoom: true}})")
    page.until(f"app.selected === '{one['id']}'")
    page.settle()
    seen = page.run(
        "(() => { const b = app.map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; })()"
    )
    assert seen[0] <= west
    assert seen[1] <= south
    assert seen[2] >= east
    assert seen[3] >= north
    # No farther out than needed: the unit fills a third of the view one way.
    assert max((east - west) / (seen[2] - seen[0]), (north - south) / (seen[3] - seen[1])) > 1 / 3


# ---- symbols on one spot


def test_two_symbols_on_one_spot_are_seen_and_chosen_even_in_a_layer_of_few(visit: Callable[..., Visit]) -> None:
    def doubled(frame: Any) -> Any:
        twin = frame.copy()
        twin["id"], twin["name"] = "hub/twin", "孪生站"
        return pd.concat([frame, twin], ignore_index=True)

    with served(changed("hubs", doubled)) as address:
        page = visit("/?lang=zh#map=12/30.05/120.15", address=address)
        for zoom in (10, 13, 17):
            page.run(f"app.map.setZoom({zoom}, {{animate: false}})")
            page.settle()
            assert page.run("document.querySelector('svg.pm-cluster text').textContent") == "2", zoom
        for chosen in ("hub/twin", "hub/south"):
            page.page.locator("svg.pm-cluster").dispatch_event("click")
            page.page.locator(f'.leaflet-popup [data-id="{chosen}"]').dispatch_event("click")
            page.until(f"app.selected === '{chosen}'")
            page.settle()
            # The chosen one does not hide the other: both are still told.
            assert page.run("document.querySelector('svg.pm-cluster text').textContent") == "2"


def test_no_symbol_of_the_plan_hides_another(visit: Callable[..., Visit], shipped: str, plan: Edition) -> None:
    points = {
        str(one["id"]): one.geometry
        for frame in plan.layers.values()
        for _, one in frame.iterrows()
        if isinstance(one.geometry, Point) and one["kind"] != "metro_station"
    }
    names = list(points)
    tree = shapely.STRtree([points[name] for name in names])
    near = tree.query([points[name] for name in names], predicate="dwithin", distance=0.0001)
    pairs = [(names[a], names[b]) for a, b in near.T if a < b]
    assert ("carrier/zhihuigu", "source/pku-iit") in [tuple(sorted(pair)) for pair in pairs]
    page = visit("/?lang=zh", address=shipped, width=1440, height=862)
    page.run("app.layers.setAll(app.layers.ids.filter((id) => app.layers.spec(id).geometry === 'point'))")
    page.settle()
    for zoom in (11, 14, 17):
        page.run(f"app.map.setZoom({zoom}, {{animate: false}})")
        page.settle()
        bare = page.run(
            f"{[list(pair) for pair in pairs]!r}.filter((pair) => pair.some((id) => !app.veil.has(id, 'cluster')))"
        )
        assert bare == [], zoom


# ---- names of areas, and their colour


def zone_names(page: Visit) -> dict[str, tuple[list[float], list[list[float]]]]:
    """Of each zone's name: its box on the screen, and the box's corners as longitude and latitude."""
    found = page.run(
        "[...document.querySelectorAll('svg.pm-labels g[data-id^=\"zone/\"]')].map((g) => {"
        " const [b, m] = [g.getBoundingClientRect(), app.map.getContainer().getBoundingClientRect()];"
        " const at = (x, y) => { const p = app.map.containerPointToLatLng([x - m.left, y - m.top]);"
        " return [p.lng, p.lat]; };"
        " return [g.dataset.id, [b.left, b.top, b.right, b.bottom],"
        " [at(b.left, b.top), at(b.right, b.top), at(b.right, b.bottom), at(b.left, b.bottom)]]; })"
    )
    return {name: (box, corners) for name, box, corners in found}


@pytest.mark.parametrize(("width", "height"), [(1440, 862), (390, 844)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_zone_names_never_touch_and_lie_in_their_zones(
    visit: Callable[..., Visit], shipped: str, plan: Edition, lang: str, width: int, height: int
) -> None:
    page = visit(f"/?lang={lang}", address=shipped, width=width, height=height)
    page.settle()
    named = zone_names(page)
    assert set(named) == set(plan.layers["zones"]["id"])
    boxes = [shapely.box(*box) for box, _ in named.values()]
    # Half a letter's width at least lies between any two.
    assert min(a.distance(b) for at, a in enumerate(boxes) for b in boxes[at + 1 :]) >= 6
    for name, (_, corners) in named.items():
        box = shapely.Polygon(corners)
        inside = row(plan, name).geometry.intersection(box).area / box.area
        # The box has a line's leading above and below the letters.
        assert inside > 0.93, (name, inside)


def test_far_in_something_is_named(visit: Callable[..., Visit], shipped: str, plan: Edition) -> None:
    page = visit("/?lang=zh", address=shipped, width=1440, height=862)
    townships = plan.layers["townships"][["name", "label_lat", "label_lon"]].to_numpy(dtype=object).tolist()
    empty = page.page.evaluate(
        """async ([townships, zooms]) => {
            const empty = [];
            for (const zoom of zooms) {
                for (const [name, lat, lon] of townships) {
                    planmapApp.map.setView([lat, lon], zoom, { animate: false });
                    await planmapApp.labels.place();
                    if (!document.querySelector("svg.pm-labels g")) empty.push(`${name} ${zoom}`);
                }
            }
            return empty;
        }""",
        [townships, [15, 16, 17]],
    )
    assert empty == []


def test_zones_are_coloured_where_nothing_lies_below_them(visit: Callable[..., Visit]) -> None:
    def red(frame: Any) -> Any:
        frame["color"] = "#ff0000"
        return frame

    edition = changed("zones", red)
    lowest = min(edition.meta["layers"], key=lambda layer: layer["order"])
    assert lowest["id"] == "zones"
    with served(edition) as address:
        page = visit("/?lang=zh#map=12/30.1/120.1", address=address)
        page.run("app.layers.setAll(['zones', 'district'])")
        page.settle()
        x, y = page.run(
            "(() => { const b = app.map.getContainer().getBoundingClientRect(),"
            " p = app.map.latLngToContainerPoint([30.15, 120.07]);"
            " return [Math.round(b.left + p.x), Math.round(b.top + p.y)]; })()"
        )
        picture = page.page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
        red_, green, blue = page.page.evaluate(
            "async (data) => { const img = new Image(); img.src = data; await img.decode();"
            " const c = document.createElement('canvas').getContext('2d'); c.drawImage(img, 0, 0);"
            " return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3); }",
            "data:image/png;base64," + base64.b64encode(picture).decode(),
        )
        assert red_ > 200
        assert max(green, blue) < red_ - 40
