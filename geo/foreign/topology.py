"""TopoJSON: arcs that geometries share, by number, as GeoJSON features."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from geo.errors import GeoError

_DEPTHS = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}


class Topology:
    """A TopoJSON document.

    Args:
        document: the parsed document.
        shown: the file's name, for messages.

    Source:
        The TopoJSON Format Specification, https://github.com/topojson/topojson-specification.

    Example:
        >>> document = {"arcs": [[[4, 4], [1, 0]]], "transform": {"scale": [2, 2], "translate": [0, 1]},
        ...             "objects": {"a": {"type": "LineString", "arcs": [-1]}}}
        >>> Topology(document, "a.json").layers()["a"][0]["geometry"]["coordinates"]
        [[10.0, 9.0], [8.0, 9.0]]
    """

    def __init__(self, document: Mapping[str, Any], shown: str) -> None:
        self._shown = shown
        objects, arcs = document.get("objects"), document.get("arcs")
        if not isinstance(objects, dict) or not isinstance(arcs, list):
            raise self._bad()
        self._objects: dict[str, Any] = objects
        try:
            transform = document.get("transform")
            self._scale = np.array(transform["scale"] if transform else [1, 1], dtype=float)[:2]
            self._translate = np.array(transform["translate"] if transform else [0, 0], dtype=float)[:2]
            self._arcs = [self._arc(arc, delta=transform is not None) for arc in arcs]
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise self._bad() from error

    def layers(self) -> dict[str, list[dict[str, Any]]]:
        """GeoJSON features by the name of the object that holds them."""
        return {str(name): list(self._features(value)) for name, value in self._objects.items()}

    def _features(self, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, dict) and value.get("type") == "GeometryCollection":
            members = value.get("geometries")
            if not isinstance(members, list):
                raise self._bad()
            return [self._feature(member) for member in members]
        return [self._feature(value)]

    def _feature(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._bad()
        feature = {"type": "Feature", "properties": value.get("properties"), "geometry": self._geometry(value)}
        return feature | ({"id": value["id"]} if "id" in value else {})

    def _geometry(self, value: Mapping[str, Any], depth: int = 0) -> dict[str, Any] | None:
        kind = value.get("type") if isinstance(value, dict) else ""
        if kind is None:
            return None
        try:
            if kind == "GeometryCollection" and depth < len(_DEPTHS):
                members = [self._geometry(member, depth + 1) for member in value["geometries"]]
                return {"type": kind, "geometries": members}
            if kind in ("Point", "MultiPoint"):
                points = np.array(value["coordinates"], dtype=float)
                return {"type": kind, "coordinates": (points[..., :2] * self._scale + self._translate).tolist()}
            return {"type": kind, "coordinates": self._joined(value["arcs"], _DEPTHS[kind])}
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise self._bad() from error

    def _joined(self, numbers: Any, depth: int) -> list[Any]:
        """Arcs by number, strung together; `~n` is arc n the other way round."""
        if depth:
            return [self._joined(part, depth - 1) for part in numbers]
        line: list[Any] = []
        for number in numbers:
            arc = self._arcs[number] if number >= 0 else self._arcs[~number][::-1]
            line += arc[1:] if line else arc
        return line

    def _arc(self, positions: Any, *, delta: bool) -> list[Any]:
        points = np.array([position[:2] for position in positions], dtype=float)
        if points.ndim != 2 or not np.isfinite(points).all():
            raise self._bad()
        points = points.cumsum(axis=0) * self._scale + self._translate if delta else points
        coordinates: list[Any] = points.tolist()
        return coordinates

    def _bad(self) -> GeoError:
        return GeoError("vector.bad_topology", file=self._shown)
