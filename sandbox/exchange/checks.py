"""The checks before an order is taken: of the account, the kind of order, its prices, its hours and the money."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sandbox.exchange.calendar import PARTS_OF_DAY
from sandbox.exchange.fractions import fractions_of
from sandbox.exchange.funds import assumed_price, closable, excess, held
from sandbox.exchange.margin import FULLY_PAID, SHORT_RATE, margin_rate, may_borrow
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.option_funds import Part, effect_of
from sandbox.exchange.options import expiration_of
from sandbox.exchange.orders import (
    ALL_OR_NONE,
    CASH_AMOUNT,
    LIMIT_TYPES,
    REFUSALS,
    STOP_TYPES,
    TRAILING_TYPES,
    Order,
)
from sandbox.exchange.prices import Quote
from sandbox.exchange.securities import Security, find_security, security_of
from sandbox.exchange.tickets import AT_ONCE, AUCTIONS, DATED, OPENING_SIDES, Ticket

PLAIN_TYPES = ("Market", "Limit")
TIMES_IN_FORCE = ("Day", "GoodTillCancel", *DATED, *AT_ONCE, *AUCTIONS)
EXEC_INSTS = (None, "", "None", "DoNotIncrease", "DoNotReduce", ALL_OR_NONE, CASH_AMOUNT)

Refusal = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks found. `code` is None when the order may be placed; money in USD.

    `quantity` in shares or contracts; `claim` is what the open order takes from the account's excess; `commissions`
    by their names; `legs` are the verdicts about each leg. `side` of an option strategy: Buy when it costs, Sell when
    it brings money.
    """

    code: str | None
    text: str = ""
    security: Security | None = None
    quote: Quote | None = None
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    commissions: dict[str, Decimal] = field(default_factory=dict)
    margin_change: Decimal = ZERO
    claim: Decimal = ZERO
    rate: Decimal = Decimal(1)
    side: str = ""
    legs: tuple[Verdict, ...] = ()

    @property
    def commission(self) -> Decimal:
        return sum(self.commissions.values(), ZERO)


def because(code: str, text: str | None = None) -> Refusal:
    return code, text or REFUSALS[code]


def judge_single(
    market: Market,
    account: sqlite3.Row,
    user_id: int,
    ticket: Ticket,
    *,
    instead_of: Order | None = None,
    funded: bool = True,
) -> Verdict:
    """Check an order for one security against the rules, the account and the market of this moment.

    `instead_of` is an order that this one would replace. Not `funded`: money and shares are checked later.
    """
    security = find_security(ticket.symbol)
    quote = market.tape.quote(security.symbol, market.now_ms()) if security else None
    refusal = refuse_account(market, account, user_id, ticket)
    if not refusal and (security is None or quote is None):
        refusal = because("SymbolNotFound")
    if refusal or security is None or quote is None:
        return Verdict(*(refusal or because("SymbolNotFound")), security=security, quote=quote)
    if scripted := market.script_of(security.symbol, ticket.scripted_quantity).refusal:
        return Verdict(*because(scripted), security=security, quote=quote)
    for check in CHECKS:
        if refusal := check(market, account, ticket, security):
            return Verdict(*refusal, security=security, quote=quote)
    if not funded:
        return _price_it(market, account, ticket, security, quote)
    return fund(market, account, ticket, at_ms=market.now_ms(), instead_of=instead_of)


def fund(
    market: Market, account: sqlite3.Row, ticket: Ticket, *, at_ms: int, instead_of: Order | None = None
) -> Verdict:
    """Price an order that is good otherwise, and check that the account can carry it at this moment."""
    security = security_of(ticket.symbol or "")
    quote = market.tape.quote(security.symbol, at_ms)
    verdict = _price_it(market, account, ticket, security, quote)
    if security.is_option or (ticket.side == "Sell" and _has_options(market, account["id"])):
        verdict = _weigh_options(market, account, ticket, verdict, instead_of, at_ms)
        if verdict.code:
            return verdict
    refusal = refuse_short(market, account, ticket, security) or _refuse_funds(
        market, account, ticket, verdict, instead_of, at_ms
    )
    return replace(verdict, code=refusal[0], text=refusal[1], claim=ZERO) if refusal else verdict


def refuse_account(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket) -> Refusal | None:
    if account["status"] != "Approved":
        return because("AccountIsNotApproved")
    if account["restricted"] or not account["enabled"]:
        return because("AccountRestricted")
    bound = market.state.row(
        "SELECT access_type FROM account_user WHERE account_id = ? AND user_id = ?", account["id"], user_id
    )
    access = bound["access_type"] if bound else "Full"
    if access == "ReadOnly":
        return because("AccountRestricted", "This access to the account is for reading only.")
    if access == "ClosePositionsOnly" and ticket.side in OPENING_SIDES:
        return because("AccountRestricted", "This access to the account can only close positions.")
    if market.settings.enforce_agreements and market.state.row(
        "SELECT 1 FROM user_agreement JOIN agreement ON agreement.id = agreement_id"
        " WHERE user_id = ? AND signed_ms IS NULL AND current AND NOT can_skip",
        user_id,
    ):
        return because("AccountRestricted", "Outstanding agreements have to be signed first.")
    return None


