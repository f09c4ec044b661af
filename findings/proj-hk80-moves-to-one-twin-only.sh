#!/usr/bin/env bash
# Expected: WGS 84 and CGCS2000 are the same to some centimetres, and PROJ takes one for the other unchanged; so Hong
#           Kong 1980 moves by the same distance to both.
# Happens: to WGS 84 it moves by 304 m, as published; to CGCS2000 by 0 m (a ballpark transformation, accuracy -1). No
#           error, no warning.
# Versions: pyproj 3.7.2 (PROJ 9.5.1).
# Source: a parcel from Hong Kong read straight into EPSG:4490.
# Who: whoever transforms an old datum straight into CGCS2000. Look at accuracy -1 and the word ballpark; go over
#           WGS 84 in two steps.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pyproj==3.7.2 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
pyproj 3.7.2 PROJ 9.5.1
4611 to 4326 304 m, accuracy 1 published
4611 to 4490 0 m, accuracy -1 ballpark
4326 to 4490 0 m, accuracy -1 ballpark
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import pyproj
from pyproj import Geod, Transformer
print("pyproj", pyproj.__version__, "PROJ", pyproj.proj_version_str)
lon, lat = 114.18, 22.31
for source, target in ((4611, 4326), (4611, 4490), (4326, 4490)):
    move = Transformer.from_crs(source, target, always_xy=True)
    metres = Geod(ellps="WGS84").inv(lon, lat, *move.transform(lon, lat))[2]
    print(source, "to", target, f"{metres:.0f} m, accuracy {move.accuracy:g}", "ballpark" if "Ballpark" in move.description else "published")
EOF

cat actual
diff expected actual && echo "as found"
