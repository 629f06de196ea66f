"""Quotes. REST has no quote endpoint: a quote comes with an order preview, later with the stream."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..wire import Fields


@dataclass(frozen=True)
class Quote:
    """Prices in USD per share; None where there is none."""

    symbol: str
    security_id: int | None
    last: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal | None
    ask_size: Decimal | None
    previous_close: Decimal | None
    low: Decimal | None  # of the day
    high: Decimal | None
    change: Decimal | None
    change_percent: Decimal | None
    day_volume: Decimal | None
    is_halted: bool
    at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            symbol=fields.text("Symbol"),
            security_id=fields.identity("SecurityId"),
            last=fields.price("Last"),
            bid=fields.price("Bid"),
            ask=fields.price("Ask"),
            bid_size=fields.number("BidSize"),
            ask_size=fields.number("AskSize"),
            previous_close=fields.price("PreviousClose"),
            low=fields.price("Low"),
            high=fields.price("High"),
            change=fields.number("Change"),
            change_percent=fields.number("ChangePc"),
            day_volume=fields.number("TotalDailyVolume"),
            is_halted=fields.flag("IsHalted"),
            at=fields.moment("Timestamp") or fields.moment("Date"),
        )
