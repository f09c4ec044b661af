"""The atlas of an edition: cover, key map, a sheet for each theme, zone and township, sources, index of names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from geo import files
from geo.crs import describe, metric_crs
from layers import words
from layers.drawing.figure import bounds_around
from layers.drawing.overlay import LEVELS, overlay
from layers.drawing.picture import GROUND
from layers.drawing.watermark import across, over
from layers.edition.inventory import Entry, Inventory
from layers.edition.notice import notice
from layers.model.errors import LayersError, word
from layers.model.plan import DISTRICT, TOWNSHIP
from layers.report import chapters, typeset
from layers.report.blocks import Column, Table, Text, check_size, plain
from layers.report.facts import Facts, Links
from layers.report.sheet_map import COLUMNS, ROWS, SheetMap, layers_with, sheet_map
from layers.report.wording import Wording

ZONE = "zone"
PLACES = (ZONE, TOWNSHIP)
THEMES = "themes"
SECTIONS = {THEMES: "atlas.themes", ZONE: "atlas.zones", TOWNSHIP: "atlas.townships"}


@dataclass(frozen=True)
class Paper:
    """A lying sheet: its size, margin, the column beside the map, its heading, and small print; mm and points."""

    width: float
    height: float
    margin: float
    beside: float
    top: float
    size: float

    @property
    def map_mm(self) -> tuple[float, float]:
        """Room of the map; a strip around it holds the letters of the grid."""
        return self.width - 2 * self.margin - self.beside - 8, self.height - 2 * self.margin - self.top - 14

    @property
    def share(self) -> float:
        """Of the symbols' size on A4."""
        return float((self.height / 210) ** 0.5)


PAPERS: Mapping[str, Paper] = {
    "A3": Paper(420, 297, 13, 82, 14, 9), "A4": Paper(297, 210, 10, 62, 11, 7.5),
}  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """A sheet.

    Attributes:
        key: Its id: that of the view or of the place.
        section: A key of ``SECTIONS``.
        title: Its name.
        other: Its name in the other language, or "".
        drawn: Its map; None where the place has no shape.
        facts: Label and value of what is said beside the map.
        tables: What follows on the next pages.
        entries: What lies in it.
    """

    key: str
    section: str
    title: str
    other: str
    drawn: SheetMap | None
    facts: tuple[tuple[str, Text], ...]
    tables: tuple[Table, ...]
    entries: tuple[Entry, ...] = field(repr=False)


def write(
    inventory: Inventory,
    path: Path,
    wording: Wording,
    links: Links,
    paper: str = "A3",
    progressed: Callable[[int, int], None] | None = None,
    *,
    mark: str = "",
) -> int:
    """Write the atlas. The same edition always gives the same bytes.

    Args:
        inventory: The edition's look-ups.
        path: ``.pdf``; whole or not at all.
        wording: In the language of the atlas.
        links: Addresses of pages.
        paper: A name of ``PAPERS``.
        progressed: Told after each sheet how many are done, and of how many.
        mark: A watermark over its maps, or "".

    Returns:
        How many sheets it has.

    Raises:
        LayersError: ``report.atlas_format``, ``report.atlas_paper``, ``sheet.no_typst``, ``sheet.not_set``.
        GeoError: ``vector.not_written`` when the file cannot be written.
    """
    path = files.check_target(path)
    if path.suffix.lower() != ".pdf":
        raise LayersError("report.atlas_format", value=path.suffix or path.name)
    chosen = PAPERS.get(paper.upper())
    if chosen is None:
        raise LayersError("report.atlas_paper", value=paper[:40], choices=list(PAPERS))
    facts = Facts(inventory, wording, links, mark)
    jobs = list(_jobs(facts))
    leaves = []
    for at, (section, key) in enumerate(jobs):
        leaves.append(_theme(facts, key, chosen) if section == THEMES else _place(facts, section, key, chosen))
        if progressed:
            progressed(at + 1, len(jobs) + 2)
    check_size(table for leaf in leaves for table in leaf.tables)
    images: dict[str, str] = {}
    told = _told(facts, leaves, chosen, images)
    with files.atomic_path(path) as temporary:
        typeset.compiled(Path(__file__).with_name("atlas.typ"), told, images, temporary)
    if progressed:
        progressed(len(jobs) + 2, len(jobs) + 2)
    return len(leaves)


