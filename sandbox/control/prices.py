"""What a person says about a price, understood."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.exchange.market import Market
from sandbox.exchange.prices import Override
from sandbox.exchange.securities import find_security

HIGHEST = Decimal(1_000_000)


def read_override(market: Market, symbol: str, change: dict[str, Any] | None) -> Override:
    """The override of {"last", "bid", "ask", "hold": true}, or the release (None). Raises ValueError."""
    security = find_security(symbol)
    if security is None:
        raise ValueError(f"no such symbol: {symbol}")
    now = market.now_ms()
    if change is None:
        return Override(security.symbol, now)
    if unknown := set(change) - {"last", "bid", "ask", "hold"}:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    prices = {name: _price(change[name], security.tick) for name in ("last", "bid", "ask") if change.get(name)}
    if not prices:
        raise ValueError("give last, bid or ask")
    bid, ask = prices.get("bid"), prices.get("ask")
    if bid and ask and bid > ask:
        raise ValueError("the bid is above the ask")
    last = prices.get("last") or bid or ask
    assert last is not None  # noqa: S101 - one of the three is there
    return market.tape.override_price(
        security.symbol, at_ms=now, last=last, bid=bid, ask=ask, hold=bool(change.get("hold", True))
    )


def _price(raw: object, tick: Decimal) -> Decimal:
    try:
        price = Decimal(str(raw))
        if not 0 < price <= HIGHEST or price % tick:
            raise ValueError(f"{raw} is not a positive multiple of {tick}")
    except InvalidOperation:
        raise ValueError(f"{raw} is not a price") from None
    return price
