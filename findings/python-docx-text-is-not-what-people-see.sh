#!/usr/bin/env bash
# Expected: a paragraph's text is what a word processor shows: with insertions and content controls, without hidden words.
# Happens: python-docx's paragraph.text leaves out what stands in w:ins, w:sdt, w:smartTag and w:fldSimple, and keeps what is
#           hidden (w:vanish): "新增150公里（表3）。" comes back as "新增公里（）。（内部）".
# Versions: python-docx 1.2.0.
# Source: a paragraph as offices leave it: a marked insertion, a control, a field, hidden words; invented.
# Who: whoever reads figures out of plans and reports.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check python-docx==1.2.0
cd "$work"

cat >expected <<'EOF2'
python-docx 1.2.0
新增公里（）。（内部）
EOF2

"$work/env/bin/python" -W ignore - >actual <<'EOF2'
import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from importlib.metadata import version
print("python-docx", version("python-docx"))
run = "<w:r><w:t>{}</w:t></w:r>".format
inner = (
    run("新增") + '<w:ins w:id="1" w:author="a">' + run("1") + "</w:ins>"
    + "<w:sdt><w:sdtContent>" + run("50") + "</w:sdtContent></w:sdt>" + run("公里（")
    + '<w:fldSimple w:instr="SEQ">' + run("表3") + "</w:fldSimple>" + run("）。")
    + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>（内部）</w:t></w:r>"
)
document = docx.Document()
document.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>"))
document.save("a.docx")
print(docx.Document("a.docx").paragraphs[0].text)
EOF2

cat actual
diff expected actual && echo "as found"
