"""Pages and data of a plan's editions: the kept ones, and two compared; also with another plan on the shelf."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint

from layers import words
from layers.edition.compare import Difference, compare
from layers.edition.compare_words import to_csv
from layers.edition.kept import SHORT
from layers.edition.layer_table import CODES, HEADINGS
from layers.edition.lightened import lightened
from layers.edition.store import Store
from webmap.editions import comparing
from webmap.serving.addresses import asked_for, other_language, page_urls, with_query
from webmap.serving.asking import LANG, PROBLEM_LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.edition_file import vast_layers
from webmap.serving.encode import JSON_TYPE, json_bytes
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.mounts import under_edition
from webmap.serving.page import heading, page_body
from webmap.serving.problems import BadParameterError, NotKnownError

blueprint = Blueprint("editions", __name__)

WITH = Parameter(
    "with",
    "What to compare with: 8 digits or more of an edition's hash, or another plan on the shelf; else the one before",
    longest=200,
    blank=True,
)
HEADED = Parameter("headings", "Headings and values: codes, or words in a language", HEADINGS, CODES)

_MOST_HELD = 16
_held: OrderedDict[tuple[str, str], Difference] = OrderedDict()
_lock = threading.Lock()


@route(blueprint, "/editions", LANG, kept=False)
def editions_page(ctx: Context, wanted: Wanted) -> Body:
    """The editions that are kept."""
    lang = wanted.lang
    above = _above(ctx, wanted)
    rows = [
        {
            "hash": one.hash[:SHORT],
            "written": f"{one.written:%Y-%m-%d %H:%M}",
            "url": with_query(f"{above}/e/{one.hash[:SHORT]}/", lang=asked_for(lang)),
            "here": one.hash == ctx.store.hash,
            "compare": with_query(f"{wanted.root}/compare", **{"with": one.hash[:SHORT], "lang": asked_for(lang)}),
        }
        for one in ctx.library.kept(ctx.name)
    ]
    return _page(ctx, wanted, "editions", {"rows": rows, "others": _others(ctx, wanted)})


@route(blueprint, "/compare", WITH, LANG, kept=False)
def compare_page(ctx: Context, wanted: Wanted) -> Body:
    """This edition compared with another, earlier one."""
    lang = wanted.lang
    other = _other(ctx, wanted["with"])
    if other is None:
        return editions_page(ctx, wanted)
    found, roots = _difference(other, ctx), _roots(ctx, other, wanted)
    told = comparing.told(found, *_compared(other, ctx), lang)
    asked = {"with": wanted["with"], "lang": asked_for(lang)}
    sides = [_side(ctx, one, lang, roots[side], side) for side, one in (("before", other), ("after", ctx))]
    values = {
        "heading": text(lang, "compare.title" if found.one_plan else "compare.plans_title"),
        "groups": comparing.groups(found, told, lang, roots),
        "sides": sides,
        "summary": text(lang, f"compare.{'same' if found.one_plan else 'both'}", both=found.both, same=found.same),
        "csv_url": with_query(f"{wanted.root}/compare.csv", **asked, headings=lang),
        "codes_url": with_query(f"{wanted.root}/compare.csv", **{"with": wanted["with"]}),
        "map_url": with_query(f"{wanted.root}/compare/map", **asked),
        "script": wanted.site + ctx.bundle.address("compare.js"),
        "most": comparing.MOST,
        "left_out": comparing.left_out(_left_out(other, ctx), other.store, ctx.store, lang),
    }
    return _page(ctx, wanted, "compare", values, "compare.css")


@route(blueprint, "/compare/map", WITH, LANG, kept=False)
def compare_map(ctx: Context, wanted: Wanted) -> Body:
    """What the page's map needs: symbols and layers of both editions, and the features that changed."""
    other = _asked(ctx, wanted)
    found = _difference(other, ctx)
    before, after = _compared(other, ctx)
    told = comparing.told(found, before, after, wanted.lang)
    stores = {"before": before, "after": after}
    return json_bytes(comparing.map_values(told, stores, _roots(ctx, other, wanted), wanted.lang)), JSON_TYPE, {}


@route(blueprint, "/compare.csv", WITH, HEADED, LANG, kept=False)
def compare_file(ctx: Context, wanted: Wanted) -> Body:
    """The same as a file: codes, or words in a language."""
    other = _asked(ctx, wanted)
    found, headings = _difference(other, ctx), wanted["headings"]
    names = _left_out(other, ctx)
    if headings == CODES:
        data = comparing.as_file(found.as_csv(), names, "")
    else:
        rows = to_csv(comparing.told(found, *_compared(other, ctx), headings), headings)
        data = comparing.as_file(rows, names, comparing.left_out(names, other.store, ctx.store, headings))
    name = f"{found.before[:SHORT]}-{found.after[:SHORT]}.csv"
    return data, "text/csv; charset=utf-8", {"Content-Disposition": f'attachment; filename="{name}"'}


@route(blueprint, "/api/compare", WITH, PROBLEM_LANG, kept=False)
def compare_data(ctx: Context, wanted: Wanted) -> Body:
    """The same as JSON."""
    other = _asked(ctx, wanted)
    left_out = _left_out(other, ctx)
    found = {**_difference(other, ctx).as_dict(), **({"left_out": left_out} if left_out else {})}
    return json_bytes(found), JSON_TYPE, {"Access-Control-Allow-Origin": "*"}


