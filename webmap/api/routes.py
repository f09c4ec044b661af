"""``/api``: the edition as JSON, and ``/healthz``."""

from __future__ import annotations

import re

from flask import Blueprint

from layers.edition.kept import SHORT
from layers.edition.observations import LEVELS
from layers.edition.store import Store
from layers.edition.systems import crs_choices
from layers.model.errors import LayersError
from layers.model.period import Period
from layers.progress import overlay as overlays
from layers.progress import scenarios
from webmap.api import columns, figures, payloads, progress
from webmap.api.naming import Names
from webmap.api.openapi import document
from webmap.api.search import LONGEST_QUERY, MOST_FOUND, USUALLY_FOUND, found_payload, search_payload
from webmap.api.steps import layers_in_steps
from webmap.serving.asking import LANG, PROBLEM_LANG, Parameter, Wanted, route
from webmap.serving.assets import FOR_GOOD
from webmap.serving.context import Body, Context
from webmap.serving.encode import GEOJSON_TYPE, JSON_TYPE, NOT_KEPT, json_bytes
from webmap.serving.messages import text
from webmap.serving.mounts import under_edition
from webmap.serving.problems import BadParameterError, NotKnownError
from webmap.serving.snapshot import SAME

blueprint = Blueprint("api", __name__)

_OPEN: dict[str, str] = {"Access-Control-Allow-Origin": "*"}
"""The data are public: any page may read them."""

LAYER = Parameter("layer", "Layer id", lambda store: store.layers, error="error.unknown_layer")
FEATURE = Parameter(
    "feature",
    "Feature id, such as district or, with its slash as it is, pole/lake",
    lambda store: store.index,
    error="error.unknown_feature",
    listed=False,
)
LAYERS = Parameter(
    "layers",
    "Layer ids, joined by commas",
    lambda store: store.layers,
    error="error.unknown_layer",
    several=True,
)
PROGRAM = Parameter(
    "program",
    "Stamp of a page's program that reads the answer; under an edition's own address the answer is then kept for good",
    longest=16,
    blank=True,
)
COORDINATES = Parameter(
    "coordinates",
    "In which form: whole steps of 1e-5 degree from place to place, or, without it, as RFC 7946 has them",
    ("steps",),
    blank=True,
)
INDICATOR = Parameter("indicator", "Indicator id", lambda store: store.indicator_ids, error="error.unknown_indicator")
LEVEL = Parameter("level", "Level of places", LEVELS, error="error.unknown_level")


def json_body(value: object, content_type: str = JSON_TYPE) -> Body:
    """A payload as a body."""
    return json_bytes(value), content_type, _OPEN


@route(blueprint, "/healthz", LANG, kept=False)
def health(ctx: Context, wanted: Wanted) -> Body:
    """Whether the server works, with which edition, and whether that is still the file on disk."""
    state, refused = ctx.library.state(ctx)
    body: dict[str, str] = {"status": "ok" if state == SAME else "outdated", "edition": ctx.store.hash}
    if refused is not None:
        body |= {"file": state, "reason": text(wanted.lang, "health.refused", reason=refused.message(wanted.lang))}
    elif state != SAME:
        body |= {"file": state, "reason": text(wanted.lang, f"health.{state}")}
    return json_body(body)


@route(blueprint, "/api/edition", PROBLEM_LANG, kept=False)
def edition(ctx: Context, wanted: Wanted) -> Body:
    """Which edition this is, and which is the newest: an open page asks now and then."""
    latest = ctx.library.latest(ctx.name)
    url = f"{wanted.root.removesuffix(under_edition('', ctx.store.hash))}/e/{latest[:SHORT]}"
    return json_body({"edition": ctx.store.hash, "latest": latest, "url": url})


@route(blueprint, "/api/openapi.json", PROBLEM_LANG)
def openapi(ctx: Context, wanted: Wanted) -> Body:
    """The description of the API (OpenAPI 3.1)."""
    return json_body(document(ctx.store, wanted.root or "/", ctx.routes, crs_choices(ctx.store.edition)))


@route(blueprint, "/api/layers", PROBLEM_LANG)
def layers(ctx: Context, wanted: Wanted) -> Body:
    """The list of layers."""
    return json_body(payloads.layers_payload(ctx.store, f"{wanted.root}/api"))


@route(blueprint, "/api/layers/<layer>", LAYER, PROBLEM_LANG)
def layer(ctx: Context, wanted: Wanted) -> Body:
    """One layer as GeoJSON."""
    return json_body(payloads.layer_payload(ctx.store, wanted["layer"]), GEOJSON_TYPE)


