"""A finished sheet of paper, whatever is drawn on it, and the same in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """What a figure shows, for those who cannot see it.

    Attributes:
        summary: What a reader would see: the greatest, the least, the range, and where; or what is on the map.
        columns: Headings of the table.
        rows: Its rows, each as long as the headings.
    """

    summary: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def records(self) -> list[dict[str, str]]:
        """The rows by heading.

        Example:
            >>> Account("", ("name", "km"), (("G60", "3"),)).records()
            [{'name': 'G60', 'km': '3'}]
        """
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Plate:
    """A finished sheet.

    Attributes:
        svg: All of it.
        width_mm: Of the sheet.
        height_mm: Likewise.
        title: What it is called.
        summary: What it shows, in a sentence, for those who cannot see it.
        account: The same at length, with the table that is worth as much as the picture.
    """

    svg: str
    width_mm: float
    height_mm: float
    title: str
    summary: str
    account: Account = field(default_factory=Account, kw_only=True)
