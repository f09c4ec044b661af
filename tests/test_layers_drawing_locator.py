"""``layers.drawing.locator``: where a feature is, and how far off it may be."""

from dataclasses import replace

import pytest
from web_edition import make_edition

from layers.drawing.locator import locator
from layers.edition.inventory import inventory
from layers.edition.store import Store


def halo(accuracy_m: float) -> float:
    store = Store(make_edition())
    hub = inventory(store).entries["hub/south"]
    drawn = locator(store, replace(hub, cells={**hub.cells, "accuracy_m": accuracy_m}))
    assert drawn is not None
    assert len(drawn.points) == 1
    return drawn.halo


def test_a_halo_is_as_wide_as_the_accuracy_and_left_out_where_the_mark_hides_it() -> None:
    # 0.4° of longitude at 30.1° are 38.54 km across 420 less twice 12 units: 97.3 m a unit.
    assert halo(1500) == pytest.approx(15.4, rel=0.03)
    assert halo(15_000) == pytest.approx(154, rel=0.03)
    assert halo(700) == 0.0  # 7.2 units
