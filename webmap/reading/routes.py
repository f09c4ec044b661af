"""Pages for reading: start, about, features, lead units, chapters, places, the list, targets, review and claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint

from layers import words
from layers.edition import sheets
from layers.edition.inventory import inventory
from layers.edition.looked import Slugs
from layers.edition.notice import notice
from layers.edition.store import Store
from layers.progress.scenarios import Told
from webmap.reading import claims, listing, paging, progress, scenarios, stories, surfaces
from webmap.reading import pages as browsing
from webmap.reading.about import about_values
from webmap.reading.paging import PAGE
from webmap.reading.profile import profile_values
from webmap.reading.rows import Rows, Values
from webmap.reading.start import start_values
from webmap.serving.addresses import other_language, page_urls
from webmap.serving.asking import LANG, Parameter, Wanted, route
from webmap.serving.context import Body, Context
from webmap.serving.headers import content_policy, framing, previewed
from webmap.serving.messages import text
from webmap.serving.page import heading, page_body
from webmap.serving.problems import NotKnownError

blueprint = Blueprint("browse", __name__)

SECTIONS = ("list", "chapter", "lead", "targets", "review", "claims", "progress", "surface")
"""Pages of the second menu."""
STORY = "story"
"""One more, where the plan has stories."""

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _rows(ctx: Context, wanted: Wanted) -> Rows:
    return Rows(inventory(ctx.store), wanted.lang, wanted.root)


def _page(
    ctx: Context, wanted: Wanted, template: str, section: str, make: Callable[[Rows], Values], *, forms: bool = False
) -> Body:
    """A page.

    Args:
        ctx: The application's context.
        wanted: What was asked for.
        template: Its template.
        section: Which of ``SECTIONS`` it belongs to.
        make: Its values, ``title`` among them, ``trail`` for the breadcrumbs (pairs of name and address), and where
            it is cut into parts ``blocks``, its rows.
        forms: It holds a form that sends back to us.
    """
    rows = _rows(ctx, wanted)
    lang, base = rows.lang, rows.base
    head, values = heading(ctx.store.plan, lang), make(rows)
    shared: dict[str, Any] = {
        **head,
        "title": f"{values['title']} · {head['plan_title']}",
        "page": {"claims": "claims", "progress": "progress", "scenarios": "progress"}.get(section, "list"),
        "section": section,
        "sections": [
            {"id": name, "name": text(lang, f"section.{name}"), "url": rows.url(name)}
            for name in (*SECTIONS, *((STORY,) if ctx.store.stories else ()))
            if name != "surface" or surfaces.there_are(ctx.store)
        ],
        "trail": [],
        "unlisted": _unlisted(rows),
        "urls": page_urls(base, lang),
        "other_lang": other_language(wanted),
        "styles": [wanted.site + ctx.bundle.address("pages.css")],
        "newer": ctx.newer(wanted.root, wanted.site),
        "edition": ctx.store.hash,
    }
    if "blocks" in values:
        shared["pages"] = paging.cut(values.pop("blocks"), wanted)
    return page_body(
        template,
        lang,
        content_policy(forms=forms),
        {**shared, **values, "title": shared["title"], "heading": values["title"]},
    )


def _unlisted(rows: Rows) -> list[Values]:
    """Layers whose features the pages do not name one by one, and where they are page by page."""
    return [
        {
            "text": rows.t("browse.unlisted", name=words.name(rows.store.layers[layer], rows.lang), count=look.count),
            "url": f"{rows.base}/ogc/collections/{quote(layer)}/items",
        }
        for layer, look in rows.store.unlisted.items()
    ]


def _section(ctx: Context, wanted: Wanted, template: str, section: str, make: Callable[[Rows], Values]) -> Body:
    """A page of the second menu that is the same whatever is asked for."""
    return _page(ctx, wanted, template, section, lambda rows: {"title": rows.t(f"{section}.title"), **make(rows)})


ENTRY = Parameter(
    "feature",
    "Feature id",
    lambda store: inventory(store).entries,
    error="error.unknown_feature",
    listed=False,
)
UNIT = Parameter("unit", "Lead unit", lambda store: inventory(store).leads, error="error.unknown_lead", listed=False)
CHAPTER = Parameter(
    "number",
    "Chapter",
    lambda store: [str(chapter) for chapter in inventory(store).outline.chapters],
    error="error.unknown_chapter",
)


def _slugs(level: str) -> Parameter:
    return Parameter(
        "slug",
        f"Part of the id of a {level}",
        lambda store: Slugs(store.index, level),
        error="error.unknown_zone",
    )


@route(blueprint, "/feature/<path:feature>", ENTRY, LANG)
def feature_page(ctx: Context, wanted: Wanted) -> Body:
    """Everything about one feature."""
    entry = inventory(ctx.store).entries[wanted["feature"]]

    def values(rows: Rows) -> Values:
        return {
            "title": rows.entry_name(entry),
            "trail": [_crumb(rows, "list")],
            **browsing.feature_values(rows, entry),
        }

    return _page(ctx, wanted, "feature.html", "list", values)


def _crumb(rows: Rows, section: str) -> tuple[str, str]:
    return rows.t(f"section.{section}"), rows.url(section)


@route(blueprint, "/lead", LANG)
def leads_page(ctx: Context, wanted: Wanted) -> Body:
    """All lead units."""
    return _section(ctx, wanted, "leads.html", "lead", browsing.leads_values)


@route(blueprint, "/lead/<path:unit>", UNIT, PAGE, LANG)
def lead_page(ctx: Context, wanted: Wanted) -> Body:
    """What one lead unit is responsible for."""
    unit = wanted["unit"]

    def values(rows: Rows) -> Values:
        return {"title": rows.lead_name(unit), "trail": [_crumb(rows, "lead")], **browsing.lead_values(rows, unit)}

    return _page(ctx, wanted, "lead.html", "lead", values)


@route(blueprint, "/chapter", LANG)
def chapters_page(ctx: Context, wanted: Wanted) -> Body:
    """All chapters and clauses."""
    return _section(ctx, wanted, "chapters.html", "chapter", browsing.chapters_values)


@route(blueprint, "/chapter/<number>", CHAPTER, PAGE, LANG)
def chapter_page(ctx: Context, wanted: Wanted) -> Body:
    """One chapter, clause by clause."""
    number = int(wanted["number"])

    def values(rows: Rows) -> Values:
        return {
            "title": rows.chapter(number),
            "trail": [_crumb(rows, "chapter")],
            **browsing.chapter_values(rows, number),
        }

    return _page(ctx, wanted, "chapter.html", "chapter", values)


@route(blueprint, "/zone/<slug>", _slugs("zone"), PAGE, LANG)
def zone_page(ctx: Context, wanted: Wanted) -> Body:
    """What is in a zone."""
    return _place(ctx, wanted, "zone")


@route(blueprint, "/township/<slug>", _slugs("township"), PAGE, LANG)
def township_page(ctx: Context, wanted: Wanted) -> Body:
    """What is in a township."""
    return _place(ctx, wanted, "township")


def _place(ctx: Context, wanted: Wanted, level: str) -> Body:
    place = inventory(ctx.store).place(level, wanted["slug"])
    if place is None:
        raise NotKnownError("error.unknown_zone", value=wanted["slug"])

    def values(rows: Rows) -> Values:
        return {
            "title": rows.entry_name(place),
            "trail": [_crumb(rows, "list")],
            **browsing.place_values(rows, level, place),
        }

    return _page(ctx, wanted, "place.html", "list", values)


@route(blueprint, "/profile/zone/<slug>", _slugs("zone"), LANG, observed=True)
def zone_profile(ctx: Context, wanted: Wanted) -> Body:
    """A zone on two pages."""
    return _profile(ctx, wanted, "zone")


@route(blueprint, "/profile/township/<slug>", _slugs("township"), LANG, observed=True)
def township_profile(ctx: Context, wanted: Wanted) -> Body:
    """A township on two pages."""
    return _profile(ctx, wanted, "township")


def _profile(ctx: Context, wanted: Wanted, level: str) -> Body:
    place = inventory(ctx.store).place(level, wanted["slug"])
    if place is None:
        raise NotKnownError("error.unknown_zone", value=wanted["slug"])

    def values(rows: Rows) -> Values:
        made = profile_values(rows, ctx.observed(wanted.seen), level, place)
        trail = [_crumb(rows, "list"), (rows.entry_name(place), made["full_url"])]
        return {"title": rows.entry_name(place), "trail": trail, **made}

    return _page(ctx, wanted, "profile.html", "list", values)


@route(blueprint, "/list", *listing.PARAMETERS, PAGE, LANG)
def list_page(ctx: Context, wanted: Wanted) -> Body:
    """All features, filtered and sorted."""
    asked = listing.Asked.read(wanted)

    def values(rows: Rows) -> Values:
        return {"title": rows.t("list.title"), **browsing.list_values(rows, asked)}

    return _page(ctx, wanted, "list.html", "list", values, forms=True)


@route(blueprint, "/list.csv", *listing.PARAMETERS, LANG)
def list_file(ctx: Context, wanted: Wanted) -> Body:
    """The same list as a file."""
    found = listing.Asked.read(wanted).found(inventory(ctx.store), wanted.lang)
    name = f"{ctx.store.plan.get('id', 'plan')}-list.csv"
    simple = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    disposition = f"attachment; filename=\"{simple}\"; filename*=UTF-8''{quote(name)}"
    said = notice(ctx.store.edition, {}, wanted.lang).short()
    data = listing.to_csv(_rows(ctx, wanted), found, said)
    return data, "text/csv; charset=utf-8", {"Content-Disposition": disposition}


@route(blueprint, "/claims", *claims.PARAMETERS, PAGE, LANG)
def claims_page(ctx: Context, wanted: Wanted) -> Body:
    """The plan's figures, checked; filtered."""
    asked = claims.Asked.read(wanted)

    def values(rows: Rows) -> Values:
        return {"title": rows.t("claims.title"), **claims.claims_values(rows, asked)}

    return _page(ctx, wanted, "claims.html", "claims", values, forms=True)


