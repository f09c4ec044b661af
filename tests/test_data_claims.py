"""The shipped plan's claims: as printed, checked by hand, and no figure of the plan that could be one forgotten."""

import json
import re
from pathlib import Path

import pandas as pd
import printed_figures
import pytest
import shapely
from cases import every
from plan_text import PLAN_TEXT, REFERENCE, clauses
from pyproj import Geod
from shapely.geometry import shape
from test_data_figures import FIGURE, PLAN, TARGETS, WORDS, comparator, without

from layers.edition import file as editions
from layers.model.figures import Claim, listed

CLAIMS: dict[str, Claim] = {one.id: one for one in PLAN.claims}

# Claims that differ, that the plan itself excuses, and that nothing here can check; all others agree.
DIFFERS = {"growth-02", "growth-05", "growth-08", "goal-growth-05", "goal-growth-08", "goal-growth-10"}
NOTED = {
    "roads-10-text": "open_list", "roads-10-box": "open_list", "substations-220": "open_list",
    "substations-110": "open_list", "zhongwu-6": "open_list", "governance-5": "groupings", "industries-9": "groupings",
    "growth-01": "prices", "reached-safety": "policy",
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
    "secondary-5",
    "airport-200",
    "airport-60",
    "fitness-10",
    "commute-30",
    "nursery-each",
    "city-links-6",
    "logistics-3",
    "halls-5",
    "interfaces-6",
    "scenes-9",
    "chains-10",
    "research-4",
    "online-growth",
    "goal-growth-01",
    "farmland-73",
    "double-thousand",
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
    # (1828.47 − 60.03 − 499.53) / 1828.47 = 1268.91 / 1828.47; (2600 − 66 − 750) / 2600 = 1784 / 2600.
    "part-services-2020": 69.4, "part-services-2025": 68.6, "part-exports": 87.99, "reached-grain": 1.4,
    "double-hundred": 200, "same-health-platform": 80, "belt-1": 1, "expo-poles-2": 2, "double-zones-2": 2,
    "culture-origin-belts": 4, "governance-5": 4, "governance-4": 4, "zhongwu-6": 2, "industries-10": 10,
}  # fmt: skip

BENEATH = {"t2-21"}  # Of 表2, the only target that its own baseline passes.


@pytest.fixture(scope="module")
def checked(xiaoshan_edition: Path) -> pd.DataFrame:
    """The claims of the edition as built, by id."""
    return editions.read(xiaoshan_edition).figures["claims"].set_index("id")


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


@every("record", [one for one in (*TARGETS.values(), *CLAIMS.values()) if one.value == 1], ids=lambda one: one.id)
def test_one_is_counted_in_the_singular(record: Claim) -> None:
    assert not record.unit_en.endswith("s")


