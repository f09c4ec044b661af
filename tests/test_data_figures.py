"""The shipped plan's targets, the review of the last period and its claims: as printed, complete, checked by hand."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import printed_figures
import pytest
import shapely
from cases import every
from plan_text import PLAN_TEXT, REFERENCE, clauses
from pyproj import Geod
from shapely.geometry import shape

from layers.edition import file as editions
from layers.folder.load import load
from layers.model.figures import Claim, Review, Target

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDER = DATA / "plans" / "xiaoshan-14fyp"
PLAN = load(FOLDER, DATA)
TARGETS: dict[str, Target] = {one.id: one for one in PLAN.targets}
REVIEWS: dict[str, Review] = {one.id: one for one in PLAN.reviews}
CLAIMS: dict[str, Claim] = {one.id: one for one in PLAN.claims}

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

_FIGURE = re.compile(
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

# Claims that differ, that the plan itself excuses, and that nothing here can check; all others agree.
DIFFERS = {"growth-02", "growth-05", "growth-08", "goal-growth-05", "goal-growth-08", "goal-growth-10"}
NOTED = {
    "roads-10-text": "open_list", "roads-10-box": "open_list", "substations-220": "open_list",
    "substations-110": "open_list", "industries-9": "groupings", "growth-01": "prices", "reached-safety": "policy",
    "reached-jobs": "policy", "reached-investment": "policy", "reached-retail": "policy", "reached-life-2015": "policy",
    "bank-35": "readings", "rail-104": "readings",
}  # fmt: skip
# Counted or deduced by the editors: what the plan does not print, with the verdict that each has.
SELF_CHECKS = {
    "zone-central-full", "zone-central-part", "zone-east-full", "zone-east-part", "zone-south-full", "zone-south-part",
    "pole-kaifaqu", "block-shibei", "block-qiaonan", "block-kejicheng", "block-yinong", "block-yiqiao", "pole-xianghu",
    "pole-nanzhan", "expo-east",
}  # fmt: skip
SELF_NOTED = {"pole-kaifaqu": "groupings", "block-yinong": "groupings"}
UNCHECKED = {
    "network-4-5-1",
    "belt-8-inside",
    "events-5",
    "secondary-5",
    "airport-200",
    "airport-60",
    "fitness-10",
    "commute-30",
    "nursery-each",
}

# By hand (logarithms, four figures): 1828.47/1587.8 = 1.15157, ln 0.14113, a fifth 0.028226, growth 2.863 %; and so on.
BY_HAND = {
    "growth-01": 2.86, "growth-02": 1.27, "growth-03": 16.4, "growth-04": 16.39, "growth-05": 5.57,
    "growth-06": 1.67, "growth-08": 11.46, "growth-12": 7.26, "growth-13": 8.30,
    "goal-growth-02": 6.94, "goal-growth-04": 6.00, "goal-growth-05": 4.22, "goal-growth-06": 3.02,
    "goal-growth-08": 9.28, "goal-growth-10": 6.97, "goal-growth-12": 7.81, "goal-growth-13": 8.89,
    # 920/719.97 = 1.27783, ln 0.24517, a fifth 0.049034; 131/113.98 = 1.14933, ln 0.13918, a fifth 0.027836.
    "retail-growth": 5.03, "trade-growth": 2.82,
    # (15 · 2600) / (5.8 · 1828.47) = 3.67745, ln 1.30222, a fifth 0.260444.
    "digital-growth": 29.75,
    "hightech-share": 58.22, "reached-income": 1.669, "jobs-sum": 10, "projects-200": 200, "investment-2500": 2500,
    "reached-safety": 97.2, "reached-jobs": 17.93, "reached-life-2015": 83.45, "industries-9": 10,
    "carriers-20": 20, "sources-7": 7, "belt-8": 8, "expressways-3": 3, "roads-10-text": 5, "roads-10-box": 9,
    "zone-central-full": 7, "zone-central-part": 3, "zone-east-full": 6, "zone-east-part": 1, "zone-south-full": 6,
    "zone-south-part": 2, "block-yinong": 0, "items-6": 10, "substations-220": 2, "substations-110": 2,
}  # fmt: skip

BENEATH = {"t2-21"}  # Of 表2, the only target that its own baseline passes.


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """The plan's clauses without blanks."""
    if not PLAN_TEXT.is_file():
        pytest.skip("the plan's text is not beside the checkout")
    found = clauses(PLAN_TEXT.read_text(encoding="utf-8"))
    return {clause: re.sub(r"\s+", "", text) for clause, text in found.items()}


@pytest.fixture(scope="module")
def checked(xiaoshan_edition: Path) -> pd.DataFrame:
    """The claims of the edition as built, by id."""
    return editions.read(xiaoshan_edition).figures["claims"].set_index("id")


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


Span = tuple[int, int]


