"""client.history: charts of the past. Source: API.md 5.6. Reads, though their verbs are PUT and POST."""

from collections.abc import Sequence

from .models import Candle, Chart, ChartExport, ChartSpan, Indicator
from .models.charts import series_of
from .transport import Transport


class History:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def candles(self, symbol: str, span: ChartSpan, *, indicators: Sequence[Indicator] = ()) -> Chart:
        """Candles of a ticker, and lines of indicators over the same span. PUT /history/symbols. Raises Conflict."""
        body = {
            "Security": {"Symbol": symbol},
            "SecurityHistorySettings": span.to_wire(),
            "IndicatorsHistorySettings": [indicator.to_wire(span) for indicator in indicators],
        }
        return self._transport.read("/history/symbols", Chart.from_wire, method="PUT", body=body)

    def compare(self, symbols: Sequence[str], span: ChartSpan) -> dict[str, tuple[Candle, ...]]:
        """Candles of several tickers over the same span. PUT /history/compare. Raises Conflict."""
        body = {
            "Securities": [{"Symbol": symbol} for symbol in symbols],
            "SecuritiesHistorySettings": span.to_wire(),
        }
        series = self._transport.read_all("/history/compare", series_of, method="PUT", body=body)
        return dict(zip(symbols, series, strict=False))

    def export(self, export: ChartExport) -> bytes:
        """The same as a workbook, the bytes of an .xlsx file. POST /history/export"""
        return self._transport.read_file("/history/export", method="POST", body=export.to_wire())
