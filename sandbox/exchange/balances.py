"""What an account holds and what it is worth: positions at market, and the vendor's map of balances.

Source of the relations: the vendor's balance reference (API fact sheet 5.3.2), checked against its sample figures.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.exchange.calendar import previous_close_ms
from sandbox.exchange.market import Market
from sandbox.exchange.money import CENT, ZERO, cents, rounded
from sandbox.exchange.securities import SECURITIES, Security

# The part of a purchase that the account itself must carry.
MARGIN_RATES = {"Margin": Decimal("0.5"), "DayTrader": Decimal("0.5")}
FULLY_PAID = Decimal(1)
NO_TRADES = (ZERO, ZERO)


def margin_rate(account: sqlite3.Row) -> Decimal:
    return MARGIN_RATES.get(account["margin_type"], FULLY_PAID)


@dataclass(frozen=True, slots=True)
class Holding:
    """A position at market. Values in USD; `day_quantity` is bought minus sold since the previous close."""

    row: sqlite3.Row
    security: Security
    last: Decimal
    previous_close: Decimal
    day_quantity: Decimal
    realized_today: Decimal

    @property
    def quantity(self) -> Decimal:
        return Decimal(self.row["quantity"])

    @property
    def cost(self) -> Decimal:
        return Decimal(self.row["cost"])

    @property
    def market_value(self) -> Decimal:
        return cents(self.quantity * self.last)

    @property
    def unrealized(self) -> Decimal:
        return self.market_value - self.cost

    @property
    def quantity_at_close(self) -> Decimal:
        return self.quantity - self.day_quantity

    @property
    def average_open(self) -> Decimal:
        return rounded(self.cost / self.quantity, 4) if self.quantity else ZERO

    @property
    def average_close(self) -> Decimal:
        closed = Decimal(self.row["closed_quantity"])
        return rounded(Decimal(self.row["closed_value"]) / closed, 4) if closed else ZERO


def holdings(market: Market, account_id: int, at_ms: int) -> list[Holding]:
    """Open positions, and those that were closed in the session of `at_ms`, in order of their ids."""
    day_starts = previous_close_ms(at_ms)
    rows = market.state.rows(
        "SELECT position.*, margin_type FROM position JOIN account ON account.id = account_id"
        " WHERE account_id = ? ORDER BY position.id",
        account_id,
    )
    today = _trades_since(market, account_id, day_starts)
    return [
        _at_market(market, row, today.get(row["symbol"], NO_TRADES), at_ms)
        for row in rows
        if row["quantity"] or row["modify_ms"] >= day_starts
    ]


def _trades_since(market: Market, account_id: int, from_ms: int) -> dict[str, tuple[Decimal, Decimal]]:
    """Per symbol: shares bought minus sold, and profit or loss realized in USD."""
    rows = market.state.rows(
        "SELECT symbol, side, quantity, realized FROM execution WHERE account_id = ? AND at_ms >= ?",
        account_id,
        from_ms,
    )
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        quantity, realized = sums.get(row["symbol"], NO_TRADES)
        signed = row["quantity"] if row["side"] == "Buy" else -row["quantity"]
        sums[row["symbol"]] = quantity + signed, realized + row["realized"]
    return sums


def _at_market(market: Market, row: sqlite3.Row, today: tuple[Decimal, Decimal], at_ms: int) -> Holding:
    symbol = row["symbol"]
    return Holding(
        row=row,
        security=SECURITIES[symbol],
        last=market.tape.quote(symbol, at_ms).last,
        previous_close=market.tape.previous_close(symbol, at_ms),
        day_quantity=today[0],
        realized_today=today[1],
    )


@dataclass(frozen=True, slots=True)
class Worth:
    """The figures behind the balance map, all in USD."""

    cash: Decimal
    market_value: Decimal
    maintenance: Decimal
    pending: Decimal
    pending_orders: int
    open_pl: Decimal
    closed_pl: Decimal
    change: Decimal
    rate: Decimal

    @property
    def equity(self) -> Decimal:
        return self.cash + self.market_value

    @property
    def excess(self) -> Decimal:
        return self.equity - self.maintenance - self.pending

    @property
    def buying_power(self) -> Decimal:
        return max(cents(self.excess / self.rate), ZERO)


def worth(market: Market, account: sqlite3.Row, at_ms: int) -> Worth:
    """Value the account at `at_ms`."""
    held = holdings(market, account["id"], at_ms)
    rate = margin_rate(account)
    pending, pending_orders = _pending(market, account["id"])
    market_value = sum((holding.market_value for holding in held), ZERO)
    return Worth(
        cash=account["cash"],
        market_value=market_value,
        maintenance=cents(market_value * rate),
        pending=pending,
        pending_orders=pending_orders,
        open_pl=sum((holding.unrealized for holding in held), ZERO),
        closed_pl=sum((holding.realized_today for holding in held), ZERO),
        change=_change_today(market, account, held, at_ms),
        rate=rate,
    )


def _pending(market: Market, account_id: int) -> tuple[Decimal, int]:
    """What open orders reserve, in USD, and how many there are. Added up in whole cents by the database."""
    row: Any = market.state.row(
        "SELECT count(*) AS n, coalesce(sum(CAST(round(reserved * 100) AS INTEGER)), 0) AS cents FROM orders"
        " WHERE account_id = ? AND due_ms IS NOT NULL",
        account_id,
    )
    return row["cents"] * CENT, row["n"]


def excess(market: Market, account: sqlite3.Row, at_ms: int) -> Decimal:
    """The excess of `worth` alone, for order entry, which asks often and wants to know nothing else."""
    rows = market.state.rows(
        "SELECT symbol, quantity FROM position WHERE account_id = ? AND quantity <> '0'", account["id"]
    )
    value = sum((cents(row["quantity"] * market.tape.quote(row["symbol"], at_ms).last) for row in rows), ZERO)
    pending, _ = _pending(market, account["id"])
    return account["cash"] + value - cents(value * margin_rate(account)) - pending


def _change_today(market: Market, account: sqlite3.Row, held: list[Holding], at_ms: int) -> Decimal:
    """How much trading and prices have moved the account since the previous close; deposits are not a gain."""
    entries = market.state.rows(
        "SELECT amount FROM cash_entry WHERE account_id = ? AND at_ms >= ? AND order_id IS NOT NULL",
        account["id"],
        previous_close_ms(at_ms),
    )
    from_trades = sum((row["amount"] for row in entries), ZERO)
    from_positions = sum(
        (holding.market_value - cents(holding.quantity_at_close * holding.previous_close) for holding in held), ZERO
    )
    return from_trades + from_positions


def balance_map(worth: Worth) -> dict[str, Decimal]:
    """The flat map that the API calls account info."""
    before = worth.equity - worth.change
    invested = worth.market_value - worth.open_pl
    return {
        "cash": worth.cash,
        "netCash": worth.cash,
        "excess": worth.excess,
        "equityTotal": worth.equity,
        "marketValue": worth.market_value,
        "netLiquidity": worth.market_value,
        "changeAbsolute": worth.change,
        "changePercent": _percent(worth.change, before),
        "stockLongMarketValue": worth.market_value,
        "stockShortMarketValue": ZERO,
        "optionLongMarketValue": ZERO,
        "optionShortMarketValue": ZERO,
        "forexLongMarketValue": ZERO,
        "forexShortMarketValue": ZERO,
        "stockBuyingPower": worth.buying_power,
        "optionBuyingPower": max(worth.excess, ZERO),
        "forexBuyingPower": ZERO,
        "dayTradingBuyingPower": ZERO,
        "dayTrades": ZERO,
        "pendingOrdersCount": Decimal(worth.pending_orders),
        "pendingCash": worth.pending,
        "maintenanceMargin": worth.maintenance,
        "optionMaintenanceMargin": ZERO,
        "openPL": worth.open_pl,
        "openPLDay": worth.change,
        "openPLPercent": _percent(worth.open_pl, invested),
        "closePL": worth.closed_pl,
        "totalPL": worth.open_pl + worth.closed_pl,
    }


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return rounded(part / whole * 100, 4) if whole else ZERO


def find_account(market: Market, account_id: int) -> sqlite3.Row | None:
    return market.state.row("SELECT * FROM account WHERE id = ?", account_id)


def post_cash(
    market: Market, account_id: int, *, at_ms: int, kind: str, amount: Decimal, order_id: int | None
) -> None:
    """Book an amount; the account's cash is the sum of its entries."""
    if not amount:
        return
    row = find_account(market, account_id)
    assert row is not None  # noqa: S101 - a foreign key promises it
    market.state.insert("cash_entry", account_id=account_id, at_ms=at_ms, kind=kind, amount=amount, order_id=order_id)
    market.state.db.execute("UPDATE account SET cash = ? WHERE id = ?", (row["cash"] + amount, account_id))


def sellable(market: Market, account_id: int, symbol: str) -> Decimal:
    """Shares held that no open sell order has claimed yet."""
    row: Any = market.state.row(
        "SELECT quantity FROM position WHERE account_id = ? AND symbol = ?", account_id, symbol
    )
    claimed = market.state.rows(
        "SELECT quantity, executed FROM orders WHERE account_id = ? AND symbol = ? AND side = 'Sell'"
        " AND due_ms IS NOT NULL",
        account_id,
        symbol,
    )
    held = row["quantity"] if row else ZERO
    return held - sum((order["quantity"] - order["executed"] for order in claimed), ZERO)