@route(blueprint, "/targets", PAGE, LANG)
def targets_page(ctx: Context, wanted: Wanted) -> Body:
    """All numeric targets."""
    return _section(ctx, wanted, "targets.html", "targets", browsing.targets_values)


@route(blueprint, "/review", PAGE, LANG)
def review_page(ctx: Context, wanted: Wanted) -> Body:
    """The last period's results."""
    return _section(ctx, wanted, "review.html", "review", browsing.review_values)


@route(blueprint, "/progress", *progress.PARAMETERS, LANG, observed=True)
def progress_page(ctx: Context, wanted: Wanted) -> Body:
    """Every indicator between its base and its target; filtered."""
    asked = progress.Asked.read(wanted)

    def values(rows: Rows) -> Values:
        made = progress.progress_values(rows, ctx.observed(wanted.seen), asked)
        count = len(ctx.scenarios(wanted.seen))
        link = {"text": rows.t("scenarios.link", count=count), "url": rows.url("scenarios")} if count else None
        return {"title": rows.t("progress.title"), "scenarios": link, **made}

    return _page(ctx, wanted, "progress.html", "progress", values, forms=True)


def _code(_store: Store, text: str) -> str:
    if not re.fullmatch(r"s[1-9][0-9]{0,8}", text):
        raise NotKnownError("error.unknown_scenario", value=text[:20])
    return text


