"""The page for imports: a file is sent and compared, and then accepted or dropped; the last one can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from geo.foreign.reading import SUFFIXES
from geo.messages import plain
from layers.imports import exchange, osm
from layers.imports.land_use import LAYER as LAND_USE
from layers.model.errors import LayersError
from webmap.admin import jobs as work
from webmap.admin.access import PUBLISH
from webmap.admin.gate import ADDRESS
from webmap.admin.import_pages import MOST_ROWS, OSM, form_values, job_values
from webmap.admin.jobs import ACCEPT, LOOK, REBUILD, UNDO, Job, Jobs
from webmap.admin.routes import access, goes, html, known_place, needed_place, signed_in, where
from webmap.serving.context import context
from webmap.serving.encode import JSON_TYPE, json_bytes
from webmap.serving.problems import RefusedError, language

blueprint = Blueprint("admin_import", __name__)

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
BASES = ("official", "surveyed", "osm")
_TEXTS = ("layer", "crs", "four", "seven", "encoding", "name_field", "code_field", "source", "title", "date", "licence",
          "attribution")  # fmt: skip
_LONGEST = 200
_MOST_MATCHED = 200


def _jobs() -> Jobs:
    return Jobs(context().shelf.path)


def _job(name: str) -> Job:
    return _jobs().find(context().name, name)


def _to(job: Job | None = None) -> Response:
    return goes(f"{where()['root']}/admin/import" + (f"/{job.id}" if job else ""))


@blueprint.get("/admin/import")
def start() -> Response:
    """The form, and what was imported last."""
    signed_in(PUBLISH)
    place, ctx = known_place(), context()
    last: Mapping[str, Any] | None = None
    trouble: LayersError | None = None
    if place is not None:
        try:
            last = exchange.undo(place.folder, look_only=True)
        except LayersError as error:
            trouble = None if error.key == "import.nothing_to_undo" else error
    listed = [one for one in _jobs().all() if one.plan == ctx.name and one.what != "text"] if place is not None else []
    lang = language(request)
    values = form_values(ctx, place, last, trouble, lang, where()["root"], listed, access().settings.upload_mb)
    return html("admin_import.html", ctx, values)


@blueprint.post("/admin/import")
def send() -> Response:
    """A file: it is kept and compared."""
    who = signed_in(PUBLISH)
    place = needed_place()
    files = [one for one in request.files.getlist("file") if one.filename]
    stated, what = _stated(), _what()
    found = _jobs()
    job = found.make(place, access().settings.keep_editions, who.name, what=what, stated=stated)
    try:
        names = [found.keep_file(job, str(one.filename), one.stream) for one in files]
        job.file = work.main_file(names, (*SUFFIXES, osm.SUFFIX))
        if job.file.lower().endswith(osm.SUFFIX):  # can be nothing else
            job.what = OSM
        stated["grid"] = _grid(job, "")
        found.write(job)
        found.start(job, LOOK)
    except Exception:
        found.drop(job)
        raise
    access().note(who.name, "looked", job.file, request.environ[ADDRESS])
    return _to(job)


@blueprint.get("/admin/import/<name>")
def show(name: str) -> Response:
    """How far an import is, and what it would change."""
    signed_in(PUBLISH)
    place = needed_place()
    job = _job(name)
    ctx, state = context(), _jobs().state(job)
    return html("admin_job.html", ctx, job_values(ctx, place, job, state, language(request), where()["root"]))


@blueprint.get("/admin/import/<name>/state")
def state(name: str) -> Response:
    """The same for the page's program: whether there is something new to be seen."""
    signed_in(PUBLISH)
    found = _jobs().state(_job(name))
    told = {key: found.get(key) for key in ("task", "phase", "step", "steps", "working")}
    return Response(json_bytes(told), content_type=JSON_TYPE)


