"""``planmap import osm``: its options, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webmap.commands._common import table, word
from webmap.commands._imports import effects_text, made, noted, notes_of, option, together, told, written_of

if TYPE_CHECKING:
    from layers.imports.accepted import OsmReport
    from layers.imports.request import Request

MOST = 200
"""Rows that are told in a terminal."""


osm_options = together(
    option("--accuracy", "accuracy", type=click.FloatRange(0.01, 10_000.0)),
    option("--tolerance", "tolerance", type=click.FloatRange(0.0, 500.0), default=20.0, show_default=True),
    option("--dry-run", "dry_run", is_flag=True),
    option("--force", "force", is_flag=True),
)
"""What can be said of an extract."""


def osm_request(file: Path, given: Mapping[str, Any]) -> Request:
    """What the user stated, from the options."""
    from layers.imports.request import Request  # noqa: PLC0415 - only when something is imported

    return Request(file=file, accuracy_m=given["accuracy"], tolerance_m=given["tolerance"], force=given["force"])


def show_osm(make: Callable[[], OsmReport], lang: str, *, as_json: bool) -> None:
    """Run it and tell; exit with 1 when the plan folder would have errors."""
    told(made(make, lang), _as_dict, _text, lang, as_json=as_json)


def _as_dict(report: OsmReport) -> dict[str, Any]:
    """Everything, for programs; shapes as WKT in degrees."""
    return {
        "file": report.file, "things": report.things,
        "candidates": [{**asdict(one), "shape": one.shape.wkt} for one in report.candidates],
        "broken": [asdict(one) for one in report.broken], "taken": list(report.taken),
        "notes": notes_of(report),
        "effects": None if report.effects is None else report.effects.as_dict(),
        **written_of(report),
    }  # fmt: skip


def _text(report: OsmReport, lang: str) -> str:
    from webmap.admin.told import osm_broken, osm_heads, osm_row  # noqa: PLC0415 - only when something is told

    parts = [word("cli.import.osm.found", lang, file=report.file, things=report.things, count=len(report.candidates))]
    if report.candidates:
        rows = [osm_heads(lang)]
        rows += [osm_row(one, lang) for one in report.candidates[:MOST]]
        more = len(report.candidates) - MOST
        parts.append(table(rows) + ("\n" + word("cli.import.more", lang, count=more) if more > 0 else ""))
    if report.broken:
        lines = [word("cli.import.osm.broken", lang, count=len(report.broken))]
        lines += ["  " + osm_broken(one, lang) for one in report.broken[:MOST]]
        if len(report.broken) > MOST:
            lines.append(word("cli.import.more", lang, count=len(report.broken) - MOST))
        parts.append("\n".join(lines))
    parts += [noted(one, lang) for one in report.notes]
    if report.effects is not None:
        parts.append(effects_text(report.effects, lang))
    if report.number:
        parts.append(word("cli.import.done", lang, files=list(report.files), number=report.number))
    else:
        key = "cli.import.looked" if report.taken else "cli.import.osm.nothing"
        parts.append(word(key, lang, files=list(report.files)))
    return "\n\n".join(parts)
