#!/usr/bin/env bash
# Expected: properties read from a table (numpy integers and booleans, dates) reach the vector tile, or the
#           encoder refuses them.
# Happens: they are left out of the tile without a word; only Python's own numbers and numpy's float64, which is
#           one of them, arrive. A style that filters on such a column draws nothing.
# Versions: mapbox-vector-tile 2.2.0, numpy as pinned.
# Source: tiles cut from a geopandas table.
# Who: whoever serves tiles from tables. Use .item() for numbers and text for dates.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check mapbox-vector-tile==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
mapbox-vector-tile 2.2.0
given ['int64', 'float64', 'bool', 'date', 'python int', 'python bool']
tile  ['float64', 'python bool', 'python int']
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import datetime, mapbox_vector_tile, numpy
from importlib.metadata import version
print("mapbox-vector-tile", version("mapbox-vector-tile"))
properties = {"int64": numpy.int64(3), "float64": numpy.float64(2.5), "bool": numpy.bool_(True),
              "date": datetime.date(2025, 1, 1), "python int": 3, "python bool": True}
tile = mapbox_vector_tile.encode([{"name": "zones", "features": [{"geometry": "POINT(1 1)", "properties": properties}]}])
print("given", list(properties))
print("tile ", sorted(mapbox_vector_tile.decode(tile)["zones"]["features"][0]["properties"]))
EOF

cat actual
diff expected actual && echo "as found"
