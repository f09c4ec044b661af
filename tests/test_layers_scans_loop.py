"""A small part of ``benchmarks/closed_loop.py``: an invented district drawn, spoilt, fitted, traced, held to itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from tiny_folder import write_tiny_plan

from benchmarks import closed_loop
from benchmarks.closed_loop import Damage, Drawn
from layers.build.assemble import build
from layers.edition.store import Store


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return closed_loop.draw(Store(build(write_tiny_plan(tmp_path_factory.mktemp("loop")))), paper="A4")


def test_damage_is_undone_exactly() -> None:
    dice = np.random.default_rng(2)
    damage = Damage.of(dice, 3000, 2000, folded=True)
    pixels = dice.uniform([0, 0], [3000, 2000], (200, 2))
    assert np.abs(damage.undone(damage.done(pixels)) - pixels).max() < 1e-5
    moved = damage.done(pixels) - Damage(3000, 2000, damage.turn, damage.scale, 0, (0, 0)).done(pixels)
    assert np.abs(moved).max() > 5  # the fold is more than the click


@pytest.mark.parametrize("folded", [False, True])
def test_zones_lie_within_their_stated_accuracy(drawn: Drawn, folded: bool) -> None:
    """95 % of each outline, with the transformation that is offered; of 40 runs two may fail."""
    runs = [closed_loop.by_hand(drawn, 300, seed, folded=folded) for seed in range(40)]
    good = [
        all(np.quantile(far, 0.95) <= run.accuracy[run.chosen] for far in run.far[run.chosen].values()) for run in runs
    ]
    assert sum(good) >= 38
    # and it is no empty promise: the zones are some 20 km long, and nine corners are all there are
    assert np.median([run.accuracy[run.chosen] for run in runs]) < 250


def test_a_sheet_s_zones_are_read_off_by_colour(drawn: Drawn) -> None:
    """Text and borders on top, JPEG at 60: IoU, and 95 % of the outline. Both zones are painted alike here."""
    both = replace(drawn, zones={"both": shapely.union_all(list(drawn.zones.values()))})
    for zone in closed_loop.by_color(both, 200, 3, folded=False).values():
        assert zone["iou"] > 0.97
        assert zone["p95_m"] <= zone["accuracy_m"]
