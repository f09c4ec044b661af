"""Text files from others: size, encoding, and what the text looks like."""

import codecs
import csv
from pathlib import Path

from geo.errors import GeoError

MAX_TEXT_BYTES = 64 * 1024 * 1024
"""Larger text files are refused: as values in memory they take ten times their size."""

PARTS = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".dat", ".map", ".id", ".ind")
"""Suffixes of files that belong to a Shapefile or a MapInfo table."""

_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decode(raw: bytes, shown: str, encoding: str | None = None) -> str:
    """The text of a file in UTF-8, with or without byte-order mark, or in the encoding that somebody states.

    Args:
        raw: the bytes.
        shown: the file's name, for messages.
        encoding: one of Python's names, or None for UTF-8.

    Raises:
        GeoError: `vector.too_large`, `vector.encoding` with the encoding that it looks like, or
            `vector.not_text`.
    """
    if len(raw) > MAX_TEXT_BYTES:
        raise too_large(shown, len(raw), MAX_TEXT_BYTES)
    try:
        text = raw.decode(known_encoding(encoding) if encoding else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise GeoError("vector.encoding", file=shown, encoding=guess_encoding(raw), line=line) from error
    if "\0" in text:
        guess = guess_encoding(raw)
        if guess == "UTF-16":
            raise GeoError("vector.encoding", file=shown, encoding=guess, line=1)
        raise GeoError("vector.not_text", file=shown)
    return text


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