@route(blueprint, "/api/features", LAYERS, COORDINATES, PROGRAM, PROBLEM_LANG)
def features(ctx: Context, wanted: Wanted) -> Body:
    """Several layers in one answer: what the map's page asks for first."""
    asked = [name for name in wanted["layers"].split(",") if name]
    payload = payloads.features_payload(ctx.store, asked)
    body, content_type, headers = json_body(layers_in_steps(payload) if wanted["coordinates"] else payload)
    of_one_edition = wanted.root == under_edition(wanted.root, ctx.store.hash)
    # Neither the edition nor what the program expects can change at such an address.
    for_good = of_one_edition and wanted["program"] and wanted["program"] == ctx.bundle.stamp
    return body, content_type, {**headers, "Cache-Control": FOR_GOOD} if for_good else headers


@route(blueprint, "/api/features/<path:feature>", FEATURE, PROBLEM_LANG)
def feature(ctx: Context, wanted: Wanted) -> Body:
    """One feature in full."""
    return json_body(payloads.feature_payload(ctx.store, wanted["feature"]), GEOJSON_TYPE)


@route(blueprint, "/api/sentences", PROBLEM_LANG)
def sentences(ctx: Context, _wanted: Wanted) -> Body:
    """The plan's own sentences that name each feature, where the edition holds the plan's words."""
    return json_body(payloads.sentences_payload(ctx.store))


PLACE = Parameter(
    "place", "Feature id", lambda store: store.index, error="error.unknown_feature", listed=False, blank=True
)


@route(blueprint, "/api/indicators", PROBLEM_LANG)
def indicators(ctx: Context, _wanted: Wanted) -> Body:
    """The list of indicators."""
    return json_body(payloads.indicators_payload(ctx.store))


@route(blueprint, "/api/indicators/<indicator>/<level>", INDICATOR, LEVEL, PLACE, PROBLEM_LANG)
def indicator(ctx: Context, wanted: Wanted) -> Body:
    """The values of one indicator at one level, or of one place of it alone."""
    if wanted["place"]:
        return json_body(payloads.indicator_at(ctx.store, wanted["indicator"], wanted["level"], wanted["place"]))
    return json_body(payloads.indicator_payload(ctx.store, wanted["indicator"], wanted["level"]))


@route(blueprint, "/api/indicators/<indicator>/<level>/columns", INDICATOR, LEVEL, PROBLEM_LANG)
def indicator_columns(ctx: Context, wanted: Wanted) -> Body:
    """The same values as columns, whose rows are places as ``/api/places`` counts them: for very many of them."""
    return json_body(columns.columns_payload(ctx.store, wanted["indicator"], wanted["level"]))


@route(blueprint, "/api/places/<level>", LEVEL, PROBLEM_LANG)
def places(ctx: Context, wanted: Wanted) -> Body:
    """The places of a level, in the order in which the columns of its indicators count them."""
    return json_body(columns.places_payload(ctx.store, wanted["level"]))


EVERYTHING = "*"

QUERY = Parameter(
    "q",
    "What is looked for: names, pinyin, initials, English words in any order, clause numbers; one wrong character is"
    " forgiven. The answer is ranked, the best first. Without it: the whole index",
    default=EVERYTHING,
    longest=LONGEST_QUERY,
)
LIMIT = Parameter(
    "limit",
    f"At most so many entries; without it {USUALLY_FOUND} of what was found, and all of the index",
    numbers=(1, MOST_FOUND),
)


SHOW = Parameter(
    "show",
    "What is shown: the observed value, the target, the change from the year before, the progress from base to target"
    " in per cent, or the course",
    overlays.SHOWS,
    default="observed",
)
PERIOD = Parameter(
    "period",
    "A year, a quarter or a month: 2023, 2023Q2, 2023-07; left out: the last one that has values",
    accepts=lambda _store, text: _period(text),
    blank=True,
)
YEAR = Parameter("year", "As it stood in this year; left out: by the newest values", numbers=(1900, 2200), blank=True)


def _period(text: str) -> str:
    try:
        return Period.of(text).code
    except LayersError as error:
        raise BadParameterError("error.bad_period", value=text[:20]) from error


@route(blueprint, "/api/observed", PROBLEM_LANG, observed=True)
def observed(ctx: Context, wanted: Wanted) -> Body:
    """For which indicators and periods there are observed values."""
    return json_body(progress.observed_payload(ctx.observed(wanted.seen), wanted.seen.partition("~")[0]))


@route(blueprint, "/api/observed/<indicator>", INDICATOR, PLACE, PROBLEM_LANG, observed=True)
def observed_series(ctx: Context, wanted: Wanted) -> Body:
    """An indicator's observed values at a place, with base, target and path."""
    seen = ctx.observed(wanted.seen)
    return json_body(progress.series_payload(seen, wanted["indicator"], wanted["place"] or "district"))


