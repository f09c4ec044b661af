#!/usr/bin/env bash
# Expected: the Hausdorff distance of two lines is the largest distance of any point of one from the other, as the
#           definition says.
# Happens: only vertices are looked at: 14 instead of 74 for two lines with long segments. With densify the answer is
#           near the true one.
# Versions: shapely 2.2.0 (GEOS 3.14.1).
# Source: how far a road has moved between two editions, whose drawings have few vertices.
# Who: whoever tells how far a shape has moved. Give densify, and say to which step.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
shapely 2.2.0 GEOS 3.14.1
densify None 14.1
densify 0.5 70.0
densify 0.1 70.0
densify 0.01 74.4
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import shapely
from shapely import LineString
print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
one = LineString([(130, 0), (0, 0), (0, 150)])
other = LineString([(10, 10), (10, 150), (130, 10)])
for share in (None, 0.5, 0.1, 0.01):
    print("densify", share, round(shapely.hausdorff_distance(one, other, densify=share), 1))
EOF

cat actual
diff expected actual && echo "as found"
