"""The evaluation report's chapters on places: the zones side by side and one by one, and the major projects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from layers import words
from layers.edition.inventory import Entry
from layers.report import pictures
from layers.report.blocks import Block, Column, Heading, Paragraph, Picture, Table, Text, joined, linked, plain, ref
from layers.report.facts import Facts

LEVELS = ("zone", "township")
MOST_COMPARED = 8
"""So many places stand side by side in the columns of a table; more stand in its rows."""


def level_of(facts: Facts) -> str:
    """The coarsest level that the plan has, or ""."""
    return next((level for level in LEVELS if facts.inventory.places(level)), "")


def zones(facts: Facts) -> Iterator[Block]:
    """The zones, or the townships of a plan without zones."""
    say, level = facts.wording, level_of(facts)
    if not level:
        yield Paragraph(say.text("zones.none"))
        return
    found = facts.inventory.places(level)
    told = facts.code("level", level)
    told = told.lower() if facts.lang == "en" else told
    yield Paragraph(say.text("zones.text", count=len(found), level=told, table=ref("compared")))
    yield _compared(facts, level, found, say("zones.compared", level=told))
    for place in found:
        yield from _place(facts, level, place)


def _compared(facts: Facts, level: str, found: Sequence[Entry], caption: str) -> Table:
    """What is computed from the map for each place; figures that are nought everywhere are left out."""
    say = facts.wording
    values = facts.computed(level)
    shown = [one for one in facts.indicators if any(row.get("value") for row in values.get(one["id"], {}).values())]
    marks: dict[str, str] = {}

    def cell(indicator: Mapping[str, object], place: Entry) -> Text:
        row = values[str(indicator["id"])].get(place.id, {})
        decimals = indicator["decimals"]
        told = words.number(row.get("value"), decimals if isinstance(decimals, int) else None)
        if row.get("flag") == "assumed" and row.get("value"):
            marks["assumed"] = "*"
            told += "*"
        return plain(told)

    if len(found) <= MOST_COMPARED:
        columns = [Column(say("zones.name")), *(Column(facts.entry_name(one), figures=True) for one in found)]
        rows = [(plain(_unit_name(facts, one)), *(cell(one, place) for place in found)) for one in shown]
    else:
        shown = shown[:MOST_COMPARED]
        columns = [Column(say("zones.name")), *(Column(_unit_name(facts, one), figures=True) for one in shown)]
        rows = [(plain(facts.entry_name(place)), *(cell(one, place) for one in shown)) for place in found]
    if marks:
        rows.append((plain(f"* {say('zones.assumed')}"),))
    return Table("compared", caption, tuple(columns), tuple(rows))


def _unit_name(facts: Facts, one: Mapping[str, object]) -> str:
    unit = words.unit(one, facts.lang)
    name = words.name(one, facts.lang)
    return name if not unit else f"{name}（{unit}）" if facts.lang == "zh" else f"{name} ({unit})"


def _place(facts: Facts, level: str, place: Entry) -> Iterator[Block]:
    inventory, store, say = facts.inventory, facts.store, facts.wording
    slug, name = place.id.partition("/")[2], facts.entry_name(place)
    inside = inventory.inside(level, slug)
    yield Heading(2, name)
    towns = [one for one in inventory.places("township") if one.id != place.id and slug in one.zones]
    listed = joined((linked(facts.entry_name(one), facts.links.place(one.id)) for one in towns), facts.comma)
    told = say.text("zones.townships", names=listed) if towns and level == "zone" else ()
    yield Paragraph(say.text("zones.about", name=linked(name, facts.links.place(place.id)), count=len(inside),
                             townships=told, picture=ref(f"place-{slug}"), table=ref(f"kinds-{slug}")))  # fmt: skip
    drawn = pictures.of_place(store, store.default_view, place.id, facts.lang)
    alt = say("atlas.overview", name=name, count=len(inside))
    yield Picture(f"place-{slug}", name, drawn, alt, facts.cites(place.cites) if place.cites else ())
    yield kinds_table(facts, f"kinds-{slug}", say("zones.kinds", name=name), inside)
    about = [one for one in inventory.figures_in(place, inside).claims if not one.get("self_check")]
    if about:
        semicolon = "；" if facts.lang == "zh" else "; "
        texts = [
            (
                *linked(facts.name(one), facts.links.claim(str(one["id"]))),
                *plain(f" {facts.claim_stated(one)} → {facts.claim_measured(one)}"),
                *plain(f" {facts.code('verdict', one['verdict'])}"),
            )
            for one in about
        ]
        yield Paragraph(say.text("zones.claims_about", claims=joined(texts, semicolon)))


def kinds_table(facts: Facts, key: str, caption: str, entries: Sequence[Entry]) -> Table:
    """Features by kind, each name leading to its page, with its state."""
    say = facts.wording
    columns = (
        Column(say("zones.kind")), Column(say("zones.count"), figures=True), Column(say("zones.which")),
    )  # fmt: skip
    kinds: dict[str, list[Entry]] = {}
    for entry in entries:
        kinds.setdefault(entry.kind, []).append(entry)
    rows = []
    for kind, found in kinds.items():
        texts = []
        for entry in found:
            state = entry.text("status")
            told = facts.term(facts.store.statuses, state)
            around = ("（", "）") if facts.lang == "zh" else (" (", ")")
            texts.append((*facts.feature(entry), *(plain(f"{around[0]}{told}{around[1]}") if told else ())))
        rows.append(
            (plain(facts.term(facts.inventory.kinds, kind)), plain(str(len(found))), joined(texts, facts.comma))
        )
    return Table(key, caption, columns, tuple(rows))


# ---- projects


def projects(facts: Facts) -> Iterator[Block]:
    """What the plan names somebody responsible for; where it names nobody, what it states the progress of."""
    say, store, inventory = facts.wording, facts.store, facts.inventory
    planned = [entry for entry in inventory.entries.values() if inventory.is_planned(entry)]
    led = [entry for entry in planned if entry.leads]
    found = led or [entry for entry in planned if entry.text("status")]
    if not found:
        yield Paragraph(say.text("projects.none"))
        return
    key = "projects.text" if led else "projects.text_states"
    yield Paragraph(say.text(key, count=len(found), table=ref("projects"), picture=ref("project-map")))
    view = _view_of(facts, found)
    drawn = pictures.of_view(store, view, facts.lang)
    caption = say("projects.picture", view=words.name(store.views[view], facts.lang))
    url = facts.links.view(view)
    yield Picture("project-map", caption, drawn, drawn.summary or caption,
                  linked(say("seen_at"), url) if url else ())  # fmt: skip
    yield _projects(facts, found)
    yield Paragraph(say.text("projects.note"), small=True)


def _view_of(facts: Facts, found: Sequence[Entry]) -> str:
    """The view that shows the most of some features; of several the one with the fewest layers."""
    views = facts.store.views
    shown = {
        name: sum(entry.layer in view["layers"] and entry.located for entry in found) for name, view in views.items()
    }
    return min(views, key=lambda name: (-shown[name], len(views[name]["layers"])))


def _projects(facts: Facts, found: Sequence[Entry]) -> Table:
    say, store = facts.wording, facts.store
    columns = (
        Column(say("projects.name")), Column(say("projects.state")), Column(say("projects.where")),
        Column(say("projects.lead")), Column(say("indicators.clause")),
    )  # fmt: skip
    groups = {str(one["id"]): facts.name(one) for one in store.groups}
    rows: list[tuple[Text, ...]] = []
    by_group: dict[str, list[Entry]] = {}
    for entry in found:
        by_group.setdefault(str(store.layers[entry.layer].get("group", "")), []).append(entry)
    for group in [*groups, *(one for one in by_group if one not in groups)]:
        entries = by_group.get(group, [])
        rows += [(plain(f"{groups.get(group, group) or say('none')} {len(entries)}"),)] if entries else []
        rows += [
            (facts.feature(one), plain(facts.state(one)), facts.where(one), plain(facts.leads(one.leads) or words.NONE),
             facts.cites(one.cites))
            for one in entries
        ]  # fmt: skip
    return Table("projects", say("projects.table"), columns, tuple(rows))
