"""Coordinates as whole steps from place to place: what a map's page reads, a good part smaller than GeoJSON's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webmap.api.payloads import DECIMALS


def in_steps(geometry: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A GeoJSON geometry whose lines and rings are flat lists of whole steps.

    Args:
        geometry: As `webmap.api.payloads.geometry_json` gives it, longitude and latitude in degrees (WGS 84); or None.

    Returns:
        The same with ``steps`` in the place of ``coordinates``: of each line or ring ``[east, north, east, north, …]``
        in 1e-5 degree, the first from 0° 0°, each later one from the place before. Points keep their ``coordinates``.

    Example:
        >>> in_steps({"type": "LineString", "coordinates": [[120.2, 30.1], [120.20001, 30.09998]]})
        {'type': 'LineString', 'steps': [12020000, 3010000, 1, -2]}
    """
    if geometry is None:
        return None
    if "geometries" in geometry:
        return {**geometry, "geometries": [in_steps(one) for one in geometry["geometries"]]}
    if geometry["type"] in ("Point", "MultiPoint"):
        return dict(geometry)
    return {"type": geometry["type"], "steps": _stepped(geometry["coordinates"])}


def layers_in_steps(payload: Mapping[str, Any]) -> dict[str, Any]:
    """`webmap.api.payloads.features_payload` with the geometries of its features `in_steps`."""

    def layer(collection: Mapping[str, Any]) -> dict[str, Any]:
        features = [{**one, "geometry": in_steps(one["geometry"])} for one in collection["features"]]
        return {**collection, "features": features}

    return {**payload, "layers": {name: layer(collection) for name, collection in payload["layers"].items()}}


def _stepped(coordinates: Sequence[Any]) -> list[Any]:
    if coordinates and not isinstance(coordinates[0][0], float | int):
        return [_stepped(part) for part in coordinates]
    steps: list[int] = []
    east = north = 0
    for lon, lat in coordinates:
        x, y = round(lon * 10**DECIMALS), round(lat * 10**DECIMALS)
        steps += (x - east, y - north)
        east, north = x, y
    return steps
