"""The pages for scans: put in, fitted, saved, traced, accepted, built; what is wrong is told and changes nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from admin_desk import ORIGIN, app, client, done, edition, mark_of, served, state_of
from cases import every
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from processes import wait_until
from test_geo_picture import locked_pdf, pdf
from test_layers_build_scans import PLACES
from test_webmap_commands_scan import pixel, sheet

from layers.scans import work

__all__ = ["app", "client", "edition"]
Said = dict[str, Any]


@pytest.fixture
def layout(tiny_plan: Path, tmp_path: Path) -> Path:
    """A sheet in the plan folder, without points; its record."""
    said = {"title": "空间布局图", "title_en": "Spatial layout"}
    work.add(tiny_plan, sheet(tmp_path / "a.png"), "layout", said)
    return tiny_plan / "maps" / "layout.toml"


def points(count: int = 9) -> list[Said]:
    """Nine corners, each where the sheet shows it to a hundredth of a pixel."""
    return [{"px": [round(one, 2) for one in pixel(*at)], "at": list(at), "name": f"P{number}"}
            for number, at in enumerate(PLACES[:count])]  # fmt: skip


def post(client: FlaskClient, path: str, said: Any, lang: str = "en") -> tuple[int, Any]:
    form = {"mark": mark_of(client), "said": said if isinstance(said, str) else json.dumps(said)}
    answer = client.post(f"/admin/scan/layout/{path}?lang={lang}", data=form, headers=ORIGIN)
    return answer.status_code, answer.get_json(silent=True)


def state(client: FlaskClient) -> Said:
    return dict(client.get("/admin/scan/layout/state").get_json())


def worked(client: FlaskClient, job: str) -> Said:
    address = f"/admin/scans/work/{job}/state"
    wait_until(lambda: not client.get(address).get_json()["working"])
    return dict(client.get(address).get_json())


def saved(client: FlaskClient, rows: list[Said], **more: Any) -> tuple[int, Any]:
    said = {"points": rows, "transformation": "affine", "digest": state(client)["digest"], **more}
    return post(client, "save", said)


def test_a_picture_is_sent_and_becomes_a_scan(client: FlaskClient, tiny_plan: Path, tmp_path: Path) -> None:
    picture = sheet(tmp_path / "a.png").read_bytes()
    form = {"mark": mark_of(client), "id": "layout", "title": "布局<b>图", "dpi": "300", "scale": "50000"}
    sent = {**form, "file": (io.BytesIO(picture), "../../图 1.PNG")}
    answer = client.post("/admin/scans", data=sent, headers=ORIGIN)
    address = answer.headers["Location"]
    assert worked(client, address.rsplit("/", 1)[1])["scan"] == "layout"
    assert client.get(address).headers["Location"] == "/admin/scan/layout"
    assert (tiny_plan / "maps" / "layout.png").read_bytes() == picture
    record = (tiny_plan / "maps" / "layout.toml").read_text("utf-8")
    assert 'title = "布局<b>图"' in record
    assert "width = 1400" in record
    page = client.get("/admin/scan/layout").get_data(as_text=True)
    assert "布局&lt;b&gt;图" in page
    assert "<b>" not in page
    listed = client.get("/admin/scans?lang=en").get_data(as_text=True)
    assert "/admin/scan/layout?lang=en" in listed
    assert "there are only 0 control points" in listed.lower() or "0 control points" in listed.lower()


def test_a_page_of_a_pdf_and_an_upright_cmyk_picture_go_in(
    client: FlaskClient, tiny_plan: Path, tmp_path: Path
) -> None:
    """Two pages of 700 by 340 pixels at 100 an inch, read at 50; a CMYK picture of 1400 by 1500 on its side."""
    paged = pdf(tmp_path, 2).read_bytes()
    form: Said = {"mark": mark_of(client), "id": "paged", "dpi": "50", "file": (io.BytesIO(paged), "a.pdf")}
    job = client.post("/admin/scans?lang=en", data=form, headers=ORIGIN).headers["Location"].partition("?")[0]
    (told,) = worked(client, job.rsplit("/", 1)[1])["trouble"]
    assert "2" in told["text"]
    assert "page" in told["remedy"]
    form |= {"page": "2", "file": (io.BytesIO(paged), "a.pdf")}
    job = client.post("/admin/scans", data=form, headers=ORIGIN).headers["Location"]
    assert worked(client, job.rsplit("/", 1)[1])["scan"] == "paged"
    assert {"page = 2", "width = 350"} <= set((tiny_plan / "maps" / "paged.toml").read_text("utf-8").splitlines())
    exif = Image.Exif()
    exif[274] = 6  # to be turned by a quarter
    lying = sheet(tmp_path / "a.jpg", "CMYK", exif=exif).read_bytes()
    form = {"mark": mark_of(client), "id": "lying", "file": (io.BytesIO(lying), "a.jpg")}
    job = client.post("/admin/scans", data=form, headers=ORIGIN).headers["Location"]
    assert worked(client, job.rsplit("/", 1)[1])["scan"] == "lying"
    assert "width = 1500" in (tiny_plan / "maps" / "lying.toml").read_text("utf-8")


@every("name,content,fields,says", [
    ("locked.pdf", locked_pdf(), {"dpi": "100"}, "locked.pdf 有密码"),
    ("a.png", b"\x89PNG\r\n\x1a\n and then nothing", {}, "a.png"),
    ("a.exe", b"MZ", {}, "a.exe"),
    ("a.pdf", b"%PDF-1.4 broken", {"dpi": "300"}, "a.pdf"),
    ("a.png", b"", {"id": "../x"}, "../x"),
])  # fmt: skip
def test_a_bad_picture_is_told_and_nothing_changes(
    client: FlaskClient, tiny_plan: Path, name: str, content: bytes, fields: Said, says: str
) -> None:
    before = state_of(tiny_plan)
    form = {"mark": mark_of(client), "id": "layout", **fields, "file": (io.BytesIO(content), name)}
    answer = client.post("/admin/scans?lang=en", data=form, headers=ORIGIN)
    address = answer.headers["Location"].partition("?")[0]
    told = worked(client, address.rsplit("/", 1)[1])
    assert told["done"]
    assert says in told["trouble"][0]["text"]
    assert told["trouble"][0]["remedy"]
    assert "admin-trouble" in client.get(address).get_data(as_text=True)
    assert state_of(tiny_plan) == before


def test_fields_that_are_no_numbers_are_refused(client: FlaskClient) -> None:
    for name, value in (("dpi", "many"), ("scale", "1"), ("page", "-3"), ("dpi", "nan")):
        form = {"mark": mark_of(client), "id": "a", name: value, "file": (io.BytesIO(b"x"), "a.png")}
        answer = client.post("/admin/scans", data=form, headers=ORIGIN)
        assert answer.status_code == 403, (name, value)


def test_the_whole_way_to_a_new_edition(client: FlaskClient, layout: Path, tiny_plan: Path) -> None:
    """The picture made ready, eight points, an error in metres, saved, traced by a click, accepted, built."""
    job = post(client, "prepare", {})[1]["job"]
    assert worked(client, job)["trouble"] == []
    begun = state(client)
    assert (begun["ready"], begun["levels"], begun["points"]) == (True, 3, [])
    tile = client.get(f"/admin/scan/layout/tile/{begun['picture']}/3/1/2")
    assert (tile.status_code, tile.data[8:12]) == (200, b"WEBP")
    assert client.get(f"/admin/scan/layout/tile/{begun['picture']}/3/9/9").status_code == 204
    assert client.get("/admin/scan/layout/tile/../../etc/passwd/0/0/0").status_code == 404
    code, fit = post(client, "fit", {"points": points(8), "transformation": "affine", "borders": True})
    assert (code, fit["offered"]) == (200, ["similarity", "affine"])
    # a line of 3 pixels at 20 m: half of it is 30 m, and the points are exact
    assert fit["accuracy_m"] == 31.0
    assert len(fit["lattice"]) == 17 * 17
    assert fit["landed"][0] == pytest.approx([104.0, 30.8], abs=1e-5)
    middle = [one for run in fit["borders"] for one in run if abs(one[0] - 700) + abs(one[1] - 750) < 1]
    assert middle  # the corner of all four townships, where the sheet has its own
    image = post(client, "overlay", {"points": points(8), "transformation": "tps"})[1]
    assert image["image"].startswith("data:image/webp;base64,")
    assert image["bounds"][0] < 104.0 < 104.2 < image["bounds"][2]
    assert saved(client, points(8))[0] == 200
    x, y = pixel(104.15, 30.64)
    assert client.get(f"/admin/scan/layout/color?x={x}&y={y}").get_json() == {"color": "#f0be5a"}
    code, told = post(client, "trace", {"pick": [x, y], "tolerance": 10, "feature": "pole/south"})
    assert worked(client, told["job"])["trouble"] == []
    proposal = client.get(f"/admin/scan/layout/proposal/{told['job']}").get_json()
    # Townships c and d: 0.2° by 0.1° at 30.65° N, 19.17 km by 11.09 km
    assert proposal["features"][0]["properties"]["area_km2"] == pytest.approx(212.5, rel=5e-3)
    before = state_of(tiny_plan)
    code, done_now = post(client, "accept", {"job": told["job"], "feature": "pole/south", "number": 1})
    assert (code, done_now["problems"]) == (200, [])
    changed = {name for name, value in state_of(tiny_plan).items() if before.get(name) != value}
    assert {name for name in changed if not name.startswith(".planmap/")} == {"features/more.toml"}
    old = served(client)
    answer = client.post("/admin/scans/build", data={"mark": mark_of(client)}, headers=ORIGIN)
    assert "admin-done" in done(client, answer.headers["Location"])
    wait_until(lambda: served(client) != old)
    south = client.get("/api/features/pole/south").get_json()
    assert "traced" in json.dumps(south)
    log = client.get("/admin?lang=en").get_data(as_text=True)
    assert "accepted a traced shape" in log


@every("rows,says", [
    ([], "0"), (points(1), "1"), (points(2), "2"), ([points(1)[0]] * 4, ""),
    ([{**one, "px": [9999, 5]} for one in points(4)], "9999"),
    ([{**one, "at": [30.7, 104.1]} for one in points(4)], "104.1"),
    ([{**one, "ref": "township/none#ne", "at": None} for one in points(4)], "township/none"),
    ([{"px": "here", "at": {}}] * 3, "px"), ([{"px": [1, 2], "at": [104, 30.7], "accuracy_m": -5}] * 3, "accuracy_m"),
])  # fmt: skip
def test_points_that_cannot_be_fitted_are_told(client: FlaskClient, layout: Path, rows: list[Said], says: str) -> None:
    """None, one, two, doubled, outside, swapped, lost, malformed: 200 with what is wrong, and the record as it was."""
    before = layout.read_bytes()
    for kind in ("affine", "tps"):
        code, told = post(client, "fit", {"points": rows, "transformation": kind})
        assert code == 200
        said = " ".join(one["text"] + one["where"] for one in told["trouble"])
        assert says in said
        assert all(one["remedy"] for one in told["trouble"])
    assert layout.read_bytes() == before


def test_swapped_points_are_doubted(client: FlaskClient, layout: Path) -> None:
    rows = points()
    rows[1]["at"], rows[7]["at"] = rows[7]["at"], rows[1]["at"]
    fit = post(client, "fit", {"points": rows, "transformation": "affine"})[1]
    assert any("P1" in one["text"] and "P7" in one["text"] for one in fit["doubts"])


COMMENTED = """# the county's own drawing
title = "空间布局图"  # as printed
title_en = "Spatial layout"
picture = "layout.png"
width = 1400
height = 1500
sources = ["试县纲要"]
transformation = "affine"

