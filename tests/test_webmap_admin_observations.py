"""The page for observed values: sent, judged, entered; corrected; two at once; and whatever else may be sent."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from admin_people import ORIGIN, mark_of, signed
from cases import every
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from test_layers_progress import INDICATORS
from tiny_folder import write_tiny_plan
from werkzeug.test import TestResponse

from layers.build.assemble import build
from layers.edition import file as editions
from layers.edition.known import known_of_edition
from layers.edition.store import Store as EditionStore
from layers.imports.observations import known_of_folder
from layers.ledger.book import Draft, Ledger, opened
from layers.ledger.grid import MOST_BYTES
from webmap.admin import gate, sheets
from webmap.admin.store import Store
from webmap.app import create_app

PAGE = "/admin/observations"
HOSTILE = "<script>alert(1)</script>"
SHEET = "指标,地区,年份,数值,单位,来源\n生产总值,全区,2026,110,亿元,公报\n生产总值,甲镇,2026,400000,万元,\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = write_tiny_plan(tmp_path_factory.mktemp("plan"))
    added = INDICATORS.replace('better = "higher"', 'better = "higher"\naggregation = "sum"', 1)
    (plan / "indicators.toml").write_text(added, "utf-8")
    return plan


@pytest.fixture(scope="module")
def path(folder: Path) -> Path:
    editions.write(build(folder), folder.parent / "e.gpkg")
    return folder.parent / "e.gpkg"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return opened(tmp_path / "l.sqlite", "tiny-15fyp", make=True)


@pytest.fixture
def app(path: Path, ledger: Ledger, people: Store, tmp_path: Path) -> Flask:
    people.add("other", "editor", people.find("editor").hash)
    return create_app({
        "PLANMAP_EDITION": str(path), "PLANMAP_LEDGER": str(tmp_path / "l.sqlite"),
        "PLANMAP_PEOPLE": str(people.path), "PLANMAP_CACHE_DIR": str(tmp_path / "cache"),
    })  # fmt: skip


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed(app, "editor")


def post(client: FlaskClient, address: str, **form: object) -> TestResponse:
    mark = mark_of(client.get("/admin"))
    return client.post(address, data={"mark": mark, **form}, headers=ORIGIN)


def send(client: FlaskClient, content: str | bytes = SHEET, name: str = "表.csv", **stated: str) -> TestResponse:
    data = content.encode() if isinstance(content, str) else content
    return post(client, PAGE, file=(io.BytesIO(data), name), **stated)


def judged(client: FlaskClient, answer: TestResponse) -> tuple[str, str]:
    """The address of a preview, and its page's words."""
    assert answer.status_code == 303, answer.text
    address = answer.headers["Location"]
    assert re.fullmatch(PAGE + r"/[0-9a-f]{16}", address)
    return address, words(client.get(address))


