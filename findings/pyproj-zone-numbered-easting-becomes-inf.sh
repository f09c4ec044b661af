#!/usr/bin/env bash
# Expected: an easting with its zone number in front (40525000), read under the system without zone number, is
#           refused, as it lies 40,000 km east.
# Happens: pyproj answers (inf, inf) without error or warning; geopandas holds a polygon of infinite corners
#           that is not empty, and the layer's total bounds are infinite.
# Versions: pyproj 3.7.2 (PROJ 9.5.1), geopandas 1.2.0, shapely 2.2.0.
# Source: CGCS2000 / 3-degree zone 40 (EPSG:4528) saved under the name of 3-degree CM 120E (EPSG:4549), the
#           commonest mix-up of Chinese survey files.
# Who: whoever reads shapefiles of a planning bureau: one such row is enough to lose a map's extent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pyogrio==0.13.0 pyproj==3.7.2 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyproj 3.7.2 geopandas 1.2.0
bounds of the rows [[120.249, 30.17, 120.27, 30.188], [inf, inf, inf, inf]]
valid [True, False] empty [False, False] total [120.249, 30.17, inf, inf]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, pyproj
from shapely import box
print("pyproj", pyproj.__version__, "geopandas", geopandas.__version__)
frame = geopandas.GeoSeries([box(524000, 3339000, 526000, 3341000), box(40524000, 3339000, 40526000, 3341000)], crs=4549)
moved = frame.to_crs(4490)
print("bounds of the rows", [[round(float(v), 3) for v in row] for row in moved.bounds.to_numpy()])
print("valid", moved.is_valid.tolist(), "empty", moved.is_empty.tolist(), "total", [round(float(v), 3) for v in moved.total_bounds])
EOF

cat actual
diff expected actual && echo "as found"