# Figures that stand in the clause in other words than digits.
IN_WORDS = {
    "zones-3": "三区", "carriers-20": "二十大", "sources-7": "七大", "belt-8": "八大", "belt-8-inside": "八大",
    "retail-spaces-6": "六大", "forest-parks-3": "三大", "control-lines-3": "三条",
    "industries-9": "3+3+3", "items-1": "五大", "items-6": "十大", "items-9": "四新", "items-10": "五大",
    "items-12": "六大", "events-5": "五大", "secondary-5": "五大", "commute-30": "半小时",
    "network-4-5-1": "四横五纵一连", "games-halls": "三馆", "games-villages": "三村", "same-top-talent": "百名",
    "same-leading-talent": "千名", "same-young-talent": "万名",
    "functions-4": "四大功能", "highlands-3": "三大科创高地", "sciences-3": "三大板块", "cockpits-3": "三级驾驶舱",
    "care-scenes-3": "三大应用场景", "government-6": "六大领域", "clusters-2": "两大千亿级",
    "health-fields-3": "三大领域", "health-fields-3-box": "三大领域", "industries-10": "十大重点产业",
    "retail-programmes-3": "三大商贸新工程", "retail-carriers-3": "三大商贸新载体",
    "retail-scenes-3": "三大消费新场景", "project-fields-5": "五大领域",
    "core-functions-4": "四大核心功能", "sectors-3-3": "3+3", "xianghu-4": "四大板块",
    "farm-platforms-2": "两个农业产业",
    "beauties-6": "六美", "revolutions-3": "三大革命", "governance-4": "四治", "governance-4-city": "四治",
    "governance-5": "五治", "flows-4": "两进两回", "double-control-2": "双控", "culture-levels-3": "三级公共文化",
    "defences-3": "三道防线", "belt-1": "一带引领", "expo-poles-2": "两极引领", "double-zones-2": "双区联动",
    "culture-origin-belts": "一源三带", "city-links-6": "三城三区", "logistics-3": "三级物流", "halls-5": "五馆合一",
    "interfaces-6": "六接六区", "scenes-9": "九大场景", "chains-10": "十大标志性产业链", "research-4": "四大科研攻关",
    "double-hundred": "双百", "double-thousand": "双千",
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


@every("claim", [one for one in CLAIMS.values() if any(two.operation == "names_of" for two in one.readings)])
def test_names_that_are_counted_stand_in_the_clause(claim: Claim, said: dict[str, str]) -> None:
    """Each name of the list, in the clause cited first or in one cited beside it, in the note for the reader too."""
    text = "".join(said[cite] for cite in claim.cites).replace(",", "、").replace("“", "").replace("”", "")
    for reading in claim.readings:
        for name in listed(reading.measure.get("names_of")):
            assert name in text, name
            assert name in claim.note, name


# Numbers in words and groups of them: 四大, 两进两回, 3+3.
_NUMERAL = re.compile(
    r"[一二两三四五六七八九十百千双]+(?:大|条|级|馆|村|个|道|治|美|进|回|源|带|接|区|极|主|副|轴|横|纵|城|控|百|千|名)|\d\+\d(?:\+\d)?"
)


def _stated(said: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Every figure of the text and the boxes: clause, words, and whether a claim holds it or is measured on it."""
    wanted: dict[str, list[str]] = {}
    for claim in PRINTED_CLAIMS.values():
        for cite in claim.cites:
            wanted.setdefault(cite, []).extend(_words(claim))
        for reading in claim.readings:
            figures = [
                one
                for name in ("sum_of", "value_of", "rest_of", "ratio_of")
                for one in listed(reading.measure.get(name))
            ]
            for target in [TARGETS[one] for one in figures if one in TARGETS]:
                for cite in target.cites:
                    wanted.setdefault(cite, []).append(re.escape(re.sub(r"\s+", "", WORDS[target.id])))
    found = []
    for clause in [clause for clause in said if not clause.startswith("表")]:
        text = without(said[clause], [said[part] for part in said if part.startswith((f"{clause}.", f"{clause}-"))])
        held = [one.span() for words in wanted.get(clause, []) for one in re.finditer(words, text)]
        found += [
            (clause, one[0], any(start < one.end() and one.start() < end for start, end in held))
            for pattern in (FIGURE, _NUMERAL)
            for one in pattern.finditer(text)
        ]
    return found


def _words(claim: Claim) -> list[str]:
    """How a claim's figure may stand in its clauses, as patterns."""
    words = [re.escape(IN_WORDS[claim.id])] if claim.id in IN_WORDS else []
    words += map(re.escape, ALSO.get(claim.id, ()))
    figure = claim.low if claim.value is None else claim.value
    return words or [rf"(?<![\d.]){figure:g}(?![\d.]*\d)"]


# The same figure in the other clauses that a claim cites, in other words.
ALSO = {"zones-3": ("三大区域板块", "带三区多极"), "belt-1": ("“一带三区",), "clusters-2": ("两大制造业",)}


def test_every_figure_of_the_text_is_checked_or_known_to_stand_alone(said: dict[str, str]) -> None:
    """What the plan's map, lists, tables or other sentences can check is a claim; what is left is typed, and why."""
    left = sorted({(clause, words) for clause, words, held in _stated(said) if not held})
    typed = [line.split(" ", 1) for line in printed_figures.ALONE.strip().splitlines() if not line.startswith("#")]
    assert left == sorted({(clause, words) for clause, rest in typed for words in rest.split()})


def test_every_rate_of_table_1_is_a_claim() -> None:
    """Rates done and planned, each against its row's own ends; where an end is missing the claim says so."""
    for prefix, rate in (("growth", "result_growth"), ("goal-growth", "goal_growth")):
        stated = {
            f"{prefix}-{row.id[3:]}": getattr(row, rate) for row in PLAN.reviews if getattr(row, rate) is not None
        }
        assert {name: CLAIMS[name].value for name in stated} == stated
