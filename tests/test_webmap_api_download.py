"""Files: what comes, under which name, in which CRS, in parts, and from the cache."""

import csv
import errno
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote

import geopandas as gpd
import pytest
from contracts import keeps
from flask.testing import FlaskClient
from processes import HANGS_S, wait_until
from web_edition import HOSTILE, hostile_edition, make_edition

from geo.errors import GeoError
from layers.edition import export
from layers.edition.file import write
from webmap.app import create_app
from webmap.serving.encode import BodyCache
from webmap.serving.errors import WebError
from webmap.serving.shelf import WAITING, Shelf


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


def test_a_replaced_file_is_sent_once_it_is_taken_over(file: Path, tmp_path: Path) -> None:
    client = create_app({"PLANMAP_EDITION": str(file), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}).test_client()
    before, other = client.get("/download/all.gpkg"), make_edition()
    write(make_edition(meta={**other.meta, "hash": "cd" * 32}), file)
    wait_until(lambda: client.get("/healthz").get_json()["edition"] == "cd" * 32, "the new edition")
    after = client.get("/download/all.gpkg")
    assert after.data == file.read_bytes() != before.data
    assert after.headers["ETag"] != before.headers["ETag"]


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
    edition = make_edition()
    for fmt, form in export.FORMATS.items():
        if not form.available:
            assert client.get(f"/download/zones.{fmt}").status_code == 400
            continue
        codes = form.codes(edition)
        files = {client.get(f"/download/zones.{fmt}?crs={crs}").data for crs in codes}
        assert len(files) == len(codes), fmt
        for crs in {"4490", "4326", "4549", "gcj02"} - set(codes):
            answer = client.get(f"/download/zones.{fmt}?crs={crs}")
            assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), (fmt, crs)


def test_csv_headed_in_words_with_names_beside_codes(client: FlaskClient) -> None:
    row = csv_of(client, "/download/expressways.csv?headings=zh")[0]
    assert (row["类别代码 (kind)"], row["类别"]) == ("expressway", "高速公路")
    assert (row["镇街代码 (township)"], row["镇街"]) == ("a;b;c", "长山街道;乙街道;丙镇")
    assert (row["状态代码 (status)"], row["状态"]) == ("building", "在建")
    assert (row["定位依据代码 (basis)"], row["定位依据"]) == ("schematic", "概化示意")
    assert (row["名称 (name)"], row["长度（公里） (length_km)"], row["界线为假定 (assumed)"]) == (
        "G1 高速",
        "38.9",
        "否",
    )
    assert all(re.search("[\u4e00-\u9fff]", heading) for heading in row)
    english = csv_of(client, "/download/townships.csv?headings=en")[1]
    assert (english["Zone code (zone)"], english["Zone"]) == ("west;east", "West;East")
    both = csv_of(client, "/download/all.csv?headings=zh")
    assert {(one["图层代码 (layer)"], one["图层"]) for one in both} >= {("zones", "三区"), ("hubs", "枢纽")}
    plain = csv_of(client, "/download/expressways.csv")[0]
    assert plain["kind"] == "expressway"


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
    names = ["all", "control_lines", "hubs"]  # of zones every format is asked for above, in every system
    for name in names:
        for fmt in (one.id for one in export.FORMATS.values() if one.available):
            answer = client.get(f"/download/{name}.{fmt}")
            if name == "control_lines" and fmt in ("dxf", "svg", "mbtiles", "pmtiles"):
                assert answer.status_code == 400, fmt  # nothing to draw
                continue
            assert answer.status_code == 200, (name, fmt)
            wanted = export.FORMATS[fmt].media_of(7 if name == "all" else 1)
            assert answer.content_type.split(";")[0] == wanted.split(";")[0]
            saved = answer.headers["Content-Disposition"]
            assert (f".{fmt}.zip" if wanted == "application/zip" else f'.{fmt}"') in saved


