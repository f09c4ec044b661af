"""What a drafted plan folder is made of: what the user gives, records, and what a person must decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from layers.document.found import Finding
from layers.document.positions import Spot, Spots


@dataclass(frozen=True, slots=True)
class Given:
    """What the user gives beside the text.

    Attributes:
        district: Name of the district, where the title does not say it.
        code: Its official code.
        boundaries: Townships.
        gazetteer: Named places.
        basis: How far the boundaries can be trusted.
        accuracy_m: Likewise, in metres.
        accept: Findings of this confidence or more are drawn; None draws none.
        ids: Ids that names have already, by kind and name, from a folder that is there.
        townships: Names of the townships of that folder.
    """

    district: str = ""
    code: str = ""
    boundaries: Spots = field(default_factory=Spots)
    gazetteer: Spots = field(default_factory=Spots)
    basis: str = "schematic"
    accuracy_m: float = 500.0
    accept: float | None = None
    ids: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    townships: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that a person must decide.

    Attributes:
        key: Key of the message.
        name: What it is about.
        clause: Where it stands in the text, or "".
        params: Values for the message.
    """

    key: str
    name: str
    clause: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Row:
    """A record with what is written above it.

    Attributes:
        table: ``feature``, ``indicator`` or ``target``.
        file: Relative to the plan folder.
        values: Its fields.
        comments: Lines above it.
        finding: What it was read from; None for what the user's own files gave.
        position: Recipe and what belongs to it, as proposed; empty where nothing places it.
        spot: The gazetteer's shape that the position comes from.
    """

    table: str
    file: str
    values: dict[str, Any]
    comments: list[str] = field(default_factory=list)
    finding: Finding | None = None
    position: Mapping[str, Any] = field(default_factory=dict)
    spot: Spot | None = None

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.values["id"])


@dataclass
class Draft:
    """A folder that is not written yet.

    Attributes:
        head: Fields of ``plan.toml``.
        rows: Records in the order of their files.
        places: Rows of ``places.csv``.
        decisions: What a person must decide.
        shapes: Lines and areas of the gazetteer that records name or propose, by name and place in its file.
        used: Paths of the user's shapes that records name.
        doubtful: What was found with too little confidence for a record, as the records that a person may make of it.
    """

    head: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    places: dict[str, Spot] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    shapes: dict[tuple[str, str], Spot] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    doubtful: list[Row] = field(default_factory=list)

    def feature(self, identifier: str) -> Row | None:
        """The record of a feature."""
        return next((row for row in self.rows if row.table == "feature" and row.id == identifier), None)
