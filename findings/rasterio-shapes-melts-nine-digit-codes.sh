#!/usr/bin/env bash
# Expected: features.shapes on a raster of float64 division codes gives one polygon per code; float64 holds
#           integers to 9e15 exactly.
# Happens: neighbouring codes that differ by less than 32 melt into one polygon with a value that none of them
#           had: floats go through float32 inside, whatever their type. With int32 all four come out.
# Versions: rasterio 1.4.4 (its wheel's GDAL 3.10.3), numpy 2.4.6.
# Source: townships burnt by their six-plus-three-digit codes (here invented) and vectorised again.
# Who: whoever turns a raster of township codes into polygons. Burn row numbers.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check rasterio==1.4.4 numpy==2.4.6 affine==3.0.1
cd "$work"

cat >expected <<'EOF'
rasterio 1.4.4 GDAL 3.10.3
int32 4 [330199101, 330199102, 330199103, 330199120]
float32 1 [330199104]
float64 1 [330199104]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, rasterio
from rasterio import features
print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__)
codes = [[330199101, 330199102], [330199103, 330199120]]
for kind in ("int32", "float32", "float64"):
    found = sorted({int(value) for _, value in features.shapes(numpy.array(codes, dtype=kind))})
    print(kind, len(found), found)
EOF

cat actual
diff expected actual && echo "as found"
