"""What the pages for scans say, as plain values for their templates and for the editor's program."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from geo.errors import GeoError, PlanmapError
from geo.messages import plain
from geo.sheet_tiles import levels
from geo.transformation import LEAST
from layers.folder.scans import FOLDER, SUFFIXES
from layers.model.errors import PlanError, Problem
from layers.scans import records
from layers.scans.work import Work, placed
from webmap.admin.desk import Sheets
from webmap.admin.failed import failure
from webmap.admin.folders import Place
from webmap.admin.scan_told import fit_lines
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.messages import text, ui

PROGRAM_WORDS = "admin.scans.js."
"""Texts that the editor's program shows start so."""
_BRIDGE_INCH = 70 / 300
"""Inches: how wide names on a sheet are, across their letters (docs/scans.md was measured with it)."""
FIELDS = ("id", "title", "title_en", "scale", "date", "publisher", "licence", "map_number", "page", "dpi")
"""Of the form for a new scan."""


def list_values(place: Place | None, work: Work | None, lang: str, root: str, upload_mb: int) -> dict[str, Any]:
    """Values for admin_scans.html."""
    return {
        "title": text(lang, "admin.scans.title"),
        "known": place is not None,
        "folder": place.folder.name if place else "",
        "scans": [_row(work, one, lang, root) for one in _scans(work)] if work else [],
        "unsound": _unsound(work, lang) if work else [],
        "send_url": with_query(f"{root}/admin/scans", lang=asked_for(lang)),
        "suffixes": ",".join(SUFFIXES),
        "formats": [one.lstrip(".").upper() for one in SUFFIXES],
        "upload_mb": upload_mb,
    }  # fmt: skip


def _scans(work: Work) -> tuple[Any, ...]:
    return work.examined.plan.scans if work.examined.plan is not None else ()


def _row(work: Work, scan: Any, lang: str, root: str) -> dict[str, Any]:
    found = work.sheets[scan.id]
    doubts = [found] if isinstance(found, GeoError) else list(found.fit.doubts)
    accuracy = None if isinstance(found, GeoError) else found.accuracy_m
    return {
        "id": scan.id, "name": scan.name_en if lang == "en" else scan.name, "points": len(scan.points),
        "transformation": kinds(lang)[scan.transformation],
        "accuracy": "–" if accuracy is None else f"±{accuracy:,g} m",
        "doubts": [one.message(lang) for one in doubts],
        "url": with_query(f"{root}/admin/scan/{scan.id}", lang=asked_for(lang)),
    }  # fmt: skip


def _unsound(work: Work, lang: str) -> list[dict[str, str]]:
    """Problems of records that cannot be opened here."""
    sound = {f"{FOLDER}/{one.id}.toml" for one in _scans(work)}
    return [problem_values(one, lang) for one in work.examined.problems
            if one.file.startswith(f"{FOLDER}/") and one.file not in sound]  # fmt: skip


def problem_values(one: Problem, lang: str) -> dict[str, str]:
    """A problem of a plan folder: where, what, and what to do."""
    return {"where": one.record_text(), "text": one.text(lang), "remedy": one.remedy(lang)}


def kinds(lang: str) -> dict[str, str]:
    """What transformations are called."""
    return {one: text(lang, f"admin.scans.kind.{one}") for one in LEAST}


def editor_values(place: Place, work: Work, scan_id: str, lang: str, root: str, mark: str) -> dict[str, Any]:
    """Values for admin_scan.html."""
    scan = work.scan(scan_id)
    words = {key.removeprefix(PROGRAM_WORDS): said for key, said in ui(lang).items() if key.startswith(PROGRAM_WORDS)}
    features = [] if work.examined.plan is None else work.examined.plan.features
    given = {
        "lang": lang, "mark": mark, "scan": scan_id, "root": root, "words": words, "kinds": kinds(lang),
        "query": with_query("", lang=asked_for(lang)),
    }  # fmt: skip
    return {
        "title": scan.name_en if lang == "en" else scan.name,
        "folder": place.folder.name,
        "bridge": round(min(200, max(10, _BRIDGE_INCH * scan.dpi))) if scan.dpi else 40,
        "record": f"{FOLDER}/{scan_id}.toml",
        "given": json.dumps(given, ensure_ascii=False),
        "kinds": list(kinds(lang).items()),
        "features": [(one.id, one.name_en if lang == "en" else one.name) for one in features],
        "back_url": with_query(f"{root}/admin/scans", lang=asked_for(lang)),
        "build_url": with_query(f"{root}/admin/scans/build", lang=asked_for(lang)),
    }


def state_values(place: Place, work: Work, scan_id: str, sheets: Sheets, lang: str) -> dict[str, Any]:
    """What the editor begins with: the record's points, where they are, and the picture."""
    scan = work.scan(scan_id)
    digest = records.digest_of(place.folder, scan_id)
    rows = [{**one, "row": number} for number, one in enumerate(records.points_in(place.folder, scan_id))]
    key = sheets.key(place, scan)
    return {
        "points": rows, "placed": placed(work, scan_id), "digest": digest, "transformation": scan.transformation,
        "width": scan.width, "height": scan.height, "levels": levels(scan.width, scan.height), "picture": key,
        "ready": sheets.ready(key) is not None,
        "missing": "" if key else GeoError("picture.missing", file=scan.picture).message(lang),
    }  # fmt: skip


def fit_values(answer: Mapping[str, Any], drawn: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """What the editor shows of a fit."""
    doubts = [{"text": one["text"][lang], "remedy": one["remedy"][lang]} for one in answer["doubts"]]
    offered = ["similarity", "affine", *answer["better"]]
    lines = fit_lines(answer, lang, kinds(lang))
    return _finite({**answer, **drawn, "doubts": doubts, "offered": offered, "lines": lines})


def _finite(value: Any) -> Any:
    """The same with None for what JSON has no number for: a fit of wild points leads to infinity."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def trouble_values(error: PlanmapError, lang: str) -> dict[str, Any]:
    """What was wrong, for the editor: every fault with its field and what to do."""
    if isinstance(error, PlanError) and error.problems:
        return {"trouble": [problem_values(one, lang) for one in error.problems[:50]]}
    return {"trouble": [{"where": "", "text": error.message(lang), "remedy": error.remedy(lang)}]}


def job_values(state: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """How far a piece of work is, for the editor's program and for the page of a new scan."""
    _error, said = failure(state, lang)
    phase = str(state.get("phase", "start"))
    return {
        "task": state.get("task", ""), "working": state["working"], "done": bool(state.get("done")), "phase": phase,
        "says": text(lang, f"admin.scans.phase.{phase}"), "step": state.get("step"), "steps": state.get("steps"),
        "scan": state.get("scan", ""),
        "trouble": [{"where": "", "text": said[0], "remedy": said[1]}] if said else [],
    }  # fmt: skip


def said_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The form for a new scan as ``layers.scans.work.add`` takes it.

    Raises:
        ValueError: The name of a field that is no number.
    """
    said: dict[str, Any] = {name: plain(form.get(name, "").strip())[:200] for name in FIELDS}
    for name, low, high in (("scale", 100.0, 1e8), ("dpi", 20.0, 2400.0), ("page", 1.0, 10_000.0)):
        given = said[name]
        try:
            number = float(given) if given else None
        except ValueError:
            raise ValueError(name) from None
        if number is not None and not low <= number <= high:
            raise ValueError(name)
        said[name] = number if number is None or name == "dpi" else int(number)
    return said
