"""``geo.picture``: every kind of picture becomes the same upright RGB; what is hostile or broken is refused."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image, ImageOps

from geo import picture as picture_module
from geo.errors import GeoError
from geo.picture import look, upright

WIDE, HIGH = 700, 340


def drawing(width: int = WIDE, height: int = HIGH) -> Any:
    """A picture with a different colour in each corner, and nothing symmetrical."""
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    pixels = np.dstack([across, down, np.full_like(across, 60)]).astype(np.uint8)
    pixels[20:60, 30:200] = (250, 20, 20)
    return Image.fromarray(pixels)


def made(tmp_path: Path, name: str, picture: Any, **options: Any) -> Path:
    path = tmp_path / name
    picture.save(path, **options)
    return path


def read(path: Path, tmp_path: Path, **options: Any) -> Any:
    target = tmp_path / "upright.tif"
    looked = upright(path, target, **options)
    with rasterio.open(target) as source:
        assert (source.count, source.dtypes[0]) == (3, "uint8")
        assert (source.width, source.height) == (looked.width, looked.height)
        return source.read().transpose(1, 2, 0)


def far(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)).mean())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_orientation_is_applied_once(
    tmp_path: Path, orientation: int, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow turns it likewise; strips smaller than the picture must come to the right place."""
    monkeypatch.setattr(picture_module, "_STRIP_PIXELS", 16_000)
    picture = drawing(260, 340)
    exif = Image.Exif()
    exif[274] = orientation
    path = made(tmp_path, f"turned.{suffix}", picture, exif=exif)
    wanted = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    assert look(path).orientation == orientation
    found = read(path, tmp_path)
    assert found.shape == wanted.shape
    assert far(found, wanted) < 1
    assert look(tmp_path / "upright.tif").orientation == 1


def kinds(tmp_path: Path) -> dict[str, Path]:
    picture = drawing()
    clear = picture.convert("RGBA")
    clear.putalpha(Image.fromarray(np.full((HIGH, WIDE), 255, dtype=np.uint8)))
    deep = (np.asarray(picture.convert("L")).astype(np.uint16)) << 8
    return {
        "rgb.png": made(tmp_path, "rgb.png", picture),
        "rgba.png": made(tmp_path, "rgba.png", clear),
        "palette.png": made(tmp_path, "palette.png", picture.quantize(256)),
        "cmyk.jpg": made(tmp_path, "cmyk.jpg", picture.convert("CMYK"), quality=95),
        "cmyk.tif": made(tmp_path, "cmyk.tif", picture.convert("CMYK")),
        "progressive.jpg": made(tmp_path, "progressive.jpg", picture, progressive=True, quality=95),
        "grey.jpg": made(tmp_path, "grey.jpg", picture.convert("L"), quality=95),
        "deep.tif": made(tmp_path, "deep.tif", Image.fromarray(deep)),
        "bits.png": made(tmp_path, "bits.png", picture.convert("1")),
        "bits.tif": made(tmp_path, "bits.tif", picture.convert("1")),
        "lzw.tif": made(tmp_path, "lzw.tif", picture, compression="tiff_lzw"),
        "jpeg.tif": made(tmp_path, "jpeg.tif", picture, compression="jpeg", quality=95),
    }


def test_every_kind_becomes_the_same_colours(tmp_path: Path) -> None:
    """As Pillow sees them; CMYK without a profile is a formula that all share."""
    off = {}
    for name, path in kinds(tmp_path).items():
        picture = Image.open(path)
        wanted = picture.convert("RGB")
        if name == "deep.tif":
            wanted = drawing().convert("L").convert("RGB")
        off[name] = round(far(read(path, tmp_path), wanted), 1)
    assert {name: value for name, value in off.items() if value > 3} == {}


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (60, 40), (200, 0, 0, 0))
    clear.putpixel((3, 2), (200, 0, 0, 255))
    found = read(made(tmp_path, "clear.png", clear), tmp_path)
    assert found[0, 0].tolist() == [255, 255, 255]
    assert found[2, 3].tolist() == [200, 0, 0]


def test_white_is_nought(tmp_path: Path) -> None:
    """A TIFF whose 0 is white, by its own tag."""
    path = made(tmp_path, "white.tif", Image.fromarray(np.full((40, 50), 10, dtype=np.uint8)), tiffinfo={262: 0})
    assert read(path, tmp_path)[5, 5].tolist() == [10, 10, 10]  # Pillow writes 245, white being nought


def test_twelve_bits_in_sixteen(tmp_path: Path) -> None:
    deep = np.full((40, 50), 4095, dtype=np.uint16)
    deep[:20] = 2048
    found = read(made(tmp_path, "twelve.tif", Image.fromarray(deep)), tmp_path)
    assert found[30, 5, 0] == 255
    assert abs(int(found[5, 5, 0]) - 128) <= 1


