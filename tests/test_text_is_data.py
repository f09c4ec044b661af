"""Every text of a plan is data in every language that it crosses: what comes out is what was typed.

The texts are found mechanically in the records of a plan, so that a new field is caught, too: each is replaced by an
awkward one that says where it comes from, and every answer of the server is read as its own format and searched for
them. What carries no text but structure is listed here by name.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import pytest
import tiny_folder
from flask.testing import FlaskClient

from layers.build.assemble import assemble
from layers.build.georeference import locate
from layers.edition import file as editions
from layers.edition.layer_table import HEADINGS
from layers.folder import load
from layers.folder.reading import Faults
from layers.model.plan import Plan
from layers.words import UNIT_LENGTH
from webmap.app import create_app
from webmap.serving import encode

BEFORE = (
    "=1+1甲{{7*7}}{% 方案 %}{# 备注 #}{{未定${7*7}`x`<%= 7 %>%s%(a)s{0}{name}{lang}$&\\1\\u0041\"'</script><!--]]>"
    "<img src=x onerror=1>&amp&lt\u2028\u202e\u0301é\ufeff?a=b#c/../%2e"
)
"""Marks of template languages, of formats and of patterns; without ``;``, which separates the items of lists."""
AFTER = "乙'--"
LONG = "; DROP TABLE x;&amp;" + "长" * 1_800
"""What only texts that are no item of a list can hold."""

STRUCTURE = {
    # ids and what refers to them
    "id", "kind", "kinds", "layers", "group", "zone", "township", "fit", "indicator", "place", "known", "same_as_maybe",
    "cites", "outline", "status", "statuses", "basis", "bases", "origin", "folder", "data_dir", "warnings",
    # chosen from a list
    "geometry", "level", "levels", "method", "property", "better", "comparator", "measure", "path", "aggregation",
    "flags", "flag",
    "because", "stated_met",
    # recipes and the places that they name, which no edition holds; symbols, colours
    "recipe", "gazetteer", "symbol", "label", "color", "colors", "no_data", "ramps",
}  # fmt: skip
"""Fields that hold no text for people."""

# Said in place of a shape or a number: replaced only where something is said.
ONLY_WHERE_SAID = re.compile("no_geometry|text|official_area|goal_text|result_text")
MARK = re.compile("⟦([^⟧]*)⟧")
WHOLE = re.compile(re.escape(BEFORE) + "⟦([^⟧]*)⟧" + re.escape(AFTER) + f"(?:{re.escape(LONG)})?")


TYPED: set[str] = set()
"""All texts that were replaced."""


def awkward(text: str, *, item: bool) -> str:
    """The same for the same text, so that what refers to it by its text still does."""
    TYPED.add(text)
    return f"{BEFORE}⟦{text}⟧{AFTER}{'' if item else LONG}"


def typed(value: Any, name: str = "") -> Any:
    """A record with every text in it replaced."""
    if name in STRUCTURE:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        changed = {one.name: typed(getattr(value, one.name), one.name) for one in fields(value)}
        record = getattr(value, "record", None)
        if isinstance(record, Mapping):
            changed["record"] = {
                key: changed[key] if isinstance(cell, str) and key in changed else typed(cell, key)
                for key, cell in (texts_beside(value) | dict(record)).items()
            }
        return replace(value, **changed)
    if isinstance(value, str):
        if not value and ONLY_WHERE_SAID.match(name):
            return value
        # A source's name is what features cite in their lists.
        return awkward(value or name, item=name in ("name", "name_en"))
    if isinstance(value, tuple):
        return tuple(awkward(one, item=True) if isinstance(one, str) else typed(one) for one in value)
    if isinstance(value, Mapping):
        if name == "lead_units":
            return {awkward(key, item=True): awkward(cell, item=True) for key, cell in value.items()}
        return {key: typed(cell, name if is_dataclass(cell) else str(key)) for key, cell in value.items()}
    return value


def texts_beside(value: Any) -> dict[str, Any]:
    """The text fields of a record that a planner may leave out, so that they are all there."""
    texts = {one.name: getattr(value, one.name) for one in fields(value)}
    return {name: cell for name, cell in texts.items() if isinstance(cell, str) and name not in STRUCTURE}


def typed_plan(plan: Plan) -> Plan:
    """The plan with every text replaced; its maps of kinds, statuses and bases are kept by id."""
    # An indicator of which the plan has nothing is in no edition.
    computed = tuple(
        one
        for one in plan.computed_indicators
        if any(f.kind in one.kinds and (not one.status or f.status in one.status) for f in plan.features)
    )
    changed = typed(replace(plan, computed_indicators=computed))
    maps = {name: {key: typed(one) for key, one in getattr(plan, name).items()} for name in MAPS}
    return replace(changed, **maps)


MAPS = ("kinds", "statuses", "bases")

EXTRA = """
[[target]]
id = "stations"
name = "车站"
name_en = "Stations"
value = 2
unit = "座"
unit_en = "stations"
measure = "level"
year = 2030
domain = "交通"
domain_en = "Transport"
cites = ["3.1.1"]
lead_units = ["县交通局"]
note = "含规划"
"""
REVIEW = """
[[review]]
id = "r-1"
name = "研发投入"
name_en = "R&D"
unit = "亿元"
unit_en = "100 million CNY"
property = "expected"
base_year = 2020
base = 140.5
goal = 250.0
result_year = 2025
result = 300.0
better = "higher"
cites = ["3.1.1"]
"""
CLAIM = """
[[claim]]
id = "zones"
name = "片区个数"
name_en = "Zones"
value = 3
unit = "个"
unit_en = "zones"
decimals = 0
cites = ["3.1.1"]
tolerance = { absolute = 0, reason = "清点", reason_en = "Counted" }
[[claim.reading]]
name = "大片"
name_en = "Large ones"
measure = { count_of = ["zone"] }
[[claim.reading]]
name = "含分界"
name_en = "With parts"
measure = { count_of = ["zone", "zone_part"] }
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    root = tmp_path_factory.mktemp("typed")
    folder = tiny_folder.write_tiny_plan(root)
    for name, text in (("targets.toml", EXTRA), ("review.toml", REVIEW), ("claims.toml", CLAIM)):
        (folder / name).write_text(text, encoding="utf-8")
    plan, problems = load.read(folder)
    assert plan is not None, [one.text("en") for one in problems]
    plan = typed_plan(plan)
    faults = Faults()
    located, lon = locate(plan, faults)
    path = root / "typed.gpkg"
    editions.write(assemble(plan, located, lon), path)
    settings = {"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(root / "cache")}
    with pytest.MonkeyPatch.context() as patched:
        # Hundreds of bodies are only read here, never sent: squeezing them would take most of the time.
        patched.setattr(encode, "SMALLEST", 10**12)
        yield create_app(settings).test_client()


# ---- each answer as the texts that a reader gets


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.links: list[str] = []
        self._script: list[str] | None = None
        self._data = False
        self._lines: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "g" and dict(attrs).get("data-name"):  # a name on the picture, broken into lines
            self._lines = []
        if tag == "script":
            self._script, self._data = [], dict(attrs).get("type") == "application/json"
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            self.texts.append(value or "")
            if name in ("href", "action", "src") and value and value.startswith("/"):
                self.links.append(value)
        assert (tag, dict(attrs).get("src")) != ("img", "x")

    def handle_endtag(self, tag: str) -> None:
        if tag == "g" and self._lines is not None:
            # A break between words takes the blank.
            typed = re.escape(BEFORE).replace(r"\ ", " ?")
            self.texts.append(re.sub(typed, lambda _: BEFORE, "".join(self._lines)))
            self._lines = None
        if tag == "script" and self._script is not None:
            for line in map(str.strip, "".join(self._script).splitlines()):
                call = r"(?:var \w+ = planmap\.layer|planmap\.start)\(map_planmap, (\{.*\})\);"
                found = re.fullmatch(r"(\{.*\})" if self._data else call, line)
                if found:
                    self.texts += list(texts_of(json.loads(found[1])))
                else:
                    self.texts.append(line)
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._lines is not None:
            self._lines.append(data)
        else:
            (self.texts if self._script is None else self._script).append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:80]}")


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, cell in value.items():
            yield str(key)
            yield from texts_of(cell)
    elif isinstance(value, list):
        for cell in value:
            yield from texts_of(cell)


