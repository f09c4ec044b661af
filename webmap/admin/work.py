"""``python -m webmap.admin.work FOLDER TASK``: works at one import that a page began, and writes down how it goes.

Ends by itself when it is cancelled or takes too long. Everything that it changes is changed in one step: a plan folder
by ``layers.imports.exchange``, an edition by ``layers.edition.kept``.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from geo import parameters
from geo.errors import PlanmapError
from layers.build import assemble
from layers.build.sheets import put_out
from layers.imports import accepted, edited, exchange
from layers.imports.request import Request, Source
from layers.model.errors import PlanError
from webmap.admin import jobs, sketch, told
from webmap.admin.import_pages import MOST_ROWS, OSM
from webmap.admin.jobs import ACCEPT, CANCEL, GRID, JOB, LONGEST_S, LOOK, READ, SENT, STATE, UNDO, Job

LOG = logging.getLogger("planmap.web")
LANGUAGES = ("zh", "en")
_LOOK_S = 0.2


class Work:
    """One import in this process.

    Args:
        where: Its folder.
        task: What to do.
    """

    def __init__(self, where: Path, task: str) -> None:
        self.where, self.task = where, task
        self.job = Job(**json.loads((where / JOB).read_text("utf-8")))
        self.folder, self.data_dir = Path(self.job.folder), Path(self.job.data_dir)
        self.began = time.time()
        self.writing = threading.Event()

    def run(self) -> None:
        """Do it, and write down what came of it."""
        self._end_if_asked()
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            found = self.tasks().get(self.task, self.rebuild)()
        except PlanmapError as error:
            found = {"error": _told(error)}
        except Exception:
            LOG.exception("an import failed")
            found = {"error": {"key": "admin.import.failed"}}
        self.say("done", done=True, **found)

    def tasks(self) -> Mapping[str, Callable[[], dict[str, Any]]]:
        """What can be done, by its name."""
        return {LOOK: self.look, ACCEPT: self.accept, UNDO: self.undo, READ: self.read}

    def say(self, phase: str, **more: Any) -> None:
        """Write down how far it is; nobody reads it when the server has ended meanwhile."""
        with suppress(OSError):
            jobs.put(self.where / STATE, {"task": self.task, "phase": phase, "since": self.began, **more})

    # ---- the tasks

    def look(self) -> dict[str, Any]:
        """Compare, and write nothing."""
        self.say("compare")
        state = _state(self.folder)
        report, drawn = self._report(dry_run=True)
        effects = report.effects
        return {
            "report": {lang: _sections(report, lang) for lang in LANGUAGES},
            "files": list(report.files),
            "errors": len(effects.errors) if effects is not None else 0,
            "nothing": not report.files,
            "forced": bool(self.job.stated.get("force")),
            "unknown": _unknown(report),
            "offered": _offered(report),
            "edits": _edits(report),
            "drawn": drawn,
            "folder_state": state,
        }

    def accept(self) -> dict[str, Any]:
        """Write what was compared and build the edition; when that fails, everything is as it was.

        Unless it was to be written in spite of errors: nothing can be built then until somebody mends them.
        """
        self.say("compare")
        seen = json.loads((self.where / "seen.json").read_text("utf-8")).get("folder_state")
        if seen != _state(self.folder):
            return {"error": {"key": "admin.import.changed"}}
        self.say("write")
        report, _ = self._report(dry_run=False)
        try:
            edition = self._built()
        except PlanmapError as error:
            known = report.effects is not None and report.effects.errors
            if isinstance(error, PlanError) and known and self.job.stated.get("force"):
                return {"number": report.number, "files": list(report.files), "unbuilt": _told(error)}
            exchange.undo(self.folder)
            raise
        self._publish(edition)
        return {"number": report.number, "files": list(report.files), "edition": edition.hash}

    def read(self) -> dict[str, Any]:
        """Read a plan's text into proposals beside the folder."""
        from layers.document import propose, source, writing  # noqa: PLC0415 - what imports do not need
        from layers.document.clauses import clauses  # noqa: PLC0415
        from layers.document.draft import Given  # noqa: PLC0415
        from layers.document.positions import Spots, read_spots  # noqa: PLC0415

        self.say("read")
        sent, gazetteer = self.where / SENT, self.job.stated.get("gazetteer", "")
        document = source.read_document(sent / self.job.file)
        text = clauses(document.blocks)
        given = Given(gazetteer=read_spots(sent / gazetteer, areas=False) if gazetteer else Spots())
        made = writing.write(
            self.folder, text, propose.read(text), given, lang=self.job.stated.get("lang", "zh"), file=self.job.file
        )
        remarks = {lang: [one.text(lang) for one in document.remarks] for lang in LANGUAGES}
        return {"remarks": remarks, "clauses": len(text.clauses), "records": len(made.draft.rows)}

    def undo(self) -> dict[str, Any]:
        """Take the last import back and build the edition."""
        self.say("write")
        done = exchange.undo(self.folder)
        return {"undone": str(done["about"].get("file", "?")), "files": done["files"], **self.rebuild()}

    def rebuild(self) -> dict[str, Any]:
        """Build the edition of the plan folder as it is."""
        edition = self._built()
        self._publish(edition)
        return {"edition": edition.hash}

    def _built(self) -> Any:
        return assemble.build(self.folder, self.data_dir, lambda done, total: self.say("build", step=done, steps=total))

    def _publish(self, edition: Any) -> None:
        self.writing.set()  # a few files, each in one step: not ended in between
        self.say("publish")
        put_out(edition, Path(self.job.edition), self.job.keep, self.folder, self.data_dir)

    def _report(self, *, dry_run: bool) -> tuple[Any, Any]:
        file, stated = self.where / SENT / self.job.file, self.job.stated
        if self.job.what == OSM:
            return self._from_osm(file, stated, dry_run=dry_run)
        grid = stated.get("grid", "")
        request = request_of(file, stated, self.where / GRID / grid if grid else None)
        if self.job.what == "edits":
            served = Path(self.job.edition)
            leave = stated.get("leave", ())
            back = edited.bring_back(self.folder, self.data_dir, request, leave=leave, served=served, dry_run=dry_run)
            return back, None
        done = sketch.Drawn(self.folder, self.data_dir, request, self._step)
        report = done.run(None if self.job.what == "boundaries" else self.job.what, dry_run=dry_run)
        return report, done.sketch() if dry_run else None

    def _step(self, step: str, done: int, steps: int) -> None:
        self.say(f"compare_{step}", step=done, steps=steps)

    def _from_osm(self, file: Path, stated: Mapping[str, Any], *, dry_run: bool) -> tuple[Any, Any]:
        """What an extract knows of the plan, and what taking over the chosen of it does."""
        request = Request(
            file=file, tolerance_m=float(stated.get("tolerance", 20.0)), accuracy_m=stated.get("accuracy"),
            force=bool(stated.get("force")),
        )  # fmt: skip
        within = stated.get("within")
        chosen = [*stated.get("accept", ()), *([accepted.ALL] if stated.get("all") or within is not None else [])]
        drawn: list[sketch.Drawn] = []

        def importer(folder: Path, data_dir: Path, request: Request) -> sketch.Drawn:
            drawn.append(sketch.Drawn(folder, data_dir, request, self._step))
            return drawn[-1]

        report = accepted.take_over(
            self.folder, self.data_dir, request, accept=chosen, within_m=within, dry_run=dry_run, importer=importer
        )
        return report, drawn[0].sketch() if dry_run else None

    def _watch(self) -> None:
        """End when somebody says so, or when it takes too long; not while an edition is put in its place."""
        while not self.writing.is_set():
            time.sleep(_LOOK_S)
            self._end_if_asked()

    def _end_if_asked(self) -> None:
        late = time.time() - self.began > LONGEST_S
        if not self.writing.is_set() and (late or (self.where / CANCEL).exists()):
            key = "admin.import.too_long" if late else "admin.import.cancelled"
            self.say("done", done=True, error={"key": key})
            os._exit(1)


