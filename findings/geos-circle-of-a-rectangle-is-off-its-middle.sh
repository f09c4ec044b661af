#!/usr/bin/env bash
# Expected: the largest circle in a rectangle sits in its middle, so its centre is the best place for a label or a
#           stand-in point.
# Happens: where the circle can slide along the longer side, GEOS gives one of its ends: in a rectangle of 10 by 14 the
#           centre is 2 off the middle. Nothing says that other centres are as good.
# Versions: shapely 2.2.0 (GEOS 3.14.1).
# Source: a point for something of which only the unit is known: the farthest corner from it was not half the
#           diagonal.
# Who: whoever takes the centre as the place of an area, or the distance to its farthest corner as the doubt. Take
#           the minimum bounding circle for the doubt, and accept any centre for the label.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
shapely 2.2.0 GEOS 3.14.1
(0.0, 0.0, 10.0, 10.0) middle (5.0, 5.0) centre (5.0, 5.0)
(0.0, 0.0, 10.0, 14.0) middle (5.0, 7.0) centre (5.0, 5.0)
(0.0, 0.0, 14.0, 10.0) middle (7.0, 5.0) centre (5.0, 5.0)
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import shapely
from shapely import box
print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
for shape in (box(0, 0, 10, 10), box(0, 0, 10, 14), box(0, 0, 14, 10)):
    middle = shape.centroid
    centre = shapely.get_point(shapely.maximum_inscribed_circle(shape, 0.1), 0)
    print(shape.bounds, "middle", (middle.x, middle.y), "centre", (round(centre.x, 1), round(centre.y, 1)))
EOF

cat actual
diff expected actual && echo "as found"
