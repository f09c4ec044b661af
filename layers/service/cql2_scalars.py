"""Texts, numbers, truths and times in filters: columns, literals, arithmetic, and how they compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.service.columns import DATE, FLAG, TEXT, TIME, Column, Flags
from layers.service.cql2_times import instant
from layers.service.errors import ServiceError
from layers.service.kleene import Truth
from layers.service.table import GEOMETRY, Table

_NUMBERS, _TIMES = "a number", "a time"
MOST_LETTERS = 500
"""Characters of a pattern at most: what ``%`` may stand for is tried out."""


@dataclass(frozen=True)
class Value:
    """What stands in a filter: one for each row, or the same for all.

    Attributes:
        sort: ``text``, ``number``, ``flag`` or ``time``.
        column: A column of texts, whose words may have been folded.
        text: A text that is the same for all rows.
        numbers: Numbers, truths as 0 and 1, or milliseconds.
        known: Where there is one.
    """

    sort: str
    column: Column | None = None
    text: str | None = None
    numbers: NDArray[Any] | float | None = None
    known: Flags | bool = True


_SORTS = {TEXT: "text", FLAG: "flag", DATE: "time", TIME: "time"}


def column_of(table: Table, name: object) -> Column:
    """A column of the table.

    Raises:
        ServiceError: ``service.filter_property`` names those that there are.
    """
    found = table.columns.get(str(name))
    if found is None:
        raise ServiceError("service.filter_property", name=str(name)[:60], known=[*table.columns, GEOMETRY])
    return found


def flag_truth(table: Table, name: object) -> Truth:
    """A column of truths as a condition."""
    column = column_of(table, name)
    if column.kind != FLAG:
        raise ServiceError("service.filter_condition", value=str(name)[:60])
    return Truth.of(column.values == 1, column.known)


def value(table: Table, node: Any) -> Value | None:
    """What a node stands for; None when it is a condition.

    Raises:
        ServiceError: It is nothing that can be compared.
    """
    if isinstance(node, bool):
        return Value("flag", numbers=float(node))
    if isinstance(node, int | float):
        if not np.isfinite(node):
            raise ServiceError("service.filter_number")
        return Value("number", numbers=float(node))
    if isinstance(node, str):
        return Value("text", text=node)
    if not isinstance(node, dict):
        raise ServiceError("service.filter_value", value=str(node)[:60])
    if "property" in node:
        return _of_column(column_of(table, node["property"]))
    if "date" in node or "timestamp" in node:
        return Value("time", numbers=instant(node))
    operation = str(node.get("op", "")).lower()
    if operation in _FOLDED:
        return _folded(table, operation, node.get("args", []))
    if operation in _COUNTED:
        return _counted(table, operation, node.get("args", []))
    return None


def sort_of(column: Column) -> str:
    """What a column holds: ``text``, ``number``, ``flag`` or ``time``."""
    return _SORTS.get(column.kind, "number")


def _of_column(column: Column) -> Value:
    sort = sort_of(column)
    if sort == "text":
        return Value(sort, column=column, known=column.known)
    return Value(sort, numbers=column.values, known=column.known)


def known(table: Table, node: Any) -> Flags:
    """The rows where something is known."""
    found = value(table, node)
    if found is None:
        raise ServiceError("service.filter_arguments", op="isNull")
    return np.broadcast_to(np.asarray(found.known), (table.count,))


# ---- folding: letters of another case, and with marks, as the same


def without_case(text: str) -> str:
    """A text in which capitals are as small letters.

    Example:
        >>> without_case("Straße") == without_case("STRASSE")
        True
    """
    return text.casefold()


def without_marks(text: str) -> str:
    """A text in which letters with marks are as those without.

    Example:
        >>> without_marks("Çanakkale é")
        'Canakkale e'
    """
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in parts if not unicodedata.combining(one)))


_FOLDED: dict[str, Callable[[str], str]] = {"casei": without_case, "accenti": without_marks}


def fold_of(node: Any) -> Callable[[str], str] | None:
    """How a node folds the text in it; None where it is of another sort."""
    return _FOLDED.get(str(node.get("op", "")).lower()) if isinstance(node, dict) else None


def _folded(table: Table, operation: str, arguments: Any) -> Value:
    inner = value(table, arguments[0]) if isinstance(arguments, list) and len(arguments) == 1 else None
    if inner is None or inner.sort != "text":
        raise ServiceError("service.filter_arguments", op=operation)
    fold = _FOLDED[operation]
    if inner.text is not None:
        return replace(inner, text=fold(inner.text))
    assert inner.column is not None  # noqa: S101 - a text is a literal or a column
    words = np.empty(len(inner.column.words), dtype=object)
    words[:] = [fold(word) for word in inner.column.words]
    return replace(inner, column=replace(inner.column, words=words, ordered=False))


# ---- arithmetic


def _whole(left: Any, right: Any) -> Any:
    return np.trunc(np.divide(left, right))


_COUNTED: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.fmod, "div": _whole, "^": np.power,
}  # fmt: skip


def _counted(table: Table, operation: str, arguments: Any) -> Value:
    sides = [value(table, one) for one in arguments] if isinstance(arguments, list) else []
    if len(sides) != 2 or any(one is None or one.sort != "number" for one in sides):
        raise ServiceError("service.filter_arguments", op=operation)
    left, right = sides
    assert left is not None  # noqa: S101
    assert right is not None  # noqa: S101
    with np.errstate(all="ignore"):
        result = _COUNTED[operation](np.asarray(left.numbers, dtype=float), np.asarray(right.numbers, dtype=float))
    # What has no result, such as a division by nothing, is unknown.
    return Value("number", numbers=result, known=np.asarray(left.known) & right.known & np.isfinite(result))


# ---- comparing


def compared(table: Table, compare: Callable[[Any, Any], Any], left: Value, right: Value) -> Truth:
    """How two values compare, row by row.

    Raises:
        ServiceError: They are of different sorts.
    """
    if left.sort != right.sort:
        left, right = as_time(left, right.sort), as_time(right, left.sort)
    if left.sort != right.sort:
        raise ServiceError("service.filter_sorts", left=left.sort, right=right.sort)
    count = table.count
    both = np.broadcast_to(np.asarray(left.known) & right.known, (count,))
    if left.sort != "text":
        return Truth.of(np.broadcast_to(compare(left.numbers, right.numbers), (count,)), both)
    if left.column is not None and right.text is not None:
        return Truth.of(_against(left.column, compare, right.text), both)
    if right.column is not None and left.text is not None:
        return Truth.of(_against(right.column, _TURNED.get(compare, compare), left.text), both)
    if left.text is not None:
        return Truth.of(np.full(count, bool(compare(left.text, right.text))), both)
    assert left.column is not None  # noqa: S101
    assert right.column is not None  # noqa: S101
    found = np.zeros(count, dtype=bool)
    found[both] = compare(left.column.texts()[both], right.column.texts()[both])
    return Truth.of(found, both)


_TURNED: Mapping[Callable[[Any, Any], Any], Callable[[Any, Any], Any]] = {
    np.less: np.greater, np.greater: np.less, np.less_equal: np.greater_equal, np.greater_equal: np.less_equal,
}  # fmt: skip
"""What holds the other way round."""


def _against(column: Column, compare: Callable[[Any, Any], Any], text: str) -> Flags:
    """How the words of a column compare with a text: by their places where they stand in order."""
    if not column.ordered:
        return column.where(lambda word: bool(compare(word, text)))
    first, behind = column.span(text)
    if compare in (np.equal, np.not_equal):
        same = column.equal(text)
        return same if compare is np.equal else ~same & column.known
    # Words before the text have places below the first, those up to it below the one behind.
    found: Flags = compare(column.values, first if compare in (np.less, np.greater_equal) else behind - 1)
    return found


def as_time(one: Value, beside: str) -> Value:
    """A text beside a time is a time: JSON filters may write them so."""
    if beside == "time" and one.text is not None:
        return Value("time", numbers=instant(one.text))
    return one


def like(table: Table, node: Any, pattern: Any) -> Truth:
    r"""Texts that fit a pattern: ``%`` stands for any characters, ``_`` for one, after ``\`` either is itself.

    Raises:
        ServiceError: It is not a text that is compared, or not one it is compared with.
    """
    left, right = value(table, node), value(table, pattern)
    if left is None or right is None or left.sort != "text" or right.text is None:
        raise ServiceError("service.filter_arguments", op="like")
    if len(right.text) > MOST_LETTERS:
        raise ServiceError("service.filter_long", most=MOST_LETTERS)
    fits = pattern_test(right.text)
    if left.text is not None:
        return Truth.always(fits(left.text), table.count)
    assert left.column is not None  # noqa: S101
    return Truth.of(left.column.where(fits), left.column.known)


def pattern_test(pattern: str) -> Callable[[str], bool]:
    """A test of texts by a pattern of LIKE, in time that grows with the text only.

    Example:
        >>> fits = pattern_test("a_c%")
        >>> fits("abcd"), fits("a.c"), fits("ac")
        (True, True, False)
    """
    parts: list[str] = [""]
    for found in re.finditer(r"\\(.)|(.)", pattern, re.DOTALL):
        if found[2] == "%":
            parts.append("")
        else:
            parts[-1] += "." if found[2] == "_" else re.escape(found[1] or found[2])
    if len(parts) == 1:
        whole = re.compile(parts[0], re.DOTALL)
        return lambda text: whole.fullmatch(text) is not None
    # Pieces between the % are found one after the other, each as early as it may be: nothing is tried twice.
    first, *middle, last = (re.compile(part, re.DOTALL) for part in parts)
    ending = re.compile(f"(?:{parts[-1]})\\Z", re.DOTALL)
    length = len(re.findall(r"\\.|.", parts[-1], re.DOTALL))

    def fits(text: str) -> bool:
        at = first.match(text)
        if at is None:
            return False
        place = at.end()
        for piece in middle:
            at = piece.search(text, place)
            if at is None:
                return False
            place = at.end()
        start = len(text) - length
        return start >= place and (not last.pattern or ending.match(text, start) is not None)

    return fits
