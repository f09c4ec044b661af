"""A file of any kind as blocks: which kind it is its first bytes say, not its name."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo.reasons import reason
from layers.model.errors import LayersError, word

if TYPE_CHECKING:
    from layers.document.blocks import Block

FILE_BYTES = 300 * 2**20
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader must say of what it read: parts that are left out, guesses.

    Attributes:
        key: Key of the message.
        params: Values for the message.
    """

    key: str
    params: dict[str, object]

    def text(self, lang: str) -> str:
        """The remark in words."""
        return word(self.key, lang, **self.params)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as its reader found it.

    Attributes:
        blocks: In reading order.
        form: ``docx``, ``pdf``, ``html`` or ``text``.
        remarks: What was not read, or only guessed.
    """

    blocks: tuple[Block, ...]
    form: str
    remarks: tuple[Remark, ...] = ()


def read_document(path: Path) -> Document:
    """Read a document.

    Args:
        path: DOCX, PDF with text, HTML, or plain text in UTF-8, UTF-16 or GB18030.

    Raises:
        LayersError: ``document.…``, with what is wrong and what to do.
    """
    shown = path.name
    raw = _bytes(path)
    if not raw.strip(b"\0 \t\r\n"):
        raise LayersError("document.empty", file=shown)
    form, reader = _reader(raw, shown)
    blocks, remarks = reader(raw, shown)
    if not any(block.text or block.rows for block in blocks):
        raise LayersError("document.empty", file=shown)
    return Document(tuple(blocks), form, tuple(remarks))


def _bytes(path: Path) -> bytes:
    try:
        mode = path.stat()
        if not stat.S_ISREG(mode.st_mode):
            raise LayersError("document.no_file", file=str(path))
        if mode.st_size > FILE_BYTES:
            raise LayersError("document.too_large", file=path.name)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LayersError("document.missing", file=str(path)) from error
    except OSError as error:
        raise LayersError("document.unreadable", file=str(path), detail=reason(error)) from error


def _reader(raw: bytes, shown: str) -> tuple[str, Callable[[bytes, str], tuple[list[Block], list[Remark]]]]:
    """The form and its reader; readers wait until they are used."""
    head = raw[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in raw[:1024]:
        from layers.document import pdf  # noqa: PLC0415

        return "pdf", pdf.read
    if raw[:4] == b"PK\x03\x04":
        from layers.document import docx  # noqa: PLC0415

        return "docx", docx.read
    if raw[:8] == _COMPOUND:
        raise LayersError("document.encrypted" if _ENCRYPTED in raw else "document.old_word", file=shown)
    if head[:5] == b"{\\rtf":
        raise LayersError("document.rich_text", file=shown)
    if raw[:4] in (b"\x89PNG", b"II*\0", b"MM\0*", b"GIF8") or raw[:3] == b"\xff\xd8\xff":
        raise LayersError("document.picture", file=shown)
    from layers.document import html, plain  # noqa: PLC0415

    if html.looks_like(head):
        return "html", html.read
    return "text", plain.read
