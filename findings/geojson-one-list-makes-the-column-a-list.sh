#!/usr/bin/env bash
# Expected: in a GeoJSON file where one feature of many has a list as a property, the other features keep their
#           plain text.
# Happens: GDAL, and QGIS with it, makes the whole column a list: every plain "A" comes back as ["A"], and a
#           rule or filter zone = 'A' matches nothing any more.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), geopandas 1.2.0.
# Source: a layer of projects, one of which lies in two zones.
# Who: whoever publishes JSON with "one or many" properties for GIS clients. Give a text column for the main
#           value and another for all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pyogrio==0.13.0 pyproj==3.7.2 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 GDAL 3.12.4
('A', 'B') -> ['OFTString'] ['A', 'B'] zone = 'A' finds 1
('A', ['A', 'B']) -> ['OFTStringList'] [['A'], ['A', 'B']] zone = 'A' finds 0
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import json, geopandas, pyogrio
print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
def write(*zones):
    rows = [{"type": "Feature", "properties": {"zone": zone}, "geometry": {"type": "Point", "coordinates": [120, 30]}} for zone in zones]
    with open("a.geojson", "w") as file:
        json.dump({"type": "FeatureCollection", "features": rows}, file)
for zones in (("A", "B"), ("A", ["A", "B"])):
    write(*zones)
    print(zones, "->", pyogrio.read_info("a.geojson")["ogr_types"], [v if isinstance(v, str) else [str(part) for part in v] for v in geopandas.read_file("a.geojson")["zone"]],
          "zone = 'A' finds", len(geopandas.read_file("a.geojson", where="zone = 'A'")))
EOF

cat actual
diff expected actual && echo "as found"
