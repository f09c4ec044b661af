"""Colour ramps as others see them: three kinds of colour blindness by simulation, and a grey print."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layers.measure.classify import MAX_CLASSES, colors

KINDS = Path(__file__).parent.parent / "data" / "kinds.toml"
RAMPS = {one["id"]: one["colors"] for one in tomllib.loads(KINDS.read_text("utf-8"))["ramp"]}

# Machado, Oliveira, Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency",
# severity 1.0; for linear RGB.
SEEN = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# sRGB to XYZ for D65 (IEC 61966-2-1), and its white.
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(color: str, kind: str = "usual") -> Any:
    """CIELAB of ``#rrggbb`` as an eye of a kind sees it."""
    coded = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    ratio = XYZ @ np.clip(SEEN[kind] @ linear, 0, 1) / WHITE
    bent = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])


def apart(first: str, second: str, kind: str) -> float:
    """How far two colours are from each other (CIE76)."""
    return float(np.linalg.norm(lab(first, kind) - lab(second, kind)))


def least(palette: list[str], kind: str) -> float:
    return min(apart(one, other, kind) for one, other in itertools.combinations(palette, 2))


def test_the_simulation_is_right() -> None:
    """White stays white, black black; red and green that a deuteranope mixes up come closer, blue and yellow do not."""
    assert [round(float(one), 1) + 0 for one in lab("#ffffff", "deutan")] == pytest.approx([100, 0, 0], abs=0.1)
    assert lab("#000000", "tritan") == pytest.approx([0, 0, 0], abs=0.01)
    # CIELAB of pure red, as in every table.
    assert lab("#ff0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    usual, seen = (apart("#c04040", "#6b7a20", kind) for kind in ("usual", "deutan"))
    assert seen < usual / 3
    assert apart("#2040c0", "#d0c040", "deutan") > 100


@pytest.mark.parametrize("kind", SEEN)
def test_classes_can_be_told_apart(kind: str) -> None:
    """Eight units are more than two areas side by side need; one is what a trained eye just sees."""
    for count in range(2, MAX_CLASSES + 1):
        assert least(colors(RAMPS["sequential"], count), kind) > 8, count
    assert least(RAMPS["diverging"], kind) > 8
    assert least(RAMPS["parts"], kind) > 16
    assert least(RAMPS["course"], kind) > 8
    nine = RAMPS["bivariate"]
    assert len(nine) == 9
    assert least(nine, kind) > 20


def test_a_grey_print_keeps_the_order() -> None:
    light = {name: [float(lab(color)[0]) for color in RAMPS[name]] for name in RAMPS}
    for name, falls in (("sequential", True), ("parts", False)):
        steps = [a - b if falls else b - a for a, b in itertools.pairwise(light[name])]
        assert min(steps) > 5, name
    # Both arms of the diverging one go from pale to dark; which side it is the numbers on the map say.
    assert light["diverging"][:3] == sorted(light["diverging"][:3])
    assert light["diverging"][3:] == sorted(light["diverging"][3:], reverse=True)


def test_the_middle_lies_between_two_pale_colours() -> None:
    """No change is neither good nor bad: the two classes beside the middle are the palest of their sides."""
    ramp = RAMPS["diverging"]
    assert len(ramp) % 2 == 0
    assert all(float(lab(ramp[at])[0]) > 85 for at in (2, 3))
