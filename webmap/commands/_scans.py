"""What the ``planmap scan`` commands say, and how their options are read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from geo.messages import plain
from layers.model.errors import LayersError, PlanError
from webmap.admin.scan_told import fit_lines
from webmap.commands._common import PROBLEMS, table, word


@contextmanager
def faults_shown(lang: str) -> Iterator[None]:
    """Every fault of a file of points, not only the first."""
    try:
        yield
    except PlanError as error:
        from webmap.commands.check import problems_text  # noqa: PLC0415

        click.echo(problems_text(error.problems, lang), err=True)
        sys.exit(PROBLEMS)


def wanted_of(given: Mapping[str, Any]) -> Any:
    """Options of ``scan trace`` as a request.

    Raises:
        GeoError: ``trace.color``.
        LayersError: ``scan.no_color``, ``scan.pick``.
    """
    from geo.tracing import Cleaning, parse_color  # noqa: PLC0415
    from layers.scans.traces import Wanted  # noqa: PLC0415

    colors = tuple(parse_color(text) for text in given["color"])
    if not colors and not given["pick"]:
        raise LayersError("scan.no_color")
    usual = Cleaning(bridge_px=2, speck_px=60) if given["line"] else Cleaning()
    sizes = {name: usual_size if given[key] is None else given[key] for name, key, usual_size in (
        ("bridge_px", "bridge", usual.bridge_px), ("hole_px", "hole", usual.hole_px),
        ("speck_px", "speck", usual.speck_px))}  # fmt: skip
    return Wanted(
        colors, _pick(given["pick"]), given["tolerance"], given["line"], given["feature"], not given["no_snap"],
        Cleaning(**sizes), given["gap"],
    )  # fmt: skip


def _pick(text: str | None) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        x, y = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError as error:
        raise LayersError("scan.pick", value=text) from error
    return x, y


def show_fit(answer: Mapping[str, Any], lang: str, *, as_json: bool) -> None:
    """Points with their errors, then what follows, then what to doubt."""
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    heads = [word(f"cli.scan.fit.{name}", lang) for name in ("point", "pixel", "residual", "left_out")]
    rows = [tuple(heads)]
    for one in answer["points"]:
        x, y = one["px"]
        left = "–" if one["left_out_m"] is None else f"{one['left_out_m']:,.1f} m"
        residual = f"{one['residual_px']:,.1f} px  {one['residual_m']:,.1f} m"
        rows.append((plain(one["name"], lang), f"{x:,.1f}, {y:,.1f}", residual, left))
    click.echo(table(rows))
    for line in fit_lines(answer, lang):
        click.echo(line)
    for doubt in answer["doubts"]:
        click.echo(f"! {doubt['text'][lang]}\n  → {doubt['remedy'][lang]}")


def show_trace(answer: Mapping[str, Any], file: Path, lang: str, *, as_json: bool) -> None:
    """The shapes with their sizes, and how they differ from what is there."""
    if as_json:
        short = [one["properties"] for one in answer["features"]]
        click.echo(json.dumps({**answer, "features": short, "file": str(file)}, ensure_ascii=False))
        return
    click.echo(word("cli.scan.traced", lang, count=len(answer["features"]), colors=answer["colors"], file=str(file)))
    rows = [_trace_row(str(number), one["properties"], lang) for number, one in enumerate(answer["features"], start=1)]
    click.echo(table([*rows, _trace_row(word("cli.scan.trace.all", lang), answer["together"], lang)]))
    cites = answer["together"].get("cites")
    if cites:
        click.echo(word("cli.scan.trace.cites", lang, name=answer["together"]["name"], cites=cites))


def _trace_row(name: str, told: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    size = f"{told['area_km2']:,.3f} km²" if "area_km2" in told else f"{told['length_km']:,.3f} km"
    accuracy = "–" if told["accuracy_m"] is None else f"±{told['accuracy_m']:,g} m"
    beside = []
    if "hausdorff_m" in told:
        beside.append(word("cli.scan.trace.hausdorff", lang, metres=told["hausdorff_m"]))
    if "iou" in told:
        beside.append(f"IoU {told['iou']:.3f}")
    return name, size, accuracy, "  ".join(beside)


def show_list(rows: list[dict[str, Any]], lang: str, *, as_json: bool) -> None:
    """One line a scan."""
    if as_json:
        click.echo(json.dumps({"scans": rows}, ensure_ascii=False, indent=1))
        return
    if not rows:
        click.echo(word("cli.scan.none", lang))
        return
    lines = []
    for one in rows:
        name = one["title_en"] if lang == "en" else one["title"]
        accuracy = "–" if one["accuracy_m"] is None else f"±{one['accuracy_m']:,g} m"
        points = word("cli.scan.list.points", lang, count=one["points"])
        lines.append((one["id"], plain(name, lang), one["transformation"], points, accuracy, "、".join(one["doubts"])))
    click.echo(table(lines))
