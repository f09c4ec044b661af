"""The pages of a server of several plans that belong to none of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint

from geo.errors import PlanmapError
from webmap.api.openapi import document
from webmap.catalogue import pages
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import LANG, PROBLEM_LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.encode import JSON_TYPE, json_bytes
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.page import heading, page_body

blueprint = Blueprint("catalogue", __name__)

LONGEST = 60
QUERY = Parameter("q", "Words: district, title, code, region, period or names of features", longest=LONGEST, blank=True)
REGION = Parameter("region", "First two digits of the district's code", longest=2, blank=True)
PERIOD = Parameter("period", "The years of the plan, as it writes them", longest=LONGEST, blank=True)


@route(
    blueprint,
    "/",
    QUERY,
    REGION,
    PERIOD,
    Parameter("page", "Part of the list", numbers=(1, 10_000), default="1", blank=True),
    LANG,
)
def catalogue(ctx: Context, wanted: Wanted) -> Body:
    """All plans: a map of their districts, and a list by region."""
    lang, base = wanted.lang, wanted.root
    everything = pages.entries(ctx.library.plans.values())
    fit, features = pages.found(everything, wanted["q"], wanted["region"], wanted["period"], ctx.library)
    ending = with_query("", lang=asked_for(lang))
    values = pages.catalogue_values(everything, fit, int(wanted["page"]), lang, base, ending, features)
    broken = [
        {"name": plan.name, "problem": _told(plan.problem, lang)}
        for plan in ctx.library.plans.values()
        if plan.problem is not None
    ]
    head = heading(ctx.store.plan, lang)
    home = with_query(f"{base}/", lang=asked_for(lang))
    part = values["part"]
    shared: dict[str, Any] = {
        **head,
        "title": text(lang, "catalogue.title"),
        "page": "catalogue",
        "urls": {**page_urls(base, lang), "map": home},
        "home": home,
        "other_lang": other_language(wanted),
        "styles": [wanted.site + ctx.bundle.address("pages.css")],
        "asked": {name: wanted[name] for name in ("q", "region", "period")},
        "broken": broken,
        "searched": ctx.library.searched if wanted["q"] and ctx.library.searched < len(everything) else None,
        "earlier": wanted.address(page=str(part - 1)) if part > 1 else "",
        "later": wanted.address(page=str(part + 1)) if part < values["parts"] else "",
    }
    return page_body("catalogue.html", lang, content_policy(forms=True), {**shared, **values})


@route(blueprint, "/p/", LANG)
def above_plans(_ctx: Context, wanted: Wanted) -> Body:
    """What stands above every plan leads to the catalogue."""
    return b"", "text/plain", {"Location": with_query(f"{wanted.root}/", lang=asked_for(wanted.lang))}


@route(blueprint, "/api/plans", QUERY, REGION, PERIOD, PROBLEM_LANG)
def plans(ctx: Context, wanted: Wanted) -> Body:
    """Plans, as JSON: all, or those that fit."""
    root = wanted.root
    everything = pages.entries(ctx.library.plans.values())
    fit, features = pages.found(everything, wanted["q"], wanted["region"], wanted["period"], ctx.library)
    listed = [
        {
            "id": one.name,
            "url": pages.plan_url(root, one.name),
            "edition": one.card.hash,
            "title": str(one.card.plan.get("title", "")),
            "title_en": str(one.card.plan.get("title_en", "")),
            "district": dict(one.district),
            "period": one.period,
            "features": one.card.features,
            "bounds": one.card.bounds,
            "fitting": [
                {**asdict(each), "url": pages.feature_url(root, one.name, each.id)}
                for each in features.get(one.name, ())
            ],
        }
        for one in fit
    ]
    body = {"plans": listed, "searched": min(ctx.library.searched, len(everything)), "all": len(everything)}
    return json_bytes(body), JSON_TYPE, {"Access-Control-Allow-Origin": "*"}


@route(blueprint, "/api/openapi.json", PROBLEM_LANG)
def openapi(ctx: Context, wanted: Wanted) -> Body:
    """The description of what belongs to no plan; each plan has its own."""
    result = document(ctx.store, wanted.root or "/", ctx.routes, [], Path(__file__).with_name("openapi.json"))
    return json_bytes(result), JSON_TYPE, {"Access-Control-Allow-Origin": "*"}


@route(blueprint, "/healthz", LANG, kept=False)
def health(ctx: Context, _wanted: Wanted) -> Body:
    """Whether the server works, how many plans there are, and which cannot be opened."""
    broken = sorted(plan.name for plan in ctx.library.plans.values() if plan.problem is not None)
    body = {"status": "ok", "plans": len(ctx.library.plans), "broken": broken, "open": ctx.library.opened}
    return json_bytes(body), JSON_TYPE, {"Access-Control-Allow-Origin": "*"}


def _told(problem: PlanmapError, lang: str) -> str:
    """What is wrong with a file, without where it is on this machine."""
    params = dict(problem.params)
    if "path" in params:
        params["path"] = Path(str(params["path"])).name
    return type(problem)(problem.key, **params).message(lang)
