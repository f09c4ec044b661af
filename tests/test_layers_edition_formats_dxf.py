"""Drawings: entities as ezdxf writes them, painted as the page is, with every value; and KML's styles likewise."""

import io
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezdxf
import pyogrio
import pytest
from export_edition import edition_of, same
from ezdxf.lldxf.tagwriter import TagWriter
from ezdxf.math import Vec2
from web_edition import hostile_edition, make_edition

from geo import crs as geo_crs
from layers.edition import export
from layers.edition.file import Edition
from layers.model.tables import FEATURE_COLUMNS, FLAG

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def edition() -> Edition:
    return edition_of(make_edition())


@pytest.fixture(scope="module")
def hostile() -> Edition:
    return edition_of(hostile_edition())


def test_entities_are_written_as_ezdxf_writes_them(edition: Edition, hostile: Edition, tmp_path: Path) -> None:
    for one in (edition, hostile):
        out = export.export(one, "all", "dxf", "4549", tmp_path / "all.dxf", headings="zh")
        drawing = ezdxf.readfile(out)
        again = io.StringIO()
        drawing.modelspace().entity_space.export_dxf(TagWriter(again, drawing.dxfversion, write_handles=True))
        _before, _section, entities = out.read_text("gbk").partition("  0\nSECTION\n  2\nENTITIES\n")
        assert entities.startswith(again.getvalue())
        assert int(drawing.header["$HANDSEED"], 16) > max(
            int(each.dxf.handle, 16) for each in drawing.entitydb.values()
        )


def test_a_drawing_is_the_same_in_every_process(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests'); from web_edition import make_edition; from pathlib import Path\n"
        "from layers.edition import export; export.export(make_edition(), 'zones', 'dxf', '4549', Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        run = [sys.executable, "-c", program, str(tmp_path / f"{seed}.dxf")]
        subprocess.run(run, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)})
    assert (tmp_path / "1.dxf").read_bytes() == (tmp_path / "2.dxf").read_bytes()


def test_drawings_and_places_are_painted_as_the_page_is(edition: Edition, tmp_path: Path) -> None:
    frames = {name: edition.layers[name].copy() for name in ("expressways", "hubs", "zones")}
    frames["expressways"].loc[0, ["status", "color"]] = ["planned", "#2249a3"]
    frames["hubs"].loc[0, "status"] = "planned"
    frames["zones"]["color"] = "#f3d3a6"
    one = replace(edition, layers=frames)
    kinds = {kind["id"]: kind for kind in one.meta["kinds"]}
    drawn = {}
    drawing = ezdxf.readfile(export.export(one, "all", "dxf", "4549", tmp_path / "all.dxf"))
    for entity in drawing.modelspace().query("LWPOLYLINE POINT"):
        color = entity.dxf.get("true_color", drawing.layers.get(entity.dxf.layer).dxf.true_color)
        drawn[attributes(entity)["id"]] = f"#{color:06x}", entity.dxf.get("linetype", "")
    road, hub, zone = (str(frames[name]["id"][0]) for name in ("expressways", "hubs", "zones"))
    outline = "#8d7a60"  # 58 % of each channel of the zone's colour
    assert drawn[road] == ("#2249a3", "DASHED")
    assert drawn[zone] == (outline, "")
    assert drawn[hub] == (kinds["hub"]["symbol"]["fill"], "")
    root = ET.parse(export.export(one, "all", "kml", "4326", tmp_path / "all.kml")).getroot()  # noqa: S314 - our own
    space = "{http://www.opengis.net/kml/2.2}"
    styles = {
        style.get("id"): [node.text for node in style.iter(f"{space}color")] for style in root.iter(f"{space}Style")
    }
    placed = {
        place.find(f".//{space}SimpleData[@name='feature_id']").text: (place.findtext(f"{space}styleUrl") or "#")[1:]
        for place in root.iter(f"{space}Placemark")
    }
    assert styles[placed[road]] == ["ffa34922", "00ffffff"]
    opacity = round(255 * kinds["zone"]["symbol"]["fill_opacity"])
    assert styles[placed[zone]] == ["ff607a8d", f"{opacity:02x}a6d3f3"]


