"""Which row of a file is which feature: by code, name and alias; near misses are shown and never taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import geopandas as gpd

from geo.matching import readable
from layers.imports.request import Request
from layers.model.errors import LayersError
from layers.model.plan import Feature

CODE, NAME, ALIAS, STATED, ID = "code", "name", "alias", "stated", "id"
_UNIT = re.compile(r"(街道办事处|街道|地区|镇|乡|区|县|市)$")
_CODE = re.compile(r"\d{6,15}")
_NEAR = 3
_HANDLE = "handle"
"""The column with a drawing's own numbers of entities, which nobody knows."""


@dataclass(frozen=True)
class Pair:
    """A row that is a feature.

    Attributes:
        row: Number of the row, counted from 0.
        id: Id of the feature.
        by: ``code``, ``name``, ``alias``, ``id`` or ``stated``.
        said: What the file calls it.
    """

    row: int
    id: str
    by: str
    said: str


@dataclass(frozen=True)
class Unknown:
    """A row that is no feature.

    Attributes:
        row: Number of the row, counted from 0.
        said: What the file calls it.
        near: Ids of features that may be meant.
    """

    row: int
    said: str
    near: tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """Rows and features together.

    Attributes:
        pairs: Rows that are features, in the file's order; several rows may be parts of one.
        unknown: Rows that are none.
        missing: Ids of features of which there is no row.
        name_field: The column that was taken for names, or "".
        code_field: The column that was taken for codes, or "".
    """

    pairs: tuple[Pair, ...]
    unknown: tuple[Unknown, ...]
    missing: tuple[str, ...]
    name_field: str
    code_field: str


class _Names:
    """What features are called."""

    def __init__(self, features: Iterable[Feature]) -> None:
        self.names: dict[str, list[str]] = {}
        self.aliases: dict[str, list[str]] = {}
        self.codes: dict[str, list[str]] = {}
        self.ids: dict[str, list[str]] = {}
        for one in features:
            for name in (one.name, one.name_en):
                self._file(self.names, _key(name), one.id)
            for alias in one.aliases:
                self._file(self.aliases, _key(alias), one.id)
            self._file(self.codes, _code(one.code), one.id)
            self._file(self.ids, one.id, one.id)

    @staticmethod
    def _file(table: dict[str, list[str]], key: str, identifier: str) -> None:
        if key and identifier not in table.setdefault(key, []):
            table[key].append(identifier)

    def found(self, value: str) -> tuple[str, str] | None:
        """Id and how it was found, where a name is that of one feature only."""
        for how, table, key in (
            (ID, self.ids, value),
            (NAME, self.names, _key(value)),
            (ALIAS, self.aliases, _key(value)),
        ):
            if len(table.get(key, ())) == 1:
                return table[key][0], how
        return None

    def coded(self, value: str) -> str | None:
        """The id of the one feature of a code."""
        known = self.codes.get(_code(value), ())
        return known[0] if len(known) == 1 else None

    def near(self, value: str) -> tuple[str, ...]:
        """Ids of what is called alike: the same but for the kind of unit, then by letters."""
        key = _key(value)
        if not key:
            return ()
        every = {**self.aliases, **self.names}
        stem = _UNIT.sub("", key)
        alike = [one for one in every if stem and _UNIT.sub("", one) == stem]
        alike += get_close_matches(key, list(every), n=_NEAR, cutoff=0.5)
        return tuple(dict.fromkeys(identifier for one in alike for identifier in every[one]))[:_NEAR]


