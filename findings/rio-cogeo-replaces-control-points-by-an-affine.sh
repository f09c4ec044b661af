#!/usr/bin/env bash
# Expected: a scan with control points turned into a Cloud-Optimised GeoTIFF keeps them, is warped by them, or
#           is refused.
# Happens: the points are gone and an affine fitted to them stands in their place without a word: here, on a
#           sheet whose scale changes across it, the corners land 81 m off.
# Versions: rio-cogeo 7.0.4, rasterio as pinned.
# Source: a sheet of 2 km with nine exact points.
# Who: whoever publishes scanned plans as COG. Warp first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check rio-cogeo==7.0.4 rasterio==1.4.4 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
rio-cogeo 7.0.4
points left 0 crs EPSG:4549 error at the points, m [81.1, 13.3, 81.1, 26.7, 26.7, 26.7, 81.1, 13.3, 81.1]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, rasterio
from importlib.metadata import version
from rasterio.control import GroundControlPoint
from rio_cogeo import cog_profiles, cog_translate
print("rio-cogeo", version("rio-cogeo"))
points = [GroundControlPoint(row=r, col=c, x=500000 + 5 * c + 0.002 * c * r, y=3400000 - 5 * r + 0.001 * r * r)
          for r in (0, 200, 400) for c in (0, 200, 400)]
with rasterio.open("scan.tif", "w", driver="GTiff", height=401, width=401, count=1, dtype="uint8", gcps=points, crs="EPSG:4549") as file:
    file.write(numpy.zeros((401, 401), "uint8"), 1)
cog_translate("scan.tif", "cog.tif", cog_profiles.get("deflate"), quiet=True)
with rasterio.open("cog.tif") as file:
    off = [float(numpy.hypot(*(numpy.array(file.transform * (p.col, p.row)) - (p.x, p.y)))) for p in points]
    print("points left", len(file.gcps[0]), "crs", file.crs, "error at the points, m", [round(value, 1) for value in off])
EOF

cat actual
diff expected actual && echo "as found"
