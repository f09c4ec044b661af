"""What the page 读文 says, as plain values for its templates."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from layers import words
from layers.document import decided, deciding, renewing
from layers.document.deciding import CHANGED, DRAFTED, NEW, THERE, Desk, Standing
from layers.document.fields import CHOICE, FIELDS, Field, shown
from layers.document.proposed import Item, Words
from layers.model.errors import LayersError
from webmap.admin.failed import failure
from webmap.admin.folders import Place
from webmap.admin.jobs import Job
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.messages import CATALOGUE, text

TEXT = "text"
"""What a job is that reads a plan's text."""
DONE = ("accepted", "merged", "refused", "back", "undone", "text", "text_left")
STATES = (NEW, DRAFTED, CHANGED, THERE, *decided.HOW)
SUFFIXES = ".docx,.pdf,.html,.htm,.txt,.md"
GAZETTEERS = ".csv,.geojson,.json,.gpkg,.kml,.pbf,.zip"
_BAR = " | "
_MOST_CLAUSES = 400


def _root(root: str, path: str, lang: str, **params: str | None) -> str:
    return with_query(f"{root}/admin/reading{path}", **params, lang=asked_for(lang))


def _links(root: str, lang: str) -> dict[str, str]:
    return {name: _root(root, path, lang) for name, path in (
        ("start", ""), ("changes", "/changes"), ("decisions", "/decisions"), ("undo", "/undo"), ("build", "/build"))
    }  # fmt: skip


def start_values(place: Place | None, desk: Desk | None, lang: str, root: str, upload_mb: int) -> dict[str, Any]:
    """Values for admin_reading.html."""
    chapters, total, left = [], 0, 0
    if desk is not None:
        for chapter, (count, waiting) in desk.progress().items():
            title = desk.session.chapters[chapter][0].title
            url = _root(root, f"/chapter/{chapter}", lang)
            chapters.append({"id": chapter, "title": title, "count": count, "open": waiting, "url": url})
            total, left = total + count, left + waiting
    return {
        "title": text(lang, "reading.title"), "known": place is not None,
        "folder": place.folder.name if place else "", "links": _links(root, lang), "upload_mb": upload_mb,
        "suffixes": SUFFIXES, "gazetteers": GAZETTEERS, "chapters": chapters, "total": total, "open": left,
        "reading": _about(desk) if desk is not None else None, "last": _last(place, lang),
    }  # fmt: skip


def _about(desk: Desk) -> dict[str, Any]:
    session = desk.session
    made = time.strftime("%Y-%m-%d %H:%M", time.gmtime(session.made))
    return {"file": session.file, "made": made, "changed": len(session.changed), "gone": len(session.gone),
            "decisions": len(desk.decisions), "fresh": session.fresh}  # fmt: skip


def _last(place: Place | None, lang: str) -> str:
    """What could be taken back, in words; "" when there is nothing."""
    if place is not None:
        with suppress(LayersError):
            about = deciding.undo(place.folder, look_only=True)["about"]
            command = str(about.get("command", ""))
            how = text(lang, f"reading.did.{command}") if f"reading.did.{command}" in CATALOGUE else ""
            return f"{how} {about.get('name', '')}".strip()
    return ""


def job_values(place: Place, job: Job, state: Mapping[str, Any], lang: str, root: str) -> dict[str, Any]:
    """Values for admin_reading_job.html."""
    _error, said = failure(state, lang)
    return {
        "title": job.file, "folder": place.folder.name, "links": _links(root, lang), "working": state["working"],
        "seconds": max(0, round(time.time() - float(state.get("since", time.time())))), "error": said,
        "remarks": state.get("remarks", {}).get(lang, []), "clauses": state.get("clauses", 0),
        "records": state.get("records", 0), "cancel_url": _root(root, f"/job/{job.id}/cancel", lang),
        "state_url": with_query(f"{root}/admin/import/{job.id}/state", lang=asked_for(lang)),
    }  # fmt: skip


