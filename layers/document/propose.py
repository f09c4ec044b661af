"""What a plan's text proposes for a plan folder: indicators, targets, named things, structure, lead units."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from layers.document.clauses import Text, split_id
from layers.document.features import Gatherer, Named, key
from layers.document.found import KINDS, Finding, FindingKind, Proposals, Span
from layers.document.indicators import indicators
from layers.document.judging import rank
from layers.document.leads import leads, units_at
from layers.document.mentions import mentions
from layers.document.naming import endings
from layers.document.period import period
from layers.document.reviews import reviews
from layers.document.standing import ground, standing
from layers.document.structure import structure
from layers.document.targets import targets
from layers.document.townships import district_words, known_words, townships


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
    tables = frozenset(
        split_id(one.clause)[0] if split_id(one.clause)[0] in text.by_id else one.clause for one in tabled
    )
    return Proposals(
        indicators=tabled if "indicator" in kinds else (),
        targets=tuple(targets(text, years, tables)) if "target" in kinds else (),
        features=features,
        structure=tuple(one for one in shape if one.kind == "structure") if "structure" in kinds else (),
        leads=lead_units if "lead" in kinds else (),
        reviews=tuple(reviews(text, years)) if "review" in kinds else (),
    )


_LINES = frozenset(["trunk_road", "urban_expressway", "expressway", "railway", "metro_line", "intercity", "waterway"])
"""What crosses zones: no zone follows from one of several clauses."""


def _features(text: Text, shape: Iterable[Finding], lead_units: Iterable[Finding]) -> tuple[Finding, ...]:
    places = townships(text)
    shaped = list(shape)
    for one in shaped:
        for member in one.fields.get("members", ()):
            if re.search("(?:街道|镇|乡|苏木)$", member):
                places.setdefault(member, (one.clause, one.start))
    for member in list(places):
        for tail in [name for name in places if name != member and member.endswith(f"和{name}")]:
            del places[tail]
    known = known_words(places) | frozenset(word for word in district_words(text) if len(word) >= 2)
    names = Gatherer(text, known).gather()
    for one in shaped:
        for member in one.fields.get("members", ()):
            ends = [end for end in endings(member) if end.end == len(member)]
            if ends and member not in places:
                names.setdefault(key(member), Named(member, ends[-1].kind, 0.8, one.clause, one.start))
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
    """Names of one thing, the one said first with the others as aliases.

    They differ by the district's name or a quoted word at the head, by 国家 and 国际 inside, by 段 or 南延 at the end.
    """
    groups: dict[tuple[str, str], list[tuple[Named, dict[str, Any]]]] = {}
    keys = {key(re.sub("^“[^”]*”(?=.{4})", "", named.name)) for named, _ in made}
    for named, fields in made:
        groups.setdefault((_alike(named.name, keys, known), "township" if named.kind == "township" else ""), []).append(
            (named, fields)
        )
    kept = []
    for group in groups.values():
        shaped = [one for one in group if one[1] or one[0].kind in ("pole", "belt", "zone")]
        main, fields = shaped[0] if shaped else group[0]
        for other, _ in group:
            if other is not main:
                main.aliases += [other.name, *other.aliases]
                main.confidence = max(main.confidence, other.confidence)
                main.status = main.status or other.status
                if rank(other.kind) > rank(main.kind) and not shaped:
                    main.kind = other.kind
        kept.append((main, fields))
    return kept


def _alike(name: str, keys: set[str], known: frozenset[str]) -> str:
    """How names of one thing are compared."""
    bare = key(re.sub("^“[^”]*”(?=.{4})", "", name))
    for word in sorted(known, key=len, reverse=True):
        rest = re.sub(f"^{re.escape(word)}[省市区县旗]?", "", bare)
        if rest != bare and len(rest) >= 4 and rest in keys:
            bare = rest
            break
    bare = bare.replace("高速公路", "高速")
    for size in range(len(bare) - 2, 2, -1):
        if bare[:size] in keys and re.fullmatch(
            r"(?:[\u4e00-\u9fff]{1,4}段(?:[\u4e00-\u9fff]{2})?|[东南西北][延伸])", bare[size:]
        ):
            bare = bare[:size]
            break
    return re.sub("(?<=..)(?:国家|国际|商业)(?=.{3})", "", bare)


def _finished(
    text: Text, made: list[tuple[Named, dict[str, Any]]], lead_units: list[Finding], shape: list[Finding]
) -> tuple[Finding, ...]:
    """Findings with all places of the text, citations, lead units, zone and township."""
    where = mentions(text, {name for named, _ in made for name in (named.name, *named.aliases)})
    units = {one.clause: one.fields["units"] for one in lead_units}
    zones: dict[str, str] = {}
    held = [one for one in shape if one.fields.get("kind") == "zone" and "members" in one.fields]
    for one in held:
        zones |= {member: "" if member in zones else one.name for member in one.fields["members"]}
    units_of = {named.name: where.get(named.name, ()) for named, _ in made if named.kind == "township"}
    places = ground(text, units_of, held)
    found = []
    for named, fields in made:
        spans = sorted(
            {span for name in (named.name, *named.aliases) for span in where.get(name, ())}, key=lambda span: span.start
        )
        first = next((span for span in spans if span.clause == named.clause), None)
        first = first or Span(named.clause, named.start, named.start + len(named.name))
        spans = spans or [first]
        cites = tuple(dict.fromkeys(span.clause for span in spans if not span.clause.isdecimal()))
        if not cites:
            continue
        confidence = min(0.99, named.confidence + 0.02 * min(len(cites) - 1, 3))
        done: dict[str, Any] = {"kind": named.kind, "cites": cites, **fields}
        if named.aliases:
            done["aliases"] = tuple(dict.fromkeys(named.aliases))
        if named.status:
            done["status"] = named.status
        if responsible := dict.fromkeys((*named.units, *_units(text, spans, units))):
            done["lead_units"] = tuple(responsible)
        if named.name in zones:
            if zones[named.name]:
                done["zone"] = zones[named.name]
        elif named.kind not in ("township", "zone", "belt", "pole", "control_line"):
            line = named.kind in _LINES
            done |= standing(text, spans, places) if not line or len(cites) == 1 else {}
        found.append(
            Finding(
                "feature", named.name, first.clause, first.start, first.end, round(confidence, 3), done, tuple(spans)
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.confidence, one.start)))


def _units(text: Text, spans: Iterable[Span], units: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The lead units of the clauses that name a thing: of its row in a table, its item, else of its box."""
    found: dict[str, None] = {}
    for span in spans:
        clause = text.by_id.get(span.clause)
        if clause is None:
            continue
        own = units_at(clause, span.start) if clause.tables else ()
        own = own or units.get(clause.id, ()) or (units.get(clause.part_of, ()) if "-" in clause.id else ())
        found |= dict.fromkeys(own)
    return tuple(found)
