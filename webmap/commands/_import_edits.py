"""``planmap import edits``: its options, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webmap.commands._common import word
from webmap.commands._imports import made, notes_of, option, shown, together, told, written_of

if TYPE_CHECKING:
    from layers.imports.edited import EditReport
    from layers.imports.request import Request


edit_options = together(
    option("--basis", "basis_of_edits", default="surveyed", show_default=True),
    option("--accuracy", "accuracy_of_edits", type=click.FloatRange(0.01, 10_000.0)),
    option("--source", "source", default=""),
    option("--source-date", "source_date", default=""),
    option("--tolerance", "tolerance", type=click.FloatRange(0.0, 500.0), default=20.0, show_default=True),
    option("--repair", "repair", is_flag=True),
    option("--dry-run", "dry_run", is_flag=True),
    option("--force", "force_edits", is_flag=True),
)
"""What can be said of edits."""


def edit_request(file: Path, given: Mapping[str, Any]) -> Request:
    """What the user stated, from the options."""
    from layers.imports.request import Request, Source  # noqa: PLC0415 - only when something is imported

    return Request(
        file=file, basis=given["basis"], accuracy_m=given["accuracy"], tolerance_m=given["tolerance"],
        repair=given["repair"], force=given["force"], source=Source(given["source"], date=given["source_date"]),
    )  # fmt: skip


def show_edits(make: Callable[[], EditReport], lang: str, *, as_json: bool) -> None:
    """Bring edits back and tell what happens; exit with 1 when some are in conflict or the folder would have errors."""
    report = made(make, lang)
    conflicts = any(one.conflict and (one.id or one.name) not in report.taken for one in report.edits)
    told(report, _as_dict, _text, lang, as_json=as_json, failed=conflicts)


def _as_dict(report: EditReport) -> dict[str, Any]:
    """Everything, for programs; shapes as WKT in degrees."""
    edits = [{**asdict(one), "shape": None if one.shape is None else one.shape.wkt} for one in report.edits]
    return {
        "file": report.file, "base": report.base, "current": report.current, "edits": edits,
        "taken": list(report.taken),
        "notes": notes_of(report),
        "effects": None if report.effects is None else report.effects.as_dict(),
        **written_of(report),
    }  # fmt: skip


def _text(report: EditReport, lang: str) -> str:
    from webmap.admin.told import edit_sections  # noqa: PLC0415 - only when something is told

    parts = shown(edit_sections(report, lang), lang)
    if not report.edits:
        return parts[0]
    if report.number:
        parts.append(word("cli.import.done", lang, files=list(report.files), number=report.number))
    else:
        key = "cli.import.looked" if report.taken else "cli.import.nothing_taken"
        parts.append(word(key, lang, files=list(report.files)))
    return "\n\n".join(parts)