def _refuse_kind(market: Market, account: sqlite3.Row, ticket: Ticket, security: Security) -> Refusal | None:
    """Refuse what this exchange does not trade."""
    if security.is_fund:
        return because("InvalidOrderType")
    if security.is_option and (refusal := _refuse_option(market, ticket, security)):
        return refusal
    if ticket.type not in (*PLAIN_TYPES, *STOP_TYPES, *TRAILING_TYPES) or ticket.legs:
        return because("InvalidOrderType")
    if ticket.exec_inst not in EXEC_INSTS:
        return because("InvalidOrderType", "The execution instruction is not supported.")
    if ticket.tif not in TIMES_IN_FORCE:
        return because("InvalidOrderType", f"Time in force {ticket.tif} is not supported for the security.")
    if ticket.type == "Market" and ticket.tif in ("GoodTillCancel", *DATED):
        return because("InvalidOrderType", "A market order is good for the day only.")
    if ticket.tif in (*AT_ONCE, *AUCTIONS) and ticket.type not in PLAIN_TYPES:
        return because("InvalidOrderType", f"{ticket.tif} is for market and limit orders.")
    if ticket.tif in DATED and (ticket.expire_ms or 0) <= market.now_ms():
        return because("InvalidOrderType", f"{ticket.tif} needs an ExpireDate that is still to come.")
    return None


def _refuse_option(market: Market, ticket: Ticket, option: Security) -> Refusal | None:
    if expiration_of(option).ends_ms <= market.now_ms():
        return because("InvalidOrderType", "The option has expired.")
    if ticket.type not in PLAIN_TYPES or ticket.tif in AUCTIONS or ticket.hours != "REG" or ticket.is_cash_amount:
        return because("InvalidOrderType", "Options trade by market and limit orders in regular hours.")
    return None


def _refuse_hours(market: Market, account: sqlite3.Row, ticket: Ticket, security: Security) -> Refusal | None:
    hours = ticket.hours
    if hours not in PARTS_OF_DAY:
        return because("InvalidOrderType", f"There are no trading hours called {hours}.")
    if hours == "REG":
        return None
    if ticket.type != "Limit" or ticket.tif in AUCTIONS:
        return because("InvalidOrderType", "Outside regular hours only limit orders trade.")
    if ticket.tif == "Day" and market.hours.is_over_for_today(market.now_ms(), hours):
        return because("MarketClosed", "These trading hours are over for today.")
    return None


def _refuse_quantity(market: Market, account: sqlite3.Row, ticket: Ticket, security: Security) -> Refusal | None:
    """Parts of shares: by limit or by an amount of money, in regular hours (C28)."""
    rules = fractions_of(security)
    if ticket.is_cash_amount:
        if ticket.type not in PLAIN_TYPES or ticket.tif != "Day" or ticket.side not in ("Buy", "Sell"):
            return because("InvalidOrderType", "Orders for an amount of money are market orders of the day.")
        if ticket.hours != "REG" or not rules.allows(ticket.side):
            return because("InvalidOrderType", "Orders for an amount of money are not supported for the security.")
        if ticket.price is not None and ticket.price != ticket.quantity:
            return because("QuotePriceIsInvalid", "Price and Quantity have to be the same amount of money.")
        return None
    if ticket.quantity == ticket.quantity.to_integral_value():
        return None
    if ticket.type != "Limit" or ticket.hours != "REG" or ticket.side not in ("Buy", "Sell"):
        return because("InvalidOrderType", "Parts of shares are traded by limit orders in regular hours.")
    if not rules.allows(ticket.side) or not rules.fits(ticket.quantity):
        return because("InvalidOrderType", "This part of a share is not supported for the security.")
    return None


def _refuse_prices(market: Market, account: sqlite3.Row, ticket: Ticket, security: Security) -> Refusal | None:
    """Each price that the type needs has to be there and on the security's grid (C19)."""
    if ticket.is_cash_amount:
        return None
    if ticket.type in LIMIT_TYPES:
        if ticket.price is None:
            return because("LimitPriceUndefined")
        if refusal := _refuse_price(ticket.price, security):
            return refusal
    if ticket.type in STOP_TYPES:
        return _refuse_price(ticket.stop_price or ZERO, security)
    if ticket.type in TRAILING_TYPES:
        return _refuse_trail(ticket)
    return None


def _refuse_price(price: Decimal, security: Security) -> Refusal | None:
    if price <= 0:
        return because("QuotePriceIsInvalid")
    if price % security.tick:
        return because("QuotePriceIsInvalid", f"The price has to be a multiple of {security.tick}.")
    return None


