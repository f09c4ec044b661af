"""The plan's own words, clause by clause: ``text/*.txt`` of a plan folder, which need not be there.

A file holds the clauses of a chapter. A line ``## 7.1.3`` begins a clause, in the notation of ``outline.toml``; a
chapter's own words stand under its number, ``## 7``. A line of the plan that begins like that, or with a backslash,
has a backslash before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from layers.folder.reading import TOML_BYTES, Faults, read_text, text_fault
from layers.model.citations import Clauses
from layers.model.errors import WARNING, LayersError, Origin

FOLDER = "text"
_HEAD = re.compile(r"## (\S+)\s*")
_CLAUSE_LENGTH = 400_000
_NAMED = 5


def read(folder: Path, outline: Clauses, faults: Faults) -> dict[str, str]:
    """The clauses' words by their ids, in the order of the files; nothing where the folder has no text.

    Args:
        folder: The plan folder.
        outline: The clauses that there are.
        faults: Takes the problems: ``text.before``, ``text.twice``, ``text.clause``, and as a warning ``text.missing``.
    """
    found: dict[str, str] = {}
    for path in sorted((folder / FOLDER).glob("*.txt")):
        shown = f"{FOLDER}/{path.name}"
        text = read_text(path, shown, TOML_BYTES, faults)
        for clause, line, said in parted(text or ""):
            origin = Origin(shown, clause, line)
            wrong = text_fault(said, _CLAUSE_LENGTH, lines=True)
            if not clause:
                faults.add(origin, "", "text.before")
            elif clause in found:
                faults.add(origin, "", "text.twice", clause=clause)
            elif not is_known(clause, outline):
                faults.add(origin, "", "text.clause", clause=clause)
            elif wrong:
                faults.add(origin, "", wrong[0], **wrong[1])
            else:
                found[clause] = said
    if found:
        _name_missing(found, outline, faults)
    return found


def _name_missing(found: Mapping[str, str], outline: Clauses, faults: Faults) -> None:
    missing = [clause for clause in outline if clause not in found]
    if missing:
        some = "、".join(missing[:_NAMED]) + ("…" if len(missing) > _NAMED else "")
        faults.add(Origin(FOLDER), "", "text.missing", severity=WARNING, count=len(missing), clauses=some)


def is_known(clause: str, outline: Clauses) -> bool:
    """Whether the plan has a clause, or a chapter of this number."""
    if clause.isdecimal():
        return any(one.startswith(f"{clause}.") for one in outline)
    try:
        outline.validate(clause)
    except LayersError:
        return False
    return True


def parted(text: str) -> list[tuple[str, int, str]]:
    r"""Clauses of a file with the line that each begins on; words before the first have the id "".

    Example:
        >>> parted("## 7.1\n第一节\n\\## 非标题\n## 7.2\n第二节")
        [('7.1', 1, '第一节\n## 非标题'), ('7.2', 4, '第二节')]
    """
    found: list[tuple[str, int, list[str]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        head = _HEAD.fullmatch(line)
        if head:
            found.append((head[1], number, []))
        elif found or line.strip():
            if not found:
                found.append(("", number, []))
            found[-1][2].append(line.removeprefix("\\"))
    return [(clause, number, "\n".join(lines).strip("\n")) for clause, number, lines in found]


def written(clauses: Iterable[tuple[str, str]]) -> dict[str, str]:
    r"""Clauses as files, one a chapter, by their paths in the plan folder.

    Args:
        clauses: Ids and words in the order of the plan; a box or a table belongs to the chapter before it.

    Example:
        >>> written([("1.1", "第一节 目标"), ("表1", "表1 指标"), ("2.1", "## 怪行")])
        {'text/01.txt': '## 1.1\n第一节 目标\n\n## 表1\n表1 指标\n', 'text/02.txt': '## 2.1\n\\## 怪行\n'}
    """
    chapters: dict[int, list[str]] = {}
    chapter = 0
    for clause, text in clauses:
        head = clause.partition(".")[0]
        chapter = int(head) if head.isdecimal() else chapter
        lines = (f"\\{line}" if line.startswith(("\\", "## ")) else line for line in text.split("\n"))
        chapters.setdefault(chapter, []).append(f"## {clause}\n" + "\n".join(lines))
    return {f"{FOLDER}/{number:02d}.txt": "\n\n".join(parts) + "\n" for number, parts in chapters.items()}
