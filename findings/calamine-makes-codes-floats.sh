#!/usr/bin/env bash
# Expected: a whole number in a sheet (a division code of nine digits) is read as a whole number.
# Happens: python-calamine gives 330199101.0, a float; as text it no longer equals the code. openpyxl gives an
#           int.
# Versions: python-calamine 0.9.1, openpyxl 3.1.5.
# Source: a two-row sheet with an invented code.
# Who: whoever reads office sheets by the fast reader and joins by code.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5
cd "$work"

cat >expected <<'EOF'
python-calamine 0.9.1 openpyxl 3.1.5
calamine ['甲镇', 330199101.0]
openpyxl ['甲镇', 330199101]
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import openpyxl, python_calamine
from importlib.metadata import version
print("python-calamine", version("python-calamine"), "openpyxl", version("openpyxl"))
book = openpyxl.Workbook()
book.active.append(["镇街", "代码"])
book.active.append(["甲镇", 330199101])
book.save("a.xlsx")
print("calamine", python_calamine.CalamineWorkbook.from_path("a.xlsx").get_sheet_by_index(0).to_python()[1])
print("openpyxl", [cell.value for cell in openpyxl.load_workbook("a.xlsx").active[2]])
EOF

cat actual
diff expected actual && echo "as found"
