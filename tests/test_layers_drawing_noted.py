"""Notes and the opacity of layers in figures: as on the page, from a link and from a file that the page has saved."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cases import every
from click.testing import CliRunner
from web_edition import make_edition

from layers.drawing import asked as asking
from layers.drawing.asked import Asked
from layers.drawing.ink import NOTES
from layers.drawing.noted import from_file, from_link, to_link
from layers.edition.file import write
from layers.edition.store import Store
from layers.model.errors import LayersError
from webmap.app import create_app
from webmap.cli import main

LINK = "pr:120.1,30.1:%E7%9C%8B%3Cb%3E;ab:120,30,120.2,30.1:;gg:120,30,120.1,30,120.1,30.1:area;nk:120.2,30.15:"
FILE = {
    "type": "FeatureCollection",
    "planmap_notes": 1,
    "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [120.1, 30.1]},
         "properties": {"shape": "text", "color": "green", "text": "改道处"}},
        {"type": "Feature",
         "geometry": {"type": "Polygon", "coordinates": [[[120, 30], [120.1, 30], [120, 30.1], [120, 30]]]},
         "properties": {"shape": "polygon", "color": "red", "text": ""}},
    ],
}  # fmt: skip


def svg_of(**given: Any) -> str:
    """A figure."""
    return asking.draw(Store(make_edition()), Asked("overview", **given)).svg


def test_colours_are_those_of_the_page() -> None:
    """The same in both tables."""
    tokens = Path(__file__).parents[1].joinpath("webmap/frontend/src/styles/tokens.css").read_text("utf-8")
    assert dict(re.findall(r"--note-(\w+): (#[0-9a-f]{6});", tokens)) == NOTES


def test_notes_of_a_link_lie_over_everything() -> None:
    """Each shape in its colour, words escaped, numbers counted; written again they are the same."""
    notes = from_link(LINK)
    assert [(note.shape, note.color, note.text) for note in notes] == [
        ("point", "red", "看<b>"), ("arrow", "blue", ""), ("polygon", "green", "area"), ("number", "black", ""),
    ]  # fmt: skip
    assert from_link(to_link(notes)) == notes
    plain, noted = svg_of(), svg_of(notes=LINK)
    assert noted.count('data-layer="notes"') == 1
    assert "看&lt;b&gt;" in noted
    assert all(NOTES[color] in noted for color in ("red", "blue", "green", "black"))
    # The map itself is as it was.
    start, end = noted.index('<g data-layer="notes"'), len(plain)
    assert noted[:start] == plain[:start]
    assert noted.endswith(plain[start:end])


@every(
    "link",
    (
        "x", "pr:120,30", "zz:120,30:", "pr:120,30,121:", "pr:999,30:", "pr:nan,30:", "tr:120,30:", "lr:120,30:",
        "pr:120,30,121,31:", "gr:120,30,121,31:", ";".join(["pr:120,30:"] * 501),
    ),
)  # fmt: skip
def test_what_is_no_note_is_refused(link: str) -> None:
    """With what it is; only a point and no words is a note."""
    if link == "pr:120,30":
        assert len(from_link(link)) == 1
        return
    with pytest.raises(LayersError):
        from_link(link)


def test_a_file_of_the_page_is_drawn_by_the_command(tmp_path: Path) -> None:
    """Text stays text; what is no such file is refused with its name."""
    edition, notes = tmp_path / "plan.gpkg", tmp_path / "notes.geojson"
    write(make_edition(), edition)
    notes.write_text(json.dumps(FILE), encoding="utf-8")
    assert [note.shape for note in from_file(notes)] == ["text", "polygon"]
    target = tmp_path / "figure.svg"
    command = ["figure", "overview", str(edition), "-o", str(target), "--notes", str(notes)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "改道处" in target.read_text("utf-8")
    for wrong in ("{}", "[", '{"features": [1]}', '{"features": [{"properties": {}, "geometry": null}]}', "[" * 9000):
        notes.write_text(wrong, encoding="utf-8")
        assert CliRunner().invoke(main, command).exit_code == 1
    assert CliRunner().invoke(main, [*command[:-1], str(tmp_path / "none")]).exit_code == 1


def test_opacity_of_layers_is_heeded() -> None:
    """On the layer's own group and no other; what is no share is refused."""
    made = svg_of(opacity="zones:0.35")
    assert re.findall(r'<g data-layer="(\w+)" opacity="([\d.]+)"', made) == [("zones", "0.35")]
    for wrong in ("zones", "zones:2", "zones:-1", "zones:nan", "nobody:0.5"):
        with pytest.raises(LayersError):
            svg_of(opacity=wrong)
    with pytest.raises(LayersError, match="一幅地图"):
        svg_of(opacity="zones:0.5", form="zones")


def test_addresses_take_both() -> None:
    """Asked of the server, with the limits of a link."""
    client = create_app({}, edition=make_edition()).test_client()
    told = client.get("/figures/overview.json", query_string={"op": "zones:0.5", "notes": LINK})
    assert told.status_code == 200
    for wrong in ({"op": "zones:9"}, {"notes": "x"}, {"notes": ";".join([LINK] * 40)}):
        assert client.get("/figures/overview.json", query_string=wrong).status_code == 400
