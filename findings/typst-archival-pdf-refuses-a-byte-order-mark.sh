#!/usr/bin/env bash
# Expected: a zero-width no-break space (U+FEFF), which no page shows, is passed over in an archival PDF as it is in an
#           ordinary one, and as the other characters without width are in both.
# Happens: with the standard a-2a the whole document is refused; one name with it, pasted or read from the first cell
#           of a CSV that Excel wrote, is enough, wherever it stands.
# Versions: typst 0.15.2 (Python), a font that it has with it.
# Source: an atlas of a plan whose names came from tables.
# Who: whoever sets archival PDFs from names that people typed; take characters of category Cf out first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2
cd "$work"

cat >expected <<'EOF'
U+FEFF plain set, a-2a refused
U+200B plain set, a-2a set
U+2060 plain set, a-2a set
U+202E plain set, a-2a set
EOF

cat >page.typ <<'EOF'
#set document(title: "t", date: datetime(year: 2020, month: 1, day: 1))
#set text(font: "Libertinus Serif")
#json("text.json")
EOF

"$work/env/bin/python" - >actual <<'EOF'
import json
import typst

def tried(text, **options):
    with open("text.json", "w", encoding="utf-8") as file:
        json.dump(text, file)
    try:
        typst.compile("page.typ", ignore_system_fonts=True, **options)
    except typst.TypstError:
        return "refused"
    return "set"

for one in "\ufeff\u200b\u2060\u202e":
    text = f"a{one}b"
    print(f"U+{ord(one):04X} plain {tried(text)}, a-2a {tried(text, pdf_standards=['a-2a'])}")
EOF

cat actual
diff expected actual && echo "as found"
