"""Small files of every kind that offices send, all of one invented county, written by other programs or by hand."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import shapely

NAMES = ("松岭镇", "柏溪镇")
BOXES = (shapely.box(102.6, 25.1, 102.7, 25.2), shapely.box(102.7, 25.1, 102.8, 25.2))

ESRI_DEGREES = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,'
    '298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def esri_projection(
    meridian: float, false_easting: float = 500_000.0, datum: str = "D_China_2000", spheroid: str = ""
) -> str:
    """The `.prj` that ESRI's programs write for a Gauss-Krueger projection: parameters, no code."""
    spheroid = spheroid or '"CGCS2000",6378137.0,298.257222101'
    return (
        f'PROJCS["Local",GEOGCS["GCS_Local",DATUM["{datum}",SPHEROID[{spheroid}]],PRIMEM["Greenwich",0.0],'
        f'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{false_easting}],'
        f'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


def features(geometries: Any = BOXES, names: Any = NAMES, **extra: Any) -> list[dict[str, Any]]:
    """GeoJSON features with a name each."""
    return [
        {"type": "Feature", "properties": {"name": name, **extra}, "geometry": shapely.geometry.mapping(shape)}
        for name, shape in zip(names, geometries, strict=True)
    ]


def collection(**members: Any) -> str:
    """A FeatureCollection as text, with other members beside its features."""
    return json.dumps({"type": "FeatureCollection", "features": features(), **members}, ensure_ascii=False)


def frame(crs: Any = 4490) -> gpd.GeoDataFrame:
    """The same as a table."""
    return gpd.GeoDataFrame({"name": NAMES, "code": [990199101, 990199102]}, geometry=list(BOXES), crs=crs)


def topojson() -> str:
    """Two squares that share an arc, quantised to a tenth of a degree."""
    arcs = [[[1, 1], [0, 1]], [[1, 2], [-1, 0], [0, -1], [1, 0]], [[1, 1], [1, 0], [0, 1], [-1, 0]]]
    geometries = [
        {"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": NAMES[0]}},
        {"type": "Polygon", "arcs": [[2, -1]], "properties": {"name": NAMES[1]}},
    ]
    return json.dumps(
        {
            "type": "Topology",
            "transform": {"scale": [0.1, 0.1], "translate": [102.6, 25.0]},
            "objects": {"towns": {"type": "GeometryCollection", "geometries": geometries}},
            "arcs": arcs,
        },
        ensure_ascii=False,
    )


def kml(encoding: str = "UTF-8") -> bytes:
    """Two placemarks in a folder, with data as Google's programs write it."""
    marks = "".join(
        f"<Placemark><name>{name}</name><ExtendedData><Data name='code'><value>{n}</value></Data></ExtendedData>"
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y},0" for x, y in shape.exterior.coords)
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for n, (name, shape) in enumerate(zip(NAMES, BOXES, strict=True))
    )
    text = f'<?xml version="1.0" encoding="{encoding}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    return (text + f"<Folder><name>镇街</name>{marks}</Folder></Document></kml>").encode(encoding)


def shapefile(path: Path, encoding: str, *, cpg: str | None, ldid: int | None = None) -> None:
    """A Shapefile whose texts are in an encoding, with a `.cpg` that says so, says otherwise, or is missing."""
    pyogrio.write_dataframe(frame(), path, driver="ESRI Shapefile", encoding=encoding)
    path.with_suffix(".prj").write_text(ESRI_DEGREES, "utf-8")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, "ascii")
    if ldid is not None:
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[29] = ldid
        path.with_suffix(".dbf").write_bytes(table)
