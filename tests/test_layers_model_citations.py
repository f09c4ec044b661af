"""Citations: the plan's notation, checked against its outline, labelled in both languages."""

import pytest
from cases import every

from layers.model.citations import STANDARD, Clauses, Notation
from layers.model.errors import LayersError
from webmap.map.compose import notation_messages
from webmap.serving.messages import frontend

OUTLINE = Clauses({"7.1": 3, "9.1": 0, "12.10": 2, "专栏2": 5, "表2": 31, "附表1": 4, "图3": 0})


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("7.1.3", "第七章第一节 3", "Ch. 7, Sec. 1, item 3"),
        ("9.1", "第九章第一节", "Ch. 9, Sec. 1"),
        ("12.10.2", "第十二章第十节 2", "Ch. 12, Sec. 10, item 2"),
        ("专栏2-4", "专栏2 第4项", "Box 2, item 4"),
        ("专栏2", "专栏2", "Box 2"),
        ("表2-17", "表2 第17项", "Table 2, item 17"),
        ("附表1-4", "附表1 第4项", "Annex table 1, item 4"),
        ("图3", "图3", "Figure 3"),
    ],
)
def test_label(text: str, zh: str, en: str) -> None:
    assert OUTLINE.validate(text).text == text
    assert STANDARD.label(text) == zh
    assert STANDARD.label(text, "en") == en


@pytest.mark.parametrize(
    ("chapter", "zh"), [(1, "一"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (21, "二十一"), (90, "九十")]
)
def test_chapters_are_written_as_in_headings(chapter: int, zh: str) -> None:
    assert STANDARD.label(f"{chapter}.1") == f"第{zh}章第一节"


@every(
    "text",
    [
        "",
        "7",
        "7.",
        "7.0",
        "7.1.0",
        "07.1",
        "7.1.3.2",
        "专栏",
        "专栏2.4",
        "表2-",
        "第七章",
        "7．1",
        "٧.١",
        "附件2",
        "专栏2\n",
    ],
)
def test_notation(text: str) -> None:
    with pytest.raises(LayersError) as caught:
        STANDARD.parse(text)
    assert caught.value.key == "cite.notation"
    assert STANDARD.label(text) == text


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
        OUTLINE.validate(text)
    assert caught.value.key == key
    assert text in caught.value.message("zh")
    assert caught.value.remedy("en")


@pytest.mark.parametrize(
    ("key", "good"), [("7.1", True), ("专栏2", True), ("表2", True), ("7", False), ("7.1.3", False), ("专栏2-4", False)]
)
def test_outline_keys(key: str, good: bool) -> None:
    assert STANDARD.is_outline_key(key) is good


PARTS = Notation.read({
    "level": [{"name": "篇", "name_en": "Part"}, {"name": "章", "name_en": "Ch."}],
    "numbered": [{"name": "清单", "name_en": "List"}],
})  # fmt: skip


def test_a_plan_says_how_it_numbers_its_clauses() -> None:
    assert PARTS.label("3.12.2") == "第三篇第十二章 2"
    assert PARTS.label("3.12", "en") == "Part 3, Ch. 12"
    assert (PARTS.chapter(3), PARTS.chapter(3, "en")) == ("第三篇", "Part 3")
    assert PARTS.label("清单2-1", "en") == "List 2, item 1"
    assert PARTS.label("专栏2", "en") == "专栏2", "this plan has none"
    assert not PARTS.is_outline_key("专栏2")
    assert Notation.read(PARTS.as_meta()) == PARTS
    assert Notation.read({}) == STANDARD


WRONG = (
    3, [], "章", {"levels": []}, {"level": [{"name": "章"}]}, {"level": "章"}, {"numbered": [{"name": "表2"}]},
    {"numbered": [{"name": "表"}, {"name": "表"}]}, {"numbered": [{"name": "表", "name_en": 3}]},
    {"numbered": [{"name": "表", "nom": "x"}]}, {"numbered": [{"name": ""}]}, {"numbered": ["表"]},
)  # fmt: skip


@every("table", WRONG)
def test_what_is_no_notation_is_told(table: object) -> None:
    with pytest.raises(LayersError) as caught:
        Notation.read(table)
    assert caught.value.key == "outline.notation"
    assert caught.value.message("en")
    assert caught.value.remedy("zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_the_same_patterns(lang: str) -> None:
    """What stands in the page's catalogue is what it gets from the standard notation."""
    shipped = {key: text for key, text in frontend(lang).items() if key.startswith("panels.cite.")}
    assert notation_messages(STANDARD, lang) == shipped
