"""``/figures``: the bytes of the command, kept and told apart, wrong questions refused, never in the way of others."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from web_edition import HOSTILE, hostile_edition, make_edition

from layers.drawing.asked import Asked
from webmap.app import close, create_app
from webmap.cli import main
from webmap.figures.pool import _PROGRAM, _ROOT, NotDrawnError, Pool
from webmap.figures.routes import POOLS
from webmap.serving.problems import BusyError

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def client(xiaoshan_edition: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    cache = tmp_path_factory.mktemp("cache")
    app = create_app({"PLANMAP_EDITION": str(xiaoshan_edition), "PLANMAP_CACHE_DIR": str(cache)})
    yield app.test_client()
    close(app)


def test_the_bytes_are_those_of_the_command(client: FlaskClient, xiaoshan_edition: Path, tmp_path: Path) -> None:
    """A map with all that can be asked for, small maps and a chart; as SVG and as pixels."""
    cases: list[tuple[str, dict[str, str], list[str]]] = [
        ("transport.svg", {"zone": "south", "paper": "150x100mm", "grid": "1", "inset": "1", "lang": "en",
                           "select": "township/louta", "flt": "status:building", "title": "<A & B>"},
         ["--zone", "south", "--paper", "150x100mm", "--grid", "--inset", "--lang", "en", "--select",
          "township/louta", "--filter", "status:building", "--title", "<A & B>"]),
        ("indicators.svg", {"form": "zones", "indicator": "area_km2:township:natural_breaks", "paper": "A3"},
         ["--form", "zones", "--indicator", "area_km2:township:natural_breaks", "--paper", "A3"]),
        ("overview.png", {"form": "bars", "indicator": "area_km2:zone", "dpi": "72", "upright": "1"},
         ["--form", "bars", "--indicator", "area_km2:zone", "--dpi", "72", "--upright"]),
    ]  # fmt: skip
    for name, query, options in cases:
        target = tmp_path / name
        view = name.partition(".")[0]
        run = CliRunner().invoke(main, ["figure", view, str(xiaoshan_edition), "-o", str(target), *options])
        assert run.exit_code == 0, run.output
        answer = client.get(f"/figures/{name}", query_string=query)
        assert answer.status_code == 200, answer.text
        assert answer.data == target.read_bytes(), name


def test_a_figure_is_kept_and_has_a_tag(client: FlaskClient) -> None:
    first = client.get("/figures/overview.svg?paper=column")
    assert first.content_type.startswith("image/svg+xml")
    assert "filename*=UTF-8''" in first.headers["Content-Disposition"]
    again = client.get("/figures/overview.svg?paper=column", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data
    other = client.get("/figures/overview.svg?paper=column&lang=en")
    assert other.headers["ETag"] != first.headers["ETag"]
    saved = client.get("/figures/overview.svg?paper=column&download=1")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert saved.data == first.data


def test_a_figure_in_words_is_worth_as_much(client: FlaskClient) -> None:
    """The table has every township, the greatest first; the summary names both ends and what lies between."""
    found = client.get("/figures/overview.json?indicator=area_km2:township").get_json()
    assert len(found["rows"]) == 22
    values = [float(row[1]) for row in found["rows"]]
    assert values == sorted(values, reverse=True)
    assert found["rows"][0][0] in found["summary"]
    assert found["rows"][-1][0] in found["summary"]
    assert f"{values[0] - values[-1]:.1f}" in found["summary"]
    plain = client.get("/figures/ecology.json?lang=en").get_json()
    assert {len(row) for row in plain["rows"]} == {3}
    assert all(int(row[1]) >= 1 for row in plain["rows"])


WRONG = [
    ("overview.png?paper=1000000x1000000", "1300"),
    ("overview.png?paper=0.1x0.1", "60"),
    ("overview.png?paper=B5", "A4"),
    ("overview.png?dpi=0", "36"),
    ("overview.png?dpi=1200&paper=A0", "12000"),
    ("overview.png?layers=nothing", "zones"),
    ("overview.png?zone=nowhere", "central"),
    ("overview.png?zone=central&township=louta", ""),
    ("overview.png?extent=0,0,1,1", "120.073"),
    ("overview.png?extent=121,30,120,31", "120.073"),
    ("overview.png?extent=nan,30,120,31", "120.073"),
    ("overview.png?extent=120.1,30.1,120.1,30.1", "120.073"),
    ("overview.png?flt=colour:red", "chapter"),
    ("overview.png?flt=chapter:99", "7"),
    ("overview.png?select=nothing/here", "nothing/here"),
    ("overview.png?indicator=area_km2:street", "area_km2"),
    ("overview.png?indicator=area_km2:zone:rainbow", "quantiles"),
    ("overview.png?indicator=area_km2&year=1900", "2022"),
    ("overview.png?form=years&indicator=area_km2", "2022"),
    ("overview.png?form=lines", ""),
    ("overview.png?form=cake", "bars"),
    ("overview.tif?form=table", "png"),
    ("overview.png?grid=yes", ""),
    ("overview.png?title=" + "x" * 121, "120"),
    ("overview.png?colour=red", "paper"),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_wrong_questions_are_refused_before_anything_is_drawn(
    xiaoshan_edition: Path, tmp_path: Path, lang: str
) -> None:
    """Each is 400, in the language asked for, says what would do, and starts no process."""
    app = create_app({"PLANMAP_EDITION": str(xiaoshan_edition), "PLANMAP_CACHE_DIR": str(tmp_path / "c")})
    client = app.test_client()
    for address, named in WRONG:
        answer = client.get(f"/figures/{address}&lang={lang}")
        assert answer.status_code == 400, (address, answer.text)
        problem = answer.get_json()
        told = problem["detail"] + problem.get("remedy", "")
        assert named in told, (address, told)
        assert (lang == "zh") == any("\u4e00" <= letter <= "\u9fff" for letter in problem["detail"]), address
    assert client.get("/figures/nowhere.png").status_code == 404
    assert client.get("/figures/overview.gif").status_code == 404
    assert app.extensions["planmap"] not in POOLS
    close(app)


def test_a_plan_without_years_and_ground_by_hand(tmp_path: Path) -> None:
    """Another district, held in memory: what it has is drawn, what it lacks is said."""
    app = create_app({"PLANMAP_CACHE_DIR": str(tmp_path)}, edition=make_edition())
    client, view = app.test_client(), next(iter(app.extensions["planmap"].only.store.views))
    drawn = client.get(f"/figures/{view}.svg?paper=column&grid=1")
    assert drawn.status_code == 200, drawn.text
    assert "长山街道" in "".join(ET.fromstring(drawn.data).itertext())  # noqa: S314 - ours
    lacking = client.get(f"/figures/{view}.svg?inset=1")
    assert (lacking.status_code, "sheet-no-inset" in lacking.get_json()["type"]) == (400, True)
    close(app)


def test_names_are_data(tmp_path: Path) -> None:
    """Names that are markup come out as text, in SVG and in words."""
    app = create_app({"PLANMAP_CACHE_DIR": str(tmp_path)}, edition=hostile_edition())
    client, view = app.test_client(), next(iter(app.extensions["planmap"].only.store.views))
    drawn = client.get(f"/figures/{view}.svg")
    assert drawn.status_code == 200, drawn.text
    tags = {one.tag.removeprefix(SVG) for one in ET.fromstring(drawn.data).iter()}  # noqa: S314 - ours
    assert tags <= {"svg", "title", "desc", "defs", "g", "path", "rect", "circle", "text", "pattern", "clipPath"}
    told = client.get(f"/figures/{view}.json").get_json()
    assert HOSTILE[:20] in json.dumps(told, ensure_ascii=False)
    close(app)


def asked(**given: Any) -> Asked:
    return Asked("overview", paper="column", **given)


def test_when_the_queue_is_full_others_are_served(tiny_edition: Path, tmp_path: Path) -> None:
    """With a figure being drawn and no room to wait, the next is told to come again; data are given all the same."""
    given = {"PLANMAP_EDITION": str(tiny_edition), "PLANMAP_CACHE_DIR": str(tmp_path), "PLANMAP_FIGURE_QUEUE": "0"}
    app = create_app(given)
    client = app.test_client()
    assert client.get("/figures/overview.svg?paper=column").status_code == 200
    begun, go = threading.Event(), threading.Event()

    def slow() -> bytes:
        begun.set()
        go.wait()
        return tiny_edition.read_bytes()

    pool: Pool = POOLS[app.extensions["planmap"]]
    drawn: list[bytes] = []
    thread = threading.Thread(target=lambda: drawn.append(pool.draw("another", slow, asked(), ".svg", 0)))
    thread.start()
    begun.wait()
    try:
        refused = client.get("/figures/overview.svg?paper=column&lang=en")
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
        assert client.get("/figures/overview.svg?paper=column").status_code == 200, "what is drawn needs no process"
        assert client.get("/api/layers").status_code == 200
    finally:
        go.set()
        thread.join()
    assert drawn[0] == client.get("/figures/overview.svg?paper=column").data
    close(app)


def test_a_figure_that_takes_too_long_or_too_much_is_given_up(from_nothing: None, tiny_edition: Path) -> None:
    """Both are problems of their own, and the next figure is drawn by another process."""
    late = Pool(1, 0, 0.0, 3072)
    with pytest.raises((NotDrawnError, BusyError)) as found:
        late.draw("x", tiny_edition.read_bytes, asked(), ".svg", 0)
    assert found.value.key in ("error.figure_late", "error.figures_busy")
    small = Pool(1, 0, 600.0, 40)  # Python itself takes more
    with pytest.raises(NotDrawnError) as found:
        small.draw("x", tiny_edition.read_bytes, asked(), ".svg", 0)
    assert found.value.key == "error.figure_large"


def test_a_process_that_was_killed_is_replaced(tiny_edition: Path) -> None:
    pool = Pool(1, 0, 600.0, 3072)
    first = pool.draw("x", tiny_edition.read_bytes, asked(), ".svg", 0)
    pool._idle[0].running.kill()
    pool._idle[0].running.wait()
    assert pool.draw("x", tiny_edition.read_bytes, asked(), ".svg", 0) == first
    pool.close()
    assert pool._idle == []


def test_a_process_whose_server_has_gone_ends_without_a_word() -> None:
    question = json.dumps({"stamp": "x", "asked": {}, "suffix": ".svg", "dpi": 0, "mark": "", "entered": None}) + "\n"
    for said in ("", question[:20], question, f'{question}{{"size": 10}}\nabc'):
        command = [sys.executable, "-c", _PROGRAM, str(_ROOT), "3072"]
        ended = subprocess.run(command, input=said.encode(), capture_output=True, timeout=600, check=False)
        assert (ended.returncode, ended.stderr) == (0, b""), said


def test_the_description_has_it(client: FlaskClient) -> None:
    found = client.get("/api/openapi.json").get_json()["paths"]["/figures/{view}.{fmt}"]["get"]
    names = {one["name"] for one in found["parameters"]}
    assert {"view", "fmt", "paper", "dpi", "extent", "flt", "indicator", "title"} <= names
