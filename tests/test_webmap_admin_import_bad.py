"""The page for imports and files that cannot be used: said in both languages, and everything is as it was."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import test_layers_imports_refused as bad
from admin_desk import app, client, done, edition, served, state_of
from cases import every
from flask import Flask
from flask.testing import FlaskClient
from test_webmap_admin_import import act, send

from layers.imports import incoming, run
from webmap.admin import jobs, work

__all__ = ["app", "client", "edition"]


def not_osm(folder: Path) -> bad.Made:
    return bad.text(folder / "a.osm.pbf", b"nothing")


def no_edition(folder: Path) -> bad.Made:
    return bad.write(bad.official(), folder / "a.gpkg"), {"into": "edits"}


def many_vertices(folder: Path) -> bad.Made:
    # Of the file's 23 corners one more than may be: the limit of the test is 22.
    return bad.geojson(folder / "a.geojson", [bad.SHAPES[0].segmentize(0.03), *bad.SHAPES[1:]])


@pytest.fixture
def here(tiny_plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Imports are worked at in this process, with a folder for temporary files that is returned."""

    def popen(command: list[str], **_: Any) -> SimpleNamespace:
        work.Work(Path(command[-2]), command[-1]).run()
        return SimpleNamespace(wait=lambda: 0)

    looked = run.examined(tiny_plan, tiny_plan.parent.parent)
    monkeypatch.setattr(run, "examined", lambda *_: looked)  # the folder is looked at once for all of these
    monkeypatch.setattr(work.Work, "_watch", lambda _: None)
    monkeypatch.setattr(jobs, "subprocess", SimpleNamespace(Popen=popen, DEVNULL=None))
    monkeypatch.setattr(incoming, "MOST_VERTICES", 22)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


@every(
    "make",
    [bad.exploding, bad.two_data_sets, bad.entities, bad.another_driver, bad.bow_tie, bad.not_a_number, bad.infinite,
     bad.mixed_systems, bad.drawing_without_texts, bad.cut_drawing, bad.shapefile_without_shx, bad.unknown_encoding,
     bad.noise_in_the_table, bad.spreadsheet, not_osm, no_edition, many_vertices],
    ids=lambda make: make.__name__,
)  # fmt: skip
def test_what_cannot_be_used_is_said_in_both_languages_and_changes_nothing(
    make: Callable[[Path], bad.Made], app: Flask, client: FlaskClient, tiny_plan: Path, tmp_path: Path, here: Path
) -> None:
    before, old = state_of(tiny_plan), served(client)
    folder = tmp_path / make.__name__
    folder.mkdir()
    made = make(folder)
    path, stated = made if isinstance(made, tuple) else (made, {})
    parts = sorted(path.parent.glob(f"{path.stem}.*")) if path.suffix == ".shp" else [path]
    what = stated.pop("into", "boundaries")
    sent = send(client, *((one.name, one.read_bytes()) for one in parts), what=what, **stated)
    shutil.rmtree(folder)
    address = sent.headers["Location"]
    for page in (done(client, address), client.get(f"{address}?lang=en").get_data(as_text=True)):
        (told,) = re.findall(r'<div class="admin-trouble" role="alert">(.*?)</div>', page, re.DOTALL)
        assert len(re.findall(r"<p>[^<]+</p>", told)) == 2, "what is wrong, and what to do"
        assert str(tmp_path) not in page
        assert "--" not in told, "no options of the command"
        assert "/accept" not in page
    assert act(client, address, "accept").status_code == 403
    assert act(client, address, "drop").headers["Location"] == "/admin/import"
    assert [one for one in (app.extensions["planmap"].shelf.path / "imports").iterdir() if one.is_dir()] == []
    assert list(here.iterdir()) == [], "temporary files are gone"
    assert (state_of(tiny_plan), served(client)) == (before, old)
