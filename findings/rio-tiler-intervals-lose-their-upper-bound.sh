#!/usr/bin/env bash
# Expected: a colour map of intervals made from class bounds (lower, upper), as classifiers give them, colours
#           the highest value.
# Happens: an interval excludes its upper bound, so the value that is the maximum of the data, and the last
#           bound of every classification, comes out transparent.
# Versions: rio-tiler 9.4.12, numpy as pinned.
# Source: a raster classed with the bounds of a choropleth, whose classes include their upper bound.
# Who: whoever serves classified rasters: the best township is a hole in the map.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check rio-tiler==9.4.12 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
rio-tiler 9.4.12
1 red alpha 255
4 red alpha 255
5 green alpha 255
9 green alpha 255
10 nothing alpha 0
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy
from importlib.metadata import version
from rio_tiler.colormap import apply_intervals_cmap
print("rio-tiler", version("rio-tiler"))
data = numpy.ma.array([[[1, 4, 5, 9, 10]]], mask=False)
colours, alpha = apply_intervals_cmap(data, [((1, 5), (255, 0, 0, 255)), ((5, 10), (0, 255, 0, 255))])
for value, red, green, seen in zip(data[0, 0].tolist(), colours[0, 0].tolist(), colours[1, 0].tolist(), alpha[0].tolist()):
    print(value, "red" if red else "green" if green else "nothing", "alpha", seen)
EOF

cat actual
diff expected actual && echo "as found"
