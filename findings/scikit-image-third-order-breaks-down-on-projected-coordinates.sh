#!/usr/bin/env bash
# Expected: a polynomial of third order fitted to points that an affine places exactly is as good as the affine; the
#           least squares are solved in a way that bears coordinates of a map grid.
# Happens: from the ground (eastings of 500,000 m, northings of 3,340,000 m) to the picture the third order is off by thousands
#           of kilometres in pixels, the second by pixels, and nothing warns. With coordinates about their middle, scaled to one,
#           both are right.
# Versions: scikit-image 0.26.0, numpy 2.4.6.
# Source: georeferencing a scanned sheet by control points.
# Who: whoever fits scans to a projected system by skimage.transform. Centre and scale both sides first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check scikit-image==0.26.0 numpy==2.4.6 scipy==1.17.1
cd "$work"

cat >expected <<'EOF'
scikit-image 0.26.0
as they are order 1 below a thousandth of a pixel True
as they are order 2 below a thousandth of a pixel False
as they are order 3 below a thousandth of a pixel False
as they are order 3 above a thousand pixels True
scaled order 1 below a thousandth of a pixel True
scaled order 2 below a thousandth of a pixel True
scaled order 3 below a thousandth of a pixel True
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, skimage
from skimage.transform import PolynomialTransform
print("scikit-image", skimage.__version__)
pixels = numpy.random.default_rng(1).uniform(0, 4000, (20, 2))
ground = pixels @ numpy.array([[2.5, -0.1], [0.1, -2.5]]) + [500000, 3340000]
for said, given in (("as they are", ground), ("scaled", (ground - ground.mean(axis=0)) / numpy.ptp(ground))):
    for order in (1, 2, 3):
        fitted = PolynomialTransform.from_estimate(given, pixels, order=order)
        worst = numpy.abs(fitted(given) - pixels).max()
        print(said, "order", order, "below a thousandth of a pixel", bool(worst < 0.001))
        if worst > 1000:
            print(said, "order", order, "above a thousand pixels", True)
EOF

cat actual
diff expected actual && echo "as found"
