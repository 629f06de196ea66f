"""Workbooks of candles (.xlsx). The same candles give the same bytes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from xlsxwriter import Workbook

from sandbox.exchange.bars import Bars

TITLES = ("Date", "Open", "High", "Low", "Close", "Volume")
LONGEST_NAME = 31


@dataclass(frozen=True, slots=True)
class Sheet:
    """Candles of one security, and columns of indicators as long as they are; NaN is an empty cell."""

    symbol: str
    bars: Bars
    columns: dict[str, list[float]]


def workbook(sheets: list[Sheet], *, made_ms: int) -> bytes:
    """`made_ms`: when it says that it was made. Dates in the cells are UTC."""
    file = BytesIO()
    made = datetime.fromtimestamp(made_ms / 1000, UTC).replace(tzinfo=None, microsecond=0)
    with Workbook(file, {"in_memory": True, "nan_inf_to_errors": False}) as book:
        book.set_properties({"title": "Chart data", "created": made})
        date_format, bold = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(re.sub(r"\s+", " ", sheet.symbol)[:LONGEST_NAME])
            page.set_column(0, 0, 17, date_format)
            page.freeze_panes(1, 0)
            page.write_row(0, 0, (*TITLES, *sheet.columns), bold)
            for number, (time, opened, high, low, close, volume, _) in enumerate(sheet.bars.rows(), start=1):
                page.write_datetime(number, 0, datetime.fromtimestamp(time, UTC).replace(tzinfo=None), date_format)
                page.write_row(number, 1, (opened, high, low, close, volume))
            for place, values in enumerate(sheet.columns.values(), start=len(TITLES)):
                for number, value in enumerate(values, start=1):
                    if math.isfinite(value):
                        page.write_number(number, place, value)
    return file.getvalue()
