#!/usr/bin/env bash
# Expected: wordWrap="CJK" keeps to the rule that no line starts with a comma, as the setting's name promises.
# Happens: lines start with ，; the comma is neither drawn into the margin nor carried with the character before
#           it.
# Versions: reportlab as pinned.
# Source: a sentence with commas set thirteen characters wide.
# Who: whoever makes Chinese reports by ReportLab; a reader sees it at once.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check reportlab==5.1.0
cd "$work"

cat >expected <<'EOF'
reportlab 5.1.0
['“一带三区多极”的空间布局', '，“一带三区多极”的空间布', '局，“一带三区多极”的空间']
lines that start with a comma: 1 of 9
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import reportlab
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph
print("reportlab", reportlab.__version__)
pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
style = ParagraphStyle("body", fontName="STSong-Light", fontSize=12, leading=18, wordWrap="CJK")
paragraph = Paragraph("“一带三区多极”的空间布局，" * 8, style)
paragraph.wrap(12 * 13 + 1, 1000)
lines = ["".join(line[1] if isinstance(line, tuple) else line.words) for line in paragraph.blPara.lines]
print(lines[:3])
print("lines that start with a comma:", sum(line.startswith("，") for line in lines), "of", len(lines))
EOF

cat actual
diff expected actual && echo "as found"
