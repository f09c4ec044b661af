#!/usr/bin/env bash
# Expected: clipping polygons by a polygon gives polygons: what only touches the mask shares no area with it and is left
#           out.
# Happens: the neighbour that shares a border stays, as a line. The layer is of two kinds, and counts and files go
#           wrong.
# Versions: geopandas 1.2.0, shapely 2.2.0.
# Source: townships of a region clipped by one district, whose border they share.
# Who: whoever clips by administrative borders. Say keep_geom_type=True, and count.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6 pyproj==3.7.2 pyogrio==0.13.0
cd "$work"

cat >expected <<'EOF'
geopandas 1.2.0 shapely 2.2.0
{} {'inside': 'Polygon', 'next': 'LineString'}
{'keep_geom_type': True} {'inside': 'Polygon'}
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, shapely
from shapely import box
print("geopandas", geopandas.__version__, "shapely", shapely.__version__)
frame = geopandas.GeoDataFrame({"name": ["inside", "next"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs="EPSG:4549")
for options in ({}, {"keep_geom_type": True}):
    found = geopandas.clip(frame, box(0, 0, 1, 1), **options)
    print(options, dict(zip(found["name"], found.geom_type)))
EOF

cat actual
diff expected actual && echo "as found"
