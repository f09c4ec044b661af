"""What a plan's text proposes for a plan folder: indicators, targets, named things, structure, lead units, with evidence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from layers.document.blocks import fold
from layers.document.clauses import Text, split_id
from layers.document.features import Gatherer, Named, district_words, key, known_words, townships
from layers.document.found import KINDS, Finding, FindingKind, Proposals, Span
from layers.document.indicators import indicators
from layers.document.leads import leads, units_at
from layers.document.mentions import mentions
from layers.document.period import period
from layers.document.structure import structure
from layers.document.targets import targets


def read(text: Text, kinds: Collection[FindingKind] = KINDS) -> Proposals:
    """Read a plan's text.

    Nothing is invented: what the text does not say is left out, and each finding has the span that it stands on.

    Args:
        text: From `layers.document.clauses.clauses`.
        kinds: Which findings are wanted.

    Returns:
        Proposals; features by their confidence, the surest first, all others in the order of the text.
    """
    years = period(text)
    tabled = tuple(indicators(text, years)) if {"indicator", "target"} & set(kinds) else ()
    lead_units = tuple(leads(text)) if {"lead", "feature"} & set(kinds) else ()
    shape = tuple(structure(text)) if {"structure", "feature"} & set(kinds) else ()
    features: tuple[Finding, ...] = ()
    if "feature" in kinds:
        features = _features(text, [one for one in shape if one.kind == "feature"], lead_units)
    tables = frozenset(split_id(one.clause)[0] if split_id(one.clause)[0] in text.by_id else one.clause for one in tabled)
    return Proposals(
        indicators=tabled if "indicator" in kinds else (),
        targets=tuple(targets(text, years, tables)) if "target" in kinds else (),
        features=features,
        structure=tuple(one for one in shape if one.kind == "structure") if "structure" in kinds else (),
        leads=lead_units if "lead" in kinds else (),
    )


def _features(text: Text, shape: Iterable[Finding], lead_units: Iterable[Finding]) -> tuple[Finding, ...]:
    places = townships(text)
    shaped = list(shape)
    for one in shaped:
        for member in one.fields.get("members", ()):
            if re.search("(?:街道|镇|乡|苏木)$", member):
                places.setdefault(member, (one.clause, one.start))
    known = known_words(places) | frozenset(word for word in district_words(text) if len(word) >= 2)
    names = Gatherer(text, known).gather()
    for name, (clause, start) in places.items():
        names[key(name)] = Named(name, "township", 0.95, clause, start)
    made: list[tuple[Named, dict[str, Any]]] = []
    taken: set[str] = set()
    for one in shaped:
        fields = {field: value for field, value in one.fields.items() if field in ("members", "split")}
        made.append((Named(one.name, one.fields["kind"], one.confidence, one.clause, one.start), fields))
        if key(one.name) not in map(key, places):
            taken.add(key(one.name))
    made += [(named, {}) for at, named in names.items() if at not in taken]
    return _finished(text, _merged(made, known), list(lead_units), shaped)


def _merged(made: list[tuple[Named, dict[str, Any]]], known: frozenset[str]) -> list[tuple[Named, dict[str, Any]]]:
    """Names that differ by the district's name at their head are one, the shorter an alias."""
    by_key = {key(named.name): named for named, _ in made}
    gone: set[int] = set()
    for named, _ in made:
        for word in known:
            rest = key(named.name).removeprefix(word)
            other = by_key.get(rest)
            if rest != key(named.name) and len(rest) >= 4 and other is not None and other is not named and other.kind == named.kind:
                other.aliases.append(named.name)
                other.confidence = max(other.confidence, named.confidence)
                gone.add(id(named))
    return [(named, fields) for named, fields in made if id(named) not in gone]


def _finished(
    text: Text, made: list[tuple[Named, dict[str, Any]]], lead_units: list[Finding], shape: list[Finding]
) -> tuple[Finding, ...]:
    """Findings with all places of the text, citations, lead units, zone and township."""
    where = mentions(text, {name for named, _ in made for name in (named.name, *named.aliases)})
    units = {one.clause: one.fields["units"] for one in lead_units}
    zones = {member: one.name for one in shape if one.fields.get("kind") == "zone" for member in one.fields.get("members", ())}
    found = []
    for named, fields in made:
        spans = sorted({span for name in (named.name, *named.aliases) for span in where.get(name, ())}, key=lambda span: span.start)
        first = next((span for span in spans if span.clause == named.clause), None)
        first = first or Span(named.clause, named.start, named.start + len(named.name))
        spans = spans or [first]
        cites = tuple(dict.fromkeys(span.clause for span in spans if not span.clause.isdecimal()))
        done: dict[str, Any] = {"kind": named.kind, "cites": cites, **fields}
        if named.aliases:
            done["aliases"] = tuple(dict.fromkeys(named.aliases))
        if named.status:
            done["status"] = named.status
        if responsible := _units(text, spans, units):
            done["lead_units"] = responsible
        if named.name in zones and not fields.get("split"):
            done["zone"] = zones[named.name]
        found.append(Finding("feature", named.name, first.clause, first.start, first.end, round(named.confidence, 3), done, tuple(spans)))
    return tuple(sorted(found, key=lambda one: (-one.confidence, one.start)))


def _units(text: Text, spans: Iterable[Span], units: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The lead units of the clauses that name a thing: of its row in a table, its item, else of its box."""
    found: dict[str, None] = {}
    for span in spans:
        clause = text.by_id[span.clause] if span.clause in text.by_id else None
        if clause is None:
            continue
        own = units_at(clause, span.start) if clause.tables else ()
        own = own or units.get(clause.id, ()) or (units.get(clause.part_of, ()) if "-" in clause.id else ())
        found |= dict.fromkeys(own)
    return tuple(found)
