"""An invented district as a plan folder: four townships on a grid of a tenth of a degree, around 104° E.

30.80 ┌──────┬──────┐
│  a   │  b¦  │   zone west = a + c + the western half of b
30.70 ├──────┼──────┤   zone east = d + the eastern half of b (the dividing line is assumed)
│  c   │  d   │
30.60 └──────┴──────┘
104.00 104.10 104.20
"""

import shutil
from pathlib import Path

SHARED = Path(__file__).resolve().parent.parent / "data"

ARCS = """arc,unit_a,unit_b,inner,lon_lat_points
T1,甲镇,乙镇,yes,"104.1,30.8 104.1,30.7"
T2,丙镇,丁镇,yes,"104.1,30.7 104.1,30.6"
T3,甲镇,丙镇,yes,"104.0,30.7 104.1,30.7"
T4,乙镇,丁镇,yes,"104.1,30.7 104.2,30.7"
T5,甲镇,邻县,no,"104.0,30.7 104.0,30.8 104.1,30.8"
T6,乙镇,邻县,no,"104.1,30.8 104.2,30.8 104.2,30.7"
T7,丙镇,邻县,no,"104.0,30.7 104.0,30.6 104.1,30.6"
T8,丁镇,邻县,no,"104.1,30.6 104.2,30.6 104.2,30.7"
"""

PLAN = """
id = "tiny-15fyp"
title = "试县国民经济和社会发展第十五个五年规划纲要"
title_en = "Outline of the 15th Five-Year Plan of Shi County"
short_title = "试县“十五五”规划"
short_title_en = "Shi 15th Five-Year Plan"
period = "2026–2030"
base_year = 2025
target_year = 2030
as_of = 2026
district = { name = "试县", name_en = "Shi County", code = "990101" }

[[group]]
id = "all"
name = "全部"
name_en = "All"

[[layer]]
id = "zones"
name = "片区"
name_en = "Zones"
group = "all"
kinds = ["zone"]
order = 10
show = true

[[layer]]
id = "zone_parts"
name = "假定分界"
name_en = "Assumed dividing lines"
group = "all"
kinds = ["zone_part"]
order = 20
show = true

[[layer]]
id = "townships"
name = "镇街"
name_en = "Townships"
group = "all"
kinds = ["township"]
order = 30
show = true

[[layer]]
id = "district"
name = "县界"
name_en = "County boundary"
group = "all"
kinds = ["district"]
order = 40
show = true

[[layer]]
id = "metro_lines"
name = "轨道"
name_en = "Rail"
group = "all"
kinds = ["metro_line"]
order = 50
show = true

[[layer]]
id = "metro_stations"
name = "站点"
name_en = "Stations"
group = "all"
kinds = ["metro_station"]
order = 60

[[layer]]
id = "poles"
name = "增长极"
name_en = "Poles"
group = "all"
kinds = ["pole"]
order = 70

[[layer]]
id = "control_lines"
name = "控制线"
name_en = "Control lines"
group = "all"
kinds = ["control_line"]
order = 80

[[layer]]
id = "canals"
name = "河道"
name_en = "Canals"
group = "all"
kinds = ["canal"]
order = 5

[[view]]
id = "overview"
name = "总览"
name_en = "Overview"
layers = ["zones", "townships", "district", "metro_lines", "metro_stations"]
fit = "district"
"""

OUTLINE = """
"3.1" = 4
"3.2" = 0
"专栏1" = 3
"表1" = 2
"""

SOURCES = """
[[source]]
name = "试县纲要"
title = "试县规划纲要"

[[source]]
name = "自测"
title = "试县测绘"
licence = "CC0-1.0"
"""

PLACES = """name,name_en,aliases,lon,lat,datum,accuracy_m,basis,township,source
西站,West Station,老西站;火车西站,104.05,30.75,cgcs2000,50,osm,township/a,自测
中站,Middle Station,,104.12,30.75,wgs84,80,osm,township/b,自测
东站,East Station,,104.18,30.75,wgs84,50,osm,township/b,自测
邻站,Neighbour Station,,104.25,30.75,wgs84,50,osm,,自测
南村,South Village,,104.15,30.65,wgs84,200,schematic,township/d,自测
"""

FEATURES = """
[[feature]]
id = "township/a"
name = "甲镇"
name_en = "Jia"
kind = "township"
code = "990101001"
cites = ["3.1.1"]
geometry = { arcs = "boundaries/tiny-arcs.csv", unit = "甲镇" }
accuracy_m = 30
basis = "official"
sources = ["自测"]

[[feature]]
id = "township/b"
name = "乙镇"
name_en = "Yi"
kind = "township"
code = "990101002"
cites = ["3.1.1"]
geometry = { arcs = "boundaries/tiny-arcs.csv", unit = "乙镇" }
accuracy_m = 30
basis = "official"
sources = ["自测"]

[[feature]]
id = "township/c"
name = "丙镇"
name_en = "Bing"
kind = "township"
cites = ["3.1.1"]
geometry = { arcs = "boundaries/tiny-arcs.csv", unit = "丙镇" }
accuracy_m = 30
basis = "official"
sources = ["自测"]

[[feature]]
id = "township/d"
name = "丁镇"
name_en = "Ding"
kind = "township"
cites = ["3.1.1"]
geometry = { arcs = "boundaries/tiny-arcs.csv", unit = "丁镇" }
accuracy_m = 30
basis = "official"
sources = ["自测"]

[[feature]]
id = "district"
name = "试县"
name_en = "Shi County"
kind = "district"
cites = ["3.1"]
geometry = { union = ["township/a", "township/b", "township/c", "township/d"] }

[[feature]]
id = "part/b-west"
name = "乙镇西部"
name_en = "Yi, western part"
kind = "zone_part"
cites = ["3.1.2"]
geometry = { split = "township/b", by = { route = [[104.15, 30.82], [104.15, 30.68]] }, keep = "place/中站" }
accuracy_m = 1000
basis = "schematic"
assumed = true

[[feature]]
id = "part/b-east"
name = "乙镇东部"
name_en = "Yi, eastern part"
kind = "zone_part"
cites = ["3.1.2"]
geometry = { difference = ["township/b", "part/b-west"] }
basis = "schematic"
assumed = true

[[feature]]
id = "zone/west"
name = "西部片区"
name_en = "West"
kind = "zone"
cites = ["3.1.3"]
geometry = { union = ["township/a", "township/c", "part/b-west"] }

[[feature]]
id = "zone/east"
name = "东部片区"
name_en = "East"
kind = "zone"
cites = ["3.1.4"]
geometry = { union = ["township/d", "part/b-east"] }
"""