def _forgotten(
    said: dict[str, str], wanted: re.Pattern[str], holds: Callable[[Span, Span], bool]
) -> set[tuple[str, str]]:
    """What is found in the running text and the boxes, and in no target that is typed here for its clause."""
    left = set()
    for clause, text in said.items():
        parts = [part for part in said if part.startswith((f"{clause}.", f"{clause}-"))]
        if clause.startswith("表"):
            continue
        text = _without(text, [said[part] for part in parts])
        typed = [re.sub(r"\s+", "", WORDS[one.id]) for one in TARGETS.values() if clause in one.cites]
        covered = [found.span() for words in typed for found in re.finditer(re.escape(words), text)]
        found = (match for match in wanted.finditer(text) if not any(holds(one, match.span()) for one in covered))
        left |= {(clause, match[0]) for match in found}
    return left


def test_no_figure_of_the_text_is_forgotten(said: dict[str, str]) -> None:
    """Every figure with a unit in the running text and the boxes is a target of its clause, or known to be none."""
    assert _forgotten(said, _FIGURE, lambda typed, found: typed[0] <= found[0] and found[1] <= typed[1]) == NO_TARGETS


# Numbers and coverage written in words.
_IN_WORDS = re.compile(
    r"[一二两三四五六七八九十]+(?:大|条|级|馆|村)|全覆盖|全领域|覆盖常住|全部|所有行政|所有入河|清零|不发生|应创尽创|基本同步|基本平衡"
)


def test_no_target_in_words_is_forgotten(said: dict[str, str]) -> None:
    """Every number in words and every full coverage of the text and the boxes is a target of its clause, or known."""
    left = _forgotten(said, _IN_WORDS, lambda typed, found: typed[0] < found[1] and found[0] < typed[1])
    assert left == NO_TARGETS_IN_WORDS


def _without(text: str, parts: list[str]) -> str:
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


# ---- claims


def test_verdicts(checked: pd.DataFrame) -> None:
    own = checked["self_check"].astype(bool)
    assert set(checked.index[own]) == SELF_CHECKS
    assert _noted(checked[own]) == SELF_NOTED
    assert set(checked.index[own & (checked["verdict"] == "agrees")]) == SELF_CHECKS - set(SELF_NOTED)
    rest = checked[~own]
    by = {verdict: set(rest.index[rest["verdict"] == verdict]) for verdict in ("agrees", "differs", "unchecked")}
    assert by["differs"] == DIFFERS
    assert _noted(rest) == NOTED
    assert by["unchecked"] == UNCHECKED
    assert len(by["agrees"]) == len(rest) - len(DIFFERS) - len(NOTED) - len(UNCHECKED)


def _noted(rows: pd.DataFrame) -> dict[str, str]:
    return dict(rows.loc[rows["verdict"] == "noted", "because"])


@every("name", BY_HAND)
def test_measured_is_what_hand_calculation_gives(name: str, checked: pd.DataFrame) -> None:
    half = 0.51 * 10 ** -CLAIMS[name].decimals if CLAIMS[name].decimals else 0.0
    assert checked.loc[name, "measured"] == pytest.approx(BY_HAND[name], abs=half)


def _readings(checked: pd.DataFrame, name: str) -> list[float]:
    return [one["measured"] for one in json.loads(checked.loc[name, "readings"])]


def test_bank_and_rail(checked: pd.DataFrame) -> None:
    # By summing the lines' parts inside the district on the ellipsoid, each line apart: 9.89 + 16.13 + 9.75 + 1.73
    # + 3.44 + 28.76 + 23.32 = 93.02 km of metro and 10.74 km of intercity; the airport branch is shared for 3.85 km.
    rail = [93.02 - 3.85, 93.02 + 10.74 - 3.85, 93.02 + 10.74]
    assert _readings(checked, "rail-104") == pytest.approx(rail, abs=0.1)
    # Nanyang 3.43, Wenyan 5.89, Ningwei 12.57, Xinjie 3.43, Yingfeng 4.04; Yiqiao 5.16 above the confluence.
    bank = [3.43 + 5.89 + 12.57 + 3.43 + 4.04 + 5.16, 3.43 + 5.89 + 12.57 + 3.43 + 4.04]
    assert _readings(checked, "bank-35") == pytest.approx(bank, abs=0.1)
    for name, readings in (("rail-104", rail), ("bank-35", bank)):
        ends = checked.loc[name, ["measured_low", "measured_high"]].tolist()
        assert ends == pytest.approx([min(readings), max(readings)], abs=0.1)


@pytest.mark.reference
def test_rail_against_the_tracks_themselves(checked: pd.DataFrame, xiaoshan_edition: Path) -> None:
    """The metro part against OpenStreetMap tracks and chords inside the district, which are not in the project."""
    path = REFERENCE / "metro_tracks.geojson"
    if not path.is_file():
        pytest.skip("no control data: metro_tracks.geojson is not beside the checkout")
    tracks = [shape(one["geometry"]) for one in json.loads(path.read_text(encoding="utf-8"))["features"]]
    district = editions.read(xiaoshan_edition).layers["district"].geometry.iloc[0]
    inside = shapely.intersection(shapely.union_all(tracks), district)
    once = Geod(ellps="GRS80").geometry_length(inside) / 1000
    assert _readings(checked, "rail-104")[0] == pytest.approx(once, rel=0.02)


