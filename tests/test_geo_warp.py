"""``geo.warp``: what is at a place of the sheet comes to its place on the ground, whatever the transformation."""

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio

from geo.errors import GeoError
from geo.transformation import solve
from geo.warp import tile, warp

CRS = pyproj.CRS.from_epsg(4549)
WIDE, HIGH = 900, 700


def coded(path: Path) -> Path:
    """A picture whose colours tell the pixel: red 1/5 of x, green 1/5 of y, blue alike everywhere."""
    across, down = np.meshgrid(np.arange(WIDE) + 0.5, np.arange(HIGH) + 0.5)
    pixels = np.stack([across / 5, down / 5, np.full_like(across, 77)]).round().astype(np.uint8)
    with rasterio.open(path, "w", driver="GTiff", width=WIDE, height=HIGH, count=3, dtype="uint8", tiled=True) as sink:
        sink.write(pixels)
    return path


def fit_of(kind: str) -> Any:
    dice = np.random.default_rng(3)
    pixels = np.array([[x, y] for x in (40, 300, 600, 860) for y in (40, 350, 660)], dtype=float)
    angle = np.radians(8)
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]]) * 4
    ground = pixels @ turn.T + [520_000, 3_330_000] + (dice.normal(0, 25, (12, 2)) if kind != "affine" else 0)
    return solve(pixels, ground, kind)


@pytest.mark.parametrize("kind", ["affine", "polynomial2", "tps"])
def test_every_pixel_comes_from_where_the_fit_says(tmp_path: Path, kind: str) -> None:
    found = fit_of(kind)
    target = tmp_path / "warped.tif"
    warp(coded(tmp_path / "plain.tif"), found, CRS, target, title="图")
    with rasterio.open(target) as source:
        pixels, place = source.read(), source.transform
        assert source.crs.to_epsg() == 4549
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.overviews(1)
        assert source.tags()["TIFFTAG_IMAGEDESCRIPTION"] == "图"
    rows, columns = np.nonzero(pixels[3] == 255)
    chosen = np.random.default_rng(1).choice(len(rows), 4000)
    ground = np.array([place * (c + 0.5, r + 0.5) for r, c in zip(rows[chosen], columns[chosen], strict=True)])
    wanted = found.pixels(ground)
    inner = ((wanted > 3) & (wanted < [WIDE - 3, HIGH - 3])).all(axis=1)
    told = pixels[:2, rows[chosen], columns[chosen]].T[inner] * 5.0
    # Colours are whole numbers of five pixels: half of that at most, less than a pixel in the mean.
    off = told - wanted[inner]
    assert np.abs(off).max() < 4
    assert np.abs(off.mean(axis=0)).max() < 0.15
    assert set(np.unique(pixels[3])) == {0, 255}
    whole = found.pixels(np.array([place * (c, r) for r in (0, pixels.shape[1]) for c in (0, pixels.shape[2])]))
    assert not ((whole > 0) & (whole < [WIDE, HIGH])).all(axis=1).any()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    source = coded(tmp_path / "plain.tif")
    for name in ("a.tif", "b.tif"):
        warp(source, fit_of("tps"), CRS, tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_outside_the_mask_nothing_is_drawn(tmp_path: Path) -> None:
    found = fit_of("affine")
    mask = [(100.0, 100.0), (800.0, 100.0), (800.0, 600.0), (100.0, 600.0)]
    grid = warp(coded(tmp_path / "plain.tif"), found, CRS, tmp_path / "masked.tif", mask=mask)
    with rasterio.open(tmp_path / "masked.tif") as source:
        alpha = source.read(4)
    # 700 by 500 pixels of 4 m each
    assert (alpha == 255).sum() * grid.pixel_m**2 == pytest.approx(700 * 500 * 16, rel=2e-3)


def test_a_tile_shows_the_sheet_or_nothing(tmp_path: Path) -> None:
    target = tmp_path / "warped.tif"
    warp(coded(tmp_path / "plain.tif"), fit_of("affine"), CRS, target)
    mercator = pyproj.CRS.from_epsg(3857)
    with rasterio.open(target) as source:
        west, south, east, north = rasterio.warp.transform_bounds(source.crs, mercator.to_wkt(), *source.bounds)
    middle = ((west + east) / 2, (south + north) / 2)
    made = tile(target, (middle[0] - 300, middle[1] - 300, middle[0] + 300, middle[1] + 300), mercator)
    assert made is not None
    assert made[:4] == b"RIFF"
    assert made[8:12] == b"WEBP"
    assert tile(target, (0, 0, 1000, 1000), mercator) is None
    with pytest.raises(GeoError):
        tile(tmp_path / "none.tif", (0, 0, 1, 1), mercator)


def test_a_fit_that_went_wrong_makes_no_giant(tmp_path: Path) -> None:
    with pytest.raises(GeoError) as caught:
        warp(coded(tmp_path / "plain.tif"), fit_of("affine"), CRS, tmp_path / "x.tif", pixel_m=0.01)
    assert caught.value.key == "warp.large"
    assert not (tmp_path / "x.tif").exists()
