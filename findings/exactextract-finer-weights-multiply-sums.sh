#!/usr/bin/env bash
# Expected: the sum of a value raster inside a polygon does not depend on the resolution of the raster of
#           weights that is asked for beside it.
# Happens: with weights on a grid twice as fine, sum is four times as large, since each value cell is counted
#           once per weight cell; the weighted mean is right.
# Versions: exactextract 0.3.0, rasterio and geopandas as pinned.
# Source: population of a zone with a finer raster of built-up shares as weights.
# Who: whoever reports totals from exactextract with weights. Bring both rasters to one grid first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check exactextract==0.3.0 rasterio==1.4.4 geopandas==1.2.0 numpy==2.4.6 pandas==3.1.1
cd "$work"

cat >expected <<'EOF'
exactextract 0.3.0
by hand: 4 x 6 cells of 2 = 48
weights of 10 m: sum 48.0 weighted mean 2.0
weights of 5 m: sum 192.0 weighted mean 2.0
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import exactextract, geopandas, numpy, rasterio
from importlib.metadata import version
from rasterio.transform import from_origin
from shapely import box
print("exactextract", version("exactextract"))
def write(name, cell, value):
    side = int(100 / cell)
    with rasterio.open(name, "w", driver="GTiff", height=side, width=side, count=1, dtype="float32", crs="EPSG:4549",
                       transform=from_origin(500000, 3400000, cell, cell)) as file:
        file.write(numpy.full((side, side), value, "float32"), 1)
write("people.tif", 10, 2.0)
zone = geopandas.GeoDataFrame(geometry=[box(500020, 3399920, 500060, 3399980)], crs=4549)
print("by hand: 4 x 6 cells of 2 =", 4 * 6 * 2)
for cell in (10, 5):
    write("weights.tif", cell, 1.0)
    row = exactextract.exact_extract("people.tif", zone, ["sum", "weighted_mean"], weights="weights.tif", output="pandas").iloc[0]
    print("weights of", cell, "m: sum", float(row["sum"]), "weighted mean", float(row["weighted_mean"]))
EOF

cat actual
diff expected actual && echo "as found"