def _jobs(facts: Facts) -> Iterator[tuple[str, str]]:
    """Section and key of every sheet, in their order."""
    for view in facts.store.views:
        yield THEMES, view
    for level in PLACES:
        for place in facts.inventory.places(level):
            yield level, place.id


# ---- sheets


def _theme(facts: Facts, key: str, paper: Paper) -> Leaf:
    store, inventory = facts.store, facts.inventory
    view = store.views[key]
    common = set.intersection(*(set(one["layers"]) for one in store.views.values())) if len(store.views) > 1 else set()
    found = [
        entry for entry in inventory.entries.values()
        if entry.layer in view["layers"] and entry.layer not in common and inventory.is_planned(entry)
        and entry.kind not in (ZONE, TOWNSHIP, DISTRICT)
    ]  # fmt: skip
    laid = None
    if view["indicator"]:
        try:
            laid = overlay(store, view["indicator"], view["level"] or LEVELS[0], facts.lang)
        except LayersError:  # of the district only: there is nothing to lay over places
            laid = None
    drawn = sheet_map(store, view, paper.map_mm, facts.lang, share=paper.share, overlay=laid)
    tables = [_features(facts, found, where=True)] if found else []
    told = [(facts.wording("atlas.features_count"), plain(str(len(found))))]
    told += [(laid.title, plain(laid.summary))] if laid else []
    other = str(view.get("name" if facts.lang == "en" else "name_en") or "")
    title = words.name(view, facts.lang)
    return Leaf(key, THEMES, title, other if other != title else "", drawn, tuple(told), tuple(tables), tuple(found))


def _place(facts: Facts, level: str, key: str, paper: Paper) -> Leaf:
    store, inventory, say = facts.store, facts.inventory, facts.wording
    place = inventory.entries[key]
    inside = inventory.inside(level, key.partition("/")[2])
    bounds = bounds_around(store, key)
    drawn = None
    if bounds is not None:
        own = [entry.layer for entry in inside if entry.located]
        view = {"name": facts.entry_name(place), "layers": layers_with(store, own), "bounds": bounds}
        drawn = sheet_map(store, view, paper.map_mm, facts.lang, share=paper.share, around=key)
    told: list[tuple[str, Text]] = [(say("atlas.features_count"), plain(str(len(inside))))]
    if shown := words.measure(place.cells, facts.lang):
        told.insert(0, (say("atlas.area"), plain(shown)))
    if level == TOWNSHIP and place.zones:
        zones = [one for slug in place.zones if (one := inventory.place(ZONE, slug))]
        told.append((say("atlas.in_zones"), facts.features(zones)))
    told.append((say("atlas.basis"), plain(facts.basis(place))))
    figures = inventory.figures_in(place, inside)
    tables = [_indicators(facts, level, place)]
    tables += [_features(facts, inside, where=level == ZONE)] if inside else []
    tables += [_targets(facts, figures.targets)] if figures.targets else []
    claims = [one for one in figures.claims if not one.get("self_check")]
    tables += [chapters.claims_table(facts, "claims", say("atlas.claims"), claims)] if claims else []
    title = facts.entry_name(place)
    other = place.text("name" if facts.lang == "en" else "name_en")
    kept = tuple(one for one in tables if one.rows)
    return Leaf(key, level, title, other if other != title else "", drawn, tuple(told), kept, tuple(inside))


def _features(facts: Facts, found: Sequence[Entry], *, where: bool) -> Table:
    """Features by kind: name, state, where, lead units, clauses, position."""
    say = facts.wording
    columns = [Column(say("projects.name")), Column(say("projects.state"))]
    columns += [Column(say("projects.where"))] if where else []
    columns += [Column(say("projects.lead")), Column(say("indicators.clause")), Column(say("atlas.basis"))]
    kinds: dict[str, list[Entry]] = {}
    for entry in found:
        kinds.setdefault(entry.kind, []).append(entry)
    rows: list[tuple[Text, ...]] = []
    for kind, entries in kinds.items():
        rows.append((plain(f"{facts.term(facts.inventory.kinds, kind)} {len(entries)}"),))
        for one in entries:
            place = (facts.where(one),) if where else ()
            leads = plain(facts.leads(one.leads) or words.NONE)
            rows.append((facts.feature(one), plain(facts.state(one)), *place, leads, facts.cites(one.cites),
                         plain(facts.basis(one))))  # fmt: skip
    return Table("features", say("atlas.features"), tuple(columns), tuple(rows))


