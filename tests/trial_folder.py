"""The invented district that most tests look at, as a plan folder: three townships in a row, two zones, a road, a hub.

30.2 ┌───────┬──────────┬──────────┐
     │   a   │    b¦    │    c     │   zone east = c + the eastern part of b (the dividing line at 120.2 is assumed)
30.0 └───────┴──────────┴──────────┘   zone west = the rest
    120.0  120.1      120.25     120.4
"""

import shutil
from pathlib import Path

from tiny_folder import edit

SHARED = Path(__file__).resolve().parent.parent / "data"

ARCS = """arc,unit_a,unit_b,inner,lon_lat_points
1,长山街道,乙街道,yes,"120.1,30.0 120.1,30.2"
2,乙街道,丙镇,yes,"120.25,30.0 120.25,30.2"
3,长山街道,,no,"120.1,30.0 120.0,30.0 120.0,30.2 120.1,30.2"
4,乙街道,,no,"120.1,30.2 120.25,30.2"
5,乙街道,,no,"120.1,30.0 120.25,30.0"
6,丙镇,,no,"120.25,30.2 120.4,30.2 120.4,30.0 120.25,30.0"
"""

PLAN = """
id = "test-plan"
title = "试验区规划纲要"
title_en = "Plan of the Test District"
short_title = "试验规划"
short_title_en = "Test Plan"
period = "2021–2025"
base_year = 2020
target_year = 2025
as_of = 2022
district = { name = "试验区", name_en = "Test District", code = "330199" }

[[group]]
id = "structure"
name = "空间格局"
name_en = "Structure"

[[group]]
id = "transport"
name = "交通"
name_en = "Transport"

[[layer]]
id = "zones"
name = "三区"
name_en = "zones"
group = "structure"
kinds = ["zone"]
order = 120
show = true

[[layer]]
id = "zone_parts"
name = "假定分界"
name_en = "zone_parts"
group = "structure"
kinds = ["zone_part"]
order = 260
show = true

[[layer]]
id = "townships"
name = "镇街"
name_en = "townships"
group = "structure"
kinds = ["township"]
order = 240
show = true

[[layer]]
id = "district"
name = "区界"
name_en = "district"
group = "structure"
kinds = ["district"]
order = 300
show = true

[[layer]]
id = "expressways"
name = "高速公路"
name_en = "expressways"
group = "transport"
kinds = ["expressway"]
order = 520
show = true

[[layer]]
id = "hubs"
name = "枢纽"
name_en = "hubs"
group = "transport"
kinds = ["hub"]
order = 640
show = true

[[layer]]
id = "control_lines"
name = "控制线"
name_en = "control_lines"
group = "structure"
kinds = ["control_line"]
order = 130
show = true

[[view]]
id = "overview"
name = "总览"
name_en = "Overview"
fit = "district"
layers = ["zones", "townships", "district", "expressways", "hubs"]

[[view]]
id = "indicators"
name = "指标"
name_en = "Indicators"
bounds = [120.0, 30.0, 120.4, 30.2]
layers = ["zones", "district"]
indicator = "area_km2"
level = "zone"
"""

OUTLINE = """
"2.4" = 2
"7.1" = 3
"9.1" = 1
"专栏2" = 3
"表2" = 2
"""

SOURCES = """
[[source]]
name = "general"
title = "通用地理知识"
title_en = "General knowledge"
licence = "CC0"
attribution = "试验"
note = "概化"
"""

PLACES = """name,name_en,aliases,lon,lat,datum,accuracy_m,basis,township,source
南站,South Station,,120.15,30.05,cgcs2000,30,osm,township/b,general
"""

DRAWN = 'accuracy_m = 300\nbasis = "schematic"\nsources = ["general"]\n'