def _codes(store: Store, text: str) -> str:
    codes = [_code(store, one) for one in text.split(",") if one]
    return ",".join(list(dict.fromkeys(codes))[: scenarios.MOST_BESIDE])


SCENARIO = Parameter("scenario", "Code of a scenario", accepts=_code)
BESIDE = Parameter("beside", "Codes of scenarios to stand beside it", accepts=_codes, blank=True, repeats=True)
FORM = Parameter("form", "csv or xlsx", ("csv", "xlsx"))


def _scenarios(ctx: Context, wanted: Wanted) -> tuple[Told, list[Told]]:
    found = {one.code: one for one in ctx.scenarios(wanted.seen) if one.indicator in ctx.store.indicator_ids}
    codes = [wanted["scenario"], *filter(None, wanted["beside"].split(","))]
    wrong = next((code for code in codes if code not in found), None)
    if wrong is not None:
        raise NotKnownError("error.unknown_scenario", value=wrong)
    first, *others = (Told.of(ctx.store, found[code]) for code in codes)
    return first, [one for one in others if one.scenario.level == first.scenario.level]


@route(blueprint, "/scenarios", LANG, observed=True)
def scenarios_page(ctx: Context, wanted: Wanted) -> Body:
    """Which scenarios there are."""
    found = ctx.scenarios(wanted.seen)

    def values(rows: Rows) -> Values:
        return {"trail": [_crumb(rows, "progress")], **scenarios.list_values(rows, found)}

    return _section(ctx, wanted, "scenarios.html", "scenarios", values)


