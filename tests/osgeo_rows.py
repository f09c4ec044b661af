"""Run by Debian's own Python: what its GDAL, another build than the one that wrote, reads in files.

``python osgeo_rows.py TASK.json``: a list of ``{"name", "path", "encoding"}``; prints ``ANSWER`` and, by name, the
layers with their coordinate system and rows (cells, geometry as hexadecimal WKB in the order x, y).
"""

import json
import sys

from osgeo import gdal, ogr, osr

gdal.UseExceptions()


def main() -> None:
    """Answer a task."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - of any Python
        tasks = json.load(file)
    answer = {"": gdal.__version__} | {task["name"]: layers(task) for task in tasks}
    sys.stdout.write("ANSWER" + json.dumps(answer) + "\n")


def layers(task: dict) -> list:
    """The layers of a file: name, driver, authority's code of the system, names of columns, rows."""
    options = [f"ENCODING={task['encoding']}"] if task.get("encoding") else []
    data = gdal.OpenEx(task["path"], gdal.OF_VECTOR, open_options=options + task.get("options", []))
    found = []
    for number in range(data.GetLayerCount()):
        layer = data.GetLayer(number)
        system = layer.GetSpatialRef()
        found.append({
            "name": layer.GetName(), "driver": data.GetDriver().ShortName, "epsg": code(system),
            "wkt": system.ExportToWkt() if system else "", "rows": [row(feature) for feature in layer],
        })  # fmt: skip
    return found


def code(system: "osr.SpatialReference | None") -> str:
    """The code that a file states, else the one that its parameters are those of."""
    if system is None:
        return ""
    stated = system.GetAuthorityCode(None)
    if stated is None:
        alike = system.FindMatches()
        stated = alike[0][0].GetAuthorityCode(None) if alike else None
    return stated or ""


def row(feature: "ogr.Feature") -> list:
    """Cells and shape of a feature."""
    cells = {}
    for at in range(feature.GetFieldCount()):
        field = feature.GetFieldDefnRef(at)
        cells[field.GetName()] = None if not feature.IsFieldSetAndNotNull(at) else value(feature, field, at)
    shape = feature.GetGeometryRef()
    return [cells, None if shape is None else bytes(shape.ExportToIsoWkb()).hex()]


def value(feature: "ogr.Feature", field: "ogr.FieldDefn", at: int) -> object:
    """A cell as its type says."""
    if field.GetType() in (ogr.OFTInteger, ogr.OFTInteger64):
        return feature.GetFieldAsInteger64(at)
    if field.GetType() == ogr.OFTReal:
        return feature.GetFieldAsDouble(at)
    return feature.GetFieldAsString(at)


main()
