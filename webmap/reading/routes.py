"""Pages for reading: features, lead units, chapters, zones and townships, the list, targets, review and claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from webmap.map.routes import heading, page_body
from webmap.reading import listing
from webmap.reading import pages as browsing
from webmap.reading.inventory import Inventory, inventory
from webmap.reading.rows import Rows, Values
from webmap.serving.addresses import other_language, page_urls
from webmap.serving.context import Body, Context, asked_language, context, respond, root
from webmap.serving.headers import content_policy
from webmap.serving.messages import text
from webmap.serving.problems import NotKnownError

blueprint = Blueprint("browse", __name__)

SECTIONS = ("list", "chapter", "lead", "targets", "review", "claims")
"""Pages of the second menu."""


def _rows(lang: str) -> Rows:
    return Rows(inventory(context().store), lang, root())


def _inventory() -> Inventory:
    return inventory(context().store)


def _respond(
    template: str, section: str, key: tuple[str, ...], make: Callable[[Rows], Values], *, forms: bool = False
) -> Response:
    """Answer with a page.

    Args:
        template: Its template.
        section: Which of ``SECTIONS`` it belongs to.
        key: What the body depends on, beside the language.
        make: Its values, ``title`` among them, and ``trail`` for the breadcrumbs: pairs of name and address.
        forms: It holds a form that sends back to us.
    """
    lang = asked_language()
    path, args = request.path, {name: value for name, value in request.args.items() if value}
    return respond(
        (template, lang, *key),
        lambda: _body(context(), template, section, _rows(lang), make, (path, args), forms=forms),
    )


def _body(
    ctx: Context,
    template: str,
    section: str,
    rows: Rows,
    make: Callable[[Rows], Values],
    here: tuple[str, Mapping[str, str]],
    *,
    forms: bool,
) -> Body:
    lang, base = rows.lang, rows.base
    head, values = heading(ctx, lang), make(rows)
    path, args = here
    shared: dict[str, Any] = {
        **head,
        "title": f"{values['title']} · {head['plan_title']}",
        "page": "claims" if section == "claims" else "list",
        "section": section,
        "sections": [{"id": name, "name": text(lang, f"section.{name}"), "url": rows.url(name)} for name in SECTIONS],
        "trail": [],
        "urls": page_urls(base, lang),
        "other_lang": other_language(f"{base}{path}", args, lang),
        "styles": [base + ctx.bundle.address("pages.css")],
        "edition": ctx.store.hash,
        "rows_of": rows,
    }
    return page_body(
        template,
        lang,
        content_policy(forms=forms),
        {**shared, **values, "title": shared["title"], "heading": values["title"]},
    )


@blueprint.get("/feature/<path:feature>")
def feature_page(feature: str) -> Response:
    """Everything about one feature."""
    entry = _inventory().entries.get(feature)
    if entry is None:
        raise NotKnownError("error.unknown_feature", value=feature[:60])

    def values(rows: Rows) -> Values:
        return {
            "title": rows.entry_name(entry),
            "trail": [_crumb(rows, "list")],
            **browsing.feature_values(rows, entry),
        }

    return _respond("feature.html", "list", (feature,), values)


def _crumb(rows: Rows, section: str) -> tuple[str, str]:
    return rows.t(f"section.{section}"), rows.url(section)


@blueprint.get("/lead")
def leads_page() -> Response:
    """All lead units."""
    return _respond(
        "leads.html", "lead", (), lambda rows: {"title": rows.t("lead.title"), **browsing.leads_values(rows)}
    )


@blueprint.get("/lead/<path:unit>")
def lead_page(unit: str) -> Response:
    """What one lead unit is responsible for."""
    if unit not in _inventory().leads:
        raise NotKnownError("error.unknown_lead", value=unit[:60])

    def values(rows: Rows) -> Values:
        return {"title": rows.lead_name(unit), "trail": [_crumb(rows, "lead")], **browsing.lead_values(rows, unit)}

    return _respond("lead.html", "lead", (unit,), values)


@blueprint.get("/chapter")
def chapters_page() -> Response:
    """All chapters and clauses."""
    return _respond(
        "chapters.html",
        "chapter",
        (),
        lambda rows: {"title": rows.t("chapter.title"), **browsing.chapters_values(rows)},
    )


@blueprint.get("/chapter/<number>")
def chapter_page(number: str) -> Response:
    """One chapter, clause by clause."""
    chapters = _inventory().outline.chapters
    if number not in {str(chapter) for chapter in chapters}:
        raise NotKnownError("error.unknown_chapter", value=number[:60], choices=[str(chapter) for chapter in chapters])

    def values(rows: Rows) -> Values:
        return {
            "title": rows.chapter(int(number)),
            "trail": [_crumb(rows, "chapter")],
            **browsing.chapter_values(rows, int(number)),
        }

    return _respond("chapter.html", "chapter", (number,), values)


@blueprint.get("/zone/<slug>")
def zone_page(slug: str) -> Response:
    """What is in a zone."""
    return _place("zone", slug)


@blueprint.get("/township/<slug>")
def township_page(slug: str) -> Response:
    """What is in a township."""
    return _place("township", slug)


def _place(level: str, slug: str) -> Response:
    known = _inventory()
    place = known.place(level, slug)
    if place is None:
        choices = [entry.id.partition("/")[2] for entry in known.places(level)]
        raise NotKnownError("error.unknown_zone", value=slug[:60], choices=choices)

    def values(rows: Rows) -> Values:
        return {
            "title": rows.entry_name(place),
            "trail": [_crumb(rows, "list")],
            **browsing.place_values(rows, level, place),
        }

    return _respond("place.html", "list", (level, slug), values)


@blueprint.get("/list")
def list_page() -> Response:
    """All features, filtered and sorted."""
    asked = listing.Asked.read(_inventory(), request.args)
    return _respond(
        "list.html",
        "list",
        asked.key,
        lambda rows: {"title": rows.t("list.title"), **browsing.list_values(rows, asked)},
        forms=True,
    )


@blueprint.get("/list.csv")
def list_file() -> Response:
    """The same list as a file."""
    ctx, lang = context(), asked_language()
    asked = listing.Asked.read(_inventory(), request.args)

    def make() -> Body:
        name = f"{ctx.store.plan.get('id', 'plan')}-list.csv"
        disposition = (
            f"attachment; filename=\"{name if name.isascii() else 'list.csv'}\"; filename*=UTF-8''{quote(name)}"
        )
        data = listing.to_csv(_rows(lang), asked.found(_inventory(), lang))
        return data, "text/csv; charset=utf-8", {"Content-Disposition": disposition}

    return respond(("list.csv", lang, *asked.key), make)


@blueprint.get("/claims")
def claims_page() -> Response:
    """The plan's figures, checked."""
    return _respond(
        "claims.html", "claims", (), lambda rows: {"title": rows.t("claims.title"), **browsing.claims_values(rows)}
    )


@blueprint.get("/targets")
def targets_page() -> Response:
    """All numeric targets."""
    return _respond(
        "targets.html", "targets", (), lambda rows: {"title": rows.t("targets.title"), **browsing.targets_values(rows)}
    )


@blueprint.get("/review")
def review_page() -> Response:
    """The last period's results."""
    return _respond(
        "review.html", "review", (), lambda rows: {"title": rows.t("review.title"), **browsing.review_values(rows)}
    )
