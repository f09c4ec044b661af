"""Settings, finding the edition, and ``planmap serve`` as a program with several workers."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cases import every
from click.testing import CliRunner
from flask.testing import FlaskClient
from processes import answers, wait_until
from web_edition import make_edition
from werkzeug.test import Client, TestResponse, create_environ, run_wsgi_app

from layers.edition.file import write
from webmap.app import create_app, find_edition
from webmap.cli import main
from webmap.serving import assets
from webmap.serving.errors import WebError
from webmap.serving.settings import SETTINGS, Settings

ROOT = Path(__file__).parent.parent


def test_settings_have_defaults_and_are_read_from_what_is_given() -> None:
    plain = Settings.read({})
    assert (plain.host, plain.port, plain.workers, plain.edition) == ("127.0.0.1", 8000, 2, None)
    given = Settings.read(
        {"PORT": "8080", "HOST": "::1", "PLANMAP_WORKERS": "4", "PLANMAP_EDITION": "x.gpkg", "OTHER": "1"}
    )
    assert (given.host, given.port, given.workers, given.edition) == ("::1", 8080, 4, Path("x.gpkg"))


@every(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "８０"),
        ("PLANMAP_WORKERS", "0"),
        ("PLANMAP_WORKERS", "1.5"),
        ("PLANMAP_FRAME_ANCESTORS", "*; script-src *"),
        ("PLANMAP_PREFIX", "x"),
        ("PLANMAP_CONNECTIONS", "15"),
        ("PLANMAP_READ_TIMEOUT", "0"),
        ("PLANMAP_SEND_TIMEOUT", "601"),
        ("PLANMAP_CACHE_MB", "0.5"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(WebError) as caught:
        Settings.read({name: value})
    for lang in ("zh", "en"):
        assert name in caught.value.message(lang)
        assert caught.value.remedy(lang)


@every("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: object) -> None:
    assert re.search(rf"`{setting.name}`", (ROOT / "docs" / "operator.md").read_text(encoding="utf-8"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_taken_port_and_a_foreign_address_are_told_in_our_words(tmp_path: Path, lang: str) -> None:
    write(make_edition(), tmp_path / "e.gpkg")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        for host, word in (
            ("127.0.0.1", {"zh": "端口已被占用", "en": "another program has the port"}),
            ("192.0.2.1", {"zh": "本机没有这个地址", "en": "this machine has no such address"}),
        ):
            arguments = ["serve", str(tmp_path / "e.gpkg"), "--host", host, "--port", port, "--lang", lang]
            shown = CliRunner().invoke(main, arguments)
            assert shown.exit_code == 2
            assert word[lang] in shown.output
            assert "Address already" not in shown.output
            assert "Cannot assign" not in shown.output


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


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[FlaskClient, Path, str]:
    """A client of a server with a bundle of its own, the bundle's folder, and the hashed address of its program."""
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "planmap.js").write_text("var x=1;" * 100)
    (dist / "planmap.js.gz").write_bytes(b"packed")
    monkeypatch.setattr(assets, "DIST", dist)
    client = create_app({}, edition=make_edition()).test_client()
    address = re.findall(r'data-program="([^"]+)"', client.get("/").get_data(as_text=True))[0]
    return client, dist, address


