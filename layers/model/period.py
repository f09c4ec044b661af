"""Periods that a value is of: a year, a quarter, a month; written so that they sort and mean one thing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import total_ordering

from layers.model.errors import LayersError, word

FIRST_YEAR, LAST_YEAR = 1900, 2200
_CODE = re.compile(r"(\d{4})(?:Q([1-4])|-(0[1-9]|1[0-2]))?")
_YEAR = re.compile(r"(\d{4})年?(?:度|全年)?")
_QUARTER = re.compile(r"(\d{4})(?:年|-|/|\.)?(?:第?([一二三四1-4])季度?|[Qq]([1-4]))")
_MONTH = re.compile(r"(\d{4})(?:年|-|/|\.)(0?[1-9]|1[0-2])月?(?:份)?")
_QUARTERS = {name: number for names in ("一二三四", "1234") for number, name in enumerate(names, start=1)}


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A year, one of its quarters or one of its months.

    Attributes:
        year: The year.
        quarter: 1 to 4, or None.
        month: 1 to 12, or None.

    Example:
        >>> Period.read("2023年二季度").code, Period.read("2023.7月").code, Period.read("２０２３").code
        ('2023Q2', '2023-07', '2023')
        >>> Period.read("2023Q2").text("zh"), Period.read("2023-07").text("en")
        ('2023年2季度', '2023, month 7')
    """

    year: int
    quarter: int | None = None
    month: int | None = None

    @classmethod
    def of(cls, code: str) -> Period:
        """The period that a code names: ``2023``, ``2023Q2``, ``2023-07``.

        Raises:
            LayersError: ``ledger.period``: it names none.
        """
        found = _CODE.fullmatch(code) if code.isascii() else None
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise LayersError("ledger.period", value=code[:40])
        return cls(int(found[1]), int(found[2]) if found[2] else None, int(found[3]) if found[3] else None)

    @classmethod
    def read(cls, text: str) -> Period:
        """The period that a heading or a cell names, as people write it.

        Raises:
            LayersError: ``ledger.period``: it names none.
        """
        plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))[:40]
        if found := _QUARTER.fullmatch(plain):
            return cls.of(f"{found[1]}Q{_QUARTERS.get(found[2]) or found[3]}")
        if found := _MONTH.fullmatch(plain):
            return cls.of(f"{found[1]}-{int(found[2]):02}")
        if found := _YEAR.fullmatch(plain):
            return cls.of(found[1])
        return cls.of(plain)

    @property
    def code(self) -> str:
        """As it is stored and stands in addresses."""
        if self.quarter is not None:
            return f"{self.year:04}Q{self.quarter}"
        return f"{self.year:04}" if self.month is None else f"{self.year:04}-{self.month:02}"

    @property
    def whole(self) -> bool:
        """Whether it is a whole year."""
        return self.quarter is None and self.month is None

    def text(self, lang: str) -> str:
        """In a reader's words."""
        if self.quarter is not None:
            return word("period.quarter", lang, year=self.year, quarter=self.quarter)
        if self.month is not None:
            return word("period.month", lang, year=self.year, month=self.month)
        return word("period.year", lang, year=self.year)

    def __lt__(self, other: Period) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[int, int, int]:
        """By when it ends, the longer one later: the year after its last quarter, that after its last month."""
        length = 2 if self.whole else 1 if self.quarter else 0
        return self.year, self.month or (self.quarter or 4) * 3, length
