#!/usr/bin/env bash
# Expected: functions on the sphere and the spheroid take points as the rest of the library does and as GeoJSON, GeoParquet and
#           shapefiles hold them: longitude first.
# Happens: they take the latitude first. East of 90 degrees the spheroid gives nan; on the sphere, and where both numbers pass
#           for latitudes, it gives a plausible wrong figure: a degree of longitude at 30 N as 111,195 or 110,711 m, not 96,486 m.
# Versions: duckdb 1.5.5 with duckdb-extension-spatial 1.5.5, pyproj 3.7.2 for the right answer.
# Source: lengths and areas of a GeoParquet file in EPSG:4326.
# Who: whoever measures GeoParquet by SQL. ST_FlipCoordinates first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.5 duckdb-extension-spatial==1.5.5 pyproj==3.7.2
cd "$work"

cat >expected <<'EOF'
duckdb 1.5.5
right 96486 m at 120 E, 96486 m at 20 E
ST_Distance_Sphere 111195 m at 120 E, 111195 m at 20 E
ST_Distance_Spheroid nan m at 120 E, 110711 m at 20 E
flipped 96486 m at 120 E
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import pathlib
import duckdb, duckdb_extension_spatial
from pyproj import Geod
print("duckdb", duckdb.__version__)
there = pathlib.Path(duckdb_extension_spatial.__file__).parent
base = duckdb.connect()
base.execute(f"LOAD $$" + str(next(there.rglob("spatial.duckdb_extension"))) + "$$")
geod = Geod(ellps="WGS84")
right = [geod.inv(east, 30, east + 1, 30)[2] for east in (120, 20)]
print(f"right {right[0]:.0f} m at 120 E, {right[1]:.0f} m at 20 E")
for name in ("ST_Distance_Sphere", "ST_Distance_Spheroid"):
    found = [
        base.execute(f"SELECT {name}(ST_Point({east}, 30), ST_Point({east + 1}, 30))").fetchone()[0] for east in (120, 20)
    ]
    print(f"{name} {found[0]:.0f} m at 120 E, {found[1]:.0f} m at 20 E")
ask = "SELECT ST_Distance_Spheroid(ST_FlipCoordinates(ST_Point(120, 30))::POINT_2D, ST_FlipCoordinates(ST_Point(121, 30))::POINT_2D)"
print(f"flipped {base.execute(ask).fetchone()[0]:.0f} m at 120 E")
EOF

cat actual
diff expected actual && echo "as found"
