#!/usr/bin/env bash
# Expected: a layer in CGCS2000 or Xi'an 1980 written as MapInfo TAB, the form in which many offices exchange maps, comes
#           back in the same system, or the writing is refused, as the format knows neither.
# Happens: the CGCS2000 zone comes back as one on WGS 84 without a code; Xi'an 1980, whose ellipsoid is another, comes back
#           with its name and with the flattening of WGS 84. Longitude and latitude come back as EPSG:4326. No warning.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), geopandas 1.2.0, pyproj 3.7.2.
# Source: an export and the check of its system by code.
# Who: whoever hands a TAB on: for CGCS2000 the metres stay right and the name is lost; for Xi'an 1980 both are. Say the
#           system in a text beside the file, and go by that.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pyogrio==0.13.0 pyproj==3.7.2 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 GDAL 3.12.4
written EPSG:4549 datum China 2000 1/f 298.257222 read EPSG:None datum World Geodetic System 1984 1/f 298.257224
written EPSG:2385 datum Xian 1980 1/f 298.257000 read EPSG:None datum Xian 1980 1/f 298.257224
written EPSG:4490 datum China 2000 1/f 298.257222 read EPSG:4326 datum World Geodetic System 1984 ensemble 1/f 298.257224
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, numpy, pyogrio
from shapely import Point
print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
for code, place in ((4549, Point(500000, 3340000)), (2385, Point(500000, 3340000)), (4490, Point(120, 30))):
    frame = geopandas.GeoDataFrame({"a": numpy.array([1], dtype="int32")}, geometry=[place], crs=code)
    frame.to_file(f"{code}.tab", driver="MapInfo File")
    said = []
    for crs in (frame.crs, geopandas.read_file(f"{code}.tab").crs):
        said.append(f"EPSG:{crs.to_epsg()} datum {crs.datum.name} 1/f {crs.ellipsoid.inverse_flattening:.6f}")
    print("written", said[0], "read", said[1])
EOF

cat actual
diff expected actual && echo "as found"
