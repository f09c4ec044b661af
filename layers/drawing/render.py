"""A figure as a file: SVG as it is, PNG and PDF by Typst, a GeoTIFF of the map in its place."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from geo import files
from layers.drawing.sheet import Figure
from layers.model.errors import LayersError

LEAST_DPI, MOST_DPI = 36, 1200
MOST_PIXELS = 120_000_000
_INCH = 25.4


def write(figure: Figure, path: Path, dpi: int = 300) -> None:
    """Write a figure; the suffix says as what. The same figure always gives the same bytes.

    Args:
        figure: What to write.
        path: ``.svg``, ``.pdf``, ``.png``, or ``.tif`` for the map alone in the plan's metric CRS.
        dpi: Of PNG and GeoTIFF.

    Raises:
        LayersError: ``sheet.bad_format``, ``sheet.bad_dpi``, ``sheet.no_typst``, ``sheet.not_set``.
        GeoError: ``vector.not_written`` when the file cannot be written.
    """
    path = files.check_target(path)
    writer = FORMATS.get(path.suffix.lower())
    if writer is None:
        raise LayersError("sheet.bad_format", value=path.suffix or path.name, choices=list(FORMATS))
    pixels = figure.width_mm * figure.height_mm * (dpi / _INCH) ** 2
    if not LEAST_DPI <= dpi <= MOST_DPI or (writer in (_png, _geotiff) and pixels > MOST_PIXELS):
        raise LayersError("sheet.bad_dpi", value=dpi, low=LEAST_DPI, high=MOST_DPI, most=MOST_PIXELS // 10_000)
    with files.atomic_path(path) as temporary:
        writer(figure, temporary, dpi)


def _svg(figure: Figure, path: Path, _dpi: int) -> None:
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{figure.svg}\n', encoding="utf-8")


def _pdf(figure: Figure, path: Path, _dpi: int) -> None:
    path.write_bytes(_typeset(figure, figure.svg, (figure.width_mm, figure.height_mm), "pdf", 0))


def _png(figure: Figure, path: Path, dpi: int) -> None:
    path.write_bytes(_typeset(figure, figure.svg, (figure.width_mm, figure.height_mm), "png", dpi))


def _geotiff(figure: Figure, path: Path, dpi: int) -> None:
    """The map without furniture; the resolution is written too, so that it prints at its scale."""
    import rasterio  # noqa: PLC0415 - half a second of imports that other formats do without
    from rasterio.io import MemoryFile  # noqa: PLC0415
    from rasterio.transform import from_origin  # noqa: PLC0415

    plane = figure.plane
    size = plane.width * plane.unit_m * 1000, plane.height * plane.unit_m * 1000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)  # a PNG has no place yet
        with MemoryFile(_typeset(figure, figure.map_svg, size, "png", dpi)) as memory, memory.open() as image:
            bands = image.read((1, 2, 3))
    metres = plane.width / plane.metre / bands.shape[2], plane.height / plane.metre / bands.shape[1]
    profile = {
        "driver": "GTiff", "width": bands.shape[2], "height": bands.shape[1], "count": 3, "dtype": "uint8",
        "crs": rasterio.CRS.from_wkt(plane.crs.to_wkt()),
        "transform": from_origin(plane.east, plane.north, *metres),
        "compress": "deflate", "predictor": 2, "tiled": True, "photometric": "RGB",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(bands)
        target.update_tags(TIFFTAG_XRESOLUTION=dpi, TIFFTAG_YRESOLUTION=dpi, TIFFTAG_RESOLUTIONUNIT=2,
                           TIFFTAG_IMAGEDESCRIPTION=f"{figure.title}\n{figure.summary}".strip())  # fmt: skip


def _typeset(
    figure: Figure, drawing: str, size_mm: tuple[float, float], form: Literal["pdf", "png"], dpi: int
) -> bytes:
    """One page with the drawing on it; text stays text in a PDF, fonts are embedded as far as they are used."""
    try:
        import typst  # noqa: PLC0415 - SVG does without
    except ImportError:
        raise LayersError("sheet.no_typst") from None
    page = f"width: {size_mm[0]:.6f}mm, height: {size_mm[1]:.6f}mm"
    source = (
        f"#set document(title: sys.inputs.title, date: none)\n#set page({page}, margin: 0mm)\n"
        f'#image("figure.svg", {page}, alt: sys.inputs.alt)\n'
    )
    inputs = {"title": figure.title, "alt": figure.summary or figure.title}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "figure.svg").write_text(drawing, encoding="utf-8")
        Path(folder, "figure.typ").write_text(source, encoding="utf-8")
        try:
            made: bytes = typst.compile(
                str(Path(folder, "figure.typ")), root=folder, format=form, ppi=float(dpi or 144), sys_inputs=inputs
            )
        except RuntimeError as error:  # TypstError is one
            raise LayersError("sheet.not_set", said=str(error).splitlines()[0][:200]) from error
    return made


FORMATS: Mapping[str, Callable[[Figure, Path, int], None]] = {
    ".svg": _svg, ".pdf": _pdf, ".png": _png, ".tif": _geotiff, ".tiff": _geotiff,
}  # fmt: skip
"""What a figure can be written as, by suffix."""
