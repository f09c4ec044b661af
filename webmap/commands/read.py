"""``planmap read``: a plan's text into a plan folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geo.messages import plain
from webmap.commands._common import FINE, errors_shown, json_option, lang_option, plan_folder, word

if TYPE_CHECKING:
    from layers.document.clauses import Text
    from layers.document.source import Document


@click.command(help=word("cli.read.help"), short_help=word("cli.read.short", "en"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--plan", type=click.Path(path_type=Path), help=word("cli.read.plan", "en"))
@click.option("--text-only", is_flag=True, help=word("cli.read.text_only", "en"))
@click.option("--dry-run", is_flag=True, help=word("cli.read.dry_run", "en"))
@lang_option
@json_option
def read(file: Path, plan: Path | None, *, text_only: bool, dry_run: bool, lang: str, as_json: bool) -> None:
    """Read a plan's text."""
    with errors_shown(lang):
        document, text = _read(file)
        folder, _data = plan_folder(plan, None)
        from layers.document.keeping import keep_text  # noqa: PLC0415

        kept = keep_text(folder, text, file.name, dry_run=dry_run)
    report = {"file": str(file), **_said(document, text), "folder": str(folder), "clauses": kept.clauses,
              "characters": kept.characters, "files": list(kept.files), "written": bool(kept.number)}  # fmt: skip
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        key = "cli.read.kept" if kept.number else "cli.read.would_keep" if kept.files else "cli.read.same"
        lines = [*_remarks(document, lang), word(key, lang, folder=str(folder), clauses=kept.clauses,
                 characters=kept.characters, count=len(kept.files))]  # fmt: skip
        click.echo("\n".join(lines))
    sys.exit(FINE)


def _read(file: Path) -> tuple[Document, Text]:
    """The document, and its text in clauses.

    Raises:
        LayersError: ``document.…``.
    """
    from layers.document.clauses import clauses  # noqa: PLC0415 - only when something is read
    from layers.document.source import read_document  # noqa: PLC0415

    document = read_document(file)
    return document, clauses(document.blocks)


def _said(document: Document, text: Text) -> dict[str, Any]:
    """What was read, for programs."""
    return {
        "form": document.form,
        "remarks": [{"key": one.key, **{lang: one.text(lang) for lang in ("zh", "en")}} for one in document.remarks],
        "doubts": list(text.doubts),
    }


def _remarks(document: Document, lang: str) -> list[str]:
    return [plain(one.text(lang), lang) for one in document.remarks]
