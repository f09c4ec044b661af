#!/usr/bin/env bash
# Expected: in a CQL2 LIKE the wildcards are % and _, and a full stop is a full stop; CASEI(name) LIKE
#           CASEI('…') compares without case; a property name may be Chinese, as the grammar allows.
# Happens: a full stop matches any character, _ only itself; CASEI with LIKE raises TypeError when evaluated; a
#           Chinese property name is a syntax error unless quoted. cql2 (Rust) answers the first two as the
#           standard says.
# Versions: pygeofilter 0.4.0, cql2 0.6.0.
# Source: filters of an OGC API Features server evaluated on three rows with the native backend.
# Who: servers that take pygeofilter for CQL2, and clients that search names with dots or underscores.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pygeofilter==0.4.0 cql2==0.6.0 shapely==2.2.0
cd "$work"

cat >expected <<'EOF'
pygeofilter 0.4.0 cql2 0.6.0
name LIKE 'Line.1' pygeofilter ['Line.1', 'LineX1', 'Line_1'] cql2 ['Line.1']
name LIKE 'Line_1' pygeofilter ['Line_1'] cql2 ['Line.1', 'LineX1', 'Line_1']
CASEI(name) LIKE CASEI('line%') TypeError
名称 = 'x' UnexpectedCharacters
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
from importlib.metadata import version
import cql2
from pygeofilter.backends.native.evaluate import NativeEvaluator
from pygeofilter.parsers.cql2_text import parse
class Row:
    def __init__(self, name):
        self.name = name
rows = [Row("Line.1"), Row("LineX1"), Row("Line_1")]
print("pygeofilter", version("pygeofilter"), "cql2", version("cql2"))
for text in ("name LIKE 'Line.1'", "name LIKE 'Line_1'"):
    passes = NativeEvaluator(use_getattr=True).evaluate(parse(text))
    print(text, "pygeofilter", [row.name for row in rows if passes(row)],
          "cql2", [row.name for row in rows if cql2.parse_text(text).matches({"name": row.name})])
for text in ("CASEI(name) LIKE CASEI('line%')", "名称 = 'x'"):
    try:
        NativeEvaluator(use_getattr=True).evaluate(parse(text))(rows[0])
        print(text, "fine")
    except Exception as error:
        print(text, type(error).__name__)
EOF

cat actual
diff expected actual && echo "as found"
