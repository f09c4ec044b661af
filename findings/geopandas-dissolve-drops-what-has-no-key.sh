#!/usr/bin/env bash
# Expected: dissolving townships by zone gives polygons that cover what the townships cover; those without a zone become
#           one more row, or are refused.
# Happens: rows whose key is missing are gone without a word: of 6 square units 4 are left.
# Versions: geopandas 1.2.0, pandas 3.1.1.
# Source: dissolve hands dropna=True on to groupby, a default that suits numbers and not areas.
# Who: whoever makes zones out of townships. Say dropna=False, and compare the areas before and after.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6 pyproj==3.7.2 pyogrio==0.13.0
cd "$work"

cat >expected <<'EOF'
geopandas 1.2.0 pandas 3.1.1
{} rows 2 area 4.0 of 6.0
{'dropna': False} rows 3 area 6.0 of 6.0
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, pandas
from shapely import box
print("geopandas", geopandas.__version__, "pandas", pandas.__version__)
zones = ["west", "west", None, "east", "east", None]
frame = geopandas.GeoDataFrame({"zone": zones}, geometry=[box(i, 0, i + 1, 1) for i in range(6)], crs="EPSG:4549")
for keep in ({}, {"dropna": False}):
    found = frame.dissolve("zone", **keep)
    print(keep, "rows", len(found), "area", found.area.sum(), "of", frame.area.sum())
EOF

cat actual
diff expected actual && echo "as found"
