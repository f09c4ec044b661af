"""A plan's own words put into a plan folder: its outline with titles, and its text clause by clause."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tomlkit

from layers.document.clauses import Text, split_id
from layers.folder import load, texts
from layers.imports import exchange
from layers.model.citations import STANDARD, Clauses
from layers.model.errors import LayersError

_NAMED = 8
_TITLE = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """What putting the text into a folder does.

    Attributes:
        clauses: How many clauses have words.
        characters: How many characters they have.
        files: What is written, relative to the folder.
        number: Under which it can be taken back; "" when nothing was written.
    """

    clauses: int
    characters: int
    files: tuple[str, ...]
    number: str = ""


def keep_text(folder: Path, text: Text, file: str, *, dry_run: bool = False) -> Kept:
    """Put the words into a plan folder that is there; everything else in it stays.

    Args:
        folder: The plan folder; its outline must be the text's.
        text: The plan's text.
        file: Whence it comes, for those who take it back.
        dry_run: Write nothing.

    Raises:
        LayersError: ``read.no_folder``, ``read.outline_differs``, and those of ``layers.imports.exchange.commit``.
    """
    plan, _problems = load.read(folder)
    if plan is None:
        raise LayersError("read.no_folder", folder=str(folder))
    _compare(plan.outline, text)
    written = text_files(text)
    old = {f"{texts.FOLDER}/{path.name}" for path in (folder / texts.FOLDER).glob("*.txt")}
    change: dict[str, bytes | None] = {**dict.fromkeys(old - written.keys()), **written}
    changed = {
        name: content for name, content in change.items() if content is None or not _same(folder / name, content)
    }
    counted = sum(len(clause.text) for clause in text.clauses)
    if dry_run or not changed:
        return Kept(len(text.clauses), counted, tuple(changed))
    number = exchange.commit(folder, changed, {"command": "read --text-only", "file": file})
    return Kept(len(text.clauses), counted, tuple(changed), number)


def _compare(outline: Clauses, text: Text) -> None:
    """Refuse a text whose clauses are not those of the folder: its citations would open other words.

    Raises:
        LayersError: ``read.outline_differs``.
    """
    found = text.outline()
    differ = [
        _difference(clause, outline.get(clause), found.get(clause))
        for clause in dict.fromkeys([*outline, *found])
        if outline.get(clause) != found.get(clause)
    ]
    if differ:
        some = "、".join(differ[:_NAMED]) + ("…" if len(differ) > _NAMED else "")
        raise LayersError("read.outline_differs", count=len(differ), clauses=some)


def _difference(clause: str, stated: int | None, found: int | None) -> str:
    """A clause with its numbers of items, those of the folder before those of the text."""
    return f"{clause}（{'—' if stated is None else stated}≠{'—' if found is None else found}）"


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def text_files(text: Text) -> dict[str, bytes]:
    """The files of the words by their paths in a plan folder."""
    known = Clauses(text.outline())
    kept = [(clause.id, clause.text) for clause in text.clauses if texts.is_known(clause.id, known)]
    return {name: said.encode("utf-8") for name, said in texts.written(kept).items()}


def outline_file(text: Text) -> bytes:
    """``outline.toml``: each clause with its number of items, then titles, and how the plan calls its levels."""
    document = tomlkit.document()
    document.add(tomlkit.comment("规划的条款目录：键为“章.节”“专栏N”“表N”，值为其下编号条目的数目，没有编号为 0。"))
    for key, items in text.outline().items():
        document.add(_quoted(key), tomlkit.item(items))
    titles = tomlkit.table()
    for clause in text.clauses:
        if split_id(clause.id)[1] == 0 and clause.title:
            titles.add(_quoted(clause.id), clause.title[:_TITLE])
    document.add("titles", titles)
    if text.levels[0] and text.levels != (STANDARD.levels[0].name, STANDARD.levels[1].name):
        notation, levels = tomlkit.table(), tomlkit.aot()
        for name in text.levels:
            level = tomlkit.table()
            level.add("name", name or STANDARD.levels[1].name)
            levels.append(level)
        notation.add("level", levels)
        document.add("notation", notation)
    return tomlkit.dumps(document).encode("utf-8")


def _quoted(name: str) -> tomlkit.items.SingleKey:
    return tomlkit.items.SingleKey(name, tomlkit.items.KeyType.Basic)