def texts_of_csv(data: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        for cell in row:
            assert not cell.startswith("="), cell[:40]
            yield cell.removeprefix("'")


def texts_of_xml(text: str) -> Iterator[str]:
    for element in ET.fromstring(text).iter():  # noqa: S314 - our own
        yield element.text or ""
        for name, value in element.attrib.items():
            # Literals of QGIS's expressions double quotation marks and backslashes.
            is_expression = "'" in value and name in ("filter", "value", "attr", "expression", "fieldName")
            yield value.replace("''", "'").replace("\\\\", "\\") if is_expression else value


def texts_of_gpkg(data: bytes, path: Path) -> Iterator[str]:
    path.write_bytes(data)
    with sqlite3.connect(path) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            columns = [one[0] for one in rows.description]
            for row in rows:
                for column, cell in zip(columns, row, strict=True):
                    if column == "styleQML" or (table == "gpkg_metadata" and str(cell).startswith("<qgis")):
                        yield from texts_of_xml(cell)
                    elif isinstance(cell, str) and cell.startswith(("{", "[{")):
                        yield from texts_of(json.loads(cell))
                    elif isinstance(cell, str):
                        yield cell


def spoilt(texts: Iterable[str], seen: set[str]) -> list[str]:
    """Texts that are not as typed: cut, filled in, escaped once more or once less; ``seen`` gets the others."""
    wrong = []
    # A sentence shows a unit by its first characters when it is longer than any unit; data have it whole.
    cut_unit = f"{BEFORE[: UNIT_LENGTH - 1]}…"
    for text in (one.replace(cut_unit, "") for one in texts):
        marks, whole = MARK.findall(text), WHOLE.findall(text)
        seen.update(whole)
        starts = text.count("=1+1") + text.count("甲49") + text.count("甲{") - text.count("=1+1甲{{7*7}}")
        if len(marks) != len(whole) or text.count("⟦") != len(marks) or starts != len(marks):
            wrong.append(text if len(text) < 700 else f"{text[:500]} … {text[-100:]}")
    return wrong


def worth_a_look(link: str) -> bool:
    """Not the bundle, and of the list's thousands of filters only single ones."""
    # What formats hold, with hostile names in it, is compared value by value in test_layers_edition_formats.
    if link.startswith("/download/") and link.rpartition(".")[2] not in ("gpkg", "geojson", "csv"):
        return False
    # Services: features and styles there are those of /api and of the GeoPackage; see test_webmap_ogc and its kin.
    if link.startswith("/ogc/") and ("/items" in link or "f=qml" in link):
        return False
    # Begins a process; see test_webmap_documents.
    if link.startswith("/documents/"):
        return False
    # Who is not signed in sees none of it; see test_webmap_admin and its kin.
    if link.startswith(("/admin", "/static/")):
        return False
    return not (link.startswith("/list") and link.count("&") > 0)


STARTS = [
    f"{path}{lang}"
    for path in ("/", "/start", "/list", "/list.csv", "/embed/overview", "/standalone/overview.html")
    for lang in ("", "?lang=en")
]
DATA = [
    "/api/layers",
    "/api/indicators",
    "/api/search",
    "/api/targets",
    "/api/reviews",
    "/api/claims",
    "/api/openapi.json",
]


def test_every_text_is_shown_as_typed_by_every_answer(client: FlaskClient, tmp_path: Path) -> None:
    todo, asked, faults, seen = [*STARTS, *DATA], set(), {}, set()
    todo += [f"/download/all.csv?headings={one}" for one in HEADINGS]
    while todo:
        address = todo.pop()
        if address in asked:
            continue
        asked.add(address)
        answer = client.get(address)
        kind = answer.content_type.partition(";")[0]
        if answer.status_code != 200:
            faults[address] = [answer.status, answer.get_data(as_text=True)[:300]]
            continue
        if kind == "text/html":
            page = _Html()
            page.feed(answer.get_data(as_text=True))
            page.close()
            found: Iterable[str] = page.texts
            todo += [urldefrag(link)[0].replace("?lang=zh", "") for link in page.links if worth_a_look(link)]
        elif kind == "text/csv":
            found = texts_of_csv(answer.data)
        elif kind.endswith("json"):
            payload = json.loads(answer.data)
            if address.startswith("/oembed"):  # a piece of HTML in it: what a browser reads of that
                payload["html"] = html.unescape(payload["html"])
            found = list(texts_of(payload))
            if address == "/api/layers":
                todo += [one["url"] for one in payload["layers"]]
            if address == "/api/indicators":
                todo += [
                    f"/api/indicators/{one['id']}/{level}" for one in payload["indicators"] for level in one["levels"]
                ]
        elif kind in ("image/svg+xml", "application/x-qgis-layer-definition"):
            found = texts_of_xml(answer.get_data(as_text=True))
        else:
            assert kind == "application/geopackage+sqlite3", (address, kind)
            found = texts_of_gpkg(answer.data, tmp_path / "answer.gpkg")
        if wrong := spoilt(found, seen):
            faults[address] = wrong[:3]
    shown = "\n".join(f"{address}\n  " + "\n  ".join(map(repr, wrong)) for address, wrong in sorted(faults.items()))
    assert not faults, f"{len(faults)} of {len(asked)} answers:\n{shown}"
    assert sorted(TYPED - seen) == []
    assert len(asked) > 100
