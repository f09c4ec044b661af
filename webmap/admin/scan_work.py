"""``python -m webmap.admin.scan_work FOLDER TASK``: reads pictures for the pages of scans, in a process of its own."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from geo.sheet_tiles import add_overviews
from geo.tracing import Cleaning, parse_color
from layers.build.sheets import upright_of
from layers.scans import traces, work
from layers.scans.traces import Wanted
from webmap.admin.desk import Sheets
from webmap.admin.folders import Place
from webmap.admin.jobs import SENT
from webmap.admin.work import Work

ADD, PREPARE, TRACE = "add", "prepare", "trace"
"""What a process may be told to do."""
_HOLE, _SPECK = 12, 4
PROPOSAL = "proposal.json"
"""What a trace gives, in the folder of its work."""


class ScanWork(Work):
    """One piece of work with a picture."""

    def tasks(self) -> Mapping[str, Callable[[], dict[str, Any]]]:
        """What can be done, by its name."""
        return {ADD: self.add, PREPARE: self.prepare, TRACE: self.trace}

    def add(self) -> dict[str, Any]:
        """Put the picture that was sent into the plan folder."""
        self.say("add")
        said = dict(self.job.stated)
        scan_id = said.pop("id")
        return {"scan": work.add(self.folder, self.where / SENT / self.job.file, scan_id, said)["id"]}

    def prepare(self) -> dict[str, Any]:
        """Make the picture upright, with overviews."""
        self._prepared(self._opened())
        return {"scan": self.job.stated["scan"]}

    def trace(self) -> dict[str, Any]:
        """Propose shapes of a colour."""
        said, opened = self.job.stated, self._opened()
        picture = self._prepared(opened)
        pick = said.get("pick")
        bridge = said["bridge"]
        # What a name of that size leaves behind: holes of a few letters, and specks smaller than one.
        cleaning = None if said["line"] else Cleaning(bridge, _HOLE * bridge**2, _SPECK * bridge**2)
        wanted = Wanted(
            colors=tuple(parse_color(one) for one in said.get("colors", ())), pick=tuple(pick) if pick else None,
            tolerance=said["tolerance"], line=said["line"], feature=said["feature"], snap=said["snap"],
            cleaning=cleaning, gap_px=float(bridge),
        )  # fmt: skip
        found = traces.trace(opened, said["scan"], wanted, self._told("trace"), picture)
        (self.where / PROPOSAL).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        return {"scan": said["scan"]}

    def _opened(self) -> work.Work:
        self.say("open")
        return work.open_folder(self.folder, self.data_dir)

    def _told(self, phase: str) -> Callable[[int, int], None]:
        return lambda done, total: self.say(phase, step=done, steps=total)

    def _prepared(self, opened: work.Work) -> Path:
        scan = opened.scan(self.job.stated["scan"])
        sheets = Sheets(self.where.parents[1])
        place = Place(self.job.plan, self.folder, self.data_dir, Path(self.job.edition))
        key = sheets.key(place, scan)
        ready = sheets.ready(key)
        if ready is not None:
            return ready
        sheets.make_room()
        with upright_of(self.folder, scan, self._told("upright"), sheets.folder) as source:
            self.say("overviews")
            add_overviews(source)
            source.replace(sheets.path(key))
        return sheets.path(key)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    ScanWork(Path(sys.argv[1]), sys.argv[2]).run()
    os._exit(0)
