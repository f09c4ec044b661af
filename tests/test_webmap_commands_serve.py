"""Settings, finding the edition, and ``planmap serve`` as a program with several workers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from web_edition import make_edition

from layers.edition.file import write
from webmap.app import create_app, find_edition
from webmap.cli import main
from webmap.serving import assets
from webmap.serving.problems import WebError
from webmap.serving.settings import SETTINGS, Settings

ROOT = Path(__file__).parent.parent


def test_settings_have_defaults_and_are_read_from_what_is_given() -> None:
    plain = Settings.read({})
    assert (plain.host, plain.port, plain.workers, plain.edition) == ("127.0.0.1", 8000, 2, None)
    given = Settings.read(
        {"PORT": "8080", "HOST": "::1", "PLANMAP_WORKERS": "4", "PLANMAP_EDITION": "x.gpkg", "OTHER": "1"}
    )
    assert (given.host, given.port, given.workers, given.edition) == ("::1", 8080, 4, Path("x.gpkg"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "８０"),
        ("PLANMAP_WORKERS", "0"),
        ("PLANMAP_WORKERS", "1.5"),
        ("PLANMAP_FRAME_ANCESTORS", "*; script-src *"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(WebError) as caught:
        Settings.read({name: value})
    for lang in ("zh", "en"):
        assert name in caught.value.message(lang)
        assert caught.value.remedy(lang)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: object) -> None:
    assert re.search(rf"`{setting.name}`", (ROOT / "README.md").read_text(encoding="utf-8"))  # type: ignore[attr-defined]


def test_help_lists_the_settings_in_both_languages() -> None:
    shown = CliRunner().invoke(main, ["serve", "--help"]).output
    for setting in SETTINGS:
        assert f"{setting.name}=" in shown
        assert setting.help("zh") != setting.help("en")


def test_nothing_is_read_from_the_environment_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANMAP_FRAME_ANCESTORS", "https://evil.example")
    answer = create_app({}, edition=make_edition()).test_client().get("/embed/overview")
    assert "evil" not in answer.headers["Content-Security-Policy"]


def test_the_only_edition_in_the_data_folder_is_found(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(WebError, match="gpkg"):
        find_edition(settings)
    (tmp_path / "editions").mkdir()
    for name in ("a.gpkg", "b.gpkg"):
        (tmp_path / "editions" / name).touch()
        if name == "a.gpkg":
            assert find_edition(settings).name == "a.gpkg"
    with pytest.raises(WebError) as caught:
        find_edition(settings)
    assert caught.value.params["choices"] == ["a.gpkg", "b.gpkg"]


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_file_that_is_no_edition_gets_a_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(content)
    result = CliRunner().invoke(main, ["serve", str(path), "--lang", "en"], env={"PORT": "0"})
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert "x.gpkg" in result.output


def test_a_missing_edition_gets_a_message_with_the_remedy(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["serve", str(tmp_path / "none.gpkg"), "--lang", "en"], env={"PORT": "0"})
    assert result.exit_code == 2
    assert "none.gpkg" in result.output
    assert "planmap build" in result.output


def test_static_files_come_packed_and_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "planmap.js").write_text("var x=1;" * 100)
    (dist / "planmap.js.gz").write_bytes(b"packed")
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    monkeypatch.setattr(assets.find, "__defaults__", (False, dist))
    client = create_app({}, edition=make_edition()).test_client()
    address = re.findall(r'<script src="([^"]+)"', client.get("/").get_data(as_text=True))[0]
    assert re.fullmatch(r"/static/dist/planmap\.[0-9a-f]{12}\.js", address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.data == b"packed"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in packed.headers["Cache-Control"]
    assert packed.headers["X-Content-Type-Options"] == "nosniff"
    plain = client.get("/static/dist/planmap.js")
    assert plain.data.startswith(b"var x")
    assert "immutable" not in plain.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": packed.headers["ETag"]}).status_code == 304


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """``planmap serve`` on a free port: its address and process id."""
    path = tmp_path_factory.mktemp("serve") / "test-plan.gpkg"
    write(make_edition(), path)
    environ = {**os.environ, "PORT": "0", "PLANMAP_WORKERS": "2", "HOST": "127.0.0.1"}
    program = [sys.executable, "-c", "from webmap.cli import main; main()", "serve", str(path)]
    process = subprocess.Popen(program, env=environ, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        address = re.findall(r"http://\S+", process.stdout.readline())[0]
        for _ in range(300):
            try:
                urllib.request.urlopen(address + "/healthz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address, process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()


def test_serve_answers(server: tuple[str, int]) -> None:
    with urllib.request.urlopen(server[0] + "/healthz", timeout=10) as answer:
        assert answer.read() == b'{"status":"ok","edition":"' + b"ab" * 32 + b'"}'
    with urllib.request.urlopen(server[0] + "/", timeout=10) as answer:
        assert "试验规划" in answer.read().decode()


def test_debug_serves_through_the_reloader(tmp_path: Path) -> None:
    """The reloader starts the program a second time while the first one holds the port."""
    path = tmp_path / "test-plan.gpkg"
    write(make_edition(), path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1"}
    program = [sys.executable, "-c", "from webmap.cli import main; main()", "serve", "--debug", str(path)]
    process = subprocess.Popen(program, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               cwd=ROOT, start_new_session=True)  # fmt: skip
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        else:
            pytest.fail("no answer")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="counts processes in /proc")
def test_serve_runs_several_workers(server: tuple[str, int]) -> None:
    found: list[str] = []
    for _ in range(100):  # the second one starts a moment after the first
        tasks = Path(f"/proc/{server[1]}/task").glob("*/children")
        found = [child for task in tasks for child in task.read_text().split()]
        if len(found) == 2:
            break
        time.sleep(0.1)
    assert len(found) == 2


def test_serve_says_at_once_that_the_port_is_taken(server: tuple[str, int], tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    write(make_edition(), path)
    port = server[0].rsplit(":", 1)[1]
    result = CliRunner().invoke(main, ["serve", str(path), "--lang", "en"], env={"PORT": port, "HOST": "127.0.0.1"})
    assert result.exit_code == 2
    assert port in result.output