def test_resolution_is_read(tmp_path: Path) -> None:
    found = {name: look(made(tmp_path, name, drawing(), dpi=(300, 300))).dpi for name in ("a.png", "a.jpg", "a.tif")}
    assert found == {"a.png": 300, "a.jpg": 300, "a.tif": 300}
    assert look(made(tmp_path, "none.png", drawing())).dpi is None


def pdf(tmp_path: Path, pages: int = 1) -> Path:
    pictures = [drawing() for _ in range(pages)]
    path = tmp_path / "sheet.pdf"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], resolution=100)
    return path


def locked_pdf() -> bytes:
    """A page that opens with a password only: the head of encryption says so, and no password makes these numbers."""
    secret = b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"4a" * 32 + b">/U<" + b"5b" * 32 + b">>>"
    things = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
              b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>", secret]  # fmt: skip
    written, places = b"%PDF-1.4\n", []
    for number, thing in enumerate(things, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + (
        b"xref\n0 5\n0000000000 65535 f \n%strailer\n<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (table, len(written))
    )


def test_a_page_of_a_pdf(tmp_path: Path) -> None:
    """700 by 340 pixels at 100 an inch are 7 by 3.4 inches; at 200 an inch twice as many pixels."""
    path = pdf(tmp_path, pages=3)
    looked = look(path, page=2, dpi=200)
    assert (looked.kind, looked.width, looked.pages) == ("pdf", 1400, 3)
    assert looked.height in (680, 681)  # a part of a pixel is one
    found = read(path, tmp_path, page=2, dpi=200)
    assert far(found[:680:2, ::2], drawing()) < 6


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int, interlaced: int = 0) -> bytes:
    """A head that promises so many pixels, and data that hold none of them."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def bad(tmp_path: Path) -> dict[str, tuple[bytes, dict[str, Any]]]:
    jpeg = io.BytesIO()
    drawing().save(jpeg, "JPEG")
    floats = io.BytesIO()
    Image.fromarray(np.zeros((5, 5), dtype=np.float32)).save(floats, "TIFF")
    one_page = pdf(tmp_path).read_bytes()
    return {
        "picture.unknown": (b"GIF89a" + bytes(50), {}),
        "picture.large": (png_of(60_000, 60_000), {}),
        "picture.interlaced": (png_of(9_000, 9_000, interlaced=1), {}),
        "picture.broken": (jpeg.getvalue()[:120], {}),
        "picture.bands": (floats.getvalue(), {}),
        "picture.pdf_page": (one_page, {"page": 4, "dpi": 100}),
        "picture.pdf_dpi": (one_page, {}),
        "picture.pdf_locked": (locked_pdf(), {"dpi": 100}),
    }


def test_what_cannot_be_used_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    for key, (raw, options) in bad(tmp_path).items():
        path = tmp_path / "bad.bin"
        path.write_bytes(raw)
        with pytest.raises(GeoError) as caught:
            look(path, **options)
        assert caught.value.key == key
        assert "bad.bin" in caught.value.message("zh")
        assert caught.value.remedy("en")
    with pytest.raises(GeoError) as caught:
        look(tmp_path / "nowhere.png")
    assert caught.value.key == "picture.missing"


def test_a_picture_that_ends_too_early_is_broken(tmp_path: Path) -> None:
    path = made(
        tmp_path, "cut.png", Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 300, 3), dtype=np.uint8))
    )
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(GeoError) as caught:
        read(path, tmp_path)
    assert caught.value.key == "picture.broken"


def test_a_place_of_its_own_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "placed.tif"
    profile = {"driver": "GTiff", "width": 50, "height": 40, "count": 3, "dtype": "uint8"}
    with rasterio.open(
        path, "w", crs="EPSG:4549", transform=rasterio.Affine(5, 0, 5e5, 0, -5, 3.3e6), **profile
    ) as sink:
        sink.write(np.zeros((3, 40, 50), dtype=np.uint8))
    own = look(path).own
    assert own is not None
    assert own[1] == (5, 0, 5e5, 0, -5, 3.3e6)


def test_neighbours_of_a_picture_are_not_read(tmp_path: Path) -> None:
    """A world file or a description beside it says nothing: it may belong to another picture."""
    path = made(tmp_path, "sheet.png", drawing())
    (tmp_path / "sheet.pgw").write_text("5\n0\n0\n-5\n500000\n3300000\n")
    (tmp_path / "sheet.png.aux.xml").write_text("<PAMDataset><SRS>EPSG:4549</SRS></PAMDataset>")
    assert look(path).own is None
