"""Files: what comes, under which name, in which CRS, in parts, and from the cache."""

import csv
import io
import json
import re
import sqlite3
from pathlib import Path
from urllib.parse import unquote

import geopandas as gpd
import pytest
from flask.testing import FlaskClient
from web_edition import HOSTILE, hostile_edition, make_edition

from layers.edition import export
from layers.edition.file import write
from webmap.api.download import cache_folder
from webmap.app import create_app


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return create_app({"PLANMAP_CACHE_DIR": str(tmp_path / "cache")}, edition=make_edition()).test_client()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "test-plan.gpkg"
    write(make_edition(), path)
    return path


def test_the_edition_itself_comes_byte_for_byte(file: Path, tmp_path: Path) -> None:
    client = create_app({"PLANMAP_EDITION": str(file), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}).test_client()
    wanted = file.read_bytes()
    answer = client.get("/download/all.gpkg")
    assert answer.data == wanted
    assert answer.content_type == "application/geopackage+sqlite3"
    assert client.get("/download/all.gpkg?crs=EPSG:4490").data == wanted


def test_a_replaced_file_changes_nothing_until_restart(file: Path, tmp_path: Path) -> None:
    client = create_app({"PLANMAP_EDITION": str(file), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}).test_client()
    wanted = file.read_bytes()
    other = make_edition()
    write(make_edition(meta={**other.meta, "hash": "cd" * 32}), file)
    assert file.read_bytes() != wanted
    assert client.get("/download/all.gpkg").data == wanted
    assert client.get("/healthz").get_json()["edition"] == "ab" * 32


def test_names_of_files(client: FlaskClient) -> None:
    header = client.get("/download/zones.geojson").headers["Content-Disposition"]
    assert 'filename="test-plan-zones.geojson"' in header
    assert unquote(header.split("filename*=UTF-8''")[1]) == "试验规划-三区-4326.geojson"
    english = client.get("/download/indicators.csv?lang=en").headers["Content-Disposition"]
    assert unquote(english.split("''")[1]) == "Test Plan-indicators.csv"


def test_hostile_names_of_files(tmp_path: Path) -> None:
    client = create_app({"PLANMAP_CACHE_DIR": str(tmp_path)}, edition=hostile_edition()).test_client()
    header = client.get("/download/zones.csv").headers["Content-Disposition"]
    name = unquote(header.split("''")[1])
    assert not set(name) & set('/\\:*?"<>|\u202e\u2028\r\n')
    assert len(name) < 100
    assert HOSTILE[:10] not in header


@pytest.mark.parametrize(
    ("crs", "low", "high"), [("4490", 120.0, 120.4), ("4326", 120.0, 120.4), ("metric", 5e5, 5.4e5)]
)
def test_layers_in_every_crs(client: FlaskClient, tmp_path: Path, crs: str, low: float, high: float) -> None:
    answer = client.get(f"/download/zones.gpkg?crs={crs}")
    assert answer.status_code == 200
    path = tmp_path / "zones.gpkg"
    path.write_bytes(answer.data)
    frame = gpd.read_file(path, layer="zones")
    assert list(frame["id"]) == ["zone/west", "zone/east"]
    west, _south, east, _north = frame.total_bounds
    # 120° is the central meridian of the zone, whose easting is 500 km; 0.4° east are 38.6 km there.
    assert low <= round(west, 6) <= high
    assert low <= round(east, 6) <= high


def test_geojson_is_wgs84_unless_asked_otherwise(client: FlaskClient) -> None:
    assert "crs" not in json.loads(client.get("/download/hubs.geojson").data)
    assert client.get("/download/hubs.geojson").content_type == "application/geo+json"


