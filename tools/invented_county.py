"""Make what the invented county starts from: its plan as DOCX, its townships, its gazetteer.

``python -m tools.invented_county`` reads ``data/sources/yunxiu/yunxiu-plan.md``, the plan's own text, and writes beside
it what an office would have: a document as word processors make them (headings numbered by the program, boxes,
merged cells, changes that are marked), a file of townships and one of places. Nothing in them is real.
"""

import json
import random
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.table import Table

from tools.local import ROOT

PLACE = ROOT / "data" / "sources" / "yunxiu"
SOURCE = PLACE / "yunxiu-plan.md"
MADE = (1980, 1, 1, 0, 0, 0)
W = nsdecls("w")

Point = tuple[float, float]

# ---- the document

NUMBERING = f"""<w:abstractNum {W} w:abstractNumId="77"><w:multiLevelType w:val="multilevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:pStyle w:val="Heading1"/>
<w:suff w:val="space"/><w:lvlText w:val="第%1章"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:pStyle w:val="Heading2"/>
<w:suff w:val="space"/><w:lvlText w:val="第%2节"/></w:lvl></w:abstractNum>"""
TEXT_BOX = """<w:p {w} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml">
<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">
<wp:extent cx="5270000" cy="2400000"/><wp:docPr id="9" name="box"/><a:graphic><a:graphicData
 uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr>
<a:xfrm><a:off x="0" y="0"/><a:ext cx="5270000" cy="2400000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
</wps:spPr><wps:txbx><w:txbxContent>{text}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic>
</wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape style="width:415pt;height:189pt"><v:textbox>
<w:txbxContent>{text}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"""
_HEADING = re.compile(r"^(#{1,3}) (?:第\w+[章节] )?(.*)$")


def document(text: str) -> Any:
    """The plan as a word processor's document."""
    made = docx.Document()
    _numbered_headings(made)
    made.sections[0].header.paragraphs[0].text = "云岫县“十四五”规划纲要（示例）"
    blocks = [block for block in text.split("\n\n") if block.strip()]
    box: list[str] = []
    for block in blocks:
        heading = _HEADING.match(block)
        if box and (heading or block.startswith("专栏")):
            _box(made, box)
            box = []
        if heading:
            level = len(heading[1]) - 1
            made.add_heading(heading[2], level)
        elif block.startswith("专栏"):
            box = [block]
        elif box:
            box.append(block)
        elif block.startswith("|"):
            _table(made, [_cells(line) for line in block.splitlines() if not line.startswith("|-")])
        else:
            _paragraph(made, block)
    if box:
        _box(made, box)
    return made


def _numbered_headings(made: Any) -> None:
    """Chapters and sections numbered by the program, as the style says."""
    numbering = made.part.numbering_part.element
    first = numbering.find(qn("w:num"))
    first.addprevious(parse_xml(NUMBERING))
    numbering.append(parse_xml(f'<w:num {W} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level in (1, 2):
        properties = made.styles[f"Heading {level}"].element.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level - 1}"/><w:numId w:val="77"/></w:numPr>'))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _table(made: Any, rows: list[list[str]]) -> Table:
    """A table; empty cells below a group's name are merged with it."""
    table: Table = made.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    top: Any = None
    for number, row in enumerate(rows):
        cells = table.rows[number].cells
        for column, cell in enumerate(row):
            if cell:
                cells[column].text = cell
        if row[0]:
            top = cells[0]
        else:
            top = top.merge(cells[0])
    for cell in table.columns[0].cells:
        for empty in [one for one in cell.paragraphs[1:] if not one.text]:
            empty._p.getparent().remove(empty._p)
    return table


def _paragraph(made: Any, text: str) -> None:
    """A paragraph; what an office leaves behind in one: a marked change, hidden words, a control."""
    paragraph = made.add_paragraph()
    changed = re.search("126亿元", text)
    if changed and "突破" in text:
        paragraph.add_run(text[: changed.start()])
        paragraph._p.append(_marked("del", "delText", "120亿元"))
        paragraph._p.append(_marked("ins", "t", "126亿元"))
        paragraph.add_run(text[changed.end() :])
    elif "建成区面积达到15平方公里" in text:
        head, _, tail = text.partition("15平方公里")
        paragraph.add_run(head)
        paragraph._p.append(
            parse_xml(f"<w:sdt {W}><w:sdtContent><w:r><w:t>15平方公里</w:t></w:r></w:sdtContent></w:sdt>")
        )
        paragraph.add_run(tail)
        hidden = paragraph.add_run("（此处数据待住建局核实）")
        hidden.font.hidden = True
    else:
        paragraph.add_run(text)


def _marked(name: str, leaf: str, text: str) -> Any:
    return parse_xml(
        f'<w:{name} {W} w:id="1" w:author="office" w:date="2021-01-01T00:00:00Z">'
        f"<w:r><w:{leaf}>{text}</w:{leaf}></w:r></w:{name}>"
    )


def _box(made: Any, lines: list[str]) -> None:
    """A box: the second is a text box, the fourth paragraphs, the others tables of one cell."""
    if lines[0].startswith("专栏2"):
        text = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
        made.element.body.insert_element_before(parse_xml(TEXT_BOX.format(w=W, text=text)), "w:sectPr")
    elif lines[0].startswith("专栏4"):
        for line in lines:
            made.add_paragraph(line)
    else:
        cell = made.add_table(rows=1, cols=1, style="Table Grid").rows[0].cells[0]
        cell.text = lines[0]
        for line in lines[1:]:
            cell.add_paragraph(line)


def save(made: Any, path: Path) -> None:
    """The document, the same bytes every time."""
    made.core_properties.author = made.core_properties.comments = ""
    made.core_properties.title = "云岫县“十四五”规划纲要（示例）"
    made.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, MADE), content, zipfile.ZIP_DEFLATED)


