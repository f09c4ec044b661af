"""The same layers as `build_growth`'s folders, made by a plain geopandas script: the yardstick of what a build costs.

It reads the same files and writes the same layers with zones, townships, lengths, areas and label points. It checks
nothing, knows no clause, source or accuracy, computes no indicator and writes no style.
"""

import csv
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

CRS, METRIC = 4490, 4546


def main(folder: Path, target: Path) -> None:
    """Make the layers."""
    rings: dict[str, list[shapely.LineString]] = {}
    with (folder.parents[1] / "boundaries" / "arcs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            line = shapely.LineString([[float(n) for n in pair.split(",")] for pair in row["lon_lat_points"].split()])
            for unit in {row["unit_a"], row["unit_b"]}:
                rings.setdefault(unit, []).append(line)
    places = pd.read_csv(folder / "places.csv").set_index("name")
    points = {
        one: shapely.Point(lon, lat) for one, lon, lat in zip(places.index, places["lon"], places["lat"], strict=True)
    }
    records = [
        one
        for path in sorted((folder / "features").glob("*.toml"))
        for one in tomllib.loads(path.read_text(encoding="utf-8"))["feature"]
    ]
    shapes: dict[str, shapely.Geometry] = {}
    for one in records:
        recipe = one["geometry"]
        if "arcs" in recipe:
            shapes[one["id"]] = shapely.union_all(shapely.polygonize(rings[recipe["unit"]]))
        elif "union" in recipe:
            shapes[one["id"]] = shapely.coverage_union_all([shapes[name] for name in recipe["union"]])
        else:
            shapes[one["id"]] = points[recipe["place"]] if "place" in recipe else shapely.LineString(recipe["route"])
    columns = {name: [one.get(name, "") for one in records] for name in ("id", "name", "name_en", "kind", "status")}
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes.values()), crs=CRS)
    geod = frame.crs.get_geod()
    frame["length_km"] = [
        geod.geometry_length(one) / 1e3 if one.geom_type == "LineString" else None for one in frame.geometry
    ]
    frame["area_km2"] = [
        abs(geod.geometry_area_perimeter(one)[0]) / 1e6 if "Polygon" in one.geom_type else None
        for one in frame.geometry
    ]
    inside = frame.set_geometry(frame.geometry.to_crs(METRIC).representative_point())
    for kind in ("zone", "township"):
        units = frame.loc[frame["kind"] == kind, ["id", "geometry"]].rename(columns={"id": kind})
        found = gpd.sjoin(inside[["geometry"]].to_crs(CRS), units, predicate="intersects")
        frame[kind] = found.groupby(level=0)[kind].agg(";".join).reindex(frame.index).fillna("")
    labels = inside.geometry.to_crs(CRS)
    frame["label_lon"], frame["label_lat"] = labels.x, labels.y
    for kind, layer in frame.groupby("kind", sort=False):
        layer.to_file(target, layer=f"{kind}s", driver="GPKG")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
