#!/usr/bin/env bash
# Expected: a reader of Chinese numerals takes the zero of official years as it is printed: 二〇三五 and 二○三五.
# Happens: 〇 (U+3007) is read, ○ (U+25CB), which input methods give and most printed plans carry, is refused;
#           十四五, the common name of a Five-Year Plan, is refused too, and rightly so, since it is no number.
# Versions: cn2an 0.5.24.
# Source: years of a plan's title and text.
# Who: whoever reads figures out of Chinese planning documents: turn ○ into 〇 first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check cn2an==0.5.24
cd "$work"

cat >expected <<'EOF'
cn2an 0.5.24
二〇三五 2035
二○三五 ValueError
十四五 ValueError
一百二十 120
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import cn2an
from importlib.metadata import version
print("cn2an", version("cn2an"))
for text in ("二〇三五", "二○三五", "十四五", "一百二十"):
    try:
        print(text, cn2an.cn2an(text, "smart"))
    except ValueError:
        print(text, "ValueError")
EOF

cat actual
diff expected actual && echo "as found"
