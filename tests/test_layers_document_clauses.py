"""A plan's text in clauses: headings of all forms, boxes and tables between items, awkward documents."""

import pytest

from layers.document.blocks import fold, tidy
from layers.document.clauses import Block, Text, blocks_of_text, clauses
from layers.model.errors import LayersError


def text_of(words: str) -> Text:
    return clauses(blocks_of_text(words))


def ids(words: str) -> list[str]:
    return [clause.id for clause in text_of(words).clauses]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("第一章 总则\n第一节 目标\n1.增长。\n2.稳定。", ["1", "1.1", "1.1.1", "1.1.2"]),
        ("第一章 总则\n第一节 目标\n一、增长\n二、稳定", ["1", "1.1", "1.1.1", "1.1.2"]),
        ("第一章　总则\n一、目标\n（一）增长\n（二）稳定\n二、保障", ["1", "1.1", "1.1.1", "1.1.2", "1.2"]),
        ("一、总则\n（一）目标\n1．增长\n2．稳定\n二、保障\n（一）领导", ["1", "1.1", "1.1.1", "1.1.2", "2", "2.1"]),
        ("第一篇 开局\n第一章 总则\n第一节 目标\n第二篇 任务\n第二章 产业\n第一节 工业", ["1", "1.1", "2", "2.1"]),
        ("第一篇 甲\n第一章 乙\n第一节 丙\n第二篇 丁\n第一章 戊", ["1", "1.1", "1.1.1", "2", "2.1"]),
        ("第1章 总则\n第1节 目标\n(1)增长\n(2)稳定", ["1", "1.1", "1.1.1", "1.1.2"]),
    ],
)  # fmt: skip
def test_headings_of_all_usual_forms_are_counted(words: str, expected: list[str]) -> None:
    assert ids(words) == expected


def test_a_line_of_words_that_looks_numbered_is_no_heading() -> None:
    words = "一、总则\n（一）目标\n1.5万亩耕地不减。\n第三产业比重提高。\n一、二、三产业融合发展。\n二、保障"
    assert ids(words) == ["1", "1.1", "2"]


def test_contents_before_the_text_are_left_out() -> None:
    words = (
        "某县规划\n目录\n第一章 总则 1\n第一节 目标 2\n第二章 保障 9\n第一章 总则\n第一节 目标\n到2025年。\n第二章 保障"
    )
    text = text_of(words)
    assert [clause.id for clause in text.clauses] == ["1", "1.1", "2"]
    assert text.by_id["1.1"].text == "第一节 目标\n到2025年。"


def test_items_go_on_after_a_box_that_interrupts_them() -> None:
    words = "第一章 总则\n第一节 目标\n1.甲。\n专栏3：项目\n1.路网。建路。\n2.水网。建库。\n"
    words += "（牵头单位：县发改局）\n2.乙。\n第二节 丙"
    text = text_of(words)
    assert text.outline() == {"1.1": 2, "专栏3": 2, "1.2": 0}
    assert text.by_id["专栏3"].text.endswith("（牵头单位：县发改局）")
    assert text.by_id["专栏3-2"].text == "2.水网。建库。"
    assert (text.by_id["专栏3"].part_of, text.by_id["专栏3-2"].part_of) == ("1.1.1", "专栏3")
    assert text.by_id["1.1.2"].title == "乙"


def test_a_box_without_items_ends_where_the_section_goes_on() -> None:
    words = "第一章 总则\n第一节 目标\n1.甲。\n专栏1 名单\n一路、二路。\n2.乙。\n3.丙。"
    assert text_of(words).outline() == {"1.1": 3, "专栏1": 0}


def test_notes_under_a_table_are_its_own() -> None:
    words = "第一章 总则\n第一节 目标\n表1 指标\n序号 | 名称 | 值\n1 | 面积 | 3\n2 | 人口 | 4\n"
    words += "注：1.年末数。\n2.带*为2019年数据。\n1.甲。\n2.乙。"
    text = text_of(words)
    assert text.outline() == {"1.1": 2, "表1": 2}
    assert text.by_id["表1"].text.endswith("2.带*为2019年数据。")


def test_a_table_that_goes_on_under_the_same_number_is_one() -> None:
    words = "第一章 总则\n第一节 目标\n表1 指标\n1 | 面积 | 3\n表1（续）\n2 | 人口 | 4\n第二节 乙"
    text = text_of(words)
    assert text.outline() == {"1.1": 0, "表1": 2, "1.2": 0}
    assert len(text.by_id["表1"].tables) == 2


def test_frames_of_a_document_are_boxes_whatever_is_in_them() -> None:
    blocks = [
        Block("heading", "第一章 总则", 1),
        Block("heading", "第一节 目标", 2),
        Block("box", "专栏1 项目"),
        Block("box", "说明文字。"),
        Block("table", rows=(("甲", "乙"), ("1", "2")), boxed=True),
        Block("table", rows=(("丙", "丁"), ("3", "4"))),
        Block("paragraph", "正文接着。"),
    ]
    text = clauses(blocks)
    assert text.by_id["专栏1"].text == "专栏1 项目\n说明文字。\n甲 | 乙\n1 | 2"
    assert text.by_id["1.1"].text == "第一节 目标\n丙 | 丁\n3 | 4\n正文接着。"


def test_headings_with_a_style_and_no_number_are_counted() -> None:
    blocks = [
        Block("heading", "总则", 1),
        Block("heading", "目标", 2),
        Block("heading", "任务", 2),
        Block("heading", "保障", 1),
    ]
    assert [clause.id for clause in clauses(blocks).clauses] == ["1", "1.1", "1.2", "2"]


def test_a_chapter_out_of_step_is_doubted() -> None:
    assert text_of("第一章 甲\n第三章 乙").doubts == ("3",)


@pytest.mark.parametrize("words", ["", "第10章 总则\n第1节 目标", "春天来了。\n花开了。", "3 | 4 | 5", "\n \t\u3000\n"])
def test_another_genre_is_refused_with_what_was_read(words: str) -> None:
    with pytest.raises(LayersError) as caught:
        text_of(words)
    assert caught.value.key == "document.no_chapter"


def test_every_clause_stands_in_the_whole_at_its_offset() -> None:
    text = text_of("序\n第一章 甲\n第一节 乙\n正文。\n专栏1 丙\n1.丁。\n表1 指标\na | b | c\n第二节 戊")
    for clause in text.clauses:
        assert text.whole[clause.start : clause.end] == clause.text
        assert text.at(clause.start) is clause
        for table in clause.tables:
            assert [text.whole[start:].split("\n")[0] for start in table.starts] == [
                " | ".join(row) for row in table.rows
            ]
    assert text.at(0) is None
    assert text.title == "序"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("到2025 年", "到2025年"),
        ("省市下 达", "省市下达"),
        ("AI 项目", "AI项目"),
        ("AI Lab", "AI Lab"),
        ("港( Port)", "港(Port)"),
    ],
)
def test_blanks_of_typesetting_go(words: str, expected: str) -> None:
    assert tidy(words) == expected


def test_folding_keeps_every_offset() -> None:
    words = "二○三五年（ＡＢ），３％∗"
    assert fold(words) == "二〇三五年(AB),3%*"
    assert len(fold(words)) == len(words)
