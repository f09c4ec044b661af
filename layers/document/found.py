"""What is read out of a plan's text, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FindingKind = Literal["indicator", "target", "feature", "structure", "lead", "review"]
KINDS: tuple[FindingKind, ...] = ("indicator", "target", "feature", "structure", "lead", "review")


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands.

    Attributes:
        clause: As a citation writes it; a chapter's own words have its number alone, which no citation can name.
        start: Offset in ``Text.whole``.
        end: Offset after the last character.
    """

    clause: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One proposal.

    Attributes:
        kind: ``indicator``, ``target``, ``feature``, ``structure``, ``lead`` or ``review``.
        name: As the plan writes it.
        clause: Where it stands first, where it is said best.
        start: Offset in ``Text.whole`` of the words that it was read from.
        end: Offset after them.
        confidence: 0 to 1, by rule; the same kind of finding is ordered by it.
        fields: By kind:
            indicator ``unit, domain, property (expected, binding or ""), baseline, target, flags, row``, where baseline
            and target are mappings with ``year`` and ``value``, ``low`` and ``high`` or ``text``, the target's with
            ``comparator`` (``>``, ``>=``, ``<``, ``<=``, ``~``);
            target ``value`` or ``low, high`` or ``text``, ``comparator, unit, measure, year``;
            feature ``kind`` (of ``kinds.toml``), ``aliases, cites, status, lead_units, zone, township, members,
            split``, of which only what is said is there: zone and township are names of other features;
            structure ``parts``, a tuple of mappings ``count, kind, names``;
            lead ``units``;
            review the fields of a ``[[review]]``, and ``flags`` with ``sum`` where figures are sums of the period.
        mentions: Every place of the text that names it, `start` to `end` among them.
    """

    kind: FindingKind
    name: str
    clause: str
    start: int
    end: int
    confidence: float
    fields: Mapping[str, Any] = field(default_factory=dict)
    mentions: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposals:
    """All that was read, each kind in the order of the text, features by their confidence."""

    indicators: tuple[Finding, ...] = ()
    targets: tuple[Finding, ...] = ()
    features: tuple[Finding, ...] = ()
    structure: tuple[Finding, ...] = ()
    leads: tuple[Finding, ...] = ()
    reviews: tuple[Finding, ...] = ()
