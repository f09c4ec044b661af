"""GeoParquet 1.1, by pyarrow, which is heavy and therefore an extra."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd

from layers.edition.formats.part import Part, Remarks

NOTICE = "notice"
"""Key of the file's metadata that holds what it says of itself, as JSON."""


def write_parquet(part: Part, folder: Path) -> Remarks:
    """A file for each layer, with the covering boxes of GeoParquet 1.1; a layer without geometry is plain Parquet."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra: there only when somebody asks for the format

    for name in part.frames:
        frame, held = part.shapes(name), io.BytesIO()
        if part.geometry(name) == "none":
            pd.DataFrame(frame.drop(columns="geometry")).to_parquet(held, engine="pyarrow", index=False)
        else:
            frame.to_parquet(held, index=False, schema_version="1.1.0", write_covering_bbox=True)
        held.seek(0)
        table = pq.read_table(held)
        said = {"title": part.title(name), NOTICE: json.dumps(part.notice.record(), ensure_ascii=False)}
        encoded = {key: text.encode("utf-8", "replace") for key, text in said.items()}
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), **encoded})
        pq.write_table(table, folder / f"{part.file(name)}.parquet", compression="zstd")
    return []