FEATURES = f"""
[[feature]]
id = "zone/west"
name = "西片"
name_en = "West"
kind = "zone"
cites = ["7.1.1"]
geometry = {{ difference = ["district", "zone/east"] }}
{DRAWN}
[[feature]]
id = "zone/east"
name = "东片"
name_en = "East"
kind = "zone"
cites = ["7.1.2"]
geometry = {{ union = ["township/c", "part/b-east"] }}
{DRAWN}
[[feature]]
id = "part/b-east"
name = "乙街道（东部）"
name_en = "B (east)"
kind = "zone_part"
cites = ["7.1.2"]
geometry = {{ split = "township/b", by = {{ route = [[120.2, 29.9], [120.2, 30.3]] }}, keep = [120.22, 30.1] }}
assumed = true
note = "分界为制图假定"
note_en = "The line is assumed"
{DRAWN}
[[feature]]
id = "township/a"
name = "长山街道"
name_en = "Changshan"
aliases = ["老长山", "CS2"]
kind = "township"
cites = ["7.1.3"]
zone = ["west"]
code = "330199001"
geometry = {{ arcs = "boundaries/trial-arcs.csv", unit = "长山街道" }}
{DRAWN}
[[feature]]
id = "township/b"
name = "乙街道"
name_en = "B"
kind = "township"
cites = ["7.1.3"]
geometry = {{ arcs = "boundaries/trial-arcs.csv", unit = "乙街道" }}
{DRAWN}
[[feature]]
id = "township/c"
name = "丙镇"
name_en = "C"
kind = "township"
cites = ["7.1.3"]
geometry = {{ arcs = "boundaries/trial-arcs.csv", unit = "丙镇" }}
{DRAWN}
[[feature]]
id = "district"
name = "试验区"
name_en = "Test District"
kind = "district"
code = "330199"
geometry = {{ union = ["township/a", "township/b", "township/c"] }}
{DRAWN}
[[feature]]
id = "expressway/g1"
name = "G1 高速"
name_en = "G1"
kind = "expressway"
status = "building"
cites = ["专栏2-1", "2.4.1"]
geometry = {{ route = [[120.0, 30.1], [120.200004, 30.123456789], [120.4, 30.1]] }}
{DRAWN}
[[feature]]
id = "hub/south"
name = "南站"
name_en = "South Station"
kind = "hub"
status = "operating"
cites = ["2.4.2"]
geometry = {{ place = "南站" }}
sources = ["general"]

[[feature]]
id = "control_line/eco"
name = "生态保护红线"
name_en = "Ecological red line"
kind = "control_line"
cites = ["9.1.1"]
no_geometry = "无公开数据"
no_geometry_en = "No public data"
"""

INDICATORS = """
[[indicator]]
id = "t2-01"
name = "生产总值"
name_en = "GDP"
unit = "亿元"
unit_en = "100 million CNY"
domain = "经济"
domain_en = "Economy"
property = "expected"
cites = ["表2-1"]
baseline = { year = 2020, value = 1828.47 }
target = { year = 2025, value = 2600, comparator = ">" }
better = "higher"

[[indicator]]
id = "t2-02"
name = "能耗降低"
name_en = "Energy saved"
unit = "%"
unit_en = "%"
domain = "生态"
domain_en = "Ecology"
property = "binding"
cites = ["表2-2"]
target = { year = 2025, text = "省市下达指标" }
better = "higher"
"""

TARGETS = """
[[target]]
id = "hub-length"
name = "站台长度"
name_en = "Platform length"
value = 35
comparator = ">="
unit = "公里"
unit_en = "km"
measure = "level"
year = 2025
domain = "交通"
domain_en = "Transport"
cites = ["7.1.2"]
lead_units = ["交通局", "发改局"]
place = "hub/south"

[[target]]
id = "firms"
name = "企业数"
name_en = "Firms"
low = 3
high = 5
unit = "家"
unit_en = "firms"
measure = "new"
year = 2025
base_year = 2021
domain = "产业"
domain_en = "Industry"
cites = ["7.1.1"]
lead_units = ["经信局"]
"""

REVIEW = """
[[review]]  # (300.03 / 140.5) ^ (1/5) = 2.13544 ^ 0.2 = 1.16386: 16.39 per cent a year
id = "r-1"
name = "研发投入"
name_en = "R&D"
unit = "亿元"
unit_en = "100 million CNY"
property = "expected"
base_year = 2015
base = 140.5
goal = 250
result_year = 2020
result = 300.03
result_growth = 16.4
better = "higher"
cites = ["7.1.1"]

[[review]]  # only rates are planned: 7.5 aimed at, 5.6 reached
id = "r-0"
name = "生产总值"
name_en = "GDP"
unit = "亿元"
unit_en = "100 million CNY"
property = "expected"
base_year = 2015
base = 100
goal_growth = 7.5
result_year = 2020
result = 110
result_growth = 5.6
better = "higher"
cites = ["7.1.1"]

[[review]]
id = "r-2"
name = "新增就业"
name_en = "New jobs"
unit = "万人"
unit_en = "10,000"
property = "binding"
base_year = 2015
base = 40
goal = 50
result_year = 2020
result = 45
better = "higher"
cumulative = true
cites = ["7.1.2"]
"""

