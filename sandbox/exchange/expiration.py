"""The end of options: at the close of their last day they are exercised, assigned, or worth nothing.

What is in the money by a cent or more at the underlying's last price becomes shares at the strike, whoever holds it;
nobody is asked. The premium is realized as profit or loss of the option; the shares cost, or bring, the strike.
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal

from sandbox.exchange.balances import post_cash
from sandbox.exchange.market import Market
from sandbox.exchange.money import CENT, ZERO, cents
from sandbox.exchange.positions import Trade, move_shares
from sandbox.exchange.securities import security_of

KIND = "OptionExpiration"

_EXPIRING = (
    "SELECT * FROM position WHERE expires_ms <= ? AND expires_ms IS NOT NULL AND quantity <> '0'"
    " ORDER BY expires_ms, id LIMIT 1"
)


def next_expiring(market: Market, until_ms: int) -> sqlite3.Row | None:
    """The position that ends first, if it ends until then."""
    return market.state.row(_EXPIRING, until_ms)


def expire(market: Market, position: sqlite3.Row) -> None:
    """End a position in options at its moment."""
    option, quantity, moment = security_of(position["symbol"]), position["quantity"], position["expires_ms"]
    underlying, strike = option.underlying or "", option.strike or ZERO
    spot = market.tape.quote(underlying, moment).last
    is_call = option.option_type == "Call"
    in_the_money = (spot - strike if is_call else strike - spot) >= CENT
    note = ("Exercised" if quantity > 0 else "Assigned") if in_the_money else "Expired worthless"
    _close(market, position, note, moment)
    if in_the_money:
        # Holders of calls and writers of puts get the shares, the others deliver them.
        shares = quantity * option.contract_size * (1 if is_call else -1)
        _deliver(market, position["account_id"], underlying, shares, strike, note, moment)


def _close(market: Market, position: sqlite3.Row, note: str, moment: int) -> None:
    account_id, symbol, quantity = position["account_id"], position["symbol"], position["quantity"]
    realized = move_shares(market, Trade(account_id, symbol, -quantity, ZERO, moment))
    post_cash(
        market, account_id, at_ms=moment, kind=KIND, amount=ZERO, order_id=None, symbol=symbol, quantity=-quantity,
        price=ZERO, realized=realized, note=note,
    )  # fmt: skip


def _deliver(
    market: Market, account_id: int, symbol: str, shares: Decimal, strike: Decimal, note: str, moment: int
) -> None:
    value = cents(abs(shares) * strike)
    realized = move_shares(market, Trade(account_id, symbol, shares, value, moment))
    post_cash(
        market, account_id, at_ms=moment, kind=KIND, amount=-value if shares > 0 else value, order_id=None,
        symbol=symbol, quantity=shares, price=strike, realized=realized, note=note,
    )  # fmt: skip
