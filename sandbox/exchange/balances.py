"""What an account holds and what it is worth: positions at market, and the vendor's map of balances.

Source of the relations: the vendor's balance reference (API fact sheet 5.3.2), checked against its sample figures.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.calendar import previous_close_ms, sessions_from
from sandbox.exchange.day_trading import base_cash, day_trades, day_trading_power
from sandbox.exchange.funds import pending
from sandbox.exchange.margin import Line, Requirement, margin_rate, requirement
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents, rounded
from sandbox.exchange.securities import Security, security_of

NO_TRADES = (ZERO, ZERO)
# What comes in or goes out by these is settled a trading day later, everything else at once.
SETTLING_KINDS = frozenset({"OrderExecution"})


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
        return cents(self.quantity * self.last * self.security.contract_size)

    @property
    def unrealized(self) -> Decimal:
        return self.market_value - self.cost

    @property
    def quantity_at_close(self) -> Decimal:
        return self.quantity - self.day_quantity

    @property
    def line(self) -> Line:
        return Line(self.security, self.quantity, self.last)

    @property
    def line_at_close(self) -> Line:
        """What was held at the previous close, at its price."""
        return Line(self.security, self.quantity_at_close, self.previous_close)

    @property
    def average_open(self) -> Decimal:
        return rounded(self.cost / self.quantity / self.security.contract_size, 4) if self.quantity else ZERO

    @property
    def average_close(self) -> Decimal:
        closed = Decimal(self.row["closed_quantity"]) * self.security.contract_size
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
    """Per symbol: shares bought minus sold, and profit or loss realized in USD. What clearing has delivered from
    another broker was not bought."""
    rows = market.state.rows(
        "SELECT symbol, quantity, realized FROM cash_entry"
        " WHERE account_id = ? AND at_ms >= ? AND quantity IS NOT NULL AND kind <> 'Clearing'",
        account_id,
        from_ms,
    )
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        quantity, realized = sums.get(row["symbol"], NO_TRADES)
        sums[row["symbol"]] = quantity + row["quantity"], realized + row["realized"]
    return sums


def _at_market(market: Market, row: sqlite3.Row, today: tuple[Decimal, Decimal], at_ms: int) -> Holding:
    symbol = row["symbol"]
    return Holding(
        row=row,
        security=security_of(symbol),
        last=market.tape.quote(symbol, at_ms).last,
        previous_close=market.tape.previous_close(symbol, at_ms),
        day_quantity=today[0],
        realized_today=today[1],
    )


def by_asset_class(held: list[Holding]) -> dict[str, Decimal]:
    """The market value of what is held in each of the vendor's groups that holds anything."""
    values: dict[str, Decimal] = {}
    for holding in held:
        if holding.quantity:
            name = "Options" if holding.security.is_option else "Equity"
            values[name] = values.get(name, ZERO) + holding.market_value
    return values


@dataclass(frozen=True, slots=True)
class Worth:
    """The figures behind the balance map, all in USD; the value of short positions is negative.

    `base` was free at the previous close; `exposure` is what written options need beyond their value.
    """

    cash: Decimal
    unsettled: Decimal
    stock_long: Decimal
    stock_short: Decimal
    option_long: Decimal
    option_short: Decimal
    margin: Requirement
    pending: Decimal
    pending_orders: int
    open_pl: Decimal
    closed_pl: Decimal
    change: Decimal
    rate: Decimal
    base: Decimal
    day_trading_power: Decimal
    day_trades: int

    @property
    def market_value(self) -> Decimal:
        return self.stock_long + self.stock_short + self.option_long + self.option_short

    @property
    def maintenance(self) -> Decimal:
        return self.margin.total

    @property
    def equity(self) -> Decimal:
        return self.cash + self.market_value

    @property
    def excess(self) -> Decimal:
        return self.equity - self.maintenance - self.pending

    @property
    def withdrawable(self) -> Decimal:
        return max(min(self.cash - self.unsettled - self.pending, self.excess), ZERO)

    @property
    def buying_power(self) -> Decimal:
        return max(cents(self.excess / self.rate), ZERO)


