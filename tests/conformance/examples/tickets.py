"""Orders of every kind that the exchange knows, for placing and previewing."""

from __future__ import annotations

from typing import Any

from tests.conformance.cast import Cast, market_order

GTC = "GoodTillCancel"


def limit(**changes: Any) -> dict[str, Any]:
    return market_order(Type="Limit", Price=60, TimeInforce=GTC) | changes


def stop_loss(**changes: Any) -> dict[str, Any]:
    return market_order(Type="Stop", Side="Sell", StopPrice=50, TimeInforce=GTC) | changes


def conditional(kind: str, *legs: dict[str, Any]) -> dict[str, Any]:
    return {"Symbol": "", "Type": kind, "TimeInforce": GTC, "Legs": list(legs)}


TAKE_PROFIT = limit(Side="Sell", Price=95)

TICKETS: tuple[dict[str, Any], ...] = (
    market_order(),
    limit(),
    stop_loss(),
    market_order(Type="StopLimit", StopPrice=90, Price=91, TimeInforce=GTC),
    stop_loss(Type="TrailingStop", TrailingStopAmountType="Persentage", TrailingStopAmount=5),
    stop_loss(
        Type="TrailingStopLimit", TrailingStopAmountType="Absolute", TrailingStopAmount=3,
        TrailingLimitAmountType="Absolute", TrailingLimitAmount=1,
    ),
    limit(TimeInforce="GoodTillDate", ExpireDate="2026-12-18T21:00:00Z"),
    limit(TimeInforce="ImmediateOrCancel", ExecInst="AllOrNone"),
    limit(Quantity=0.5),
    limit(TimeInforce="Day", ExtendedHours="ALL"),
    market_order(ExecInst="CashAmountOrder", Quantity=500, Price=500),
    market_order(Symbol="TSLA", Side="SellShort", Quantity=1),
    market_order(Symbol="NOPE"),
    conditional("OneCancelOther", TAKE_PROFIT, stop_loss()),
    conditional("OneTriggerOther", limit(), TAKE_PROFIT),
    conditional("OneTriggerOneCancelOther", limit(), TAKE_PROFIT, stop_loss()),
)  # fmt: skip


def spread(cast: Cast) -> dict[str, Any]:
    """Two calls of one expiry, bought and sold as one."""
    chain = cast.send("GET", "/options/optionChain/AAPL", filter="Range = 2")
    options = chain["Expirations"][0]["Options"]
    calls = [option["Symbol"] for option in options if option["OptionType"] == "Call"]
    legs = [
        {"Symbol": calls[0], "Side": "Buy", "Quantity": 1}, {"Symbol": calls[1], "Side": "SellShort", "Quantity": 1},
    ]  # fmt: skip
    return {"Symbol": "", "Type": "Limit", "Price": 1.5, "Quantity": 1, "TimeInforce": "Day", "Legs": legs}
