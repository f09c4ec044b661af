"""What a plan's records say of each other: every name must exist, and no recipe may lead back to itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from layers.folder.reading import CSV_BYTES, Faults, did_you_mean
from layers.folder.stories import check_stories
from layers.model.errors import WARNING, LayersError, Origin
from layers.model.figures import Claim, listed
from layers.model.plan import DISTRICT, TOWNSHIP, ZONE, Feature, Plan
from layers.model.scans import SCAN

PLACE = "place/"
OUTSIDE = "outside"


def needs(feature: Feature) -> tuple[str, ...]:
    """Every reference in a feature's recipe: feature ids and ``place/<name>``; none without a recipe."""
    return () if feature.recipe is None else feature.recipe.references


def graph_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    """What each feature needs, and each scan (``scan/<id>``), whose control points may lie at features."""
    return {feature.id: needs(feature) for feature in plan.features} | {one.reference: one.needs for one in plan.scans}


def check_references(plan: Plan, faults: Faults, dropped: Collection[str] = ()) -> None:
    """Note every name in a plan that leads nowhere, and every cycle among recipes.

    Args:
        plan: The plan from all sound records.
        faults: Takes the problems.
        dropped: References to records that are there but not sound; they have problems of their own.
    """
    by_id = {feature.id: feature for feature in plan.features}
    quiet = frozenset(dropped)
    _check_structure(plan, quiet, faults)
    _check_layers(plan, quiet, faults)
    _check_views(plan, by_id, quiet, faults)
    zones = [feature.slug for feature in plan.of_kind(ZONE)]
    sizes: dict[str, int] = {}
    for feature in plan.features:
        _check_feature(feature, plan, by_id, zones, quiet, sizes, faults)
    for place in plan.gazetteer.places:
        if place.township and place.township not in by_id and place.township not in quiet:
            faults.add(
                place.origin,
                "township",
                "reference.unknown",
                reference=place.township,
                guess=did_you_mean(place.township, by_id),
            )
    for claim in plan.claims:
        for name in unknown_names(plan, claim):
            if name not in quiet:
                faults.add(claim.origin, "measure", "claim.unknown", claim=claim.id, name=name)
    _check_lead_units(plan, faults)
    _check_datums(plan, faults)
    _check_scans(plan, by_id, quiet, faults)
    check_stories(plan, quiet, faults)
    origins = {one.id: one.origin for one in plan.features} | {one.reference: one.origin for one in plan.scans}
    for cycle in cycles(graph_of(plan)):
        faults.add(origins[cycle[0]], "geometry", "recipe.cycle", cycle=" → ".join((*cycle, cycle[0])))


def _check_scans(plan: Plan, by_id: Mapping[str, Feature], quiet: Collection[str], faults: Faults) -> None:
    """What control points lie at exists; no feature takes the names by which scans are called."""
    for scan in plan.scans:
        for reference in scan.needs:
            if reference not in quiet:
                _check_reference(scan, "point", reference, plan, by_id, faults)
    for feature in plan.features:
        if feature.id.startswith(SCAN):
            faults.add(feature.origin, "id", "scan.reserved", value=feature.id)


def _check_datums(plan: Plan, faults: Faults) -> None:
    """A file is in one datum: two features that say otherwise would be half a kilometre apart."""
    said: dict[tuple[str, str], tuple[str, Feature]] = {}
    for feature in plan.features:
        for file, layer, datum in feature.recipe.datums() if feature.recipe is not None else ():
            first, other = said.setdefault((file, layer), (datum, feature))
            if first != datum:
                faults.add(
                    feature.origin, "geometry", "recipe.two_datums",
                    file=file, datum=datum or "–", other=other.id, first=first or "–",
                )  # fmt: skip
                break


def _check_structure(plan: Plan, quiet: Collection[str], faults: Faults) -> None:
    """A plan has its district, once, and each zone and township a short name of its own."""
    district = plan.feature(DISTRICT)
    if (district is None or district.kind != DISTRICT) and DISTRICT not in quiet:
        faults.add(Origin("plan.toml", plan.id), "", "plan.no_district")
    for extra in plan.of_kind(DISTRICT):
        if extra.id != DISTRICT:
            faults.add(extra.origin, "kind", "plan.two_districts")
    for kind in (ZONE, TOWNSHIP):
        for feature in plan.of_kind(kind):
            if feature.id != f"{kind}/{feature.slug}":
                faults.add(feature.origin, "id", "id.prefix", value=feature.id, prefix=f"{kind}/")


