#!/usr/bin/env bash
# Expected: a FlatGeobuf with a feature that has no place, which the format allows, GDAL writes and GDAL reads back, is read
#           by the format's own package for the web too.
# Happens: the package raises a TypeError at that feature, and what comes after it is lost to the reader. GDAL writes such a
#           file only without a spatial index.
# Versions: flatgeobuf 4.5.0 (npm), pyogrio 0.13.0 (GDAL 3.12), geopandas 1.2.0.
# Source: files of layers in which some features are known by name only, read back by a second program.
# Who: whoever offers layers of a plan as FlatGeobuf to web maps: leave rows without geometry out of that copy, and say so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6 pyproj==3.7.2 pyogrio==0.13.0
cd "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund flatgeobuf@4.5.0

cat >expected <<'EOF_EXPECTED'
pyogrio 0.13.0
written with an index: FeatureError
read by GDAL: ['a', 'b', 'c'] [False, True, False]
flatgeobuf 4.5.0
read on the web: a, then TypeError
EOF_EXPECTED

"$work/env/bin/python" -W ignore - >actual <<'EOF_PYTHON'
import geopandas, pyogrio
from shapely import Point
print("pyogrio", pyogrio.__version__)
frame = geopandas.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=[Point(1, 2), None, Point(3, 4)], crs="EPSG:4490")
try:
    frame.to_file("indexed.fgb", driver="FlatGeobuf")
except Exception as error:
    print("written with an index:", type(error).__name__)
frame.to_file("plain.fgb", driver="FlatGeobuf", SPATIAL_INDEX="NO")
back = geopandas.read_file("plain.fgb")
print("read by GDAL:", back["name"].tolist(), back.geometry.isna().tolist())
EOF_PYTHON

cat >read.mjs <<'EOF_NODE'
import { readFileSync } from "node:fs";
import { geojson } from "flatgeobuf";
console.log("flatgeobuf", JSON.parse(readFileSync("node_modules/flatgeobuf/package.json")).version);
const names = [];
try {
  for await (const one of geojson.deserialize(new Uint8Array(readFileSync("plain.fgb")))) names.push(one.properties.name);
  console.log("read on the web:", names.join(", "));
} catch (error) {
  console.log(`read on the web: ${names.join(", ")}, then ${error.constructor.name}`);
}
EOF_NODE
node read.mjs >>actual

cat actual
diff expected actual && echo "as found"
