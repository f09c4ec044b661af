"""What the pages for imports say, as plain values for their templates."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from geo import parameters
from geo.errors import PlanmapError
from geo.foreign.reading import SUFFIXES
from layers import words
from layers.imports import osm
from layers.imports.land_use import LAYER as LAND_USE
from webmap.admin.failed import failure
from webmap.admin.folders import Place
from webmap.admin.jobs import ACCEPT, LOOK, REBUILD, UNDO, Job
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.context import Context
from webmap.serving.messages import CATALOGUE, text

OSM = "osm"
"""What a file is that is an extract of OpenStreetMap."""
MOST_ROWS = 300
"""Rows of a table that a page shows."""
_PARTS = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".dat", ".map", ".id", ".ind")
"""Files that belong to another one and are sent with it."""
_SYSTEM = re.compile(r"--crs (\S+)( --swap-axes)?")


def form_values(
    ctx: Context, place: Place | None, last: Mapping[str, Any] | None, trouble: PlanmapError | None, lang: str,
    root: str, listed: Sequence[Job], upload_mb: int,
) -> dict[str, Any]:  # fmt: skip
    """Values for admin_import.html."""
    found = sorted(listed, key=lambda one: one.made, reverse=True)
    return {
        "title": text(lang, "admin.import.title"),
        "known": place is not None,
        "folder": place.folder.name if place else "",
        "send_url": with_query(f"{root}/admin/import", lang=asked_for(lang)),
        "undo_url": with_query(f"{root}/admin/undo", lang=asked_for(lang)),
        "last": {"file": str(last["about"].get("file", "?")), "files": list(last["files"])} if last else None,
        "trouble": [trouble.message(lang), trouble.remedy(lang)] if trouble else [],
        "jobs": [
            {"url": _url(root, one, "", lang), "file": one.file, "by": one.by,
             "made": time.strftime("%Y-%m-%d %H:%M", time.gmtime(one.made))}
            for one in found
        ],
        "upload_mb": upload_mb,
        **_fields(ctx, {}, "boundaries", {}, lang),
    }  # fmt: skip


def job_values(ctx: Context, place: Place, job: Job, state: Mapping[str, Any], lang: str, root: str) -> dict[str, Any]:
    """Values for admin_job.html."""
    error, said = failure(state, lang)
    unbuilt = dict(state.get("unbuilt") or {})
    looked = bool(state.get("report")) and not error
    task = state.get("task", LOOK)
    return {
        "title": job.file or text(lang, "admin.import.undo"),
        "folder": place.folder.name,
        "working": state["working"],
        "phase": text(lang, f"admin.import.phase.{state.get('phase', 'start')}"),
        "step": state.get("step", 0),
        "steps": state.get("steps", 0),
        "seconds": max(0, round(time.time() - float(state.get("since", time.time())))),
        "error": [one if task == UNDO else _for_page(one, lang) for one in said if one],
        "problems": (error or unbuilt).get("problems", {}).get(lang, []),
        "unbuilt": bool(unbuilt),
        "report": _report(state["report"][lang], lang) if looked else [],
        "drawn": state.get("drawn") if looked else None,
        "files": state.get("files", []),
        "can_accept": looked
        and task == LOOK
        and not state.get("nothing")
        and (not state.get("errors") or bool(state.get("forced"))),
        "broken": looked and bool(state.get("errors")),
        "can_rebuild": bool(error) and (task == REBUILD or (task in (ACCEPT, UNDO) and state["lost"])),
        "accepted": task == ACCEPT and bool(state.get("edition")),
        "undone": state.get("undone", "") if task == UNDO else "",
        "rebuilt": task == REBUILD and bool(state.get("edition")),
        "edition_hash": str(state.get("edition", ""))[:12],
        "can_again": task == LOOK and bool(job.file),
        "unknown": state.get("unknown", []),
        "offered": state.get("offered", []) if looked else [],
        "edits": state.get("edits", []) if looked else [],
        **{
            f"{name}_url": _url(root, job, name, lang)
            for name in ("again", "accept", "cancel", "drop", "rebuild", "state")
        },
        "back_url": with_query(f"{root}/admin/import", lang=asked_for(lang)),
        **_fields(ctx, job.stated, job.what, error.get("choices", {}), lang),
    }


def _url(root: str, job: Job, action: str, lang: str) -> str:
    path = f"{root}/admin/import/{job.id}" + (f"/{action}" if action else "")
    return with_query(path, lang=asked_for(lang))


def _fields(
    ctx: Context, stated: Mapping[str, Any], what: str, choices: Mapping[str, Sequence[str]], lang: str
) -> dict[str, Any]:
    """What the form's fields hold, and what may be chosen."""
    bases = ctx.store.bases
    whats = [(one, text(lang, f"admin.import.what.{one}")) for one in ("boundaries", "edits", OSM, LAND_USE)]
    layers = [(name, words.name(about, lang)) for name, about in ctx.store.layers.items() if name != LAND_USE]
    systems = [found for one in choices.get("systems", ()) if (found := _SYSTEM.search(one))]
    return {
        "suffixes": ",".join([*SUFFIXES, *_PARTS, osm.SUFFIX]),
        "grids": ",".join(parameters.GRIDS),
        "formats": [one.lstrip(".") for one in SUFFIXES],
        "whats": whats,
        "layers_of_plan": layers,
        "what": what,
        "stated": {
            "layer": "", "crs": "", "datum": "", "encoding": "", "name_field": "", "code_field": "", "source": "",
            "title": "", "date": "", "licence": "", "attribution": "", "four": "", "seven": "", "basis": "official",
            "accuracy": None, "tolerance": 20.0, "swap_axes": False, "repair": False, "match": {},
            "grid": "", "force": False, "accept": [], "all": False, "within": None, **stated,
        },
        "layers_of_file": list(choices.get("layers", ())),
        "systems": [{"crs": one[1], "swapped": bool(one[2])} for one in systems],
        "fields_of_file": list(choices.get("fields", ())),
        "datums": [("", text(lang, "admin.import.find_out"))]
        + [(one, text(lang, f"admin.import.datum.{one}")) for one in ("wgs84", "cgcs2000", "gcj02", "bd09")],
        "bases": [(one, words.name(bases.get(one, {}), lang) or one) for one in ("official", "surveyed", "osm")],
    }  # fmt: skip


def _report(parts: Sequence[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    """The report in the page's words."""
    return [
        {
            **part,
            "lines": [_for_page(line, lang) for line in part["lines"]],
            "rows": [[_for_page(cell, lang) for cell in row] for row in part["rows"]],
        }
        for part in parts
    ]


def _for_page(said: str, lang: str) -> str:
    """What a message says of options of the command, in the words of the page's fields."""

    def field(found: re.Match[str]) -> str:
        key = f"admin.import.option.{found[1].replace('-', '_')}"
        return text(lang, key) if key in CATALOGUE else found[0]

    return re.sub(r"--([a-z][a-z-]+)", field, said)
