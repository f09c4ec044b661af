"""What a person decided of what was read: ``reading.toml`` of the plan folder, so that no later reading asks again."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import tomli
import tomlkit

from layers.document.proposed import Item
from layers.folder.unread import READING
from layers.imports.texts import inline
from layers.model.errors import LayersError

ACCEPTED, MERGED, REFUSED = "accepted", "merged", "refused"
HOW = (ACCEPTED, MERGED, REFUSED)
_MOST_BYTES = 20_000_000
_HEAD = "读文时作的决定：再读一次不再问。删去一段，或在页面“读文”上收回，就会再问。"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    Attributes:
        finding: The finding's key, see ``Item.key``.
        how: ``accepted``, ``merged`` or ``refused``.
        record: Id of the record that it went into; "" of one that was refused.
        name: As the text has it.
        clause: Where it stands.
        mark: What the text said of it, see ``Item.mark``.
        on: The day, ``2026-03-01``.
        by: Who decided.
    """

    finding: str
    how: str
    record: str = ""
    name: str = ""
    clause: str = ""
    mark: str = ""
    on: str = ""
    by: str = ""

    def settles(self, item: Item) -> bool:
        """Whether the text says nothing else of it than what was decided on.

        What was refused or merged stays so, whatever clauses name it now.
        """
        return self.how != ACCEPTED or self.mark == item.mark


def read(folder: Path) -> dict[str, Decision]:
    """The decisions by the keys of their findings, in the order of the file.

    Raises:
        LayersError: ``reading.decisions``.
    """
    path = folder / READING
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError
        rows = tomli.loads(path.read_bytes().decode("utf-8-sig")).get("decision", [])
        found = [Decision(**{name: str(value) for name, value in one.items()}) for one in rows]
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise LayersError("reading.decisions", file=READING) from error
    if any(one.how not in HOW or not one.finding for one in found):
        raise LayersError("reading.decisions", file=READING)
    return {one.finding: one for one in found}


def of(item: Item, how: str, record: str, by: str) -> Decision:
    """A decision of today."""
    clause = item.places[0].clause if item.places else ""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return Decision(item.key, how, record, " ".join(item.name.split())[:80], clause, item.mark, today, by)


def written(decisions: Iterable[Decision]) -> bytes | None:
    """The file with these decisions; None, no file, where there are none."""
    document = tomlkit.document()
    document.add(tomlkit.comment(_HEAD))
    rows = tomlkit.aot()
    for one in decisions:
        row = tomlkit.table()
        for name in Decision.__dataclass_fields__:
            if value := getattr(one, name):
                row.append(name, inline(value))
        rows.append(row)
    if not len(rows):
        return None
    document.append("decision", rows)
    return tomlkit.dumps(document).encode("utf-8")


def forgotten(decisions: Mapping[str, Decision], keys: Iterable[str]) -> dict[str, Decision]:
    """The decisions without those on some findings.

    Raises:
        LayersError: ``reading.no_decision``.
    """
    left = dict(decisions)
    for one in keys:
        if left.pop(one, None) is None:
            raise LayersError("reading.no_decision", finding=one)
    return left