def worth(market: Market, account: sqlite3.Row, at_ms: int) -> Worth:
    """Value the account at `at_ms`."""
    held = holdings(market, account["id"], at_ms)
    stock = [holding.market_value for holding in held if not holding.security.is_option]
    options = [holding.market_value for holding in held if holding.security.is_option]
    base = base_cash(market, account, [holding.line_at_close for holding in held], at_ms)
    bought_today = (cents(max(holding.day_quantity, ZERO) * holding.average_open) for holding in held)
    return Worth(
        cash=account["cash"],
        unsettled=unsettled(market, account["id"], at_ms),
        stock_long=_positive(stock),
        stock_short=-_positive(-value for value in stock),
        option_long=_positive(options),
        option_short=-_positive(-value for value in options),
        margin=requirement(market.tape, account, [holding.line for holding in held], at_ms),
        pending=pending(account),
        pending_orders=account["pending_orders"],
        open_pl=sum((holding.unrealized for holding in held), ZERO),
        closed_pl=sum((holding.realized_today for holding in held), ZERO),
        change=_change_today(market, account, held, at_ms),
        rate=margin_rate(account),
        base=base,
        day_trading_power=day_trading_power(market, account, base, bought_today, at_ms),
        day_trades=day_trades(market, account["id"], at_ms),
    )


def _positive(values: Iterable[Decimal]) -> Decimal:
    return sum((value for value in values if value > 0), ZERO)


def unsettled(market: Market, account_id: int, at_ms: int) -> Decimal:
    """What sales will have brought once they are settled, less what purchases of the same days take; at least 0."""
    rows = market.state.rows(
        "SELECT amount FROM cash_entry WHERE account_id = ? AND settle_ms > ? AND at_ms <= ?", account_id, at_ms, at_ms
    )
    return max(sum((row["amount"] for row in rows), ZERO), ZERO)


def _change_today(market: Market, account: sqlite3.Row, held: list[Holding], at_ms: int) -> Decimal:
    """How much trading, dividends and prices have moved the account since the previous close; deposits are not a
    gain."""
    entries = market.state.rows(
        "SELECT amount FROM cash_entry WHERE account_id = ? AND at_ms >= ?"
        " AND (order_id IS NOT NULL OR symbol IS NOT NULL)",
        account["id"],
        previous_close_ms(at_ms),
    )
    from_trades = sum((row["amount"] for row in entries), ZERO)
    from_positions = sum((holding.market_value - holding.line_at_close.value for holding in held), ZERO)
    return from_trades + from_positions


def balance_map(worth: Worth) -> dict[str, Decimal]:
    """The flat map that the API calls account info."""
    before = worth.equity - worth.change
    invested = worth.market_value - worth.open_pl
    return {
        "cash": worth.cash,
        "netCash": worth.cash - worth.margin.exposure,
        "excess": worth.excess,
        "equityTotal": worth.equity,
        "marketValue": worth.market_value,
        "netLiquidity": worth.market_value,
        "changeAbsolute": worth.change,
        "changePercent": _percent(worth.change, before),
        "stockLongMarketValue": worth.stock_long,
        "stockShortMarketValue": worth.stock_short,
        "optionLongMarketValue": worth.option_long,
        "optionShortMarketValue": worth.option_short,
        "forexLongMarketValue": ZERO,
        "forexShortMarketValue": ZERO,
        "stockBuyingPower": worth.buying_power,
        "optionBuyingPower": max(worth.excess, ZERO),
        "forexBuyingPower": ZERO,
        "dayTradingBuyingPower": worth.day_trading_power,
        "dayTrades": Decimal(worth.day_trades),
        "pendingOrdersCount": Decimal(worth.pending_orders),
        "pendingCash": worth.pending,
        "maintenanceMargin": worth.maintenance,
        "optionMaintenanceMargin": worth.margin.option,
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
    market: Market,
    account_id: int,
    *,
    at_ms: int,
    kind: str,
    amount: Decimal,
    order_id: int | None,
    symbol: str | None = None,
    quantity: Decimal | None = None,
    price: Decimal | None = None,
    realized: Decimal = ZERO,
    note: str | None = None,
) -> None:
    """Book an amount; the account's cash is the sum of its entries. `quantity` is signed, of what was traded.

    Nothing is booked without an amount, a quantity or a note.
    """
    if not amount and not quantity and not note:
        return
    row = find_account(market, account_id)
    assert row is not None  # noqa: S101 - a foreign key promises it
    market.state.insert(
        "cash_entry", account_id=account_id, at_ms=at_ms, kind=kind, amount=amount, order_id=order_id, symbol=symbol,
        quantity=quantity, price=price, realized=realized, note=note,
        settle_ms=settlement_ms(at_ms) if kind in SETTLING_KINDS else at_ms,
    )  # fmt: skip
    market.state.db.execute("UPDATE account SET cash = ? WHERE id = ?", (row["cash"] + amount, account_id))


def settlement_ms(traded_ms: int) -> int:
    """When a trade of this moment is settled: at the close of the next trading day (T+1)."""
    sessions = sessions_from(traded_ms)
    next(sessions)
    return next(sessions).closes_ms
