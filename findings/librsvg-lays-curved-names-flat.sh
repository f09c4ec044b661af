#!/usr/bin/env bash
# Expected: a name along a river, written as SVG text with a list of places and turns, one for each letter (x, y and
#           rotate of <text>), is drawn letter by letter there: SVG has had such lists since 1.0, browsers draw them.
# Happens: librsvg takes the first place only and lays the whole name flat from there, over whatever is beside the
#           river, without a word. One <text> for each letter, turned by transform, is drawn where it belongs.
# Versions: pyvips 3.2.0 with pyvips-binary 8.18.7.
# Source: maps with names along lines, turned into pictures for Word and GeoTIFF.
# Who: whoever draws labels along lines as SVG and turns them into pixels with librsvg (libvips, GNOME, MediaWiki).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pyvips==3.2.0 pyvips-binary==8.18.7 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
lists of one text: letters in 1 of 3 places
one text a letter: letters in 3 of 3 places
EOF

"$work/env/bin/python" - >actual <<'EOF'
import pyvips

PLACES = [(20, 30), (20, 90), (20, 150)]  # straight down, a letter of 20 pixels every 60
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="180" font-size="20" font-family="sans-serif">'
xs, ys = (" ".join(str(place[axis]) for place in PLACES) for axis in (0, 1))
lists = f'{HEAD}<text x="{xs}" y="{ys}" rotate="0 0 0">HHH</text></svg>'
single = HEAD + "".join(f'<text transform="translate({x} {y})">H</text>' for x, y in PLACES) + "</svg>"


def seen(svg):
    """At how many places there is ink, of a square of 24 pixels above each."""
    ink = pyvips.Image.svgload_buffer(svg.encode()).numpy()[:, :, 3] > 0
    return sum(bool(ink[y - 20 : y + 4, x - 2 : x + 22].any()) for x, y in PLACES)


print(f"lists of one text: letters in {seen(lists)} of 3 places")
print(f"one text a letter: letters in {seen(single)} of 3 places")
EOF

cat actual
diff expected actual && echo "as found"
