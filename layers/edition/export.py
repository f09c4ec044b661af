"""An edition, or a part of it, as a file in any of the formats of `layers.edition.formats.table`.

The systems are WGS 84 and CGCS2000 in degrees, and the CGCS2000 3-degree zone that the plan lies in, with and without
zone number; for web maps also GCJ-02 and BD-09. Another zone is refused: its eastings would be wrong by hundreds of
kilometres' worth of distortion, and nobody would notice. Every file says whose data it is, on which terms, how
accurate, and of which edition: in the format's own place, or in a text beside it in an archive.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geo import files
from geo.errors import GeoError
from geo.reasons import reason
from layers import words
from layers.edition import selection
from layers.edition.file import Edition
from layers.edition.formats.archive import write_zip
from layers.edition.formats.cells import safe_cell
from layers.edition.formats.part import UTF8, Part, Remarks, file_stem, paths
from layers.edition.formats.table import FORMATS, Format
from layers.edition.indicator_table import indicator_table
from layers.edition.notice import Notice, notice
from layers.edition.selection import ALL, EVERYWHERE, Area
from layers.edition.systems import ExportError, System, crs_codes, system, target_crs
from layers.model.errors import word

__all__ = [
    "ALL", "FORMATS", "INDICATORS", "ExportError", "crs_codes", "export", "file_name", "indicator_table", "safe_cell",
    "target_crs",
]  # fmt: skip

INDICATORS = "indicators"
TABLES = ("csv", "xlsx")
"""Formats of the indicators."""

README, LICENCE = "README.txt", "LICENSE.txt"
"""Texts beside the files of an archive."""


def export(  # noqa: PLR0913 - what a file depends on
    edition: Edition,
    layer: str,
    fmt: str,
    crs: str,
    out: Path,
    *,
    wkt: bool = False,
    headings: str = "",
    encoding: str = UTF8,
    lang: str = "zh",
    where: Area = EVERYWHERE,
    name: str = "",
    served: bool = False,
    told: Callable[[str], object] = id,
) -> Path:
    """Write one layer, all layers, or the indicators.

    Args:
        edition: What to write from; it is not changed.
        layer: Id of a layer, several joined by commas, ``all``, or ``indicators`` (CSV and XLSX).
        fmt: One of ``FORMATS``.
        crs: A code, ``metric``, ``gcj02`` or ``bd09`` (see `layers.edition.systems.system`), ``EPSG:`` may stand
            before a number; "" for the format's usual one.
        out: The file to write or replace; put in place only when complete.
        wkt: With CSV and XLSX of layers, add the geometry as WKT in a column ``geometry``.
        headings: How columns are called: ``codes``, or a language (``zh``, ``en``), which adds names beside codes;
            "" for what is usual: workbooks are headed in words.
        encoding: Of Shapefile and TAB: ``utf-8`` or ``gb18030``.
        lang: Language of names, notice and readme.
        where: Which features.
        name: Name that the file is given out under, if not that of ``out``; a project in it says it.
        served: Somebody waits for it: formats that take long are written of fewer features.
        told: Takes each remark about a file that has no readme beside it.

    Returns:
        The path.

    Raises:
        ExportError: One of the keys of ``messages/export.toml``.
        GeoError: ``crs.unknown``, ``vector.not_written``.

    Note:
        All layers as GeoPackage in 4490 are the edition itself: the server reads that file. GeoJSON in another CRS
        than 4326 carries the ``crs`` member of the 2008 specification, which GDAL and QGIS read and write.
    """
    form = known_format(fmt)
    if layer == INDICATORS and INDICATORS not in edition.layers:
        return _indicators(edition, fmt, out, lang)
    cut = selection.chosen(edition, layer.split(","), where)
    check_size(form, cut, lang, served=served)
    code = checked_system(edition, form, crs or form.usual_code(edition))
    frames = {name: code.of(frame) for name, frame in cut.layers.items()}
    whole, said = ALL in layer.split(",") and where.everywhere, scope(edition, cut, where, lang)
    named = (lang, headings or form.usual_headings(lang), encoding)
    part = Part(edition, cut.layers, frames, code, *named, wkt, whole, said, stem(edition, layer), name or out.name)
    for remark in _put(form, part, out, archive=form.in_archive(layer_count(edition.layers, layer))):
        told(remark)
    return out


def _put(form: Format, part: Part, out: Path, *, archive: bool) -> Remarks:
    """Write a part where it belongs; gives what is to be known of a file that has no readme beside it.

    Raises:
        ExportError: ``export.nothing_drawn``.
        GeoError: ``vector.not_written``.
    """
    with files.atomic_path(out) as temporary:
        folder = temporary.parent / "files"
        try:
            folder.mkdir()
            remarks = form.write(part, folder)
            pack(form, part, folder, remarks, temporary, archive=archive)
        except OSError as error:
            raise GeoError("vector.not_written", file=out.name, detail=reason(error)) from error
    return [] if archive else remarks


def known_format(fmt: str) -> Format:
    """Give a format that can be written here.

    Raises:
        ExportError: ``export.format_unknown`` or ``export.format_needs``.
    """
    if fmt not in FORMATS:
        raise ExportError("export.format_unknown", format=fmt, known=list(FORMATS))
    form = FORMATS[fmt]
    if not form.available:
        raise ExportError("export.format_needs", format=form.name, module=form.needs)
    return form


def checked_system(edition: Edition, form: Format, crs: str) -> System:
    """Give the system for a format.

    Raises:
        ExportError: ``export.crs_of_format``, or as `system`.
        GeoError: ``crs.unknown``.
    """
    found = system(edition, crs)
    if found.code not in form.codes(edition):
        known = [system(edition, one).name() for one in form.codes(edition)]
        raise ExportError("export.crs_of_format", format=form.name, asked=found.name(), known=known)
    return found


def check_size(form: Format, cut: Edition, lang: str, *, served: bool = False) -> None:
    """Refuse what a format does not hold, or what would take memory or time without bounds, before it is begun.

    Raises:
        ExportError: ``export.too_many`` names the formats that can.
        LayersError: ``vast.whole``.
    """
    if form.limit(served=served):
        counts = {layer: len(frame) for layer, frame in cut.layers.items()}
        check_counts(form, counts, cut.meta["layers"], lang, served=served)


def check_counts(
    form: Format, counts: Mapping[str, int], records: Sequence[Mapping[str, Any]], lang: str, *, served: bool = False
) -> None:
    """The same by how many features there are of each layer.

    Args:
        form: The format.
        counts: Features by the layer's id.
        records: The layers' records, which have their names.
        lang: Language of the names.
        served: Somebody waits for it.

    Raises:
        ExportError: ``export.too_many``.
    """
    most = form.limit(served=served)
    for layer, count in counts.items() if most else ():
        if count > most:
            record = next(one for one in records if one["id"] == layer)
            known = [one.id for one in FORMATS.values() if count <= (one.limit(served=served) or count)]
            raise ExportError("export.too_many", layer=words.name(record, lang), count=words.number(count),
                              format=form.name, most=words.number(most), known=known)  # fmt: skip


def scope(edition: Edition, cut: Edition, where: Area, lang: str) -> str:
    """What of an edition was cut out, in words; "" for all of it."""
    said = []
    if len(cut.layers) < len(edition.layers):
        records = [one for one in edition.meta["layers"] if one["id"] in cut.layers]
        names = [words.name(one, lang) for one in records]
        said.append(word("export.scope_layers", lang, layers=names))
    said.append(where.words(edition, lang))
    return word("notice.join", lang).join(one for one in said if one)


def pack(form: Format, part: Part, folder: Path, remarks: Remarks, out: Path, *, archive: bool) -> None:
    """Move the one file that a writer left into place, or all of them into an archive with readme and licence.

    Raises:
        ExportError: ``export.nothing_drawn``: the writer left none.
        OSError: It cannot be written.
    """
    found = paths(folder)
    if not found:
        raise ExportError("export.nothing_drawn", format=form.name)
    if not archive:
        found[0].replace(out)
        return
    members = [(path.relative_to(folder).as_posix(), path) for path in found]
    texts = texts_beside(part.notice, remarks, [name for name, _path in members], part.lang)
    write_zip(out, [*texts, *members], part.year)


def texts_beside(said: Notice, remarks: Sequence[str], names: Sequence[str], lang: str) -> list[tuple[str, bytes]]:
    """Readme and licence as members of an archive; with a byte-order mark, which Windows wants.

    Args:
        said: The notice.
        remarks: What is to be known about the files.
        names: The files.
        lang: Language of the headings.
    """
    parts = [said.text()]
    if remarks:
        lines = [f"- {remark}" for remark in dict.fromkeys(remarks)]
        parts.append("\n".join([word("export.readme_notes", lang), *lines]))
    parts.append("\n".join([word("export.readme_files", lang), *(f"- {name}" for name in names)]))
    return [(README, _text("\n\n".join(parts))), (LICENCE, _text(said.text(_TERMS)))]


_TERMS = ("title", "attribution", "licence", "sources", "disclaimer")


def _text(text: str) -> bytes:
    return f"{text}\n".replace("\n", "\r\n").encode("utf-8-sig", "replace")


def file_name(edition: Edition, layer: str, fmt: str) -> str:
    """Give a name for the file, such as ``plan-townships.gpkg`` or ``plan-all.shp.zip``."""
    count = layer_count(edition.layers, layer)
    suffix = FORMATS[fmt].suffix(count) if fmt in FORMATS else fmt
    return f"{stem(edition, layer)}.{suffix}"


def layer_count(layers: Collection[str], layer: str) -> int:
    """How many layers are asked for, of those that an edition has."""
    asked = layer.split(",")
    return len(layers) if ALL in asked else len(set(asked))


def stem(edition: Edition, layer: str) -> str:
    """The same without the extension; for many layers it does not name them all."""
    return file_stem(f"{edition.meta['plan']['id']}-{layer.replace(',', '-')}")


def _indicators(edition: Edition, fmt: str, out: Path, lang: str) -> Path:
    """The table of indicators."""
    if fmt not in TABLES:
        raise ExportError("export.format_of_indicators", format=fmt)
    from layers.edition.formats import tables  # noqa: PLC0415 - brings a library that nothing else needs

    table: pd.DataFrame = indicator_table(edition)
    said = notice(edition, {}, lang, part=word(f"export.{INDICATORS}", lang))
    year = int(edition.meta["plan"]["as_of"])
    with files.atomic_path(out) as temporary:
        if fmt == "csv":
            tables.csv_file(temporary, table, said)
        else:
            sheet = word(f"export.{INDICATORS}", lang)
            tables.xlsx_file(temporary, {sheet: table}, said, word("export.sheet_about", lang), year)
    return out
