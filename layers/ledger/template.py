"""A sheet to fill in, for chosen indicators, places and periods; what it looks like is what `sheet.preview` reads."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from layers.ledger.errors import LedgerError
from layers.ledger.grid import MOST_COLUMNS, MOST_ROWS
from layers.ledger.names import Quantity, Spot
from layers.model.errors import word
from layers.model.period import Period


def template(
    title: str, quantities: Sequence[Quantity], spots: Sequence[Spot], periods: Sequence[str], lang: str = "zh"
) -> bytes:
    """An XLSX workbook: a row for each place, a column for each indicator and period, its unit in the heading.

    Args:
        title: Stands above the table.
        quantities: The indicators.
        spots: The places.
        periods: Codes of periods.
        lang: Language of names.

    Raises:
        LedgerError: ``sheet.template_empty``, ``sheet.too_many``; `LayersError` ``ledger.period``.
    """
    import xlsxwriter  # noqa: PLC0415 - for workbooks only

    if not (quantities and spots and periods):
        raise LedgerError("sheet.template_empty")
    columns = len(quantities) * len(periods) + 1
    if columns > MOST_COLUMNS or len(spots) > MOST_ROWS - 4:
        raise LedgerError("sheet.too_many", file=title, rows=len(spots), columns=columns, most=MOST_COLUMNS)
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1})
    cell, head = book.add_format({"border": 1}), book.add_format({"bold": True, "font_size": 14, "align": "center"})
    sheet = book.add_worksheet(word("sheet.template.sheet", lang))
    sheet.merge_range(0, 0, 0, columns - 1, title, head) if columns > 1 else sheet.write_string(0, 0, title, head)
    sheet.merge_range(1, 0, 2, 0, word("sheet.template.place", lang), bold)
    for at, one in enumerate(quantities):
        named = (one.name_en if lang == "en" else "") or one.name
        label = f"{named}（{one.unit}）" if one.unit not in ("", "—") else named
        first = 1 + at * len(periods)
        if len(periods) > 1:
            sheet.merge_range(1, first, 1, first + len(periods) - 1, label, bold)
        else:
            sheet.write_string(1, first, label, bold)
        for number, period in enumerate(periods):
            sheet.write_string(2, first + number, Period.of(period).text("zh"), bold)
    for row, spot in enumerate(spots, start=3):
        sheet.write_string(row, 0, (spot.name_en if lang == "en" else "") or spot.name, cell)
        for column in range(1, columns):
            sheet.write_blank(row, column, None, cell)
    sheet.write_string(len(spots) + 4, 0, word("sheet.template.source", lang))
    _layout(sheet, columns)
    book.close()
    return stream.getvalue()


def _layout(sheet: Any, columns: int) -> None:
    sheet.freeze_panes(3, 1)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, columns - 1, 14)
    sheet.set_row(1, 48)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