MORE = """
[[feature]]
id = "line/1"
name = "1号线"
name_en = "Line 1"
kind = "metro_line"
cites = ["专栏1-2", "3.2"]
status = "operating"
geometry = { route = ["place/西站", "place/中站", "place/东站", "place/邻站"] }
known = { crosses = ["township/a", "township/b"], ends = ["place/西站", "outside"] }
color = "#c03030"
lead_units = ["交通局", "轨道公司"]

[[feature]]
id = "line/2"
name = "2号线"
name_en = "Line 2"
kind = "metro_line"
cites = ["专栏1-2"]
status = "planned"
zone = ["east"]
geometry = { route = ["place/中站", "place/南村"] }
accuracy_m = 500
basis = "schematic"

[[feature]]
id = "station/west"
name = "西站"
name_en = "West Station"
kind = "metro_station"
cites = ["专栏1-2"]
status = "operating"
geometry = { place = "老西站" }
known = { inside = "township/a" }

[[feature]]
id = "station/south"
name = "南村站"
name_en = "South Village"
aliases = ["南站"]
kind = "metro_station"
cites = ["专栏1-3"]
status = "planned"
geometry = { within = "township/b" }

[[feature]]
id = "station/somewhere"
name = "某站"
name_en = "Some Station"
kind = "metro_station"
cites = ["专栏1-3"]
status = "preparing"
geometry = { within = "zone/east" }

[[feature]]
id = "pole/south"
name = "南村新城"
name_en = "South New Town"
kind = "pole"
cites = ["3.1.3"]
geometry = { buffer = "place/南村", distance_m = 1000, clip = "district" }
accuracy_m = 800
basis = "schematic"
sources = ["试县纲要"]

[[feature]]
id = "control/farmland"
name = "永久基本农田"
name_en = "Permanent farmland"
kind = "control_line"
cites = ["3.2"]
no_geometry = "无公开数据"
no_geometry_en = "No public data"

[[feature]]
id = "pole/unknown"
name = "未定新城"
name_en = "Undecided New Town"
kind = "pole"
cites = ["3.1.3"]
no_geometry = "规划未定位置"
no_geometry_en = "The plan gives no place"

[[feature]]
id = "canal/north"
name = "北渠"
name_en = "North Canal"
kind = "canal"
geometry = { route = [[103.9, 30.78], [104.1, 30.78]] }
accuracy_m = 100
basis = "schematic"
sources = ["自测"]
"""

INDICATORS = """
[[indicator]]
id = "t1-01"
name = "地区生产总值"
name_en = "Gross domestic product"
unit = "亿元"
unit_en = "100 million CNY"
domain = "经济"
domain_en = "Economy"
property = "expected"
cites = ["表1-1"]
baseline = { year = 2025, value = 100 }
target = { year = 2030, value = 140 }
better = "higher"

[[indicator]]
id = "t1-02"
name = "达标率"
name_en = "Share that meets the standard"
unit = "%"
unit_en = "%"
domain = "民生"
domain_en = "Life"
property = "binding"
cites = ["表1-2"]
baseline = { year = 2025, value = 92.5 }
target = { year = 2030, text = "省市下达指标" }
better = "higher"
"""

FILES = {
    "plan.toml": PLAN,
    "outline.toml": OUTLINE,
    "sources.toml": SOURCES,
    "places.csv": PLACES,
    "indicators.toml": INDICATORS,
    "features/base.toml": FEATURES,
    "features/more.toml": MORE,
}


def write_tiny_plan(root: Path) -> Path:
    """Write a data folder with the invented district into ``root`` and return the plan folder."""
    data = root / "data"
    folder = data / "plans" / "tiny-15fyp"
    (folder / "features").mkdir(parents=True)
    (data / "boundaries").mkdir()
    for file in ("kinds.toml", "computed_indicators.toml"):
        if (SHARED / file).is_file():
            shutil.copy(SHARED / file, data / file)
    (data / "boundaries" / "tiny-arcs.csv").write_text(ARCS, encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace a text that must stand in a file of the folder exactly once."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def append(folder: Path, file: str, text: str) -> None:
    """Add a text to the end of a file of the folder."""
    with (folder / file).open("a", encoding="utf-8") as stream:
        stream.write("\n" + text)