def test_the_form_of_the_start_page_gives_every_file_it_offers(client: FlaskClient, tmp_path: Path) -> None:
    answer = client.get("/start")
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
    assert "form-action 'none'" in client.get("/about").headers["Content-Security-Policy"]
    form = answer.get_data(as_text=True).split('<form class="pick-file" action="/start/file" method="get">')[1]
    options = {
        name: re.findall(r'<option value="([^"]*)"', body)
        for name, body in re.findall(r'<select name="(\w+)">(.*?)</select>', form.split("</form>")[0])
    }
    # 120.2° E lies in the zone of 120°, the sixteenth from 75° in steps of three: EPSG 4534 + 15
    assert options["crs"] == ["", "4490", "4326", "4549"]
    assert options["format"] == ["gpkg", "geojson", "csv"]
    assert options["what"][0] == "all"
    assert options["what"][-1] == "indicators"
    assert len(options["what"]) == 9
    for what in options["what"]:
        for fmt in options["format"]:
            found = client.get(f"/start/file?what={what}&format={fmt}&crs=&lang=zh")
            usual = client.get(f"/download/{what}.{'csv' if what == 'indicators' else fmt}")
            assert (found.status_code, found.data) == (200, usual.data), (what, fmt)
    path = tmp_path / "chosen.gpkg"
    path.write_bytes(client.get("/start/file?what=hubs&format=gpkg&crs=4549&lang=zh").data)
    point = gpd.read_file(path, layer="hubs").geometry[0]
    # 0.15° east of the meridian at 30.05° N: 0.15 × 111.32 km × cos 30.05° = 14.45 km, from 500 km
    assert point.x == pytest.approx(514_450, abs=50)


def test_the_form_answers_nonsense_with_a_page(client: FlaskClient) -> None:
    for query in ("what=nothing", "what=zones&format=exe", "what=zones&crs=31370"):
        answer = client.get(f"/start/file?{query}")
        assert answer.status_code == 400
        assert answer.content_type.startswith("text/html")


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "status"), [("/download/nope.gpkg", 404), ("/download/zones.gpkg?crs=31370", 400), ("/download/x", 404)]
)
def test_a_problem_of_a_download_is_a_page_for_a_browser(client: FlaskClient, path: str, status: int) -> None:
    page = client.get(path, headers=BROWSER)
    assert (page.status_code, page.content_type) == (status, "text/html; charset=utf-8")
    assert 'lang="zh-CN"' in page.get_data(as_text=True)
    for accept in ("*/*", "", "application/json", "application/geopackage+sqlite3, */*;q=0.1"):
        problem = client.get(path, headers={"Accept": accept})
        assert (problem.status_code, problem.content_type) == (status, "application/problem+json"), accept
        assert "Accept" in problem.headers["Vary"]


def csv_of(client: FlaskClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).data.decode("utf-8-sig"))))


def test_csv_has_its_coordinates_in_the_system_asked_for(client: FlaskClient) -> None:
    degrees, wgs84, metres = (csv_of(client, f"/download/hubs.csv?crs={crs}&wkt=1")[0] for crs in (4490, 4326, 4549))
    assert [one["crs"] for one in (degrees, wgs84, metres)] == ["EPSG:4490", "EPSG:4326", "EPSG:4549"]
    for one in (degrees, wgs84):
        assert (float(one["label_lon"]), float(one["label_lat"])) == pytest.approx((120.15, 30.05), abs=1e-6)
        assert "label_x" not in one
    # Easting as above. Northing: 3,320,113 m from the equator to 30°, 0.05° × 110,852 m more, and as the point lies
    # 14.45 km beside the meridian, 14450² × tan 30.05° / (2 × 6,383 km) = 9 m.
    assert float(metres["label_x"]) == pytest.approx(514_450, abs=50)
    assert float(metres["label_y"]) == pytest.approx(3_320_113 + 5_543 + 9, abs=10)
    assert "label_lon" not in metres
    x, y = (float(part) for part in re.findall(r"[0-9.]+", metres["geometry"]))
    assert (x, y) == pytest.approx((float(metres["label_x"]), float(metres["label_y"])), abs=0.01)
    assert degrees["geometry"] == "POINT (120.15 30.05)"
    empty = csv_of(client, "/download/control_lines.csv?crs=4549")[0]
    assert (empty["label_x"], empty["label_y"]) == ("", "")


def test_no_two_systems_give_the_same_file(client: FlaskClient) -> None:
    for fmt in export.FORMATS:
        files = {client.get(f"/download/zones.{fmt}?crs={crs}").data for crs in (4490, 4326, 4549)}
        assert len(files) == 3, fmt


