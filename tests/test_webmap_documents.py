"""``/documents``: made by processes of their own, few at a time; whoever began may cancel; nothing is left."""

from __future__ import annotations

import fcntl
import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import docx
import pypdfium2
import pytest
from flask.testing import FlaskClient
from processes import wait_until
from web_edition import figures_edition

from layers.edition.file import Edition, write
from layers.ledger.book import Draft, opened
from webmap.app import create_app
from webmap.documents import routes
from webmap.documents.jobs import FOLDER, JOB, LOCK, SLOTS, State
from webmap.serving.settings import Settings

DOCUMENT = "/documents/story-tour.pdf"
OURS = {"Origin": "http://localhost"}
"""What a browser says of a form that our own page sends."""


def told() -> Edition:
    """The edition of the figures' tests, with a story of one step."""
    edition = figures_edition()
    step = {"title": "西", "text": "看西片", "cites": ["7.1.1"], "view": "overview", "zone": "west"}
    edition.meta["stories"] = [{"id": "tour", "name": "导览", "name_en": "Tour", "summary": "", "steps": [step]}]
    return edition


@pytest.fixture
def served(tmp_path: Path) -> Callable[..., FlaskClient]:
    """A server of a file, one document at a time, one waiting."""
    path = tmp_path / "plan.gpkg"
    write(told(), path)

    def make(**settings: str) -> FlaskClient:
        given = {"PLANMAP_EDITION": str(path), "PLANMAP_CACHE_DIR": str(tmp_path / "cache"),
                 "PLANMAP_DOCUMENT_QUEUE": "1"}  # fmt: skip
        return create_app(Settings.read({**given, **settings})).test_client()

    return make


def folder(client: FlaskClient) -> Path:
    """Where the jobs are."""
    return Path(client.application.extensions["planmap"].shelf.path, FOLDER)


def jobs(client: FlaskClient) -> list[Path]:
    """The folders of jobs."""
    return [path for path in folder(client).iterdir() if path.is_dir() and path.name != SLOTS]


def until(client: FlaskClient, phase: str, document: str = DOCUMENT) -> None:
    """Wait until a document is so far."""
    wait_until(lambda: client.get(f"{document}/state").json["phase"] == phase, f"{document} {phase}")


def begin(client: FlaskClient, document: str = DOCUMENT, origin: str = "http://localhost") -> str:
    """Begin, and give the ticket."""
    answer = client.post(f"{document}/start", headers={"Origin": origin})
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["Location"]).query)["ticket"][0]


