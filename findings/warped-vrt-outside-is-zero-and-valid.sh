#!/usr/bin/env bash
# Expected: pixels of a WarpedVRT that lie outside the source are masked.
# Happens: where the source has no nodata value the outside reads 0 and the mask says valid, so a mean over the
#           read window counts black corners. With add_alpha=True the mask is right.
# Versions: rasterio 1.4.4 (GDAL 3.10.3), numpy 2.4.6.
# Source: a sheet turned by warping into another meridian zone.
# Who: whoever reads or tiles warped scans and surfaces.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check rasterio==1.4.4 numpy==2.4.6 affine==3.0.1
cd "$work"

cat >expected <<'EOF'
rasterio 1.4.4 GDAL 3.10.3
{} values [0, 9] zeros called valid True
{'add_alpha': True} values [0, 9] zeros called valid False
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, rasterio
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT
print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__)
with rasterio.open("a.tif", "w", driver="GTiff", height=200, width=200, count=1, dtype="uint8", crs="EPSG:4549",
                   transform=from_origin(700000, 3400000, 50, 50)) as file:
    file.write(numpy.full((200, 200), 9, "uint8"), 1)
for more in ({}, {"add_alpha": True}):
    with rasterio.open("a.tif") as file, WarpedVRT(file, crs="EPSG:4547", **more) as warped:
        data = warped.read(1, masked=True)
        print(more, "values", numpy.unique(data.data).tolist(), "zeros called valid", int((~numpy.ma.getmaskarray(data) & (data.data == 0)).sum()) > 0)
EOF

cat actual
diff expected actual && echo "as found"
