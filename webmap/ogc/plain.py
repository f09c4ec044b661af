"""Pages that are asked for plainly: of all there is, of what a box meets, or of what of that has given values.

Who moves a map asks the same of one box after the other: what is said beside the box is read once, and which features
of the collection it chooses is found once, when it is asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from layers.service.cql2 import Filter
from layers.service.few import chosen
from layers.service.query import Question
from layers.service.systems import CRS84
from layers.service.table import Table
from webmap.ogc.features import Answer, Found, others, page_at, parsed
from webmap.ogc.parameters import BBOX, FILTER, FILTER_LANG, ITEMS, LIMIT, MOST_FEATURES, OFFSET, PROPERTY_FILTERS
from webmap.ogc.service import Service
from webmap.serving.asking import Wanted

_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_NUMBER = r"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)"
_COMMA = "(?:,|%2[Cc])"
_BOX = re.compile(rf"(?:(.+)&)?bbox={_NUMBER}{_COMMA}{_NUMBER}{_COMMA}{_NUMBER}{_COMMA}{_NUMBER}(?:&(.+))?")
_CHOOSING = {one.name: one for one in (FILTER, *PROPERTY_FILTERS)}
"""What rows that a box meets are chosen by."""
_NAMES = [one.name for one in ITEMS]
MOST_KEPT = 64
"""So many ways of asking are kept for a collection, and what each chooses."""


@dataclass
class Rest:
    """What a question says beside its box.

    Attributes:
        most: So many features are answered with at most.
        first: So many are passed over.
        given: What a link to the same page says again, in the order in which the route declares it, without the box.
        alone: The query of an address that says it, or "".
        before: The part of one with a box before that.
        behind: That behind it.
        equal: The text of a value by its column.
        filter: A condition.
        times: So often it was asked.
        marks: 1 for each row of the table that has the values and meets the condition, else 0.
    """

    most: int
    first: int
    given: Mapping[str, str]
    alone: str
    before: str
    behind: str
    equal: Mapping[str, str]
    filter: Filter | None
    times: int = 0
    marks: bytes = b""

    @property
    def chooses(self) -> bool:
        """Whether not everything that a box meets is asked for."""
        return bool(self.equal) or self.filter is not None

    def of(self, table: Table, met: list[int]) -> list[int] | None:
        """Those of rows that are asked for; None where arrays have to be asked.

        Raises:
            ServiceError: The table has nothing of what is named, or it cannot be compared.
        """
        self.times += 1
        if not self.marks and self.times > 1:
            every = bytearray(table.count)
            for row in Question(equal=self.equal, filter=self.filter).rows(table).tolist():
                every[row] = 1
            self.marks = bytes(every)
        marks = self.marks
        return [row for row in met if marks[row]] if marks else chosen(table, met, self.equal, self.filter)


def plain_page(known: Service, root: str, path: str, layer: str, query: str) -> tuple[Answer, dict[str, str]] | None:
    """A page; None for one that is asked for otherwise.

    Args:
        known: The tables.
        root: What stands before the addresses of the edition.
        path: The path behind it.
        layer: The collection.
        query: What is asked of it.

    Raises:
        ServiceError: What is asked for cannot be answered.
        NotKnownError: A value is none that its parameter may have.
    """
    table, box = known.table(layer), _BOX.fullmatch(query)
    if box is None:
        rest = _read(known, query)
        if rest is None or rest.chooses:
            return None
        rows: Sequence[int] = range(min(rest.first, table.count), min(rest.first + rest.most, table.count))
        return _page(known, root, path, rest, "", Found(layer, CRS84, table.count, rest.first, rest.most), rows)
    before, *corners, behind = box.groups()
    west, south, east, north = map(float, corners)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    key = f"{layer} {before or ''}&{behind or ''}"
    kept: dict[str, Rest] = known.keep("rests", dict)
    rest = kept.get(key)
    if rest is None:
        rest = _read(known, "&".join(filter(None, (before, behind))))
        if rest is None or (rest.chooses and not table.listed):
            return None
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[key] = rest
    met: list[int] | None = table.within(west, south, east, north)
    if met is not None and rest.chooses:
        met = rest.of(table, met)
    if met is None:
        return None
    first, most = rest.first, rest.most
    rows = met if not first and len(met) <= most else met[first : first + most]
    return _page(known, root, path, rest, ",".join(corners), Found(layer, CRS84, len(met), first, most), rows)


def _read(known: Service, query: str) -> Rest | None:
    """What is said beside a box; None where something has to be read otherwise.

    Raises:
        NotKnownError: A value is none that its parameter may have.
        ServiceError: A condition cannot be understood.
    """
    given: dict[str, str] = {}
    for part in query.split("&") if query else ():
        name, _sign, value = part.partition("=")
        if name in given or not value:
            return None
        given[name] = value
    limit, offset = given.get(LIMIT.name, LIMIT.default), given.get(OFFSET.name, OFFSET.default)
    if not _WHOLE.fullmatch(limit) or not _WHOLE.fullmatch(offset) or not 1 <= int(limit) <= MOST_FEATURES:
        return None
    for name in given.keys() - {LIMIT.name, OFFSET.name}:
        if name not in _CHOOSING:
            return None
        try:
            text = unquote_plus(given[name], errors="strict")
        except UnicodeDecodeError:
            return None
        given[name] = _CHOOSING[name].read(known.store, text)
    if limit == LIMIT.default:
        given.pop(LIMIT.name, None)
    if not int(offset):
        given.pop(OFFSET.name, None)
    given = dict(sorted(given.items(), key=_declared_at))
    equal = {name: text for name, text in given.items() if name in _CHOOSING and name != FILTER.name}
    written = given.get(FILTER.name)
    condition = None if written is None else parsed(written, FILTER_LANG.default, CRS84.uri, known.lon)
    before = _query({name: text for name, text in given.items() if _NAMES.index(name) < _NAMES.index(BBOX.name)})
    behind = _query({name: text for name, text in given.items() if _NAMES.index(name) > _NAMES.index(BBOX.name)})
    before, behind = f"{before}&" if before else "?", f"&{behind[1:]}" if behind else ""
    return Rest(int(limit), int(offset), given, _query(given), before, behind, equal, condition)


def _query(given: Mapping[str, str]) -> str:
    return Wanted("", "", "", (), tuple(given.items())).address()


def _page(
    known: Service, root: str, path: str, rest: Rest, box: str, found: Found, rows: Sequence[int]
) -> tuple[Answer, dict[str, str]]:
    """A page of rows.

    Args:
        known: The tables.
        root: What stands before the addresses of the edition.
        path: The path behind it; a collection's has nothing to be quoted.
        rest: What was asked for.
        box: The numbers of the box, or "".
        found: What the page is of.
        rows: Its rows.
    """
    told = f"{rest.before}bbox={box.replace(',', '%2C')}{rest.behind}" if box else rest.alone
    more = {}
    if found.offset or found.matched > found.limit:
        given = {**rest.given, BBOX.name: box} if box else rest.given
        more = others(Wanted("", root, path, (), tuple(sorted(given.items(), key=_declared_at))), found)
    pieces = known.table(found.layer).encoded(CRS84).features(rows)
    return page_at(known, root, f"{root}{path}{told}", more, found, pieces)


def _declared_at(item: tuple[str, str]) -> int:
    return _NAMES.index(item[0])
