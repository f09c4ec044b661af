#!/usr/bin/env bash
# Expected: the overviews of a one-band raster of class numbers (uint8) hold only classes that the raster holds,
#           or the driver asks for a resampling.
# Happens: GDAL's COG driver takes cubic for anything without a colour table: overviews of a raster with the
#           classes 1, 3, 7 show 2 and 6 and have lost 3, and a viewer zoomed out draws classes that exist
#           nowhere.
# Versions: rasterio 1.4.4 (GDAL 3.10.3), numpy 2.4.6.
# Source: a raster of distance bands written as a Cloud-Optimised GeoTIFF with default options.
# Who: whoever publishes land use or bands as COG. Say overview_resampling="nearest".
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check rasterio==1.4.4 numpy==2.4.6 affine==3.0.1
cd "$work"

cat >expected <<'EOF'
rasterio 1.4.4 GDAL 3.10.3
default full [1, 3, 7] overview [1, 2, 6, 7]
nearest full [1, 3, 7] overview [1, 3, 7]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, rasterio
from rasterio.transform import from_origin
print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__)
classes = numpy.full((1024, 1024), 1, dtype="uint8")
classes[:, 512:] = 7
classes[::7, ::5] = 3
for name, more in (("default", {}), ("nearest", {"overview_resampling": "nearest"})):
    with rasterio.open(f"{name}.tif", "w", driver="COG", height=1024, width=1024, count=1, dtype="uint8", crs="EPSG:4549",
                       transform=from_origin(500000, 3400000, 50, 50), **more) as file:
        file.write(classes, 1)
    with rasterio.open(f"{name}.tif") as full, rasterio.open(f"{name}.tif", OVERVIEW_LEVEL=0) as overview:
        print(name, "full", numpy.unique(full.read(1)).tolist(), "overview", numpy.unique(overview.read(1)).tolist())
EOF

cat actual
diff expected actual && echo "as found"
