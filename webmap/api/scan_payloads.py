"""What ``/api/scans`` says of scanned maps, and their small copies in a stand-alone file. Knows no framework."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from geo.crs import CGCS2000, transform_points, web_mercator
from geo.errors import GeoError
from layers.edition.sheets import Sheet

WEBP = "image/webp"
EMPTY = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
"""One clear pixel."""
REDUCED_PX, REDUCED_BYTES, _LEAST_PX = 1800, 600_000, 256
"""Longest side and size of a picture in a stand-alone file, and the side below which it is taken as it comes."""

_SHEET_TEXTS = ("id", "name", "name_en", "date", "publisher", "licence", "map_number", "transformation")
_SHEET_FIGURES = ("scale", "accuracy_m", "rmse_m", "left_out_m")


def scans_payload(sheets: Iterable[Sheet], root: str, images: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Scanned maps that can be shown.

    Args:
        sheets: The maps.
        root: What stands before the addresses of the plan.
        images: For a stand-alone file: a picture in place of tiles, ``{url, bounds}`` by id.
    """
    return {"scans": [_sheet(one, root, images) for one in sheets]}


def _sheet(sheet: Sheet, root: str, images: Mapping[str, Any] | None) -> dict[str, Any]:
    record, own = sheet.record, f"{root}/scan/{sheet.id}"
    said = {name: record.get(name) or "" for name in _SHEET_TEXTS} | {name: record.get(name) for name in _SHEET_FIGURES}
    points = [{name: point[name] for name in ("name", "at", "fitted", "residual_m")} for point in record["points"]]
    where = {"tiles": f"{own}/{{z}}/{{x}}/{{y}}.webp", "file": f"{own}.tif", "image": None}
    if images is not None:
        where = {"tiles": None, "file": None, "image": images[sheet.id]}
    return {**said, "sources": list(record.get("sources", [])), "bounds": record["bounds"], "points": points, **where}


def reduced(found: Iterable[Sheet]) -> dict[str, Any]:
    """Small copies of scanned maps for a stand-alone file, ``{url, bounds}`` by id; of those that can be read."""
    copies = {}
    for one in found:
        with suppress(GeoError):
            copies[one.id] = _reduced(one)
    return copies


def _reduced(sheet: Sheet) -> dict[str, Any]:
    west, south, east, north = sheet.record["bounds"]
    corners = transform_points(np.array([[west, south], [east, north]]), CGCS2000, web_mercator())
    (x0, y0), (x1, y1) = corners.tolist()
    from geo.warp import part  # noqa: PLC0415 - brings rasterio

    longest, picture = REDUCED_PX, None
    while picture is None or (len(picture) > REDUCED_BYTES and longest > _LEAST_PX):
        scale = longest / max(x1 - x0, y1 - y0)
        size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
        picture = part(sheet.path, (x0, y0, x1, y1), web_mercator(), *size, quality=70) or EMPTY
        longest = round(longest * 0.75)
    return {"url": f"data:{WEBP};base64,{base64.b64encode(picture).decode()}", "bounds": sheet.record["bounds"]}
