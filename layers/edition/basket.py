"""Many files at once: layers × formats × systems × an area, in one archive with a readme and the licence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from geo import files
from geo.errors import GeoError
from geo.reasons import reason
from layers import words
from layers.edition import selection
from layers.edition.export import check_size, checked_system, known_format, scope, texts_beside
from layers.edition.file import Edition
from layers.edition.formats.archive import write_zip
from layers.edition.formats.part import UTF8, Part, file_stem, paths
from layers.edition.formats.table import HEADED, Format
from layers.edition.layer_table import CODES
from layers.edition.notice import notice
from layers.edition.selection import EVERYWHERE, Area
from layers.edition.systems import ExportError, System, system
from layers.model.errors import word

MOST_VERTICES = 600_000
"""Vertices that the server writes for one archive, counted once for each format and system."""
A_ROW = 40
"""A row costs as much as so many vertices."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What somebody wants.

    Attributes:
        layers: Ids, or ``all``.
        formats: Ids of formats.
        systems: Codes; each format comes in those that it can have, or in its usual one when it can have none.
        where: Which features.
        lang: Language of names, notice and readme.
        headings: Of columns: ``codes`` or a language.
        encoding: Of Shapefile and TAB.
        wkt: Whether tables have the geometry.
    """

    layers: tuple[str, ...]
    formats: tuple[str, ...]
    systems: tuple[str, ...] = ()
    where: Area = EVERYWHERE
    lang: str = "zh"
    headings: str = CODES
    encoding: str = UTF8
    wkt: bool = False


def write(edition: Edition, basket: Basket, out: Path, *, most: int | None = None) -> Path:
    """Write the archive: a folder for each format and system.

    Args:
        edition: What to write from; it is not changed.
        basket: What is wanted.
        out: The file to write or replace; put in place only when complete.
        most: Vertices to write at most, counted as `MOST_VERTICES` says; None for no limit.

    Raises:
        ExportError: ``export.too_much``, ``export.too_many``, ``export.nothing``, or as `layers.edition.export.export`.
        GeoError: ``crs.unknown``, ``vector.not_written``.
    """
    wanted = [(form, one) for form in map(known_format, basket.formats) for one in _systems(edition, form, basket)]
    cut = selection.chosen(edition, basket.layers, basket.where)
    for form, _one in wanted:
        check_size(form, cut, basket.lang, served=most is not None)
    work = len(wanted) * sum(
        int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()) + A_ROW * len(frame)
        for frame in cut.layers.values()
    )
    if most is not None and work > most:
        raise ExportError("export.too_much", work=words.number(work), most=words.number(most))
    with files.atomic_path(out) as temporary:
        folder = temporary.parent / "files"
        try:
            remarks = _left_out(edition, cut, basket)
            for form, one in wanted:
                remarks += _write_one(edition, cut, basket, (form, one), folder)
            members = [(path.relative_to(folder).as_posix(), path) for path in paths(folder)]
            if not members:
                raise ExportError("export.nothing_drawn", format=words_of(basket.formats))
            said = notice(edition, cut.layers, basket.lang, None, scope(edition, cut, basket.where, basket.lang))
            texts = texts_beside(said, remarks, [name for name, _path in members], basket.lang)
            write_zip(temporary, [*texts, *members], int(edition.meta["plan"]["as_of"]))
        except OSError as error:
            raise GeoError("vector.not_written", file=out.name, detail=reason(error)) from error
    return out


def words_of(formats: Sequence[str]) -> str:
    """Names of formats, joined."""
    return "、".join(known_format(one).name for one in formats)


def file_name(edition: Edition, basket: Basket) -> str:
    """Give a name for the archive, such as ``plan-shp-dxf-zone-central.zip``."""
    parts = [str(edition.meta["plan"]["id"]), *basket.formats, basket.where.code]
    return file_stem("-".join(part for part in parts if part)) + ".zip"


# ---- machinery


def _systems(edition: Edition, form: Format, basket: Basket) -> list[System]:
    """The systems of the basket that a format can have; its usual one when there is none."""
    asked = [system(edition, code) for code in basket.systems]
    fit = [one for one in asked if one.code in form.codes(edition)]
    return list(dict.fromkeys(fit)) or [checked_system(edition, form, form.usual_code(edition))]


def _left_out(edition: Edition, cut: Edition, basket: Basket) -> list[str]:
    """The layers asked for that have nothing in the area."""
    asked = edition.layers if selection.ALL in basket.layers else basket.layers
    records = {one["id"]: one for one in edition.meta["layers"]}
    names = [words.name(records[name], basket.lang) for name in asked if name not in cut.layers]
    return [word("export.readme_left_out", basket.lang, layers=names)] if names else []


def _write_one(
    edition: Edition, cut: Edition, basket: Basket, wanted: tuple[Format, System], folder: Path
) -> list[str]:
    """The files of one format in one system, in a folder of their own."""
    form, code = wanted
    headed = HEADED in form.options
    part = Part(
        edition, cut.layers, {name: code.of(frame) for name, frame in cut.layers.items()}, code, basket.lang,
        basket.headings if headed else CODES, basket.encoding, basket.wkt,
        scope=scope(edition, cut, basket.where, basket.lang), stem=str(file_stem(str(edition.meta["plan"]["id"]))),
    )  # fmt: skip
    place = folder / f"{form.id}-{code.code}"
    place.mkdir(parents=True)
    said = form.write(part, place)
    if basket.systems and code.code not in [system(edition, one).code for one in basket.systems]:
        said.append(part.say("remark_usual", format=form.name, system=code.name()))
    if basket.headings != CODES and not headed:
        said.append(part.say("remark_codes", format=form.name))
    if warning := code.warning(basket.lang):
        said.append(warning)
    return [f"{place.name}: {one}" for one in said]
