"""Awkward geometries that every function should either handle or refuse with a message.

Degrees, where it matters inside China. `import awkward` works because pytest puts this folder on the path.
"""

import shapely
from shapely import (
    GeometryCollection,
    LinearRing,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

SQUARE = box(120.0, 30.0, 120.1, 30.1)
HOLED = Polygon(SQUARE.exterior.coords, [box(120.04, 30.04, 120.06, 30.06).exterior.coords])

VALID = {
    "point": Point(120, 30),
    "point_z": Point(120, 30, 5),
    "multipoint": MultiPoint([(120, 30), (121, 31)]),
    "multipoint_twice_the_same": MultiPoint([(120, 30), (120, 30)]),
    "line": LineString([(120, 30), (120.1, 30.05)]),
    "line_repeated_points": LineString([(120, 30), (120, 30), (120.1, 30.05), (120.1, 30.05)]),
    "line_closed": LineString([(120, 30), (120.1, 30), (120.1, 30.1), (120, 30)]),
    "line_self_crossing": LineString([(120, 30), (120.1, 30.1), (120.1, 30), (120, 30.1)]),
    "line_there_and_back": LineString([(120, 30), (120.1, 30), (120.05, 30)]),
    "ring": LinearRing([(120, 30), (120.1, 30), (120.1, 30.1)]),
    "multiline": MultiLineString([[(120, 30), (120.1, 30)], [(120.1, 30), (120.2, 30.1)]]),
    "polygon": SQUARE,
    "polygon_clockwise": shapely.reverse(SQUARE),
    "polygon_hole": HOLED,
    "polygon_z": shapely.force_3d(SQUARE, 7),
    "polygon_off_the_grid": box(120.00000001, 30.000000049, 120.1000000251, 30.1),
    "polygon_tiny": box(120, 30, 120.000001, 30.000001),
    "polygon_huge": box(75, 5, 135, 53),
    "polygon_needle": Polygon([(120, 30), (120.1, 30.0000004), (120.1, 30)]),
    "multipolygon": MultiPolygon([SQUARE, box(120.2, 30, 120.3, 30.1)]),
    "multipolygon_touching": MultiPolygon([SQUARE, box(120.1, 30.1, 120.2, 30.2)]),
    "multipolygon_in_hole": MultiPolygon([HOLED, box(120.045, 30.045, 120.055, 30.055)]),
    "collection": GeometryCollection([Point(120, 30), SQUARE]),
}
EMPTY = {
    "empty_point": Point(),
    "empty_line": LineString(),
    "empty_polygon": Polygon(),
    "empty_multipolygon": MultiPolygon(),
    "empty_collection": GeometryCollection(),
}
INVALID = {
    "bow_tie": Polygon([(120, 30), (120.1, 30.1), (120.1, 30), (120, 30.1)]),
    "hole_outside": Polygon(SQUARE.exterior.coords, [box(121, 30, 121.1, 30.1).exterior.coords]),
    "overlapping_parts": MultiPolygon([SQUARE, box(120.05, 30.05, 120.15, 30.15)]),
}
