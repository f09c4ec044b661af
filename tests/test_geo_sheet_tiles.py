"""A picture's tiles show its own pixels at their place, and a picture laid on the map lies where its fit says."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from geo.crs import CGCS2000, metric_crs, transform_points
from geo.picture import upright
from geo.sheet_tiles import TILE, add_overviews, levels, reduced, tile
from geo.transformation import solve
from geo.warp import preview

LON = 104.1


def decoded(image: bytes | None) -> Any:
    assert image is not None
    return np.asarray(Image.open(io.BytesIO(image)).convert("RGBA")).astype(int)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Blocks of 50 pixels of chance colours, 700 by 300, upright with overviews."""
    folder = tmp_path_factory.mktemp("tiles")
    blocks = np.random.default_rng(4).integers(40, 215, (6, 14, 3)).astype(np.uint8)
    pixels = blocks.repeat(50, axis=0).repeat(50, axis=1)
    Image.fromarray(pixels).save(folder / "a.png")
    upright(folder / "a.png", folder / "a.tif")
    add_overviews(folder / "a.tif")
    return folder / "a.tif", pixels.astype(int)


def test_a_tile_has_the_picture_s_pixels(picture: tuple[Path, Any]) -> None:
    path, pixels = picture
    assert levels(700, 300) == 2  # 256, 512, 1024
    whole = decoded(tile(path, 2, 1, 0))
    # colours at the middles of blocks: WebP blurs their edges
    for y in (25, 75, 125, 175, 225):
        for x in (275, 325, 375, 425, 475):
            assert np.abs(whole[y, x - TILE, :3] - pixels[y, x]).max() < 24, (x, y)
    half = decoded(tile(path, 1, 1, 0))  # pixels 512 to 1024 at half size: the picture ends after 94
    assert set(half[:150, :94, 3].ravel()) == {255}
    assert not half[:, 95:, 3].any()
    assert not half[151:, :, 3].any()


def test_there_are_no_tiles_beyond(picture: tuple[Path, Any]) -> None:
    for place in ((2, 3, 0), (2, 0, 2), (3, 0, 0), (-1, 0, 0), (0, 0, 1), (0, -1, 0)):
        assert tile(picture[0], *place) is None, place


def test_a_reduced_picture_is_one_of_its_copies(picture: tuple[Path, Any]) -> None:
    assert reduced(picture[0], 700).shape == (300, 700, 3)
    assert reduced(picture[0], 699).shape == (150, 350, 3)
    assert reduced(picture[0], 100).shape == (38, 88, 3)


def test_a_picture_lies_on_the_map_where_its_fit_says(picture: tuple[Path, Any]) -> None:
    """20 m a pixel, turned by 30 degrees; places that the fit knows have the colours of their blocks."""
    path, pixels = picture
    corners = np.array([[0, 0], [700, 0], [700, 300], [0, 300]], dtype=float)
    turn = np.radians(30)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [np.sin(turn), -np.cos(turn)]]) * 20
    middle = transform_points(np.array([[LON, 30.7]]), CGCS2000, metric_crs(LON))[0]
    found = solve(corners, corners @ matrix.T + middle, "affine")
    mask = [(0, 0), (700, 0), (700, 150), (0, 150)]
    image, (west, south, east, north) = preview(reduced(path, 400), found, (700, 300), metric_crs(LON), mask, most=900)
    made = decoded(image)
    height, width = made.shape[:2]

    def at(x: float, y: float) -> Any:
        lon, lat = transform_points(found.ground([[x, y]]), metric_crs(LON), CGCS2000)[0]
        up = [float(np.arctanh(np.sin(np.radians(one)))) for one in (north, lat, south)]
        return made[int((up[0] - up[1]) / (up[0] - up[2]) * height), int((lon - west) / (east - west) * width)]

    for x in range(75, 700, 100):
        assert np.abs(at(x, 75)[:3] - pixels[75, x]).max() < 30, x
        assert at(x, 75)[3] == 255
    assert at(350, 140)[3] == 255
    assert at(350, 165)[3] == 0  # outside the mask
