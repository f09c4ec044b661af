"""A table's columns as arrays: what filters, orders and encodes features without a Python object for each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.model.tables import MEASURES
from layers.service.words import Words

TEXT, NUMBER, INTEGER, FLAG, DATE, TIME = "text", "number", "integer", "flag", "date", "time"
FEW_WORDS = 4096
"""Columns with at most so many different texts have them as objects, and keep them encoded."""

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
_ALL = slice(None)


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: What it is called.
        kind: One of the constants above.
        values: Numbers, milliseconds since 1970 (UTC) of dates and times, 0 or 1; of a text the place of its word.
        known: Where it holds something.
        words: The different texts; empty for other kinds.
        ordered: Whether they are in the order of their code points.
    """

    name: str
    kind: str
    values: NDArray[Any]
    known: Flags
    words: NDArray[np.object_] | Words
    ordered: bool = True

    def texts(self, rows: slice = _ALL) -> NDArray[np.object_]:
        """The text of each row, None where there is none."""
        values, known = self.values[rows], self.known[rows]
        found = np.full(len(values), None, dtype=object)
        found[known] = self.words[values[known]]
        return found

    def where(self, test: Callable[[str], bool]) -> Flags:
        """The rows whose text passes a test, which is asked once for each different text."""
        passed = np.fromiter((test(word) for word in self.words), dtype=bool, count=len(self.words))
        found: Flags = passed[self.values] & self.known
        return found

    def span(self, text: str) -> tuple[int, int]:
        """The first word, of ordered ones, that is not before a text, and the first that is behind it."""
        return bisect_left(self.words, text), bisect_right(self.words, text)

    def equal(self, text: str) -> Flags:
        """The rows that hold just this text; of ordered words."""
        first, behind = self.span(text)
        found: Flags = (self.values == first) & self.known if behind > first else np.zeros(len(self.values), dtype=bool)
        return found

    def plain(self, row: int) -> Any:
        """A cell as JSON has it."""
        if not self.known[row]:
            return None
        if self.kind == TEXT:
            return self.words[self.values[row]]
        if self.kind == FLAG:
            return bool(self.values[row])
        if self.kind in (DATE, TIME):
            return moment(int(self.values[row]), self.kind)
        return self.values[row].item()

    def plains(self, rows: slice = _ALL) -> list[Any]:
        """Cells, row by row, as JSON has them."""
        if self.kind == TEXT:
            return list(self.texts(rows))
        values = self.values[rows]
        if self.kind == FLAG:
            values = values.astype(bool)
        cells = [moment(one, self.kind) for one in values.tolist()] if self.kind in (DATE, TIME) else values.tolist()
        known = self.known[rows]
        return (
            cells if known.all() else [cell if one else None for cell, one in zip(cells, known.tolist(), strict=True)]
        )

    def ranks(self) -> NDArray[Any]:
        """Numbers in whose order the rows stand; those without a value come last."""
        wide = self.values.astype(float if self.values.dtype.kind == "f" else np.int64)
        last = np.inf if wide.dtype.kind == "f" else np.iinfo(np.int64).max
        return np.where(self.known, wide, last)

    def parts(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What it is made of: what JSON can say, and arrays; `unpacked` makes it again."""
        told: dict[str, Any] = {"name": self.name, "kind": self.kind}
        arrays: dict[str, NDArray[Any]] = {"values": self.values}
        if not self.known.all():
            arrays["known"] = self.known
        if isinstance(self.words, Words):
            arrays |= {"data": self.words.data, "starts": self.words.starts}
        else:
            told["words"] = self.words.tolist()
        return told, arrays


def unpacked(told: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Column:
    """A column of its parts."""
    values = arrays["values"]
    known = arrays.get("known")
    words = _objects(told["words"]) if "words" in told else Words(arrays["data"], arrays["starts"])
    return Column(told["name"], told["kind"], values, everywhere(len(values)) if known is None else known, words)


def everywhere(count: int) -> Flags:
    """True for each row, in no room."""
    return np.broadcast_to(np.True_, (count,))


def _objects(texts: list[str]) -> NDArray[np.object_]:
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found


def moment(milliseconds: int, kind: str) -> str:
    """A date or time in RFC 3339.

    Example:
        >>> moment(0, DATE), moment(1500, TIME)
        ('1970-01-01', '1970-01-01T00:00:01.500Z')
    """
    stamp = str(np.datetime64(milliseconds, "ms"))
    return stamp[:10] if kind == DATE else f"{stamp.removesuffix('.000')}Z"


def column(name: str, series: pd.Series) -> Column | None:
    """A column of a frame; None when it holds nothing, or nothing that a service could give out."""
    if pd.api.types.is_bool_dtype(series.dtype):
        known = series.notna().to_numpy()
        return Column(name, FLAG, series.to_numpy(dtype=float, na_value=0).astype(np.uint8), known, _no_words())
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return _times(name, series)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return _numbers(name, series)
    return _texts(name, series)


def _no_words() -> NDArray[np.object_]:
    return np.empty(0, dtype=object)


def _numbers(name: str, series: pd.Series) -> Column | None:
    whole = pd.api.types.is_integer_dtype(series.dtype)
    values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(values)
    if not known.any():
        return None
    if name in MEASURES:
        values = np.round(values, MEASURES[name])
    if whole and known.all():
        return Column(name, INTEGER, series.to_numpy(dtype=np.int64), known, _no_words())
    return Column(name, INTEGER if whole else NUMBER, values, known, _no_words())


def _times(name: str, series: pd.Series) -> Column | None:
    utc = pd.to_datetime(series, utc=True)
    known = utc.notna().to_numpy()
    if not known.any():
        return None
    stamps = utc.dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    whole_days = bool((stamps[known] % 86_400_000 == 0).all())
    return Column(name, DATE if whole_days else TIME, np.where(known, stamps, 0), known, _no_words())


def _texts(name: str, series: pd.Series) -> Column | None:
    cells = series.astype(object)
    cells = cells.where(cells.notna() & (cells != ""), None)
    if cells.map(lambda cell: not isinstance(cell, str) and cell is not None).any():
        cells = cells.map(lambda cell: None if cell is None else str(cell))
    codes, words = pd.factorize(cells, sort=True)
    known = codes >= 0
    if not known.any():
        return None
    texts = _objects(list(words))
    kept = Words(*Words.packed(texts)) if len(texts) > FEW_WORDS else texts
    values = np.where(known, codes, 0).astype(np.min_scalar_type(len(texts)))
    return Column(name, TEXT, values, everywhere(len(values)) if known.all() else known, kept)
