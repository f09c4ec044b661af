"""The page 读文: what is sent, shown, decided and refused; whatever else may be sent."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import pytest
from admin_people import ORIGIN, mark_of, signed
from flask import Flask
from flask.testing import FlaskClient
from processes import wait_until
from reading_desk import DOCUMENT, PLACES, SOURCE, copied, desk_of, item_of, make_folder, texts_of
from werkzeug.test import TestResponse

from layers.build.assemble import build
from layers.document import decided
from layers.edition import file as editions
from layers.folder import load
from webmap.admin.store import Store
from webmap.app import create_app

PAGE = "/admin/reading"
ROAD, RESORT = "岫宁高速公路", "高坪滑雪场"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_folder(tmp_path_factory.mktemp("read"))
    editions.write(build(folder), folder.parent.parent / "e.gpkg")
    return folder


@pytest.fixture
def folder(fresh: Path, tmp_path: Path) -> Path:
    return copied(fresh, tmp_path / "data")


@pytest.fixture
def app(folder: Path, people: Store, tmp_path: Path) -> Flask:
    return create_app({
        "PLANMAP_EDITION": str(folder.parent.parent / "e.gpkg"), "PLANMAP_PLAN": str(folder),
        "PLANMAP_PEOPLE": str(people.path), "PLANMAP_CACHE_DIR": str(tmp_path / "cache"),
    })  # fmt: skip


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed(app, "publisher")


def post(client: FlaskClient, address: str, **form: object) -> TestResponse:
    mark = mark_of(client.get("/admin"))
    return client.post(address, data={"mark": mark, **form}, headers=ORIGIN, content_type="multipart/form-data")


def send(client: FlaskClient, content: bytes, name: str, **more: object) -> str:
    """The page of the job when the work is done."""
    answer = post(client, PAGE, file=(io.BytesIO(content), name), **more)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    wait_until(lambda: "admin-work" not in client.get(answer.location).get_data(as_text=True))
    return client.get(answer.location).get_data(as_text=True)


def form_of(page: str, name: str, form: str = "accept") -> dict[str, str]:
    """The fields of a form as a browser would send them."""
    article = next(
        one for one in page.split("<article data-record=")[1:] if f"<bdi>{html.escape(name)}</bdi></h2>" in one
    )
    found = re.search(rf'<form[^>]*data-form="{form}"[^>]*>(.*?)</form>', article, re.DOTALL)
    assert found is not None, (name, form)
    fields = {}
    for tag in re.findall(r"<input[^>]*>", found[1]):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if attributes.get("type") != "checkbox" or " checked" in tag:
            fields[attributes["name"]] = html.unescape(attributes.get("value", ""))
    for field, body in re.findall(r'<select name="([^"]+)">(.*?)</select>', found[1], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[field] = html.unescape(chosen[1]) if chosen else ""
    return fields


def chapter_of(folder: Path, name: str, table: str = "feature") -> str:
    desk = desk_of(folder)
    return f"{PAGE}/chapter/{desk.session.chapter_of(item_of(desk, name, table))}"


def page_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_chapter_shows_its_words_once_and_every_finding_in_them(client: FlaskClient, folder: Path) -> None:
    desk = desk_of(folder)
    for chapter in desk.session.chapters:
        found = page_of(client, f"{PAGE}/chapter/{chapter}")
        shown = re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]+>", "", found.split('class="reading-text"')[1])))
        for clause in desk.session.chapters[chapter]:
            words = re.sub(r"\s", "", clause.text.replace(" | ", ""))
            assert words in shown, clause.id
        items = desk.session.of_chapter(chapter)
        assert {one.id for one in items} == set(re.findall(r'id="f-([0-9a-f]{12})"', found))
        assert len(re.findall("<article data-record", found)) == len(items)


def test_accepting_writes_what_the_form_says(client: FlaskClient, folder: Path) -> None:
    address = chapter_of(folder, ROAD)
    fields = form_of(page_of(client, address), ROAD)
    assert fields["kind"] == "高速公路"
    answer = post(client, address, **{**fields, "status": "operating", "aliases": "岫宁高速、宁岫高速"})
    assert answer.status_code == 303
    assert "done=accepted" in answer.location
    plan, _ = load.read(folder)
    road = plan.feature("expressway/xiu-ning-gao-su-gong-lu")
    assert (road.status, road.aliases) == ("operating", ("岫宁高速", "宁岫高速"))
    assert road.geometry
    after = page_of(client, answer.location)
    assert "已认可，写进规划包。" in after
    assert next(iter(decided.read(folder).values())).by == "publisher"
    # What the address says beside a known word is not shown.
    assert HOSTILE not in page_of(client, f"{address}?done={HOSTILE}&item={HOSTILE}")


def test_without_the_tick_nothing_is_drawn(client: FlaskClient, folder: Path) -> None:
    address = chapter_of(folder, ROAD)
    fields = form_of(page_of(client, address), ROAD)
    del fields["position"]
    assert post(client, address, **fields).status_code == 303
    assert load.read(folder)[0].feature("expressway/xiu-ning-gao-su-gong-lu").geometry is None


def test_what_a_person_called_otherwise_keeps_its_name(client: FlaskClient, folder: Path) -> None:
    path = folder / "features" / "transport.toml"
    new = f'\nname = "宁岫高速公路"\naliases = ["{ROAD}"]'
    path.write_text(path.read_text("utf-8").replace(f'\nname = "{ROAD}"', new), "utf-8")
    address = chapter_of(folder, ROAD)
    fields = form_of(page_of(client, address), ROAD)
    assert fields["name"] == "宁岫高速公路"
    assert post(client, address, **fields).status_code == 303
    road = load.read(folder)[0].feature("expressway/xiu-ning-gao-su-gong-lu")
    assert (road.name, road.aliases) == ("宁岫高速公路", (ROAD,))


def test_merge_refuse_take_back_and_undo(client: FlaskClient, folder: Path) -> None:
    before = texts_of(folder)
    address = chapter_of(folder, RESORT)
    fields = form_of(page_of(client, address), RESORT, "merge")
    assert post(client, address, **{**fields, "other": "岫江新城"}).status_code == 303
    assert RESORT in load.read(folder)[0].feature("platform/xiu-jiang-xin-cheng").aliases
    fields = form_of(page_of(client, chapter_of(folder, ROAD)), ROAD, "refuse")
    assert post(client, chapter_of(folder, ROAD), **fields).status_code == 303
    listed = page_of(client, f"{PAGE}/decisions")
    assert ROAD in listed
    assert "platform/xiu-jiang-xin-cheng" in listed
    assert post(client, f"{PAGE}/decisions", finding=f"feature:{ROAD}").status_code == 303
    assert list(decided.read(folder)) == [f"feature:{RESORT}"]
    for _ in range(3):
        assert post(client, f"{PAGE}/undo").status_code == 303
    assert texts_of(folder) == before
    assert post(client, f"{PAGE}/undo").status_code == 400


def test_what_cannot_be_is_said_and_what_was_typed_stays(client: FlaskClient, folder: Path) -> None:
    before, address = texts_of(folder), chapter_of(folder, ROAD)
    fields = form_of(page_of(client, address), ROAD)
    for field, said, words in (
        ("cites", "99.1", "99.1"), ("name", "", "名称"), ("kind", HOSTILE, "类别"), ("status", "soon", "阶段"),
    ):  # fmt: skip
        answer = post(client, address, **{**fields, field: said})
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 400, field
        assert words in shown.split('role="alert"')[1].split("</div>")[0]
        assert HOSTILE not in shown
        if said:
            assert f'value="{html.escape(said, quote=True)}"' in shown.replace("&#34;", "&quot;") or field == "status"
    assert texts_of(folder) == before


def test_who_looked_at_something_else_is_told(client: FlaskClient, folder: Path) -> None:
    address = chapter_of(folder, ROAD)
    fields = form_of(page_of(client, address), ROAD)
    path = folder / "features" / "transport.toml"
    path.write_text(path.read_text("utf-8").replace(f'\nname = "{ROAD}"', '\nname = "岫宁高速"'), "utf-8")
    before = texts_of(folder)
    answer = post(client, address, **fields)
    assert answer.status_code == 409
    assert "被改过" in answer.get_data(as_text=True)
    assert texts_of(folder) == before


def test_nobody_else_decides(app: Flask, client: FlaskClient, folder: Path) -> None:
    address = chapter_of(folder, ROAD)
    fields = form_of(page_of(client, address), ROAD)
    before = texts_of(folder)
    for name, status in (("reader", 403), ("editor", 403)):
        other = signed(app, name)
        assert other.get(PAGE).status_code == status
        assert post(other, address, **fields).status_code == status
    guest = app.test_client()
    assert guest.get(PAGE).status_code == 303
    assert guest.post(address, data=fields, headers=ORIGIN).status_code in (303, 401)
    # A form of another site's, and one without the mark of the session.
    assert client.post(address, data=fields, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post(address, data={**fields, "mark": "0" * 64}, headers=ORIGIN).status_code == 403
    assert texts_of(folder) == before


def test_addresses_that_are_not_there(client: FlaskClient, folder: Path) -> None:
    assert client.get(f"{PAGE}/chapter/99").status_code == 404
    assert client.get(f"{PAGE}/job/0123456789abcdef").status_code == 404
    assert client.get(f"{PAGE}/job/..").status_code == 404
    address = chapter_of(folder, ROAD)
    assert post(client, address, item="0" * 12, action="accept").status_code == 400
    fields = form_of(page_of(client, address), ROAD)
    assert post(client, address, **{**fields, "action": "drop"}).status_code == 403
    assert (
        post(client, address, **{**form_of(page_of(client, address), ROAD, "merge"), "other": HOSTILE}).status_code
        == 400
    )


def test_a_text_is_read_beside_the_folder(client: FlaskClient, folder: Path) -> None:
    before = texts_of(folder)
    words = SOURCE.read_text("utf-8").replace("15平方公里", "18平方公里")
    shown = send(client, words.encode("gb18030"), "修订稿.txt", gazetteer=(PLACES.open("rb"), "地名.geojson"))
    assert "读了 53 个条款" in shown
    assert texts_of(folder) == before
    changes = page_of(client, f"{PAGE}/changes")
    assert "<del>5</del><ins>8</ins>" in changes
    assert "2.1.1" in changes
    assert "修订稿.txt" in page_of(client, PAGE)
    assert post(client, f"{PAGE}/changes").status_code == 303
    assert "18平方公里" in load.read(folder)[0].texts["2.1.1"]
    # An import's list does not speak of it.
    assert "修订稿.txt" not in page_of(client, "/admin/import")


def test_files_that_are_no_text_leave_nothing(client: FlaskClient, folder: Path) -> None:
    before = texts_of(folder)
    novel = "从前有座山，山里有座庙。\n" * 200
    for content, name, words in (
        (DOCUMENT.read_bytes()[:3000], "半截.docx", "半截.docx"),
        (b"%PDF-1.7\n%%EOF", "空.pdf", "空.pdf"),
        (novel.encode(), "小说.txt", "没有找到章节标题"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "图.docx", "图.docx"),
        (b"   ", "空白.txt", "空白.txt"),
    ):
        shown = send(client, content, name)
        assert words in shown.split('role="alert"')[1].split("</div>")[0], name
        assert "什么也没有写" in shown
    assert texts_of(folder) == before
    assert not folder.with_name(f"{folder.name}.proposed").exists()
    assert post(client, PAGE).status_code == 403


def test_both_languages_say_the_same(client: FlaskClient, folder: Path) -> None:
    address = chapter_of(folder, ROAD)
    for path in (PAGE, address, f"{PAGE}/decisions", f"{PAGE}/changes"):
        english = page_of(client, f"{path}?lang=en")
        frame = re.sub(r"<(bdi|q|code|option|article)[^>]*>.*?</\1>", "", english.split("<article")[1])
        assert 'lang="en"' in english
        assert "待定" not in frame
    assert "read in, to be decided" in page_of(client, f"{address}?lang=en")


def test_a_folder_that_is_broken_is_said(client: FlaskClient, folder: Path) -> None:
    (folder / "reading.toml").write_text("[[", "utf-8")
    assert "reading.toml" in page_of_any(client, PAGE)
    assert "reading.toml" in page_of_any(client, f"{PAGE}/decisions")
    (folder / "reading.toml").unlink()
    (folder / ".planmap" / "reading.json").write_text("{", "utf-8")
    assert "reading.json" in page_of_any(client, PAGE)
    (folder / ".planmap" / "reading.json").unlink()
    assert "读一份规划文本" in page_of(client, PAGE)
    assert client.get(f"{PAGE}/chapter/1").status_code < 500


def page_of_any(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code in (200, 400)
    return answer.get_data(as_text=True)