@route(blueprint, "/scenarios/<scenario>", SCENARIO, BESIDE, LANG, observed=True)
def scenario_page(ctx: Context, wanted: Wanted) -> Body:
    """What each place would have to do in a scenario."""
    told, beside = _scenarios(ctx, wanted)

    def values(rows: Rows) -> Values:
        made = scenarios.scenario_values(rows, ctx.observed(wanted.seen), told, ctx.scenarios(wanted.seen), beside)
        trail = [_crumb(rows, "progress"), (rows.t("scenarios.title"), rows.url("scenarios"))]
        return {"title": told.scenario.name, "trail": trail, **made}

    return _page(ctx, wanted, "scenario.html", "scenarios", values, forms=True)


@route(blueprint, "/scenarios/<scenario>/table.<form>", SCENARIO, FORM, BESIDE, LANG, observed=True)
def scenario_table(ctx: Context, wanted: Wanted) -> Body:
    """The same as a file."""
    told, beside = _scenarios(ctx, wanted)
    data, name = scenarios.scenario_file(_rows(ctx, wanted), ctx.observed(wanted.seen), told, beside, wanted["form"])
    types = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX_TYPE}
    return data, types[wanted["form"]], {"Content-Disposition": f'attachment; filename="{name}"'}


TOLD = Parameter("story", "Id of a story", lambda store: store.stories, error="error.unknown_story")


@route(blueprint, "/story", LANG)
def stories_page(ctx: Context, wanted: Wanted) -> Body:
    """All stories."""
    return _section(
        ctx, wanted, "stories.html", STORY,
        lambda rows: {**stories.stories_values(rows), "styles": _story_styles(ctx, wanted)},
    )  # fmt: skip


@route(blueprint, "/story/<story>", TOLD, LANG)
def story_page(ctx: Context, wanted: Wanted) -> Body:
    """A story: its words beside the map, which follows them."""
    return _story(ctx, wanted, embedded=False)


@route(blueprint, "/story/<story>/embed", TOLD, LANG)
def story_embed(ctx: Context, wanted: Wanted) -> Body:
    """The same for a frame in another page."""
    return _story(ctx, wanted, embedded=True)


def _story_styles(ctx: Context, wanted: Wanted) -> list[str]:
    return [wanted.site + ctx.bundle.address(name) for name in ("pages.css", "story.css")]


