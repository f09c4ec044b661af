#!/usr/bin/env bash
# Expected: a field name longer than the ten bytes of a DBF is cut at a character, or refused.
# Happens: a name of four Chinese characters (12 bytes in UTF-8) is cut after ten bytes, inside the fourth; the
#           file is written without an error and cannot be read back: UnicodeDecodeError. In GBK (8 bytes) the
#           same name fits.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), geopandas 1.2.0.
# Source: a layer with a column 规划名称.
# Who: whoever hands a Shapefile with Chinese headings to an office.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pyogrio==0.13.0 pyproj==3.7.2 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 GDAL 3.12.4
UTF-8 UnicodeDecodeError: unexpected end of data
GBK ['规划名称', 'geometry']
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, pyogrio
from shapely import Point
print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
frame = geopandas.GeoDataFrame({"规划名称": ["a"]}, geometry=[Point(120, 30)], crs=4326)
for encoding in ("UTF-8", "GBK"):
    frame.to_file(f"{encoding}.shp", encoding=encoding)
    try:
        print(encoding, list(geopandas.read_file(f"{encoding}.shp").columns))
    except UnicodeDecodeError as error:
        print(encoding, "UnicodeDecodeError:", error.reason)
EOF

cat actual
diff expected actual && echo "as found"
