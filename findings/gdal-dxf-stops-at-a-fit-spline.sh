#!/usr/bin/env bash
# Expected: a drawing with one curve that GDAL cannot draw gives the other entities, and leaves that one out.
# Happens: a SPLINE that has fit points but no control points, as drafting programs write it, ends the reading
#           with an error: of three entities none arrives. ezdxf reads all three and can make the curve's
#           control points.
# Versions: pyogrio 0.13.0 (GDAL 3.12.4), ezdxf as pinned.
# Source: a made drawing of a closed boundary, a river by fit points and a road.
# Who: whoever is given CAD files by a planning bureau.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check ezdxf==1.4.5 pyogrio==0.13.0 geopandas==1.2.0
cd "$work"

cat >expected <<'EOF'
ezdxf 1.4.5 GDAL 3.12.4
plain  ezdxf ['LWPOLYLINE', 'LINE'] GDAL ['LineString', 'LineString']
spline ezdxf ['LWPOLYLINE', 'SPLINE', 'LINE'] GDAL FeatureError
EOF

"$work/env/bin/python" -W ignore - >actual <<'EOF'
import ezdxf, geopandas, pyogrio
print("ezdxf", ezdxf.__version__, "GDAL", pyogrio.__gdal_version_string__)
for with_spline in (False, True):
    drawing = ezdxf.new("R2010")
    space = drawing.modelspace()
    space.add_lwpolyline([(0, 0), (10, 0), (10, 10), (0, 10)], close=True)
    if with_spline:
        space.add_spline().fit_points = [(0, 0, 0), (5, 3, 0), (10, 0, 0)]
    space.add_line((0, 0), (20, 20))
    drawing.saveas("a.dxf")
    try:
        told = geopandas.read_file("a.dxf").geometry.geom_type.tolist()
    except pyogrio.errors.FeatureError:
        told = "FeatureError"
    print("spline" if with_spline else "plain ", "ezdxf", [e.dxftype() for e in ezdxf.readfile("a.dxf").modelspace()], "GDAL", told)
EOF

cat actual
diff expected actual && echo "as found"