def match(
    frame: gpd.GeoDataFrame, features: Sequence[Feature], request: Request, layers: Mapping[str, Sequence[Feature]]
) -> Matched:
    """Find the feature of each row.

    Args:
        frame: The rows.
        features: What they may be.
        request: ``name_field``, ``code_field`` and ``match`` count here.
        layers: All features of the plan by layer: where nothing fits, it is said in which layer it would.

    Raises:
        LayersError: ``import.field``, ``import.no_match``, ``import.other_layer``, ``import.row_conflict``,
            ``import.match_unknown``.
    """
    names = _Names(features)
    columns = {
        str(name): [readable(cell) for cell in frame[name]] for name in frame.columns if name != frame.geometry.name
    }
    known = {one.id for one in features}
    for identifier in request.match.values():
        if identifier not in known:
            raise LayersError("import.match_unknown", id=identifier, near=get_close_matches(identifier, known, n=_NEAR))
    name_field = _field(
        request.name_field, columns, lambda value: names.found(value) is not None or value in request.match
    )
    code_field = _field(
        request.code_field, columns, lambda value: bool(_CODE.fullmatch(value)) and names.coded(value) is not None
    )
    pairs: list[Pair] = []
    unknown: list[Unknown] = []
    empty = [""] * len(frame)
    for row, (name, code) in enumerate(
        zip(columns.get(name_field, empty), columns.get(code_field, empty), strict=True)
    ):
        pair = _pair(row, name, code, names, request.match)
        if pair is None:
            said = name or code or _first_words(columns, row)
            unknown.append(Unknown(row, said, names.near(said)))
        else:
            pairs.append(pair)
    if not pairs:
        _refuse_other_layer(unknown, layers, request)
        raise LayersError(
            "import.no_match", file=request.shown, fields=list(columns),
            said=[one.said for one in unknown if one.said][:5] or ["–"], names=[one.name for one in features[:5]],
        )  # fmt: skip
    taken = {pair.id for pair in pairs}
    missing = tuple(one.id for one in features if one.id not in taken)
    return Matched(tuple(pairs), tuple(unknown), missing, name_field, code_field)


def _refuse_other_layer(unknown: Sequence[Unknown], layers: Mapping[str, Sequence[Feature]], request: Request) -> None:
    """Say in which layer most of what no row was found for is."""
    known = {name: _Names(held) for name, held in layers.items()}
    there = {name: [one.said for one in unknown if one.said and of.found(one.said)] for name, of in known.items()}
    layer = max(there, key=lambda name: len(there[name]), default="")
    if layer and there[layer]:
        raise LayersError("import.other_layer", file=request.shown, said=there[layer][:_NEAR], layer=layer)


def _pair(row: int, name: str, code: str, names: _Names, stated: Mapping[str, str]) -> Pair | None:
    for value in (name, code):
        if value in stated:
            return Pair(row, stated[value], STATED, value)
    by_name, by_code = names.found(name) if name else None, names.coded(code) if code else None
    if by_name and by_code and by_name[0] != by_code:
        raise LayersError("import.row_conflict", row=row + 1, name=name, code=code, first=by_name[0], second=by_code)
    if by_name:
        return Pair(row, by_name[0], by_name[1], name)
    return Pair(row, by_code, CODE, name or code) if by_code else None


def _field(asked: str, columns: Mapping[str, list[str]], fits: Any) -> str:
    """The column that the user names, or the one in which most values fit."""
    if asked:
        return column_asked(asked, columns)
    counts = {name: sum(bool(value) and fits(value) for value in values) for name, values in columns.items()}
    best = max(counts, key=lambda name: counts[name], default="")
    return best if best and counts[best] else ""


def column_asked(asked: str, columns: Mapping[str, list[str]]) -> str:
    """The column that the user names.

    Raises:
        LayersError: ``import.field`` when there is none of that name.
    """
    if asked not in columns:
        close = get_close_matches(asked, columns, n=1)
        raise LayersError("import.field", field=asked, fields=list(columns), near=close or "–")
    return asked


def _first_words(columns: Mapping[str, list[str]], row: int) -> str:
    """What a row without name is shown by."""
    told = (values[row] for name, values in columns.items() if name != _HANDLE)
    return next((value for value in told if value and not value.isdigit()), "")


def _key(value: str) -> str:
    return re.sub(r"[\s·•]+", "", readable(value)).casefold()


def _code(value: str) -> str:
    """A division's code without the zeros that stand for lower levels: nine of twelve digits for a township."""
    digits = readable(value)
    return digits[:9] if len(digits) == 12 and digits.endswith("000") else digits