# north-west, by the mill
[[point]]
name = "P0"
px = [266.0, 159.9]   # clicked twice
at = [104.0, 30.8]

# the church
[[point]]
name = "P1"
px = [743.1, 197.3]
at = [104.1, 30.8]

# the bridge
[[point]]
px = [1220.2, 234.3]
at = [104.2, 30.8]
datum = "wgs84"
"""


def test_saving_keeps_comments_and_order(client: FlaskClient, layout: Path) -> None:
    layout.write_text(COMMENTED, encoding="utf-8")
    begun = state(client)
    assert [one["row"] for one in begun["points"]] == [0, 1, 2]
    assert begun["placed"][1] == [104.1, 30.8]
    first, _, third = begun["points"]
    rows = [{**first, "px": [267.0, 160.0]}, third, {"px": [700, 750], "at": [104.1, 30.7], "name": '"]#[[x'}]
    assert saved(client, rows, gone=[1])[0] == 200
    text = layout.read_text("utf-8")
    assert "church" not in text
    assert 'name = "P1"' not in text
    lines = text.splitlines()
    assert lines[:10] == COMMENTED.splitlines()[:10]
    assert "px = [267.0, 160.0]" in text.replace("267,", "267.0,").replace("160]", "160.0]")
    assert lines.index("# the bridge") + 1 == lines.index("[[point]]", lines.index("# the bridge"))
    assert 'datum = "wgs84"' in text
    again = state(client)["points"]
    assert [one.get("name") for one in again] == ["P0", None, '"]#[[x']


def test_two_people_do_not_write_over_each_other(client: FlaskClient, layout: Path) -> None:
    old = state(client)["digest"]
    assert saved(client, points(4))[0] == 200
    mine = layout.read_bytes()
    code, told = post(client, "save", {"points": points(3), "transformation": "affine", "digest": old})
    assert code == 409
    assert "maps/layout.toml" in told["trouble"][0]["text"]
    assert layout.read_bytes() == mine


@every("path,said", [
    ("fit", "{"), ("fit", "[]"), ("fit", {"points": "x", "transformation": "affine"}), ("fit", '{"points": "\\ud800"}'),
    ("fit", {"points": [1], "transformation": "affine"}), ("fit", {"points": [], "transformation": "magic"}),
    ("fit", {"points": [{}] * 601, "transformation": "affine"}), ("save", {"points": [], "transformation": "affine"}),
    ("trace", {"pick": "x"}), ("trace", {"colors": ["#12"]}), ("trace", {"pick": [1, 2], "tolerance": 1e9}),
    ("accept", {"job": "../../x"}), ("accept", {"job": 5}), ("draw", {"polygon": [[1, 2]]}), ("draw", {}),
    ("draw", {"polygon": [[0, 0], [9e9, 0], [0, 9]]}), ("draw", {"polygon": [[0, 0], [9, 9], [9, 0], [0, 9]]}),
    ("draw", {"point": [5, 5], "feature": "pole/none"}), ("draw", "[" * 100_000),
])  # fmt: skip
def test_what_cannot_be_read_is_refused(
    client: FlaskClient, layout: Path, tiny_plan: Path, path: str, said: Any
) -> None:
    saved(client, points(5))
    before = state_of(tiny_plan)
    code, told = post(client, path, said)
    assert 400 <= code < 500
    assert told["trouble"][0]["text"]
    assert told["trouble"][0]["remedy"]
    assert state_of(tiny_plan) == before


def test_shapes_drawn_by_hand_are_proposed_and_accepted(client: FlaskClient, layout: Path, tiny_plan: Path) -> None:
    saved(client, points())
    corners = [(104.02, 30.62), (104.08, 30.62), (104.08, 30.68), (104.02, 30.68)]
    ring = [list(pixel(*at)) for at in corners]
    code, told = post(client, "draw", {"polygon": ring, "feature": "pole/south", "snap": False})
    assert code == 200
    # 0.06° by 0.06° at 30.65° N: 5.751 km by 6.653 km
    assert told["proposal"]["together"]["area_km2"] == pytest.approx(38.26, rel=2e-3)
    line = [list(pixel(104.02, 30.65)), list(pixel(104.08, 30.65))]
    assert post(client, "draw", {"line": line})[1]["proposal"]["together"]["length_km"] == pytest.approx(
        5.751, rel=2e-3
    )
    spot = post(client, "draw", {"point": line[0], "feature": "pole/south"})[1]["proposal"]["together"]
    assert "area_km2" not in spot
    assert spot["recipe"]["point"] == [round(one, 2) for one in line[0]]
    assert post(client, "accept", {"job": told["job"], "feature": "pole/south"})[0] == 200
    assert 'scan = "layout"' in (tiny_plan / "features" / "more.toml").read_text("utf-8")
    # drawn on the map: the pixel that shows a place, by the inverse of the fit
    there = client.get("/admin/scan/layout/pixel?lon=104.08&lat=30.68").get_json()
    assert there["px"] == pytest.approx(ring[2], abs=0.05)
    for query, says in (
        ("lon=104.5&lat=30.68", "104.5"),
        ("lon=x&lat=1", ""),
        ("lon=nan&lat=1", ""),
        ("lon=1e308&lat=90", ""),
    ):
        answer = client.get(f"/admin/scan/layout/pixel?{query}")
        assert answer.status_code == 400
        assert says in answer.get_json()["trouble"][0]["text"]


def test_spots_lead_where_they_say(client: FlaskClient, layout: Path) -> None:
    """Every reference that the map offers, set as a control point, lies where the map shows it."""
    found = client.get("/admin/scan/layout/ground").get_json()
    # the neighbour's station lies beyond the sheet's edge
    spots = [one for one in found["spots"] if one["ref"] and one["at"][0] < 104.21]
    assert {one["what"] for one in spots} >= {"point", "place", "corner", "meeting", "crossing"}
    rows = [{"px": [round(one, 2) for one in pixel(*spot["at"])], "ref": spot["ref"]} for spot in spots]
    fit = post(client, "fit", {"points": rows, "transformation": "affine"})[1]
    for spot, point in zip(spots, fit["points"], strict=True):
        assert [point["lon"], point["lat"]] == pytest.approx(spot["at"], abs=1e-6), spot
    assert {one["id"] for one in found["shapes"]} >= {"township/a", "line/1"}


def test_a_record_with_faults_is_told_with_file_and_field(client: FlaskClient, layout: Path) -> None:
    layout.write_text(layout.read_text("utf-8") + '\n[[point]]\npx = "left"\n', encoding="utf-8")
    page = client.get("/admin/scans?lang=en").get_data(as_text=True)
    assert "maps/layout.toml" in page or "scan/layout point 1" in page
    assert client.get("/admin/scan/layout?lang=en").status_code == 400
    assert client.get("/admin/scan/none").status_code == 400
    layout.with_suffix(".png").unlink()


def test_a_picture_that_went_is_told(from_nothing: None, client: FlaskClient, layout: Path) -> None:
    layout.with_suffix(".png").unlink()
    assert "layout.png" in state(client)["missing"]
    job = post(client, "prepare", {})[1]["job"]
    assert "layout.png" in worked(client, job)["trouble"][0]["text"]


def test_nobody_else_sees_or_changes_anything(app: Flask, layout: Path, client: FlaskClient) -> None:
    stranger = app.test_client()
    for path in ("/admin/scans", "/admin/scan/layout", "/admin/scan/layout/state", "/admin/scan/layout/ground"):
        answer = stranger.get(path)
        assert (answer.status_code, "/login" in answer.headers["Location"]) == (303, True), path
    before = layout.read_bytes()
    form = {"said": json.dumps({"points": [], "transformation": "affine", "digest": ""}), "mark": mark_of(client)}
    assert stranger.post("/admin/scan/layout/save", data=form, headers=ORIGIN).status_code in (303, 401, 403)
    elsewhere = {"Origin": "http://evil.example"}
    assert client.post("/admin/scan/layout/save", data=form, headers=elsewhere).status_code == 403
    unmarked = client.post("/admin/scan/layout/save", data={**form, "mark": "x"}, headers=ORIGIN)
    assert unmarked.status_code == 403
    assert layout.read_bytes() == before
