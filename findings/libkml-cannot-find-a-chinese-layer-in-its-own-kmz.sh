#!/usr/bin/env bash
# Expected: a KMZ written by a library is read by the same library, whatever the language of the layer's name; KML takes any.
# Happens: with the layer called 片区 the KMZ is written without an error and lists no layer when it is opened; the same
#           layer as .kml is there, and so is the KMZ with a name in ASCII.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), geopandas 1.2.0.
# Source: an export whose layers carry the names of the map.
# Who: whoever gives out KMZ with Chinese layers by GDAL: give the layer an ASCII name and put the words into the folder's
#           NAME option, or pack a KML.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pyogrio==0.13.0 pyproj==3.7.2 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 GDAL 3.12.4
zones.kml ["zones"]
zones.kmz ["zones"]
片区.kml ["片区"]
片区.kmz []
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import json
import geopandas, pyogrio
from shapely import Point
print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
frame = geopandas.GeoDataFrame({"Name": ["a"]}, geometry=[Point(120, 30)], crs=4326)
for layer in ("zones", "片区"):
    for ending in ("kml", "kmz"):
        path = f"{len(layer)}.{ending}"
        frame.to_file(path, driver="LIBKML", layer=layer)
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        print(f"{layer}.{ending}", json.dumps(names, ensure_ascii=False))
EOF

cat actual
diff expected actual && echo "as found"
