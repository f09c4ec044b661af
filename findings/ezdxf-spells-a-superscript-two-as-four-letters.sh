#!/usr/bin/env bash
# Expected: a text that the drawing's code page cannot hold is refused, or written in the way in which DXF of that time writes
#           any other character (\U+00B2), so that CAD shows it.
# Happens: in a drawing of GBK the sign ² of km² is written as the four letters \xb2, which is how Python spells it and no CAD
#           program reads: the sheet says "12.5 km\xb2". Chinese is right, and a character outside GBK above U+00FF is written
#           as \U+…. In R2010, which is UTF-8, all is right.
# Versions: ezdxf 1.4.5.
# Source: areas lettered on a drawing for an office that has AutoCAD 2004.
# Who: whoever letters areas in DXF for Chinese offices. Write ㎡ or 平方千米, which GBK has, or R2010.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check ezdxf==1.4.5
cd "$work"

cat >expected <<'EOF'
ezdxf 1.4.5
R2004 面积 12.5 km\xb2
R2004 \U+9fa6 is outside
R2010 面积 12.5 km²
R2010 龦 is outside
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import ezdxf
print("ezdxf", ezdxf.__version__)
for version, encoding in (("R2004", "gbk"), ("R2010", "utf-8")):
    for text in ("面积 12.5 km²", "\u9fa6 is outside"):
        drawing = ezdxf.new(version)
        if version == "R2004":
            drawing.encoding = encoding
        drawing.modelspace().add_text(text)
        drawing.saveas("a.dxf")
        lines = open("a.dxf", encoding=encoding).read().splitlines()
        print(version, next(line for line in lines if "12.5" in line or "outside" in line))
EOF

cat actual
diff expected actual && echo "as found"
