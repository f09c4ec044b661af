"""Filters in CQL2: parsed by the library ``cql2``, evaluated here on columns and the spatial index.

OGC 21-065r2, Common Query Language (CQL2). A filter is parsed once (`parse`) and held against a table (`Filter.rows`).
What is offered: `CLASSES`. A missing value is neither equal nor unequal to anything (three-valued logic).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from layers.service import cql2_scalars as scalars
from layers.service.columns import Flags
from layers.service.cql2_places import PREDICATES, literal_geometry, related
from layers.service.cql2_times import TIME_RELATIONS, moments, span, time_related
from layers.service.errors import ServiceError
from layers.service.kleene import Truth
from layers.service.systems import CRS84, Coordinates
from layers.service.table import GEOMETRY, Table

TEXT_LANGUAGE, JSON_LANGUAGE = "cql2-text", "cql2-json"
LANGUAGES = (TEXT_LANGUAGE, JSON_LANGUAGE)

CLASSES = (
    "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
    "accent-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions",
    "temporal-functions", "property-property", "arithmetic",
)  # fmt: skip
"""Conformance classes of CQL2 that hold (``tests/test_layers_service_cql2.py``)."""

LONGEST = 6000
"""Characters of a filter at most."""
DEEPEST = 40
"""Levels of a filter at most: brackets and NOTs, each a call within a call of the parser."""
MOST_STEPS = 1500
"""Operators and signs at most; each is a level where they follow each other."""

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Filter:
    """A parsed filter.

    Attributes:
        tree: CQL2 JSON.
        system: Of its coordinates.
    """

    tree: Any
    system: Coordinates = CRS84

    @cached_property
    def placed(self) -> bool:
        """Whether it asks where features lie."""
        return _names_places(self.tree)

    def holds(self, table: Table) -> Flags:
        """The rows of a table that it holds for.

        Raises:
            ServiceError: It names what the table does not have, or compares what cannot be compared.
        """
        try:
            return _Evaluation(table, self.system).truth(self.tree).yes
        except RecursionError as error:
            raise ServiceError("service.filter_deep", most=DEEPEST) from error


def _names_places(tree: Any) -> bool:
    left = [tree]  # no calls within calls: a tree may be deep
    while left:
        node = left.pop()
        if isinstance(node, Mapping):
            if str(node.get("op", "")).lower().startswith("s_"):
                return True
            left.extend(node.values())
        elif isinstance(node, list):
            left.extend(node)
    return False


def parse(text: str, language: str = TEXT_LANGUAGE, system: Coordinates = CRS84) -> Filter:
    """Parse a filter.

    Args:
        text: The filter.
        language: One of ``LANGUAGES``.
        system: Of its coordinates.

    Raises:
        ServiceError: It is no filter; says where.

    Example:
        >>> parse("name LIKE 'A%' AND area > 3").tree["op"]
        'and'
    """
    import cql2  # noqa: PLC0415 - only who filters needs it

    if len(text) > LONGEST:
        raise ServiceError("service.filter_long", most=LONGEST)
    _refuse_deep(text, language)
    try:
        parsed = cql2.parse_text(text) if language == TEXT_LANGUAGE else cql2.parse_json(text)
        return Filter(parsed.to_json(), system)
    except RecursionError as error:
        raise ServiceError("service.filter_deep", most=DEEPEST) from error
    except (cql2.ParseError, ValueError) as error:
        raise ServiceError("service.filter_wrong", reason=_where(str(error), text)) from error


def _refuse_deep(text: str, language: str) -> None:
    bare = (_QUOTED if language == TEXT_LANGUAGE else _JSON_TEXT).sub("", text)
    depth = deepest = 0
    for character in bare:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    most = DEEPEST if language == TEXT_LANGUAGE else 3 * DEEPEST
    negations = len(re.findall(r"\bnot\b", bare, re.IGNORECASE))
    steps = sum(bare.count(sign) for sign in "+-*/%^=<>")
    if deepest > most or negations > DEEPEST or steps > MOST_STEPS:
        raise ServiceError("service.filter_deep", most=DEEPEST)


def _where(message: str, text: str) -> str:
    """Where a parser stopped, in a few words."""
    found = re.search(r"--> (\d+):(\d+)", message)
    if found is None:
        return message[:160]
    line, place = text.split("\n")[int(found[1]) - 1 : int(found[1])], int(found[2])
    rest = (line[0][place - 1 : place + 20] if line else "") or "…"
    return f"{found[1]}:{place} “{rest}”"


class _Evaluation:
    """A filter held against a table."""

    def __init__(self, table: Table, system: Coordinates) -> None:
        self._table = table
        self._system = system

    def truth(self, node: Any) -> Truth:
        """What a condition says of each row."""
        if isinstance(node, bool):
            return Truth.always(node, self._table.count)
        if not isinstance(node, dict):
            raise ServiceError("service.filter_condition", value=_shown(node))
        if "property" in node:
            return scalars.flag_truth(self._table, node["property"])
        operation, arguments = str(node.get("op", "")), node.get("args", [])
        if not isinstance(arguments, list):
            raise ServiceError("service.filter_arguments", op=operation)
        name = operation.lower()
        if name in ("and", "or"):
            return self._joined(name, arguments)
        if name == "not" and len(arguments) == 1:
            return ~self.truth(arguments[0])
        known = self._conditions().get(name)
        if known is None:
            raise ServiceError("service.filter_operation", op=operation[:60])
        wanted, make = known
        if len(arguments) != wanted:
            raise ServiceError("service.filter_arguments", op=operation)
        return make(name, arguments)

    def _conditions(self) -> dict[str, tuple[int, Callable[[str, list[Any]], Truth]]]:
        return {
            **dict.fromkeys(COMPARED, (2, self._compared)),
            **dict.fromkeys(PREDICATES, (2, self._placed)),
            **dict.fromkeys(TIME_RELATIONS, (2, self._timed)),
            "like": (2, self._like),
            "between": (3, self._between),
            "in": (2, self._among),
            "isnull": (1, self._missing),
        }

    def _joined(self, name: str, arguments: list[Any]) -> Truth:
        if not arguments:
            raise ServiceError("service.filter_arguments", op=name)
        result = self.truth(arguments[0])
        for one in arguments[1:]:
            other = self.truth(one)
            result = result & other if name == "and" else result | other
        return result

    def _compared(self, name: str, arguments: list[Any]) -> Truth:
        left, right = (scalars.value(self._table, one) for one in arguments)
        if left is None or right is None:  # a bare truth such as ``a = (b > 3)``
            return self._truths_compared(name, arguments)
        return scalars.compared(self._table, COMPARED[name], left, right)

    def _truths_compared(self, name: str, arguments: list[Any]) -> Truth:
        if name not in ("=", "<>"):
            raise ServiceError("service.filter_condition", value=_shown(arguments))
        left, right = (self.truth(one) for one in arguments)
        same = (left & right) | (~left & ~right)
        return same if name == "=" else ~same

    def _like(self, _name: str, arguments: list[Any]) -> Truth:
        return scalars.like(self._table, *arguments)

    def _between(self, _name: str, arguments: list[Any]) -> Truth:
        value, low, high = arguments
        return self._compared(">=", [value, low]) & self._compared("<=", [value, high])

    def _among(self, _name: str, arguments: list[Any]) -> Truth:
        value, choices = arguments
        if not isinstance(choices, list) or not choices:
            raise ServiceError("service.filter_arguments", op="in")
        return self._joined("or", [{"op": "=", "args": [value, choice]} for choice in choices])

    def _missing(self, _name: str, arguments: list[Any]) -> Truth:
        node = arguments[0]
        if isinstance(node, dict) and node.get("property") == GEOMETRY:
            return Truth(~self._table.located, self._table.located)
        known = scalars.known(self._table, node)
        return Truth(~known, known)

    def _placed(self, name: str, arguments: list[Any]) -> Truth:
        sides = [self._geometry(one) for one in arguments]
        return related(self._table, name, sides[0], sides[1])

    def _geometry(self, node: Any) -> Any:
        """A geometry that the filter says, or None for that of the row."""
        if isinstance(node, dict) and "property" in node:
            if node["property"] != GEOMETRY:
                raise ServiceError("service.filter_no_geometry", name=str(node["property"])[:60])
            return None
        return literal_geometry(node, self._system)

    def _timed(self, name: str, arguments: list[Any]) -> Truth:
        sides = [
            span(self._table, one["interval"])
            if isinstance(one, dict) and "interval" in one
            else moments(self._table, one)
            for one in arguments
        ]
        return time_related(name, sides[0], sides[1])


def _shown(node: object) -> str:
    return json.dumps(node, ensure_ascii=False, default=str)[:60]