def test_csv_headed_in_words_with_names_beside_codes(client: FlaskClient) -> None:
    row = csv_of(client, "/download/expressways.csv?headings=zh")[0]
    assert (row["类别代码 (kind)"], row["类别"]) == ("expressway", "高速公路")
    assert (row["镇街代码 (township)"], row["镇街"]) == ("a;b;c", "长山街道;乙街道;丙镇")
    assert (row["状态代码 (status)"], row["状态"]) == ("building", "在建")
    assert (row["定位依据代码 (basis)"], row["定位依据"]) == ("schematic", "概化示意")
    assert (row["名称 (name)"], row["长度（公里） (length_km)"], row["界线为假定 (assumed)"]) == (
        "G1 高速",
        "38.6123",
        "否",
    )
    assert all(re.search("[\u4e00-\u9fff]", heading) for heading in row)
    english = csv_of(client, "/download/townships.csv?headings=en")[1]
    assert (english["Zone code (zone)"], english["Zone"]) == ("west;east", "West;East")
    both = csv_of(client, "/download/all.csv?headings=zh")
    assert {(one["图层代码 (layer)"], one["图层"]) for one in both} >= {("zones", "三区"), ("hubs", "枢纽")}
    plain = csv_of(client, "/download/expressways.csv")[0]
    assert plain["kind"] == "expressway"
    assert csv_of(client, "/start/file?what=hubs&format=csv&headings=zh")[0]["类别"] == "综合交通枢纽"


def test_what_makes_no_sense_for_a_file_is_refused(client: FlaskClient) -> None:
    for path in ("zones.gpkg?headings=zh", "zones.geojson?wkt=1", "indicators.csv?crs=4326", "indicators.csv?wkt=1"):
        answer = client.get(f"/download/{path}")
        assert answer.status_code == 400, path
        assert answer.content_type == "application/problem+json"


def test_indicators_as_csv(client: FlaskClient) -> None:
    answer = client.get("/download/indicators.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 4
    assert any("1828.47" in cell for cell in rows[1])
    assert client.get("/download/indicators.gpkg").status_code == 404


def test_every_layer_and_all_in_every_format(client: FlaskClient) -> None:
    names = ["all", "zones", "control_lines", "hubs"]
    for name in names:
        for fmt in export.FORMATS:
            answer = client.get(f"/download/{name}.{fmt}")
            assert answer.status_code == 200, (name, fmt)
            assert answer.content_type.split(";")[0] == export.FORMATS[fmt].split(";")[0]


def test_made_once_and_kept(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/download/zones.gpkg").data
    assert len(list((tmp_path / "cache").rglob("zones-4490.gpkg"))) == 1

    def never(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("made twice")

    monkeypatch.setattr(export, "export", never)
    again = create_app({"PLANMAP_CACHE_DIR": str(tmp_path / "cache")}, edition=make_edition()).test_client()
    assert again.get("/download/zones.gpkg").data == first


def test_parts_of_a_file(client: FlaskClient) -> None:
    whole = client.get("/download/zones.gpkg")
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = client.get("/download/zones.gpkg", headers={"Range": "bytes=0-15", "Accept-Encoding": "br"})
    assert part.status_code == 206
    assert part.data == b"SQLite format 3\x00"
    assert part.headers["Content-Range"] == f"bytes 0-15/{len(whole.data)}"
    assert "Content-Encoding" not in part.headers
    assert client.get("/download/zones.gpkg", headers={"Range": f"bytes={len(whole.data)}-"}).status_code == 416
    assert client.get("/download/zones.gpkg", headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_gpkg_holds_styles(client: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "all.gpkg"
    path.write_bytes(client.get("/download/all.gpkg").data)
    with sqlite3.connect(path) as database:
        styled = {name for (name,) in database.execute("SELECT f_table_name FROM layer_styles")}
    assert {"zones", "townships", "expressways", "hubs"} <= styled


def test_a_cache_folder_of_someone_else_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    mine = cache_folder(None)
    assert mine.parent == tmp_path
    assert mine.stat().st_mode & 0o777 == 0o700
    assert cache_folder(None) == mine
    mine.chmod(0o777)
    assert cache_folder(None) != mine