def test_roads_behind_the_count(checked: pd.DataFrame) -> None:
    names = {one.id: one.name for one in PLAN.features}
    named = {names[one] for one in checked.loc["roads-10-text", "features"].split(";")}
    assert named == {"风情大道", "彩虹大道", "通城大道", "时代大道", "03省道东复线"}
    listed = {names[one] for one in checked.loc["roads-10-box", "features"].split(";")}
    assert listed == named | {"杭州中环萧山段", "亚太路东伸", "临浦快速路", "市心路南伸"}


def test_targets_below_their_baseline_are_all_found() -> None:
    """A sweep over 表2: every target that its baseline has passed is a claim that says so."""
    beneath = set()
    for one in PLAN.indicators:
        if one.baseline and one.target and one.baseline.value is not None:
            aim = one.target.high if one.target.value is None else one.target.value
            if aim is not None and (aim - one.baseline.value) * (-1 if one.better == "lower" else 1) < 0:
                beneath.add(one.id)
    assert beneath == BENEATH
    assert CLAIMS["reached-safety"].readings[0].measure["value_of"] == "t2-21"


@every("claim", CLAIMS.values(), ids=CLAIMS)
def test_claim_says_how_and_why(claim: Claim) -> None:
    assert claim.reason
    assert claim.reason_en
    assert bool(claim.note) == bool(claim.note_en)
    for english in (claim.name_en, claim.unit_en, claim.reason_en, claim.note_en):
        assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", english)
    assert claim.cites


# Figures that stand in the clause in other words than digits.
IN_WORDS = {
    "zones-3": "三区", "carriers-20": "二十大", "sources-7": "七大", "belt-8": "八大", "belt-8-inside": "八大",
    "retail-spaces-6": "六大", "forest-parks-3": "三大", "control-lines-3": "三条",
    "industries-9": "3+3+3", "items-1": "五大", "items-6": "十大", "items-9": "四新", "items-10": "五大",
    "items-12": "六大", "events-5": "五大", "secondary-5": "五大", "commute-30": "半小时",
    "network-4-5-1": "四横五纵一连", "games-halls": "三馆", "games-villages": "三村", "same-top-talent": "百名",
    "same-leading-talent": "千名", "same-young-talent": "万名",
}  # fmt: skip


PRINTED_CLAIMS = {name: claim for name, claim in CLAIMS.items() if not claim.self_check}


def test_stated_figure_stands_in_the_first_clause(said: dict[str, str]) -> None:
    left = []
    for claim in PRINTED_CLAIMS.values():
        text = _first_clause(claim, said)
        if claim.id in IN_WORDS:
            found = IN_WORDS[claim.id] in text
        else:
            figure = f"{claim.value:g}" if claim.value is not None else f"{claim.low:g}-{claim.high:g}"
            found = re.search(rf"(?<![\d.]){figure}(?![\d.]*\d)", text) is not None
        if not found:
            left.append(claim.id)
    assert left == []


# What stands right before or after a figure and its unit, and how it is stored.
_BEFORE = re.compile(r"(突破|超过?|不低于)$")
_AFTER = re.compile(r"(?:个|条|家|座|岁|倍|公里|亿元|亿美元|万元|万人?|%|分钟)?(以上|以内|左右)")


def test_comparator_is_the_plans_own(said: dict[str, str]) -> None:
    """The words round the figure in the first clause, not the direction of the check."""
    stored, printed = {}, {}
    for claim in PRINTED_CLAIMS.values():
        if claim.id in IN_WORDS or claim.value is None:
            continue
        text = _first_clause(claim, said)
        signs = set()
        for found in re.finditer(rf"(?<![\d.]){claim.value:g}(?![\d.]*\d)", text):
            around = _BEFORE.search(text[: found.start()]) or _AFTER.match(text[found.end() :])
            signs.add(comparator(around[1]) if around else "")
        stored[claim.id], printed[claim.id] = claim.comparator, signs
    assert {name: (sign, printed[name]) for name, sign in stored.items() if sign not in printed[name]} == {}
    # Where the clause has the figure but once, there is no doubt.
    sure = {name: next(iter(signs)) for name, signs in printed.items() if len(signs) == 1}
    assert {name: stored[name] for name in sure} == sure
    assert (stored["reached-jobs"], stored["reached-income"]) == (">=", "<=")


def _first_clause(claim: Claim, said: dict[str, str]) -> str:
    table = re.fullmatch(r"(表\d)-(\d+)", claim.cites[0])
    return said[claim.cites[0]] if not table else re.sub(r"\s+", "", _table_row(table[1], int(table[2])))


def _table_row(table: str, number: int) -> str:
    lines = clauses(PLAN_TEXT.read_text(encoding="utf-8"))[table].splitlines()
    return next(line for line in lines if re.match(rf"(?:[^|\d]+ \| )?{number} \| ", line))
