"""Make the pictures in ``docs/``: ``python -m tools.screenshots [NAME …]``, by default all."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from layers.edition.file import read
from tools.local import PLAN, ROOT, build, chromium, serving

DOCS = ROOT / "docs"
DESK = (1440, 900)
PHONE = (390, 844)


@dataclass(frozen=True)
class Shot:
    """One picture.

    Attributes:
        name: File name without ``.png``.
        path: What is opened.
        size: Width and height of the window, px.
        ready: Whether the page draws a map, and says so when it is drawn.
        click: What is pressed then, or "".
        shows: What appears when it has been pressed.
    """

    name: str
    path: str
    size: tuple[int, int] = DESK
    ready: bool = True
    click: str = ""
    shows: str = ""


NOTES = (
    "notes=gb:120.2,30.1,120.3,30.1,120.3,30.2:%E6%8B%9F%E8%B0%83%E6%95%B4%E8%8C%83%E5%9B%B4"
    ";ar:120.35,30.05,120.28,30.12:%E8%BF%9E%E6%8E%A5;nr:120.24,30.18:%E5%85%88%E5%BC%80%E5%B7%A5;nr:120.4,30.2:"
    ";pg:120.15,30.02:%E7%8E%B0%E5%9C%BA;tk:120.34,29.98:%E8%AE%A8%E8%AE%BA%E7%A8%BF"
)
"""Notes as links have them: an area, an arrow, two numbers, a place, a text."""

SHOTS = (
    Shot("start-zh", "/start?lang=zh", ready=False),
    Shot("map-zh", "/?lang=zh"),
    Shot("map-en", "/?lang=en"),
    Shot("transport-zh", "/?view=transport&lang=zh"),
    Shot("ecology-zh", "/?view=ecology&lang=zh"),
    Shot("card-zh", "/?lang=zh#map=12.5/30.135/120.235&sel=pole/xianghu"),
    Shot("overlay-zh", "/?view=indicators&lang=zh#ind=metro_length_operating:township:quantiles&panel=indicators"),
    Shot("overlay-en", "/?view=indicators&lang=en#ind=area_km2:zone:quantiles&panel=indicators"),
    Shot("surface-zh", "/?view=transport&lang=zh#surf=station_building:0.8", size=(1200, 760)),
    Shot("projects-zh", "/?view=projects&lang=zh#map=12.5/30.2/120.28"),
    Shot("claims-zh", "/claims?lang=zh", ready=False),
    Shot("embed-zh", "/embed/overview?lang=zh", size=(900, 620)),
    Shot("share-zh", "/?view=transport&lang=zh", click="#pm-btn-share", shows=".pm-live iframe"),
    Shot("notes-zh", f"/?lang=zh#{NOTES}", click=".pm-tool-notes", shows=".pm-notes"),
    Shot("phone-zh", "/?lang=zh", size=PHONE),
    Shot("phone-en", "/?lang=en#sel=pole/xianghu", size=PHONE),
)

FIGURES = {"figure": ("overview", "--dpi", "96")}
"""What `planmap figure` draws, by name."""

PAGES = {"report": ("report", 4), "atlas": ("atlas", 33)}
"""Pages of what `planmap report` and `planmap atlas` write as PDF, by name: the command, and the page."""
PAGE_SCALE = 1.0
"""Pixels of a point."""

# The embed as a reader meets it: a frame in a page of text.
REPORT = """<!doctype html><html lang="zh"><meta charset="utf-8"><style>
body {{ margin: 0 auto; max-width: 860px; padding: 28px 20px; background: white; color: #222;
font: 16px/1.8 "Noto Serif CJK SC", serif; }}
h1 {{ font-size: 22px; }} iframe {{ border: 1px solid #ccc; width: 100%; height: 440px; }}
small {{ color: #666; }}
</style><h1>空间布局</h1><iframe src="{url}"></iframe><small>图 1　空间布局示意图（交互）</small></html>"""


MAP_ALONE = """() => {
    const hide = (one) => { one.style.display = 'none'; };
    document.querySelectorAll('.leaflet-control-container').forEach(hide);
    for (let at = document.querySelector('.leaflet-container'); at !== document.body; at = at.parentElement)
        [...at.parentElement.children].filter((one) => one !== at && !one.matches("script, .pm-defs")).forEach(hide);
}"""
BESIDE = "qgis-zh"
"""The page beside QGIS: the same place at the same scale."""
BESIDE_VIEW, BESIDE_SIZE = "overview", (760, 760)
BESIDE_AT = (11, 30.12, 120.36)
PYQGIS = "/usr/bin/python3"
"""Debian's, which has QGIS' modules."""


def main() -> None:
    """Build, serve, open, take the pictures."""
    wanted = set(sys.argv[1:])
    shots = [shot for shot in SHOTS if not wanted or shot.name in wanted]
    if unknown := wanted - {BESIDE, *FIGURES, *PAGES, *(shot.name for shot in SHOTS)}:
        raise SystemExit(f"No such picture: {', '.join(sorted(unknown))}")
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # The project in an edition looks for its layers under this name.
        edition = build(PLAN, Path(folder) / f"{PLAN.name}.gpkg")
        with serving(edition) as url, chromium() as browser:
            faults = [fault for shot in shots for fault in take(browser, url, shot)]
            if not wanted or BESIDE in wanted:
                beside(browser, url, edition)
        for name, (view, *options) in FIGURES.items():
            if not wanted or name in wanted:
                command = [Path(sys.executable).with_name("planmap"), "figure", view, edition, *options]
                subprocess.run([*map(str, command), "-o", str(DOCS / f"{name}.png")], check=True)
        for name, (command_name, number) in PAGES.items():
            if not wanted or name in wanted:
                document(command_name, edition, DOCS / f"{name}.png", number)
    if faults:
        raise SystemExit("\n".join(faults))


def document(command: str, edition: Path, picture: Path, number: int) -> None:
    """Write a document and take a picture of one of its pages."""
    import pypdfium2
    import rasterio

    made = edition.with_name(f"{command}.pdf")
    planmap = [sys.executable, "-c", "from webmap.cli import main; main()"]
    subprocess.run([*planmap, command, str(edition), "-o", str(made), "--address", "https://maps.example"], check=True)
    page = pypdfium2.PdfDocument(made)[number - 1]
    pixels = page.render(scale=PAGE_SCALE, rev_byteorder=True).to_numpy()[:, :, :3]
    height, width, _bands = pixels.shape
    with rasterio.open(picture, "w", driver="PNG", width=width, height=height, count=3, dtype="uint8") as target:
        target.write(pixels.transpose(2, 0, 1))
    picture.with_name(f"{picture.name}.aux.xml").unlink(missing_ok=True)
    print(picture.relative_to(ROOT), flush=True)


def beside(browser: Browser, url: str, edition: Path) -> None:
    """Take the page and QGIS side by side; where there is no QGIS the picture stays as it is."""
    if subprocess.run([PYQGIS, "-c", "import qgis.core"], capture_output=True, check=False).returncode:
        print(f"docs/{BESIDE}.png: no PyQGIS", flush=True)
        return
    width, height = BESIDE_SIZE
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{url}/embed/{BESIDE_VIEW}?lang=zh#map={'/'.join(map(str, BESIDE_AT))}")
    page.wait_for_function("() => window.__ready === true", timeout=60_000)
    # The map alone: what lies on it would hide half of a small picture.
    page.evaluate(MAP_ALONE)
    page.wait_for_timeout(600)
    shot = edition.with_name("page.png")
    page.screenshot(path=shot)
    context.close()
    theme = next(one["name"] for one in read(edition).meta["views"] if one["id"] == BESIDE_VIEW)
    script, out = Path(__file__).with_name("qgis_beside.py"), DOCS / f"{BESIDE}.png"
    place = [edition, PLAN.name, theme, *map(str, BESIDE_AT)]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "GDAL", "PROJ"))}
    env |= {"QT_QPA_PLATFORM": "offscreen", "HOME": str(edition.parent), "XDG_RUNTIME_DIR": str(edition.parent)}
    subprocess.run([PYQGIS, script, *place, shot, out], env=env, check=True, stderr=subprocess.DEVNULL)
    print(f"docs/{BESIDE}.png", flush=True)


def take(browser: Browser, url: str, shot: Shot) -> list[str]:
    """Take one picture; gives what the page complained about."""
    width, height = shot.size
    phone = shot.size == PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
        locale="zh-CN",
        reduced_motion="reduce",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    if shot.path.startswith("/embed"):
        # Under an address of this machine: Chromium lets no other page frame what runs here.
        report = REPORT.format(url=url + shot.path)
        page.route("**/report", lambda route: route.fulfill(body=report, content_type="text/html; charset=utf-8"))
        page.goto(url + "/report")
        frame = next(frame for frame in page.frames if frame.parent_frame)
        frame.wait_for_function("() => window.__ready === true", timeout=20_000)
    else:
        page.goto(url + shot.path)
        if shot.ready:
            page.wait_for_function("() => window.__ready === true", timeout=20_000)
    if shot.click:
        page.click(shot.click)
        page.wait_for_selector(shot.shows)
        for frame in page.frames[1:]:
            frame.wait_for_function("() => window.__ready === true", timeout=60_000)
    else:
        page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)  # panels slide, names settle
    page.screenshot(path=DOCS / f"{shot.name}.png")
    print(f"docs/{shot.name}.png", flush=True)
    context.close()
    return [f"{shot.name}: {fault}" for fault in faults]


if __name__ == "__main__":
    main()