def test_made_once_and_kept(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/download/zones.gpkg").data
    assert len(list((tmp_path / "cache").rglob("*-zones-4490.gpkg"))) == 1

    def never(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("made twice")

    monkeypatch.setattr(export, "export", never)
    client.application.extensions["planmap"].only.cache = BodyCache()  # as in another worker
    assert client.get("/download/zones.gpkg").data == first


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
    # Who goes on with a download gets the rest of the same file, or is told that there is another.
    rest = {"Range": "bytes=16-", "If-Match": whole.headers["ETag"]}
    assert client.get("/download/zones.gpkg", headers=rest).data == whole.data[16:]
    assert client.get("/download/zones.gpkg", headers={"If-Match": "*"}).status_code == 200
    other = client.get("/download/zones.gpkg?lang=en", headers={**rest, "If-Match": '"another"'})
    assert (other.status_code, other.get_json()["title"]) == (412, "It has changed")


def test_gpkg_holds_styles(client: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "all.gpkg"
    path.write_bytes(client.get("/download/all.gpkg").data)
    with sqlite3.connect(path) as database:
        styled = {name for (name,) in database.execute("SELECT f_table_name FROM layer_styles")}
    assert {"zones", "townships", "expressways", "hubs"} <= styled


def test_nothing_that_others_put_into_the_folder_is_read(tmp_path: Path) -> None:
    """A link or a file under a name that the server could use discloses nothing, and folders of ours are new."""
    (tmp_path / "secret").write_text("secret")
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    planted = [cache / f"planmap-cache-{os.getuid()}", cache / "planmap-shelf-aaaaaaaa", cache / "zones-4490.gpkg"]
    planted[0].mkdir()
    (planted[0] / "zones-4490.gpkg").symlink_to(tmp_path / "secret")
    planted[1].symlink_to(planted[0])
    planted[2].symlink_to(tmp_path / "secret")
    app = create_app({"PLANMAP_CACHE_DIR": str(cache)}, edition=make_edition())
    shelf = app.extensions["planmap"].only.shelf
    assert shelf.path not in planted
    assert shelf.path.stat().st_mode & 0o777 == 0o700
    assert app.test_client().get("/download/zones.gpkg").data.startswith(b"SQLite")
    # Even a link in our own folder, which only we could have made, is not followed.
    (shelf.path / f"{app.extensions['planmap'].only.stamp}-hubs-4490.gpkg").symlink_to(tmp_path / "secret")
    answer = app.test_client().get("/download/hubs.gpkg")
    assert b"secret" not in answer.data
    assert answer.status_code in (200, 503)
    assert planted[1].is_symlink()


def test_the_folder_is_bounded_and_the_least_wanted_go_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "cache", 2500)

    def make(name: str) -> bytes:
        return shelf.get(name, lambda path: path.write_bytes(name.encode() * 1000))

    for name in ("a", "b", "a", "c"):
        assert make(name) == name.encode() * 1000
    assert {path.name for path in shelf.path.iterdir()} == {"a", "c"}
    assert make("b") == b"b" * 1000
    assert len(list(shelf.path.iterdir())) == 2
    shelf.close()
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_a_killed_server_left_is_removed_and_what_a_living_one_holds_stays(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom webmap.serving.shelf import Shelf\n"
        "shelf = Shelf(Path(sys.argv[1]), 1); print(shelf.path, flush=True); sys.stdin.read()"
    )
    root = Path(__file__).parent.parent
    start = [sys.executable, "-c", program, str(tmp_path)]
    servers = [subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)
               for _ in range(2)]  # fmt: skip
    try:
        folders = [Path(server.stdout.readline().strip()) for server in servers if server.stdout]
        servers[0].kill()
        servers[0].wait()
        shelf = Shelf(tmp_path, 1)
        assert not folders[0].exists()
        assert folders[1].is_dir()
        assert {path.name for path in tmp_path.iterdir()} == {folders[1].name, shelf.path.name}
        shelf.close()
    finally:
        for server in servers:
            server.kill()
            server.wait()


def test_a_folder_that_cannot_be_trusted_or_used_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "group").mkdir()
    (tmp_path / "group").chmod(0o775)
    for path, key in (
        ("file", "setting.cache_not_made"),
        ("file/below", "setting.cache_not_made"),
        ("open", "setting.cache_not_private"),
        ("group", "setting.cache_not_private"),
        ("/proc/nothing", "setting.cache_not_made"),
    ):
        with pytest.raises(WebError) as caught:
            create_app({"PLANMAP_CACHE_DIR": str(tmp_path / path)}, edition=make_edition())
        assert caught.value.key == key, path
        for lang in ("zh", "en"):
            assert "PLANMAP_CACHE_DIR" in caught.value.message(lang)
            assert caught.value.remedy(lang)
    assert [item.name for item in (tmp_path / "open").iterdir()] == []
    (tmp_path / "open").chmod(0o1777)  # as /tmp: what lies there only its owner can rename
    create_app({"PLANMAP_CACHE_DIR": str(tmp_path / "open")}, edition=make_edition())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 507),
        (OSError(errno.EIO, "Input/output error"), 503),
        (PermissionError(errno.EACCES, "Permission denied"), 503),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_or_broken_disk_is_said_in_words(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: OSError, status: int, wrapped: bool
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        if wrapped:
            raise GeoError("vector.not_written", file="x", detail="x") from error
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(export, "export", fail)
        for lang, word in (("zh", "管理员"), ("en", "operator")):
            answer = client.get(f"/download/zones.csv?lang={lang}")
            assert answer.status_code == status
            problem = answer.get_json()
            assert word in problem["remedy"]
            assert problem["detail"] != "x"
            assert str(error.strerror) not in answer.get_data(as_text=True)
    assert client.get("/download/zones.csv").status_code == 200, "what failed once is not kept"


def test_many_files_wanted_at_once_leave_threads_for_the_rest(tmp_path: Path) -> None:
    """While as many files are being made as may be, the next one is told to come again."""
    shelf, begun, go = Shelf(tmp_path, 10_000), threading.Semaphore(0), threading.Event()

    def make(path: Path) -> None:
        begun.release()
        assert go.wait(HANGS_S)
        path.write_bytes(b"x")

    makers = [threading.Thread(target=shelf.get, args=(str(number), make)) for number in range(WAITING)]
    for maker in makers:
        maker.start()
    begun.acquire()
    # Looked at only: taking a place to see whether there is one would keep a maker out.
    wait_until(lambda: shelf._room._value == 0, "the last of the makers")
    app = create_app({}, edition=make_edition())
    app.extensions["planmap"].only.shelf = shelf
    answer = app.test_client().get("/download/hubs.csv?lang=en")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "few seconds" in answer.get_json()["remedy"]
    go.set()
    for maker in makers:
        maker.join()
    assert app.test_client().get("/download/hubs.csv").status_code == 200


@pytest.mark.parametrize("how", ["truncated", "other", "emptied", "appended", "gone", "touched"])
def test_a_file_changed_under_the_server_changes_nothing_but_its_health(file: Path, tmp_path: Path, how: str) -> None:
    """No answer under an old tag carries other bytes, whoever writes over the edition in place."""
    other = tmp_path / "other.gpkg"
    edition = make_edition()
    write(make_edition(meta={**edition.meta, "hash": "cd" * 32}), other)
    client = create_app({"PLANMAP_EDITION": str(file), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}).test_client()
    wanted = file.read_bytes()
    assert client.get("/healthz").get_json() == {"status": "ok", "edition": make_edition().hash}
    if how == "truncated":
        os.truncate(file, 4096)
    elif how == "other":
        shutil.copyfile(other, file)
    elif how == "emptied":
        file.write_bytes(b"")
    elif how == "appended":
        with file.open("ab") as opened:
            opened.write(b"x")
    elif how == "gone":
        file.unlink()
    else:
        os.utime(file, (1, 1))
    answer = client.get("/download/all.gpkg")
    assert answer.data == wanted
    again = create_app({"PLANMAP_CACHE_DIR": str(tmp_path / "c")}, edition=make_edition()).test_client()
    assert client.get("/api/layers").data == again.get("/api/layers").data
    health = client.get("/healthz?lang=en").get_json()
    if how == "touched":
        assert health == {"status": "ok", "edition": make_edition().hash}
        return
    state = {"gone": "missing"}.get(how, "changed")
    assert (health["status"], health["edition"], health["file"]) == ("outdated", make_edition().hash, state)
    assert re.search("[a-z]{4}", health["reason"])
    assert re.search("[\u4e00-\u9fff]", client.get("/healthz").get_json()["reason"])
    keeps(health, "health")


def test_two_files_of_one_content_hash_have_two_tags(file: Path, tmp_path: Path) -> None:
    """The hash leaves out what follows from the plan; the tag of the file is of its bytes."""
    settings = {"PLANMAP_EDITION": str(file), "PLANMAP_CACHE_DIR": str(tmp_path / "c")}
    first = create_app(settings).test_client().get("/download/all.gpkg")
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 10201")
        database.execute("CREATE TABLE added (a)")
    database.close()
    second = create_app(settings).test_client().get("/download/all.gpkg")
    assert first.data != second.data
    assert first.headers["ETag"] != second.headers["ETag"]
