#!/usr/bin/env bash
# Expected: a twelve-digit division code stored as a 64-bit integer comes back as one from every format that
#           claims to hold tables.
# Happens: OpenFileGDB gives a float, KML a text; dates become text in KML and gain a time zone in OpenFileGDB.
#           FlatGeobuf keeps them.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), geopandas 1.2.0, pandas 3.1.1.
# Source: a round trip of one point with code 330199101001 (invented).
# Who: whoever joins by code after an export: 330199101001.0 is not the text 330199101001.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pyogrio==0.13.0 pyproj==3.7.2 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 GDAL 3.12.4
FlatGeobuf {'code': 'int64', 'day': 'datetime64[ms]'} 330199101001
OpenFileGDB {'code': 'float64', 'day': 'datetime64[ms, UTC]'} 330199101001.0
LIBKML {'code': 'str', 'day': 'str'} '330199101001'
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, numpy, pandas, pyogrio
from shapely import Point
print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
frame = geopandas.GeoDataFrame({"code": numpy.array([330199101001], dtype="int64"), "day": pandas.to_datetime(["2025-12-31"])},
                               geometry=[Point(120, 30)], crs=4326)
for driver, name in (("FlatGeobuf", "a.fgb"), ("OpenFileGDB", "a.gdb"), ("LIBKML", "a.kml")):
    frame.to_file(name, driver=driver)
    back = geopandas.read_file(name)
    print(driver, {column: str(back[column].dtype) for column in ("code", "day")}, repr(back["code"].tolist()[0]))
EOF

cat actual
diff expected actual && echo "as found"
