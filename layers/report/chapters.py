"""The evaluation report's chapters on the whole, its indicators and its checked figures; and the report as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from layers import words
from layers.edition.inventory import Inventory
from layers.edition.notice import licence
from layers.edition.provenance import bases, full_title, sources
from layers.measure.claims import VERDICTS
from layers.report import pictures, places
from layers.report.blocks import (
    PICTURE,
    TABLE,
    Block,
    Chapter,
    Column,
    Document,
    Heading,
    Paragraph,
    Picture,
    Table,
    Text,
    check_size,
    linked,
    plain,
    ref,
)
from layers.report.facts import Facts, Links, progress
from layers.report.printed import printed
from layers.report.wording import Wording

MET = ("met", "missed", "")


def report(
    inventory: Inventory,
    wording: Wording,
    links: Links,
    order: Sequence[str] | None = None,
    progressed: Callable[[int, int], None] | None = None,
) -> Document:
    """The evaluation report of an edition.

    Args:
        inventory: The edition's look-ups.
        wording: In the language of the report.
        links: Addresses of pages.
        order: Keys of the chapters in the order of a template; None for the wording's.
        progressed: Told after each chapter how many are done, and of how many.
    """
    facts = Facts(inventory, wording, links)
    chosen = tuple(wording.order if order is None else order)
    made = []
    for at, key in enumerate(chosen):
        heading = Heading(1, wording(f"{key}.heading"))
        made.append(Chapter(key, (heading, *CHAPTERS[key](facts))))
        if progressed:
            progressed(at + 1, len(chosen))
    check_size(block for chapter in made for block in chapter.blocks if isinstance(block, Table))
    labels = {TABLE: wording("table"), PICTURE: wording("picture")}
    return Document(wording.lang, fields(facts), tuple(made), labels, wording("contents"))


def fields(facts: Facts, title: str = "title") -> dict[str, str]:
    """What a template may name."""
    plan, lang = facts.store.plan, facts.lang
    short = words.name(plan, lang, "short_title")
    given = {
        "title": facts.wording(title, plan=short),
        "plan": short,
        "plan_title": full_title(plan, lang),
        "district": facts.name(plan.get("district", {})),
        "period": str(plan.get("period") or ""),
        "base_year": str(plan.get("base_year") or ""),
        "target_year": str(plan.get("target_year") or ""),
        "as_of": str(plan.get("as_of") or ""),
        "edition": facts.store.hash,
        "edition_line": facts.wording("edition", hash=facts.store.hash[:12], year=str(plan.get("as_of") or "")),
        "attribution": words.said(plan, lang, "attribution") or full_title(plan, lang),
        "licence": licence(plan, lang),
        "address": facts.links.base,
    }
    return {name: printed(text) for name, text in given.items()}


def _paragraph(facts: Facts, key: str, **params: str | int | Text) -> Paragraph:
    return Paragraph(facts.wording.text(key, **params))


def _note(facts: Facts, key: str, **params: str | int | Text) -> Paragraph:
    return Paragraph(facts.wording.text(key, **params), small=True)


def _seen_at(facts: Facts, view: str) -> Text:
    url = facts.links.view(view)
    return linked(facts.wording("seen_at"), url) if url else ()


# ---- the whole


def _overall(facts: Facts) -> Iterator[Block]:
    store, inventory, say = facts.store, facts.inventory, facts.wording
    given = fields(facts)
    yield _paragraph(facts, "overall.text", title=given["plan_title"], period=given["period"], base=given["base_year"],
                     as_of=given["as_of"])  # fmt: skip
    entries = list(inventory.entries.values())
    yield _paragraph(
        facts, "overall.counts", count=len(entries), located=sum(entry.located for entry in entries),
        indicators=len(inventory.indicators), targets=len(inventory.targets),
        claims=sum(not one.get("self_check") for one in inventory.claims),
        picture=ref("layout"), table=ref("states"),
    )  # fmt: skip
    view = store.views[store.default_view]
    drawn = pictures.of_view(store, store.default_view, facts.lang)
    caption = say("overall.layout", view=words.name(view, facts.lang))
    yield Picture("layout", caption, drawn, drawn.summary or caption, _seen_at(facts, store.default_view))
    yield Table("states", say("overall.states"), *_states(facts))
    yield _note(facts, "overall.states_note")


def _states(facts: Facts) -> tuple[tuple[Column, ...], tuple[tuple[Text, ...], ...]]:
    """Features of the plan by group and state."""
    store, say = facts.store, facts.wording
    planned = [entry for entry in facts.inventory.entries.values() if facts.inventory.is_planned(entry)]
    states = [*(one for one in store.statuses if any(entry.text("status") == one for entry in planned)), ""]
    heads = [facts.term(store.statuses, one) or say("overall.no_state") for one in states]
    columns = [Column(say("overall.group")), *(Column(head, figures=True) for head in heads)]
    columns.append(Column(say("overall.sum"), figures=True))
    groups = {str(group["id"]): facts.name(group) for group in store.groups}
    counted: Counter[tuple[str, str]] = Counter()
    for entry in planned:
        group = str(store.layers[entry.layer].get("group", ""))
        state = entry.text("status")
        counted[(group if group in groups else "", state if state in states else "")] += 1
    rows = []
    for group, name in {**groups, "": say("none")}.items():
        numbers = [counted[(group, state)] for state in states]
        if any(numbers):
            rows.append(_numbers(name, [*numbers, sum(numbers)]))
    totals = [sum(counted[(group, state)] for group in (*groups, "")) for state in states]
    return tuple(columns), (*rows, _numbers(say("overall.sum"), [*totals, sum(totals)]))


def _numbers(name: str, numbers: Sequence[int]) -> tuple[Text, ...]:
    return plain(name), *(plain(words.number(number) if number else words.NONE) for number in numbers)


# ---- indicators


def _indicators(facts: Facts) -> Iterator[Block]:
    say = facts.wording
    stated = [one for one in facts.indicators if one["origin"] == "stated"]
    yield Heading(2, say("indicators.targets_heading"))
    if stated:
        courses = {one["id"]: found for one in stated if (found := facts.course(one["id"]))}
        if courses:
            yield _paragraph(facts, "indicators.some_observed", observed=len(courses), rest=len(stated) - len(courses),
                             course=ref("course"), table=ref("indicators"))  # fmt: skip
            yield _course(facts, [one for one in stated if one["id"] in courses], courses)
            yield _note(facts, "indicators.progress_note")
            if entered := facts.entered():
                yield Paragraph(plain(entered), small=True)
        else:
            yield _paragraph(facts, "indicators.none_observed", table=ref("indicators"))
        yield _main_indicators(facts, stated)
        if note := words.said(facts.store.plan, facts.lang, "indicators_note"):
            yield Paragraph(plain(note), small=True)
    else:
        yield _paragraph(facts, "indicators.no_indicators")
    yield from _mapped(facts)
    if facts.inventory.reviews:
        yield from _review(facts)
    if facts.inventory.targets:
        yield from _targets(facts)


def _main_indicators(facts: Facts, stated: Sequence[Mapping[str, Any]]) -> Table:
    say, plan = facts.wording, facts.store.plan
    years = {end: str(plan.get(f"{end}_year") or "") for end in ("base", "target")}
    columns = (
        Column(say("indicators.name")), Column(say("indicators.unit")),
        Column(f"{say('indicators.base')} {years['base']}".strip(), figures=True),
        Column(f"{say('indicators.target')} {years['target']}".strip(), figures=True),
        Column(say("indicators.property")), Column(say("indicators.clause")),
    )  # fmt: skip
    rows: list[tuple[Text, ...]] = []
    domain = ""
    for one in stated:
        if (own := words.said(one, facts.lang, "domain")) != domain:
            domain = own
            rows.append((plain(domain),))
        rows.append((
            plain(facts.name(one)), plain(words.unit(one, facts.lang) or words.NONE),
            plain(facts.stated(one, "baseline")), plain(facts.stated(one, "target")),
            plain(facts.code("property", one["property"]) or words.NONE), facts.cites(one["cites"]),
        ))  # fmt: skip
    return Table("indicators", say("indicators.table"), columns, tuple(rows))


def _course(facts: Facts, observed: Sequence[Mapping[str, Any]], courses: Mapping[str, Mapping[int, float]]) -> Table:
    """Base, every year that has a value, target, and how much of the way has been gone."""
    say = facts.wording
    years = sorted({year for course in courses.values() for year in course})
    columns = (
        Column(say("indicators.name")), Column(say("indicators.base"), figures=True),
        *(Column(say("year", year=str(year)), figures=True) for year in years),
        Column(say("indicators.target"), figures=True), Column(say("indicators.progress"), figures=True),
        Column(say("indicators.clause")),
    )  # fmt: skip
    rows = []
    for one in observed:
        course = courses[one["id"]]
        gone = progress(_single(one["baseline"]), _single(one["target"]), course[max(course)])
        rows.append((
            plain(_named_with_unit(facts, one)), plain(facts.stated(one, "baseline")),
            *(plain(words.number(course.get(year))) for year in years), plain(facts.stated(one, "target")),
            plain(words.with_unit(words.number(gone), "%")), facts.cites(one["cites"]),
        ))  # fmt: skip
    return Table("course", say("indicators.course"), columns, tuple(rows))


def _single(end: Mapping[str, Any] | None) -> float | None:
    return None if end is None or end.get("low") is not None else end.get("value")


def _named_with_unit(facts: Facts, record: Mapping[str, Any]) -> str:
    unit = words.unit(record, facts.lang)
    name = facts.name(record)
    if not unit:
        return name
    return f"{name}（{unit}）" if facts.lang == "zh" else f"{name} ({unit})"


def _mapped(facts: Facts) -> Iterator[Block]:
    """The indicator that a view of the plan opens with, as a map."""
    store = facts.store
    for name, view in store.views.items():
        if view["indicator"] and (made := pictures.of_indicator(store, view, facts.lang)):
            drawn, laid, level = made
            told = facts.code("level", level)
            yield _paragraph(facts, "indicators.map_text", level=told, picture=ref("indicator"), summary=laid.summary)
            caption = facts.wording("indicators.map", name=laid.title, level=told)
            yield Picture("indicator", caption, drawn, laid.summary, _seen_at(facts, name))
            return


def _review(facts: Facts) -> Iterator[Block]:
    say, reviews = facts.wording, facts.inventory.reviews
    counted = Counter(str(one.get("met") or "") for one in reviews)
    met, missed, unknown = (counted[one] for one in MET)
    yield Heading(2, say("indicators.review_heading"))
    yield _paragraph(facts, "indicators.review_text", count=len(reviews), met=met, missed=missed, unknown=unknown,
                     table=ref("review"))  # fmt: skip
    columns = (
        Column(say("indicators.name")), Column(say("indicators.base"), figures=True),
        Column(say("indicators.goal"), figures=True), Column(say("indicators.result"), figures=True),
        Column(say("indicators.goal_growth"), figures=True),
        Column(say("indicators.result_growth"), figures=True), Column(say("indicators.met")),
        Column(say("indicators.clause")),
    )  # fmt: skip
    rows = [_review_row(facts, one) for one in reviews]
    yield Table("review", say("indicators.review"), columns, tuple(rows))


def _review_row(facts: Facts, one: Mapping[str, Any]) -> tuple[Text, ...]:
    goal = {"value": one.get("goal"), "text": one.get("goal_text"), "comparator": one.get("goal_comparator")}
    result = words.stated({"value": one.get("result"), "text": one.get("result_text")}, facts.lang)
    if one.get("result_year") and result != words.NONE and one["result_year"] != facts.store.plan.get("base_year"):
        result += f"（{one['result_year']}）" if facts.lang == "zh" else f" ({one['result_year']})"
    return (
        plain(_named_with_unit(facts, one)), plain(words.number(one.get("base"))),
        plain(words.stated(goal, facts.lang)), plain(result), plain(words.number(one.get("goal_growth"))),
        plain(words.number(one.get("result_growth"))),
        plain(facts.code("met", one.get("met") or "unknown")), facts.cites(one["cites"]),
    )  # fmt: skip


def _targets(facts: Facts) -> Iterator[Block]:
    say, targets = facts.wording, facts.inventory.targets
    yield Heading(2, say("indicators.numbers_heading"))
    yield _paragraph(facts, "indicators.numbers_text", count=len(targets), table=ref("targets"))
    columns = (
        Column(say("indicators.goal_name")), Column(say("indicators.value"), figures=True),
        Column(say("indicators.counts_as")), Column(say("indicators.by_year")),
        Column(say("projects.lead")), Column(say("indicators.clause")),
    )  # fmt: skip
    rows: list[tuple[Text, ...]] = []
    domains: dict[str, list[Mapping[str, Any]]] = {}
    for one in targets:
        domains.setdefault(words.said(one, facts.lang, "domain"), []).append(one)
    for domain, records in domains.items():
        rows += [(plain(domain),)] if domain else []
        rows += [target_row(facts, one) for one in records]
    yield Table("targets", say("indicators.numbers"), columns, tuple(rows))


def target_row(facts: Facts, one: Mapping[str, Any]) -> tuple[Text, ...]:
    """A numeric target: name, value, how it counts, years, lead units, clauses."""
    years = f"{one['base_year']}–{one['year']}" if one.get("base_year") else str(one.get("year") or words.NONE)
    return (
        plain(facts.name(one)), plain(words.quantity(one, facts.lang)),
        plain(facts.code("measure", one.get("measure"))), plain(years),
        plain(facts.leads(one["lead_units"]) or words.NONE), facts.cites(one["cites"]),
    )  # fmt: skip


# ---- figures that were checked


def _claims(facts: Facts) -> Iterator[Block]:
    say = facts.wording
    claims = [one for one in facts.inventory.claims if not one.get("self_check")]
    if not claims:
        yield _paragraph(facts, "claims.none")
        return
    counted = Counter(str(one["verdict"]) for one in claims)
    yield _paragraph(
        facts, "claims.text", count=len(claims), table=ref("claims"), agrees=counted["agrees"],
        differs=counted["differs"], noted=counted["noted"], unchecked=counted["unchecked"],
    )  # fmt: skip
    yield claims_table(facts, "claims", say("claims.table"), claims)
    if own := len(facts.inventory.claims) - len(claims):
        yield _note(facts, "claims.self_check", count=own)


def claims_table(facts: Facts, key: str, caption: str, claims: Sequence[Mapping[str, Any]]) -> Table:
    """Claims by verdict, what needs looking into first."""
    say = facts.wording
    columns = (
        Column(say("claims.name")), Column(say("claims.stated"), figures=True),
        Column(say("claims.measured"), figures=True), Column(say("claims.because")),
        Column(say("indicators.clause")),
    )  # fmt: skip
    rows: list[tuple[Text, ...]] = []
    known = [*VERDICTS, *sorted({str(one["verdict"]) for one in claims} - set(VERDICTS))]
    for verdict in known:
        found = [one for one in claims if one["verdict"] == verdict]
        rows += [(plain(f"{facts.code('verdict', verdict)} {len(found)}"),)] if found else []
        rows += [
            (
                linked(facts.name(one), facts.links.claim(str(one["id"]))), plain(facts.claim_stated(one)),
                plain(facts.claim_measured(one)), plain(facts.claim_because(one)), facts.cites(one["cites"]),
            )
            for one in found
        ]  # fmt: skip
    return Table(key, caption, columns, tuple(rows))


# ---- notes


def _notes(facts: Facts) -> Iterator[Block]:
    say, given = facts.wording, fields(facts)
    yield Heading(2, say("notes.basis_heading"))
    yield _paragraph(facts, "notes.basis_text", table=ref("bases"))
    yield bases_table(facts)
    yield Heading(2, say("notes.sources_heading"))
    yield sources_table(facts)
    yield Heading(2, say("notes.edition_heading"))
    yield _paragraph(facts, "notes.edition", hash=given["edition"], attribution=given["attribution"],
                     licence=given["licence"])  # fmt: skip
    base = facts.links.base
    yield _paragraph(facts, "notes.links", address=linked(base, base)) if base else _paragraph(facts, "notes.no_links")


def bases_table(facts: Facts) -> Table:
    """How many features lie on each basis, and how accurate they are."""
    say = facts.wording
    rows = [dict(entry.cells) for entry in facts.inventory.entries.values() if entry.located]
    columns = (
        Column(say("notes.basis")), Column(say("notes.count"), figures=True),
        Column(say("notes.accuracy"), figures=True), Column(say("notes.explain")),
    )  # fmt: skip
    made = tuple(
        (plain(one["name"]), plain(words.number(one["count"])), plain(one["accuracy"]), plain(one["explain"]))
        for one in bases(facts.store, rows, facts.lang) if one["count"]
    )  # fmt: skip
    return Table("bases", say("notes.basis_heading"), columns, made)


def sources_table(facts: Facts) -> Table:
    """The plan's sources, whom to name, and on which terms."""
    say = facts.wording
    columns = (Column(say("notes.source")), Column(say("notes.terms")))
    rows = []
    for one in sources(facts.store, facts.lang):
        terms = dict.fromkeys(text for text in (one["attribution"], one["licence"]) if text and text != one["title"])
        rows.append((plain(one["title"]), plain((", " if facts.lang == "en" else "，").join(terms) or words.NONE)))
    return Table("sources", say("notes.sources"), columns, tuple(rows))


CHAPTERS: Mapping[str, Callable[[Facts], Iterator[Block]]] = {
    "overall": _overall, "indicators": _indicators, "zones": places.zones, "projects": places.projects,
    "claims": _claims, "notes": _notes,
}  # fmt: skip
"""What makes each chapter, by its key."""
