#!/usr/bin/env bash
# Expected: a whole number in a filter reaches whoever evaluates it as it is written: official codes and keys of
#           databases have sixteen digits and more.
# Happens: every number becomes a float, so that from 2^53 on another number is compared: in the tree, in the text
#           that is written again, and from JSON, too. A date that there is not passes validation as well.
# Versions: cql2 0.6.0.
# Source: filters of an OGC API Features server on columns of 64-bit numbers.
# Who: servers that take the tree of cql2. Keep such codes as text, and check dates when they are evaluated.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check cql2==0.6.0
cd "$work"

cat >expected <<'EOF'
cql2 0.6.0
asked      code = 9007199254740993
tree       9007199254740992
text       code = 9007199254740992
from JSON  9007199254740992
date       2025-13-45 is valid
EOF

"$work/env/bin/python" - >actual <<'EOF'
import json
from importlib.metadata import version
import cql2
print("cql2", version("cql2"))
asked = "code = 9007199254740993"
parsed = cql2.parse_text(asked)
print("asked     ", asked)
print("tree      ", int(parsed.to_json()["args"][1]))
print("text      ", parsed.to_text())
tree = {"op": "=", "args": [{"property": "code"}, 9007199254740993]}
print("from JSON ", int(cql2.parse_json(json.dumps(tree)).to_json()["args"][1]))
day = cql2.parse_text("day = DATE('2025-13-45')")
try:
    day.validate()
    print("date       2025-13-45 is valid")
except cql2.ValidationError:
    print("date       2025-13-45 is refused")
EOF

cat actual
diff expected actual && echo "as found"
