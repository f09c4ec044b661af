"""The texts of a DBF table: in which encoding they are, whatever it is said to be."""

import codecs
import re

import geopandas as gpd
from pandas.api.types import is_string_dtype

from geo.errors import GeoError
from geo.foreign.text import known_encoding

_LDID = {0x4D: "gb18030", 0x4F: "big5", 0x78: "big5", 0x7A: "gb18030", 0x57: ""}
UNKNOWN = "unknown_encoding"
"""Attribute of a table whose `.cpg` names an encoding that nobody knows: that name, and what was taken instead."""
_HAN = re.compile(r"[\u4e00-\u9fff]")


def recoded(
    frame: gpd.GeoDataFrame, declared: str, ldid: int, shown: str, stated: str | None = None
) -> gpd.GeoDataFrame:
    """A table whose texts were read byte by byte (ISO 8859-1), decoded.

    Args:
        frame: names of columns and texts, one character a byte.
        declared: what the `.cpg` says, in any of its spellings, or "".
        ldid: the language driver id of the DBF.
        shown: the file's name, for messages.
        stated: the encoding that the user states, whatever the file says.

    Returns:
        The table; its attribute `UNKNOWN` says when the `.cpg` was no help.

    Raises:
        GeoError: `vector.dbf_encoding` when no known encoding fits all texts, `vector.encoding_unfit` when the
            stated one does not.
    """
    columns = [name for name in frame.columns if name != frame.geometry.name]
    texts = [str(name) for name in columns]
    for name in columns:
        texts += [value for value in frame[name] if isinstance(value, str)]
    raw = [text.encode("latin-1") for text in texts if not text.isascii()]
    if stated:
        named = known_encoding(stated).removesuffix("-sig")
        encoding = named if _fits(raw, named) else None
    else:
        encoding = choose(raw, declared, ldid)
    if encoding is None:
        if stated:
            raise GeoError("vector.encoding_unfit", file=shown, encoding=stated)
        raise GeoError("vector.dbf_encoding", file=shown)

    def decode(value: object) -> object:
        return _decode(value.encode("latin-1"), encoding) if isinstance(value, str) else value

    for name in columns:
        if is_string_dtype(frame[name].dtype):
            frame[name] = frame[name].map(decode)
    result = frame.rename(columns={name: str(decode(name)) for name in columns})
    if not stated and unknown(declared):
        result.attrs[UNKNOWN] = (declared, encoding.upper())
    return result


def choose(texts: list[bytes], declared: str, ldid: int) -> str | None:
    """The encoding of texts: UTF-8 when it fits and gives Chinese, else as declared, else the first that fits.

    UTF-8 is not taken by chance: a Chinese text in GBK is next to never valid UTF-8 with Chinese characters.

    Args:
        texts: those that are not ASCII.
        declared: what the `.cpg` says.
        ldid: the language driver id of the DBF.

    Example:
        >>> choose(["松岭".encode("gbk")], "UTF-8", 0x57)
        'gb18030'
    """
    if not texts:
        return "utf-8"
    if _fits(texts, "utf-8") and any(_HAN.search(_decode(text, "utf-8")) for text in texts):
        return "utf-8"
    candidates = [_named(declared), _LDID.get(ldid, ""), "utf-8", "gb18030", "big5"]
    return next((one for one in candidates if one and _fits(texts, one)), None)


def unknown(declared: str) -> bool:
    """Whether a `.cpg` names an encoding that nobody knows.

    Example:
        >>> [unknown(one) for one in ("", "CP936", "ANSI 1252", "ISO-8859-15", "KLINGON-8")]
        [False, False, False, False, True]
    """
    if not declared or _named(declared):
        return False
    for word in (declared, declared.rsplit(maxsplit=1)[-1]):
        try:
            known_encoding(word)
        except GeoError:
            continue
        return False
    return True


def _named(declared: str) -> str:
    """Python's name of an encoding in the spellings of `.cpg` files: 936, CP936, GBK, 65001, UTF-8."""
    word = re.sub(r"[^a-z0-9]", "", declared.lower())
    if word.endswith("936") or word.startswith("gb"):
        return "gb18030"
    if word in ("65001", "utf8", "cp65001"):
        return "utf-8"
    if word.endswith("950") or word.startswith("big5"):
        return "big5"
    return ""


def _fits(texts: list[bytes], encoding: str) -> bool:
    try:
        for text in texts:
            _decode(text, encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decode(text: bytes, encoding: str) -> str:
    """A text; what a narrow column cut off inside its last character is left out."""
    return codecs.getincrementaldecoder(encoding)("strict").decode(text, False)
