"""The words of a text that was read again, put into its plan folder in place of the old ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomlkit

from layers.document.deciding import KEPT, MOST_KEPT, CheckError, Desk
from layers.folder import texts
from layers.imports import exchange
from layers.model.errors import LayersError

OUTLINE = "outline.toml"
_LONGEST = 20_000


def renew(desk: Desk, by: str) -> tuple[str, ...]:
    """Put the text that was read into the folder; what is cited only by its old clauses keeps them.

    Args:
        desk: The folder with what was read for it.
        by: Who does it.

    Returns:
        Clauses that are not of the new text and stay, because records cite them.

    Raises:
        LayersError: ``reading.no_text``, ``CheckError``, and those of ``layers.imports.exchange.commit``.
    """
    source = desk.session.folder
    if source == desk.folder or not (source / OUTLINE).is_file():
        raise LayersError("reading.no_text", folder=desk.folder.name)
    fresh = {f"{texts.FOLDER}/{one.name}": one.read_bytes() for one in sorted((source / texts.FOLDER).glob("*.txt"))}
    old = {f"{texts.FOLDER}/{one.name}" for one in (desk.folder / texts.FOLDER).glob("*.txt")}
    change: dict[str, bytes | None] = {**dict.fromkeys(old - fresh.keys()), **fresh}
    left: tuple[str, ...] = ()
    try:
        change[OUTLINE], _ = _outline(source, desk.folder, keep=False)
        desk.checked(change)
    except CheckError:
        change[OUTLINE], left = _outline(source, desk.folder, keep=True)
        desk.checked(change)
    about = {"command": "text", "name": desk.session.file, "by": by}
    exchange.commit(desk.folder, change, about, kept_in=KEPT, most=MOST_KEPT, since=desk.since)
    return left


def is_renewed(desk: Desk) -> bool:
    """Whether the folder has the words of the text that was read."""
    source = desk.session.folder
    if source == desk.folder:
        return True
    names = {one.name for folder in (source, desk.folder) for one in (folder / texts.FOLDER).glob("*.txt")}
    return all(_bytes(source / texts.FOLDER / one) == _bytes(desk.folder / texts.FOLDER / one) for one in names)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _outline(source: Path, folder: Path, *, keep: bool) -> tuple[bytes, tuple[str, ...]]:
    """The new outline with what else the old one says; with the old clauses too when they are to be kept."""
    document = tomlkit.parse((source / OUTLINE).read_text("utf-8"))
    old = tomlkit.parse((folder / OUTLINE).read_text("utf-8-sig")).unwrap()
    numbers = {name: value for name, value in document.unwrap().items() if isinstance(value, int)}
    left = []
    if keep:
        for name, count in old.items():
            if isinstance(count, int) and numbers.get(name, -1) < count:
                left.append(name)
                numbers[name] = count
    made = tomlkit.document()
    for name, count in numbers.items():
        made.add(_quoted(name), tomlkit.item(count))
    for name, value in {**old, **document.unwrap()}.items():
        if not isinstance(value, int):
            made.add(name, _table(value))
    return tomlkit.dumps(made).encode("utf-8"), tuple(left)


def _table(value: Any) -> Any:
    if not isinstance(value, dict):
        return tomlkit.item(value)
    table = tomlkit.table()
    for name, inner in value.items():
        table.add(_quoted(name), tomlkit.item(inner))
    return table


def _quoted(name: str) -> tomlkit.items.SingleKey:
    return tomlkit.items.SingleKey(name, tomlkit.items.KeyType.Basic)


def differences(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Two texts as pieces that stay (``""``), that go (``del``) and that come (``ins``).

    Long ones are compared line by line, so that time stays bounded.

    Example:
        >>> list(differences("到2025年达到120亿元", "到2025年达到126亿元"))
        [('', '到2025年达到12'), ('del', '0'), ('ins', '6'), ('', '亿元')]
    """
    lines = max(len(old), len(new)) > _LONGEST
    one, other = (old.splitlines(keepends=True), new.splitlines(keepends=True)) if lines else (list(old), list(new))
    for how, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if how == "equal":
            yield "", "".join(one[a:b])
        else:
            if a < b:
                yield "del", "".join(one[a:b])
            if c < d:
                yield "ins", "".join(other[c:d])
