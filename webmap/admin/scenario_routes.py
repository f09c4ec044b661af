"""Scenarios made and saved: what a form asks for is reckoned and shown, and saved when somebody says so."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request

from geo.errors import PlanmapError
from layers.decomposition.asked import Asked
from layers.decomposition.errors import DecompositionError
from layers.edition.observations import Observed
from layers.ledger.errors import ConflictError, LedgerError
from layers.ledger.scenarios import Scenarios
from layers.model.errors import LayersError
from layers.progress.decomposing import decompose
from layers.progress.scenarios import Told, saved
from webmap.admin import scenario_pages as pages
from webmap.admin.access import EDIT
from webmap.admin.gate import ADDRESS
from webmap.admin.routes import access, goes, html, signed_in, where
from webmap.serving.context import context
from webmap.serving.problems import LedgerAwayError, NotKnownError, RefusedError, language

LOG = logging.getLogger("planmap.web")

blueprint = Blueprint("admin_scenarios", __name__)


def _kept() -> Scenarios:
    found = context().ledger
    if found is None:
        raise RefusedError("admin.observed.no_ledger")
    return Scenarios(found.keeping)


def _observed() -> Observed:
    return context().observed(context().seen())


@blueprint.errorhandler(LedgerError)
def away(error: LedgerError) -> Any:
    """Where a ledger is, and what its database says, stands in the server's log."""
    LOG.error("%s", error.message("en"))
    return current_app.handle_user_exception(LedgerAwayError("error.ledger_away"))


def _start(form: Mapping[str, Any], error: PlanmapError | None = None) -> Response:
    ctx, lang = context(), language(request)
    found = Scenarios(ctx.ledger.keeping).current() if ctx.ledger is not None else []
    values = pages.start_values(ctx, _observed(), found, form, error, lang, where()["root"])
    return html("admin_scenarios.html", ctx, values, 400 if error else 200)


def _table(asked: Asked, form: Mapping[str, str], error: PlanmapError | None = None, status: int = 200) -> Response:
    """The table for what is asked for; with ``error`` what was wrong with saving it."""
    ctx, lang, found = context(), language(request), None
    observed = _observed()
    if asked.indicator not in ctx.store.indicator_ids:
        raise RefusedError("admin.observed.bad_field", field="indicator", value=asked.indicator[:60])
    try:
        found = decompose(observed, asked)
    except (DecompositionError, LayersError) as why:
        error, status = error or why, 400
    values = pages.table_values(observed, asked, found, form, error, lang, where()["root"])
    return html("admin_scenario.html", ctx, values, status)


@blueprint.get("/admin/scenarios")
def start() -> Response:
    """The form, and the scenarios that there are."""
    signed_in(EDIT)
    return _start({})


@blueprint.get("/admin/scenarios/<code>")
def again(code: str) -> Response:
    """A scenario that was saved, to be changed."""
    signed_in(EDIT)
    try:
        told = Told.of(context().store, _kept().find(code))
    except LedgerError as error:
        if error.key != "decomposition.none":
            raise
        raise NotKnownError("error.unknown_scenario", value=code[:20]) from error
    one = told.scenario
    try:
        asked = Asked.of(told.said.get("asked", {}))
    except DecompositionError as error:
        return _start({}, error)
    form = {"name": one.name, "note": str(told.said.get("note", "")), "after": str(one.version)}
    return _table(asked, form)


@blueprint.post("/admin/scenarios/look")
def look() -> Response:
    """What comes of a form."""
    signed_in(EDIT)
    _kept()
    form = _form()
    try:
        asked = pages.read(context().store, form)
        return _table(asked, form)
    except (DecompositionError, RefusedError) as error:
        return _start(form, error)


@blueprint.post("/admin/scenarios/save")
def save() -> Response:
    """Save it under a name."""
    who, kept, form = signed_in(EDIT), _kept(), _form()
    try:
        asked = pages.read(context().store, form)
    except (DecompositionError, RefusedError) as error:
        return _start(form, error)
    try:
        after = int(form["after"]) if form.get("after", "").isdecimal() and len(form["after"]) < 9 else 0
        found = decompose(_observed(), asked)
        name, note, edition = form.get("name", ""), form.get("note", ""), context().store.hash
        made = saved(kept, found, name, who.name, note=note, edition=edition, after=after)
    except LayersError as error:
        if error.key.startswith("ledger.") and isinstance(error, LedgerError):
            raise
        return _table(asked, form, error, 409 if isinstance(error, ConflictError) else 400)
    access().note(who.name, "saved_scenario", f"{made.name} ({made.version})", request.environ[ADDRESS])
    return goes(f"{where()['root']}/scenarios/{made.code}")


@blueprint.post("/admin/scenarios/withdraw")
def withdraw() -> Response:
    """Show it no more; its versions stay."""
    who, kept = signed_in(EDIT), _kept()
    try:
        one = kept.find(request.form.get("code", "")[:20])
        about = {"indicator": one.indicator, "level": one.level, "period": one.period}
        kept.save(one.name, "", who.name, **about, after=one.version)
    except LedgerError as error:
        if error.key.startswith("ledger."):
            raise
        return _start({}, error)
    access().note(who.name, "withdrew_scenario", one.name, request.environ[ADDRESS])
    return goes(f"{where()['root']}/admin/scenarios")


def _form() -> dict[str, str]:
    """The fields as they were sent; of one that comes twice the first counts."""
    return {name: value for name, value in request.form.items() if len(name) <= 20}
