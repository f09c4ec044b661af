"""``planmap check``: every problem of a plan folder at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from geo.messages import plain
from layers.build.check import Examined, examine
from layers.model.errors import ERROR, Problem
from webmap.commands._claims import claims_of, claims_text
from webmap.commands._common import (
    FINE,
    PROBLEMS,
    errors_shown,
    folder_argument,
    json_option,
    lang_option,
    plan_folder,
    progress_shown,
    table,
    word,
)


@click.command(help=word("cli.check.help"), short_help=word("cli.check.short", "en"))
@folder_argument
@lang_option
@json_option
def check(folder: Path | None, data_dir: Path | None, lang: str, as_json: bool) -> None:
    """Check a plan folder, print what was found, exit with 1 when there are errors."""
    with errors_shown(lang):
        folder, data_dir = plan_folder(folder, data_dir)
        with progress_shown(word("cli.progress", lang)) as progress:
            examined = examine(folder, data_dir, progress)
        errors = sum(problem.severity == ERROR for problem in examined.problems)
        claims = [] if errors else claims_of(examined)
    click.echo(_json(folder, examined, errors, claims) if as_json else _text(folder, examined, errors, claims, lang))
    sys.exit(PROBLEMS if errors else FINE)


def _json(folder: Path, examined: Examined, errors: int, claims: list[dict[str, Any]]) -> str:
    """Everything for a machine."""
    report: dict[str, Any] = {
        "folder": str(folder),
        "ok": errors == 0,
        "errors": errors,
        "warnings": len(examined.problems) - errors,
        "problems": [problem.as_dict() for problem in examined.problems],
        "statistics": examined.statistics(),
        "claims": claims,
    }
    return json.dumps(report, ensure_ascii=False, indent=1, default=str)


def _text(folder: Path, examined: Examined, errors: int, claims: list[dict[str, Any]], lang: str) -> str:
    """Problems by file, then the statistics, then one line that sums up."""
    parts = [problems_text(examined.problems, lang)] if examined.problems else []
    if examined.plan is not None:
        parts.append(_statistics(examined, lang))
    if claims:
        parts.append(claims_text(claims, lang))
    key = "cli.check.fine" if not examined.problems else "cli.check.found"
    parts.append(word(key, lang, folder=str(folder), errors=errors, warnings=len(examined.problems) - errors))
    return "\n\n".join(parts)


def problems_text(problems: tuple[Problem, ...], lang: str) -> str:
    """Problems grouped by file, each with record, field, text and remedy."""
    order = {file: number for number, file in enumerate(dict.fromkeys(problem.file for problem in problems))}
    sorted_problems = sorted(problems, key=lambda problem: (order[problem.file], problem.line or 0))
    blocks = []
    for file, found in groupby(sorted_problems, key=lambda problem: problem.file):
        lines = [plain(file, lang)]
        for problem in found:
            at = word("cli.line", lang, line=problem.line) if problem.line else ""
            head = " · ".join(plain(part, lang) for part in (at, problem.record, problem.field) if part)
            lines.append(f"  {word(f'cli.severity.{problem.severity}', lang)}  {head}")
            lines.append(f"      {problem.text(lang)}")
            if remedy := problem.remedy(lang):
                lines.append(f"      → {remedy}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _statistics(examined: Examined, lang: str) -> str:
    """How many features, how far they can be trusted, in which layers."""
    numbers, plan = examined.statistics(), examined.plan
    assert plan is not None  # noqa: S101 (the caller has looked)
    name = "name_en" if lang == "en" else "name"
    lines = [word("cli.check.features", lang, features=numbers["features"], located=numbers["located"])]
    lines.append(word("cli.check.by_basis", lang))
    lines.append(_shares(numbers["by_basis"], {key: getattr(basis, name) for key, basis in plan.bases.items()}))
    lines.append(word("cli.check.by_layer", lang))
    names = {layer.id: getattr(layer, name) for layer in plan.layers}
    lines.append(table([(plain(names[key], lang), f"{count:,}") for key, count in numbers["by_layer"].items()]))
    return "\n".join(line for line in lines if line)


def _shares(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    """A count and its share per line."""
    total = sum(counts.values())
    return table([(plain(names[key]), f"{count:,}", f"{count / total:.0%}") for key, count in counts.items()])
