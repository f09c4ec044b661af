"""The shipped plan's targets and the review of the last period: as printed, complete."""

import re
from pathlib import Path

import printed_figures
from cases import every
from plan_text import PLAN_TEXT, clauses

from layers.edition import file as editions
from layers.folder.load import load
from layers.model.figures import Review, Target

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDER = DATA / "plans" / "xiaoshan-14fyp"
PLAN = load(FOLDER, DATA)
TARGETS: dict[str, Target] = {one.id: one for one in PLAN.targets}
REVIEWS: dict[str, Review] = {one.id: one for one in PLAN.reviews}

WORDS = dict(line.split(" ", 1) for line in printed_figures.TARGETS.strip().splitlines())
# 力争 stands before the first of two.
STRIVEN_FOR = {"provincial-labs", "visits-basic"}
NUMERALS = {
    "两大": 2,
    "三级": 3,
    "三条": 3,
    "三馆": 3,
    "三村": 3,
    "三大": 3,
    "五大": 5,
    "六大": 6,
    "七大": 7,
    "八大": 8,
    "十大": 10,
    "二十大": 20,
}
COMPARATORS = {"突破": ">", "超": ">", "以上": ">=", "不低于": ">=", "以内": "<=", "左右": "~"}
MEASURES = {"每年": "per_year", "年产": "per_year", "年均增长": "growth", "累计培育": "cumulative", "五年完成": "total"}

# One substation is named, its number is not printed.
IMPLIED: dict[str, tuple[float, ...]] = {"substations-500": (1.0,)}

# Targets in each chapter, counted in the print by chapter: 1.5; 2.1 to 专栏2; and so on.
BY_CHAPTER = {1: 6, 2: 18, 3: 25, 4: 16, 5: 20, 6: 20, 7: 1, 8: 6, 9: 6, 10: 7, 11: 30, 12: 2, 13: 4}
BOX_CHAPTER = {1: 2, 2: 2, 3: 3, 4: 3, 5: 3, 6: 4, 7: 5, 8: 5, 9: 6, 10: 6, 11: 7, 12: 8, 13: 9, 16: 11, 17: 13}
BOX_10 = {"parks": (18, 200), "industry": (70, 1100), "transport": (30, 700), "ecology": (18, 200), "people": (64, 300)}

FIGURE = re.compile(
    r"\d+(?:\.\d+)?(?:~\d+)?(?:G瓦时|亿元|万元|万|%|家|个|条|公里|床|辆|所|件|座|名|人|场|岁|分钟|年一|大)"
)
# Figures with such a unit that are no targets: results of the last period, the bank (a claim), what an institute works
# on, and the age of whom nurseries are for.
NO_TARGETS = {("1.1", "1828.47亿元"), ("1.1", "15.23万元"), ("7.1.1", "35公里"), ("专栏4-6", "6大"), ("11.5.1", "3岁")}

# What stands in words and is no target: names of other plans and programmes, fields of work, ranks, what is there.
NO_TARGETS_IN_WORDS = {
    ("1.2", "四大"), ("1.4", "十九大"), ("1.4", "四大"), ("3.2.1", "三大"), ("3.2.3", "四大"), ("专栏4-1", "三大"),
    ("4.2.1", "三级"), ("专栏6-3", "九大"), ("5.1.1", "两大"), ("5.1.3", "十大"), ("5.2.1", "三大"), ("专栏8", "三大"),
    ("7.1.2", "三大"), ("7.1.2", "四大"), ("7.1.3", "四大"), ("7.3.3", "二级"), ("8.2.1", "三大"), ("10.3.1", "三级"),
    ("10.3.1", "五馆"), ("11.2.1", "全覆盖"), ("专栏16-5", "二级"), ("12.1.2", "全领域"), ("12.2.4", "二级"),
}  # fmt: skip

ROWS = [line.split() for line in printed_figures.TABLE_1.strip().splitlines()]

# Goals reached or not, read off the table by hand; where the goal is words or nothing was printed it cannot be told.
MET = {"3", "4", "5", "7", "8", "9", "10", "15", "16", "17", "18", "20", "21"}
MISSED = {"2", "6", "11", "12", "13", "19"}
# Only rates are printed (7.5 % a year planned, 5.6 % done); or the table itself says 完成 and gives no figure.
MISSED_BY_GROWTH = {"1"}
MET_AS_STATED = {"23", "24", "25", "26", "27", "28"}


