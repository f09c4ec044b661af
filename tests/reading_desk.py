"""A plan folder made from the invented county's document, nothing accepted yet, and what is done with it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from layers.document import propose, writing
from layers.document.clauses import Text, clauses
from layers.document.deciding import Desk
from layers.document.draft import Given
from layers.document.positions import read_spots
from layers.document.proposed import Item
from layers.document.source import read_document
from tools.invented_county import PLACE, ROOT

DOCUMENT, SOURCE = PLACE / "yunxiu-plan.docx", PLACE / "yunxiu-plan.md"
SHAPES, PLACES = PLACE / "yunxiu-townships.geojson", PLACE / "yunxiu-places.geojson"
NAME = "yunxiu-14fyp"


@cache
def text_of(document: Path = DOCUMENT) -> Text:
    return clauses(read_document(document).blocks)


def read_into(folder: Path, text: Text | None = None, **given: object) -> writing.Written:
    """What ``planmap read`` does, in this process."""
    stated = Given(
        boundaries=read_spots(SHAPES, areas=True), gazetteer=read_spots(PLACES, areas=False), code="519999", **given
    )
    text = text or text_of()
    return writing.write(folder, text, propose.read(text), stated, file="yunxiu-plan.docx")


def make_folder(top: Path) -> Path:
    """A data folder with the plan folder in it."""
    for name in ("kinds.toml", "computed_indicators.toml"):
        shutil.copy(ROOT / "data" / name, top / name)
    folder = top / "plans" / NAME
    read_into(folder)
    return folder


def copied(folder: Path, top: Path) -> Path:
    """A copy of a data folder for one test."""
    shutil.copytree(folder.parent.parent, top, dirs_exist_ok=True)
    return top / "plans" / folder.name


def desk_of(folder: Path) -> Desk:
    return Desk(folder, folder.parent.parent)


def item_of(desk: Desk, name: str, table: str = "feature") -> Item:
    return next(one for one in desk.session.items if one.name == name and one.table == table)


def texts_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder that a person or a build reads."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".planmap" not in path.parts
    }
