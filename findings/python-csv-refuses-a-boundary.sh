#!/usr/bin/env bash
# Expected: Python's csv module reads what it has written.
# Happens: a cell above 131,072 characters, such as a county boundary in WKT with 6,000 vertices, is written and then
#           refused: field larger than field limit.
# Versions: Python 3.11 (the limit is the same in every 3.x).
# Source: layers exported with their geometry as WKT.
# Who: whoever passes geometry on in CSV. Set csv.field_size_limit to a limit of your own before reading.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >expected <<'EOF'
written, characters 144011
csv.Error field larger than field limit (131072)
with a higher limit, rows 2
EOF

python3 -W ignore - >actual <<'EOF'
import csv, io
wkt = "LINESTRING (" + ", ".join(f"{120 + i / 1e5:.7f} {30 + i / 1e5:.7f}" for i in range(6000)) + ")"
out = io.StringIO()
csv.writer(out).writerows([["name", "geometry"], ["border", wkt]])
print("written, characters", len(wkt))
try:
    print("rows", len(list(csv.reader(io.StringIO(out.getvalue())))))
except csv.Error as error:
    print("csv.Error", error)
csv.field_size_limit(10_000_000)
print("with a higher limit, rows", len(list(csv.reader(io.StringIO(out.getvalue())))))
EOF

cat actual
diff expected actual && echo "as found"
