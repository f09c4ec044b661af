"""What can be told of an export before its edition is read, which takes minutes of large ones."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from layers.edition.export import INDICATORS, check_counts, known_format, layer_count
from layers.edition.file import META
from layers.edition.formats.table import FORMATS
from layers.edition.selection import ALL
from layers.edition.systems import ExportError

SEVERAL = ","
ARCHIVE = "zip"


def check_formats(
    formats: Sequence[str], layer: str, output: Path | None, layers: Collection[str] = (), *, several: bool = False
) -> None:
    """Refuse formats that cannot be written here, and a name that would hide what the file is.

    Args:
        formats: Ids of formats.
        layer: Ids of layers with commas between, or ``all``.
        output: The file to write, if one is named.
        layers: The layers that there are, once they are known.
        several: Whether it comes in several systems, which makes it an archive.

    Raises:
        ExportError: ``export.format_unknown``, ``export.format_needs`` or ``export.ending``.
    """
    for one in formats:
        known_format(one)
    if output is None or not formats or (layer == INDICATORS and layer not in layers):  # a table in any edition
        return
    packed = several or len(formats) > 1
    if not packed and FORMATS[formats[0]].each and ALL in layer.split(SEVERAL) and not layers:
        return
    check_ending(output, formats, ARCHIVE if packed else FORMATS[formats[0]].suffix(layer_count(layers, layer)))


def check_ending(output: Path, formats: Sequence[str], suffix: str) -> None:
    """Refuse a name that ends as another kind of file does; an ending that says nothing is let be.

    Args:
        output: The file to write.
        formats: Ids of formats that there are.
        suffix: How names of what is written end, without the first point.

    Raises:
        ExportError: ``export.ending``.

    Example:
        >>> check_ending(Path("a.zip"), ["shp"], "shp.zip")
        >>> check_ending(Path("a.shp"), ["shp"], "shp.zip")
        Traceback (most recent call last):
        layers.edition.systems.ExportError: Shapefile 写不成 a.shp：应以 .shp.zip 结尾
    """
    ending = output.suffix.lower().lstrip(".")
    if ending == suffix.rpartition(".")[2] or ending not in (*FORMATS, ARCHIVE):
        return
    stem = output.with_suffix("") if ending == ARCHIVE else output
    stem = stem.with_suffix("") if stem.suffix.lower().lstrip(".") in FORMATS else stem
    right = str(stem.with_name(f"{stem.name}.{suffix}"))
    names = "、".join(FORMATS[one].name for one in formats)
    raise ExportError("export.ending", format=names, file=output.name, suffix=suffix, right=right)


def check_file(path: Path, formats: Sequence[str], layer: str, lang: str) -> None:
    """Refuse formats that do not hold as many features as a file's layers have; says nothing of a file that is none.

    Args:
        path: The edition.
        formats: Ids of formats that there are.
        layer: Ids of layers with commas between, or ``all``.
        lang: Language of the layers' names.

    Raises:
        ExportError: ``export.too_many``.
    """
    limited = [FORMATS[one] for one in formats if FORMATS[one].most]
    if not limited or layer == INDICATORS:
        return
    records, counts = _counted(path, layer.split(SEVERAL))
    for form in limited:
        check_counts(form, counts, records, lang)


def _counted(path: Path, layers: Sequence[str]) -> tuple[Sequence[Mapping[str, Any]], dict[str, int]]:
    """The records of a file's layers, and how many features those asked for have."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            (text,) = database.execute(f"SELECT value FROM {META} WHERE key = 'layers'").fetchone()  # noqa: S608
            records = json.loads(text)
            names = [str(one["id"]) for one in records if ALL in layers or one["id"] in layers]
            quoted = {name: name.replace('"', '""') for name in names}
            count = 'SELECT count(*) FROM "{}"'.format
            return records, {name: database.execute(count(quoted[name])).fetchone()[0] for name in names}
    except (sqlite3.Error, ValueError, TypeError, KeyError):  # what is wrong with it is said when it is read
        return [], {}