@route(blueprint, "/api/observed/<indicator>/<level>", INDICATOR, LEVEL, SHOW, PERIOD, PROBLEM_LANG, observed=True)
def observed_level(ctx: Context, wanted: Wanted) -> Body:
    """An indicator's observed values at the places of a level, classed for a map."""
    seen = ctx.observed(wanted.seen)
    return json_body(overlays.overlay(seen, wanted["indicator"], wanted["level"], wanted["show"], wanted["period"]))


@route(blueprint, "/api/observed/<indicator>/<level>/periods", INDICATOR, LEVEL, SHOW, PROBLEM_LANG, observed=True)
def observed_periods(ctx: Context, wanted: Wanted) -> Body:
    """An indicator's observed values at the places of a level, of every period."""
    seen = ctx.observed(wanted.seen)
    return json_body(overlays.series(seen, wanted["indicator"], wanted["level"], wanted["show"]))


@route(blueprint, "/api/course", PLACE, YEAR, PROBLEM_LANG, observed=True)
def course(ctx: Context, wanted: Wanted) -> Body:
    """The course of every indicator that the plan states, by place."""
    year = int(wanted["year"]) if wanted["year"] else None
    return json_body(progress.course_payload(ctx.observed(wanted.seen), wanted["place"] or None, year))


def names_of(ctx: Context) -> Names:
    """What features are found by that are too many to be listed."""
    return ctx.part("search", lambda store: Names(store, ctx.shelf.path / "names", ctx.stamp))


@route(blueprint, "/api/search", QUERY, LIMIT, PROBLEM_LANG)
def search(ctx: Context, wanted: Wanted) -> Body:
    """What fits a query, best first, or the search index."""
    query, limit = wanted["q"].strip(), int(wanted["limit"] or 0)
    if not query:
        raise BadParameterError("error.empty_query")
    if query != EVERYTHING:
        ready = names_of(ctx).ready()
        body, media, headers = json_body(found_payload(ctx.store, query, limit or USUALLY_FOUND, *ready))
        return body, media, {**headers, **({"Cache-Control": NOT_KEPT} if ready.coming else {})}
    index = search_payload(ctx.store)
    return json_body(index | {"entries": index["entries"][: limit or None]})


@route(blueprint, "/api/targets", PROBLEM_LANG)
def targets(ctx: Context, _wanted: Wanted) -> Body:
    """The numeric targets."""
    return json_body(figures.targets_payload(ctx.store))


@route(blueprint, "/api/reviews", PROBLEM_LANG)
def reviews(ctx: Context, _wanted: Wanted) -> Body:
    """The last period's results."""
    return json_body(figures.reviews_payload(ctx.store))


@route(blueprint, "/api/claims", PROBLEM_LANG)
def claims(ctx: Context, _wanted: Wanted) -> Body:
    """The figures that were checked."""
    return json_body(figures.claims_payload(ctx.store))


def _scenario(_store: Store, text: str) -> str:
    if not re.fullmatch(r"s[1-9][0-9]{0,8}", text):
        raise NotKnownError("error.unknown_scenario", value=text[:20])
    return text


SCENARIO = Parameter("scenario", "Code of a scenario: s1", accepts=_scenario)
SCENARIO_SHOW = Parameter(
    "show",
    "What is shown: the scenario's values, or what was observed less them",
    scenarios.SHOWS,
    default=scenarios.SHOWS[0],
)


def _told(ctx: Context, wanted: Wanted) -> scenarios.Told:
    for one in ctx.scenarios(wanted.seen):
        if one.code == wanted["scenario"]:
            return scenarios.Told.of(ctx.store, one)
    raise NotKnownError("error.unknown_scenario", value=wanted["scenario"])


@route(blueprint, "/api/scenarios", PROBLEM_LANG, observed=True)
def scenario_list(ctx: Context, wanted: Wanted) -> Body:
    """The scenarios beside the ledger: targets split over places, none of them part of the plan."""
    return json_body(progress.scenarios_payload(ctx.store, ctx.scenarios(wanted.seen)))


@route(blueprint, "/api/scenarios/<scenario>", SCENARIO, PROBLEM_LANG, observed=True)
def scenario(ctx: Context, wanted: Wanted) -> Body:
    """One scenario: what each place would have to do, and what was observed."""
    return json_body(_told(ctx, wanted).as_dict(ctx.store, ctx.observed(wanted.seen)))


@route(blueprint, "/api/scenarios/<scenario>/overlay", SCENARIO, SCENARIO_SHOW, PROBLEM_LANG, observed=True)
def scenario_overlay(ctx: Context, wanted: Wanted) -> Body:
    """A scenario's values, classed for a map."""
    told = _told(ctx, wanted)
    if told.indicator is None:
        raise NotKnownError("error.unknown_scenario", value=wanted["scenario"])
    return json_body(scenarios.overlay(ctx.observed(wanted.seen), told, wanted["show"]))