@contextmanager
def taken(client: FlaskClient) -> Iterator[None]:
    """The only slot is taken, so that every job waits."""
    (folder(client) / SLOTS).mkdir(parents=True, exist_ok=True)
    held = os.open(folder(client) / SLOTS / "0", os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(held)


def process_of(job: Path) -> int:
    """The process that works at a job: it holds its lock."""
    for path in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if path.readlink() == job / LOCK:
                return int(path.parts[2])
    raise AssertionError(job)


def test_a_document_is_begun_followed_and_fetched(served: Callable[..., FlaskClient]) -> None:
    """From nothing to a file that is what the command writes; the second time it is there at once."""
    client = served(PLANMAP_MAPS="internal")
    assert client.get(f"{DOCUMENT}/state").json["phase"] == "none"
    early = client.get(f"{DOCUMENT}/file")
    assert early.status_code == 404
    ticket = begin(client)
    assert ticket in client.get(f"{DOCUMENT}?ticket={ticket}").text
    until(client, "ready")
    file = client.get(f"{DOCUMENT}/file")
    assert file.mimetype == "application/pdf"
    assert "%E5%AF%BC%E8%A7%88" in file.headers["Content-Disposition"]  # 导览
    text = pypdfium2.PdfDocument(file.data)[1].get_textpage().get_text_bounded()
    assert "看西片" in text
    assert "内部使用" in text  # across the map
    assert jobs(client) == []
    assert "ticket" not in client.post(f"{DOCUMENT}/start", headers=OURS).headers["Location"]
    assert "导览" in client.get("/documents").text


def test_report_and_atlas_come_the_same_way(served: Callable[..., FlaskClient]) -> None:
    """One as Word, one as PDF; in the language that was asked for; their maps marked where they are for inside use."""
    client = served(PLANMAP_MAPS="internal", PLANMAP_DOCUMENT_PROCESSES="2", PLANMAP_ORIGIN="https://maps.example")
    for name in ("report.docx", "atlas-a4.pdf"):
        begin(client, f"/documents/{name}", "https://maps.example")
    until(client, "ready", "/documents/report.docx")
    word = docx.Document(io.BytesIO(client.get("/documents/report.docx/file").data))
    assert word.inline_shapes
    assert any("maps.example" in relation.target_ref for relation in word.part.rels.values() if relation.is_external)
    until(client, "ready", "/documents/atlas-a4.pdf")
    pages = pypdfium2.PdfDocument(client.get("/documents/atlas-a4.pdf/file").data)
    assert any("内部使用" in page.get_textpage().get_text_bounded() for page in pages)
    assert client.get("/documents/report.docx/state?lang=en").json["phase"] == "none"


def test_what_was_entered_counts(served: Callable[..., FlaskClient], tmp_path: Path) -> None:
    """Values of the ledger go along to who makes a document; another state of it makes another document."""
    ledger = opened(tmp_path / "l.sqlite", str(told().meta["plan"]["id"]), make=True)
    ledger.append([Draft("area_km2", "zone/west", "2026", 7.25, "km²", "公报")], "统计员")
    client = served(PLANMAP_LEDGER=str(tmp_path / "l.sqlite"))
    with taken(client):
        begin(client)
        said = json.loads((jobs(client)[0] / JOB).read_text("utf-8"))
        assert [row[:5] for row in said["entered"]["rows"]] == [["area_km2", "observed", "2026", "zone/west", 7.25]]
        assert said["entered"]["sources"] == ["公报"]
    until(client, "ready")
    ledger.append([Draft("area_km2", "zone/west", "2027", 7.5, "km²", "公报")], "统计员")
    until(client, "none")


def test_more_than_may_wait_are_told_to_come_again(served: Callable[..., FlaskClient]) -> None:
    """One is made, one waits, the third is 503; who asks for one of the two joins it."""
    client = served()
    with taken(client):
        first = begin(client)
        second = begin(client, "/documents/report.pdf")
        busy = client.post("/documents/report.docx/start", headers=OURS)
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
        assert begin(client) != first
        assert len(jobs(client)) == 2
        for document, ticket in ((DOCUMENT, first), ("/documents/report.pdf", second)):
            client.post(f"{document}/cancel?ticket={ticket}", headers=OURS)
        until(client, "none", "/documents/report.pdf")
        assert client.get(f"{DOCUMENT}/state").json["phase"] == "waiting", "somebody else waits for it"


def test_who_began_cancels_and_nobody_else(served: Callable[..., FlaskClient]) -> None:
    """A ticket that was not given stops nothing; with the last one the process ends and nothing is left."""
    client = served()
    with taken(client):
        mine, other = begin(client), begin(client)
        for guess in ("", "0" * 16, "../slots", other[::-1]):
            client.post(f"{DOCUMENT}/cancel", query_string={"ticket": guess}, headers=OURS)
        client.post(f"{DOCUMENT}/cancel?ticket={other}", headers=OURS)
        assert client.get(f"{DOCUMENT}/state").json["phase"] == "waiting"
        client.post(f"{DOCUMENT}/cancel?ticket={mine}", headers=OURS)
        until(client, "none")
        assert jobs(client) == []
    begin(client)
    until(client, "ready")


def test_what_was_cancelled_says_so_until_it_has_ended(served: Callable[..., FlaskClient]) -> None:
    """The page is not "waiting" any more, asks again by itself, and gives nobody a place in what is about to end."""
    client = served()
    with taken(client):
        ticket = begin(client)
        process = process_of(jobs(client)[0])
        os.kill(process, signal.SIGSTOP)  # busy with something else
        try:
            client.post(f"{DOCUMENT}/cancel?ticket={ticket}", headers=OURS)
            assert client.get(f"{DOCUMENT}/state").json == {
                "phase": "ending", "working": True, "step": 0, "steps": 0, "bytes": 0}  # fmt: skip
            page = client.get(f"{DOCUMENT}?ticket={ticket}").text
            assert "正在取消。" in page
            assert "data-ask" in page
            assert "hero-actions" not in page
            late = client.post(f"{DOCUMENT}/start", headers=OURS)
            assert late.status_code == 503
            assert "刚被取消" in late.text
        finally:
            os.kill(process, signal.SIGCONT)
        begin(client)  # waits for the end of the other, and is one of its own
        assert client.get(f"{DOCUMENT}/state").json["phase"] == "waiting"
    until(client, "ready")


def test_only_a_form_of_ours_begins_or_stops(served: Callable[..., FlaskClient]) -> None:
    """Looking at an address changes nothing, whoever leads to it; neither does another site's form."""
    client = served()
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"},
                    {**OURS, "Sec-Fetch-Site": "cross-site"}):  # fmt: skip
        answer = client.post(f"{DOCUMENT}/start?lang=en", headers=headers)
        assert answer.status_code == 403
        assert "not sent from a page of this server" in answer.text
    looked = client.get(f"{DOCUMENT}/start?lang=en")
    assert (looked.status_code, looked.headers["Location"]) == (302, f"{DOCUMENT}?lang=en")
    assert not folder(client).exists() or jobs(client) == []
    with taken(client):
        ticket = begin(client)
        looked = client.get(f"{DOCUMENT}/cancel?ticket={ticket}")
        assert looked.headers["Location"] == f"{DOCUMENT}?ticket={ticket}", "its page can cancel"
        assert client.post(f"{DOCUMENT}/cancel?ticket={ticket}").status_code == 403
        assert client.get(f"{DOCUMENT}/state").json["phase"] == "waiting"
        client.post(f"{DOCUMENT}/cancel?ticket={ticket}", headers=OURS)
        until(client, "none")