def _check_lead_units(plan: Plan, faults: Faults) -> None:
    """Lead units are those of a cited clause, clauses exist, and where units have English names, they all have.

    A unit without an English name is reported once. A clause's units lead its items too.
    """
    origin = Origin("plan.toml", plan.id)
    for clause in plan.leads:
        try:
            plan.outline.validate(clause)
        except LayersError as error:
            faults.add(origin, "leads", error.key, **error.params)
    seen = set(plan.lead_units)
    led = [(record.origin, unit) for record in (*plan.features, *plan.targets) for unit in record.lead_units]
    for at, unit in [*led, *((origin, unit) for units in plan.leads.values() for unit in units)]:
        if plan.lead_units and unit not in seen:
            seen.add(unit)
            faults.add(at, "lead_units", "lead_unit.no_english", severity=WARNING, name=unit)
    if plan.leads:
        for record in (*plan.features, *plan.targets):
            clauses = {key for cite in record.cites for key in (cite, plan.outline.notation.parse(cite).clause)}
            named = {unit for key in clauses for unit in plan.leads.get(key, ())}
            for unit in record.lead_units:
                if unit not in named:
                    faults.add(record.origin, "lead_units", "lead_unit.not_of_clause", severity=WARNING,
                               name=unit, cites="、".join(record.cites))  # fmt: skip


def _check_layers(plan: Plan, quiet: Collection[str], faults: Faults) -> None:
    """Every kind that is used stands in exactly one layer."""
    shown: dict[str, str] = {}
    for layer in plan.layers:
        for kind in layer.kinds:
            if kind in shown:
                faults.add(layer.origin, "kinds", "kind.two_layers", kind=kind, other=shown[kind])
            shown.setdefault(kind, layer.id)
    missing: dict[str, Feature] = {}
    for feature in plan.features:
        if feature.kind not in shown and f"kind {feature.kind}" not in quiet:
            missing.setdefault(feature.kind, feature)
    for kind, feature in missing.items():
        faults.add(feature.origin, "kind", "kind.no_layer", kind=kind)


def _check_views(plan: Plan, by_id: Mapping[str, Feature], quiet: Collection[str], faults: Faults) -> None:
    """A view's ``fit`` and ``indicator`` exist."""
    indicators = {one.id for one in plan.indicators} | {one.id for one in plan.computed_indicators}
    for view in plan.views:
        if view.fit and view.fit not in by_id and view.fit not in quiet:
            faults.add(view.origin, "fit", "reference.unknown", reference=view.fit, guess=did_you_mean(view.fit, by_id))
        if view.indicator and view.indicator not in indicators and f"indicator {view.indicator}" not in quiet:
            faults.add(
                view.origin,
                "indicator",
                "indicator.unknown",
                value=view.indicator,
                guess=did_you_mean(view.indicator, indicators),
            )
    stated = {one.id for one in plan.indicators}
    for one in plan.computed_indicators:
        if one.id in stated:
            faults.add(one.origin, "id", "id.twice", value=one.id, other="indicators.toml")


def _check_feature(
    feature: Feature, plan: Plan, by_id: Mapping[str, Feature], zones: list[str], quiet: Collection[str],
    sizes: dict[str, int], faults: Faults,
) -> None:  # fmt: skip
    """A feature's zones, references and files; ``sizes`` are those in bytes of the files that were looked at."""
    for slug in feature.zone:
        if slug not in zones and f"{ZONE}/{slug}" not in quiet:
            faults.add(
                feature.origin,
                "zone",
                "zone.unknown",
                value=slug,
                choices="、".join(zones),
                guess=did_you_mean(slug, zones),
            )
    known = feature.known
    stated = [
        ("known.inside", tuple(one for one in known.inside if one != OUTSIDE)),
        ("known.crosses", known.crosses),
        ("known.ends", tuple(end for end in known.ends if end != OUTSIDE)),
    ]
    for field, references in [("geometry", needs(feature)), *stated]:
        for reference in references:
            if reference not in quiet:
                _check_reference(feature, field, reference, plan, by_id, faults)
    for reference in feature.same_as_maybe:
        if reference not in quiet and (reference not in by_id or reference == feature.id):
            guess = did_you_mean(reference, [one for one in by_id if one != feature.id])
            faults.add(feature.origin, "same_as_maybe", "reference.unknown", reference=reference, guess=guess)
    if feature.geometry is None and any((known.inside, known.crosses, known.ends)):
        faults.add(feature.origin, "known", "known.no_geometry")
    _check_files(feature, plan, sizes, faults)


