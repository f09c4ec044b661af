"""Plain text as blocks: which encoding it has is found out, line by line where it has two."""

from __future__ import annotations

import re

from layers.document.blocks import Block, blocks_of_text
from layers.document.source import Remark
from layers.model.errors import LayersError

TEXT_BYTES = 60 * 2**20
_MARKDOWN = re.compile(r"^(#{1,6}) +(.+?) *#*$")
_UNDER_HEAD = re.compile(r"\s*\|(?:\s*:?-{3,}:?\s*\|)+\s*")
_COMMON = 0.9
"""So much of the Chinese in a text of today is in GB 2312; nonsense from a wrong encoding is not."""
_JUDGED = 200_000


def read(raw: bytes, shown: str) -> tuple[list[Block], list[Remark]]:
    """The blocks of a text.

    Raises:
        LayersError: ``document.encoding``, ``document.not_text``, ``document.too_large``.
    """
    text, remarks = decoded(raw, shown)
    return blocks_of(text), remarks


def blocks_of(text: str) -> list[Block]:
    r"""Lines as blocks; headings and tables of Markdown lose their marks.

    Example:
        >>> [(block.kind, block.text, block.level) for block in blocks_of("## 第一章 目标\n正文。")]
        [('heading', '第一章 目标', 2), ('paragraph', '正文。', 0)]
    """
    blocks: list[Block] = []
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("#") and (found := _MARKDOWN.match(line)):
            blocks += blocks_of_text("\n".join(lines))
            blocks.append(Block("heading", found[2], level=len(found[1])))
            lines = []
        elif not _UNDER_HEAD.fullmatch(line):
            lines.append(line)
    return blocks + blocks_of_text("\n".join(lines))


def decoded(raw: bytes, shown: str) -> tuple[str, list[Remark]]:
    """A text by its byte order mark, else as UTF-8, else as GB18030, else line by line as either.

    Raises:
        LayersError: ``document.encoding``, ``document.not_text``, ``document.too_large``.
    """
    if len(raw) > TEXT_BYTES:
        raise LayersError("document.too_large", file=shown)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16"), []
        except UnicodeDecodeError as error:
            raise LayersError("document.encoding", file=shown, lines="1") from error
    if b"\0" in raw:
        raise LayersError("document.not_text", file=shown)
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and _plausible(text):
        return text, [Remark("document.gb18030", {})]
    return _by_lines(raw, shown)


def _plausible(text: str) -> bool:
    """Whether this is Chinese as people write it."""
    chinese = [character for character in text[:_JUDGED] if ord(character) > 0x7F]
    known = 0
    for character in chinese:
        try:
            character.encode("gb2312")
            known += 1
        except UnicodeEncodeError:
            pass
    return not chinese or known >= _COMMON * len(chinese)


def _by_lines(raw: bytes, shown: str) -> tuple[str, list[Remark]]:
    """Each line in the encoding that it has."""
    lines, other, lost = [], [], []
    for number, line in enumerate(raw.split(b"\n"), start=1):
        try:
            lines.append(line.decode("utf-8-sig"))
            continue
        except UnicodeDecodeError:
            pass
        try:
            text = line.decode("gb18030")
        except UnicodeDecodeError:
            text = ""
        if not text or not _plausible(text):
            lost.append(number)
            continue
        other.append(number)
        lines.append(text)
    if lost or not other:
        raise LayersError("document.encoding", file=shown, lines=_some(lost))
    return "\n".join(lines), [Remark("document.mixed", {"lines": _some(other), "count": len(other)})]


def _some(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:5])) + ("…" if len(numbers) > 5 else "")
