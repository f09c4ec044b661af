#!/usr/bin/env bash
# Expected: coverage_clean answers with one polygon per input, in its place; None stays None.
# Happens: the missing one is left out of the computation and the results are handed back from the front, so
#           every later polygon lands one row early and the None comes last: the geometry of one township stands
#           under the next one's name.
# Versions: shapely 2.2.0 (GEOS 3.14.1).
# Source: a boundary layer with one row that has no geometry yet.
# Who: whoever cleans a coverage held in a table. Drop rows without geometry first and put the results back by
#           index.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check shapely==2.2.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
shapely 2.2.0 GEOS 3.14.1
in (0.0, 0.0, 1.0, 1.0) out (0.0, 0.0, 1.0, 1.0)
in None out (1.0, 0.0, 2.0, 1.0)
in (1.0, 0.0, 2.0, 1.0) out (2.0, 0.0, 3.0, 1.0)
in (2.0, 0.0, 3.0, 1.0) out None
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import shapely
from shapely import box
print("shapely", shapely.__version__, "GEOS", shapely.geos_version_string)
rows = [box(0, 0, 1, 1), None, box(1, 0, 2, 1), box(2, 0, 3, 1)]
for before, after in zip(rows, shapely.coverage_clean(rows)):
    print("in", before.bounds if before else None, "out", after.bounds if after else None)
EOF

cat actual
diff expected actual && echo "as found"
