"""Pages for scans: a picture is put in, control points are set, shapes are traced and accepted."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from geo import sheet_tiles, tracing, warp
from geo.crs import metric_crs
from geo.errors import GeoError, PlanmapError
from geo.messages import plain
from geo.transformation import LEAST
from layers.model.errors import LayersError, PlanError
from layers.scans import records, traces
from layers.scans.ground import borders, drawn_fit, pixel_at
from layers.scans.traces import Wanted
from layers.scans.work import told, tried
from webmap.admin import desk, scan_pages
from webmap.admin.access import PUBLISH
from webmap.admin.desk import Sheets
from webmap.admin.folders import Place
from webmap.admin.gate import ADDRESS
from webmap.admin.jobs import Job, Jobs, main_file, put
from webmap.admin.routes import KEPT, access, begin_rebuild, goes, html, known_place, needed_place, signed_in, where
from webmap.admin.scan_work import ADD, PREPARE, PROPOSAL, TRACE
from webmap.serving.addresses import asked_for, with_query
from webmap.serving.context import context
from webmap.serving.encode import JSON_TYPE, json_bytes
from webmap.serving.problems import BadParameterError, NotKnownError, RefusedError, language, status_of

blueprint = Blueprint("admin_scans", __name__)

OVERLAY = 1400
"""Pixels at most of the longer side of the picture that is laid on the map."""
MOST_POINTS = 600
"""Points in one request; the fit refuses fewer."""


def _jobs() -> Jobs:
    return Jobs(context().shelf.path, "scans", "webmap.admin.scan_work")


def _sheets() -> Sheets:
    return Sheets(context().shelf.path)


def _begun(place: Place, task: str, file: Any = None, **stated: Any) -> Job:
    """A piece of work in a process of its own."""
    found, by = _jobs(), signed_in(PUBLISH).name
    job = found.make(place, access().settings.keep_editions, by, what="scan", stated=stated)
    try:
        if file is not None:
            job.file = main_file([found.keep_file(job, str(file.filename), file.stream)], ())
            found.write(job)
        found.start(job, task)
    except Exception:
        found.drop(job)
        raise
    return job


def _noted(action: str, detail: str) -> None:
    access().note(signed_in(PUBLISH).name, action, detail, request.environ[ADDRESS])


def _json(value: Any, status: int = 200) -> Response:
    return Response(json_bytes(value), status=status, content_type=JSON_TYPE)


def _answers(view: Callable[..., Any]) -> Callable[..., Response]:
    """A view for the editor's program: what it gives as JSON, and what was wrong as JSON too."""

    @wraps(view)
    def answered(**named: Any) -> Response:
        try:
            signed_in(PUBLISH)
            given = view(**named)
        except PlanmapError as error:
            status = 409 if error.key in ("scan.changed", "import.busy") else status_of(error)
            return _json(scan_pages.trouble_values(error, language(request)), status)
        return given if isinstance(given, Response) else _json(given)

    return answered


def _said() -> dict[str, Any]:
    """What the editor's program sent.

    Raises:
        BadParameterError: ``admin.scans.not_read``.
    """
    try:
        found = json.loads(request.form.get("said", ""))
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise BadParameterError("admin.scans.not_read") from error
    if not isinstance(found, dict):
        raise BadParameterError("admin.scans.not_read")
    return found


