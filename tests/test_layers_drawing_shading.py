"""A view that opens with an indicator, drawn as the page's map shows it: classes by hand, order, names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from web_edition import make_edition

from layers.drawing.shading import shaded
from layers.edition.store import Store
from layers.style.passes import lightness


@pytest.fixture(scope="module")
def store() -> Store:
    return Store(make_edition())


def fills(store: Store, view: dict[str, Any], lang: str = "zh", **options: Any) -> list[str]:
    picture = shaded(store, view, lang, **options)
    assert picture is not None
    (layer,) = [layer for layer in picture.layers if layer.id == "overlay"]
    return [stroke.look.fill for stroke in layer.strokes]


def test_places_have_the_colours_of_their_classes() -> None:
    """Of two zones with 100 and 400 the first is lighter; a place without value has the colour that says so."""
    edition = make_edition()
    table = edition.observations.copy()
    own = table["indicator"] == "area_km2"
    for place, value in (("zone/west", 100.0), ("zone/east", 400.0)):
        assert (own & (table["place"] == place)).sum() == 1
        table.loc[own & (table["place"] == place), "value"] = value
    view = {**edition.meta["views"][0], "bounds": [[30.0, 120.0], [30.2, 120.4]]}
    store = Store(replace(edition, observations=table))
    found = dict(zip(store.frame("zones")["id"], fills(store, {**view, "indicator": "area_km2"}), strict=True))
    assert lightness(found["zone/west"]) > lightness(found["zone/east"])
    without = Store(replace(edition, observations=table[~(own & (table["place"] == "zone/east"))]))
    missing = dict(zip(store.frame("zones")["id"], fills(without, {**view, "indicator": "area_km2"}), strict=True))
    assert missing["zone/east"] == without.ramps["sequential"]["no_data"]
    assert missing["zone/west"] != missing["zone/east"]


def test_the_shading_takes_the_fill_of_its_own_layer_only(store: Store) -> None:
    view = {**store.views["overview"], "indicator": "area_km2", "level": "zone"}
    picture = shaded(store, view)
    assert picture is not None
    ids = [layer.id for layer in picture.layers]
    assert ids.index("overlay") == ids.index("zones") + 1
    (zones,) = [layer for layer in picture.layers if layer.id == "zones"]
    assert "fill" not in {stroke.look.name for stroke in zones.strokes}
    assert "stroke" in {stroke.look.name for stroke in zones.strokes}


def test_a_level_that_the_view_does_not_show_comes_along(store: Store) -> None:
    view = {**store.views["overview"], "layers": ["zones"], "indicator": "area_km2", "level": "township"}
    picture = shaded(store, view)
    assert picture is not None
    assert "townships" in [layer.id for layer in picture.layers]
    named = {name.id.split("/")[0] for name in picture.names}
    assert "township" in named
    assert "zone" not in named, "beside values by township the names of the zones would be in the way"


def test_values_stand_under_the_names_with_the_marks_of_their_notes() -> None:
    edition = make_edition()
    table = edition.observations.copy()
    own = (table["indicator"] == "area_km2") & (table["place"] == "zone/west")
    assert own.any()
    table["note"] = pd.Series("", index=table.index, dtype=object).where(~own, "含<江面>")
    store = Store(replace(edition, observations=table))
    picture = shaded(store, {**store.views["overview"], "indicator": "area_km2", "level": "zone"})
    assert picture is not None
    said = {name.id: [line for line, _y in name.lines] for name in picture.names if name.strong}
    assert said["zone/west"][-1].endswith("①")
    assert said["zone/east"][-1].replace(".", "").replace(",", "").isdigit()


def test_what_has_no_values_is_not_drawn(store: Store) -> None:
    view = store.views["overview"]
    assert shaded(store, {**view, "indicator": "no_such", "level": "zone"}) is None
