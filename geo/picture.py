"""Pictures of scanned maps: PNG, JPEG, TIFF or a page of a PDF, made upright RGB of 8 bits once, in strips.

What a picture is goes by its first bytes. GDAL is given one driver and no neighbours of the file, sizes are looked at
before anything is decoded, and nothing larger than a strip is held in memory (a PDF's page apart).
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from geo.errors import GeoError

MOST_BYTES = 1_500_000_000
MOST_PIXELS = 450_000_000
"""A square of 21,000 pixels: A0 at 450 an inch."""
MOST_PDF_PIXELS = 150_000_000
"""A page of a PDF is drawn whole in memory: A0 at 300 an inch."""
MOST_SIDE = 100_000
_MOST_BLOCK_BYTES = 300_000_000
_MOST_INTERLACED = 60_000_000
"""Pixels of an interlaced PNG, which must be decoded whole."""
_STRIP_PIXELS = 8_000_000
_HEAD_BYTES = 400_000
_DRIVERS = {"png": "PNG", "jpeg": "JPEG", "tiff": "GTiff"}
_SIDEWAYS = (5, 6, 7, 8)
"""Orientations by which width and height are exchanged."""
_QUIET = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_GEOREF_SOURCES": "INTERNAL",
          "GDAL_CACHEMAX": 96}  # fmt: skip
Array = np.ndarray[Any, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Looked:
    """What a picture's head says.

    Attributes:
        kind: ``png``, ``jpeg``, ``tiff`` or ``pdf``.
        width: Pixels of the upright picture.
        height: Pixels of the upright picture.
        orientation: The EXIF orientation, 1 to 8, that makes it upright.
        dpi: Pixels an inch, or None where it does not say.
        pages: Of a PDF; else 1.
        own: CRS as WKT and the six numbers of a geotransform, of a picture that knows its place; else None.
    """

    kind: str
    width: int
    height: int
    orientation: int
    dpi: float | None
    pages: int
    own: tuple[str, tuple[float, ...]] | None


def look(path: Path, page: int = 1, dpi: float | None = None) -> Looked:
    """Read a picture's head, and refuse what cannot or should not be decoded.

    Args:
        path: The picture.
        page: Of a PDF, from 1.
        dpi: What a PDF is rendered at; needed for one.

    Raises:
        GeoError: ``picture.*`` with the file and what to do.
    """
    head = _head(path)
    kind = _kind(head, path)
    if kind == "pdf":
        return _look_at_pdf(path, page, dpi)
    orientation, found_dpi, interlaced = _tags(head, kind)
    _check_end(path, kind)
    with _opened(path, kind) as source:
        width, height = source.width, source.height
        _check_size(path, width, height, MOST_PIXELS)
        if interlaced and width * height > _MOST_INTERLACED:
            raise GeoError("picture.interlaced", file=path.name)
        block = max(rows * columns for rows, columns in source.block_shapes)
        if block * source.count * np.dtype(source.dtypes[0]).itemsize > _MOST_BLOCK_BYTES:
            raise GeoError("picture.block", file=path.name)
        _check_bands(source, path)
        stated = source.tags().get("TIFFTAG_XRESOLUTION")
        unit = source.tags().get("TIFFTAG_RESOLUTIONUNIT", "")
        own = (source.crs.to_wkt(), tuple(source.transform)[:6]) if source.crs else None
    found_dpi = found_dpi or _dpi(stated, unit)
    if orientation in _SIDEWAYS:
        width, height = height, width
    return Looked(kind, width, height, orientation, found_dpi, 1, own if orientation == 1 else None)


def upright(
    path: Path, target: Path, page: int = 1, dpi: float | None = None, progress: Progress | None = None
) -> Looked:
    """Write a picture as tiled TIFF: RGB of 8 bits, upright, on white, without place.

    Args:
        path: The picture.
        target: The TIFF to write; made for one run and not kept.
        page: Of a PDF, from 1.
        dpi: What a PDF is rendered at.
        progress: Called with rows done and all rows.

    Raises:
        GeoError: ``picture.*``.
    """
    import rasterio  # noqa: PLC0415 - half a second of imports that everything else does without

    looked = look(path, page, dpi)
    profile = {"driver": "GTiff", "width": looked.width, "height": looked.height, "count": 3, "dtype": "uint8",
               "tiled": True, "blockxsize": 512, "blockysize": 512, "photometric": "RGB",
               "bigtiff": "IF_SAFER"}  # fmt: skip
    with quiet(), rasterio.open(target, "w", **profile) as sink:
        for window, pixels in _strips(path, looked, page, dpi, progress):
            sink.write(pixels, window=window)
    return looked


def _strips(path: Path, looked: Looked, page: int, dpi: float | None, progress: Progress | None) -> Iterator[Any]:
    """Windows of the upright picture with their pixels (3, rows, columns)."""
    from rasterio.errors import RasterioError  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    if looked.kind == "pdf":
        pixels = _render(path, page, dpi or 0.0)
        yield Window(0, 0, looked.width, looked.height), pixels
        return
    with _opened(path, looked.kind) as source:
        width, height = source.width, source.height
        rows = max(16, _STRIP_PIXELS // width // 16 * 16)
        try:
            reduce = _reducer(source)
            for top in range(0, height, rows):
                count = min(rows, height - top)
                raw = source.read(window=Window(0, top, width, count))
                pixels, column, row = _turned(reduce(raw), looked.orientation, top, height)
                yield Window(column, row, pixels.shape[2], pixels.shape[1]), pixels
                if progress is not None:
                    progress(top + count, height)
        except RasterioError as error:
            raise GeoError("picture.broken", file=path.name) from error


def _turned(pixels: Array, orientation: int, top: int, height: int) -> tuple[Array, int, int]:
    """A strip of the stored picture as it stands in the upright one: pixels, left column, upper row.

    Args:
        pixels: (3, rows, columns) from the row ``top`` on.
        orientation: EXIF's number: what stands in the stored picture's first row and first column.
        top: The strip's first row in the stored picture.
        height: Rows of the stored picture.
    """
    bottom = height - top - pixels.shape[1]
    if orientation in _SIDEWAYS:
        pixels = pixels.transpose(0, 2, 1)
    flip_rows = orientation in (3, 4, 7, 8)
    flip_columns = orientation in (2, 3, 6, 7)
    if flip_rows:
        pixels = pixels[:, ::-1]
    if flip_columns:
        pixels = pixels[:, :, ::-1]
    if orientation in _SIDEWAYS:
        return pixels, bottom if orientation in (6, 7) else top, 0
    return pixels, 0, bottom if orientation in (3, 4) else top


def _check_bands(source: Any, path: Path) -> None:
    names = [one.name for one in source.colorinterp]
    type_name = source.dtypes[0]
    fits = source.count in (1, 2, 3, 4) and len(set(source.dtypes)) == 1 and type_name in ("uint8", "uint16")
    if not fits:
        raise GeoError("picture.bands", file=path.name, count=source.count, type=type_name, names=names)


def _reducer(source: Any) -> Callable[[Array], Array]:
    """What makes RGB of 8 bits of a strip's bands: palettes, grey, CMYK, alpha, 1 and 16 bits."""
    names = [one.name for one in source.colorinterp]
    if names[0] == "palette":
        table = np.zeros((256 if source.dtypes[0] == "uint8" else 65536, 4), dtype=np.uint8)
        for code, colour in source.colormap(1).items():
            table[code] = colour
        return lambda bands: _on_white(table[bands[0]].transpose(2, 0, 1))
    scale = _scale(source)
    invert = source.tags(ns="IMAGE_STRUCTURE").get("MINISWHITE") == "YES"

    def reduce(bands: Array) -> Array:
        if scale != 1.0:
            bands = np.minimum(bands * scale + 0.5, 255).astype(np.uint8)
        if names == ["cyan", "magenta", "yellow", "black"]:
            ink = bands.astype(np.uint16)
            return ((255 - ink[:3]) * (255 - ink[3]) // 255).astype(np.uint8)
        if len(bands) < 3:
            bands = np.concatenate([np.repeat(bands[:1], 3, axis=0), bands[1:]])
        if invert:
            bands = np.concatenate([255 - bands[:3], bands[3:]])
        return _on_white(bands)

    return reduce


def _scale(source: Any) -> float:
    """What the numbers are multiplied by: 16 bits go to 8 by the bits that are in use, 1 bit to 0 and 255."""
    bits = int(source.tags(1, ns="IMAGE_STRUCTURE").get("NBITS", "0"))
    if source.dtypes[0] == "uint8":
        return 255 / (2**bits - 1) if 0 < bits < 8 else 1.0
    sample = source.read(out_shape=(source.count, min(source.height, 512), min(source.width, 512)))
    used = max(8, bits or int(sample.max()).bit_length())
    return 255 / (2**used - 1)


def _on_white(bands: Array) -> Array:
    """RGB of RGB or RGBA on white paper."""
    if len(bands) < 4:
        return bands[:3]
    alpha = bands[3].astype(np.uint16)
    return ((bands[:3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


# ---- heads


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise GeoError("picture.missing", file=path.name)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise GeoError("picture.heavy", file=path.name, size_mb=size // 1_000_000, limit_mb=MOST_BYTES // 1_000_000)
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _kind(head: bytes, path: Path) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    raise GeoError("picture.unknown", file=path.name)


def _check_end(path: Path, kind: str) -> None:
    """A picture that ends too early decodes to grey, and GDAL does not mind: the mark at the end is looked for."""
    mark = {"png": b"IEND", "jpeg": b"\xff\xd9"}.get(kind)
    if mark is None:
        return
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_536))
        if mark not in file.read():
            raise GeoError("picture.broken", file=path.name)


def _check_size(path: Path, width: int, height: int, limit: int) -> None:
    if width * height > limit or max(width, height) > MOST_SIDE:
        raise GeoError("picture.large", file=path.name, width=width, height=height, limit=limit // 1_000_000)


def _tags(head: bytes, kind: str) -> tuple[int, float | None, bool]:
    """Orientation, pixels an inch, and whether a PNG is interlaced, from the first bytes; GDAL does not tell."""
    try:
        if kind == "tiff":
            return _orientation(head), None, False
        if kind == "png":
            return _png_tags(head)
        return *_jpeg_tags(head), False
    except (struct.error, IndexError):
        return 1, None, False


def _png_tags(head: bytes) -> tuple[int, float | None, bool]:
    at, orientation, dpi = 8, 1, None
    while at + 8 <= len(head):
        length, name = struct.unpack_from(">I4s", head, at)
        body = head[at + 8 : at + 8 + length]
        if name == b"pHYs" and length == 9:
            across, _, unit = struct.unpack(">IIB", body)
            dpi = round(across * 0.0254, 1) if unit == 1 and across else None
        elif name == b"eXIf":
            orientation = _orientation(body)
        elif name in (b"IDAT", b"IEND"):
            break
        at += 12 + length
    return orientation, dpi, head[28] == 1


def _jpeg_tags(head: bytes) -> tuple[int, float | None]:
    at, orientation, dpi = 2, 1, None
    while at + 4 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], struct.unpack_from(">H", head, at + 2)[0]
        body = head[at + 4 : at + 2 + length]
        if marker == 0xDA or length < 2:
            break
        if marker == 0xE0 and body.startswith(b"JFIF\0"):
            unit, across = struct.unpack_from(">BH", body, 7)
            dpi = _dpi(str(across), "3" if unit == 2 else "2") if unit else None
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:])
        at += 2 + length
    return orientation, dpi


def _orientation(tiff: bytes) -> int:
    """The tag 274 of the first directory of a TIFF head; 1 where there is none."""
    order = "<" if tiff[:2] == b"II" else ">"
    version, start = struct.unpack_from(f"{order}HI", tiff, 2)
    if version != 42:
        return 1
    for number in range(min(struct.unpack_from(f"{order}H", tiff, start)[0], 200)):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * number)
        if tag == 274 and kind == 3:
            return int(value) if 1 <= value <= 8 else 1
    return 1