def _refuse_trail(ticket: Ticket) -> Refusal | None:
    amount, is_percent = ticket.trail_amount or ZERO, ticket.trail_type != "Absolute"
    if amount <= 0 or (is_percent and amount >= 100):
        return because("QuotePriceIsInvalid", "The trailing amount is invalid.")
    if ticket.type == "TrailingStopLimit":
        if ticket.trail_limit_amount is None:
            return because("LimitPriceUndefined")
        is_percent = ticket.trail_limit_type != "Absolute"
        if ticket.trail_limit_amount < 0 or (is_percent and ticket.trail_limit_amount >= 100):
            return because("QuotePriceIsInvalid", "The offset of the limit is invalid.")
    return None


def refuse_short(market: Market, account: sqlite3.Row, ticket: Ticket, security: Security) -> Refusal | None:
    """Who may sell short; and one security cannot be long and short at once."""
    if ticket.side not in OPENING_SIDES:
        return None
    now_held = held(market, account["id"], security.symbol)
    if ticket.side == "Buy":
        return because("InvalidOrderType", "Buy to cover what was sold short.") if now_held < 0 else None
    if not may_borrow(account) and not security.is_option:
        return because("InvalidOrderType", "Short sales need a margin account.")
    if now_held > 0:
        return because("InvalidOrderType", "Sell what is held before selling short.")
    return None


CHECKS: tuple[Callable[[Market, sqlite3.Row, Ticket, Security], Refusal | None], ...] = (
    _refuse_kind,
    _refuse_hours,
    _refuse_quantity,
    _refuse_prices,
)


def commissions_of(market: Market, contracts: Decimal, *, is_first: bool = True) -> dict[str, Decimal]:
    """What a trade costs, by the vendor's names: once per order, and for each contract."""
    commissions = {"Per Trade Commission": market.commission} if is_first else {}
    commissions["Per Contract Commission"] = cents(market.contract_commission * contracts)
    return {name: amount for name, amount in commissions.items() if amount}


def _price_it(market: Market, account: sqlite3.Row, ticket: Ticket, security: Security, quote: Quote) -> Verdict:
    """What the order costs and takes from the account; what options change is found by `_weigh_options`."""
    price = quote.for_side(ticket.side) if ticket.is_cash_amount else assumed_price(ticket, quote)
    quantity = fractions_of(security).cut(ticket.quantity / price) if ticket.is_cash_amount else ticket.quantity
    cost = cents(price * quantity * security.contract_size)
    commissions = commissions_of(market, quantity if security.is_option else ZERO)
    is_short = ticket.side in ("SellShort", "BuyToCover")
    rate = FULLY_PAID if security.is_option else SHORT_RATE if is_short else margin_rate(account)
    change = cents(cost * rate) * (1 if ticket.side in OPENING_SIDES else -1)
    claim = change + sum(commissions.values(), ZERO) if ticket.side in OPENING_SIDES else ZERO
    return Verdict(None, "", security, quote, quantity, cost, commissions, change, claim, rate)


def _weigh_options(
    market: Market, account: sqlite3.Row, ticket: Ticket, verdict: Verdict, instead_of: Order | None, at_ms: int
) -> Verdict:
    """The verdict with what written options change about it: the claim of an option, or the cover that stock is."""
    security, quote = verdict.security, verdict.quote
    assert security is not None and quote is not None  # noqa: S101 - the order is good otherwise
    part = Part(security, ticket.side, verdict.quantity, assumed_price(ticket, quote))
    effect = effect_of(market, account, [part], at_ms, instead_of=instead_of)
    if not security.is_option:
        if effect.uncovers and not effect.is_allowed(account):
            code, text = because("InsufficientShares", "These shares cover calls that were written.")
            return replace(verdict, code=code, text=text)
        return verdict
    if not effect.is_allowed(account):
        code, text = because("AccountRestricted", f"This needs option level {effect.level}.")
        return replace(verdict, code=code, text=text)
    claim = max(effect.claim + verdict.commission, ZERO)
    return replace(verdict, claim=claim, margin_change=effect.claim)


def _has_options(market: Market, account_id: int) -> bool:
    return (
        market.state.row(
            "SELECT 1 FROM position WHERE account_id = ? AND expires_ms IS NOT NULL AND quantity <> '0'", account_id
        )
        is not None
    )


def _refuse_funds(
    market: Market,
    account: sqlite3.Row,
    ticket: Ticket,
    verdict: Verdict,
    instead_of: Order | None,
    at_ms: int,
) -> Refusal | None:
    assert verdict.security is not None  # noqa: S101 - only orders for a known security come here
    if verdict.quantity <= 0:
        return because("InvalidOrderType", "The amount is too small for the security.")
    if ticket.side not in OPENING_SIDES:
        symbol = verdict.security.symbol
        free = closable(market, account["id"], symbol, ticket.side, besides=instead_of)
        if verdict.quantity > free + (instead_of.executed if instead_of else ZERO):
            missing = None if ticket.side == "Sell" else "There are not enough shares sold short to cover."
            return because("InsufficientShares", missing)
    given_back = instead_of.reserved if instead_of else ZERO
    still_open = verdict.quantity - (instead_of.executed if instead_of else ZERO)
    claim = cents(verdict.claim * still_open / verdict.quantity)
    if claim and claim > excess(market, account, at_ms) + given_back:
        return because("DayTradingBuyingPowerExceeded")
    return None
