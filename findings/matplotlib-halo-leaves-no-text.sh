#!/usr/bin/env bash
# Expected: with svg.fonttype none, text stays text in an SVG, with a halo or without.
# Happens: a halo by path effects, the way every map label is made readable, turns the words into outlines: no
#           text element is left, so the figure can be neither searched nor read aloud nor edited.
# Versions: matplotlib as pinned.
# Source: one label, drawn twice.
# Who: whoever draws maps with labels for reports and web pages.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check matplotlib==3.11.2
cd "$work"

cat >expected <<'EOF'
matplotlib 3.11.2
halo False text elements 1 word in the file True
halo True text elements 0 word in the file False
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import io, re, matplotlib
matplotlib.use("svg")
matplotlib.rcParams["svg.fonttype"] = "none"
import matplotlib.patheffects, matplotlib.pyplot
print("matplotlib", matplotlib.__version__)
for halo in (False, True):
    figure, axes = matplotlib.pyplot.subplots()
    axes.axis("off")
    effects = [matplotlib.patheffects.withStroke(linewidth=3, foreground="white")] if halo else None
    axes.text(0.5, 0.5, "River", path_effects=effects)
    out = io.StringIO()
    figure.savefig(out, format="svg")
    words = re.sub("<!--.*?-->", "", out.getvalue(), flags=re.DOTALL)
    print("halo", halo, "text elements", words.count("<text"), "word in the file", "River" in words)
EOF

cat actual
diff expected actual && echo "as found"