def comparator(words: str) -> str:
    # 超亿元 and 市级以上 say which are counted, not how many there are.
    plain = re.sub(r"超亿元|级及?以上", "", words)
    return next((sign for word, sign in COMPARATORS.items() if word in plain), "")


def stated(words: str) -> tuple[float, ...]:
    """The figures in the words: digits, else a Chinese numeral; years and voltages left out."""
    plain = re.sub(r"到20\d\d年|\d+千伏|“十四五”末", "", words)
    if digits := re.findall(r"\d+(?:\.\d+)?", plain):
        return tuple(float(one) for one in digits)
    found = [number for numeral, number in NUMERALS.items() if numeral in plain]
    return (float(max(found)),) if found else ()


def chapter(cite: str) -> int:
    box = re.match(r"专栏(\d+)", cite)
    return BOX_CHAPTER[int(box[1])] if box else int(cite.partition(".")[0])


# ---- targets


def test_every_target_is_typed_here_and_counted_by_chapter() -> None:
    assert set(WORDS) == set(TARGETS)
    counts: dict[int, int] = {}
    for one in TARGETS.values():
        counts[chapter(one.cites[0])] = counts.get(chapter(one.cites[0]), 0) + 1
    assert counts == BY_CHAPTER
    assert len(TARGETS) == 161


@every("target", TARGETS.values(), ids=TARGETS)
def test_target_is_as_printed(target: Target) -> None:
    words = WORDS[target.id]
    if target.text:
        assert (target.value, target.low) == (None, None)
    else:
        numbers = (target.low, target.high) if target.low is not None else (target.value,)
        assert numbers == IMPLIED.get(target.id, stated(words))
        assert target.comparator == comparator(words)
    for word, measure in MEASURES.items():
        if word in words:
            assert target.measure == measure
    assert (target.measure == "growth") == ("年均增长" in words or target.id == "income-growth")
    assert ("力争" in target.note) == ("力争" in words or target.id in STRIVEN_FOR)
    assert ("争取" in target.note) == ("争取" in words)
    assert target.year == next((year for year in (2022, 2023) if f"到{year}年" in words), target.year)
    assert (target.base_year is not None) == (target.measure in ("total", "growth"))
    assert target.unit != "%" or target.measure in ("share", "growth")


@every("target", TARGETS.values(), ids=TARGETS)
def test_target_stands_in_every_clause_it_cites(target: Target, said: dict[str, str]) -> None:
    words = re.sub(r"\s+", "", WORDS[target.id])
    for cite in target.cites:
        assert words in said[cite], cite
    boxes = [said[cite.split("-")[0]] for cite in target.cites if cite.startswith("专栏")]
    for unit in target.lead_units:
        assert any(unit in text for text in boxes), unit


def test_no_figure_of_the_text_is_forgotten(said: dict[str, str]) -> None:
    """Every figure with a unit in the running text and the boxes is a target of its clause, or known to be none."""
    left = set()
    for clause, text in said.items():
        parts = [part for part in said if part.startswith((f"{clause}.", f"{clause}-"))]
        if clause.startswith("表"):
            continue
        text = without(text, [said[part] for part in parts])
        typed = [re.sub(r"\s+", "", WORDS[one.id]) for one in TARGETS.values() if clause in one.cites]
        covered = [found.span() for words in typed for found in re.finditer(re.escape(words), text)]
        for match in FIGURE.finditer(text):
            if not any(start <= match.start() and match.end() <= end for start, end in covered):
                left.add((clause, match[0]))
    assert left == NO_TARGETS


# Numbers and coverage written in words.
_IN_WORDS = re.compile(
    r"[一二两三四五六七八九十]+(?:大|条|级|馆|村)|全覆盖|全领域|覆盖常住|全部|所有行政|所有入河|清零|不发生|应创尽创|基本同步|基本平衡"
)