@blueprint.post("/admin/import/<name>/<any(again, accept, cancel, drop, rebuild):action>")
def act(name: str, action: str) -> Response:
    """What is done with an import."""
    who = signed_in(PUBLISH)
    needed_place()
    job, found = _job(name), _jobs()
    seen = found.state(job)
    if action == "cancel":
        found.cancel(job)
        return _to(job)
    if seen["working"]:
        return _to(job)
    if action == "drop":
        found.drop(job)
        access().note(who.name, "dropped", job.file, request.environ[ADDRESS])
        return _to()
    if action == "again":
        what, stated = _what(), _stated()
        kept = str(job.stated.get("grid", "")) if request.form.get("keep_grid") == "1" else ""
        stated["grid"] = _grid(job, kept)
        stated["leave"] = _left(seen) if what == "edits" else []
        job.what, job.stated = what, stated
        found.write(job)
        found.start(job, LOOK)
    elif action == "rebuild":
        found.start(job, REBUILD)
    else:
        broken = seen.get("errors") and not seen.get("forced")
        if seen.get("task") != LOOK or not seen.get("report") or broken or seen.get("nothing"):
            raise RefusedError("admin.import.not_compared")
        found.seen(job, seen)
        found.start(job, ACCEPT)
        access().note(who.name, "accepted", job.file, request.environ[ADDRESS])
    return _to(job)


@blueprint.post("/admin/undo")
def undo() -> Response:
    """Take the last import back."""
    who = signed_in(PUBLISH)
    place = needed_place()
    found = _jobs()
    last = exchange.undo(place.folder, look_only=True)
    job = found.make(place, access().settings.keep_editions, who.name, file=str(last["about"].get("file", "")))
    try:
        found.start(job, UNDO)
    except Exception:
        found.drop(job)
        raise
    access().note(who.name, "undone", job.file, request.environ[ADDRESS])
    return _to(job)


def _what() -> str:
    """What the file is: boundaries, edits, an extract of OpenStreetMap, land use, or shapes of a layer of this plan."""
    given = request.form.get("what", "boundaries")
    if given not in ("boundaries", "edits", OSM, LAND_USE, *context().store.layers):
        raise RefusedError("admin.import.bad_field", name="what", value=plain(given)[:60])
    return given


def _left(seen: Mapping[str, Any]) -> list[str]:
    """Of the edits that the page offered those that are not ticked; none where it offered none."""
    if request.form.get("chosen") != "1":
        return []
    ticked = set(request.form.getlist("take"))
    return [one["id"] for one in seen.get("edits", []) if one["id"] not in ticked]


def _grid(job: Job, kept: str) -> str:
    """The name of the grid that was sent, or of the one from before.

    Raises:
        GeoError: ``parameters.grid``.
    """
    sent = request.files.get("grid")
    return _jobs().keep_grid(job, sent.filename, sent.stream) if sent is not None and sent.filename else kept


def _stated() -> dict[str, Any]:
    """What was said of the file.

    Raises:
        RefusedError: ``admin.import.bad_field``.
    """
    form = request.form
    found: dict[str, Any] = {name: form.get(name, "").strip()[:_LONGEST] for name in _TEXTS}
    if found["crs"].lower().endswith(".prj"):  # a file of this server's is nobody's to name
        raise RefusedError("admin.import.bad_field", name="crs", value=found["crs"][:60])
    for name, choices in (("datum", ("", *DATUMS)), ("basis", BASES)):
        found[name] = form.get(name, choices[0])
        if found[name] not in choices:
            raise RefusedError("admin.import.bad_field", name=name, value=plain(found[name])[:60])
    found |= {name: form.get(name) == "1" for name in ("swap_axes", "repair", "force", "all")}
    found["within"] = _number("within", 0.0, 1_000_000.0)
    found["accept"] = [one[:_LONGEST] for one in form.getlist("accept")[:MOST_ROWS] if one]
    found["tolerance"] = _number("tolerance", 0.0, 500.0) or 0.0 if form.get("tolerance", "").strip() else 20.0
    found["accuracy"] = _number("accuracy", 0.01, 10_000.0)
    pairs = [one.rpartition("=") for one in form.getlist("match")[:_MOST_MATCHED] if one]
    found["match"] = {said: feature for said, _, feature in pairs if said and feature}
    return found


def _number(name: str, low: float, high: float) -> float | None:
    given = request.form.get(name, "").strip()
    if not given:
        return None
    try:
        number = float(given)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise RefusedError("admin.import.bad_field", name=name, value=plain(given)[:60])
    return number
