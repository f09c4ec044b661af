"""Sheets into the ledger: first a preview with a verdict for every value, then all of them or none.

`preview` reads and judges and writes nothing; `commit` writes what a preview found. Both are plain functions for the
command line and the web page; a `Preview` is JSON by ``as_dict``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layers.ledger import grid, names, tabular, units
from layers.ledger.book import Draft, Ledger, Receipt
from layers.ledger.entry import LONGEST, OBSERVED, ROLES, Cell, Entry
from layers.ledger.errors import LedgerError
from layers.ledger.names import Known, Quantity
from layers.ledger.tabular import Raw
from layers.model.errors import word
from layers.model.period import Period
from layers.model.tables import LARGEST

NEW, SAME, CORRECTS, EMPTY, TOTAL = "new", "same", "corrects", "empty", "total"
DOUBTFUL = "doubtful"
"""Out of the range that the last value makes plausible: entered when that is accepted."""
WRONG = (
    "unknown_indicator", "unknown_place", "no_period", "partial_period", "no_number", "error_value", "unsaved_formula",
    "no_unit", "impossible", "twice", "unknown_role", "long_text",
)  # fmt: skip
"""Verdicts with which nothing is written."""
VERDICTS = (NEW, SAME, CORRECTS, EMPTY, TOTAL, *WRONG)
JUMP = 3.0
"""A value that is more than so many times the last one, or less than that part of it, is doubted."""
MOST_SHOWN = 5_000


@dataclass(frozen=True, slots=True)
class Row:
    """One value of the sheet and what becomes of it.

    Attributes:
        at: The cell.
        given: What stands there.
        verdict: One of ``VERDICTS``.
        value: The number in the indicator's unit, or None.
        old: What the ledger has for it now, or None.
        after: Version of the cell in the ledger; 0 when it is empty.
        converted: ``万元 → 亿元`` where the unit was another.
        doubt: Why the value is doubted: ``jump`` (with ``past``), or "".
        near: Names that may be meant, of unknown places and indicators.
    """

    at: str
    given: str
    verdict: str
    indicator: str = ""
    place: str = ""
    said: str = ""
    period: str = ""
    role: str = OBSERVED
    value: float | None = None
    unit: str = ""
    old: float | None = None
    after: int = 0
    converted: str = ""
    doubt: str = ""
    past: float | None = None
    near: tuple[str, ...] = ()
    source: str = ""
    note: str = ""
    scope: str = ""

    @property
    def cell(self) -> Cell:
        """Which cell of the ledger it is of."""
        return self.indicator, self.role, self.period, self.place

    def text(self, lang: str) -> str:
        """The verdict in a reader's words."""
        facts = {
            "said": self.said, "near": "、".join(self.near) or "—", "given": self.given[:60], "unit": self.unit,
            "old": names_number(self.old), "past": names_number(self.past), "value": names_number(self.value),
        }  # fmt: skip
        parts = [word(f"sheet.verdict.{self.verdict}", lang, **facts)]
        if self.converted:
            parts.append(word("sheet.converted", lang, how=self.converted))
        if self.doubt:
            parts.append(word(f"sheet.doubt.{self.doubt}", lang, **facts))
        return ("；" if lang == "zh" else "; ").join(parts)


@dataclass(frozen=True, slots=True)
class Sum:
    """Whether the parts of an indicator add up to its whole, for one period and level.

    Attributes:
        parts: Sum over the places of the level.
        whole: The district's value, in the sheet, else in the ledger; or a total that the sheet states.
        missing: How many places of the level have no value; then nothing can be told.
        adds_up: Whether they do, to the accuracy with which the parts are printed; None when it cannot be told.
    """

    indicator: str
    period: str
    level: str
    parts: float
    whole: float | None
    missing: int
    adds_up: bool | None

    @property
    def told(self) -> str:
        """What can be said: ``yes``, ``no``, ``alone`` without a whole, ``unknown`` where parts are missing."""
        if self.adds_up is None:
            return "alone" if self.whole is None else "unknown"
        return "yes" if self.adds_up else "no"


