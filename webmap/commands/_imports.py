"""What the ``planmap import`` commands share: options, and reports in words."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from webmap.commands._common import FINE, PROBLEMS, errors_shown, steps_shown, table, word

if TYPE_CHECKING:
    from layers.imports.effects import Effects
    from layers.imports.request import Request
    from layers.imports.run import Report
    from webmap.admin.told import Section

MOST = 40
"""Rows of a kind that are told in a terminal; ``--json`` has all."""
Command = TypeVar("Command", bound=Callable[..., Any])
Report_ = TypeVar("Report_")


def option(name: str, key: str, **rest: Any) -> Callable[[Command], Command]:
    return click.option(name, help=word(f"cli.import.{key}", "en"), **rest)


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Options as one, shown in help in the order in which they are named."""

    def decorated(command: Command) -> Command:
        for one in reversed(options):
            command = one(command)
        return command

    return decorated


def plan_option(command: Command) -> Command:
    """``--plan FOLDER``."""
    return option("--plan", "plan", type=click.Path(path_type=Path))(command)


file_options = together(
    option("--layer", "layer_of_file"),
    option("--crs", "crs", default=""),
    option("--swap-axes", "swap_axes", is_flag=True),
    option("--datum", "datum", type=click.Choice(["wgs84", "cgcs2000", "gcj02", "bd09"]), default=None),
    option("--four", "four", default=""),
    option("--seven", "seven", default=""),
    option("--grid", "grid", type=click.Path(path_type=Path)),
    option("--encoding", "encoding", default=""),
    option("--name-field", "name_field", default=""),
    option("--code-field", "code_field", default=""),
    option("--match", "match", multiple=True, metavar="NAME=ID"),
    option("--tolerance", "tolerance", type=click.FloatRange(0.0, 500.0), default=20.0, show_default=True),
    option("--repair", "repair", is_flag=True),
    option("--basis", "basis", default="official", show_default=True),
    option("--accuracy", "accuracy", type=click.FloatRange(0.01, 10_000.0)),
    option("--source", "source", default=""),
    option("--source-title", "source_title", default=""),
    option("--source-date", "source_date", default=""),
    option("--licence", "licence", default=""),
    option("--attribution", "attribution", default=""),
    option("--dry-run", "dry_run", is_flag=True),
    option("--force", "force", is_flag=True),
)
"""What can be said of a file."""


def request_of(file: Path, given: Mapping[str, Any]) -> Request:
    """What the user stated, from the options.

    Raises:
        GeoError: ``parameters.*``.
        LayersError: ``import.match_form``.
    """
    from geo import parameters  # noqa: PLC0415 - only when something is imported
    from layers.imports.request import Request, Source  # noqa: PLC0415
    from layers.model.errors import LayersError  # noqa: PLC0415

    match = {}
    for one in given["match"]:
        said, equals, identifier = one.rpartition("=")
        if not equals or not said or not identifier:
            raise LayersError("import.match_form", value=one)
        match[said.strip()] = identifier.strip()
    from_whom = (given[name] for name in ("source", "source_title", "source_date", "licence", "attribution"))
    return Request(
        file=file, layer=given["layer"], crs=given["crs"], swap_axes=given["swap_axes"], datum=given["datum"] or "",
        parameters=parameters.read(given["four"], given["seven"], given["grid"]), encoding=given["encoding"],
        name_field=given["name_field"], code_field=given["code_field"], match=match, tolerance_m=given["tolerance"],
        repair=given["repair"], basis=given["basis"], accuracy_m=given["accuracy"], force=given["force"],
        source=Source(*from_whom),
    )  # fmt: skip


def show(make: Callable[[Callable[[str, int, int], None]], Report], lang: str, *, as_json: bool) -> None:
    """Run an import and tell what it does; which step it is at, when it takes long."""
    with steps_shown("admin.import.phase.compare_", lang) as progress:
        report = made(lambda: make(progress), lang)
    told(report, as_dict, text, lang, as_json=as_json)