def _roots(ctx: Context, other: Context, wanted: Wanted) -> dict[str, str]:
    """What stands before the addresses of both editions, for good."""
    above = _above(ctx, wanted)
    theirs = above if other.name == ctx.name else f"{wanted.site}/p/{quote(other.name)}"
    return {"before": under_edition(theirs, other.store.hash), "after": under_edition(above, ctx.store.hash)}


def _side(ctx: Context, one: Context, lang: str, root: str, side: str) -> dict[str, Any]:
    """One of the two editions: what it is, when its file was written, where it is, a still picture of it."""
    head = heading(one.store.plan, lang)
    written = {kept.hash: f"{kept.written:%Y-%m-%d %H:%M} UTC" for kept in ctx.library.kept(one.name)}
    return {
        "id": side,
        "word": text(lang, f"compare.{side}"),
        "title": head["plan_title"],
        "subtitle": head["plan_subtitle"],
        "note": words.said(one.store.plan, lang, "edition_note"),
        "hash": one.store.hash[:SHORT],
        "written": written.get(one.store.hash, ""),
        "url": with_query(f"{root}/", lang=asked_for(lang)),
        "picture": with_query(f"{root}/picture/{quote(one.store.default_view)}.svg", lang=asked_for(lang)),
    }


def _above(ctx: Context, wanted: Wanted) -> str:
    """What stands before the addresses of the plan, whichever edition."""
    return wanted.root.removesuffix(f"/e/{ctx.store.hash[:SHORT]}")


def _asked(ctx: Context, wanted: Wanted) -> Context:
    """The edition that is named, else the one before this one, else this one itself."""
    other = _other(ctx, wanted["with"])
    if other is not None:
        return other
    kept = [one.hash for one in ctx.library.kept(ctx.name)]
    earlier = kept[kept.index(ctx.store.hash) + 1 :] if ctx.store.hash in kept else []
    return ctx.library.edition(ctx.name, earlier[0]) if earlier else ctx


def _other(ctx: Context, named: str) -> Context | None:
    """The edition to compare with; None when none is named.

    Raises:
        BadParameterError: There is none of that name.
    """
    if not named:
        return None
    if named in ctx.library.plans and named != ctx.name:
        return ctx.library.current(named)
    try:
        if not 8 <= len(named) <= 64 or set(named) - set("0123456789abcdef"):
            raise NotKnownError("error.unknown_edition")
        return ctx.library.edition(ctx.name, named)
    except NotKnownError:
        choices = ctx.library.hashes(ctx.name)
        raise BadParameterError("error.unknown_edition", value=named[:60], choices=choices) from None


def _left_out(before: Context, after: Context) -> list[str]:
    """Layers that are vast in one of two editions: to compare them would take a worker's time and memory."""
    return sorted({*vast_layers(before), *vast_layers(after)})


def _compared(before: Context, after: Context) -> tuple[Store, Store]:
    """What is compared of two editions: the very stores where no layer is vast, else without such layers."""
    names = _left_out(before, after)

    def of(ctx: Context) -> Store:
        left = {name: ctx.store.count(name) for name in names if name in ctx.store.layers}
        return ctx.part(f"without {names}", lambda store: Store(lightened(store.edition, left))) if left else ctx.store

    return of(before), of(after)


def _difference(before: Context, after: Context) -> Difference:
    """The difference of two editions, the last ones kept."""
    key = (before.tag, after.tag)
    with _lock:
        if key in _held:
            _held.move_to_end(key)
            return _held[key]
    found = compare(*(one.edition for one in _compared(before, after)))
    with _lock:
        _held[key] = found
        while len(_held) > _MOST_HELD:
            _held.popitem(last=False)
    return found


def _others(ctx: Context, wanted: Wanted) -> list[dict[str, str]]:
    """Other plans of the same district, by its code."""
    code = str(ctx.store.plan.get("district", {}).get("code", ""))
    found = []
    for plan in ctx.library.plans.values():
        district = plan.card.plan.get("district", {}) if plan.card is not None and plan.name != ctx.name else {}
        if plan.card is not None and code and str(district.get("code", "")) == code:
            url = with_query(f"{wanted.root}/compare", **{"with": plan.name, "lang": asked_for(wanted.lang)})
            name = f"{words.name(plan.card.plan, wanted.lang, 'short_title')} {plan.card.plan.get('period', '')}"
            found.append({"name": name.strip(), "url": url})
    return found


def _page(ctx: Context, wanted: Wanted, page: str, values: Mapping[str, Any], *styles: str) -> Body:
    lang = wanted.lang
    head = heading(ctx.store.plan, lang)
    shared = {
        **head,
        "heading": text(lang, f"{page}.title"),
        "title": f"{text(lang, f'{page}.title')} · {head['plan_title']}",
        "page": page,
        "urls": page_urls(wanted.root, lang),
        "other_lang": other_language(wanted),
        "styles": [wanted.site + ctx.bundle.address(name) for name in ("pages.css", *styles)],
        "newer": ctx.newer(wanted.root, wanted.site),
        "edition": ctx.store.hash,
    }
    return page_body(f"{page}.html", lang, content_policy(), {**shared, **values})
