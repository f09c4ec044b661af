"""The bytes of an edition's file, for processes that read it again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from layers.edition import export
from layers.model.errors import LayersError
from webmap.serving.context import Context


def edition_bytes(ctx: Context) -> bytes:
    """The bytes of the edition's file; for the public, of what may go out.

    Raises:
        LayersError: ``vast.drawn``: who draws it would need it whole, and it has a layer that is too large.
    """
    vast = next((name for name in ctx.store.layers if ctx.store.vast(name) is not None), None)
    if vast is not None:
        raise LayersError("vast.drawn", layer=vast, count=f"{ctx.store.count(vast):,}")
    if ctx.snapshot is not None and not ctx.settings.publication.public:
        return ctx.snapshot.bytes()
    edition = ctx.store.edition
    with tempfile.TemporaryDirectory(dir=ctx.shelf.path) as folder:
        path = Path(folder, "edition.gpkg")
        export.export(edition, export.ALL, "gpkg", export.crs_codes(edition)[0], path)
        return path.read_bytes()