def request_of(file: Path, stated: Mapping[str, Any], grid: Path | None = None) -> Request:
    """What was said of a file, from the fields of the page, and a grid that was sent with it.

    Raises:
        GeoError: ``parameters.*``.
    """
    source = Source(*(stated.get(name, "") for name in ("source", "title", "date", "licence", "attribution")))
    texts = {name: stated.get(name, "") for name in ("crs", "datum", "encoding", "name_field", "code_field")}
    return Request(
        file=file, layer=stated.get("layer") or None, swap_axes=bool(stated.get("swap_axes")),
        parameters=parameters.read(stated.get("four", ""), stated.get("seven", ""), grid),
        match=stated.get("match", {}), tolerance_m=float(stated.get("tolerance", 20.0)),
        repair=bool(stated.get("repair")), basis=stated.get("basis", "official"), accuracy_m=stated.get("accuracy"),
        source=source, force=bool(stated.get("force")), **texts,
    )  # fmt: skip


def _sections(report: Any, lang: str) -> list[dict[str, Any]]:
    if isinstance(report, accepted.OsmReport):
        found = told.osm_sections(report, lang)
    else:
        found = told.edit_sections(report, lang) if hasattr(report, "edits") else told.sections(report, lang)
    return [{**asdict(one), "rows": one.rows[:MOST_ROWS], "more": max(0, len(one.rows) - MOST_ROWS)} for one in found]