# ---- a chapter


def chapter_values(
    desk: Desk, chapter: str, wanted: str, given: Mapping[str, str], lang: str, root: str
) -> dict[str, Any]:
    """Values for admin_reading_chapter.html."""
    session = desk.session
    items = session.of_chapter(chapter)
    standings = {one.id: desk.standing(one) for one in items}
    chosen = wanted if wanted in standings else next((one.id for one in items if standings[one.id].open), "")
    chosen = chosen or (items[0].id if items else "")
    clauses = session.chapters[chapter]
    order = list(session.chapters)
    at = order.index(chapter)
    inline = _Marks(items, standings, lang)
    here = [{"id": one.id, "title": one.title, "parts": list(inline.parts(one))} for one in clauses[:_MOST_CLAUSES]]
    near = {name: _root(root, f"/chapter/{order[index]}", lang) if 0 <= index < len(order) else ""
            for name, index in (("before", at - 1), ("after", at + 1))}  # fmt: skip
    left = sum(one.open for one in standings.values())
    return {
        "title": f"{chapter} {clauses[0].title}".strip(), "links": _links(root, lang), "near": near, "chapter": chapter,
        "wide": True,
        "clauses": here, "count": len(items), "open": left, "chosen": chosen,
        "url": _root(root, f"/chapter/{chapter}", lang), "folder": desk.folder.name,
        "unmarked": [_chip(one, standings[one.id], lang) for one in items if one.id not in inline.shown],
        "items": [
            _item(desk, one, standings[one.id], number, lang, given if one.id == wanted else {})
            for number, one in enumerate(items, start=1)
        ],
        "kinds": [(words.name(_said(one), lang), one.id) for one in desk.plan.kinds.values()],
        "others": _others(desk, {one.table for one in items}, lang),
        "states": [(one, text(lang, f"reading.state.{one}")) for one in STATES],
    }  # fmt: skip


def _said(record: Any) -> dict[str, str]:
    return {"id": record.id, "name": record.name, "name_en": getattr(record, "name_en", "")}


def _others(desk: Desk, tables: set[str], lang: str) -> dict[str, list[tuple[str, str]]]:
    """By table the records that a finding may be merged with."""
    plan = desk.plan
    some = {"feature": plan.features, "target": plan.targets, "indicator": plan.indicators, "review": plan.reviews}
    return {table: [(one.id, words.name(_said(one), lang)) for one in some[table]] for table in sorted(tables)}


@dataclass
class _Marks:
    """The findings of a chapter in its words: each character belongs to the shortest that covers it."""

    items: Sequence[Item]
    standings: Mapping[str, Standing]
    lang: str

    def __post_init__(self) -> None:
        self.shown: set[str] = set()
        self._spans: dict[str, list[tuple[int, int, Item]]] = {}
        for one in self.items:
            for place in one.places:
                self._spans.setdefault(place.clause, []).append((place.start, place.end, one))

    def parts(self, clause: Words) -> Iterator[dict[str, Any]]:
        """Lines, and tables of rows of cells, each made of pieces."""
        rows: list[list[list[dict[str, Any]]]] = []
        offset = 0
        for line in clause.text.split("\n"):
            if _BAR in line:
                cells, at = [], offset
                for cell in line.split(_BAR):
                    cells.append(list(self._pieces(clause, at, at + len(cell))))
                    at += len(cell) + len(_BAR)
                rows.append(cells)
            else:
                if rows:
                    yield {"rows": rows}
                    rows = []
                yield {"line": list(self._pieces(clause, offset, offset + len(line)))}
            offset += len(line) + 1
        if rows:
            yield {"rows": rows}

    def _pieces(self, clause: Words, start: int, end: int) -> Iterator[dict[str, Any]]:
        spans = [one for one in self._spans.get(clause.id, ()) if one[0] < end and one[1] > start]
        edges = sorted({start, end, *(min(max(edge, start), end) for one in spans for edge in one[:2])})
        for left, right in itertools.pairwise(edges):
            over = [one for one in spans if one[0] <= left and one[1] >= right]
            said = clause.text[left:right]
            if not over:
                yield {"text": said, "item": ""}
                continue
            item = min(over, key=lambda one: one[1] - one[0])[2]
            first = item.id not in self.shown
            self.shown.add(item.id)
            yield {"text": said, "first": first, **_chip(item, self.standings[item.id], self.lang)}