def test_a_killed_process_leaves_nothing(from_nothing: None, served: Callable[..., FlaskClient]) -> None:
    """The next look finds it gone and clears up; the next start works."""
    client = served()
    with taken(client):
        begin(client)
        (job,) = jobs(client)
        os.kill(process_of(job), signal.SIGKILL)
        until(client, "none")
        assert jobs(client) == []
    begin(client)
    until(client, "ready")


def test_what_cannot_be_made_says_why(served: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that fails tells its reason on the page, in the reader's language, and may be begun again."""
    client = served()
    monkeypatch.setattr("webmap.documents.routes.edition_bytes", lambda _ctx: b"no edition")
    begin(client)
    until(client, "failed")
    page = client.get(DOCUMENT).text
    assert 'role="alert"' in page
    assert f"{DOCUMENT}/start" in page
    assert jobs(client) == []
    monkeypatch.undo()
    begin(client)
    until(client, "ready")


def test_what_there_is_not_is_404(served: Callable[..., FlaskClient]) -> None:
    """Names and suffixes of no document."""
    client = served()
    for name in ("report.pptx", "atlas-a5.pdf", "story-tour.docx", "story-x.pdf", "..%2fslots"):
        assert client.get(f"/documents/{name}").status_code == 404
        assert client.post(f"/documents/{name}/start", headers=OURS).status_code == 404


def test_work_that_has_just_begun_counts_nothing() -> None:
    """How many steps there will be is not known at first: no "0 of 0"."""
    assert routes._said(State("working"), "en") == "Being made."
    assert routes._said(State("working", 2, 5), "en") == "Being made: 2 of 5"
