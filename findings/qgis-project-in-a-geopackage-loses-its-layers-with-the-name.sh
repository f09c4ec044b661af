#!/usr/bin/env bash
# Expected: a QGIS project that is stored inside a GeoPackage finds the layers of that same GeoPackage, whatever the
#           file is called: it was read out of it a moment ago.
# Happens: the layers are kept as ./name.gpkg; moved to another folder the file opens, renamed it opens with every
#           layer unavailable. A project's own reference system is passed over in silence, too, unless the property
#           SpatialRefSys/ProjectionsEnabled is 1, though the element projectCrs is there.
# Versions: QGIS 3.22.16 (Debian 12).
# Source: an edition that was downloaded under a friendlier name.
# Who: whoever gives out GeoPackages with a project inside. Offer the file under the name that the project says, and
#           tell people to keep it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >expected <<'EOF'
QGIS 3.22.16
as written: layers valid [True], project's system EPSG:32650
moved to another folder: layers valid [True], project's system EPSG:32650
renamed: layers valid [False], project's system EPSG:32650
without the property: project's system none
EOF

HOME="$work" XDG_RUNTIME_DIR="$work" QT_QPA_PLATFORM=offscreen /usr/bin/python3 - 2>errors >actual <<'EOF'
import os, shutil, zipfile
from qgis.core import Qgis, QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsVectorFileWriter, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
print("QGIS", Qgis.QGIS_VERSION.partition("-")[0])
memory = QgsVectorLayer("Point?crs=EPSG:4326", "a", "memory")
options = QgsVectorFileWriter.SaveVectorOptions()
options.layerName = "a"
project = QgsProject()
QgsVectorFileWriter.writeAsVectorFormatV3(memory, "one.gpkg", project.transformContext(), options)
project.addMapLayer(QgsVectorLayer("one.gpkg|layername=a", "a", "ogr"))
project.setCrs(QgsCoordinateReferenceSystem("EPSG:32650"))
project.write("geopackage:" + os.path.abspath("one.gpkg") + "?projectName=p")
project.write("plain.qgs")
del project
os.mkdir("elsewhere")
shutil.copy("one.gpkg", "elsewhere/one.gpkg")
shutil.copy("one.gpkg", "elsewhere/two.gpkg")
os.remove("elsewhere/one.gpkg")
def told(what, path):
    opened = QgsProject()
    opened.read("geopackage:" + os.path.abspath(path) + "?projectName=p")
    valid = [layer.isValid() for layer in opened.mapLayers().values()]
    print(f"{what}: layers valid {valid}, project's system {opened.crs().authid() or 'none'}")
told("as written", "one.gpkg")
os.makedirs("moved")
shutil.copy("one.gpkg", "moved/one.gpkg")
told("moved to another folder", "moved/one.gpkg")
told("renamed", "elsewhere/two.gpkg")
text = open("plain.qgs", encoding="utf-8").read()
assert "<projectCrs>" in text
open("plain.qgs", "w", encoding="utf-8").write(text.replace('<ProjectionsEnabled type="int">1</ProjectionsEnabled>', ""))
opened = QgsProject()
opened.read(os.path.abspath("plain.qgs"))
print("without the property: project's system", opened.crs().authid() or "none")
EOF

cat actual
diff expected actual && echo "as found"
