#!/usr/bin/env bash
# Expected: converting polygons to TopoJSON and back without simplification or quantisation asked for gives the
#           same coordinates and rows.
# Happens: topojson snaps to a grid of its own by default, so corners move by about a metre in degrees, and a
#           row without geometry is dropped, which shifts nothing but loses the township.
# Versions: topojson 2.2, geopandas as pinned.
# Source: two squares that share an edge and a row without geometry.
# Who: whoever sends boundaries as TopoJSON to save bytes and compares areas afterwards. Say prequantize=False.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check topojson==2.2 geopandas==1.2.0 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
topojson 2.2
default {'a': [0.0, 0.0, 1.00001, 1.0], 'c': [1.00001, 0.0, 2.0, 1.0]}
{'prequantize': False} {'a': [0.0, 0.0, 1.0, 1.0], 'c': [1.0, 0.0, 2.0, 1.0]}
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import contextlib, io, geopandas, topojson
from importlib.metadata import version
from shapely import box
print("topojson", version("topojson"))
frame = geopandas.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=[box(0, 0, 1, 1), None, box(1, 0, 2, 1)], crs=4326)
for more in ({}, {"prequantize": False}):
    with contextlib.redirect_stdout(io.StringIO()):
        back = topojson.Topology(frame, **more).to_gdf()
    print(more or "default", dict(zip(back["name"], back.bounds.to_numpy().round(6).tolist())))
EOF

cat actual
diff expected actual && echo "as found"