def _unknown(report: Any) -> list[dict[str, Any]]:
    """Rows that are no feature, with those that may be meant."""
    matched = getattr(report, "matched", None)
    rows = matched.unknown[:50] if matched is not None else ()
    return [
        {"said": one.said, "near": [{"id": near, "name": report.names.get(near, near)} for near in one.near]}
        for one in rows if one.said and one.near
    ]  # fmt: skip


def _offered(report: Any) -> list[dict[str, Any]]:
    """What can be taken over from an extract, each with how far it is from what the plan has."""
    if not isinstance(report, accepted.OsmReport):
        return []
    return [
        {"id": one.id, "name": one.name, "away": told.away(one.median_m), "taken": one.id in report.taken}
        for one in report.candidates[:MOST_ROWS]
    ]


def _edits(report: Any) -> list[dict[str, Any]]:
    """Edits that can be taken or left, as the command tells them apart; those with neither id nor name are taken."""
    if not isinstance(report, edited.EditReport):
        return []
    names = {one.id or one.name: one.name for one in report.edits if one.what and (one.id or one.name)}
    taken = set(report.taken)
    return [{"id": key, "name": name, "taken": key in taken} for key, name in names.items()][:MOST_ROWS]


def _told(error: PlanmapError) -> dict[str, Any]:
    """An error in both languages, with what could be chosen."""
    choices = {
        name: [str(one) for one in error.params[name]][:100]
        for name in ("layers", "systems", "fields", "choices") if isinstance(error.params.get(name), list | tuple)
    }  # fmt: skip
    found = {"key": error.key, "said": {lang: [error.message(lang), error.remedy(lang)] for lang in LANGUAGES}}
    problems = error.problems if isinstance(error, PlanError) else []
    listed = {
        lang: [[one.record_text(), one.text(lang), one.remedy(lang)] for one in problems[:MOST_ROWS]]
        for lang in LANGUAGES
    }
    return {**found, "choices": choices, "problems": listed if problems else {}}


def _state(folder: Path) -> list[list[Any]]:
    """What would tell that somebody changed the plan folder in between."""
    found = []
    for one in sorted(folder.rglob("*")):
        if one.is_file():
            about = one.stat()
            found.append([str(one.relative_to(folder)), about.st_size, about.st_mtime_ns])
    return found


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    Work(Path(sys.argv[1]), sys.argv[2]).run()
    os._exit(0)  # what it read is not taken to pieces first: the next one waits for its lock
