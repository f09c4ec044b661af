"""The page for observed values: what is sent is judged, and then entered or dropped; and sheets to fill in."""

from __future__ import annotations

import csv
import io
import logging
import time
from typing import Any

from flask import Blueprint, Response, current_app, request

from geo.errors import PlanmapError
from geo.messages import plain
from layers.edition.known import known_of_edition
from layers.ledger import sheet as ledger_sheet
from layers.ledger.book import Ledger
from layers.ledger.entry import LONGEST, Draft
from layers.ledger.errors import ConflictError, LedgerError
from layers.ledger.names import Known
from layers.ledger.template import template
from layers.model.errors import LayersError
from layers.model.period import Period
from webmap.admin import observed_pages as pages
from webmap.admin import sheets
from webmap.admin.access import EDIT, Who
from webmap.admin.gate import ADDRESS
from webmap.admin.jobs import safe_name
from webmap.admin.routes import access, goes, html, signed_in, where
from webmap.admin.sheets import Sheet, Sheets, new_id, one_at_a_time, owner
from webmap.serving.context import context
from webmap.serving.messages import text
from webmap.serving.problems import LedgerAwayError, NotKnownError, RefusedError, language

LOG = logging.getLogger("planmap.web")

blueprint = Blueprint("admin_observed", __name__)

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_PERIODS = 24
_VALUE = ("indicator", "place", "period", "value", "source", "note")
_LONGEST_VALUE = 60


def _ledger() -> Ledger:
    found = context().ledger
    if found is None:
        raise RefusedError("admin.observed.no_ledger")
    return found


def _known() -> Known:
    return context().part("observed_known", known_of_edition)


def _sheets() -> Sheets:
    return Sheets(context().shelf.path)


def _page(form: dict[str, Any], error: PlanmapError | None = None) -> Response:
    """The first page; with what was wrong of what was sent, and what was typed."""
    ctx, lang = context(), language(request)
    values = pages.start_values(ctx, _known() if ctx.ledger else None, form, error, lang, where())
    return html("admin_observed.html", ctx, values, 400 if error else 200)


def _shown(sheet: Sheet, found: ledger_sheet.Preview, error: PlanmapError | None = None, status: int = 200) -> Response:
    ctx, lang = context(), language(request)
    values = pages.sheet_values(_ledger(), _known(), sheet, found, error, lang, where()["root"])
    return html("admin_sheet.html", ctx, values, status)


def _to(sheet: Sheet | None = None) -> Response:
    return goes(f"{where()['root']}/admin/observations" + (f"/{sheet.id}" if sheet else ""))


@blueprint.errorhandler(LedgerError)
def away(error: LedgerError) -> Any:
    """Where a ledger is, and what its database says, stands in the server's log."""
    LOG.error("%s", error.message("en"))
    return current_app.handle_user_exception(LedgerAwayError("error.ledger_away"))


@blueprint.get("/admin/observations")
def start() -> Response:
    """The forms, and what was entered last."""
    signed_in(EDIT)
    return _page({})


@blueprint.post("/admin/observations")
def send() -> Response:
    """A sheet: it is judged and kept."""
    who = signed_in(EDIT)
    _ledger()
    form = {name: request.form.get(name, "").strip()[: LONGEST["source"]] for name in pages.STATED}
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise RefusedError("admin.import.no_file")
        data = file.stream.read()
        stated = {**form, "period": Period.read(form["period"]).code if form["period"] else ""}
        _checked(stated, optional=True)
        return _judged(who, data, safe_name(file.filename), stated)
    except LedgerError as error:
        if error.key == "ledger.failed":
            raise
        return _page(form, error)
    except (LayersError, RefusedError) as error:
        return _page(form, error)


@blueprint.post("/admin/observations/value")
def value() -> Response:
    """One value, as a sheet of one row: it is judged in the same way, and what it corrects is shown first."""
    who = signed_in(EDIT)
    _ledger()
    form = {name: request.form.get(name, "").strip() for name in _VALUE}
    try:
        for name, most in (("value", _LONGEST_VALUE), ("source", LONGEST["source"]), ("note", LONGEST["note"])):
            if len(form[name]) > most or (name == "value" and not form[name]):
                raise RefusedError("admin.observed.bad_field", field=name, value=plain(form[name])[:60])
        form["period"] = Period.read(form["period"]).code
        _checked(form)
        stream = io.StringIO()
        csv.writer(stream).writerows([_VALUE, [form[name] for name in _VALUE]])
        return _judged(who, stream.getvalue().encode("utf-8", "replace"), "", {})
    except LedgerError as error:
        if error.key == "ledger.failed":
            raise
        return _page({"one": form}, error)
    except (LayersError, RefusedError) as error:
        return _page({"one": form}, error)


@blueprint.get("/admin/observations/template")
def blank() -> Response:
    """A sheet to fill in, for chosen indicators, a level and periods."""
    signed_in(EDIT)
    known, lang, args = _known(), language(request), request.args
    try:
        chosen = list(dict.fromkeys(args.getlist("indicator"))) or list(known.quantities)
        level = args.get("level", "township")
        said = args.get("period", "").replace("，", ",").replace("、", ",").split(",")
        periods = sorted({Period.read(one).code for one in said if one.strip()})
        if len(periods) > MOST_PERIODS:
            raise RefusedError("admin.observed.bad_field", field="period", value=plain(args["period"])[:60])
        for one in chosen:
            _checked({"indicator": one})
        if level not in pages.LEVELS:
            raise RefusedError("admin.observed.bad_field", field="level", value=plain(level)[:60])
        spots = [one for one in known.spots.values() if one.level == level]
        quantities = [known.quantities[one] for one in chosen]
        data = template(text(lang, "cli.import.observations.title"), quantities, spots, periods, lang)
    except (LayersError, RefusedError) as error:
        return _page({}, error)
    told = {"Content-Disposition": 'attachment; filename="observations.xlsx"'}
    return Response(data, content_type=XLSX_TYPE, headers=told)