def _chip(item: Item, standing: Standing, lang: str) -> dict[str, Any]:
    return {
        "item": item.id, "table": item.table, "state": standing.how, "open": standing.open, "name": item.name,
        "said": f"{text(lang, f'reading.table.{item.table}')} · {text(lang, f'reading.state.{standing.how}')}",
    }  # fmt: skip


def _item(
    desk: Desk, item: Item, standing: Standing, number: int, lang: str, given: Mapping[str, str]
) -> dict[str, Any]:
    """A finding's record as a form."""
    record, place = desk.record(item), item.places[0]
    clause = next((one for one in desk.session.clauses if one.id == place.clause), None)
    evidence = clause.text[max(0, place.start - 30) : place.end + 30].replace("\n", " ") if clause else ""
    values = dict(item.values)
    if record is not None:  # what the text does not contradict is as a person wrote it
        values = {**_of_record(item, record), **{name: new for name, (_, new) in standing.differ.items()}}
    return {
        **_chip(item, standing, lang), "number": number, "seen": standing.seen, "record": standing.record,
        "confidence": f"{item.confidence:.2f}", "doubtful": item.doubtful, "clause": place.clause,
        "evidence": evidence, "mentions": len(item.places), "drawn": standing.drawn,
        "state_said": text(lang, f"reading.state.{standing.how}"),
        "table_said": text(lang, f"reading.table.{item.table}"),
        "decided": _decided(standing, lang),
        "how": item.how.get(lang, "") if item.position and not standing.drawn else "",
        "position": given.get("position", "1") == "1" or not given,
        "fields": [_field(desk, one, values, standing, lang, given) for one in FIELDS[item.table]],
    }  # fmt: skip


def _of_record(item: Item, record: Any) -> dict[str, Any]:
    """A record's fields as the folder has them."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(one.name.partition(".")[0] for one in FIELDS[item.table]):
        value = getattr(record, name, None)
        if value is not None and not isinstance(value, str | int | float | list | tuple):
            value = {inner: getattr(value, inner) for inner in ("year", "value", "low", "high", "text", "comparator")}
        if value not in (None, "", (), []):
            found[name] = value
    return found


def _decided(standing: Standing, lang: str) -> str:
    one = standing.decision
    if one is None:
        return ""
    how = text(lang, f"reading.did.{one.how}")
    return " · ".join(part for part in (how, one.record, one.on, one.by) if part)


def _field(
    desk: Desk, field: Field, values: Mapping[str, Any], standing: Standing, lang: str, given: Mapping[str, str]
) -> dict[str, Any]:
    value = shown(field, values)
    before = standing.differ.get(field.name)
    allowed = choices(desk).get(field.name, field.choices)
    options = [(one, _choice(desk, field.name, one, lang)) for one in allowed] if field.form == CHOICE else []
    said_of = dict(options)
    if field.name == "kind":  # too many to choose from: typed, and completed
        value, options = said_of.get(value, value), []
    return {
        "name": field.name, "label": field_name(field.name, lang), "form": field.form, "needed": field.needed,
        "value": given.get(field.name, value), "said": said_of.get(value, value), "options": options,
        "before": shown(Field(field.name, field.form), {field.name: before[0]}) or "—" if before else "",
    }  # fmt: skip


def _choice(desk: Desk, field: str, value: str, lang: str) -> str:
    if field == "kind":
        return words.name(_said(desk.plan.kinds[value]), lang)
    if field == "status":
        return words.name(_said(desk.plan.statuses[value]), lang)
    column = {"stated_met": "met"}.get(field, field)
    return words.code(column, value, lang)


def choices(desk: Desk) -> dict[str, tuple[str, ...]]:
    """What a plan allows where the program does not say it."""
    return {"kind": tuple(desk.plan.kinds), "status": tuple(desk.plan.statuses)}


def kind_of(desk: Desk, said: str) -> str:
    """A kind's id from its name in either language; what was said where there is none."""
    said = said.strip()
    for one in desk.plan.kinds.values():
        if said in (one.id, one.name, one.name_en):
            return one.id
    return said


