"""The plan's own figures as public JSON: targets, the review of the last period, claims. Knows no framework."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from layers.edition.inventory import inventory
from layers.edition.store import Store
from layers.measure.claims import VERDICTS, review_growth
from layers.model.tables import CLAIM_COLUMNS, FLAG, INTEGER, LIST, NUMBER, REVIEW_COLUMNS, TARGET_COLUMNS


def targets_payload(store: Store) -> dict[str, Any]:
    """Every numeric target of the text and the boxes, in the plan's order."""
    return {"edition": store.hash, "targets": _records(inventory(store).targets, TARGET_COLUMNS)}


def reviews_payload(store: Store) -> dict[str, Any]:
    """The last period's results; ``computed_growth`` comes by ``review_growth``."""
    found = inventory(store).reviews
    rows = _records(found, REVIEW_COLUMNS)
    for row, record in zip(rows, found, strict=True):
        computed = review_growth(record)
        row["computed_growth"] = None if computed is None else round(computed, 3)
    return {"edition": store.hash, "reviews": rows}


def claims_payload(store: Store) -> dict[str, Any]:
    """Every checked figure with what was measured; ``layers`` hold the features behind it.

    ``summary`` counts the verdicts on the plan's figures; the editors' own counts are ``self_check`` and stand apart.
    """
    found = inventory(store)
    rows = _records(found.claims, CLAIM_COLUMNS)
    for row in rows:
        used = (found.entries[name].layer for name in row["features"] if name in found.entries)
        row["layers"] = list(dict.fromkeys(used))
    counts = Counter(row["verdict"] for row in rows if not row["self_check"])
    summary = {verdict: counts[verdict] for verdict in VERDICTS}
    summary["self_check"] = sum(row["self_check"] for row in rows)
    return {"edition": store.hash, "summary": summary, "claims": rows}


def _records(records: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{name: _cell(record.get(name), name, kind) for name, kind in columns.items()} for record in records]


def _cell(value: Any, name: str, kind: str) -> Any:
    """A cell as JSON has it: joined cells as lists, missing numbers null, missing texts empty."""
    if kind == LIST or name == "readings":
        return list(value or ())
    if kind == FLAG:
        return bool(value)
    if kind == INTEGER:
        return None if value is None else int(value)
    if kind == NUMBER:
        return None if value is None else float(value)
    return "" if value is None else str(value)
