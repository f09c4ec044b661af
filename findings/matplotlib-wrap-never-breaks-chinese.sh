#!/usr/bin/env bash
# Expected: wrap=True breaks a long label at the figure's edge, in Chinese between any two characters.
# Happens: it breaks only at spaces: a Chinese title of 24 characters stays one line and runs out of the
#           picture; the same length in English wraps.
# Versions: matplotlib as pinned.
# Source: two titles on a figure two inches wide; the font matters not.
# Who: whoever titles figures in Chinese.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check matplotlib==3.11.2
cd "$work"

cat >expected <<'EOF'
matplotlib 3.11.2
False wrapped: 国民经济和社会发展第十四个五年规划和远景目标纲要文本
True wrapped: outline of the five year plan for economy and society
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import logging, matplotlib, warnings
matplotlib.use("agg")
import matplotlib.pyplot
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
print("matplotlib", matplotlib.__version__)
figure, axes = matplotlib.pyplot.subplots(figsize=(2, 2))
for words in ("国民经济和社会发展第十四个五年规划和远景目标纲要文本", "outline of the five year plan for economy and society"):
    text = axes.text(0, 0.5, words, wrap=True)
    figure.canvas.draw()
    print(text._get_wrapped_text().count(chr(10)) + 1 > 1, "wrapped:", words)
EOF

cat actual
diff expected actual && echo "as found"
