#!/usr/bin/env bash
# Expected: coverage_is_valid(gap_width=w) finds every gap that is narrower than w; a larger w finds at least as many.
# Happens: a gap of 0.01 is found with w = 0.02 and no longer with a w that is wider than the segments along it: with
#           vertices every 1, w = 2 finds nothing; every 0.1, w = 0.2 finds nothing.
# Versions: shapely 2.2.0 (GEOS 3.14.1).
# Source: borders with a vertex every few metres, searched for gaps of up to a hundred.
# Who: whoever checks borders for gaps. Close the union (buffer out, then in) and take the union away.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
shapely 2.2.0 GEOS 3.14.1
vertex every 10 {0.005: True, 0.02: False, 0.2: False, 2: False}
vertex every 1 {0.005: True, 0.02: False, 0.2: False, 2: True}
vertex every 0.1 {0.005: True, 0.02: False, 0.2: True, 2: True}
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import shapely
from shapely import box
print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
tiles = [box(0, 0, 10, 1), box(0, 1.01, 10, 2)]
for step in (10, 1, 0.1):
    drawn = [shapely.segmentize(tile, step) for tile in tiles]
    print("vertex every", step, {width: bool(shapely.coverage_is_valid(drawn, gap_width=width)) for width in (0.005, 0.02, 0.2, 2)})
EOF

cat actual
diff expected actual && echo "as found"
