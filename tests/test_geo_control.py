"""``geo.control`` and ``geo.transformation``: by hand, and against GDAL's own transformers."""

import math
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio.control import GroundControlPoint
from rasterio.transform import GCPTransformer

from geo.control import Sheet, better, compare, fit, left_out, stated_accuracy
from geo.errors import GeoError
from geo.transformation import LEAST, solve

SHEET = Sheet(4000, 3000)


def sheet_points(count: int, *, seed: int = 1, noise_m: float = 0.0, bend_m: float = 0.0) -> tuple[Any, Any]:
    """Points of a sheet at 5 m a pixel, turned by 3°, with errors and a bend of the paper."""
    dice = np.random.default_rng(seed)
    across = np.linspace(200, 3800, math.ceil(math.sqrt(count)))
    down = np.linspace(150, 2850, math.ceil(count / len(across)))
    pixels = np.array([[x, y] for y in down for x in across])[:count] + dice.uniform(-90, 90, (count, 2))
    angle = math.radians(3)
    turn = np.array([[math.cos(angle), math.sin(angle)], [math.sin(angle), -math.cos(angle)]]) * 5
    ground = pixels @ turn.T + [500_000, 3_300_000]
    ground[:, 0] += bend_m * np.sin(pixels[:, 0] / 700)
    return pixels, ground + dice.normal(0, noise_m, (count, 2)) if noise_m else ground


# ---- by hand


def test_two_points_give_a_similarity() -> None:
    """One pixel is 2 m; the sheet's right is north, so that its down is east."""
    found = solve([[0, 0], [100, 0]], [[1000, 2000], [1000, 2200]], "similarity")
    assert found.ground([[0, 50], [100, 50]]).tolist() == [[1100, 2000], [1100, 2200]]
    assert found.pixel_m() == pytest.approx(2)


def test_left_out_errors_of_four_points_by_hand() -> None:
    """Three corners of a square determine where the fourth must be: a + c − b; 10 m off, each misses by 10 m."""
    pixels = [[0, 0], [100, 0], [100, 100], [0, 100]]
    ground = [[0, 100], [100, 100], [110, 0], [0, 0]]
    errors = left_out(pixels, ground, "affine")
    assert errors is not None
    assert np.abs(errors).round(9).tolist() == [[10, 0]] * 4
    found = fit(pixels, ground, "affine", Sheet(100, 100))
    assert np.abs(found.residuals_m).round(9).tolist() == [[2.5, 0]] * 4  # a quarter each, by symmetry
    # v = 2: the 5 % quantile by the formula is 2 · (1 − 1/9 − 1.6449/3)³ = 0.0790; k² = 2.9957 · 2/0.0790
    assert found.accuracy_m == pytest.approx(10 * math.sqrt(2.9957 * 2 / 0.0790), rel=2e-3)


def test_stated_accuracy_adds_points_and_lines() -> None:
    """3, 4 and half of 24: √(9 + 16 + 144) = 13, with errors so many that k = 1.731."""
    errors = np.full((1_000_000, 2), [3 / math.sqrt(-math.log(0.05)), 0.0])
    assert stated_accuracy(errors, 6, 4.0, 24.0) == pytest.approx(13, abs=2e-3)


def test_accuracy_needs_a_point_more_than_the_transformation() -> None:
    pixels, ground = sheet_points(3)
    found = fit(pixels, ground, "affine", SHEET)
    assert found.accuracy_m is None
    assert [one.key for one in found.doubts if one.key == "control.no_check"]


# ---- against GDAL

KINDS = [("affine", ["-order", "1"], 9), ("polynomial2", ["-order", "2"], 12), ("polynomial3", ["-order", "3"], 16),
         ("tps", ["-tps"], 12)]  # fmt: skip


@pytest.mark.parametrize(("kind", "option", "count"), KINDS, ids=[one[0] for one in KINDS])
def test_transformations_are_those_of_gdaltransform(kind: str, option: list[str], count: int) -> None:
    program = shutil.which("gdaltransform")
    if program is None:
        pytest.skip("gdaltransform is not installed (Debian: gdal-bin)")
    pixels, ground = sheet_points(count, noise_m=8, bend_m=40)
    asked = np.random.default_rng(5).uniform([200, 150], [3800, 2850], (60, 2))
    points = [str(part) for p, g in zip(pixels, ground, strict=True) for part in ("-gcp", *p, *g)]
    lines = "\n".join(f"{x} {y}" for x, y in asked.tolist())
    answer = subprocess.run([program, *option, *points], input=lines, capture_output=True, text=True, check=True)
    theirs = np.array([line.split()[:2] for line in answer.stdout.splitlines()], dtype=float)
    found = solve(pixels, ground, kind)
    assert np.abs(found.ground(asked) - theirs).max() < 0.01 * found.pixel_m()


def test_spline_is_that_of_rasterio() -> None:
    """As near as its wheel computes: GDAL there takes an approximate logarithm, a twentieth of a pixel off."""
    pixels, ground = sheet_points(14, noise_m=8, bend_m=40)
    points = [GroundControlPoint(row=y, col=x, x=e, y=n) for (x, y), (e, n) in zip(pixels, ground, strict=True)]
    asked = np.random.default_rng(6).uniform([200, 150], [3800, 2850], (40, 2))
    found = solve(pixels, ground, "tps")
    with GCPTransformer(points, tps=True) as theirs:
        east, north = theirs.xy(asked[:, 1], asked[:, 0], offset="ul")
    assert np.abs(found.ground(asked) - np.column_stack([east, north])).max() < 0.1 * found.pixel_m()


