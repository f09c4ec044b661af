"""A figure as a file: SVG as it is, PDF by Typst, PNG as its pixels, a GeoTIFF of the map in its place."""

from __future__ import annotations

import struct
import tempfile
import warnings
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo import files
from layers.drawing.figure import Figure
from layers.drawing.plate import Plate
from layers.drawing.sheet import pixels
from layers.model.errors import LayersError

LEAST_DPI, MOST_DPI = 36, 1200
MOST_PIXELS = 120_000_000
_INCH = 25.4


def write(figure: Plate, path: Path, dpi: int = 300) -> None:
    """Write a figure; the suffix says as what. The same figure always gives the same bytes.

    Args:
        figure: What to write.
        path: ``.svg``, ``.pdf``, ``.png``, or ``.tif`` for the map alone in the plan's metric CRS.
        dpi: Of PNG and GeoTIFF.

    Raises:
        LayersError: ``sheet.bad_format``, ``sheet.bad_dpi``, ``sheet.no_place`` (a GeoTIFF of what is no map),
            ``sheet.no_typst``, ``sheet.not_set``.
        GeoError: ``vector.not_written`` when the file cannot be written.
    """
    path = files.check_target(path)
    suffix = path.suffix.lower()
    check(suffix or path.name, (figure.width_mm, figure.height_mm), dpi)
    with files.atomic_path(path) as temporary:
        FORMATS[suffix](figure, temporary, dpi)


def check(suffix: str, size_mm: tuple[float, float], dpi: int) -> None:
    """See that a figure of a size can be written, before it is drawn.

    Args:
        suffix: Of the file.
        size_mm: Width and height of the paper.
        dpi: Of PNG and GeoTIFF; others do not ask.

    Raises:
        LayersError: ``sheet.bad_format``, ``sheet.bad_dpi``.
    """
    writer = FORMATS.get(suffix)
    if writer is None:
        raise LayersError("sheet.bad_format", value=suffix, choices=list(FORMATS))
    pixels = size_mm[0] * size_mm[1] * (dpi / _INCH) ** 2
    if writer in (_png, _geotiff) and not (LEAST_DPI <= dpi <= MOST_DPI and pixels <= MOST_PIXELS):
        raise LayersError("sheet.bad_dpi", value=dpi, low=LEAST_DPI, high=MOST_DPI, most=MOST_PIXELS // 10_000)


def _svg(figure: Plate, path: Path, _dpi: int) -> None:
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{figure.svg}\n', encoding="utf-8")


def _png(figure: Plate, path: Path, dpi: int) -> None:
    """The pages of the PDF as pixels: they look as the PDF does, and PDFium is quick with a large sheet."""
    try:
        import pypdfium2  # noqa: PLC0415 - the other formats do without
        import typst  # noqa: F401, PLC0415
    except ImportError:
        width, height = (round(side / _INCH * dpi) for side in (figure.width_mm, figure.height_mm))
        path.write_bytes(pixels(figure.svg, width, height))
        return
    with pypdfium2.PdfDocument(_set(figure)) as document:
        bands = document[0].render(scale=dpi / 72, rev_byteorder=True).to_numpy()[:, :, :3]
        path.write_bytes(_encoded(bands, dpi))


def _encoded(bands: NDArray[np.uint8], dpi: int) -> bytes:
    """Rows of red, green and blue as PNG; with the resolution, so that it is as large in a document as on paper."""
    height, width, _three = bands.shape
    rows = np.zeros((height, width * 3 + 1), np.uint8)  # the first byte of a row says: as they are
    rows[:, 1:] = bands.reshape(height, -1)
    metre = round(dpi / _INCH * 1000)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", metre, metre, 1)),
        (b"IDAT", zlib.compress(rows.tobytes(), 6)),
        (b"IEND", b""),
    )
    made = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def _geotiff(figure: Plate, path: Path, dpi: int) -> None:
    """The map without furniture; the resolution is written too, so that it prints at its scale."""
    import rasterio  # noqa: PLC0415 - half a second of imports that other formats do without
    from rasterio.io import MemoryFile  # noqa: PLC0415
    from rasterio.transform import from_bounds  # noqa: PLC0415

    if not isinstance(figure, Figure):
        raise LayersError("sheet.no_place")
    plane = figure.plane
    width, height = (round(side * figure.unit_m * 1000 / _INCH * dpi) for side in (plane.width, plane.height))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)  # a PNG has no place yet
        with MemoryFile(pixels(figure.map_svg, width, height, "#ffffff")) as memory, memory.open() as image:
            bands = image.read((1, 2, 3))
    profile = {
        "driver": "GTiff", "width": width, "height": height, "count": 3, "dtype": "uint8",
        "crs": rasterio.CRS.from_wkt(plane.crs.to_wkt()), "transform": from_bounds(*plane.extent, width, height),
        "compress": "deflate", "predictor": 2, "tiled": True, "photometric": "RGB",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(bands)
        target.update_tags(TIFFTAG_XRESOLUTION=dpi, TIFFTAG_YRESOLUTION=dpi, TIFFTAG_RESOLUTIONUNIT=2,
                           TIFFTAG_IMAGEDESCRIPTION=f"{figure.title}\n{figure.summary}".strip())  # fmt: skip


def _pdf(figure: Plate, path: Path, _dpi: int) -> None:
    path.write_bytes(_set(figure))


def _set(figure: Plate) -> bytes:
    """One page with the drawing on it as PDF: text stays text, fonts are embedded as far as they are used."""
    try:
        import typst  # noqa: PLC0415 - SVG does without
    except ImportError:
        raise LayersError("sheet.no_typst") from None
    page = f"width: {figure.width_mm:.6f}mm, height: {figure.height_mm:.6f}mm"
    source = (
        f"#set document(title: sys.inputs.title, date: none)\n#set page({page}, margin: 0mm)\n"
        f'#image("figure.svg", {page}, alt: sys.inputs.alt)\n'
    )
    inputs = {"title": figure.title, "alt": figure.summary or figure.title}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "figure.svg").write_text(figure.svg, encoding="utf-8")
        Path(folder, "figure.typ").write_text(source, encoding="utf-8")
        try:
            made: bytes = typst.compile(str(Path(folder, "figure.typ")), root=folder, format="pdf", sys_inputs=inputs)
        except RuntimeError as error:  # TypstError is one
            raise LayersError("sheet.not_set", said=str(error).splitlines()[0][:200]) from error
    return made


FORMATS: Mapping[str, Callable[[Plate, Path, int], None]] = {
    ".svg": _svg, ".pdf": _pdf, ".png": _png, ".tif": _geotiff, ".tiff": _geotiff,
}  # fmt: skip
"""What a figure can be written as, by suffix."""
