"""Citations: one notation, checked against the outline, labelled in both languages."""

import pytest
from cases import every

from layers.model import citations
from layers.model.errors import LayersError

OUTLINE = {"7.1": 3, "9.1": 0, "12.10": 2, "专栏2": 5, "表2": 31}


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("7.1.3", "第七章第一节 3", "Ch. 7, Sec. 1, item 3"),
        ("9.1", "第九章第一节", "Ch. 9, Sec. 1"),
        ("12.10.2", "第十二章第十节 2", "Ch. 12, Sec. 10, item 2"),
        ("专栏2-4", "专栏2 第4项", "Box 2, item 4"),
        ("专栏2", "专栏2", "Box 2"),
        ("表2-17", "表2 第17项", "Table 2, item 17"),
    ],
)
def test_label(text: str, zh: str, en: str) -> None:
    assert citations.validate(text, OUTLINE).text == text
    assert citations.label(text) == zh
    assert citations.label(text, "en") == en


@pytest.mark.parametrize(
    ("chapter", "zh"), [(1, "一"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (21, "二十一"), (90, "九十")]
)
def test_chapters_are_written_as_in_headings(chapter: int, zh: str) -> None:
    assert citations.label(f"{chapter}.1") == f"第{zh}章第一节"


@every("text", ["", "7", "7.", "7.0", "7.1.0", "07.1", "7.1.3.2", "专栏", "专栏2.4", "表2-", "第七章", "7．1", "٧.١"])
def test_notation(text: str) -> None:
    with pytest.raises(LayersError) as caught:
        citations.parse(text)
    assert caught.value.key == "cite.notation"
    assert citations.label(text) == text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("8.1", "cite.unknown_clause"),
        ("专栏9-1", "cite.unknown_clause"),
        ("7.1.4", "cite.unknown_item"),
        ("9.1.1", "cite.unknown_item"),
        ("表2-32", "cite.unknown_item"),
    ],
)
def test_clauses_must_exist(text: str, key: str) -> None:
    with pytest.raises(LayersError) as caught:
        citations.validate(text, OUTLINE)
    assert caught.value.key == key
    assert text in caught.value.message("zh")
    assert caught.value.remedy("en")


@pytest.mark.parametrize(
    ("key", "good"), [("7.1", True), ("专栏2", True), ("表2", True), ("7", False), ("7.1.3", False), ("专栏2-4", False)]
)
def test_outline_keys(key: str, good: bool) -> None:
    assert citations.is_outline_key(key) is good