def _story(ctx: Context, wanted: Wanted, *, embedded: bool) -> Body:
    frames = previewed(ctx.settings.frame_ancestors)

    def values(rows: Rows) -> Values:
        return {
            **stories.story_values(rows, wanted["story"], frames=frames),
            "embedded": embedded,
            "script": wanted.site + ctx.bundle.address("story.js"),
            "styles": _story_styles(ctx, wanted),
        }

    made = _page(ctx, wanted, "story.html", STORY, values)
    ancestors = framing(ctx.settings.frame_ancestors) if embedded else "'self'"
    policy = content_policy(frames=frames, frame_ancestors=ancestors)
    return made[0], made[1], {**made[2], "Content-Security-Policy": policy}


@route(blueprint, "/surface", LANG)
def surfaces_page(ctx: Context, wanted: Wanted) -> Body:
    """All accessibility surfaces."""
    return _section(ctx, wanted, "surfaces.html", "surface", surfaces.surfaces_values)


@route(blueprint, "/surface/<surface>", surfaces.SURFACE, LANG)
def surface_page(ctx: Context, wanted: Wanted) -> Body:
    """One accessibility surface: what it rests on, values by place, downloads."""

    def values(rows: Rows) -> Values:
        return {"trail": [_crumb(rows, "surface")], **surfaces.surface_values(rows, wanted["surface"])}

    return _page(ctx, wanted, "surface.html", "surface", values)


SEEN = Parameter("bbox", "What the map showed: west, south, east, north in degrees", longest=100, blank=True)


@route(blueprint, "/start", SEEN, LANG)
def start_page(ctx: Context, wanted: Wanted) -> Body:
    """What the plan is, its views, downloads and how to connect QGIS."""
    scans = [one.record for one in sheets.known(ctx.store.edition.meta, ctx.file).values()]
    return _plain_body(ctx, wanted, "start", start_values(ctx.store, wanted.lang, wanted.root, wanted["bbox"], scans))


@route(blueprint, "/about", LANG)
def about_page(ctx: Context, wanted: Wanted) -> Body:
    """Sources, accuracy, assumptions and the edition."""
    return _plain_body(ctx, wanted, "about", about_values(ctx.store, wanted.lang, wanted.root))


RULES = ("scope", "review", "boundaries", "nation", "secret", "accuracy")
"""What is on the page about maps for the public, in order (rules.toml)."""


@route(blueprint, "/publication", LANG)
def publication_page(ctx: Context, wanted: Wanted) -> Body:
    """What to check before a map is published, and how this server is set."""
    lang, set_to = wanted.lang, ctx.settings.publication
    values = {
        "mode": text(lang, f"rules.mode.{set_to.mode}"),
        "number": text(lang, "rules.number", number=set_to.number) if set_to.number else "",
        "exempt": text(lang, "rules.exempt", reason=set_to.exempt) if set_to.exempt else "",
        "marked": [words.name(one, lang) for one in ctx.store.layers.values() if one.get("public") is True],
        "rules": [
            {part: text(lang, f"rules.{name}.{part}") for part in ("title", "text", "source", "here")} for name in RULES
        ],
    }
    return _plain_body(ctx, wanted, "publication", values)


def _plain_body(ctx: Context, wanted: Wanted, page: str, values: Mapping[str, Any]) -> Body:
    lang, base = wanted.lang, wanted.root
    head = heading(ctx.store.plan, lang)
    shared = {
        **head,
        "title": f"{text(lang, f'nav.{page}')} · {head['plan_title']}",
        "page": page,
        "urls": page_urls(base, lang),
        "other_lang": other_language(wanted),
        "styles": [wanted.site + ctx.bundle.address("pages.css")],
        "newer": ctx.newer(wanted.root, wanted.site),
    }
    # The form for downloads on the start page needs no script, but leave to send.
    return page_body(f"{page}.html", lang, content_policy(forms="form" in values), {**shared, **values})
