#!/usr/bin/env bash
# Expected: a transformation from Xi'an 1980 or Beijing 1954 to CGCS2000, which differ by some ten to over a
#           hundred metres, either moves the point or says that it cannot.
# Happens: pyproj returns the coordinates unchanged. PROJ knows only a ballpark operation; its accuracy is -1,
#           exactly as for the harmless step from WGS 84 to CGCS2000, and only_best=True still answers.
# Versions: pyproj 3.7.2 (PROJ 9.5.1).
# Source: EPSG publishes no parameters between these datums; they are confidential.
# Who: whoever puts boundary files of the years before 2008 on a web map; geopandas' to_crs does the same.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pyproj==3.7.2
cd "$work"

cat >expected <<'EOF'
pyproj 3.7.2 PROJ 9.5.1
Xian 1980 default (0.0, 0.0) accuracy -1.0 ballpark
Xian 1980 only_best (0.0, 0.0) accuracy -1.0 ballpark
Beijing 1954 default (0.0, 0.0) accuracy -1.0 ballpark
Beijing 1954 only_best (0.0, 0.0) accuracy -1.0 ballpark
WGS 84 default (0.0, 0.0) accuracy -1.0 ballpark
WGS 84 only_best (0.0, 0.0) accuracy -1.0 ballpark
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import pyproj
from pyproj import Transformer
print("pyproj", pyproj.__version__, "PROJ", pyproj.proj_version_str)
for name, code in (("Xian 1980", 4610), ("Beijing 1954", 4214), ("WGS 84", 4326)):
    for best in (False, True):
        step = Transformer.from_crs(code, 4490, always_xy=True, only_best=best)
        lon, lat = step.transform(120.0, 30.0)
        print(name, "only_best" if best else "default", (lon - 120.0, lat - 30.0), "accuracy", step.accuracy,
              "ballpark" if "Ballpark" in step.description else step.description)
EOF

cat actual
diff expected actual && echo "as found"