def test_a_drawing_has_shapes_names_and_attributes(edition: Edition, hostile: Edition, tmp_path: Path) -> None:
    for one in (edition, hostile):
        out = export.export(one, "all", "dxf", "4549", tmp_path / "all.dxf")
        first = out.read_bytes()
        assert export.export(one, "all", "dxf", "4549", out).read_bytes() == first
        drawing = ezdxf.readfile(out)
        assert drawing.audit().errors == []
        assert (drawing.header["$INSUNITS"], drawing.dxfversion) == (6, "AC1018")
        assert {layer.dxf.name for layer in drawing.layers} >= {"片区", "片区_注记", "高速公路", "综合交通枢纽_注记"}
        shapes: dict[str, list[Any]] = {}
        for entity in drawing.modelspace():
            data = attributes(entity)
            assert entity.dxf.layer.endswith("_注记") == (entity.dxftype() == "TEXT")
            if entity.dxftype() != "TEXT":
                shapes.setdefault(data["id"], []).append((entity, data))
        drawn = {name: frame[frame.geometry.notna()] for name, frame in one.layers.items()}
        assert sorted(shapes) == sorted(fid for frame in drawn.values() for fid in frame["id"])
        for frame in drawn.values():
            moved = geo_crs.transform(frame.geometry, geo_crs.CGCS2000, geo_crs.parse_crs("4549"))
            for (_, wanted), shape in zip(frame.iterrows(), moved, strict=True):
                entities = shapes[wanted["id"]]
                got = sum(length(entity) for entity, _data in entities)
                assert got == pytest.approx(shape.length, rel=1e-9), wanted["id"]
                for column, kind in FEATURE_COLUMNS.items():
                    value = entities[0][1].get(column)
                    if kind == FLAG:
                        value = {"True": True, "False": False}[value]
                    said = one_line(wanted[column]) if isinstance(wanted[column], str) else wanted[column]
                    if isinstance(said, str) and len(said) > 600:  # extended data hold 16 kB in all
                        said = said[:599] + "…"
                    assert same(kind, said, value), (wanted["id"], column)
        names = {decoded(entity.dxf.text) for entity in drawing.modelspace().query("TEXT")}
        assert {one_line(name) for name in one.layers["hubs"]["name"][:1]} <= names
        assert one.hash in " ".join(value for _name, value in drawing.header.custom_vars)
        # GDAL, which QGIS opens drawings with, sees the same layers.
        frame = pyogrio.read_dataframe(out)
        assert set(frame["Layer"]) >= {"片区", "高速公路", "综合交通枢纽_注记"}
        assert {decoded(text) for text in frame["Text"].dropna()} == names
        assert frame.total_bounds[0] == pytest.approx(500_000, abs=30_000)


def attributes(entity: Any) -> dict[str, Any]:
    """Extended data as it is filed: ``{ name value … }``."""
    found: dict[str, Any] = {}
    name, parts = "", []
    for code, value in list(entity.get_xdata("PLANMAP"))[1:]:
        if (code, value) == (1002, "{"):
            name, parts = "", []
        elif (code, value) == (1002, "}"):
            found[name] = "".join(parts) if all(isinstance(one, str) for one in parts) else parts[0]
        elif not name:
            name = value
        else:
            parts.append(value)
    return {decoded(name): decoded(value) if isinstance(value, str) else value for name, value in found.items()}


def decoded(text: str) -> str:
    """Without AutoCAD's codes for characters that the file's encoding lacks, which ezdxf leaves as they are."""
    return re.sub(r"\\U\+([0-9A-F]{4})", lambda code: chr(int(code[1], 16)), text)


def one_line(text: str) -> str:
    """What a drawing can say: no line ends, no codes of AutoCAD's own."""
    text = re.sub("[\t\n\r\u2028\u2029]", " ", text)
    return text.replace("%%", "％％").replace("\\U+", "＼U+").replace("^", "＾")


def length(entity: Any) -> float:
    if entity.dxftype() == "POINT":
        return 0.0
    corners = [Vec2(x, y) for x, y, *_ in entity.get_points()]
    ends = [*corners[1:], corners[0]] if entity.closed else corners[1:]
    return math.fsum((b - a).magnitude for a, b in zip(corners, ends, strict=False))