def _dpi(stated: str | None, unit: str) -> float | None:
    """Pixels an inch, of TIFF's words for it; None where they say none, or the 1 or 72 that programs write for none."""
    try:
        number = float(stated or "")
    except ValueError:
        return None
    number *= 2.54 if unit.startswith("3") else 1.0
    return round(number, 1) if 20 <= number <= 10_000 and round(number) != 72 and not unit.startswith("1") else None


# ---- GDAL and PDF


@contextmanager
def quiet() -> Iterator[None]:
    """GDAL without neighbours of files, with a small cache, and no complaint that a picture has no place."""
    import rasterio  # noqa: PLC0415

    with rasterio.Env(**_QUIET), warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        yield


@contextmanager
def _opened(path: Path, kind: str) -> Iterator[Any]:
    import rasterio  # noqa: PLC0415

    with quiet():
        try:
            source = rasterio.open(path.resolve(), driver=_DRIVERS[kind])
        except rasterio.errors.RasterioError as error:
            raise GeoError("picture.broken", file=path.name) from error
        with source:
            yield source


@contextmanager
def _page(path: Path, page: int) -> Iterator[tuple[Any, int]]:
    """A page of a PDF and the number of pages."""
    import pypdfium2  # noqa: PLC0415 - pictures of other kinds do without

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        if locked:
            raise GeoError("picture.pdf_locked", file=path.name) from error
        raise GeoError("picture.broken", file=path.name) from error
    try:
        if not 1 <= page <= len(document):
            raise GeoError("picture.pdf_page", file=path.name, page=page, pages=len(document))
        yield document[page - 1], len(document)
    except pypdfium2.PdfiumError as error:
        raise GeoError("picture.broken", file=path.name) from error
    finally:
        document.close()


def _look_at_pdf(path: Path, page: int, dpi: float | None) -> Looked:
    if dpi is None:
        raise GeoError("picture.pdf_dpi", file=path.name)
    with _page(path, page) as (found, pages):
        width, height = (max(1, int(np.ceil(side * dpi / 72))) for side in found.get_size())
    _check_size(path, width, height, MOST_PDF_PIXELS)
    return Looked("pdf", width, height, 1, dpi, pages, None)


def _render(path: Path, page: int, dpi: float) -> Array:
    """A page as (3, rows, columns) on white."""
    with _page(path, page) as (found, _):
        bitmap = found.render(scale=dpi / 72, rev_byteorder=True, prefer_bgrx=False)
        pixels = np.array(bitmap.to_numpy()[..., :3])
        bitmap.close()
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))