def record_of(desk: Desk, item: Item, said: str) -> str:
    """A record's id from what was typed: the id, or a name that only one has."""
    plan = desk.plan
    some = {"feature": plan.features, "target": plan.targets, "indicator": plan.indicators, "review": plan.reviews}
    own = some[item.table]
    if any(one.id == said for one in own):
        return said
    named = [one.id for one in own if said in (one.name, one.name_en)]
    return named[0] if len(named) == 1 else said


def field_name(name: str, lang: str) -> str:
    """A field's name in the reader's words."""
    head, _, inner = name.partition(".")
    own = text(lang, f"reading.field.{inner or head}")
    return f"{text(lang, f'reading.field.{head}')} · {own}" if inner else own


def following(desk: Desk, chapter: str, item: Item) -> str:
    """The next finding that waits: after one in its chapter, else before it, else the same."""
    items = desk.session.of_chapter(chapter)
    ids = [one.id for one in items]
    at = ids.index(item.id) if item.id in ids else 0
    for one in [*items[at + 1 :], *items[:at]]:
        if desk.standing(one).open:
            return one.id
    return item.id


# ---- decisions, and changes of the text


def decisions_values(place: Place, lang: str, root: str) -> dict[str, Any]:
    """Values for admin_reading_decisions.html."""
    try:
        found, trouble = decided.read(place.folder), []
    except LayersError as error:
        found, trouble = {}, [error.message(lang), error.remedy(lang)]
    rows = [
        {"finding": one.finding, "name": one.name, "how": text(lang, f"reading.did.{one.how}"), "state": one.how,
         "record": one.record, "clause": one.clause, "on": one.on, "by": one.by}
        for one in reversed(found.values())
    ]  # fmt: skip
    more = {"trouble": trouble} if trouble else {}
    return {"title": text(lang, "reading.decisions"), "folder": place.folder.name, "links": _links(root, lang),
            "rows": rows, "last": _last(place, lang), **more}  # fmt: skip


def changes_values(desk: Desk, lang: str, root: str) -> dict[str, Any]:
    """Values for admin_reading_changes.html."""
    new = {one.id: one for one in desk.session.clauses}
    names = {one.id: one.name for some in (desk.plan.features, desk.plan.targets, desk.plan.indicators) for one in some}
    rows = []
    for one in desk.session.changed:
        clause = str(one["id"])
        after = new[clause].text if clause in new else ""
        rows.append({
            "id": clause, "how": one["how"], "said": text(lang, f"reading.clause.{one['how']}"),
            "title": new[clause].title if clause in new else "",
            "pieces": list(renewing.differences(str(one["before"]), after)),
            "touched": [(str(record), names.get(str(record), "")) for record in one["touched"]],
            "url": _root(root, f"/chapter/{_chapter_of(desk, clause)}", lang) if clause in new else "",
        })  # fmt: skip
    return {
        "title": text(lang, "reading.changes"), "folder": desk.folder.name, "links": _links(root, lang), "rows": rows,
        "gone": [(record, name, text(lang, f"reading.table.{table}")) for table, record, name in desk.session.gone],
        "can_renew": not renewing.is_renewed(desk), "file": desk.session.file,
    }  # fmt: skip


def _chapter_of(desk: Desk, clause: str) -> str:
    return next((chapter for chapter, some in desk.session.chapters.items()
                 if any(one.id == clause for one in some)), "")  # fmt: skip
