"""Pictures drawn by many threads at once are those that one draws alone, and leave nothing behind."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import psutil
from web_edition import make_edition

from layers.drawing import svg
from layers.drawing.sheet import pixels
from webmap.app import create_app

THREADS = 8
_MAP = "/ogc/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&STYLES=&CRS=CRS:84&FORMAT=image/png&LAYERS={}&{}"
_LAYERS = ("zones", "townships,expressways", "district,zones,hubs", "hubs")
_BOXES = (
    "WIDTH=256&HEIGHT=256&BBOX=120,30,120.3,30.3",
    "WIDTH=700&HEIGHT=300&BBOX=120.05,30.05,120.4,30.2",
    "WIDTH=64&HEIGHT=64&BBOX=119.9,29.9,120.6,30.6",
    "WIDTH=512&HEIGHT=640&BBOX=120.1,30.1,120.12,30.125",
)


def test_many_threads_draw_what_one_draws(tmp_path: Path) -> None:
    asked = [_MAP.format(*one) for one in product(_LAYERS, _BOXES)]

    def drawn(app: object, address: str) -> bytes:
        answer = app.test_client().get(address)  # type: ignore[attr-defined]
        assert answer.status_code == 200
        return bytes(answer.data)

    alone, together = (
        create_app({"PLANMAP_CACHE_DIR": str(tmp_path / name)}, edition=make_edition()) for name in ("a", "b")
    )
    wanted = [drawn(alone, address) for address in asked]
    assert len(set(wanted)) > len(asked) // 2  # not all blank
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(lambda address: drawn(together, address), asked)) == wanted


def test_drawing_leaves_no_memory_behind() -> None:
    paths = "".join(svg.tag("path", d=f"M{x} 0L{x} 400Z", stroke="#123456", stroke_width=2) for x in range(0, 400, 5))
    made = svg.document(paths + svg.tag("text", "萧山区", x=20, y=80, font_size=40, fill="#000000"), 400, 400, "")
    process = psutil.Process()
    with ThreadPoolExecutor(THREADS) as pool:
        first = set(pool.map(lambda _number: pixels(made, 400, 400), range(40)))
        before = process.memory_info().rss
        assert set(pool.map(lambda _number: pixels(made, 400, 400), range(200))) == first
    assert len(first) == 1
    assert process.memory_info().rss - before < 200 * 400 * 400 * 4 / 4  # a quarter of the pixels
