#!/usr/bin/env bash
# Expected: the upper bound of a class is never below a value that it is meant to hold, so equal values share a
#           class.
# Happens: with many ties Quantiles gives fewer bins than asked (duplicates are dropped) and an interpolated
#           bound can fall one unit in the last place below the value it came from; that value moves to the next
#           class, and class 1 stays empty.
# Versions: mapclassify 2.10.0, numpy 2.4.6.
# Source: found with a choropleth whose zones had the values below; bounds come from numpy.quantile, membership
#           from searchsorted.
# Who: whoever colours a map of few places with many equal values, or compares a legend with the map.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check mapclassify==2.10.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
mapclassify 2.10.0
bounds ['0.0', '0.03999999999999995', '125.69999999999999', '125.8']
classes [0, 0, 0, 0, 0, 2, 0, 3, 3, 3] counts [6, 0, 1, 3]
greatest bound below 125.7 by 1.4210854715202004e-14
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import mapclassify
values = [0, 0, 0, 0, 0, 0.1, -0.1, 125.7, 125.7, 125.8]
made = mapclassify.Quantiles(values, k=5)
print("mapclassify", mapclassify.__version__)
print("bounds", [repr(float(b)) for b in made.bins])
print("classes", [int(c) for c in made.yb], "counts", [int(c) for c in made.counts])
print("greatest bound below 125.7 by", max(125.7 - float(b) for b in made.bins if 0 <= 125.7 - float(b) < 1))
EOF

cat actual
diff expected actual && echo "as found"
