#!/usr/bin/env bash
# Expected: a transformer made of ground control points stays with one kind of transformation as points are
#           added, and more points make the fit better.
# Happens: with the sixth point GDAL changes to a second-order polynomial by itself: residuals fall from metres
#           to 0.0 and the error at points that were not used rises from tens of metres to kilometres. The same
#           points as an affine (rasterio.transform.from_gcps) stay near.
# Versions: rasterio 1.4.4 (GDAL 3.10.3), numpy 2.4.6.
# Source: a made sheet of 5 m a pixel with a click error of 2 pixels.
# Who: whoever georeferences scanned maps: the RMSE shown beside the points says 0 where the map is worst.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check rasterio==1.4.4 numpy==2.4.6 affine==3.0.1
cd "$work"

cat >expected <<'EOF'
rasterio 1.4.4 GDAL 3.10.3
5 points: residual 17 m; unused points 15 m; as an affine 15 m
6 points: residual 0 m; unused points 2285 m; as an affine 19 m
7 points: residual 9 m; unused points 225 m; as an affine 14 m
10 points: residual 15 m; unused points 99 m; as an affine 18 m
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import numpy, rasterio
from rasterio.control import GroundControlPoint
from rasterio.transform import GCPTransformer, from_gcps, xy
print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__)
rng = numpy.random.default_rng(3)
turn, origin = numpy.array([[4.9, 0.3], [0.3, -4.9]]), numpy.array([520000.0, 3345000.0])
pixels = rng.uniform(0, 4000, (10, 2))
ground, clicked = pixels @ turn.T + origin, pixels + rng.normal(0, 2, (10, 2))
checks = rng.uniform(0, 4000, (200, 2))
truth = checks @ turn.T + origin
def error(places, wanted):
    return numpy.hypot(numpy.array(places[0]) - wanted[:, 0], numpy.array(places[1]) - wanted[:, 1])
for count in (5, 6, 7, 10):
    points = [GroundControlPoint(row=r, col=c, x=x, y=y) for (c, r), (x, y) in zip(clicked[:count].tolist(), ground[:count].tolist())]
    fit = GCPTransformer(points)
    residual = error(fit.xy([p.row for p in points], [p.col for p in points], offset="ul"), ground[:count])
    held = error(fit.xy(checks[:, 1], checks[:, 0], offset="ul"), truth)
    plain = error(xy(from_gcps(points), checks[:, 1], checks[:, 0], offset="ul"), truth)
    print(count, "points: residual", round(residual.max()), "m; unused points", round(held.max()), "m; as an affine", round(plain.max()), "m")
EOF

cat actual
diff expected actual && echo "as found"
