#!/usr/bin/env bash
# Expected: a creation option's value reaches GDAL as it is written: the name of a raster table in a GeoPackage, the
#           identifier that people read.
# Happens: rasterio.shutil.copy writes every value in capitals. The table "scan_old" is called SCAN_OLD, and asking
#           for it by its own name finds nothing; an identifier "Plan of 2021" reads PLAN OF 2021.
# Versions: rasterio 1.4.4 (GDAL 3.10.3), numpy 2.4.6.
# Source: putting scanned maps into a GeoPackage beside its layers.
# Who: whoever writes raster tables, or other formats whose options are words for people.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check rasterio==1.4.4 numpy==2.4.6 affine==3.0.1
cd "$work"

cat >expected <<'EOF'
rasterio 1.4.4 GDAL 3.10.3
contents: [('SCAN_OLD', 'PLAN OF 2021')]
by its own name: RasterioIOError
by the name in capitals: (64, 64)
EOF

"$work/env/bin/python" -W ignore - >actual 2>errors <<'EOF'
import sqlite3, numpy, rasterio
from rasterio.shutil import copy
print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__)
place = rasterio.transform.from_origin(500000, 3400000, 5, 5)
with rasterio.open("a.tif", "w", driver="GTiff", height=64, width=64, count=3, dtype="uint8", crs="EPSG:4549", transform=place) as file:
    file.write(numpy.full((3, 64, 64), 90, "uint8"))
copy("a.tif", "b.gpkg", driver="GPKG", raster_table="scan_old", raster_identifier="Plan of 2021")
print("contents:", sqlite3.connect("b.gpkg").execute("SELECT table_name, identifier FROM gpkg_contents").fetchall())
try:
    rasterio.open("GPKG:b.gpkg:scan_old").close()
except rasterio.errors.RasterioIOError as error:
    print("by its own name:", type(error).__name__)
with rasterio.open("GPKG:b.gpkg:SCAN_OLD") as file:
    print("by the name in capitals:", file.shape)
EOF

cat actual
diff expected actual && echo "as found"
