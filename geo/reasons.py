"""What other people's programs say when they give up, in words of ours.

A library's English, a codec's words and a machine's path tell a planner nothing, and may tell a stranger too much. Each
message that must say why takes the reason from here; what is not known is said in general words.
"""

import csv
import errno
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

import shapely

from geo.errors import GeoError
from geo.messages import Phrase

FOREIGN: tuple[type[Exception], ...] = (
    RuntimeError, shapely.errors.ShapelyError, csv.Error, sqlite3.Error, zipfile.BadZipFile, zlib.error, ParseError,
    OSError, ValueError, ArithmeticError, LookupError, TypeError,
)  # fmt: skip
"""What reading a broken file may raise in the libraries that read it; those of GDAL and PROJ are RuntimeErrors."""

_SYSTEM = {
    errno.EACCES: "permission", errno.EPERM: "permission", errno.EROFS: "read_only", errno.ENOSPC: "no_space",
    errno.EDQUOT: "no_space", errno.EISDIR: "is_folder", errno.ENOTDIR: "not_a_folder", errno.EEXIST: "not_a_folder",
    errno.ENOENT: "gone", errno.ENAMETOOLONG: "long_name", errno.EBUSY: "busy", errno.ETXTBSY: "busy",
    errno.EADDRINUSE: "port_taken", errno.EADDRNOTAVAIL: "no_address", errno.EAFNOSUPPORT: "no_address",
}  # fmt: skip
_TOML = (
    (r"Cannot (overwrite|declare|mutate)|Duplicate inline", "toml_twice"),
    (r"Expected '=' after|Invalid initial character for a key", "toml_key"),
    (r"Unterminated string|Expected .*newline.*string|Illegal character|Expected \"'", "toml_string"),
    (r"Unescaped|Invalid hex|escape", "toml_escape"),
    (r"Unclosed array|Unclosed inline|Expected '\]", "toml_bracket"),
    (r"Expected newline or end of document", "toml_rest"),
    (r"Invalid date", "toml_date"),
    (r"Invalid value", "toml_value"),
)
_CSV = ((r"field larger", "csv_long"), (r"unexpected end", "csv_quote"), (r"expected after", "csv_after_quote"),
        (r"NUL", "csv_nul"))  # fmt: skip
_SQLITE = (
    (r"disk i/o|IOERR", "disk_io"),
    (r"full", "no_space"),
    (r"read-?only|PERM|CANTOPEN|unable to open", "permission"),
    (r"locked|BUSY", "busy"),
)
_RING = (
    (r"self-?intersection", "crosses_itself"),
    (r"hole lies outside", "hole_outside"),
    (r"nested|duplicate", "nested"),
    (r"disconnected", "disconnected"),
    (r"too few", "few_points"),
    (r"not closed", "not_closed"),
    (r"coordinate", "bad_coordinate"),
)


def reason(error: BaseException) -> Phrase:
    """Why something failed, as a phrase for a message.

    Example:
        >>> reason(PermissionError(13, "Permission denied")).text("en")
        'no permission'
    """
    if type(error).__name__ == "TOMLDecodeError":  # of the standard library or of tomli: neither is the other's
        return _matching(_TOML, str(error), "toml")
    if isinstance(error, csv.Error):
        return _matching(_CSV, str(error), "csv")
    if isinstance(error, sqlite3.Error):
        return _matching(_SQLITE, f"{getattr(error, 'sqlite_errorname', '')} {error}", "content")
    if isinstance(error, OSError):
        return _phrase(_SYSTEM.get(error.errno or 0, "system"))
    if isinstance(error, shapely.errors.ShapelyError):
        return _phrase("geometry")
    return _phrase("content")


def validity(said: str) -> Phrase:
    """Why a geometry is not valid, from what GEOS says of it.

    Example:
        >>> validity("Hole lies outside shell").text("en")
        'a hole lies outside its ring'
    """
    return _matching(_RING, said, "geometry")


@contextmanager
def foreign_errors(file: str) -> Iterator[None]:
    """Whatever the libraries inside raise comes out as `vector.unreadable`; our own errors pass.

    Args:
        file: the file's name, for the message.
    """
    try:
        yield
    except GeoError:
        raise
    except FOREIGN as error:
        raise GeoError("vector.unreadable", file=file, detail=reason(error)) from error


def _matching(table: tuple[tuple[str, str], ...], said: str, otherwise: str) -> Phrase:
    found = (name for pattern, name in table if re.search(pattern, said, re.IGNORECASE))
    return _phrase(next(found, otherwise))


def _phrase(name: str) -> Phrase:
    return Phrase(GeoError.catalogue, f"reason.{name}")
