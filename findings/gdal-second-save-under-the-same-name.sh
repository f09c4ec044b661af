#!/usr/bin/env bash
# Expected: saving a layer a second time under the same file name either replaces the file or leaves it alone;
#           all drivers do the same.
# Happens: GeoJSON, FlatGeobuf and Shapefile replace it; DXF, MapInfo and PMTiles refuse and keep the old one;
#           CSV refuses, and the old file is gone.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), geopandas 1.2.0.
# Source: an export repeated by hand.
# Who: whoever writes exports over the last ones. Write to a new name, then replace.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pyogrio==0.13.0 pyproj==3.7.2 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 GDAL 3.12.4
GeoJSON ['written', 'written'] file there afterwards: True
FlatGeobuf ['written', 'written'] file there afterwards: True
ESRI Shapefile ['written', 'written'] file there afterwards: True
DXF ['written', 'refused'] file there afterwards: True
MapInfo File ['written', 'refused'] file there afterwards: True
PMTiles ['written', 'refused'] file there afterwards: True
CSV ['written', 'refused'] file there afterwards: False
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import os, geopandas, pyogrio
from shapely import Point
print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
frame = geopandas.GeoDataFrame({"code": [1]}, geometry=[Point(120, 30)], crs=4326)
for driver, name, more in (("GeoJSON", "a.geojson", {}), ("FlatGeobuf", "a.fgb", {}), ("ESRI Shapefile", "a.shp", {}),
                           ("DXF", "a.dxf", {}), ("MapInfo File", "a.tab", {}), ("PMTiles", "a.pmtiles", {}),
                           ("CSV", "a.csv", {"GEOMETRY": "AS_WKT"})):
    rows = frame[["geometry"]] if driver == "DXF" else frame
    told = []
    for _ in range(2):
        try:
            rows.to_file(name, driver=driver, layer_options=more)
            told.append("written")
        except pyogrio.errors.DataSourceError as error:
            told.append("refused")
        except pyogrio.errors.DataLayerError as error:
            told.append("refused")
    print(driver, told, "file there afterwards:", os.path.exists(name))
EOF

cat actual
diff expected actual && echo "as found"
