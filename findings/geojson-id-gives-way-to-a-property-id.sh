#!/usr/bin/env bash
# Expected: a GeoJSON feature's own id, which RFC 7946 puts beside its properties, is read; if a property is called id,
#           too, both are kept.
# Happens: the feature's id is gone where a property is called id; without one it becomes a column id. Which of the two
#           a column holds changes with the file.
# Versions: pyogrio 0.13.0 (GDAL 3.12), geopandas 1.2.0.
# Source: features of a service whose id is the place in the plan and whose property id is the number in a register.
# Who: whoever compares edits by id. Read GeoJSON as JSON, or make sure that both say the same.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6 pyproj==3.7.2 pyogrio==0.13.0
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 geopandas 1.2.0
id beside [{'id': 'pole/a', 'name': 'x'}]
id beside and within [{'id': 'register/7', 'name': 'x'}]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, json, pyogrio
print("pyogrio", pyogrio.__version__, "geopandas", geopandas.__version__)
def read(properties):
    feature = {"type": "Feature", "id": "pole/a", "properties": properties, "geometry": {"type": "Point", "coordinates": [120, 30]}}
    with open("a.geojson", "w") as file:
        json.dump({"type": "FeatureCollection", "features": [feature]}, file)
    return geopandas.read_file("a.geojson").drop(columns="geometry").to_dict("records")
print("id beside", read({"name": "x"}))
print("id beside and within", read({"id": "register/7", "name": "x"}))
EOF

cat actual
diff expected actual && echo "as found"