def told(
    report: Any, as_dict: Callable[[Any], Any], text: Callable[[Any, str], str], lang: str, *, as_json: bool,
    failed: bool = False,
) -> None:  # fmt: skip
    """Tell a report and end: with 0, or with 1 when something failed or the plan folder would have errors."""
    click.echo(json.dumps(as_dict(report), ensure_ascii=False, indent=1) if as_json else text(report, lang))
    broken = report.effects is not None and report.effects.errors and not report.number
    sys.exit(PROBLEMS if failed or broken else FINE)


def notes_of(report: Any) -> list[dict[str, str]]:
    """What a report has to say, for programs."""
    return [{"key": one.key, **{lang: one.message(lang) for lang in ("zh", "en")}} for one in report.notes]


def written_of(report: Any) -> dict[str, Any]:
    """What a report says of files, for programs."""
    return {"files": list(report.files), "written": bool(report.number), "number": report.number}


def made(make: Callable[[], Report_], lang: str) -> Report_:
    """What an import gives; its errors, and those that the plan folder would have, are told and end the program."""
    from layers.imports.run import UnsoundError  # noqa: PLC0415 - only when something is imported
    from layers.model.errors import ERROR, PlanError  # noqa: PLC0415

    with errors_shown(lang):
        try:
            return make()
        except PlanError as error:
            told = [one for one in error.problems if one.severity == ERROR]
            key = "cli.import.broken_now" if isinstance(error, UnsoundError) else "cli.import.refused"
            click.echo(word(key, lang, count=len(told)), err=True)
            for one in told[:MOST]:
                click.echo(f"  {one.record_text()}: {one.text(lang)}", err=True)
            sys.exit(PROBLEMS)
    raise AssertionError  # pragma: no cover - errors_shown ends the program


def as_dict(report: Report) -> dict[str, Any]:
    """Everything, for programs."""
    found = report.recognised
    recognised = None if found is None else {**asdict(found), "size_m": found.size_m}
    return {
        "file": report.file, "rows": report.count, "crs": report.crs, "datum": report.datum, "recognised": recognised,
        "notes": notes_of(report),
        "matched": asdict(report.matched), "classes": [asdict(one) for one in report.classes],
        "repairs": [{**vars(one), "reason": one.reason.text("en")} for one in report.repairs],
        "pieces": [asdict(one) for one in report.pieces], "follow": list(report.follow),
        "notes_to_read": list(report.notes_to_read), **report.effects.as_dict(),
        **written_of(report),
    }  # fmt: skip


def text(report: Report, lang: str) -> str:
    """The report for people, part by part."""
    from webmap.admin.told import sections  # noqa: PLC0415 - only when something is told

    return "\n\n".join([*shown(sections(report, lang), lang), _end(report, lang)])


def shown(sections: Sequence[Section], lang: str) -> list[str]:
    """Parts of a report for a terminal; of a long table the first rows."""
    return [_section(one, lang) for one in sections]


def _section(one: Section, lang: str) -> str:
    first, *rest = one.lines
    lines = [first, *(f"→ {line}" for line in rest)]
    if one.kind == "problems":
        lines += [f"  {severity}  {record}\n      {said}" for severity, record, said in one.rows[:MOST]]
        return "\n".join(lines)
    rows = [*([one.head] if one.head else []), *one.rows[:MOST]]
    if rows:
        lines.append(table(rows))
    if len(one.rows) > MOST:
        lines.append(word("cli.import.more", lang, count=len(one.rows) - MOST))
    return "\n".join([*lines, *one.after])


def noted(note: Any, lang: str) -> str:
    remedy = note.remedy(lang)
    return note.message(lang) + (f"\n→ {remedy}" if remedy else "")


def effects_text(effects: Effects, lang: str) -> str:
    """Before and after: shapes, claims, townships and zones, indicators, problems."""
    from webmap.admin.told import effects_told  # noqa: PLC0415

    return "\n\n".join(shown(effects_told(effects, lang), lang))


def _end(report: Report, lang: str) -> str:
    if report.number:
        return word("cli.import.done", lang, files=list(report.files), number=report.number)
    key = "cli.import.looked_broken" if report.effects.errors else "cli.import.looked"
    return word(key, lang, files=list(report.files))