def words(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def one(client: FlaskClient, value: str, **more: str) -> TestResponse:
    form = {"indicator": "gdp", "place": "district", "period": "2026", "value": value, "source": "", "note": "", **more}
    return post(client, f"{PAGE}/value", **form)


def observed(client: FlaskClient, place: str = "district") -> list[tuple[str, float]]:
    found = client.get(f"/api/observed/gdp?place={place}").get_json()
    return [(row["period"], row["value"]) for row in found["values"]]


def test_a_sheet_is_judged_entered_and_served(client: FlaskClient, ledger: Ledger, people: Store) -> None:
    address, page = judged(client, send(client))
    assert "新录入 2，相同 0，更正 0，有误 0，存疑 0" in page
    assert "已换算单位：万元 → 亿元" in page
    assert ledger.state().count == 0, "a preview writes nothing"
    assert observed(client) == []
    assert post(client, f"{address}/enter").headers["Location"] == PAGE
    assert observed(client) == [("2026", 110.0)]
    # 400000 万元 are 40 亿元.
    assert observed(client, "township/a") == [("2026", 40.0)]
    assert {entry.author for entry in ledger.history()} == {"editor"}
    assert "公报" in words(client.get(PAGE))
    assert client.get(address).status_code == 404, "what was entered is kept no longer"
    assert [(line.who, line.action) for line in people.log(2)][:1] == [("editor", "entered_values")]
    # The same once more: nothing to enter, and no button to do so.
    again = client.get(send(client).headers["Location"])
    assert "都已在台账里" in again.text
    assert "/enter" not in again.text


def test_a_workbook_is_read_and_what_it_does_not_say_is_stated(client: FlaskClient) -> None:
    book = Workbook()
    for row in (("镇街", "数值"), ("甲镇", 40), ("乙镇", 30)):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    answer = send(client, stream.getvalue(), "a.xlsx", indicator="gdp", period="2026年", source="统计局")
    address, page = judged(client, answer)
    assert "新录入 2" in page
    post(client, f"{address}/enter")
    assert observed(client, "township/b") == [("2026", 30.0)]


def test_a_correction_shows_what_was_there_and_who_entered_it(client: FlaskClient, ledger: Ledger) -> None:
    ledger.append([Draft("gdp", "district", "2026", 110.0, "亿元", "快报")], "统计员")
    address, page = judged(client, one(client, "112", source="公报", note="核实"))
    assert "更正：原为 110" in page
    assert "（统计员 录入于" in page
    assert observed(client) == [("2026", 110.0)]
    post(client, f"{address}/enter")
    assert observed(client) == [("2026", 112.0)]
    newest = ledger.history(most=1)[0]
    assert (newest.version, newest.source, newest.note, newest.author) == (2, "公报", "核实", "editor")


def test_a_doubtful_value_wants_a_tick(client: FlaskClient, ledger: Ledger) -> None:
    """The plan's base is 100: 1000 is ten times as much."""
    address, page = judged(client, one(client, "1000"))
    assert "超出可信范围：上次为 100" in page
    refused = post(client, f"{address}/enter")
    assert refused.status_code == 400
    assert "请勾选" in refused.text
    assert f'href="{address}?lang=en"' in refused.text
    assert ledger.state().count == 0
    post(client, f"{address}/enter", accept_doubtful="1")
    assert observed(client) == [("2026", 1000.0)]


def test_two_at_once_the_second_is_told_and_sees_it_anew(app: Flask, client: FlaskClient, ledger: Ledger) -> None:
    other = signed(app, "other")
    mine, _ = judged(client, send(client))
    theirs, _ = judged(other, one(other, "111"))
    assert client.get(theirs).status_code == 404, "a preview is its sender's alone"
    assert post(client, f"{theirs}/enter").status_code == 404
    post(other, f"{theirs}/enter")
    told = post(client, f"{mine}/enter")
    assert told.status_code == 409
    assert "other" in words(told)
    assert "预览以后有人改过" in told.text
    assert ledger.state().count == 1, "all or nothing"
    again, page = judged(client, post(client, f"{mine}/again"))
    assert again == mine
    assert "更正：原为 111" in page
    post(client, f"{mine}/enter")
    assert observed(client) == [("2026", 110.0)]


def test_a_sheet_with_a_fault_is_entered_by_no_way_and_names_are_explained(client: FlaskClient, ledger: Ledger) -> None:
    sheet = "指标,地区,年份,数值\n生产总值,甲振,2026,40\n生产总值,乙镇,2026,很多\n"
    address, page = judged(client, send(client, sheet))
    assert "没有地方“甲振”" in page
    assert "“很多”不是数" in page
    assert post(client, f"{address}/enter").status_code == 400
    assert ledger.state().count == 0
    _, page = judged(client, post(client, f"{address}/again", match="0=township/a"))
    assert "甲振" not in page
    assert "新录入 1，相同 0，更正 0，有误 1" in page
    # Numbers and ids that nobody offered mean nothing.
    _, page = judged(client, post(client, f"{address}/again", match=["0=nothing", "99=gdp", "²=gdp", "x"]))
    assert "新录入 1，相同 0，更正 0，有误 1" in page
    assert post(client, f"{address}/drop").headers["Location"] == PAGE
    assert client.get(address).status_code == 404


@every(
    ("content", "name", "said"),
    [(b"", "a.csv", "a.csv"), (b"\x00\xff" * 40, "a.csv", "a.csv"), (b"PK\x03\x04rest", "a.xlsx", "a.xlsx"),
     (b"a,b\n1,2\n", "a.csv", "a.csv"), (b"x", "", "没有")],
)  # fmt: skip
def test_a_bad_sheet_is_told_on_the_page(client: FlaskClient, content: bytes, name: str, said: str) -> None:
    answer = send(client, content, name)
    page = answer.text
    if answer.status_code == 303:
        page = client.get(answer.headers["Location"]).text
        assert "/enter" not in page
    else:
        assert answer.status_code == 400
        assert 'role="alert"' in page
    assert said in page


@every(
    "field", [{"period": "去年"}, {"indicator": "nothing"}, {"place": "nothing"}, {"value": ""}, {"value": "9" * 61}]
)
def test_a_wrong_field_is_told_and_the_rest_is_kept(client: FlaskClient, field: dict[str, str]) -> None:
    answer = one(client, **{"value": "110", "source": "某公报", **field})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "某公报" in answer.text
    assert f'href="{PAGE}?lang=en"' in answer.text, "the other language is at an address that answers"


def test_what_is_sent_is_text_and_nothing_else(client: FlaskClient, ledger: Ledger) -> None:
    sheet = f'指标,地区,年份,数值,来源\n生产总值,"{HOSTILE}",2026,40,"{HOSTILE}"\n'
    address = send(client, sheet, f"{HOSTILE}.csv", source=HOSTILE).headers["Location"]
    for lang in ("zh", "en"):
        page = client.get(f"{address}?lang={lang}").text
        assert "alert(1)" in page
        assert HOSTILE not in page
    for note in (HOSTILE, '"\n=1+1,\u202e', "\x00"):
        answer = one(client, "110", source=HOSTILE, note=note)
        if answer.status_code == 303:
            post(client, answer.headers["Location"] + "/enter")
    assert ledger.state().count > 0
    assert HOSTILE not in client.get(PAGE).text


def test_who_may_not_is_refused(app: Flask, client: FlaskClient) -> None:
    reader, address = signed(app, "reader"), send(client).headers["Location"]
    for found in (reader.get(PAGE), reader.get(address), reader.get(f"{PAGE}/template?period=2026"), send(reader),
                  one(reader, "110"), post(reader, f"{address}/enter")):  # fmt: skip
        assert found.status_code == 403
        assert "没有这个权限" in found.text
    assert PAGE not in reader.get("/admin").text
    assert PAGE in client.get("/admin").text
    assert app.test_client().get(PAGE).status_code == 303
    assert PAGE in signed(app, "publisher").get("/admin").text


def test_a_form_without_its_mark_or_from_elsewhere_does_nothing(client: FlaskClient, ledger: Ledger) -> None:
    address = send(client).headers["Location"]
    assert client.post(f"{address}/enter", headers=ORIGIN).status_code == 403
    mark = mark_of(client.get("/admin"))
    far = client.post(f"{address}/enter", data={"mark": mark}, headers={"Origin": "https://evil.example"})
    assert far.status_code == 403
    assert client.post(f"{PAGE}/value", data={"value": "1"}, headers=ORIGIN).status_code == 403
    assert client.get(f"{address}/enter").status_code == 405
    assert ledger.state().count == 0


def test_each_page_is_kept_by_nobody_and_marks_its_forms(client: FlaskClient) -> None:
    address = send(client).headers["Location"]
    for where in (PAGE, address):
        found = client.get(where)
        assert found.headers["Cache-Control"] == "private, no-store"
        forms = re.findall(r'<form[^>]*method="post".*?</form>', found.text, re.DOTALL)
        assert len(forms) > 1
        assert all('name="mark"' in form for form in forms)


def test_without_a_ledger_the_page_says_how_to_set_one(path: Path, people: Store) -> None:
    app = create_app({"PLANMAP_EDITION": str(path), "PLANMAP_PEOPLE": str(people.path)})
    client = signed(app, "editor")
    for lang, said in (("zh", "没有打开这份规划的台账"), ("en", "no ledger of this plan")):
        page = client.get(f"{PAGE}?lang={lang}").text
        assert said in page
        assert "planmap serve --ledger" in page
        assert "planmap ledger create data/ledgers/tiny-15fyp.sqlite --of tiny-15fyp" in page
        assert 'type="file"' not in page
    assert send(client).status_code == 403
    assert one(client, "110").status_code == 403
    assert client.get(f"{PAGE}/{'0' * 16}").status_code == 403


def test_a_ledger_that_went_away_is_told_without_its_place(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "l.sqlite").rename(tmp_path / "gone.sqlite")
    for answer in (client.get(PAGE), send(client), one(client, "110")):
        assert answer.status_code == 503
        assert "l.sqlite" not in answer.text


def test_the_sheet_to_fill_in_comes_back_as_what_was_asked(client: FlaskClient) -> None:
    answer = client.get(f"{PAGE}/template?indicator=gdp&level=township&period=2026，2027")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    page = book.active
    assert [page.cell(3, column).value for column in (2, 3)] == ["2026年", "2027年"]
    page["B4"], page["C4"] = 40, 44
    stream = io.BytesIO()
    book.save(stream)
    address, said = judged(client, send(client, stream.getvalue(), "填报.xlsx"))
    assert "新录入 2" in said
    post(client, f"{address}/enter")
    first = page["A4"].value
    place = {"甲镇": "township/a", "乙镇": "township/b", "丙镇": "township/c", "丁镇": "township/d"}[first]
    assert observed(client, place) == [("2026", 40.0), ("2027", 44.0)]
    for query in ("", "period=x", "period=2026&level=x", "period=2026&indicator=x", f"period={'2026,' * 9}2200Q9"):
        assert client.get(f"{PAGE}/template?{query}").status_code == 400, query


def test_on_a_shelf_each_plan_has_its_own(path: Path, people: Store, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name in ("a", "b"):
        (shelf / f"{name}.gpkg").write_bytes(path.read_bytes())
    opened(tmp_path / "ledgers" / "tiny-15fyp.sqlite", "tiny-15fyp", make=True)
    app = create_app({
        "PLANMAP_EDITION": str(shelf), "PLANMAP_LEDGER": str(tmp_path / "ledgers"), "PLANMAP_PEOPLE": str(people.path),
        "PLANMAP_CACHE_DIR": str(tmp_path / "cache"),
    })  # fmt: skip
    client = signed(app, "editor")
    assert 'href="/p/a/admin/observations"' in client.get(PAGE).text
    assert 'href="/p/b/admin/observations"' in client.get("/admin").text
    answer = post(client, f"/p/a{PAGE}", file=(io.BytesIO(SHEET.encode()), "a.csv"))
    address = answer.headers["Location"]
    assert address.startswith(f"/p/a{PAGE}/")
    assert client.get(address.replace("/p/a/", "/p/b/")).status_code == 404, "a preview is of its plan alone"
    assert post(client, f"{address}/enter").headers["Location"] == f"/p/a{PAGE}"
    assert client.get("/p/a/api/observed/gdp?place=district").get_json()["values"][0]["value"] == 110.0
    assert send(client).status_code == 403, "there is no ledger of no plan"


def test_it_is_told_whether_parts_add_up(client: FlaskClient) -> None:
    """40 + 30 + 20 + 20 are 110; with 25 for the last they are 115."""
    head = "指标,地区,年份,数值\n生产总值,全区,2026,110\n生产总值,甲镇,2026,40\n生产总值,乙镇,2026,30\n"
    for last, said in ((20, "镇街合计 110，与总数 110 相符"), (25, "镇街合计 115，与总数 110 不符")):
        _, page = judged(client, send(client, f"{head}生产总值,丙镇,2026,20\n生产总值,丁镇,2026,{last}\n"))
        assert f"生产总值 2026年：{said}" in page
    assert "还缺 2 个，无从核对" in judged(client, send(client, head))[1]


def test_few_previews_are_kept_of_one_person(client: FlaskClient, app: Flask) -> None:
    found = [send(client).headers["Location"] for _ in range(sheets.MOST_OF_ONE + 1)]
    assert client.get(found[0]).status_code == 404
    assert all(client.get(one).status_code == 200 for one in found[1:])
    folder = app.extensions["planmap"].shelf.path / "sheets"
    assert len(list(folder.iterdir())) == sheets.MOST_OF_ONE
    assert folder.stat().st_mode & 0o077 == 0


def test_too_many_values_and_too_many_bytes_are_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_VALUES", 1)
    refused = send(client)
    assert refused.status_code == 400
    assert "2 个值，网页一次至多收 1 个" in refused.text
    # What the sheet's reader takes, the page lets in.
    assert MOST_BYTES < gate.LARGEST_SHEET < MOST_BYTES + 1_000_000
    monkeypatch.setattr(gate, "LARGEST_SHEET", 1000)
    assert send(client, b"x" * 2000).status_code == 403


def test_an_edition_knows_what_its_folder_knows(path: Path, folder: Path) -> None:
    _, wanted = known_of_folder(folder, folder.parent.parent)
    found = known_of_edition(EditionStore(editions.read(path)))
    assert found.quantities == wanted.quantities
    assert dict(found.spots) == dict(wanted.spots)


def test_a_value_is_taken_back_and_what_was_entered_stays_readable(
    client: FlaskClient, ledger: Ledger, people: Store
) -> None:
    ledger.append([Draft("gdp", "district", "2026", 110.0, "亿元", "快报")], "统计员")
    ledger.append([Draft("gdp", "district", "2026", 112.0, "亿元", "公报", after=1)], "统计员")
    cell = {"indicator": "gdp", "role": "observed", "period": "2026", "place": "district"}
    assert "/admin/observations/cell?indicator=gdp" in client.get(PAGE).text
    page = client.get(f"{PAGE}/cell", query_string=cell)
    assert all(part in words(page) for part in ("110 亿元", "112 亿元", "现值", "快报", "公报"))
    # Without a reason, or by somebody who saw the first version only, nothing happens.
    assert post(client, f"{PAGE}/withdraw", **cell, after="2", note=" ").status_code == 400
    late = post(client, f"{PAGE}/withdraw", **cell, after="1", note="误录")
    assert late.status_code == 409
    assert "已被统计员改为 112" in late.text
    assert ledger.state().count == 2
    answer = post(client, f"{PAGE}/withdraw", **cell, after="2", note=HOSTILE)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    assert "已收回" in page.text
    assert "&lt;script&gt;" in page.text
    assert HOSTILE not in page.text
    assert "现值" not in words(page)
    assert observed(client) == []
    newest = ledger.history(most=1)[0]
    assert (newest.value, newest.version, newest.author) == (None, 3, "editor")
    assert ledger.verify().broken is None
    assert people.log(1)[0].action == "withdrew_value"
    assert "已收回" in client.get(PAGE).text
    assert post(client, f"{PAGE}/withdraw", **cell, after="3", note="x").status_code == 409
    # Entered once more it holds again.
    address, _ = judged(client, one(client, "113"))
    post(client, f"{address}/enter")
    assert observed(client) == [("2026", 113.0)]
    assert client.get(f"{PAGE}/cell", query_string={**cell, "period": "1999"}).status_code == 404
    assert client.get(f"{PAGE}/cell").status_code == 404