def test_no_target_in_words_is_forgotten(said: dict[str, str]) -> None:
    """Every number in words and every full coverage of the text and the boxes is a target of its clause, or known."""
    left = set()
    for clause, text in said.items():
        parts = [part for part in said if part.startswith((f"{clause}.", f"{clause}-"))]
        if clause.startswith("表"):
            continue
        text = without(text, [said[part] for part in parts])
        typed = [re.sub(r"\s+", "", WORDS[one.id]) for one in TARGETS.values() if clause in one.cites]
        covered = [found.span() for words in typed for found in re.finditer(re.escape(words), text)]
        for match in _IN_WORDS.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in covered):
                left.add((clause, match[0]))
    assert left == NO_TARGETS_IN_WORDS


def without(text: str, parts: list[str]) -> str:
    """A clause's own words, without those of its items."""
    for part in parts:
        text = text.replace(part, "|")
    return text


def test_box_10_by_field() -> None:
    for slug, (projects, money) in BOX_10.items():
        assert (TARGETS[f"projects-{slug}"].value, TARGETS[f"investment-{slug}"].value) == (projects, money)


@every("target", TARGETS.values(), ids=TARGETS)
def test_target_is_readable(target: Target) -> None:
    assert re.search(r"[\u4e00-\u9fff]", target.name)
    for english in (target.name_en, target.unit_en, target.domain_en, target.note_en, target.text_en):
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", english)
    assert bool(target.note) == bool(target.note_en)
    assert bool(target.text) == bool(target.text_en)
    assert not target.place or PLAN.feature(target.place) is not None
    assert len({one.domain_en for one in TARGETS.values() if one.domain == target.domain}) == 1


# ---- 表1


@every("row", ROWS, ids=[row[0] for row in ROWS])
def test_table_1(row: list[str]) -> None:
    number, name, base, goal, goal_growth, result, growth, kind = row
    one = REVIEWS[f"t1-{int(number):02d}"]
    unit = re.search(r"\(([^()]+)\)$", name)
    assert re.sub(r"[（）()]", "", one.name) == re.sub(r"[()]", "", name[: unit.start()] if unit else name)
    assert one.unit == (unit[1] if unit else "—")
    assert one.property == {"预期性": "expected", "约束性": "binding"}[kind]
    assert one.cites == (f"表1-{number}",)
    assert (one.base_year, one.result_year) == (2015, 2019 if result.endswith("∗") else 2020)
    assert one.base == (None if base in ("--", "完成") else float(base))
    assert ("完成" in one.note) == (base == "完成" or "完成数" in one.note or result.startswith("〔"))
    assert one.goal == (None if goal in ("--", "上级下达指标") else float(goal.strip("〔〕").removesuffix("左右")))
    assert one.goal_comparator == ("~" if goal.endswith("左右") else "")
    assert one.goal_text == ("上级下达指标" if goal == "上级下达指标" else "")
    assert one.goal_growth == (None if goal_growth == "--" else float(goal_growth.rstrip("%")))
    assert one.result == (None if result in ("--", "完成") else float(result.strip("〔〕∗")))
    assert one.result_text == ("完成" if result == "完成" else "")
    assert one.result_growth == (None if growth == "--" else float(growth.strip("[]%")))
    assert one.cumulative == growth.startswith("[")
    assert ("五年累计数" in one.note) == goal.startswith("〔")


def test_table_1_as_typed_here_is_as_printed(said: dict[str, str]) -> None:
    lines = clauses(PLAN_TEXT.read_text(encoding="utf-8"))["表1"].splitlines()
    rows = [line for line in lines if re.match(r"\d+ \| ", line)]
    printed = [[re.sub(r"\s+", "", cell) for cell in line.split("|")][:8] for line in rows]
    assert printed == ROWS


def test_goals_met_and_missed(xiaoshan_edition: Path) -> None:
    table = editions.read(xiaoshan_edition).figures["reviews"].set_index("id")
    found = {
        (verdict, by): {str(int(name[3:])) for name in table.index[(table["met"] == verdict) & (table["met_by"] == by)]}
        for verdict in ("met", "missed")
        for by in ("value", "growth", "stated")
    }
    assert {key: rows for key, rows in found.items() if rows} == {
        ("met", "value"): MET, ("missed", "value"): MISSED, ("missed", "growth"): MISSED_BY_GROWTH,
        ("met", "stated"): MET_AS_STATED,
    }  # fmt: skip