def test_static_files_come_packed_and_for_good(bundled: tuple[FlaskClient, Path, str]) -> None:
    client, _, address = bundled
    assert re.fullmatch(r"/static/dist/planmap\.[0-9a-f]{12}\.js", address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.data == b"packed"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in packed.headers["Cache-Control"]
    assert packed.headers["X-Content-Type-Options"] == "nosniff"
    plain = client.get("/static/dist/planmap.js")
    assert plain.data.startswith(b"var x")
    assert "immutable" not in plain.headers["Cache-Control"]
    for name in ("planmap.js.gz", "nothing.js", "../app.py", "%2e%2e/app.py", ""):
        assert client.get(f"/static/dist/{name}").status_code == 404


def test_static_files_obey_what_is_asked(bundled: tuple[FlaskClient, Path, str]) -> None:
    """Weights of zero, lists of tags, and parts on condition, as RFC 9110 has them (12.5.3, 13.1.2, 13.1.5)."""
    client, _, address = bundled

    def ask(**headers: str) -> TestResponse:
        return client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})

    for accept, encoding in (
        ("gzip;q=0", None),
        ("gzip;q=0, *;q=1", None),
        ("gzip;q=0.0, br;q=0", None),
        ("identity, gzip;q=0", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("GZIP", "gzip"),
        ("br;q=1, gzip;q=0.1", "gzip"),  # there is no br
        ("*", "gzip"),
        ("*;q=0", None),
    ):
        assert ask(Accept_Encoding=accept).headers.get("Content-Encoding") == encoding, accept
    plain, packed = ask(), ask(Accept_Encoding="gzip")
    tag, packed_tag = plain.headers["ETag"], packed.headers["ETag"]
    assert tag != packed_tag, "one tag for two representations"
    for condition, status in (
        (tag, 304),
        (f"W/{tag}", 304),
        (f'"other", {tag}', 304),
        (f'W/"a,b" , "c",{tag}', 304),
        ("*", 304),
        (packed_tag, 200),
        ('"other"', 200),
        (tag.strip('"')[:-1], 200),
    ):
        assert ask(If_None_Match=condition).status_code == status, condition
    for condition, status in (
        (tag, 206),
        (f"W/{tag}", 200),
        (packed_tag, 200),
        ('"other"', 200),
        ("Fri, 27 Nov 2026 00:00:00 GMT", 200),
        ("nonsense", 200),
    ):
        part = ask(If_Range=condition, Range="bytes=4-7", Accept_Encoding="gzip")
        assert part.status_code == status, condition
        assert (part.data == b"x=1;") == (status == 206)
    for asked, status, data in (
        ("bytes=0-3", 206, b"var "),
        ("bytes=-4", 206, b"x=1;"),
        ("bytes=796-", 206, b"x=1;"),
        ("bytes=796-5000", 206, b"x=1;"),
        ("bytes=800-", 416, b""),
        ("bytes=0-1,4-5", 200, plain.data),
        ("bytes=7-4", 200, plain.data),
        ("lines=1-2", 200, plain.data),
    ):
        part = ask(Range=asked)
        assert (part.status_code, part.data) == (status, data), asked
    assert client.head(address, headers={"Range": "bytes=0-3"}).status_code == 200


def test_a_bundle_rebuilt_in_place_changes_nothing_of_what_is_served(bundled: tuple[FlaskClient, Path, str]) -> None:
    client, dist, address = bundled
    before = client.get(address)
    (dist / "planmap.js").write_text("var y=2;" * 100)
    after = client.get(address)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


def test_a_fault_before_the_error_pages_still_carries_the_security_headers() -> None:
    app = create_app({}, edition=make_edition())
    app.request_class = None  # type: ignore[assignment] - nothing can work now
    answer = Client(app.wsgi_app).get("/")
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Traceback" not in answer.get_data(as_text=True)


def test_answers_are_whole() -> None:
    """The server would give an iterator a thread for as long as its client likes."""
    app = create_app({}, edition=make_edition())
    for path in ("/", "/api/layers", "/nope", "/download/all.gpkg"):
        answer = app.wsgi_app(create_environ(path), lambda *_args: lambda _part: None)
        assert isinstance(answer, list), path


def test_the_body_of_a_request_is_never_waited_for() -> None:
    app = create_app({}, edition=make_edition())

    class Never(io.BytesIO):
        def read(self, *_args: object) -> bytes:
            raise AssertionError("read from the client")

        readline = readinto = readlines = read  # type: ignore[assignment]

    for path in ("/", "/download/basket.zip", "/api/layers"):
        environ = create_environ(path, method="POST", headers={"Content-Length": "10"})
        _body, status, _headers = run_wsgi_app(app.wsgi_app, {**environ, "wsgi.input": Never()})
        assert status == "405 METHOD NOT ALLOWED"


def test_mounted_under_a_path() -> None:
    client = create_app({"PLANMAP_PREFIX": "/planmap/"}, edition=make_edition()).test_client()
    for path in ("/planmap/list", "/list"):  # proxies pass it on or take it away
        page = client.get(path).get_data(as_text=True)
        assert 'href="/planmap/about' in page
    assert client.get("/planmap").status_code == 200
    assert client.get("/planmapper").status_code == 404
    for wrong in ("planmap", "/a b", "/a//b", "http://x", '/"'):
        with pytest.raises(WebError) as caught:
            Settings.read({"PLANMAP_PREFIX": wrong})
        assert caught.value.key == "setting.bad_prefix"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.invalid"])
def test_debug_is_for_this_machine_only(tmp_path: Path, host: str) -> None:
    path = tmp_path / "x.gpkg"
    write(make_edition(), path)
    for arguments, environ in ((["--host", host], {}), ([], {"HOST": host})):
        result = CliRunner().invoke(main, ["serve", "--debug", str(path), "--lang", "en", *arguments], env=environ)
        assert result.exit_code == 2
        assert host in result.output
        assert "→ Its pages" in result.output


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_wrong_port_is_refused(port: str) -> None:
    assert CliRunner().invoke(main, ["serve", "--port", port]).exit_code == 2


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
        wait_until(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/healthz"), "an answer")
        assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
