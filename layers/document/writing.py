"""A drafted plan folder as files, put in place whole; beside a folder that is there when there is one."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo import files as held
from geo.reasons import reason
from layers.build.check import examine
from layers.document import changes, decided, proposed
from layers.document.clauses import Text
from layers.document.draft import Decision, Draft, Given, Row
from layers.document.draft_parts import layout
from layers.document.drafting import drafted
from layers.document.found import Proposals
from layers.document.keeping import outline_file, text_files
from layers.document.positions import geojson, key
from layers.document.records_text import fields, name_of, record, written
from layers.folder import load
from layers.model import tables
from layers.model.errors import ERROR, LayersError, word
from layers.model.ids import PLAN_ID
from layers.model.plan import Plan

DECISIONS = "待定.md"
DIFF = "diff.json"
_STAGE = ".planmap-read-"
_ROUNDS = 4


@dataclass(frozen=True)
class Written:
    """What reading a plan made.

    Attributes:
        folder: Where it is; the folder that is there already when nothing is written.
        draft: The records.
        files: What is in it.
        changed: New, changed and gone records and clauses, beside a folder that was there; None without one.
        warnings: How many warnings ``planmap check`` has on it.
    """

    folder: Path
    draft: Draft
    files: tuple[str, ...]
    changed: changes.Changed | None
    warnings: int


def write(
    folder: Path, text: Text, proposals: Proposals, given: Given, *, lang: str = "zh", dry_run: bool = False,
    file: str = "",
) -> Written:  # fmt: skip
    """Draft a plan folder and put it in place; into a folder that is there nothing is written but a folder beside it.

    Args:
        folder: The plan folder that is wanted.
        text: The plan's text.
        proposals: What was read out of it.
        given: What the user gives beside.
        lang: Language of the list of what must be decided.
        dry_run: Write nothing.
        file: Name of the document, for the page on which a person decides.

    Raises:
        LayersError: ``reading.decisions``,
            ``read.folder_name``, ``read.not_a_folder``, ``read.not_written``, ``read.broken``, and those of
            ``drafted``.
    """
    if not PLAN_ID.fullmatch(folder.name):
        raise LayersError("read.folder_name", name=folder.name)
    there = folder.exists()
    if there and not (folder / "plan.toml").is_file():
        raise LayersError("read.not_a_folder", folder=str(folder))
    before = load.read(folder)[0] if there else None
    if before is not None:
        given = changes.with_ids(given, before)
    made = drafted(text, proposals, given, folder.name)
    aside = _set_aside(folder, made, text) if there else []
    target = folder.with_name(folder.name + proposed.BESIDE) if there else folder
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        held.clear_stale(target.parent, _STAGE)
        stage = held.HeldFolder(target.parent, _STAGE)
    except OSError as error:
        raise LayersError("read.not_written", folder=str(target), detail=reason(error)) from error
    try:
        ready = stage.path / folder.name
        warnings = _until_sound(ready, made, text, given, load.data_dir_of(folder), lang)
        changed = None if before is None else changes.between(before, made, text)
        if changed is not None:
            (ready / DIFF).write_text(json.dumps(changed.as_dict(), ensure_ascii=False, indent=1) + "\n", "utf-8")
            (ready / changes.WORDS).write_text(changed.text(lang), "utf-8")
        names = tuple(sorted(path.relative_to(ready).as_posix() for path in ready.rglob("*") if path.is_file()))
        made.rows += aside
        _keep(ready, _session(folder, made, text, file, before, changed))
        if not dry_run:
            _put(ready, target)
    except OSError as error:
        raise LayersError("read.not_written", folder=str(target), detail=reason(error)) from error
    finally:
        stage.close()
    return Written(target, made, names, changed, warnings)


def _set_aside(folder: Path, made: Draft, text: Text) -> list[Row]:
    """Take out of a draft what a person refused or merged in an earlier reading, and ask no more of what was decided.

    Raises:
        LayersError: ``reading.decisions``.
    """
    decisions = decided.read(folder)
    settled = [one for one in proposed.items_of(made, text) if (by := decisions.get(one.key)) and by.settles(one)]
    names = {key(one.name) for one in settled}
    made.decisions[:] = [one for one in made.decisions if key(one.name) not in names]
    out = {(one.table, one.values["id"]) for one in settled if decisions[one.key].how != decided.ACCEPTED}
    aside = [row for row in made.rows if row.finding is not None and (row.table, row.id) in out]
    made.rows[:] = [row for row in made.rows if row not in aside]
    return aside


def _session(
    folder: Path, made: Draft, text: Text, file: str, before: Plan | None, changed: changes.Changed | None
) -> proposed.Session:
    """What waits for a person."""
    if before is None or changed is None:
        return proposed.made(made, text, file, fresh=True)
    drafted_ids: frozenset[str] = frozenset()
    with suppress(LayersError):  # one that cannot be read is made anew
        earlier = proposed.latest(folder)
        drafted_ids = earlier.drafted if earlier else frozenset()
    words = [
        {"id": one.id, "how": one.how, "before": before.texts.get(one.id, ""),
         "touched": list(changed.touched.get(one.id, ()))}
        for one in changed.clauses
    ]  # fmt: skip
    gone = [(one.table, one.id, one.name) for one in changed.records if one.how == "gone"]
    return proposed.made(made, text, file, drafted=drafted_ids, gone=gone, changed=words)


def _keep(ready: Path, session: proposed.Session) -> None:
    path = ready / proposed.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(proposed.as_json(session))


def _put(ready: Path, target: Path) -> None:
    """The new folder takes its name; an older folder of proposals, which is ours, gives way."""
    aside: Path | None = None
    if target.exists():
        if not (target / DIFF).is_file():
            raise LayersError("read.not_a_folder", folder=str(target))
        aside = ready.with_name(f"{ready.name}-old")
        target.rename(aside)
    ready.rename(target)
    if aside is not None:
        shutil.rmtree(aside, ignore_errors=True)


def _until_sound(ready: Path, made: Draft, text: Text, given: Given, data_dir: Path, lang: str) -> int:
    """Write the folder and check it; what the check refuses is drawn no more, and a person is told."""
    for _round in range(_ROUNDS):
        if ready.exists():
            shutil.rmtree(ready)
        _write_all(ready, made, text, given, lang)
        examined = examine(ready, data_dir)
        errors = [one for one in examined.problems if one.severity == ERROR]
        if not errors:
            return len(examined.problems)
        refused = {one.record for one in errors}
        for row in [row for row in made.rows if row.id in refused]:
            if row.table != "feature" or not row.values.get("geometry"):
                made.rows.remove(row)
                made.doubtful += [row] if row.finding is not None else []
            else:
                for name in ("geometry", "accuracy_m", "basis", "symbolic", "sources", "known", "assumed"):
                    row.values.pop(name, None)
                row.values |= {
                    f"no_geometry{end}": word("read.refused", lang_) for end, lang_ in (("", "zh"), ("_en", "en"))
                }
            said = next(one.text(lang) for one in errors if one.record == row.id)
            made.decisions.append(Decision("read.decide_refused", str(row.values["name"]), "", {"said": said}))
    first = errors[0]
    raise LayersError("read.broken", count=len(errors), first=f"{first.record_text()}: {first.text(lang)}")


def _write_all(ready: Path, made: Draft, text: Text, given: Given, lang: str) -> None:
    """Every file of the folder."""
    contents: dict[str, bytes] = {
        "plan.toml": _plan(made).encode("utf-8"), "outline.toml": outline_file(text), **text_files(text),
        "sources.toml": _sources(made).encode("utf-8"), "places.csv": _places(made),
        DECISIONS: decisions_text(made.decisions, lang).encode("utf-8"),
    }  # fmt: skip
    if given.boundaries.found:
        contents["imported/townships.geojson"] = given.boundaries.geojson("planmap read --boundaries")
    if made.shapes:  # an extract is of a whole region: of it only what is named
        own = [one for one in given.gazetteer.found if not one.at or (one.name, one.at) in made.shapes]
        contents["imported/places.geojson"] = geojson(own, "planmap read --gazetteer")
    by_file: dict[str, list[str]] = {"indicators.toml": []}
    for row in made.rows:
        by_file.setdefault(row.file, []).append(record(row.table, row.values, row.comments))
    for file, records in by_file.items():
        contents[file] = "\n".join(records).encode("utf-8")
    for name, content in contents.items():
        path = ready / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        with path.open("rb") as file_:
            os.fsync(file_.fileno())


def _plan(made: Draft) -> str:
    """``plan.toml``: what the title says, then the layers of the kinds that there are, and their views."""
    kinds = {str(row.values["kind"]) for row in made.rows if row.table == "feature"}
    of = layout()
    layers = [{**one, "kinds": [kind for kind in one["kinds"] if kind in kinds]} for one in of["layer"]]
    layers = [one for one in layers if one["kinds"]]
    groups = [one for one in of["group"] if any(layer["group"] == one["id"] for layer in layers)]
    base = [one["id"] for one in layers if one["group"] in ("structure", "townships", "ground")]
    views = [{"id": "overview", "name": word("read.overview", "zh"), "name_en": word("read.overview", "en"),
              "layers": [one["id"] for one in layers], "fit": "district"}]  # fmt: skip
    for group in groups:
        if group["id"] not in ("townships", "ground"):
            own = [one["id"] for one in layers if one["group"] == group["id"]]
            views.append({"id": group["id"], "name": group["name"], "name_en": group["name_en"],
                          "layers": list(dict.fromkeys([*own, *base])), "fit": "district"})  # fmt: skip
    head = {name: value for name, value in made.head.items() if name not in ("district", "leads")}
    parts = [fields(head), "[district]\n" + fields(made.head["district"])]
    if made.head["leads"]:
        lines = "".join(f"{name_of(clause)} = {written(units)}\n" for clause, units in made.head["leads"].items())
        parts.append("[leads]\n" + lines)
    parts += [record("group", one) for one in groups]
    parts += [record("layer", one) for one in layers]
    parts += [record("view", one) for one in views]
    return "\n".join(parts)


def _sources(made: Draft) -> str:
    said: list[Mapping[str, Any]] = [
        {"name": word("read.source_plan", "zh"), "title": made.head["title"]},
        {"name": word("read.source_shapes", "zh"), "title": word("read.source_shapes_title", "zh"),
         "title_en": word("read.source_shapes_title", "en")},
        {"name": word("read.source_places", "zh"), "title": word("read.source_places_title", "zh"),
         "title_en": word("read.source_places_title", "en")},
    ]  # fmt: skip
    return "\n".join(record("source", one) for one in said)


def _places(made: Draft) -> bytes:
    rows = io.StringIO(newline="")
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(["name", "name_en", "aliases", "lon", "lat", "datum", "accuracy_m", "basis", "township", "source"])
    for spot in made.places.values():
        point = spot.geometry.centroid
        writer.writerow([
            spot.name, spot.name_en, tables.join(spot.aliases), f"{point.x:.6f}", f"{point.y:.6f}", "cgcs2000",
            f"{spot.accuracy_m or 1000:g}", "schematic", "", word("read.source_places", "zh"),
        ])  # fmt: skip
    return rows.getvalue().encode("utf-8")


def decisions_text(decisions: list[Decision], lang: str) -> str:
    """What a person must decide, by what it is about."""
    lines = [f"# {word('read.decisions', lang)}", "", word("read.decisions_intro", lang), ""]
    for why in dict.fromkeys(one.key for one in decisions):
        some = [one for one in decisions if one.key == why]
        lines += [f"## {word(f'{why}_head', lang, count=len(some))}", ""]
        for one in some:
            clause = f"（{one.clause}）" if one.clause else ""
            said = word(why, lang, **one.params)
            name = " ".join(one.name.split())[:80]
            lines.append(f"- [ ] **{name}**{clause} {said}".rstrip())
        lines.append("")
    return "\n".join(lines)