# The road: two legs of 19.45 km, by hand from the radii of curvature at 30.11° N, see ``test_layers_build_trial``.
CLAIMS = """
[[claim]]
id = "roads"
name = "高速里程"
name_en = "Expressways"
cites = ["2.4.1"]
value = 40
unit = "公里"
unit_en = "km"
decimals = 1
measure = { length_of = ["expressway"], inside = "district" }
tolerance = { percent = 5, reason = "概化线位", reason_en = "Schematic" }

[[claim]]
id = "zones"
name = "片区个数"
name_en = "Zones"
cites = ["7.1.1"]
value = 3
unit = "个"
unit_en = "zones"
decimals = 0
measure = { count_of = "zone" }
tolerance = { absolute = 0, reason = "计数", reason_en = "A count" }

[[claim]]  # the plan says "at least", the check is the other way round: the words and the test stand apart
id = "reached"
name = "就业"
name_en = "Jobs"
cites = ["9.1.1"]
value = 10
comparator = ">="
unit = "万人"
unit_en = "10,000"
decimals = 2
measure = { value_of = "r-2" }
test = "<="
because = "policy"
tolerance = { absolute = 0, reason = "直接比较", reason_en = "As printed" }
note = "上期已达 45"
note_en = "45 in the last period"

[[claim]]
id = "track"
name = "轨道里程"
name_en = "Track"
cites = ["9.1.1"]
value = 19
unit = "公里"
unit_en = "km"
decimals = 1
tolerance = { percent = 5, reason = "按站点连线", reason_en = "Stations joined" }

[[claim.reading]]
name = "共线全程"
name_en = "all of it"
measure = { length_of = ["expressway"], inside = "district" }

[[claim.reading]]
name = "共线西段"
name_en = "in the west"
measure = { length_of = ["expressway"], inside = "zone/west" }

[[claim]]
id = "whole"
name = "整建制镇街"
name_en = "Whole townships"
cites = ["9.1.1"]
value = 3
self_check = true
unit = "个"
unit_en = "townships"
decimals = 0
measure = { touching = "township", inside = "district", whole = true }
tolerance = { absolute = 0, reason = "计数", reason_en = "A count" }

[[claim]]
id = "green"
name = "绿化率"
name_en = "Green cover"
cites = ["9.1.1"]
value = 40
unit = "%"
unit_en = "%"
decimals = 1
measure = { none = "" }
tolerance = { absolute = 0, reason = "无数据", reason_en = "No data" }
"""

COMPUTED = """
[[indicator]]
id = "area_km2"
name = "面积"
name_en = "Area"
unit = "km²"
unit_en = "km²"
domain = "空间"
domain_en = "Space"
method = "area"
decimals = 2
better = "higher"
formula = "测地线面积"
formula_en = "Geodesic area"
"""

FILES = {
    "plan.toml": PLAN,
    "outline.toml": OUTLINE,
    "sources.toml": SOURCES,
    "places.csv": PLACES,
    "indicators.toml": INDICATORS,
    "features/all.toml": FEATURES,
}

FIGURES = {"targets.toml": TARGETS, "review.toml": REVIEW, "claims.toml": CLAIMS}
LEADS = '\nleads = { "7.1.2" = ["公安分局"] }\n\n[[group]]\nid = "structure"'
"""Which office leads a clause, in front of the first table of ``plan.toml``."""


def write_trial_plan(root: Path, *, figures: bool = False) -> Path:
    """Write a data folder with the district into ``root`` and return the plan folder.

    Args:
        root: Where the data folder comes to lie.
        figures: With targets, the review of the last period and claims, and with offices that lead.
    """
    data = root / "data"
    folder = data / "plans" / "test-plan"
    (folder / "features").mkdir(parents=True)
    (data / "boundaries").mkdir()
    shutil.copy(SHARED / "kinds.toml", data / "kinds.toml")
    (data / "computed_indicators.toml").write_text(COMPUTED, encoding="utf-8")
    (data / "boundaries" / "trial-arcs.csv").write_text(ARCS, encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    if figures:
        for name, text in FIGURES.items():
            (folder / name).write_text(text, encoding="utf-8")
        edit(folder, "plan.toml", '\n[[group]]\nid = "structure"', LEADS)
        edit(folder, "features/all.toml", 'status = "building"\n', 'status = "building"\nlead_units = ["交通局"]\n')
    return folder
