"""PDF as offices make it: tables without upright lines, pages and tables on their side, notes at the foot."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
import typst

from layers.document.source import Document, read_document

HEAD = """#set text(font: "Noto Serif CJK SC", size: 10.5pt, lang: "zh")
#set par(justify: true, first-line-indent: (amount: 2em, all: true))
"""
ROWS = (
    ("序号", "指标名称", "单位", "2020年", "2025年", "属性"),
    ("1", "地区生产总值", "亿元", "655", "1000", "预期性"),
    ("2", "城镇调查失业率", "%", "—", "≤5", "预期性"),
    ("3", "每千人口执业（助理）医师数", "人", "2.1", "2.8", "预期性"),
    ("4", "单位地区生产总值能源消耗降低", "%", "—", "〔14〕", "约束性"),
)
OPEN = """#table(columns: 6, stroke: none, align: center,
  table.hline(stroke: 1pt), %s, table.hline(stroke: 0.5pt), %s, table.hline(stroke: 1pt))"""
RULED = "#table(columns: 6, stroke: 0.5pt, %s, %s)"


def table(form: str) -> str:
    cells = [", ".join(f"[{cell}]" for cell in row) for row in ROWS]
    return form % (cells[0], ", ".join(cells[1:]))


def read(tmp_path: Path, source: str, turn: int = 0) -> Document:
    (tmp_path / "plan.typ").write_text(HEAD + source, "utf-8")
    typst.compile(tmp_path / "plan.typ", output=str(tmp_path / "plan.pdf"))
    if turn:
        document = pypdfium2.PdfDocument(tmp_path / "plan.pdf")
        for page in document:
            page.set_rotation(turn)
        document.save(tmp_path / "turned.pdf")
        return read_document(tmp_path / "turned.pdf")
    return read_document(tmp_path / "plan.pdf")


def squeezed(document: Document) -> list[str | tuple[tuple[str, ...], ...]]:
    return [
        tuple(tuple("".join(cell.split()) for cell in row) for row in one.rows)
        if one.rows
        else "".join(one.text.split())
        for one in document.blocks
    ]


def test_a_table_of_three_lines_is_a_table_and_what_stands_around_it_is_not(tmp_path: Path) -> None:
    said = "各部门写明目标，并按年度分解落实到责任单位。" * 4
    parts = [said, "表1 主要指标", table(OPEN), "注：〔〕内为五年累计数。", "表2 其他指标", table(OPEN), said]
    source = "\n\n".join(parts)
    assert squeezed(read(tmp_path, source)) == [
        said, "表1主要指标", ROWS, "注：〔〕内为五年累计数。", "表2其他指标", ROWS, said,
    ]  # fmt: skip


def test_words_over_two_lines_stay_in_their_cell(tmp_path: Path) -> None:
    form = OPEN.replace("columns: 6", "columns: (3em, 9em, 5em, 5em, 5em, 5em)")
    assert squeezed(read(tmp_path, table(form))) == [ROWS]


def test_lines_of_a_header_and_of_running_text_make_no_table(tmp_path: Path) -> None:
    said = "推动产业集聚发展，提升园区承载能力。" * 5
    source = f"#line(length: 100%)\n\n{said}\n\n#line(length: 100%)\n\n{said}\n\n#line(length: 100%)\n\n{said}"
    found = read(tmp_path, source)
    assert not any(one.rows for one in found.blocks)
    assert "".join(one.text for one in found.blocks).count("推动产业集聚发展") == 15


@pytest.mark.parametrize("form", [RULED, OPEN], ids=["ruled", "three lines"])
@pytest.mark.parametrize("turn", [-90, 90, 180])
def test_a_table_on_its_side_is_read_as_one_that_stands(form: str, turn: int, tmp_path: Path) -> None:
    said = "".join(f"第{number}项为规划主要指标，横向排版。" for number in range(11, 31))
    source = f"#rotate({turn}deg, reflow: true)[#box(width: 22cm)[{said}\n\n{table(form)}]]"
    found = squeezed(read(tmp_path, source))
    assert ROWS in found
    assert said in found


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_turned_says_the_same(turn: int, tmp_path: Path) -> None:
    said = "建成高速公路一百二十公里，建成水库三座。" * 6
    source = f"{said}\n\n{table(RULED)}\n\n{said}"
    assert squeezed(read(tmp_path, source, turn)) == squeezed(read(tmp_path, source))


def test_notes_at_the_foot_do_not_part_a_paragraph(tmp_path: Path) -> None:
    before = "".join(f"规划范围第{number}项包括镇街若干，" for number in range(101, 131))
    after = "".join(f"目标第{number}项按期完成任务，" for number in range(201, 261))
    note = "指按可比价格计算的增长速度，不含飞地。"
    source = f'{before}增长速度#footnote(numbering: "①")[{note}]{after}完毕。\n\n第二节 下一步\n\n另起一段。'
    found = read(tmp_path, "#set page(width: 12cm, height: 9cm)\n" + source)
    words = ["".join(one.text.split()) for one in found.blocks]
    assert "document.page_notes" in [one.key for one in found.remarks]
    long = next(one for one in words if one.startswith("规划范围"))
    assert long.endswith("完毕。")
    assert note not in long
    assert [note in one for one in words].count(True) == 1
    assert words[-2:] == ["第二节下一步", "另起一段。"]
