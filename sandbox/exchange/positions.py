"""Positions: what a trade or an expiration does to the shares of an account."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents


@dataclass(frozen=True, slots=True)
class Trade:
    """Shares or contracts that come (positive) or go (negative) for `value` USD, which is never negative."""

    account_id: int
    symbol: str
    change: Decimal
    value: Decimal
    at_ms: int
    expires_ms: int | None = None


def move_shares(market: Market, trade: Trade) -> Decimal:
    """Change the position; what is closed by it realizes a profit or a loss against the average cost, which is
    returned. Commissions are not counted.

    One security is never long and short at once: what goes beyond closing opens the other side.
    """
    row = market.state.row(
        "SELECT * FROM position WHERE account_id = ? AND symbol = ?", trade.account_id, trade.symbol
    )
    if row is None:
        cost = trade.value if trade.change > 0 else -trade.value
        market.state.insert(
            "position", account_id=trade.account_id, symbol=trade.symbol, quantity=trade.change, cost=cost,
            create_ms=trade.at_ms, modify_ms=trade.at_ms, expires_ms=trade.expires_ms,
        )  # fmt: skip
        return ZERO
    quantity, cost = row["quantity"], row["cost"]
    closing = min(abs(trade.change), abs(quantity)) if quantity * trade.change < 0 else ZERO
    value_of_closing = (
        trade.value if closing == abs(trade.change) else cents(trade.value * closing / abs(trade.change))
    )
    cost_of_closed = (
        ZERO if not closing else cost if closing == abs(quantity) else cents(cost * closing / abs(quantity))
    )
    opened_value = trade.value - value_of_closing
    # A short position's cost is negative: it was paid for by its sale, and costs what covering it takes.
    paid_or_got = value_of_closing if quantity > 0 else -value_of_closing
    realized: Decimal = paid_or_got - cost_of_closed if closing else ZERO
    market.state.db.execute(
        "UPDATE position SET quantity = ?, cost = ?, realized = ?, closed_quantity = ?, closed_value = ?,"
        " modify_ms = ? WHERE id = ?",
        (
            quantity + trade.change, cost - cost_of_closed + (opened_value if trade.change > 0 else -opened_value),
            row["realized"] + realized, row["closed_quantity"] + closing, row["closed_value"] + value_of_closing,
            trade.at_ms, row["id"],
        ),
    )  # fmt: skip
    return realized
