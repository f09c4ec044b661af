"""Text files from others: size, encoding, and what the text looks like."""

import codecs
import csv
from pathlib import Path

from geo.errors import GeoError
from geo.messages import Phrase

MAX_TEXT_BYTES = 64 * 1024 * 1024
"""Larger text files are refused: as values in memory they take ten times their size."""

PARTS = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".dat", ".map", ".id", ".ind")
"""Suffixes of files that belong to a Shapefile or a MapInfo table."""

_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_MAGIC = (
    (b"PK\x03\x04", "file_archive"), (b"\x1f\x8b", "file_archive"), (b"Rar!", "file_archive"),
    (b"7z\xbc\xaf", "file_archive"),
    (b"\xd0\xcf\x11\xe0", "file_office"), (b"%PDF", "file_pdf"), (b"SQLite format 3\0", "file_geopackage"),
    (b"\x00\x00\x27\x0a", "file_shapefile"), (b"\x89PNG", "file_picture"), (b"\xff\xd8\xff", "file_picture"),
)  # fmt: skip


def decode(raw: bytes, shown: str, encoding: str | None = None) -> str:
    """The text of a file in UTF-8, with or without byte-order mark, or in the encoding that somebody states.

    Args:
        raw: the bytes.
        shown: the file's name, for messages.
        encoding: one of Python's names, or None for UTF-8.

    Raises:
        GeoError: `vector.too_large`, `vector.not_text` with what it is, or `vector.encoding` with the encoding
            that it looks like.
    """
    if len(raw) > MAX_TEXT_BYTES:
        raise too_large(shown, len(raw), MAX_TEXT_BYTES)
    what = None if encoding else disguise(raw)
    if what is not None:
        raise GeoError("vector.not_text", file=shown, what=what)
    try:
        text = raw.decode(known_encoding(encoding) if encoding else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise GeoError("vector.encoding", file=shown, encoding=guess_encoding(raw), line=line) from error
    if "\0" in text:
        raise GeoError("vector.encoding", file=shown, encoding=guess_encoding(raw), line=1)
    return text


def disguise(raw: bytes) -> Phrase | None:
    r"""What a file is that is no text in any encoding, whatever its name says; None for a text.

    Example:
        >>> disguise(b"PK\x03\x04 ... [Content_Types].xml ... xl/workbook.xml").text("en")
        'an Excel workbook or another office document'
        >>> disguise("松岭".encode("gbk")) is None
        True
    """
    name = next((name for magic, name in _MAGIC if raw.startswith(magic)), "")
    if name == "file_archive" and (
        b"[Content_Types].xml" in raw[:4000] or b"mimetypeapplication/vnd.oasis" in raw[:100]
    ):
        name = "file_office"
    if not name and not _is_utf8(raw):
        guess = guess_encoding(raw)
        name = "file_binary" if guess == "?" or (b"\0" in raw and guess != "UTF-16") else ""
    return Phrase(GeoError.catalogue, f"reason.{name}") if name else None


def _is_utf8(raw: bytes) -> bool:
    try:
        return "\0" not in raw.decode("utf-8")
    except UnicodeDecodeError:
        return False


def known_encoding(name: str) -> str:
    """Python's name of an encoding that somebody states: GBK and its kin are one, the widest.

    Raises:
        GeoError: `vector.unknown_encoding`.

    Example:
        >>> known_encoding("GB2312"), known_encoding("936"), known_encoding("UTF8")
        ('gb18030', 'gb18030', 'utf-8-sig')
    """
    try:
        found = codecs.lookup(
            {"936": "gbk", "65001": "utf-8", "950": "big5"}.get(name.lower().removeprefix("cp"), name)
        ).name
        "".encode(found)
    except (LookupError, UnicodeError) as error:
        raise GeoError("vector.unknown_encoding", encoding=name) from error
    return {"gb2312": "gb18030", "gbk": "gb18030", "utf-8": "utf-8-sig"}.get(found, found)


def guess_encoding(raw: bytes) -> str:
    """The encoding that bytes which are not UTF-8 most likely have; only to help the reader of a message.

    Example:
        >>> guess_encoding("松岭".encode("gbk"))
        'GBK / GB18030'
    """
    if raw[:2] in _BOMS or (len(raw) > 3 and raw[:400].count(0) * 4 >= len(raw[:400])):
        return "UTF-16"
    for encoding, name in (("gb18030", "GBK / GB18030"), ("big5", "Big5")):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return name
    return "?"


def too_large(shown: str, size: int, limit: int) -> GeoError:
    """The error for a file above a limit, sizes in bytes."""
    mega = 2**20
    return GeoError("vector.too_large", file=shown, size_mb=-(-size // mega), limit_mb=max(1, limit // mega))


def beside(path: Path, suffix: str) -> Path | None:
    """The file of the same name with another suffix in the same folder, whatever its case; links are not followed.

    Raises:
        GeoError: `vector.sidecar_link` when it is a link.
    """
    wanted = (path.stem + suffix).casefold()
    for other in sorted(path.parent.iterdir()):
        if other.name.casefold() == wanted:
            if other.is_symlink():
                raise GeoError("vector.sidecar_link", file=other.name)
            return other if other.is_file() else None
    return None


def allow_long_cells() -> None:
    """Let Python's CSV reader take cells as long as a boundary in WKT; its own limit is 128 kB."""
    csv.field_size_limit(MAX_TEXT_BYTES)
