#!/usr/bin/env bash
# Expected: texts and layer names of a DXF from release 2007 on, which is UTF-8 by definition, are read as such; an encoding
#           that the caller states is used.
# Happens: 面积 comes as é\x9d¢ç§¯, with and without encoding="UTF-8". A drawing of release 2004 in GBK, with the code page in its
#           head, is read right, so the newer the file the worse.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), ezdxf 1.4.5.
# Source: names of parcels in a drawing.
# Who: whoever joins by names out of CAD files. Read them by ezdxf, or encode the text as Latin-1 and decode it as UTF-8.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check geopandas==1.2.0 pyogrio==0.13.0 pyproj==3.7.2 pandas==3.1.1 shapely==2.2.0 numpy==2.4.6 ezdxf==1.4.5
cd "$work"

cat >expected <<'EOF'
pyogrio 0.13.0 GDAL 3.12.4
R2010 stated None right False mended right True
R2010 stated UTF-8 right False mended right True
R2004 stated None right True
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import ezdxf, pyogrio
print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__)
word = "面积"
for release in ("R2010", "R2004"):
    drawing = ezdxf.new(release)
    if release == "R2004":
        drawing.encoding, drawing.header["$DWGCODEPAGE"] = "gbk", "ANSI_936"
    drawing.modelspace().add_text(word)
    drawing.saveas("a.dxf")
    for stated in (None, "UTF-8") if release == "R2010" else (None,):
        text = pyogrio.read_dataframe("a.dxf", encoding=stated)["Text"][0]
        said = f"{release} stated {stated} right {text == word}"
        if text != word:
            said += f" mended right {text.encode('latin-1').decode('utf-8') == word}"
        print(said)
EOF

cat actual
diff expected actual && echo "as found"
