#!/usr/bin/env bash
# Expected: rows written to a FlatGeobuf come back in the order in which they were written, as from the other formats.
# Happens: they come back sorted along a curve in space, since the driver adds a spatial index unless told not to: 2 5
#           0 3 4 1.
# Versions: pyogrio 0.13.0 (GDAL 3.12), geopandas 1.2.0.
# Source: a check of written files row by row; GeoPackage and GeoJSON passed, FlatGeobuf did not.
# Who: whoever joins by position, or keeps a drawing order in the order of rows. Keep a column with the order, or
#           write with SPATIAL_INDEX=NO.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6 pyproj==3.7.2 pyogrio==0.13.0
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 geopandas 1.2.0
GPKG {} [0, 1, 2, 3, 4, 5]
GeoJSON {} [0, 1, 2, 3, 4, 5]
FlatGeobuf {} [2, 5, 0, 3, 4, 1]
FlatGeobuf {'SPATIAL_INDEX': 'NO'} [0, 1, 2, 3, 4, 5]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, pyogrio
from shapely import Point
print("pyogrio", pyogrio.__version__, "geopandas", geopandas.__version__)
places = ((5, 5), (0, 0), (9, 1), (1, 8), (2, 2), (7, 7))
frame = geopandas.GeoDataFrame({"n": range(6)}, geometry=[Point(*place) for place in places], crs="EPSG:4490")
for name, driver, options in (
    ("a.gpkg", "GPKG", {}), ("a.geojson", "GeoJSON", {}), ("a.fgb", "FlatGeobuf", {}),
    ("b.fgb", "FlatGeobuf", {"SPATIAL_INDEX": "NO"}),
):
    frame.to_file(name, driver=driver, **options)
    print(driver, options, list(geopandas.read_file(name)["n"]))
EOF

cat actual
diff expected actual && echo "as found"
