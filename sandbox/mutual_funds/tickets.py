"""What may be asked for: the four kinds of orders for mutual funds and the rules that they are checked against.

Source: API fact sheet 5.17. Market orders of the day alone; purchases in dollars, sales in dollars or shares;
exchanges inside a family of funds; between the open and the broker's cut-off.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from sandbox.exchange.calendar import Session, sessions_from
from sandbox.exchange.checks import Refusal, because, refuse_account
from sandbox.exchange.funds import closable, excess
from sandbox.exchange.margin import margin_rate
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.securities import Security, find_security
from sandbox.exchange.tickets import Ticket

CUT_OFF_BEFORE_CLOSE_MS = 15 * 60_000
# Fine enough that shares times price is the very amount that was asked for.
PART_OF_A_SHARE = Decimal("0.000001")

QUALIFIERS = {"Buy": ("EvenDollar",), "Sell": ("Shares", "EvenDollar")}

Kind = Literal["Buy", "Sell", "Exchange", "Liquidate"]


@dataclass(frozen=True, slots=True)
class FundTicket:
    """An order to be. `amount` in USD (EvenDollar) or shares (Shares); exchanges and liquidations take all there is.

    `reinvest`: which payments of the fund are to buy shares again, by their names in the contract.
    """

    kind: Kind
    symbol: str
    amount: Decimal = ZERO
    qualifier: str = "Shares"
    target: str | None = None
    reinvest: tuple[str, ...] = ()

    @property
    def is_buy(self) -> bool:
        return self.kind == "Buy"

    @property
    def takes_all(self) -> bool:
        return self.kind in ("Exchange", "Liquidate")

    def as_ticket(self, shares: Decimal) -> Ticket:
        """The same as an order of the exchange."""
        kind = "MutualFundsExchange" if self.kind == "Exchange" else "Market"
        return Ticket(symbol=self.symbol, side="Buy" if self.is_buy else "Sell", type=kind, quantity=shares)


@dataclass(frozen=True, slots=True)
class FundVerdict:
    """What the checks found. `code` is None when the order may be placed; `shares` at the last known price; `claim` in
    USD is what the order takes from the account's excess until evening."""

    code: str | None
    text: str = ""
    security: Security | None = None
    shares: Decimal = ZERO
    claim: Decimal = ZERO


def fund_of(symbol: str | None) -> Security | None:
    security = find_security(symbol)
    return security if security is not None and security.is_fund else None


def family_of(fund: Security) -> str:
    """Funds of one family can be exchanged for each other; it is the first word of their names."""
    return fund.name.split()[0]


def session_for(market: Market) -> Session | None:
    """The session at whose price an order of this moment would trade, or None when no orders are taken.

    Around the clock there is no cut-off; there the next regular close counts.
    """
    now = market.now_ms()
    session = next(sessions_from(now))
    if market.hours.never_sleeps:
        return session
    cut_off = session.closes_ms - CUT_OFF_BEFORE_CLOSE_MS
    return session if market.hours.mode == "calendar" and session.opens_ms <= now < cut_off else None


def shares_for(dollars: Decimal, price: Decimal) -> Decimal:
    return (dollars / price).quantize(PART_OF_A_SHARE, ROUND_HALF_UP)


def judge_fund(market: Market, account: sqlite3.Row, user_id: int, ticket: FundTicket) -> FundVerdict:
    """Check a ticket against the rules, the account and the last known price."""
    fund = fund_of(ticket.symbol)
    refusal = refuse_account(market, account, user_id, ticket.as_ticket(ZERO)) or _refuse(market, ticket, fund)
    if refusal or fund is None:
        return FundVerdict(*(refusal or because("SymbolNotFound")), security=fund)
    price = market.tape.quote(fund.symbol, market.now_ms()).last
    free = closable(market, account["id"], fund.symbol, "Sell")
    if ticket.takes_all:
        shares = free
    else:
        shares = ticket.amount if ticket.qualifier == "Shares" else shares_for(ticket.amount, price)
    if ticket.is_buy:
        claim = cents(ticket.amount * margin_rate(account)) + market.commission
        short = claim > excess(market, account, market.now_ms())
        refusal = because("DayTradingBuyingPowerExceeded") if short else None
    else:
        claim = ZERO
        refusal = because("InsufficientShares") if shares > free or free <= 0 else None
    return FundVerdict(*refusal, fund, shares) if refusal else FundVerdict(None, "", fund, shares, claim)


def _refuse(market: Market, ticket: FundTicket, fund: Security | None) -> Refusal | None:
    if find_security(ticket.symbol) is None:
        return because("SymbolNotFound")
    if fund is None:
        return because("InvalidOrderType", "The security is not a mutual fund.")
    if session_for(market) is None:
        return because("MarketClosed", "Orders for mutual funds are taken from the open until the cut-off.")
    if not ticket.takes_all and ticket.qualifier not in QUALIFIERS[ticket.kind]:
        return because("InvalidOrderType", f"The quantity cannot be given as {ticket.qualifier}.")
    return _refuse_target(ticket, fund) if ticket.kind == "Exchange" else None


def _refuse_target(ticket: FundTicket, fund: Security) -> Refusal | None:
    target = fund_of(ticket.target)
    if target is None:
        return because("SymbolNotFound", "The fund to exchange for is not found.")
    if target is fund or family_of(target) != family_of(fund):
        return because("InvalidOrderType", "Funds are exchanged inside a family of funds.")
    return None
