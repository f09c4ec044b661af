#!/usr/bin/env bash
# Expected: a tile scheme states its corner in the order of the system's axes, as the standard asks: for EPSG:4549, whose first
#           axis is the northing, northing first; morecantile does this for other systems with northing first.
# Happens: it goes by the axis' abbreviation: HK 1980 Grid (N, E) is turned round, CGCS2000 zones are not, since their northing
#           is called X. A client that follows the standard puts the tiles some 2,900 km off, on the wrong side of the diagonal.
# Versions: morecantile 7.1.0, pyproj 3.7.2.
# Source: a tile scheme for a Chinese county in its 3-degree zone.
# Who: whoever publishes tiles in Gauss-Krueger systems. State orderedAxes and the corner by hand.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check morecantile==7.1.0 pyproj==3.7.2
cd "$work"

cat >expected <<'EOF'
morecantile 7.1.0
2326 axes north, east corner 850000, 800000 northing first True
4549 axes north, east corner 400000, 3400000 northing first False
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import morecantile
from importlib.metadata import version
from pyproj import CRS
print("morecantile", version("morecantile"))
for code, box in ((2326, (800000, 800000, 850000, 850000)), (4549, (400000, 3200000, 600000, 3400000))):
    crs = CRS.from_epsg(code)
    scheme = morecantile.TileMatrixSet.custom(box, crs, minzoom=0, maxzoom=0, id="a")
    corner = [round(value) for value in scheme.matrix(0).pointOfOrigin]
    axes = ", ".join(axis.direction for axis in crs.axis_info)
    print(code, "axes", axes, "corner", f"{corner[0]}, {corner[1]}", "northing first", corner == [box[3], box[0]])
EOF

cat actual
diff expected actual && echo "as found"