def _indicators(facts: Facts, level: str, place: Entry) -> Table:
    """What is computed from the map for a place, else what was observed last; what is nought is left out."""
    say, values = facts.wording, facts.computed(level)
    rows = []
    for one in facts.indicators:
        row = values.get(one["id"], {}).get(place.id, {})
        name, note = facts.name(one), words.said(row, facts.lang, "note") if row.get("flag") else ""
        value = row.get("value")
        if not row:
            year, seen = facts.latest(one["id"], level)
            value, note = seen.get(place.id), say("year", year=str(year))
        if value:
            shown = words.with_unit(words.number(value, one["decimals"]), words.unit(one, facts.lang))
            rows.append((plain(name), plain(shown), plain(note)))
    columns = (
        Column(say("indicators.name")),
        Column(say("indicators.value"), figures=True),
        Column(say("claims.because")),
    )
    return Table("indicators", say("atlas.indicators"), columns, tuple(rows))


def _targets(facts: Facts, targets: Sequence[Mapping[str, Any]]) -> Table:
    say = facts.wording
    columns = (
        Column(say("indicators.goal_name")), Column(say("indicators.value"), figures=True),
        Column(say("indicators.counts_as")), Column(say("indicators.by_year")), Column(say("projects.lead")),
        Column(say("indicators.clause")),
    )  # fmt: skip
    return Table("targets", say("atlas.targets"), columns, tuple(chapters.target_row(facts, one) for one in targets))


# ---- as data for the typesetter


def _told(facts: Facts, leaves: Sequence[Leaf], paper: Paper, images: dict[str, str]) -> dict[str, Any]:
    say, store = facts.wording, facts.store
    fields = chapters.fields(facts, "atlas.title")
    room = paper.width - 2 * paper.margin
    said = notice(store.edition, {name: store.frame(name) for name in store.layers}, facts.lang)
    join = word("notice.join", facts.lang)
    projection = word("sheet.projection", facts.lang, name=describe(metric_crs(float(store.plan["lon"]))))
    return {
        **typeset.common(facts.lang, int(fields["as_of"])), "fields": fields,
        "paper": {name: getattr(paper, name) for name in ("width", "height", "margin", "beside", "top", "size")},
        "grid": [COLUMNS, ROWS],
        "words": {name: say(f"atlas.{name}") for name in
                  ("key_map", "legend", "facts", "index", "index_text", "sources", "no_features")}
        | {"contents": say("contents"), "north": word("sheet.north", facts.lang)},
        "notes": [join.join((said["attribution"], said["licence"])), said["disclaimer"], projection,
                  *([entered] if (entered := facts.entered()) else []), fields["edition_line"]],
        "sections": [
            {"title": say(key), "leaves": [_leaf(facts, one, images, room) for one in leaves if one.section == section]}
            for section, key in SECTIONS.items()
        ],
        "key": _key(facts, leaves, paper, images),
        "tables": [{"caption": made.caption, **typeset.table(made, room_mm=room)}
                   for made in (chapters.sources_table(facts), chapters.bases_table(facts))],
        "index": _index(facts, leaves),
    }  # fmt: skip


def _leaf(facts: Facts, leaf: Leaf, images: dict[str, str], room: float) -> dict[str, Any]:
    label = typeset.label(leaf.key)
    return {
        "title": leaf.title, "other": leaf.other, "at": label,
        "map": _map(facts, leaf.drawn, leaf.title, f"{label}.svg", images) if leaf.drawn else None,
        "facts": [{"label": name, "text": typeset.text(text)} for name, text in leaf.facts],
        "tables": [{"caption": one.caption, **typeset.table(one, room_mm=room)} for one in leaf.tables],
    }  # fmt: skip


