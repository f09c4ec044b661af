#!/usr/bin/env bash
# Expected: writing a copy with the source's profile, as the documentation's examples do, keeps what places the
#           picture on the ground.
# Happens: a picture placed by control points has crs None and an identity transform in its profile, and no key
#           for the points: the copy is written without a warning about the loss and lies nowhere. They must be
#           carried over by hand (dataset.gcps).
# Versions: rasterio 1.4.4 (GDAL 3.10.3), numpy 2.4.6.
# Source: turning a 16-bit scan with control points into 8 bits.
# Who: whoever converts georeferenced scans.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check rasterio==1.4.4 numpy==2.4.6 affine==3.0.1
cd "$work"

cat >expected <<'EOF'
rasterio 1.4.4 GDAL 3.10.3
source: 4 points, EPSG:4549 profile: None True False
copy: 0 points, None
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, rasterio
from rasterio.control import GroundControlPoint
print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__)
points = [GroundControlPoint(row=r, col=c, x=500000 + 5 * c, y=3400000 - 5 * r) for r, c in ((0, 0), (0, 9), (9, 0), (9, 9))]
with rasterio.open("a.tif", "w", driver="GTiff", height=10, width=10, count=1, dtype="uint8", gcps=points, crs="EPSG:4549") as file:
    file.write(numpy.zeros((10, 10), "uint8"), 1)
with rasterio.open("a.tif") as file:
    print("source:", len(file.gcps[0]), "points,", file.gcps[1], "profile:", file.profile["crs"], file.profile["transform"].is_identity, "gcps" in file.profile)
    with rasterio.open("b.tif", "w", **file.profile) as copy:
        copy.write(file.read())
with rasterio.open("b.tif") as file:
    print("copy:", len(file.gcps[0]), "points,", file.gcps[1])
EOF

cat actual
diff expected actual && echo "as found"
