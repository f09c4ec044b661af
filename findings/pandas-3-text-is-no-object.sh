#!/usr/bin/env bash
# Expected: the text columns of a layer are of dtype object, as they have been since pandas began; select_dtypes(object)
#           or dtype == object finds them.
# Happens: with pandas 3 they are of dtype str, and dtype == object finds none; select_dtypes(object) still gives them,
#           with a warning. A loop over object columns (to recode, to trim, to escape) does nothing at all.
# Versions: pandas 3.1.1, geopandas 1.2.0, pyogrio 0.13.0.
# Source: a repair of wrongly decoded GBK names, which silently stopped repairing.
# Who: whoever treats text columns of a file. Ask pandas.api.types.is_string_dtype.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6 pyproj==3.7.2 pyogrio==0.13.0
cd "$work"

cat >expected <<'EOF'
pandas 3.1.1 geopandas 1.2.0
dtypes ['str', 'str']
dtype == object []
is_string_dtype ['code', 'name']
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import geopandas, pandas
from pandas.api.types import is_string_dtype
from shapely import Point
print("pandas", pandas.__version__, "geopandas", geopandas.__version__)
geopandas.GeoDataFrame({"code": ["0571"], "name": ["x"]}, geometry=[Point(120, 30)], crs="EPSG:4490").to_file("a.gpkg")
table = pandas.DataFrame(geopandas.read_file("a.gpkg").drop(columns="geometry"))
print("dtypes", [str(kind) for kind in table.dtypes])
print("dtype == object", [name for name in table if table[name].dtype == object])
print("is_string_dtype", [name for name in table if is_string_dtype(table[name])])
EOF

cat actual
diff expected actual && echo "as found"
