#!/usr/bin/env bash
# Expected: an SVG for paper, its size in millimetres, becomes a picture of the pixels that are asked for: SVG says that
#           an inch has 96 units, and the width in pixels is given besides.
# Happens: the binding counts with 0 dots an inch unless told otherwise, so that everything in mm, cm, in and pt has no
#           size: the drawing is refused as "SVG has an invalid size", and a line 1 mm wide in one sized in pixels is
#           not drawn, without a word. The same library's own command takes 96.
# Versions: resvg-py 0.5.0.
# Source: figures for reports drawn as SVG on A4 and A3.
# Who: whoever turns maps for print into pixels. Pass dpi=96.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check resvg-py==0.5.0
cd "$work"

cat >expected <<'EOF'
size in mm, as it comes: refused: SVG has an invalid size
size in mm, dpi=96: a picture
a line of 1 mm: as it comes, drawn: False; dpi=96, drawn: True
EOF

"$work/env/bin/python" - >actual <<'EOF'
import resvg_py

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" '
sheet = HEAD + 'width="297mm" height="210mm" viewBox="0 0 297 210"><rect width="200" height="100"/></svg>'
line = HEAD + 'width="100" height="100"><path d="M0 50H100" stroke="#000000" stroke-width="1mm"/></svg>'
empty = HEAD + 'width="100" height="100"></svg>'


def made(svg, **options):
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=300, height=300, **options))


try:
    made(sheet)
    print("size in mm, as it comes: a picture")
except ValueError as error:
    print("size in mm, as it comes: refused:", str(error).splitlines()[0])
print("size in mm, dpi=96:", "a picture" if made(sheet, dpi=96).startswith(b"\x89PNG") else "none")
plain, told = made(line) != made(empty), made(line, dpi=96) != made(empty, dpi=96)
print(f"a line of 1 mm: as it comes, drawn: {plain}; dpi=96, drawn: {told}")
EOF

cat actual
diff expected actual && echo "as found"