_CELL = ("indicator", "role", "period", "place")


def _cell_page(cell: dict[str, str], note: str = "", error: PlanmapError | None = None, status: int = 200) -> Response:
    """What was ever entered for a value, and a form to take it back."""
    ctx, lang = context(), language(request)
    found = _ledger().history(cell) if all(cell.values()) else []
    if not found:
        raise NotKnownError("admin.observed.no_entry")
    values = pages.cell_values(_known(), found, note, error, lang, where()["root"])
    return html("admin_value.html", ctx, values, status)


@blueprint.get("/admin/observations/cell")
def cell() -> Response:
    """The history of one value."""
    signed_in(EDIT)
    _ledger()
    return _cell_page({name: request.args.get(name, "")[:200] for name in _CELL})


@blueprint.post("/admin/observations/withdraw")
def withdraw() -> Response:
    """Take a value back: an entry without a value supersedes it, and both stay readable."""
    who, ledger = signed_in(EDIT), _ledger()
    form = {name: request.form.get(name, "")[:200] for name in _CELL}
    note, seen = request.form.get("note", "").strip(), request.form.get("after", "")
    there = ledger.newest([(form["indicator"], form["role"], form["period"], form["place"])])
    newest = next(iter(there.values()), None)
    if newest is None or newest.value is None:
        return _cell_page(form, note, RefusedError("admin.observed.nothing_there"), 409)
    try:
        if not note:
            raise RefusedError("admin.observed.no_reason")
        after = int(seen) if seen.isdecimal() and len(seen) < 9 else 0
        draft = Draft(
            newest.indicator, newest.place, newest.period, None, newest.unit, "", note, newest.role, newest.scope, after
        )
        ledger.append([draft], who.name)
    except LedgerError as error:
        if error.key == "ledger.failed":
            raise
        return _cell_page(form, note, error, 409 if isinstance(error, ConflictError) else 400)
    except RefusedError as error:
        return _cell_page(form, note, error, 400)
    access().note(who.name, "withdrew_value", " ".join(form.values())[:200], request.environ[ADDRESS])
    return goes(f"{where()['root']}/admin/observations/cell", **form)


@blueprint.get("/admin/observations/<name>")
def show(name: str) -> Response:
    """What would be entered."""
    who = signed_in(EDIT)
    _ledger()
    return _shown(*_sheets().find(context().name, who, name))


@blueprint.post("/admin/observations/<name>/<any(again, enter, drop):action>")
def act(name: str, action: str) -> Response:
    """What is done with a sheet."""
    who, ledger = signed_in(EDIT), _ledger()
    sheet, found = _sheets().find(context().name, who, name)
    if action == "again":
        chosen = pages.chosen(found, request.form.getlist("match"), _known())
        sheet.meant = {**sheet.meant, **chosen}
        return _judged(who, _sheets().data(sheet), sheet.file, sheet.stated, sheet)
    if action == "enter":
        ticks = {one: request.form.get(one) == "1" for one in ("accept_doubtful", "leave_unknown")}
        try:
            receipt = ledger_sheet.commit(ledger, found, who.name, **ticks)
        except LedgerError as error:
            if error.key == "ledger.failed":
                raise
            return _shown(sheet, found, error, 409 if isinstance(error, ConflictError) else 400)
        count = receipt.last - receipt.first + 1 if receipt else 0
        access().note(who.name, "entered_values", f"{sheet.file} ({count})".strip(), request.environ[ADDRESS])
    else:
        access().note(who.name, "dropped_values", sheet.file, request.environ[ADDRESS])
    _sheets().drop(sheet)
    return _to()


def _judged(who: Who, data: bytes, file: str, stated: dict[str, str], old: Sheet | None = None) -> Response:
    """Read a sheet, hold it against the ledger as it is now, and keep both."""
    ctx = context()
    sheet = old or Sheet(new_id(), ctx.name, owner(who), time.time(), file, stated)
    known = known_of_edition(ctx.store, sheet.meant) if sheet.meant else _known()
    with one_at_a_time():
        found = ledger_sheet.preview(data, file or "value.csv", known, _ledger(), most=sheets.MOST_VALUES, **stated)
    _sheets().keep(sheet, data, found)
    access().note(who.name, "judged_values", f"{file} ({len(found.rows)})".strip(), request.environ[ADDRESS])
    return _to(sheet)


def _checked(given: dict[str, str], *, optional: bool = False) -> None:
    """Indicator and place are there.

    Raises:
        RefusedError: ``admin.observed.bad_field``.
    """
    known = _known()
    for name, there in (("indicator", known.quantities), ("place", known.spots)):
        if name in given and given[name] not in there and not (optional and not given[name]):
            raise RefusedError("admin.observed.bad_field", field=name, value=plain(given[name])[:60])