@dataclass(frozen=True)
class Preview:
    """What would be entered.

    Attributes:
        file: Name of the file.
        rows: Every value.
        sums: Whether parts add up.
        left: What was passed over: where, its heading, why (``derived``: a growth rate or a rank; ``hidden``: a sheet).
        source: What is entered as source where a row states none.
    """

    file: str
    rows: tuple[Row, ...]
    sums: tuple[Sum, ...] = ()
    left: tuple[tuple[str, str, str], ...] = ()
    source: str = ""
    count: Mapping[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """How many values keep all of them from being written."""
        return sum(self.count.get(name, 0) for name in WRONG)

    @property
    def doubtful(self) -> int:
        """How many values are doubted."""
        return sum(bool(row.doubt) and row.verdict in (NEW, CORRECTS) for row in self.rows)

    @property
    def drafts(self) -> list[Draft]:
        """What would be entered."""
        return [
            Draft(row.indicator, row.place, row.period, row.value, row.unit, row.source or self.source, row.note,
                  row.role, row.scope, row.after)
            for row in self.rows
            if row.verdict in (NEW, CORRECTS)
        ]  # fmt: skip

    def as_dict(self, lang: str = "zh") -> dict[str, Any]:
        """For programs and pages."""
        rows = [
            {name: getattr(row, name) for name in Row.__slots__ if name != "near"}
            | {"near": list(row.near), "text": row.text(lang)}
            for row in self.rows[:MOST_SHOWN]
        ]
        return {
            "file": self.file, "source": self.source, "wrong": self.wrong, "doubtful": self.doubtful,
            "count": dict(self.count), "rows": rows, "more": max(0, len(self.rows) - MOST_SHOWN),
            "sums": [{name: getattr(one, name) for name in Sum.__slots__} for one in self.sums],
            "left": [{"at": at, "text": text, "why": why} for at, text, why in self.left],
        }  # fmt: skip


def preview(  # noqa: PLR0913 - what a sheet may leave unsaid
    data: bytes, file: str, known: Known, ledger: Ledger | None, *, source: str = "", indicator: str = "",
    place: str = "", period: str = "", most: int = 0,
) -> Preview:  # fmt: skip
    """Read a sheet and judge every value; nothing is written.

    Args:
        data: The file's bytes, CSV or XLSX.
        file: Its name.
        known: The indicators and places that there are, and what unknown names are said to mean.
        ledger: What was entered before; None when there is no ledger yet.
        source: Where the values come from, for those that do not say so themselves.
        indicator: Id of the indicator, where the sheet names none.
        place: Id of the place, where the sheet names none; else the district.
        period: Code of the period, where the sheet names none.
        most: How many values are judged at most; 0 for all that a sheet can hold.

    Raises:
        LedgerError: ``sheet.…`` of `grid.read`, ``sheet.nothing``: no values were found, or ``sheet.many_values``.
    """
    if period:
        Period.of(period)
    found = tabular.read(grid.read(data, file), known, indicator=indicator, place=place, period=period)
    if not found.raws:
        raise LedgerError("sheet.nothing", file=file)
    if most and len(found.raws) > most:
        raise LedgerError("sheet.many_values", file=file, count=len(found.raws), most=most)
    judged = [_judged(raw, known) for raw in found.raws]
    judged = _twice(judged)
    wanted = [row.cell for row in judged if row.verdict == NEW]
    there = ledger.newest(wanted) if ledger is not None and wanted else {}
    past = _past(judged, known, ledger)
    rows = tuple(_compared(row, there.get(row.cell), past) for row in judged)
    rows = tuple(row for row in rows if row.verdict != EMPTY) or rows
    return Preview(
        file, rows, tuple(_sums(rows, known, ledger)), tuple(found.left), source or found.source,
        Counter(row.verdict for row in rows),
    )  # fmt: skip


def commit(
    ledger: Ledger, found: Preview, author: str, *, accept_doubtful: bool = False, leave_unknown: bool = False
) -> Receipt | None:
    """Write what a preview found, all or nothing.

    Args:
        ledger: The ledger that it was held against.
        found: The preview.
        author: Who enters it.
        accept_doubtful: Values out of the plausible range are entered too.
        leave_unknown: Rows of indicators that the plan does not have are left out.

    Returns:
        What was entered; None when everything was there already.

    Raises:
        LedgerError: ``sheet.wrong``, ``sheet.doubtful``: nothing was written.
        ConflictError: Somebody else changed one of the cells since the preview.
    """
    wrong = found.wrong - (found.count.get("unknown_indicator", 0) if leave_unknown else 0)
    if wrong:
        raise LedgerError("sheet.wrong", file=found.file, count=wrong)
    if found.doubtful and not accept_doubtful:
        raise LedgerError("sheet.doubtful", file=found.file, count=found.doubtful)
    drafts = found.drafts
    return ledger.append(drafts, author) if drafts else None


def names_number(value: float | None) -> str:
    """A number for a message."""
    return "—" if value is None else f"{value:,.10g}"


# ---- one value


def _judged(raw: Raw, known: Known) -> Row:
    """A value by itself: what it is of, in the indicator's unit; ``new`` when nothing is wrong with it."""
    cell = raw.cell
    given = f"{cell.value:.12g}" if isinstance(cell.value, float) else (cell.value or "")
    role = raw.role or OBSERVED
    place = raw.place or ("" if raw.place_said and raw.indicator else "district")
    facts: dict[str, Any] = {
        "at": cell.at, "given": given[:200], "indicator": raw.indicator, "place": place, "period": raw.period,
        "role": role, "source": raw.source, "note": raw.note, "scope": raw.scope,
    }  # fmt: skip
    if cell.broken:
        return Row(**facts, verdict="unsaved_formula" if cell.broken == "formula" else "error_value")
    if names.key(given) in names.NOTHING:
        return Row(**facts, verdict=EMPTY)
    quantity = known.quantities.get(raw.indicator)
    if quantity is None:
        said = raw.indicator_said or raw.place_said
        return Row(**facts, verdict="unknown_indicator", said=said, near=tuple(known.near_quantities(said)))
    if not raw.total and place not in known.spots:
        said = raw.place_said
        return Row(**facts, verdict="unknown_place", said=said, near=tuple(known.near_spots(said)))
    if not raw.period:
        return Row(**facts, verdict="partial_period" if raw.partial else "no_period")
    if role not in ROLES:
        return Row(**facts, verdict="unknown_role", said=role)
    if any(len(getattr(raw, name)) > LONGEST[name] for name in ("source", "note", "scope")):
        return Row(**facts, verdict="long_text")
    return _measured(raw, quantity, facts)


def _measured(raw: Raw, quantity: Quantity, facts: dict[str, Any]) -> Row:
    """The number, in the indicator's unit."""
    cell = raw.cell
    facts |= {"unit": quantity.unit}
    behind = ""
    if isinstance(cell.value, float):
        number: float | None = cell.value
    else:
        number, behind = names.number_in(cell.value or "")
    if number is None or abs(number) > LARGEST:
        return Row(**facts, verdict="no_number")
    if cell.percent:
        number, behind = number * 100, "%"
    unit = behind or raw.unit
    converted = ""
    if unit and units.plain(unit) != units.plain(quantity.unit):
        if units.plain(quantity.unit) in ("", "—", "-"):
            return Row(**facts, verdict="no_unit", said=unit)
        by = units.factor(unit, quantity.unit)
        if by is None:
            return Row(**facts, verdict="no_unit", said=unit)
        number, converted = number * by.numerator / by.denominator, f"{unit} → {quantity.unit}"
    number = float(f"{number:.15g}")
    if units.plain(quantity.unit) == "%" and not quantity.free and not 0 <= number <= 100:
        return Row(**facts, value=number, verdict="impossible")
    return Row(**facts, value=number, converted=converted, verdict=TOTAL if raw.total else NEW)


def _with(row: Row, **changes: Any) -> Row:
    return Row(**{name: getattr(row, name) for name in Row.__slots__} | changes)


def _twice(rows: Sequence[Row]) -> list[Row]:
    """Cells that the sheet gives twice: the same value counts once, different ones are wrong."""
    values: dict[Cell, set[float | None]] = defaultdict(set)
    for row in rows:
        if row.verdict == NEW:
            values[row.cell].add(row.value)
    seen: set[Cell] = set()
    found = []
    for row in rows:
        if row.verdict == NEW:
            if len(values[row.cell]) > 1:
                row = _with(row, verdict="twice")
            elif row.cell in seen:
                continue
            seen.add(row.cell)
        found.append(row)
    return found


def _past(rows: Iterable[Row], known: Known, ledger: Ledger | None) -> dict[tuple[str, str], list[tuple[str, float]]]:
    """Values known before, by indicator and place, each with its period."""
    found: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for pair in {(row.indicator, row.place) for row in rows if row.verdict == NEW and row.role == OBSERVED}:
        entries = ledger.series(pair[1], pair[0], OBSERVED) if ledger is not None else []
        # What came with the plan counts like what was entered, which takes its place.
        entered = {one.period: one.value for one in entries if one.value is not None}
        found[pair] = list({**dict(known.shipped.get(pair, ())), **entered}.items())
        quantity = known.quantities[pair[0]]
        if pair[1] == "district" and quantity.past is not None:
            found[pair].append(("", quantity.past))
    return found


def _compared(row: Row, there: Entry | None, past: Mapping[tuple[str, str], list[tuple[str, float]]]) -> Row:
    """A value held against what the ledger has."""
    if row.verdict != NEW:
        return row
    if there is not None:
        same = there.value == row.value and there.unit == row.unit and there.scope == row.scope
        row = _with(row, verdict=SAME if same else CORRECTS, old=there.value, after=there.version)
    if row.verdict == SAME or row.role != OBSERVED or row.value is None:
        return row
    whole = Period.of(row.period).whole
    known = [one for one in past.get((row.indicator, row.place), []) if not one[0] or Period.of(one[0]).whole == whole]
    last = max((one for one in known if one[0] != row.period), default=None, key=lambda one: one[0])
    if last is None or not last[1] or (not whole and not last[0]):
        return row
    ratio = row.value / last[1]
    return row if 1 / JUMP <= ratio <= JUMP else _with(row, doubt="jump", past=last[1])


# ---- parts and whole


def _sums(rows: Sequence[Row], known: Known, ledger: Ledger | None) -> Iterable[Sum]:
    """For every indicator that is a sum, and every period of the sheet: townships and zones against the district."""
    given: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    totals: dict[tuple[str, str], float] = {}
    printed: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        quantity = known.quantities.get(row.indicator)
        if row.role != OBSERVED or row.value is None or quantity is None or quantity.aggregation != "sum":
            continue
        at = row.indicator, row.period
        if row.verdict == TOTAL:
            totals[at] = row.value
        elif row.verdict in (NEW, SAME, CORRECTS):
            given[at][row.place] = row.value
            printed[at] = max(printed[at], _decimals(row.value))
    for (indicator, period), values in given.items():
        before = ledger.overlay(indicator, period) if ledger is not None else []
        merged = _shipped(known, indicator, period)
        merged |= {one.place: one.value for one in before if one.value is not None} | values
        whole = totals.get((indicator, period), merged.get("district"))
        for level in ("zone", "township"):
            places = [spot.id for spot in known.spots.values() if spot.level == level]
            there = [merged[one] for one in places if one in merged]
            if not there:
                continue
            missing, total = len(places) - len(there), sum(there)
            told = whole is not None and not missing
            # Each part, and the whole, is rounded by half a unit of its last digit at most.
            slack = 0.5 * 10 ** -printed[indicator, period] * (len(there) + 1)
            adds_up = abs(total - (whole or 0.0)) <= slack + 1e-9 * abs(total) if told else None
            yield Sum(indicator, period, level, float(f"{total:.12g}"), whole, missing, adds_up)


def _shipped(known: Known, indicator: str, period: str) -> dict[str, float]:
    """The values that came with the plan for an indicator and a period, by place."""
    return {
        place: value
        for (one, place), values in known.shipped.items()
        if one == indicator
        for at, value in values
        if at == period
    }


def _decimals(value: float) -> int:
    text = f"{value:.10f}".rstrip("0")
    return len(text.partition(".")[2])
