#!/usr/bin/env bash
# Expected: a Gauss-Krueger system with the local meridian 120.5 E, which has no EPSG code, is identified as
#           none, also at low confidence, or as a neighbour at worst.
# Happens: to_epsg() gives None, but with the lower min_confidence that many readers pass to get any answer at
#           all it gives 4543, the zone of 102 E, whose meridian is 18.5 degrees (1,700 km) away.
# Versions: pyproj 3.7.2 (PROJ 9.5.1).
# Source: an ESRI .prj as Chinese city systems have it; identification compares names and units and gives
#           partial marks.
# Who: whoever "repairs" a .prj without a code by min_confidence. Go by the parameters.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pyproj==3.7.2
cd "$work"

cat >expected <<'EOF'
pyproj 3.7.2 PROJ 9.5.1
min_confidence 70 -> None
min_confidence 25 -> 4543
CGCS2000_3_Degree_GK_CM_120_30E central meridian 120.5
CGCS2000 / 3-degree Gauss-Kruger CM 102E central meridian 102.0
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import pyproj
from pyproj import CRS
PRJ = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_120_30E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.5],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
crs = CRS.from_wkt(PRJ)
print("pyproj", pyproj.__version__, "PROJ", pyproj.proj_version_str)
for confidence in (70, 25):
    print("min_confidence", confidence, "->", crs.to_epsg(min_confidence=confidence))
for system in (crs, CRS.from_epsg(4543)):
    parameters = {p.name: p.value for p in system.coordinate_operation.params}
    print(system.name, "central meridian", parameters["Longitude of natural origin"])
EOF

cat actual
diff expected actual && echo "as found"
