#!/usr/bin/env bash
# Expected: a missing value (NaN) belongs to no class, or is refused.
# Happens: EqualInterval ignores it for the bounds but counts it in the lowest class; Quantiles makes NaN a
#           bound and puts everything into one class. Neither warns.
# Versions: mapclassify 2.10.0, numpy 2.4.6.
# Source: township statistics where one township did not report.
# Who: whoever paints a choropleth with gaps: the township without a figure is shown as the lowest.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check mapclassify==2.10.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
mapclassify 2.10.0
EqualInterval [2.5, 4.0] [0, 0, 1, 1, 0] [3, 2]
Quantiles [3.0, nan] [0, 0, 0, 0, 0] [5, 0]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import mapclassify, numpy
values = numpy.array([1.0, 2.0, 3.0, 4.0, numpy.nan])
print("mapclassify", mapclassify.__version__)
for scheme in (mapclassify.EqualInterval, mapclassify.Quantiles):
    made = scheme(values, k=2)
    print(scheme.__name__, [float(b) for b in made.bins], [int(c) for c in made.yb], [int(c) for c in made.counts])
EOF

cat actual
diff expected actual && echo "as found"
