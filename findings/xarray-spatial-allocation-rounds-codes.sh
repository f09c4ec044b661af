#!/usr/bin/env bash
# Expected: allocation, which says for every cell which target is nearest, gives the target's own value back.
# Happens: values come back as float32: a nine-digit division code is rounded to another number, here to a code
#           that no place has, whatever the input's type.
# Versions: xarray-spatial 0.5.3.
# Source: one target cell with an invented code in a grid of zeros.
# Who: whoever hands service areas the code of their station or township. Allocate row numbers.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check xarray-spatial==0.5.3 xarray==2026.9.0 numpy==2.4.6
cd "$work"

cat >expected <<'EOF'
xarray-spatial 0.5.3
in float64 330199101 out float32 330199104
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, warnings, xarray
warnings.simplefilter("ignore")
from importlib.metadata import version
from xrspatial import allocation
print("xarray-spatial", version("xarray-spatial"))
cells = numpy.zeros((5, 5), dtype="float64")
cells[0, 0] = 330199101
grid = xarray.DataArray(cells, dims=("y", "x"), coords={"y": numpy.arange(5) * 50.0, "x": numpy.arange(5) * 50.0})
near = allocation(grid)
print("in", cells.dtype, int(cells[0, 0]), "out", near.dtype, int(near.values[0, 0]))
EOF

cat actual
diff expected actual && echo "as found"