def _field(said: dict[str, Any], name: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
    found = said.get(name, default)
    if (isinstance(found, bool) and kind is not bool) or not isinstance(found, kind):
        raise BadParameterError("admin.scans.not_read")
    return found


# ---- the list, and a new one


@blueprint.get("/admin/scans")
def start() -> Response:
    """The scans of a plan folder, and the form for a new one."""
    signed_in(PUBLISH)
    place, lang = known_place(), language(request)
    work = desk.opened(place) if place is not None else None
    values = scan_pages.list_values(place, work, lang, where()["root"], access().settings.upload_mb)
    return html("admin_scans.html", context(), values)


@blueprint.post("/admin/scans")
def send() -> Response:
    """A picture: it is put into the plan folder by a process of its own."""
    signed_in(PUBLISH)
    place = needed_place()
    try:
        said = scan_pages.said_of(request.form)
    except ValueError as error:
        name = str(error)
        raise RefusedError("admin.import.bad_field", name=name, value=plain(request.form.get(name, ""))[:60]) from error
    files = [one for one in request.files.getlist("file") if one.filename]
    if len(files) != 1:
        raise RefusedError("admin.import.no_file")
    job = _begun(place, ADD, files[0], **said)
    _noted("scan_added", said["id"])
    return goes(f"{where()['root']}/admin/scans/work/{job.id}")


@blueprint.get("/admin/scans/work/<name>")
def show(name: str) -> Response:
    """How far a new scan is."""
    signed_in(PUBLISH)
    needed_place()
    found, lang, root = _jobs(), language(request), where()["root"]
    job = found.find(context().name, name)
    told_now = scan_pages.job_values(found.state(job), lang)
    if told_now["done"] and not told_now["trouble"]:
        return goes(f"{root}/admin/scan/{told_now['scan']}")
    values = {
        **told_now,
        "title": job.file or job.stated.get("scan", ""),
        "state_url": f"{root}/admin/scans/work/{name}/state",
        "back_url": with_query(f"{root}/admin/scans", lang=asked_for(lang)),
    }
    return html("admin_scan_work.html", context(), values)


@blueprint.get("/admin/scans/work/<name>/state")
@_answers
def work_state(name: str) -> Any:
    """The same for the page's program."""
    found = _jobs()
    return scan_pages.job_values(found.state(found.find(context().name, name)), language(request))


@blueprint.post("/admin/scans/build")
def build() -> Response:
    """Build the edition of the folder as it is; the page of imports shows how far it is."""
    who, place = signed_in(PUBLISH), needed_place()
    begun = begin_rebuild(who.name, place)
    _noted("built", place.folder.name)
    return begun


# ---- the editor


@blueprint.get("/admin/scan/<scan_id>")
def editor(scan_id: str) -> Response:
    """Picture, map, table."""
    who, place = signed_in(PUBLISH), needed_place()
    ctx, lang, here = context(), language(request), where()
    values = scan_pages.editor_values(place, desk.opened(place), scan_id, lang, here["root"], who.mark)
    files = {name: here["site"] + ctx.bundle.address(name) for name in ("pages.css", "scans.css", "scans.js")}
    values |= {"styles": [files["pages.css"], files["scans.css"]], "program": files["scans.js"]}
    return html("admin_scan.html", ctx, values)


@blueprint.get("/admin/scan/<scan_id>/state")
@_answers
def state(scan_id: str) -> Any:
    """The record's points, and whether the picture is ready."""
    place = needed_place()
    return scan_pages.state_values(place, desk.opened(place), scan_id, _sheets(), language(request))


@blueprint.get("/admin/scan/<scan_id>/ground")
@_answers
def ground(scan_id: str) -> Any:
    """What the map draws."""
    place = needed_place()
    records.path_of(place.folder, scan_id)
    return desk.ground_of(place)


@blueprint.post("/admin/scan/<scan_id>/prepare")
@_answers
def prepare(scan_id: str) -> Any:
    """Make the picture ready to be looked at; nothing to do when it is."""
    place = needed_place()
    scan, sheets = desk.opened(place).scan(scan_id), _sheets()
    if sheets.ready(sheets.key(place, scan)) is not None:
        return {"ready": True}
    return {"job": _begun(place, PREPARE, scan=scan_id).id}


@blueprint.get("/admin/scan/<scan_id>/tile/<key>/<int:zoom>/<int:column>/<int:row>")
@_answers
def tile(scan_id: str, key: str, zoom: int, column: int, row: int) -> Any:  # noqa: ARG001 - the address says whose
    """A tile of the picture."""
    picture = _sheets().ready(key) if len(key) == 24 and key.isalnum() else None
    if picture is None:
        raise NotKnownError("admin.scans.no_picture")
    found = sheet_tiles.tile(picture, zoom, column, row)
    response = Response(found or b"", status=200 if found else 204, content_type="image/webp")
    response.headers["Cache-Control"] = KEPT
    return response


@blueprint.get("/admin/scan/<scan_id>/color")
@_answers
def color(scan_id: str) -> Any:
    """The colour around a pixel."""
    place, sheets = needed_place(), _sheets()
    picture = sheets.ready(sheets.key(place, desk.opened(place).scan(scan_id)))
    if picture is None:
        raise NotKnownError("admin.scans.no_picture")
    x, y = _numbers("x", "y")
    return {"color": traces.hex_of(tracing.color_at(picture, x, y))}


@blueprint.get("/admin/scan/<scan_id>/pixel")
@_answers
def pixel(scan_id: str) -> Any:
    """The pixel that shows a place, by the record's fit: what is drawn on the map is kept in pixels like all else."""
    lon, lat = _numbers("lon", "lat")
    return {"px": pixel_at(desk.opened(needed_place()).fitted(scan_id), lon, lat)}


def _numbers(*names: str) -> list[float]:
    try:
        found = [float(request.args.get(name, "")) for name in names]
    except ValueError as error:
        raise BadParameterError("admin.scans.not_read") from error
    if not all(math.isfinite(one) for one in found):
        raise BadParameterError("admin.scans.not_read")
    return found


def _points(said: dict[str, Any]) -> list[dict[str, Any]]:
    points = _field(said, "points", list)
    if len(points) > MOST_POINTS or not all(isinstance(one, dict) for one in points):
        raise BadParameterError("admin.scans.not_read")
    return desk.fields_of(points)


def _kind(said: dict[str, Any]) -> str:
    kind: str = _field(said, "transformation", str)
    if kind not in LEAST:
        raise BadParameterError("admin.scans.not_read")
    return kind


@blueprint.post("/admin/scan/<scan_id>/fit")
@_answers
def fit(scan_id: str) -> Any:
    """The fit of the points as they are on the page, or why there is none; nothing is written."""
    place, said = needed_place(), _said()
    work = desk.opened(place)
    work.scan(scan_id)
    points, kind = _points(said), _kind(said)
    try:
        found = tried(work, scan_id, points, kind)
    except (GeoError, PlanError) as error:  # too few as yet, or one that is none: the page says so and goes on
        return scan_pages.trouble_values(error, language(request))
    drawn = drawn_fit(found)
    if said.get("borders") is True:
        drawn["borders"] = borders(work, found)
    return scan_pages.fit_values(told(found), drawn, language(request))


@blueprint.post("/admin/scan/<scan_id>/overlay")
@_answers
def overlay(scan_id: str) -> Any:
    """The picture as the points on the page lay it on the map, reduced."""
    place, said, sheets = needed_place(), _said(), _sheets()
    work = desk.opened(place)
    picture = sheets.ready(sheets.key(place, work.scan(scan_id)))
    if picture is None:
        raise NotKnownError("admin.scans.no_picture")
    found = tried(work, scan_id, _points(said), _kind(said))
    small, size = sheet_tiles.reduced(picture, OVERLAY), (found.scan.width, found.scan.height)
    image, bounds = warp.preview(small, found.fit.transformation, size, metric_crs(found.lon), found.scan.mask)
    return {"image": "data:image/webp;base64," + base64.b64encode(image).decode(), "bounds": bounds}


@blueprint.post("/admin/scan/<scan_id>/save")
@_answers
def save(scan_id: str) -> Any:
    """Write the points into the record, unless somebody else has meanwhile."""
    place, said = needed_place(), _said()
    gone = [one for one in _field(said, "gone", list, []) if isinstance(one, int)]
    digest = records.save(
        place.folder, scan_id, _points(said), {"transformation": _kind(said)}, gone=gone,
        unchanged=_field(said, "digest", str),
    )  # fmt: skip
    _noted("scan_saved", scan_id)
    return {"digest": digest}


# ---- tracing


def _wanted(said: dict[str, Any]) -> dict[str, Any]:
    """What is to be traced, in values that a process can be told."""
    pick = said.get("pick")
    if pick is not None and not (isinstance(pick, list) and len(pick) == 2 and all(_is_number(one) for one in pick)):
        raise BadParameterError("admin.scans.not_read")
    colors = _field(said, "colors", list, [])
    if len(colors) > 8 or not all(isinstance(one, str) for one in colors):
        raise BadParameterError("admin.scans.not_read")
    for one in colors:
        tracing.parse_color(one)
    tolerance = _field(said, "tolerance", (int, float), 10.0)
    if not 0.5 <= tolerance <= 60:
        raise BadParameterError("admin.scans.tolerance")
    bridge = _field(said, "bridge", int, 40)
    if not 1 <= bridge <= 200:
        raise BadParameterError("admin.scans.bridge")
    return {
        "pick": pick, "colors": colors, "tolerance": float(tolerance), "bridge": bridge,
        "line": _field(said, "lines", bool, False),
        "feature": _field(said, "feature", str, ""), "snap": _field(said, "snap", bool, True),
    }  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@blueprint.post("/admin/scan/<scan_id>/trace")
@_answers
def trace(scan_id: str) -> Any:
    """Propose shapes of a colour: by a process of its own."""
    place, said = needed_place(), _said()
    desk.opened(place).fitted(scan_id)
    wanted = _wanted(said)
    if not wanted["colors"] and wanted["pick"] is None:
        raise LayersError("scan.no_color")
    return {"job": _begun(place, TRACE, scan=scan_id, **wanted).id}


@blueprint.post("/admin/scan/<scan_id>/draw")
@_answers
def draw(scan_id: str) -> Any:
    """Propose a shape that was drawn by hand."""
    place, said = needed_place(), _said()
    wanted = _wanted(said)
    shape: dict[str, Any] = {name: said[name] for name in ("polygon", "line", "point") if name in said}
    asked = Wanted(feature=wanted["feature"], snap=wanted["snap"])
    found = traces.by_hand(desk.opened(place), scan_id, shape, asked)
    jobs = _jobs()
    job = jobs.make(place, access().settings.keep_editions, signed_in(PUBLISH).name, what="scan",
                    stated={"scan": scan_id})  # fmt: skip
    put(jobs.place(job) / PROPOSAL, found)
    return {"job": job.id, "proposal": found}


def _proposal(name: str) -> Path:
    jobs = _jobs()
    found = jobs.place(jobs.find(context().name, name)) / PROPOSAL
    if not found.is_file():
        raise NotKnownError("admin.import.gone")
    return found


@blueprint.get("/admin/scan/<scan_id>/proposal/<name>")
@_answers
def proposal(scan_id: str, name: str) -> Any:  # noqa: ARG001 - the address says whose
    """What a trace has found."""
    return Response(_proposal(name).read_bytes(), content_type=JSON_TYPE)


@blueprint.post("/admin/scan/<scan_id>/accept")
@_answers
def accept(scan_id: str) -> Any:
    """Write a proposed shape into a feature's record; and what is to be said of the feature now."""
    place, said = needed_place(), _said()
    work = desk.opened(place)
    work.scan(scan_id)
    file = _proposal(_field(said, "job", str))
    feature, number = _field(said, "feature", str, ""), _field(said, "number", int, 0)
    found = traces.accept(place.folder, work.examined.plan, file, feature, number)
    _noted("scan_traced", found["feature"])
    lang = language(request)
    problems = [one for one in desk.opened(place).examined.problems if one.record == found["feature"]]
    told_all = [scan_pages.problem_values(one, lang) for one in problems]
    return {**found, "problems": told_all}
