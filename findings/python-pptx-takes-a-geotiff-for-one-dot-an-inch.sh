#!/usr/bin/env bash
# Expected: a picture without a stated resolution counts as 72 or 96 dots an inch, or fits the slide.
# Happens: a GeoTIFF of 200 pixels becomes 200 inches wide on a slide of 10: its resolution tags are absent, and
#           the reader takes 1 dot an inch. PNGs without resolution count as 72.
# Versions: python-pptx 1.0.2, rasterio and Pillow as pinned.
# Source: a map exported as GeoTIFF dropped into a slide.
# Who: whoever puts map exports into slides by program. State the width.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check python-pptx==1.0.2 rasterio==1.4.4 numpy==2.4.6 pillow==13.0.0
cd "$work"

cat >expected <<'EOF'
python-pptx 1.0.2
map.png 2.78 inches on a slide of 10.0
map.tif 200.0 inches on a slide of 10.0
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, pptx, rasterio
from importlib.metadata import version
from PIL import Image
from rasterio.transform import from_origin
print("python-pptx", version("python-pptx"))
with rasterio.open("map.tif", "w", driver="GTiff", height=100, width=200, count=3, dtype="uint8", crs="EPSG:4549",
                   transform=from_origin(500000, 3400000, 50, 50)) as file:
    file.write(numpy.zeros((3, 100, 200), "uint8"))
Image.new("RGB", (200, 100)).save("map.png")
deck = pptx.Presentation()
slide = deck.slides.add_slide(deck.slide_layouts[6])
for name in ("map.png", "map.tif"):
    print(name, round(slide.shapes.add_picture(name, 0, 0).width / 914400, 2), "inches on a slide of", deck.slide_width / 914400)
EOF

cat actual
diff expected actual && echo "as found"
