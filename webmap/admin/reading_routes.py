"""The page 读文: a plan's text with what was read out of it, accepted, corrected, merged or refused one by one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request

from geo.errors import PlanmapError
from layers.document import deciding, renewing
from layers.document.deciding import Desk
from layers.document.fields import FIELDS, typed
from layers.document.proposed import Item
from layers.model.errors import LayersError
from webmap.admin import reading_pages as pages
from webmap.admin.access import PUBLISH, Who
from webmap.admin.gate import ADDRESS
from webmap.admin.jobs import READ, Job, Jobs
from webmap.admin.routes import access, begin_rebuild, goes, html, known_place, needed_place, signed_in, where
from webmap.serving.context import context
from webmap.serving.messages import text
from webmap.serving.problems import NotKnownError, RefusedError, language

blueprint = Blueprint("admin_reading", __name__)

PAGE = "/admin/reading"
_CONFLICTS = ("reading.changed", "import.changed_meanwhile", "import.busy", "import.edited_since")
"""What somebody else did meanwhile."""
_MOST_FIELDS = 60


def _desk() -> Desk:
    place = needed_place()
    return Desk(place.folder, place.data_dir)


def _to(path: str = "", **params: str | None) -> Response:
    return goes(f"{where()['root']}{PAGE}{path}", **params)


def _page(template: str, values: dict[str, Any], error: PlanmapError | None = None) -> Response:
    lang = language(request)
    trouble = [error.message(lang), error.remedy(lang)] if error is not None else []
    status = 200 if error is None else 409 if error.key in _CONFLICTS else 400
    shown = {"trouble": trouble, "done": _done(lang), **values}
    return html(template, context(), shown, status)


def _done(lang: str) -> str:
    """What was just done, as the address says it; nothing of the address itself is shown."""
    how = request.args.get("done", "")
    return text(lang, f"reading.done.{how}") if how in pages.DONE else ""


@blueprint.get(PAGE)
def start() -> Response:
    """Where a text is sent to, and how far each chapter is."""
    signed_in(PUBLISH)
    return _start()


def _start(error: PlanmapError | None = None) -> Response:
    place, ctx = known_place(), context()
    desk: Desk | None = None
    if place is not None:
        try:
            desk = Desk(place.folder, place.data_dir)
        except LayersError as found:
            error = error or (None if found.key == "reading.nothing" else found)
    values = pages.start_values(place, desk, language(request), where()["root"], access().settings.upload_mb)
    return _page("admin_reading.html", {**values, "plan_id": ctx.name}, error)


@blueprint.post(PAGE)
def send() -> Response:
    """A text: it is kept and read beside the plan folder."""
    who, place = signed_in(PUBLISH), needed_place()
    found = Jobs(context().shelf.path)
    job = found.make(place, access().settings.keep_editions, who.name, what=pages.TEXT)
    try:
        names: dict[str, str] = {}
        for field in ("file", "gazetteer"):
            file = request.files.get(field)
            if file is not None and file.filename:
                names[field] = found.keep_file(job, file.filename, file.stream)
        if "file" not in names:
            raise RefusedError("admin.import.no_file")
        job.file, job.stated = names["file"], {"gazetteer": names.get("gazetteer", ""), "lang": language(request)}
        found.write(job)
        found.start(job, READ)
    except Exception:
        found.drop(job)
        raise
    access().note(who.name, "looked", job.file, request.environ[ADDRESS])
    return _to(f"/job/{job.id}")


def _job(name: str) -> Job:
    found = Jobs(context().shelf.path).find(context().name, name)
    if found.what != pages.TEXT:
        raise NotKnownError("admin.import.gone")
    return found


@blueprint.get(f"{PAGE}/job/<name>")
def reading(name: str) -> Response:
    """How far the reading of a text is."""
    signed_in(PUBLISH)
    place, job = needed_place(), _job(name)
    state = Jobs(context().shelf.path).state(job)
    values = pages.job_values(place, job, state, language(request), where()["root"])
    return html("admin_reading_job.html", context(), values)


@blueprint.post(f"{PAGE}/job/<name>/cancel")
def cancel(name: str) -> Response:
    """End the reading of a text."""
    signed_in(PUBLISH)
    job = _job(name)
    Jobs(context().shelf.path).cancel(job)
    return _to(f"/job/{job.id}")


@blueprint.get(f"{PAGE}/chapter/<chapter>")
def chapter(chapter: str) -> Response:
    """A chapter with its findings and their records."""
    signed_in(PUBLISH)
    return _chapter(_desk(), chapter, request.args.get("item", ""))


def _chapter(
    desk: Desk, chapter: str, item: str, error: PlanmapError | None = None, given: dict[str, str] | None = None
) -> Response:
    if chapter not in desk.session.chapters:
        raise NotKnownError("admin.reading.no_chapter")
    values = pages.chapter_values(desk, chapter, item, given or {}, language(request), where()["root"])
    script = where()["site"] + context().bundle.address("reading.js")
    return _page("admin_reading_chapter.html", {**values, "reading_script": script}, error)


@blueprint.post(f"{PAGE}/chapter/<chapter>")
def decide(chapter: str) -> Response:
    """One decision."""
    who, desk = signed_in(PUBLISH), _desk()
    if chapter not in desk.session.chapters:
        raise NotKnownError("admin.reading.no_chapter")
    form = dict(list(request.form.items())[:_MOST_FIELDS])
    try:
        item = desk.item(form.get("item", ""))
    except LayersError as error:
        return _chapter(desk, chapter, "", error)
    action = form.get("action", "")
    try:
        done = _decided(desk, item, action, form, who)
    except LayersError as error:
        return _chapter(_desk(), chapter, item.id, error, form)
    access().note(who.name, f"reading_{done}", item.name[:80], request.environ[ADDRESS])
    return _to(f"/chapter/{chapter}", item=pages.following(_desk(), chapter, item), done=done)


def _decided(desk: Desk, item: Item, action: str, form: dict[str, str], who: Who) -> str:
    """Do it; what was done.

    Raises:
        LayersError: It cannot be.
    """
    seen, lang = form.get("seen", ""), language(request)
    if action == "accept":
        fields = {one.name: form[one.name] for one in FIELDS[item.table] if one.name in form}
        if "kind" in fields:
            fields["kind"] = pages.kind_of(desk, fields["kind"])
        values = typed(item.table, fields, pages.choices(desk), lambda name: pages.field_name(name, lang))
        desk.accept(item, values, position=form.get("position") == "1", seen=seen, by=who.name)
        return "accepted"
    if action == "merge":
        desk.merge(item, pages.record_of(desk, item, form.get("other", "").strip()), seen=seen, by=who.name)
        return "merged"
    if action == "refuse":
        desk.refuse(item, seen=seen, by=who.name)
        return "refused"
    if action == "back":
        desk.take_back([item.key], who.name)
        return "back"
    raise RefusedError("admin.import.bad_field", name="action", value=action[:60])


@blueprint.post(f"{PAGE}/undo")
def undo() -> Response:
    """Take the last decision back with all that it wrote."""
    who, place = signed_in(PUBLISH), needed_place()
    chapter, item = request.form.get("chapter", "")[:20], request.form.get("item", "")[:20]
    try:
        about = deciding.undo(place.folder)["about"]
    except LayersError as error:
        return _start(error)
    access().note(who.name, "reading_undone", str(about.get("name", ""))[:80], request.environ[ADDRESS])
    with suppress(LayersError):
        desk = _desk()
        found = desk.session.by_id.get(str(about.get("finding", "")))
        if found is not None:
            return _to(f"/chapter/{desk.session.chapter_of(found)}", item=found.id, done="undone")
        if chapter in desk.session.chapters:
            return _to(f"/chapter/{chapter}", item=item, done="undone")
    return _to(done="undone")


@blueprint.get(f"{PAGE}/decisions")
def decisions() -> Response:
    """What was decided, to be taken back."""
    signed_in(PUBLISH)
    values = pages.decisions_values(needed_place(), language(request), where()["root"])
    return _page("admin_reading_decisions.html", values)


@blueprint.post(f"{PAGE}/decisions")
def back() -> Response:
    """Take decisions back."""
    who, place = signed_in(PUBLISH), needed_place()
    keys = request.form.getlist("finding")[:1000]
    try:
        if keys:
            deciding.take_back(place.folder, keys, who.name)
    except LayersError as error:
        return _page("admin_reading_decisions.html", pages.decisions_values(place, language(request), where()["root"]),
                     error)  # fmt: skip
    access().note(who.name, "reading_back", str(len(keys)), request.environ[ADDRESS])
    return _to("/decisions", done="back" if keys else None)


@blueprint.get(f"{PAGE}/changes")
def changes() -> Response:
    """What the text says otherwise than the folder's, clause by clause."""
    signed_in(PUBLISH)
    return _changes(_desk())


def _changes(desk: Desk, error: PlanmapError | None = None) -> Response:
    values = pages.changes_values(desk, language(request), where()["root"])
    return _page("admin_reading_changes.html", values, error)


@blueprint.post(f"{PAGE}/changes")
def renew() -> Response:
    """Put the words of the new text into the folder."""
    who, desk = signed_in(PUBLISH), _desk()
    try:
        left = renewing.renew(desk, who.name)
    except LayersError as error:
        return _changes(_desk(), error)
    access().note(who.name, "reading_text", desk.session.file[:80], request.environ[ADDRESS])
    return _to("/changes", done="text_left" if left else "text")


@blueprint.post(f"{PAGE}/build")
def build() -> Response:
    """Build the edition of the folder as it is."""
    who, place = signed_in(PUBLISH), needed_place()
    begun = begin_rebuild(who.name, place)
    access().note(who.name, "rebuilt", "", request.environ[ADDRESS])
    return begun
