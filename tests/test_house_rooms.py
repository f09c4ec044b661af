"""House rules about who knows what: lists in cells, and which test is of which room."""

import re

from test_house import PACKAGES, PYTHON, ROOT, code_strings, files, name_of

WHOLE = (
    "browser", "cases", "data", "doctests", "edition", "house", "install", "one_round", "plan_folder", "qgis",
    "second_district", "text_is_data", "web_shipped", "zone_of_a_county",
)  # fmt: skip
"""What tests are about that go through several rooms."""


def test_tests_are_named_after_a_room_or_module() -> None:
    rooms = {"_".join(path.relative_to(ROOT).with_suffix("").parts) for path in PYTHON if path.name != "__init__.py"}
    rooms |= {"_".join(path.parent.relative_to(ROOT).parts) for path in PYTHON if path.name == "__init__.py"}
    beginnings = (*WHOLE, *(room for room in rooms if room not in PACKAGES))
    stems = (path.stem for path in files(".py", under=("tests",)))
    names = [stem.removeprefix("test_") for stem in stems if stem.startswith("test_")]
    assert len(names) > 60
    assert [name for name in names if not name.startswith(tuple(beginnings))] == []


def test_only_tables_knows_how_a_list_stands_in_a_cell() -> None:
    # QGIS writes its dashes so, CSS its rules, and a media type its parameters.
    # The map's links have a grammar of their own; clauses of a text end so.
    knows = {"layers/model/tables.py", "layers/document/targets.py",
             "layers/style/qml_symbols.py", "webmap/map/embed.py", "webmap/ogc/wms.py",
             "layers/edition/filtering.py", "layers/drawing/noted.py"}  # fmt: skip
    found = [
        f"{name_of(path)}:{line}"
        for path in PYTHON
        if name_of(path) not in knows
        for line, value in code_strings(path)
        if value == ";"
    ]
    assert not found
    asked = re.compile(r"(\.split\(|\bif |\bin )SEPARATOR\b|SEPARATOR\.join")
    others = [path for path in PYTHON if name_of(path) not in knows]
    assert not [name_of(path) for path in others if asked.search(path.read_text("utf-8"))]
