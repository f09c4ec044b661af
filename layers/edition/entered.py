"""An edition with values of a ledger among its own, for what is drawn and written from an edition alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from layers.edition.observations import Seen, level_of
from layers.edition.store import Store
from layers.model.errors import word

if TYPE_CHECKING:
    from layers.ledger.book import Ledger

NOTE = "entered"
"""Where an edition's ``meta`` says which state of a ledger its values are of."""
MOST_SOURCES = 3
_COLUMNS = ("indicator", "role", "period", "place", "value", "source", "note", "scope")


@dataclass(frozen=True, slots=True)
class Entered:
    """Values of a ledger at one state; plain enough to go to another process.

    Attributes:
        count: Number of entries of the ledger then.
        on: Day of the last one.
        rows: Indicator, role, period, place, value, source, note and scope of each value.
        sources: What the values rest on that are shown.
    """

    count: int
    on: str
    rows: tuple[tuple[str, str, str, str, float, str, str, str], ...]
    sources: tuple[str, ...] = ()

    @classmethod
    def of(cls, ledger: Ledger, values: Iterable[Seen], upto: int) -> Entered:
        """Those of some values that are the ledger's."""
        last = ledger.history(before=upto + 1, most=1)
        rows = tuple(
            (one.indicator, one.role, one.period, one.place, one.value, one.source, one.note, one.scope)
            for one in values
            if one.entered
        )
        made = cls(upto, last[0].at[:10] if last else "", rows)
        return replace(made, sources=made.sources_of())

    def sources_of(self, period: str = "") -> tuple[str, ...]:
        """The sources of all values, or of those of one period, each once."""
        return tuple(dict.fromkeys(row[5] for row in self.rows if row[5] and period in ("", row[2])))

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Entered:
        """From what `dataclasses.asdict` made of it, also by way of JSON."""
        return cls(
            int(told["count"]), str(told["on"]), tuple(tuple(row) for row in told["rows"]), tuple(told["sources"])
        )


def with_entered(store: Store, entered: Entered) -> Store:
    """The edition with the values among its observations, each in the place of its own value of the same cell.

    Authors are not in it; ``meta["entered"]`` says which state of the ledger it is, and what the values rest on.

    Args:
        store: The edition; it stays as it is.
        entered: The values, of indicators and places of the edition.
    """
    if not entered.rows:
        return store
    own = store.edition.observations
    rows = [
        {**dict(zip(_COLUMNS, row, strict=True)), "level": level_of(store, row[3]), "year": int(row[2][:4])}
        for row in entered.rows
    ]
    cells = {row[:4] for row in entered.rows}
    kept = own[[cell not in cells for cell in zip(*(own[name] for name in _COLUMNS[:4]), strict=True)]]
    added = pd.DataFrame(rows, columns=list(own.columns))
    for name, kind in own.dtypes.items():
        texts = kind.kind == "O"
        added[name] = (
            pd.Series([one.get(str(name)) or "" for one in rows], dtype=kind) if texts else added[name].astype(kind)
        )
    named = list(entered.sources[:MOST_SOURCES])
    told = {"count": entered.count, "on": entered.on, "sources": named, "all": len(entered.sources)}
    made = copy(store)
    made.edition = replace(
        store.edition,
        meta={**store.edition.meta, NOTE: told},
        observations=pd.concat([kept, added], ignore_index=True),
    )
    return made


def entered_words(store: Store, lang: str) -> str:
    """Of which state of a ledger an edition's values are, and what they rest on; "" where none is of one."""
    told = store.edition.meta.get(NOTE)
    if not told:
        return ""
    named = word("notice.join", lang).join(told["sources"])
    if told["all"] > len(told["sources"]):
        named = word("sheet.and_more", lang, names=named, count=told["all"])
    key = "sheet.entered_of" if named else "sheet.entered"
    return word(key, lang, sources=named, count=told["count"], on=told["on"])
