"""One entry of the ledger, what it is made from, and the hash that ties it to the one before."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from layers.ledger.errors import LedgerError
from layers.model.errors import LayersError
from layers.model.period import Period
from layers.model.tables import LARGEST

OBSERVED, TARGET, BASELINE = "observed", "target", "baseline"
ROLES = (OBSERVED, TARGET, BASELINE)
"""What a value is: observed; or a target or base that the plan gives no number for, such as one assigned from above."""

START = "0" * 64
"""What the first entry carries in place of the hash of the one before."""

LONGEST = {"indicator": 100, "place": 200, "unit": 60, "source": 500, "note": 2000, "author": 100, "scope": 100}
"""Most characters of each text."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A value that is to be entered.

    Attributes:
        indicator: Id of the indicator.
        place: Id of the feature that the value is of.
        period: Code of the period, see `Period`.
        value: The number in ``unit``; None takes back what was entered before.
        unit: The unit, as the plan has it when the value is entered.
        source: Where the value comes from: a yearbook, a bulletin, a department's report.
        note: Reasons, remarks.
        role: One of ``ROLES``.
        scope: Name of the statistical scope (口径); values of different scopes are no one series. "" is the plan's own.
        after: The version of the cell that whoever enters it has seen; 0 when the cell was empty.
    """

    indicator: str
    place: str
    period: str
    value: float | None
    unit: str = ""
    source: str = ""
    note: str = ""
    role: str = OBSERVED
    scope: str = ""
    after: int = 0

    @property
    def cell(self) -> Cell:
        """Which cell it is of."""
        return self.indicator, self.role, self.period, self.place

    def checked(self) -> Draft:
        """The draft, if it can be entered.

        Raises:
            LedgerError: ``ledger.period``, ``ledger.role``, ``ledger.text``, ``ledger.empty``, ``ledger.number``.
        """
        try:
            Period.of(self.period)
        except LayersError as error:
            raise LedgerError(error.key, **error.params) from None
        if self.role not in ROLES:
            raise LedgerError("ledger.role", value=self.role[:40], choices=list(ROLES))
        for name in ("indicator", "place", "unit", "source", "note", "scope"):
            checked_text(name, getattr(self, name), needed=name in ("indicator", "place"))
        if self.value is not None and not (math.isfinite(self.value) and abs(self.value) <= LARGEST):
            raise LedgerError("ledger.number", value=str(self.value)[:40])
        return self


Cell = tuple[str, str, str, str]
"""Indicator, role, period, place: what a value is of; versions of it follow each other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as it stands in the chain for good.

    Attributes:
        seq: Its number: 1, 2, 3 … without a gap.
        version: Which version of its cell it is; it supersedes the one before.
        author: Who entered it.
        at: When, in UTC: ``2026-03-01T08:30:00.000000Z``.
        batch: Number of the first entry of those that were entered together.
        prev: Hash of the entry before, ``START`` for the first.
        hash: SHA-256 over all other fields.
    """

    seq: int
    indicator: str
    role: str
    period: str
    place: str
    version: int
    value: float | None
    unit: str
    source: str
    note: str
    scope: str
    author: str
    at: str
    batch: int
    prev: str
    hash: str = ""

    @property
    def cell(self) -> Cell:
        """Which cell it is of."""
        return self.indicator, self.role, self.period, self.place

    def digest(self) -> str:
        """The hash that it must carry: SHA-256 over the canonical JSON of its fields in their order.

        Numbers are written with the fewest digits that give the same double again, so that every database agrees.

        Example:
            >>> entry = Entry(1, "gdp", "observed", "2021", "district", 1, 5.0, "", "", "", "", "a", "t", 1, START)
            >>> entry.digest() == Entry(*(1, "gdp", "observed", "2021", "district", 1, 5.0, "", "", "", "", "a", "t", 1,
            ...     START)).digest()
            True
        """
        return digest_of(_HASHED(self))


COLUMNS: tuple[str, ...] = tuple(one.name for one in fields(Entry))
"""Columns of the table, in the order of an entry's fields."""
_HASHED = attrgetter(*COLUMNS[:-1])
_VALUE = COLUMNS.index("value")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What nobody sees and no file may hold: control characters but line end and tabulator, and halves of pairs."""


def digest_of(fields_before: Sequence[Any]) -> str:
    """The hash of an entry whose other fields are these, in their order."""
    values = list(fields_before)
    value = values[_VALUE]
    values[_VALUE] = None if value is None else repr(float(value) + 0.0)
    return hashlib.sha256(_JSON.encode(values).encode("utf-8")).hexdigest()


def now() -> str:
    """The time as entries have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def checked_text(name: str, text: str, *, needed: bool = False) -> str:
    """A text that may stand in an entry.

    Raises:
        LedgerError: ``ledger.empty``, ``ledger.text``: too long, or with characters that nobody sees.
    """
    if needed and not text.strip():
        raise LedgerError("ledger.empty", field=name)
    if len(text) > LONGEST[name] or _HIDDEN.search(text):
        raise LedgerError("ledger.text", field=name, most=LONGEST[name], value=text[:40])
    return text