def _check_files(feature: Feature, plan: Plan, sizes: dict[str, int], faults: Faults) -> None:
    """A feature's files lie in the plan's folders and are not too large."""
    for file in files(feature.geometry or {}):
        if sizes.get(file, CSV_BYTES + 1) <= CSV_BYTES:
            continue  # it was looked at for another feature
        if not inside_folder(file):
            faults.add(feature.origin, "geometry", "recipe.file_outside", file=file)
            continue
        if file not in sizes:
            places = (at / file for at in (plan.folder, plan.data_dir))
            sizes[file] = next((at.stat().st_size for at in places if at.is_file()), 0)
        if sizes[file] > CSV_BYTES:
            faults.add(Origin(file), "", "file.too_large", size=sizes[file], limit=CSV_BYTES)


def _check_reference(
    feature: Any, field: str, reference: str, plan: Plan, by_id: Mapping[str, Feature], faults: Faults
) -> None:
    """One reference leads to a place, to a scan, or to a feature that has a geometry."""
    if reference.startswith(PLACE):
        name = reference.removeprefix(PLACE)
        if plan.gazetteer.find(name) is None:
            faults.add(
                feature.origin, field, "place.unknown", name=name, guess=did_you_mean(name, plan.gazetteer.words)
            )
    elif reference.startswith(SCAN):
        if plan.scan(reference.removeprefix(SCAN)) is None:
            name, known = reference.removeprefix(SCAN), [one.id for one in plan.scans]
            faults.add(feature.origin, field, "scan.unknown", name=name, guess=did_you_mean(name, known))
    elif reference not in by_id:
        faults.add(
            feature.origin, field, "reference.unknown", reference=reference, guess=did_you_mean(reference, by_id)
        )
    elif by_id[reference].geometry is None or by_id[reference].unit:
        faults.add(feature.origin, field, "reference.no_geometry", reference=reference)


def files(recipe: Any) -> Iterator[str]:
    """Every file that a recipe as written names."""
    if isinstance(recipe, Mapping):
        for name, value in recipe.items():
            if name in ("file", "arcs", "border"):
                yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
            else:
                yield from files(value)
    elif isinstance(recipe, list):
        for part in recipe:
            yield from files(part)


def inside_folder(file: str) -> bool:
    """Whether a path is relative, stays below its folder, and means the same on every system."""
    posix, windows = PurePosixPath(file), PureWindowsPath(file)
    anchored = posix.is_absolute() or bool(windows.anchor)
    return bool(file) and not anchored and "\\" not in file and "\0" not in file and ".." not in posix.parts


def cycles(graph: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """The cycles of a graph, one for each knot, each beginning with its smallest id.

    Args:
        graph: The nodes that each node needs; unknown ones are ignored.

    Returns:
        For example ``[("a", "b")]`` when a needs b and b needs a.
    """
    # Lists, not sets: which cycle of a knot is named must not depend on the order of hashes.
    left = {node: [need for need in dict.fromkeys(needed) if need in graph] for node, needed in graph.items()}
    found: list[tuple[str, ...]] = []
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            # The sorter lists each node before the ones that need it; the first stands at the end again.
            ring = [str(node) for node in error.args[1][:0:-1]]
            start = ring.index(min(ring))
            found.append(tuple(ring[start:] + ring[:start]))
            for node in ring:
                del left[node]
            left = {node: [need for need in needed if need not in ring] for node, needed in left.items()}
        else:
            return found


def order(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """The nodes of a graph without cycles, each after those that it needs, otherwise as they come."""
    known = {node: [need for need in needed if need in graph] for node, needed in graph.items()}
    return list(TopologicalSorter(known).static_order())


def unknown_names(plan: Plan, claim: Claim) -> list[str]:
    """What a claim names that the plan does not have: features, kinds, statuses, clauses, figures.

    Args:
        plan: The plan from all sound records.
        claim: One of its claims.
    """
    return [name for reading in claim.readings for name in _unknown(plan, reading.measure)]


def _unknown(plan: Plan, wanted: Mapping[str, Any]) -> list[str]:
    features = {one.id for one in plan.features}
    figures = {one.id for one in (*plan.targets, *plan.reviews, *plan.indicators)}
    known: list[tuple[object, Collection[str]]] = [
        (wanted.get("ids"), features), (wanted.get("inside"), features), (wanted.get("share_in"), features),
        (wanted.get("status"), plan.statuses), (wanted.get("items_of"), plan.outline),
        *((wanted.get(name), plan.kinds) for name in ("length_of", "area_of", "bank_of", "count_of", "touching")),
    ]  # fmt: skip
    missing = [name for named, among in known for name in listed(named) if name not in among]
    for name in ("sum_of", "rest_of", "ratio_of", "growth_of", "value_of"):
        missing += [one for one in listed(wanted.get(name)) if one.partition(":")[0] not in figures]
    return missing
