"""The bytes of an edition's file, for processes that read it again and hold it whole: without its vast layers.

Styles, metadata and the QGIS project are for those who open the file elsewhere. To write them takes twice as long as
the rest, so that a file made for such a process has none.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from layers.edition import file as editions
from layers.edition.lightened import lightened
from layers.edition.store import Store
from layers.model.errors import LayersError
from webmap.serving.context import Context


def vast_layers(ctx: Context) -> dict[str, int]:
    """The layers that such a process does not get, with how many features each has."""
    return {name: ctx.store.count(name) for name in ctx.store.layers if ctx.store.vast(name) is not None}


def light(ctx: Context) -> Store:
    """The edition as such a process has it; the very store where no layer is vast."""
    vast = vast_layers(ctx)
    if not vast:
        return ctx.store
    return ctx.part("light", lambda store: Store(lightened(store.edition, vast)))


def not_drawn(ctx: Context, layer: str) -> LayersError:
    """What is said to who asks for a vast layer to be drawn, or for one of its features."""
    return LayersError("vast.drawn", layer=layer, count=f"{ctx.store.count(layer):,}")


def edition_bytes(ctx: Context) -> bytes:
    """The bytes of the edition's file; for the public, of what may go out."""
    edition = light(ctx).edition

    def write(path: Path) -> None:
        editions.write(edition, path, bare=True)

    if edition is not ctx.store.edition:  # made once for figures and documents
        return ctx.shelf.get(f"{ctx.stamp}-light.gpkg", write)
    if ctx.snapshot is not None and not ctx.settings.publication.public:
        return ctx.snapshot.bytes()
    with tempfile.TemporaryDirectory(dir=ctx.shelf.path) as folder:
        path = Path(folder, "edition.gpkg")
        write(path)
        return path.read_bytes()
