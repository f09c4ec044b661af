#!/usr/bin/env bash
# Expected: a rectangle filled with an SVG pattern keeps its hatching when the drawing becomes a PDF by way of
#           svglib, or it says that it cannot.
# Happens: the fill is None: the area is empty. Only a log line may tell.
# Versions: svglib 2.3.2, reportlab as pinned.
# Source: a legend patch with diagonal lines, as maps mark assumed areas.
# Who: whoever embeds SVG maps in ReportLab documents.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check svglib==2.3.2 reportlab==5.1.0
cd "$work"

cat >expected <<'EOF'
svglib 2.3.2
[('Rect', None)]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import logging
from importlib.metadata import version
from svglib.svglib import svg2rlg
logging.disable(logging.CRITICAL)
print("svglib", version("svglib"))
with open("a.svg", "w") as file:
    file.write('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><defs><pattern id="h" width="4" height="4" '
               'patternUnits="userSpaceOnUse"><path d="M0 4L4 0" stroke="#000"/></pattern></defs>'
               '<rect width="40" height="40" fill="url(#h)"/></svg>')
def shapes(node):
    yield node
    for child in getattr(node, "contents", []):
        yield from shapes(child)
print([(type(node).__name__, getattr(node, "fillColor", None)) for node in shapes(svg2rlg("a.svg")) if hasattr(node, "fillColor")])
EOF

cat actual
diff expected actual && echo "as found"
