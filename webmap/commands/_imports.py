"""What the ``planmap import`` commands share: options, and reports in words."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geo.messages import Phrase, plain
from webmap.commands._common import FINE, PROBLEMS, errors_shown, table, word

if TYPE_CHECKING:
    from layers.imports.effects import Effects
    from layers.imports.request import Request
    from layers.imports.run import Report

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


def show(make: Callable[[], Report], lang: str, *, as_json: bool) -> None:
    """Run an import and tell what it does."""
    told(made(make, lang), as_dict, text, lang, as_json=as_json)


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
    from layers.model.errors import ERROR, PlanError  # noqa: PLC0415

    with errors_shown(lang):
        try:
            return make()
        except PlanError as error:
            told = [one for one in error.problems if one.severity == ERROR]
            click.echo(word("cli.import.refused", lang, count=len(told)), err=True)
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
        "matched": asdict(report.matched),
        "repairs": [{**vars(one), "reason": one.reason.text("en")} for one in report.repairs],
        "pieces": [asdict(one) for one in report.pieces], "follow": list(report.follow),
        "notes_to_read": list(report.notes_to_read), **report.effects.as_dict(),
        **written_of(report),
    }  # fmt: skip


def text(report: Report, lang: str) -> str:
    """The report for people, part by part."""
    parts = [
        word("cli.import.read", lang, file=report.file, rows=report.count, crs=report.crs),
        *[noted(one, lang) for one in report.notes],
        _fits(report, lang),
        _matched(report, lang),
        _repairs(report, lang),
        _pieces(report, lang),
        effects_text(report.effects, lang),
        _words_to_read(report, lang),
        _end(report, lang),
    ]
    return "\n\n".join(part for part in parts if part)


def noted(note: Any, lang: str) -> str:
    remedy = note.remedy(lang)
    return note.message(lang) + (f"\n→ {remedy}" if remedy else "")


def _fits(report: Report, lang: str) -> str:
    """How well the file fits what is known, where it was not taken back."""
    found = report.recognised
    if found is None:
        return word("cli.import.datum_untold", lang)
    if report.datum:
        return ""
    rest = {name: round(value) for name, value in found.distances_m.items() if name}
    declared = round(found.distances_m[""])
    key = "cli.import.datum_fits" if found.sure and not found.datum else "cli.import.datum_open"
    return word(key, lang, metres=declared, points=found.points, gcj02=rest["gcj02"], bd09=rest["bd09"])


def _matched(report: Report, lang: str) -> str:
    matched = report.matched
    ways = [f"{word(f'cli.import.by.{how}', lang)} {count}" for how, count in _counts(matched.pairs).items()]
    lines = [word("cli.import.matched", lang, count=len(matched.pairs), ways=ways,
                  name_field=matched.name_field or "–", code_field=matched.code_field or "–")]  # fmt: skip
    if matched.unknown:
        lines.append(word("cli.import.unknown", lang, count=len(matched.unknown)))
        rows = []
        for one in matched.unknown[:MOST]:
            near = [f"{identifier} {report.names.get(identifier, '')}" for identifier in one.near]
            hint = word("cli.import.near", lang, near=near) if near else ""
            rows.append((str(one.row + 1), plain(one.said, lang), hint))
        lines.append(table(rows))
    return "\n".join(lines)


def _counts(pairs: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for pair in pairs:
        found[pair.by] = found.get(pair.by, 0) + 1
    return found


def _repairs(report: Report, lang: str) -> str:
    if not report.repairs:
        return ""
    rows = [
        (str(one.row + 1), plain(one.said, lang), one.reason.text(lang) if isinstance(one.reason, Phrase) else "",
         f"{one.lon}, {one.lat}", f"{one.before_m2:,.0f} → {one.after_m2:,.0f} m²", str(one.parts))
        for one in report.repairs
    ]  # fmt: skip
    return word("cli.import.repairs", lang, count=len(rows)) + "\n" + table(rows[:MOST])


def _pieces(report: Report, lang: str) -> str:
    """Gaps and overlaps one by one; of what was left free the sum for each who got it."""
    if not report.pieces:
        return ""
    rows, left = [], dict.fromkeys(report.names, (0, 0.0))
    for one in sorted(report.pieces, key=lambda one: one.kind != "gap"):
        if one.kind == "left":
            for name, area in one.given.items():
                left[name] = (left[name][0] + 1, left[name][1] + area)
            continue
        given = [f"{report.names.get(name, name)} {area:,.0f}" for name, area in one.given.items()]
        between = [report.names.get(name, name) for name in one.between]
        rows.append((
            word(f"cli.import.piece.{one.kind}", lang), plain(between, lang), f"{one.area_m2:,.0f} m²",
            f"{one.width_m:,.1f} × {one.length_m:,.0f} m", f"{one.lon:.5f}, {one.lat:.5f}",
            "→ " + (plain(given, lang) if given else word("cli.import.nobody", lang)),
        ))  # fmt: skip
    lines = [word("cli.import.pieces", lang, count=len(report.pieces)), *([table(rows[:MOST])] if rows else [])]
    if len(rows) > MOST:
        lines.append(word("cli.import.more", lang, count=len(rows) - MOST))
    got = [f"{report.names[name]} {area:,.0f} m² ({count})" for name, (count, area) in left.items() if count]
    return "\n".join([*lines, *([word("cli.import.left", lang, names=got)] if got else [])])


def effects_text(effects: Effects, lang: str) -> str:
    """Before and after: shapes, claims, townships and zones, indicators, problems."""
    parts = [_shapes(effects, lang)]
    if not effects.compared:
        parts.append(word("cli.import.not_compared", lang))
    for name in ("claims", "placed", "indicators"):
        changes = getattr(effects, name)
        if changes:
            rows = [_change_row(one, lang) for one in changes[:MOST]]
            part = [word(f"cli.import.{name}", lang, count=len({one.id for one in changes})), table(rows)]
            if len(changes) > MOST:
                part.append(word("cli.import.more", lang, count=len(changes) - MOST))
            parts.append("\n".join(part))
    if effects.problems:
        lines = [word("cli.import.problems", lang, count=len(effects.problems), errors=len(effects.errors))]
        lines += [
            f"  {word(f'cli.severity.{one.severity}', lang)}  {one.record_text()}\n      {one.text(lang)}"
            for one in effects.problems[:MOST]
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(part for part in parts if part)


def _shapes(effects: Effects, lang: str) -> str:
    if not effects.shapes:
        return word("cli.import.same_shapes", lang)
    heads = ("name", "before", "after", "change", "moved", "extent")
    rows = [tuple(word(f"cli.import.shape.{name}", lang) for name in heads)]
    for one in effects.shapes[:MOST]:
        area = one.before_km2 is not None or one.after_km2 is not None
        before, after = (one.before_km2, one.after_km2) if area else (one.before_km, one.after_km)
        unit = "km²" if area else "km" if before is not None or after is not None else ""
        share = f"{(after - before) / before:+.2%}" if before and after is not None else "–"
        moved = f"{one.moved_m:,.0f} m" if one.moved_m is not None else "–"
        rows.append((plain(one.name, lang), _size(before, unit), _size(after, unit), share, moved, _extent(one)))
    lines = [word("cli.import.shapes", lang, count=len(effects.shapes)), table(rows)]
    if len(effects.shapes) > MOST:
        lines.append(word("cli.import.more", lang, count=len(effects.shapes) - MOST))
    return "\n".join(lines)


def _size(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:,.3f} {unit}"


def _extent(shape: Any) -> str:
    """The corners afterwards; how far each edge moved is in the JSON."""
    if shape.bounds_after is None:
        return "–"
    west, south, east, north = shape.bounds_after
    return f"{west:.4f}–{east:.4f}, {south:.4f}–{north:.4f}"


def _change_row(one: Any, lang: str) -> tuple[str, ...]:
    name = (one.name_en or one.name) if lang == "en" else (one.name or one.name_en)
    return plain(name, lang), plain(one.id, lang), plain(one.field, lang), f"{cut(one.before)} → {cut(one.after)}"


def cut(value: str) -> str:
    shown = plain(value or "–")
    return shown if len(shown) <= MOST else shown[: MOST - 1] + "…"


def _words_to_read(report: Report, lang: str) -> str:
    if not report.notes_to_read:
        return ""
    names = [f"{report.names.get(one, one)} ({one})" for one in report.notes_to_read[:MOST]]
    return word("cli.import.notes_to_read", lang, names=names)


def _end(report: Report, lang: str) -> str:
    if report.number:
        return word("cli.import.done", lang, files=list(report.files), number=report.number)
    key = "cli.import.looked_broken" if report.effects.errors else "cli.import.looked"
    return word(key, lang, files=list(report.files))
