#!/usr/bin/env bash
# Expected: a boundary relation one of whose ways is not in the extract is reported, or comes as a line.
# Happens: both GDAL's multipolygons layer and pyosmium's areas leave the whole township out; neither warns.
#           Extracts cut by a box or by a district have many such relations at their rim.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), osmium as pinned.
# Source: a written extract of two townships of invented names that share a way; the second names a way that is
#           not there.
# Who: whoever takes administrative units from OpenStreetMap extracts. List the relations first and compare.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check osmium==4.3.2 pyogrio==0.13.0 geopandas==1.2.0
cd "$work"

cat >expected <<'EOF'
osmium 4.3.2 GDAL 3.12.4
relations ['甲镇', '乙镇']
pyosmium areas ['甲镇']
GDAL multipolygons ['甲镇'] warnings 0
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import osmium, pyogrio, warnings
from importlib.metadata import version
from osmium.osm.mutable import Node, Relation, Way
print("osmium", version("osmium"), "GDAL", pyogrio.__gdal_version_string__)
writer = osmium.SimpleWriter("a.osm.pbf")
corners = {1: (120, 30), 2: (120.1, 30), 3: (120.1, 30.1), 4: (120, 30.1), 5: (120.2, 30), 6: (120.2, 30.1)}
for number, place in corners.items():
    writer.add_node(Node(id=number, location=place, version=1))
for number, nodes in ((1, [2, 3]), (2, [3, 4, 1, 2]), (3, [2, 5, 6, 3])):
    writer.add_way(Way(id=number, nodes=nodes, version=1))
tags = {"type": "boundary", "boundary": "administrative", "admin_level": "8"}
for number, name, ways in ((1, "甲镇", (1, 2)), (2, "乙镇", (1, 3, 9))):
    writer.add_relation(Relation(id=number, members=[("w", way, "outer") for way in ways], tags={**tags, "name": name}, version=1))
writer.close()
print("relations", [o.tags["name"] for o in osmium.FileProcessor("a.osm.pbf") if o.is_relation()])
print("pyosmium areas", [o.tags["name"] for o in osmium.FileProcessor("a.osm.pbf").with_areas() if o.is_area()])
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    found = pyogrio.read_dataframe("a.osm.pbf", layer="multipolygons")["name"].tolist()
print("GDAL multipolygons", found, "warnings", len(said))
EOF

cat actual
diff expected actual && echo "as found"
