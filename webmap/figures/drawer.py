"""A process that draws figures one after another; started by ``webmap.figures.pool``, spoken to through its pipes.

A question is a line of JSON, ``{"stamp", "asked", "suffix", "dpi", "mark", "entered"}``; what was entered into a ledger
goes with the question, as the edition is kept and the ledger goes on. When the process does not know the
edition, it answers ``{"need": true}`` and gets ``{"size"}`` and the file's bytes. The answer is ``{"size"}`` and the
figure's bytes, or ``{"key", "params"}`` of an error of ours.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import tempfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from geo.errors import PlanmapError
from layers.drawing import asked as asking
from layers.drawing import render
from layers.drawing.asked import Asked
from layers.drawing.figure import Figure
from layers.drawing.plate import Plate
from layers.drawing.watermark import marked
from layers.edition.entered import Entered, with_entered
from layers.edition.file import read
from layers.edition.store import Store
from layers.style.icons import icon_paths

KEPT = 2
"""Editions that the process keeps open."""
IDLE_S = 300.0
"""Without a question for so long it ends, and gives its memory back."""
COURTESY = 10
"""It steps back behind whoever answers requests."""


def main() -> None:
    """Answer questions until the other end is gone."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    os.nice(COURTESY)
    most = int(sys.argv[2]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server; without it the pipe ends
    with suppress(BrokenPipeError):  # nobody waits for the answer any more
        _answer(source, target)
    with suppress(BrokenPipeError):
        target.close()


def _answer(source: BinaryIO, target: BinaryIO) -> None:
    """Answer questions; what is cut off is of one who has gone."""
    stores: OrderedDict[str, Store] = OrderedDict()
    while select.select([source], [], [], IDLE_S)[0]:
        line = source.readline()
        if not line.endswith(b"\n"):
            return
        question = json.loads(line)
        try:
            store = _store(stores, question["stamp"], source, target)
            if store is None:
                return
            if question["entered"]:
                store = with_entered(store, Entered.read(question["entered"]))
            body = made(store, Asked(**question["asked"]), question["suffix"], question["dpi"], question["mark"])
        except PlanmapError as error:
            _say(target, {"key": error.key, "params": {name: _plain(value) for name, value in error.params.items()}})
            continue
        _say(target, {"size": len(body)}, body)


def made(store: Store, asked: Asked, suffix: str, dpi: int, mark: str = "") -> bytes:
    """A figure's bytes; for ``.json`` what it shows in words and numbers.

    Args:
        store: The edition.
        asked: What it is to be.
        suffix: Its format.
        dpi: Of PNG and GeoTIFF.
        mark: A watermark, or "".

    Raises:
        LayersError: It cannot be drawn.
    """
    plate = marked(asking.draw(store, asked, icon_paths()), mark)
    if suffix == ".json":
        return json.dumps(described(plate, store.hash), ensure_ascii=False, separators=(",", ":")).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"figure{suffix}")
        render.write(plate, path, dpi)
        return path.read_bytes()


def described(plate: Plate, edition: str) -> dict[str, Any]:
    """A figure in words and numbers: title, size, scale (of one map), summary, and the table that is worth as much."""
    return {
        "title": plate.title, "width_mm": plate.width_mm, "height_mm": plate.height_mm,
        "scale": round(plate.denominator) if isinstance(plate, Figure) else None,
        "summary": plate.summary, "columns": plate.account.columns, "rows": plate.account.rows, "edition": edition,
    }  # fmt: skip


def _store(stores: OrderedDict[str, Store], stamp: str, source: BinaryIO, target: BinaryIO) -> Store | None:
    """The edition of a stamp, read when it is new; None when whoever asked has gone."""
    if stamp not in stores:
        _say(target, {"need": True})
        head = source.readline()
        data = source.read(json.loads(head)["size"]) if head.endswith(b"\n") else b""
        if not head.endswith(b"\n") or len(data) < json.loads(head)["size"]:
            return None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "edition.gpkg")
            path.write_bytes(data)
            stores[stamp] = Store(read(path))
        while len(stores) > KEPT:
            stores.popitem(last=False)
    stores.move_to_end(stamp)
    return stores[stamp]


def _say(target: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    target.write(json.dumps(head).encode() + b"\n" + body)
    target.flush()


def _plain(value: Any) -> Any:
    return (
        list(value)
        if isinstance(value, list | tuple)
        else value
        if isinstance(value, str | int | float)
        else str(value)
    )