def _map(facts: Facts, drawn: SheetMap, name: str, file: str, images: dict[str, str]) -> dict[str, Any]:
    images[file] = over(drawn.svg, across(facts.mark, drawn.plane.width, drawn.plane.height))
    metres, length = drawn.bar
    shown = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    denominator = words.number(round(drawn.denominator), 0)
    return {
        "file": file, "width": drawn.size_mm[0], "height": drawn.size_mm[1],
        "scale": facts.wording("atlas.scale", denominator=denominator), "bar": [shown, length],
        "alt": facts.wording("atlas.alt", name=name, denominator=denominator), "heading": drawn.heading,
        "legend": [{"file": _sign(sign, images), "label": label} for sign, label in drawn.legend],
    }  # fmt: skip


def _sign(sign: str, images: dict[str, str]) -> str:
    """A file of a sign, the same for the same sign."""
    name = f"sign-{sha256(sign.encode()).hexdigest()[:20]}.svg"
    images[name] = sign
    return name


def _key(facts: Facts, leaves: Sequence[Leaf], paper: Paper, images: dict[str, str]) -> dict[str, Any]:
    """The key map: the ground with the finest places, each with the page of its sheet."""
    store = facts.store
    level = TOWNSHIP if any(leaf.section == TOWNSHIP for leaf in leaves) else ZONE
    wanted = {DISTRICT, level}
    names = [
        name for name, one in store.layers.items()
        if store.geometry_type(name) == "polygon"
        and (wanted & set(one.get("kinds", [])) or one.get("group") == GROUND)
    ]  # fmt: skip
    view = {**store.views[store.default_view], "layers": names, "bounds": store.extent}
    title = facts.wording("atlas.key_map")
    places = {
        leaf.key: (float(cells["label_lon"]), float(cells["label_lat"])) for leaf in leaves if leaf.section == level
        if (cells := facts.inventory.entries[leaf.key].cells).get("label_lon") is not None
    }  # fmt: skip
    marked = list(places.values())
    drawn = sheet_map(store, view, paper.map_mm, facts.lang, share=paper.share, marks=marked)
    marks = [{"at": typeset.label(key), "x": found[0], "y": found[1]}
             for key, place in places.items() if (found := drawn.at(*place))]  # fmt: skip
    told = facts.code("level", level)
    return {**_map(facts, drawn, title, "key.svg", images), "marks": marks,
            "text": facts.wording("atlas.key_text", level=told.lower() if facts.lang == "en" else told)}  # fmt: skip


def _index(facts: Facts, leaves: Sequence[Leaf]) -> list[dict[str, Any]]:
    """Every name that the plan speaks of and that has a place, with its sheet and square, in the language's order."""
    by_key = {leaf.key: leaf for leaf in leaves}
    themes = [leaf for leaf in leaves if leaf.section == THEMES]
    found = []
    inventory = facts.inventory
    for entry in sorted(inventory.entries.values(), key=lambda one: (one.spoken(facts.lang), one.order)):
        if not entry.located or not (inventory.is_planned(entry) or entry.id in by_key):
            continue
        leaf = _sheet_of(entry, by_key, themes)
        if leaf is None:
            continue
        lon, lat = (entry.cells.get(f"label_{one}") for one in ("lon", "lat"))
        square = "" if leaf.drawn is None or lon is None or lat is None else leaf.drawn.square(float(lon), float(lat))
        initial = entry.spoken(facts.lang)[:1].upper()
        found.append({
            "name": facts.entry_name(entry), "kind": facts.term(inventory.kinds, entry.kind),
            "initial": initial if initial.isalpha() else "#", "at": typeset.label(leaf.key), "square": square,
        })  # fmt: skip
    return found


def _sheet_of(entry: Entry, by_key: Mapping[str, Leaf], themes: Sequence[Leaf]) -> Leaf | None:
    """The smallest sheet that has all of a feature: its township's, its zone's, else that of a theme."""
    if entry.id in by_key:
        return by_key[entry.id]
    for level, slugs in ((TOWNSHIP, entry.townships), (ZONE, entry.zones)):
        if len(slugs) == 1 and f"{level}/{slugs[0]}" in by_key:
            return by_key[f"{level}/{slugs[0]}"]
    return next((leaf for leaf in themes if entry in leaf.entries), themes[0] if themes else None)
