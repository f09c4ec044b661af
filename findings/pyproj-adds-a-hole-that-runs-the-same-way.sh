#!/usr/bin/env bash
# Expected: the geodesic area of a polygon with a hole is the outer area less the hole, whichever way the rings run, as
#           with the planar area.
# Happens: a hole whose ring runs the same way as the outer one is added: 111.2 instead of 102.6 square kilometres. The
#           planar area of the same polygon is right, so nothing looks wrong.
# Versions: pyproj 3.7.2 (PROJ 9.5.1), shapely 2.2.0.
# Source: Geod.geometry_area_perimeter on polygons of a file whose rings are not oriented; the documentation says that
#           the sign follows the direction.
# Who: whoever measures lakes with islands, or a zone with an enclave, on the ellipsoid. Orient the polygons first
#           (shapely.orient_polygons).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pyproj==3.7.2 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyproj 3.7.2 shapely 2.2.0
outer 106.9 hole 4.3
opposite geodesic 102.6 planar 0.0096 oriented 102.6
same way geodesic 111.2 planar 0.0096 oriented 102.6
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import pyproj, shapely
from pyproj import Geod
from shapely import Polygon, box
print("pyproj", pyproj.__version__, "shapely", shapely.__version__)
outer, hole = (list(shape.exterior.coords) for shape in (box(120, 30, 120.1, 30.1), box(120.04, 30.04, 120.06, 30.06)))
geod = Geod(ellps="WGS84")
km2 = lambda shape: round(abs(geod.geometry_area_perimeter(shape)[0]) / 1e6, 1)
print("outer", km2(Polygon(outer)), "hole", km2(Polygon(hole)))
for name, ring in (("opposite", hole[::-1]), ("same way", hole)):
    shape = Polygon(outer, [ring])
    print(name, "geodesic", km2(shape), "planar", round(shape.area, 4), "oriented", km2(shapely.orient_polygons(shape)))
EOF

cat actual
diff expected actual && echo "as found"
