"""``planmap read``: a plan's text into a plan folder."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.messages import plain
from webmap.commands._common import FINE, WRONG_USE, errors_shown, json_option, lang_option, plan_folder, table, word

if TYPE_CHECKING:
    from layers.document.clauses import Text
    from layers.document.draft import Given
    from layers.document.keeping import Kept
    from layers.document.source import Document
    from layers.document.writing import Written

Command = TypeVar("Command", bound=Callable[..., Any])


def _option(name: str, key: str, **rest: Any) -> Callable[[Command], Command]:
    return click.option(name, help=word(f"cli.read.{key}", "en"), **rest)


@click.command(help=word("cli.read.help"), short_help=word("cli.read.short", "en"))
@click.argument("file", type=click.Path(path_type=Path))
@_option("-o", "output", type=click.Path(path_type=Path))
@_option("--boundaries", "boundaries", type=click.Path(path_type=Path))
@_option("--gazetteer", "gazetteer", type=click.Path(path_type=Path))
@_option("--datum", "datum", type=click.Choice(["wgs84", "cgcs2000", "gcj02", "bd09"]), default=None)
@_option("--basis", "basis", default="schematic", show_default=True)
@_option("--accuracy", "accuracy", type=click.FloatRange(0.01, 10_000.0), default=500.0, show_default=True)
@_option("--district", "district", default="")
@_option("--code", "code", default="")
@_option("--accept", "accept", type=click.FloatRange(0.0, 1.0))
@_option("--plan", "plan", type=click.Path(path_type=Path))
@_option("--text-only", "text_only", is_flag=True)
@_option("--dry-run", "dry_run", is_flag=True)
@lang_option
@json_option
def read(file: Path, lang: str, *, as_json: bool, **given: Any) -> None:
    """Read a plan's text."""
    output, text_only = given["o"], given["text_only"]
    if bool(output) == text_only or (given["plan"] and not text_only):
        click.echo(word("cli.read.which", lang), err=True)
        sys.exit(WRONG_USE)
    with errors_shown(lang):
        document, text = _read(file)
        if text_only:
            folder, _data = plan_folder(given["plan"], None)
            report, said = _kept(folder, text, file, lang, dry_run=given["dry_run"])
        else:
            report, said = _drafted(output, text, file.name, lang, given)
    if as_json:
        remarks = [
            {"key": one.key, **{one_lang: one.text(one_lang) for one_lang in ("zh", "en")}} for one in document.remarks
        ]
        about = {"file": str(file), "form": document.form, "remarks": remarks, "doubts": list(text.doubts)}
        click.echo(json.dumps({**about, **report}, ensure_ascii=False, indent=1, default=str))
    else:
        click.echo("\n".join([*(plain(one.text(lang), lang) for one in document.remarks), *said]))
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


def _kept(folder: Path, text: Text, file: Path, lang: str, *, dry_run: bool) -> tuple[dict[str, Any], list[str]]:
    """The words put into a folder that is there."""
    from layers.document.keeping import keep_text  # noqa: PLC0415

    kept: Kept = keep_text(folder, text, file.name, dry_run=dry_run)
    key = "cli.read.kept" if kept.number else "cli.read.would_keep" if kept.files else "cli.read.same"
    about = {"folder": str(folder), "clauses": kept.clauses, "characters": kept.characters}
    report = {**about, "files": list(kept.files), "written": bool(kept.number)}
    return report, [word(key, lang, **about, count=len(kept.files))]


def _drafted(folder: Path, text: Text, file: str, lang: str, given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A folder made, or proposals beside one that is there."""
    from layers.document import propose  # noqa: PLC0415
    from layers.document.writing import write  # noqa: PLC0415

    found = propose.read(text)
    made = write(folder, text, found, _given(given), lang=lang, dry_run=given["dry_run"], file=file)
    counts = Counter(row.table for row in made.draft.rows)
    drawn = sum(bool(row.values.get("geometry")) for row in made.draft.rows)
    about = {
        "folder": str(made.folder), "clauses": len(text.clauses), "features": counts["feature"], "drawn": drawn,
        "indicators": counts["indicator"], "targets": counts["target"], "decisions": len(made.draft.decisions),
        "warnings": made.warnings,
    }  # fmt: skip
    report = {**about, "files": list(made.files), "written": not given["dry_run"],
              "to_decide": [{"key": one.key, "name": one.name, "clause": one.clause, "text": word_of(one, lang)}
                            for one in made.draft.decisions],
              "changes": None if made.changed is None else made.changed.as_dict()}  # fmt: skip
    return report, _told(made, about, lang, dry_run=given["dry_run"])


def _told(made: Written, about: dict[str, Any], lang: str, *, dry_run: bool) -> list[str]:
    """The report for people."""
    from layers.document.writing import DECISIONS  # noqa: PLC0415

    lines = [word("cli.read.found", lang, **about)]
    counts = Counter(one.key for one in made.draft.decisions)
    if counts:
        from layers.model.errors import word as said  # noqa: PLC0415

        lines += [word("cli.read.to_decide", lang, count=sum(counts.values()), file=DECISIONS)]
        lines += [table([(said(f"{key}_head", lang, count=count),) for key, count in counts.items()])]
    if not about["drawn"] and made.changed is None:
        lines.append(word("cli.read.no_boundaries", lang))
    if made.changed is not None:
        number = {how: made.changed.count(how) for how in ("new", "changed", "gone")}
        lines.append(word("cli.read.beside", lang, folder=about["folder"], clauses=len(made.changed.clauses), **number))
    end = "cli.read.not_written" if dry_run else "cli.read.proposed" if made.changed is not None else "cli.read.written"
    return [*lines, word(end, lang, folder=about["folder"])]


def word_of(decision: Any, lang: str) -> str:
    """What must be decided, in words."""
    from layers.model.errors import word as said  # noqa: PLC0415

    return said(decision.key, lang, **decision.params)


def _given(given: dict[str, Any]) -> Given:
    """What the user gives beside the text.

    Raises:
        GeoError: ``vector.*``.
        LayersError: ``read.no_names`` and the like.
    """
    from layers.document.draft import Given  # noqa: PLC0415
    from layers.document.positions import Spots, read_spots  # noqa: PLC0415

    datum = given["datum"] or ""
    boundaries, gazetteer = given["boundaries"], given["gazetteer"]
    return Given(
        district=given["district"], code=given["code"], basis=given["basis"], accuracy_m=given["accuracy"],
        accept=given["accept"],
        boundaries=read_spots(boundaries, areas=True, stated=datum) if boundaries else Spots(),
        gazetteer=read_spots(gazetteer, areas=False, stated=datum) if gazetteer else Spots(),
    )  # fmt: skip
