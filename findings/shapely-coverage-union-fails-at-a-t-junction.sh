#!/usr/bin/env bash
# Expected: the coverage union of three rectangles that tile a square exactly gives the square, as union_all
#           does.
# Happens: where two borders meet in the middle of a third polygon's edge (a T-junction without a vertex on the
#           long side) GEOS raises; older releases returned an invalid polygon. The polygons neither overlap nor
#           leave a gap, yet coverage_is_valid is False.
# Versions: shapely 2.2.0 (GEOS 3.14.1).
# Source: a coverage in the sense of GEOS needs the same vertices on both sides; exports that were edited by
#           hand seldom have them.
# Who: whoever dissolves townships to zones with the fast method. Check coverage_is_valid first, else take
#           union_all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
shapely 2.2.0 GEOS 3.14.1
areas 4.0 union POLYGON ((2 0, 1 0, 0 0, 0 2, 1 2, 2 2, 2 1, 2 0))
coverage valid False
coverage union GEOSException TopologyException
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import shapely
from shapely import box
print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
tiles = [box(0, 0, 1, 2), box(1, 0, 2, 1), box(1, 1, 2, 2)]
print("areas", sum(t.area for t in tiles), "union", shapely.union_all(tiles).wkt)
print("coverage valid", bool(shapely.coverage_is_valid(tiles)))
try:
    print("coverage union", shapely.coverage_union_all(tiles).wkt)
except shapely.GEOSException as error:
    print("coverage union", type(error).__name__, str(error).split(":")[0])
EOF

cat actual
diff expected actual && echo "as found"
