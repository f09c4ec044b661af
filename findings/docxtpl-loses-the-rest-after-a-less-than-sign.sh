#!/usr/bin/env bash
# Expected: a value with a less-than sign stands in the document as given, or rendering fails.
# Happens: everything from the sign to the end of the paragraph's run is gone, the template's own words behind
#           the value included; the file opens without a complaint. With autoescape=True it is whole.
# Versions: docxtpl 0.20.2, python-docx 1.2.0.
# Source: a report sentence about townships whose area is less than a bound.
# Who: whoever fills Word templates with figures and comparisons.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check docxtpl==0.20.2 python-docx==1.2.0 lxml==6.1.3
cd "$work"

cat >expected <<'EOF'
docxtpl 0.20.2
autoescape False ['其中 面积A']
autoescape True ['其中 面积A<B的镇街 共三个']
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import docx, docxtpl
from importlib.metadata import version
print("docxtpl", version("docxtpl"))
document = docx.Document()
document.add_paragraph("其中 {{ what }} 共三个")
document.save("template.docx")
for escape in (False, True):
    template = docxtpl.DocxTemplate("template.docx")
    template.render({"what": "面积A<B的镇街"}, autoescape=escape)
    template.save("made.docx")
    print("autoescape", escape, [p.text for p in docx.Document("made.docx").paragraphs])
EOF

cat actual
diff expected actual && echo "as found"
