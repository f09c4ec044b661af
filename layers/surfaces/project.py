"""Surfaces in an archive for QGIS: rasters with their styles in a folder, and a group of them in the project."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from geo import files
from geo.errors import GeoError
from geo.reasons import reason
from layers.edition.formats.archive import write_zip
from layers.model.errors import word
from layers.qgis.project import packed, unpacked
from layers.qgis.rasters import Raster, with_rasters
from layers.surfaces.files import WHAT, style, write_raster, write_style
from layers.surfaces.made import Made
from layers.surfaces.said import said

FOLDER = "surfaces"
SEEN = 0.75
"""How much of what lies below is covered, as on the page at first."""
_README = "README.txt"


def add_to_archive(
    target: Path, found: Mapping[str, Made], lang: str, progress: Callable[[int, int], None] | None = None
) -> list[str]:
    """Put surfaces into an archive of the format ``qgis``.

    Args:
        target: The archive; as it was when something goes wrong.
        found: Surfaces by id; those without anything to measure to are left out.
        lang: Of names and legends.
        progress: Called with rasters done and all rasters.

    Returns:
        The files that were added.

    Raises:
        GeoError: ``vector.not_written``.
    """
    there = [one for one in found.values() if one.there]
    if not there:
        return []
    try:
        with zipfile.ZipFile(target) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with TemporaryDirectory(dir=target.parent, prefix=".surfaces-") as folder:
            made = _written(there, Path(folder), lang, progress)
        year = int(there[0].store.edition.meta["plan"]["as_of"])
        for name in list(members):
            stem, end = Path(name).stem, Path(name).suffix
            if end == ".qgz":
                extended = with_rasters(
                    unpacked(members[name], stem), _layers(there, lang), there[0].plane, word("surface.group", lang)
                )
                members[name] = packed(extended, stem, year)
        if _README in members:
            members[_README] = _told(members[_README], made, lang)
        with files.atomic_path(target) as temporary:
            write_zip(temporary, [*members.items(), *made.items()], year)
    except (OSError, zipfile.BadZipFile) as error:
        raise GeoError("vector.not_written", file=target.name, detail=reason(error)) from error
    return list(made)


# ---- machinery


def _place(one: Made, what: str, suffix: str = ".tif") -> str:
    return f"{FOLDER}/{one.surface.id}_{what}{suffix}"


def _written(
    there: list[Made], folder: Path, lang: str, progress: Callable[[int, int], None] | None
) -> dict[str, bytes]:
    """The rasters and their styles by their place in the archive."""
    made: dict[str, bytes] = {}
    (folder / FOLDER).mkdir()
    for number, one in enumerate(there):
        for at, what in enumerate(WHAT):
            raster, look = _place(one, what), _place(one, what, ".qml")
            write_raster(one, what, folder / raster)
            write_style(one, what, folder / look, lang)
            made |= {name: (folder / name).read_bytes() for name in (raster, look)}
            if progress is not None:
                progress(number * len(WHAT) + at + 1, len(there) * len(WHAT))
    return made


def _layers(there: list[Made], lang: str) -> list[Raster]:
    return [
        Raster(
            f"surface_{one.surface.id}_{what}",
            word(f"surface.layer_{what}", lang, name=said(one.surface, lang, "name")),
            f"./{_place(one, what)}",
            style(one, what, lang, SEEN),
        )
        for one in there
        for what in reversed(WHAT)
    ]


def _told(readme: bytes, made: Mapping[str, bytes], lang: str) -> bytes:
    """The text beside the files, with the new ones."""
    text = readme.decode("utf-8-sig")
    end = "\r\n" if "\r\n" in text else "\n"
    listed = [f"- {name}" for name in made]
    return end.join([text.rstrip(), *listed, "", word("surface.remark", lang), ""]).encode("utf-8-sig")