@given(st.sampled_from(sorted(LEAST)), st.integers(0, 50))
def test_pixels_come_back(kind: str, seed: int) -> None:
    pixels, ground = sheet_points(16, seed=seed, noise_m=3, bend_m=15)
    found = solve(pixels, ground, kind)
    asked = np.random.default_rng(seed).uniform([300, 300], [3700, 2700], (30, 2))
    assert np.abs(found.pixels(found.ground(asked)) - asked).max() < 1e-3


# ---- which transformation


def test_a_flat_sheet_keeps_the_affine_one_and_a_bent_one_gets_more() -> None:
    for seed in range(8):
        flat = compare(*sheet_points(20, seed=seed, noise_m=10))
        assert better(flat) == []
        bent = compare(*sheet_points(30, seed=seed, noise_m=5, bend_m=150))
        assert "tps" in better(bent)
        assert bent["tps"] < bent["affine"]


def keys(found: Any) -> set[str]:
    return {one.key for one in found.doubts}


# ---- doubts


def test_a_sound_sheet_is_not_doubted() -> None:
    pixels, ground = sheet_points(12, noise_m=5)
    assert keys(fit(pixels, ground, "affine", Sheet(4000, 3000, dpi=300, scale=59055))) == set()


def test_scale_by_hand() -> None:
    """5 m a pixel at 254 pixels an inch, which is 10 a millimetre: 50 m a millimetre, 1:50 000."""
    pixels, ground = sheet_points(9)
    found = fit(pixels, ground, "affine", Sheet(4000, 3000, dpi=254, scale=45_000))
    assert found.scale == pytest.approx(50_000)
    assert keys(found) == {"control.scale"}
    assert found.turned == pytest.approx(-3)  # its right points 3° north of east


def broken(change: str) -> set[str]:
    pixels, ground = sheet_points(9, noise_m=2)
    if change == "mirrored":
        ground[:, 0] = 1_000_000 - ground[:, 0]
    if change == "upside down":
        ground = np.array([1_000_000, 6_600_000]) - ground
    if change == "swapped":
        ground[[2, 6]] = ground[[6, 2]]
    if change == "one is wrong":
        ground[4] += 900
    if change == "on a line":
        pixels[:, 1] = pixels[:, 0] * 0.7 + np.random.default_rng(3).uniform(-20, 20, 9)
        ground = solve(*sheet_points(9), "affine").ground(pixels) + np.random.default_rng(4).normal(0, 2, (9, 2))
    if change == "in a corner":
        pixels = pixels / 4
        ground = solve(*sheet_points(9), "affine").ground(pixels) + np.random.default_rng(4).normal(0, 2, (9, 2))
    if change == "twice":
        pixels[3] = pixels[2] + 0.3
        ground[3] = ground[2]
    return keys(fit(pixels, ground, "affine", SHEET))


@pytest.mark.parametrize(
    ("change", "key"),
    [("mirrored", "control.mirrored"), ("upside down", "control.upside_down"), ("swapped", "control.swapped"),
     ("one is wrong", "control.outlier"), ("on a line", "control.collinear"), ("in a corner", "control.clustered"),
     ("twice", "control.twice")],
)  # fmt: skip
def test_what_is_wrong_is_said(change: str, key: str) -> None:
    assert key in broken(change)


def test_the_wrong_point_is_named() -> None:
    pixels, ground = sheet_points(9, noise_m=2)
    ground[4] += 900
    found = fit(pixels, ground, "affine", SHEET, names=[f"P{i}" for i in range(9)])
    assert [one.params["point"] for one in found.doubts] == ["P4"]


def test_a_needless_spline_is_doubted() -> None:
    pixels, ground = sheet_points(16, noise_m=10)
    found = fit(pixels, ground, "tps", SHEET)
    assert found.rmse_m < 1e-3  # goes through its points, whatever the errors are
    assert found.left_out_rmse_m is not None
    assert found.left_out_rmse_m > 10
    assert "control.needless" in keys(found)


@pytest.mark.parametrize(
    ("pixels", "kind", "key"),
    [([], "affine", "control.too_few"), ([[1, 1]], "similarity", "control.too_few"),
     ([[1, 1], [5, 5]], "affine", "control.too_few"), ([[1, 1], [1, 1]], "similarity", "control.degenerate"),
     ([[0, 0], [5, 5], [9, 9], [2, 2]], "affine", "control.degenerate"),
     ([[0, 0], [5, 5], [9, 9], [2, 2]], "tps", "control.degenerate"),
     ([[0, 0], [0, 0], [9, 0], [2, 5]], "tps", "control.degenerate"),
     ([[1, math.nan], [2, 5]], "similarity", "control.number"), ([[1, 2], [2, 5]], "cubic", "control.kind")],
)  # fmt: skip
def test_points_that_determine_nothing(pixels: Any, kind: str, key: str) -> None:
    ground = np.asarray(pixels, dtype=float).reshape(-1, 2)[:, ::-1] * 3.0
    with pytest.raises(GeoError) as caught:
        solve(pixels, ground, kind)
    assert caught.value.key == key
    assert caught.value.message("en")
    assert caught.value.remedy("zh")


def test_pixels_outside_the_picture_are_named() -> None:
    pixels, ground = sheet_points(5)
    pixels[3] = [4001, 5]
    with pytest.raises(GeoError, match="4") as caught:
        fit(pixels, ground, "affine", SHEET)
    assert caught.value.key == "control.outside"


def test_all_points_on_one_place_of_the_ground() -> None:
    pixels, _ = sheet_points(5)
    with pytest.raises(GeoError) as caught:
        fit(pixels, np.full((5, 2), 7.0), "affine", SHEET)
    assert caught.value.key == "control.flat"
