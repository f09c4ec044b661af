#!/usr/bin/env bash
# Expected: paragraph.text is what a reader sees on the page.
# Happens: the number of a caption (a simple field, SEQ) and an accepted insertion are left out, and hidden text
#           is given: 表3 becomes 表, and a list of lines loses its last one.
# Versions: python-docx 1.2.0.
# Source: a paragraph built as word processors write it.
# Who: whoever reads plan documents by python-docx; walk the body's XML instead.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check python-docx==1.2.0
cd "$work"

cat >expected <<'EOF'
python-docx 1.2.0
on the page: 表3 轨道交通：1号线、5号线
text:        表 轨道交通：1号线（内部稿）
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from importlib.metadata import version
print("python-docx", version("python-docx"))
def run(text):
    made, inner = OxmlElement("w:r"), OxmlElement("w:t")
    inner.text = text
    made.append(inner)
    return made
paragraph = docx.Document().add_paragraph("表")
field = OxmlElement("w:fldSimple")
field.set(qn("w:instr"), "SEQ 表")
field.append(run("3"))
paragraph._p.append(field)
paragraph.add_run(" 轨道交通：1号线")
inserted = OxmlElement("w:ins")
inserted.set(qn("w:id"), "1")
inserted.set(qn("w:author"), "a")
inserted.append(run("、5号线"))
paragraph._p.append(inserted)
paragraph.add_run("（内部稿）").font.hidden = True
print("on the page: 表3 轨道交通：1号线、5号线")
print("text:       ", paragraph.text)
EOF

cat actual
diff expected actual && echo "as found"