# ---- townships: cells of a net, with edges that wander and that both neighbours share

COLUMNS, ROWS = (105.20, 105.34, 105.48, 105.62), (31.90, 32.00, 32.10, 32.21, 32.32)
TOWNSHIPS = (
    ("瓦窑镇", "双河镇", "麻园镇"),
    ("石埠镇", "柳塘镇", "青桥镇"),
    ("鹿鸣镇", "文澜街道", "东渡街道"),
    ("高坪乡", "云台镇", "松岭乡"),
)
ENGLISH = {
    "瓦窑镇": "Wayao Town", "双河镇": "Shuanghe Town", "麻园镇": "Mayuan Town", "石埠镇": "Shibu Town",
    "柳塘镇": "Liutang Town", "青桥镇": "Qingqiao Town", "鹿鸣镇": "Luming Town", "文澜街道": "Wenlan Subdistrict",
    "东渡街道": "Dongdu Subdistrict", "高坪乡": "Gaoping Township", "云台镇": "Yuntai Town",
    "松岭乡": "Songling Township",
}  # fmt: skip


def townships() -> list[dict[str, Any]]:
    """GeoJSON features of the twelve townships, which tile."""
    chance = random.Random(20210118)  # noqa: S311
    nodes = {
        (column, row): (
            COLUMNS[column] + chance.uniform(-0.014, 0.014),
            ROWS[row] + chance.uniform(-0.012, 0.012),
        )
        for column in range(4)
        for row in range(5)
    }
    edges: dict[tuple[Any, Any], list[Point]] = {}
    for (column, row), node in nodes.items():
        for ahead in ((column + 1, row), (column, row + 1)):
            if ahead in nodes:
                edges[(column, row), ahead] = _wandering(node, nodes[ahead], chance)
    found = []
    for row, names in enumerate(TOWNSHIPS):
        for column, name in enumerate(names):
            corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
            ring: list[Point] = []
            for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
                line = edges[start, end] if (start, end) in edges else edges[end, start][::-1]
                ring += line[:-1]
            ring.append(ring[0])
            number = 3 * row + column + 1
            found.append(
                {
                    "type": "Feature",
                    "properties": {"name": name, "name_en": ENGLISH[name], "code": f"5199991{number:02d}"},
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )
    return found


def _wandering(start: Point, end: Point, chance: random.Random, depth: int = 5) -> list[Point]:
    """A line between two points, its middle moved aside again and again."""
    line = [start, end]
    for step in range(depth):
        reach = 0.16 / 1.5**step
        longer: list[Point] = [line[0]]
        for (x, y), (u, v) in pairwise(line):
            aside = chance.uniform(-reach, reach)
            longer += [((x + u) / 2 - (v - y) * aside, (y + v) / 2 + (u - x) * aside), (u, v)]
        line = longer
    return [(round(x, 5), round(y, 5)) for x, y in line]


# ---- places

LINES: dict[str, tuple[str, str, list[Point]]] = {
    "岫江": (
        "Xiujiang River",
        "",
        [(105.362, 32.318), (105.372, 32.286), (105.401, 32.258), (105.396, 32.226), (105.414, 32.19),
         (105.421, 32.157), (105.404, 32.123), (105.411, 32.086), (105.398, 32.052), (105.409, 32.018),
         (105.397, 31.976),
         (105.412, 31.942), (105.405, 31.905)],
    ),
    "岫宁高速公路": (
        "Xiuning Expressway", "岫宁高速",
        [(105.215, 32.052), (105.262, 32.061), (105.318, 32.049), (105.372, 32.066), (105.431, 32.071)],
    ),
    "岫宁高速公路东延线": (
        "Eastern extension of the Xiuning Expressway", "",
        [(105.431, 32.071), (105.489, 32.062), (105.545, 32.069), (105.604, 32.058)],
    ),
    "省道417线": (
        "Provincial road 417", "",
        [(105.376, 32.3), (105.39, 32.262), (105.407, 32.216), (105.43, 32.176), (105.424, 32.128), (105.42, 32.082),
         (105.417, 32.034), (105.418, 31.985), (105.424, 31.93)],
    ),
    "岫宁铁路云岫段": (
        "Xiuning Railway, Yunxiu section", "",
        [(105.216, 32.078), (105.284, 32.092), (105.352, 32.118), (105.44, 32.136), (105.512, 32.125),
         (105.607, 32.132)],
    ),
    "云岫至高坪高速公路": (
        "Yunxiu–Gaoping Expressway", "",
        [(105.405, 32.066), (105.352, 32.102), (105.312, 32.156), (105.281, 32.204), (105.268, 32.262)],
    ),
    "县城东环线": (
        "Eastern ring of the county seat", "",
        [(105.432, 32.198), (105.462, 32.186), (105.474, 32.158), (105.462, 32.128), (105.434, 32.114)],
    ),
    "岫江绿道": (
        "Xiujiang Greenway", "",
        [(105.4, 32.222), (105.418, 32.188), (105.425, 32.155), (105.408, 32.122), (105.415, 32.085)],
    ),
}  # fmt: skip
POINTS: dict[str, tuple[str, str, Point]] = {
    "云岫站": ("Yunxiu Station", "云岫站综合交通枢纽", (105.44, 32.136)),
    "云岫经济开发区": ("Yunxiu Economic Development Zone", "", (105.447, 32.118)),
    "岫江新城": ("Xiujiang New Town", "", (105.43, 32.168)),
    "云岫站前新区": ("Yunxiu Station New Area", "", (105.452, 32.142)),
    "文澜古城": ("Wenlan Old Town", "", (105.414, 32.166)),
    "云台山旅游度假区": ("Yuntaishan Tourist Resort", "云台山度假区", (105.428, 32.272)),
    "云台山国家森林公园": ("Yuntaishan National Forest Park", "", (105.444, 32.29)),
    "青石湖湿地公园": ("Qingshi Lake Wetland Park", "", (105.532, 32.038)),
    "鹿鸣水库": ("Luming Reservoir", "", (105.262, 32.148)),
    "鹿鸣温泉小镇": ("Luming Hot Spring Town", "", (105.288, 32.171)),
    "高坪滑雪场": ("Gaoping Ski Resort", "", (105.252, 32.284)),
    "高坪风电场": ("Gaoping Wind Farm", "", (105.282, 32.301)),
    "云岫职业技术学校": ("Yunxiu Vocational School", "", (105.398, 32.152)),
    "云岫中学": ("Yunxiu High School", "", (105.409, 32.171)),
    "县人民医院": ("County People's Hospital", "县人民医院新院区", (105.424, 32.149)),
    "县中医医院": ("County Hospital of Chinese Medicine", "", (105.405, 32.162)),
    "白鹭村": ("Bailu Village", "", (105.392, 31.958)),
    "青石寨村": ("Qingshizhai Village", "", (105.556, 32.072)),
    "桃花湾村": ("Taohuawan Village", "", (105.271, 31.962)),
}


def places() -> list[dict[str, Any]]:
    """GeoJSON features of the gazetteer: lines, then points."""
    return [
        _place(name, english, alias, {"type": "LineString", "coordinates": line})
        for name, (english, alias, line) in LINES.items()
    ] + [
        _place(name, english, alias, {"type": "Point", "coordinates": point})
        for name, (english, alias, point) in POINTS.items()
    ]


def _place(name: str, english: str, alias: str, geometry: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": name, "name_en": english, "aliases": alias, "accuracy_m": 300},
        "geometry": geometry,
    }


def _collection(name: str, features: list[dict[str, Any]]) -> str:
    """A collection, one feature a line; its first words say that it is invented."""
    head = {"type": "FeatureCollection", "name": name, "note": "虚构，仅作示例 / invented, for demonstration only"}
    rows = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    return json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n' + rows + "\n]}\n"


def files() -> Iterator[Path]:
    """Write the three files, and name them."""
    save(document(SOURCE.read_text("utf-8")), PLACE / "yunxiu-plan.docx")
    yield PLACE / "yunxiu-plan.docx"
    for name, features in (("yunxiu-townships", townships()), ("yunxiu-places", places())):
        path = PLACE / f"{name}.geojson"
        path.write_text(_collection(name, features), "utf-8")
        yield path


if __name__ == "__main__":
    for made in files():
        print(made.relative_to(ROOT))
