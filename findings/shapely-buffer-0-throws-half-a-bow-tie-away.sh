#!/usr/bin/env bash
# Expected: buffer(0), which many recipes name as the cure of an invalid polygon, keeps the area that the outline shows.
# Happens: of a bow tie it keeps one of the two triangles: area 1 instead of 2. The area of the invalid polygon itself
#           is 0, so that comparing before and after tells nothing.
# Versions: shapely 2.2.0 (GEOS 3.14.1).
# Source: boundaries drawn by hand whose line crosses itself once.
# Who: whoever repairs in bulk. Take make_valid, and compare with the convex hull or by eye.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
shapely 2.2.0 GEOS 3.14.1
as drawn 0.0 buffer(0) 1.0
linework 2.0
structure 2.0
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import shapely
from shapely import Polygon
print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
print("as drawn", tie.area, "buffer(0)", tie.buffer(0).area)
for method in ("linework", "structure"):
    print(method, shapely.make_valid(tie, method=method, keep_collapsed=method == "linework").area)
EOF

cat actual
diff expected actual && echo "as found"
