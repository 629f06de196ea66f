"""Charts: what to draw, and the candles and indicator lines that come back. Source: API.md 5.6."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import CandlePeriod, CandleRange
from ..wire import Fields, write_seconds


@dataclass(frozen=True, kw_only=True)
class ChartSpan:
    """Which candles. Without dates the last `count` of them, or as many as `range` reaches back."""

    period: CandlePeriod = CandlePeriod.DAY
    since: datetime | None = None
    until: datetime | None = None
    count: int | None = None
    range: CandleRange | None = None
    with_extended_hours: bool = False

    @property
    def reach(self) -> CandleRange:
        if self.range is not None:
            return self.range
        return CandleRange.BETWEEN_DATES if self.since else CandleRange.LAST_CANDLES

    def to_wire(self) -> dict[str, Any]:
        """Whole, since the vendor's server fails on a member that is missing."""
        return {
            "StartDate": write_seconds(self.since) if self.since else 0,
            "EndDate": write_seconds(self.until) if self.until else 0,
            "CandlesCount": -1 if self.count is None else self.count,
            "Period": self.period,
            "Interval": int(self.reach),
            "IncludeNonMarketData": self.with_extended_hours,
        }


@dataclass(frozen=True)
class Indicator:
    """A line below or over a chart: Indicator("MACD", (12, 26, 9)). Names and samples are in API.md 5.6."""

    name: str
    arguments: tuple[int | Decimal, ...] = ()

    def to_wire(self, span: ChartSpan) -> dict[str, Any]:
        flag = str(span.with_extended_hours).lower()
        signature = "|".join((self.name, span.period, flag, *map(str, self.arguments)))
        return span.to_wire() | {"Signature": signature, "Offset": 0}


@dataclass(frozen=True)
class Candle:
    """Prices in USD. `opens_at` is the start of the candle; some answers give a single price, which is all four."""

    opens_at: datetime | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    volume: Decimal
    is_market: bool  # within regular hours

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        close = fields.price("Close") or fields.price("Price")
        return cls(
            opens_at=fields.seconds("Time") or fields.moment("DateTime"),
            open=fields.price("Open") or close,
            high=fields.price("High") or close,
            low=fields.price("Low") or close,
            close=close,
            volume=fields.amount("Volume"),
            is_market=fields.flag("IsMarket", absent=True),
        )


@dataclass(frozen=True)
class IndicatorPoint:
    """A moment of an indicator; MACD, for one, has three values: itself, its signal and their difference."""

    at: datetime | None
    values: tuple[Decimal, ...]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(at=fields.seconds("Date"), values=fields.decimals("Values"))


@dataclass(frozen=True)
class Chart:
    """Candles oldest first, indicator lines in the order in which they were asked for, each oldest first."""

    candles: tuple[Candle, ...]
    indicators: tuple[tuple[IndicatorPoint, ...], ...]
    support: Decimal | None
    resistance: Decimal | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        series = fields.row_lists("SecurityHistory", Candle.from_wire)
        lines = fields.row_lists("IndicatorsHistory", IndicatorPoint.from_wire)
        levels = Fields(fields.mapping("SupportResistanceHistory"))
        return cls(
            candles=series[0] if series else (),
            indicators=tuple(tuple(sorted(line, key=_moment)) for line in lines),
            support=levels.price("SupportPrice"),
            resistance=levels.price("ResistancePrice"),
        )


def _moment(point: IndicatorPoint) -> float:
    return point.at.timestamp() if point.at else 0.0


@dataclass(frozen=True, kw_only=True)
class ChartExport:
    """A chart as a workbook. Securities by id here."""

    security_ids: tuple[int, ...]
    span: ChartSpan
    indicators: tuple[Indicator, ...] = ()
    file_name: str = "history"

    def to_wire(self) -> dict[str, Any]:
        span: Mapping[str, Any] = self.span.to_wire()
        return {
            "Securities": list(self.security_ids),
            "Indicators": [
                {"Text": one.name, "Name": one.name, "Type": one.name, "Args": list(one.arguments)}
                for one in self.indicators
            ],
            "TimeFrame": {name: value for name, value in span.items() if name != "Interval"},
            "DefaultFileName": self.file_name,
        }


def series_of(payload: Any) -> tuple[Candle, ...]:
    """One security's candles within the answer to a comparison."""
    return tuple(Candle.from_wire(row) for row in payload) if isinstance(payload, list) else ()
