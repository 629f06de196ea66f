"""Option strategies: the rules, the net price, and what they take from an account.

Source: API fact sheet 6.4, C32. The head is a market or limit order for so many strategies; each leg says how many
contracts (or shares of the underlying) one of them holds. Prices of the head are per share of one strategy and never
negative: whether it is paid or received follows from the legs' quotes at entry, and is kept as the head's side, Buy or
Sell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from sandbox.exchange.balances import post_cash
from sandbox.exchange.checks import (
    EXEC_INSTS,
    Refusal,
    Verdict,
    because,
    commissions_of,
    judge_single,
    refuse_account,
    refuse_short,
)
from sandbox.exchange.fills import fill
from sandbox.exchange.funds import closable, excess
from sandbox.exchange.margin import FULLY_PAID
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.option_funds import Part, effect_of
from sandbox.exchange.orders import Order, legs_of, log_event, save_order
from sandbox.exchange.securities import security_of
from sandbox.exchange.tickets import DATED, OPENING_SIDES, Ticket

MOST_LEGS = 4
LOOK_EVERY_MS = 15_000
SHARES = Decimal(100)
TIMES_IN_FORCE = ("Day", "GoodTillCancel", *DATED, "ImmediateOrCancel", "FillOrKill")


def net_price(parts: Iterable[Part], quantity: Decimal) -> Decimal:
    """USD per share of one of `quantity` strategies: positive to be paid, negative to be received."""
    return sum((part.cost for part in parts), ZERO) / quantity / SHARES


def judge_strategy(
    market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket, *, instead_of: Order | None = None
) -> Verdict:
    """The verdict about the whole; its legs trade together or not at all."""
    refusal = refuse_account(market, account, user_id, ticket) or _refuse_head(market, ticket)
    if refusal:
        return Verdict(*refusal)
    verdicts = tuple(_judge_leg(market, account, user_id, ticket, leg) for leg in ticket.legs)
    bad = next((verdict for verdict in verdicts if verdict.code), None)
    if bad:
        return Verdict(bad.code, bad.text, legs=verdicts)
    parts = [_part(leg, verdict) for leg, verdict in zip(ticket.legs, verdicts, strict=True)]
    if refusal := _refuse_parts(parts):
        return Verdict(*refusal, legs=verdicts)
    return _fund(market, account, ticket, parts, verdicts, instead_of)


def _refuse_head(market: Market, ticket: Ticket) -> Refusal | None:
    if (ticket.symbol or "").strip() or ticket.type not in ("Market", "Limit"):
        return because("InvalidOrderType", "A strategy is a market or limit order without a symbol of its own.")
    if not 2 <= len(ticket.legs) <= MOST_LEGS:
        return because("InvalidOrderType", f"A strategy has 2 to {MOST_LEGS} legs.")
    if ticket.tif not in TIMES_IN_FORCE or ticket.hours != "REG":
        return because("InvalidOrderType", "The time in force or the hours are not supported for strategies.")
    if ticket.type == "Market" and ticket.tif in ("GoodTillCancel", *DATED):
        return because("InvalidOrderType", "A market order is good for the day only.")
    if ticket.tif in DATED and (ticket.expire_ms or 0) <= market.now_ms():
        return because("InvalidOrderType", f"{ticket.tif} needs an ExpireDate that is still to come.")
    if ticket.exec_inst not in EXEC_INSTS or ticket.is_cash_amount:
        return because("InvalidOrderType", "The execution instruction is not supported.")
    if any(
        amount != amount.to_integral_value() for amount in (ticket.quantity, *(leg.quantity for leg in ticket.legs))
    ):
        return because("InvalidOrderType", "Strategies are whole.")
    if ticket.type == "Limit":
        if ticket.price is None:
            return because("LimitPriceUndefined")
        if ticket.price <= 0 or ticket.price % Decimal("0.01"):
            return because("QuotePriceIsInvalid")
    return None


def _judge_leg(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket, leg: Ticket) -> Verdict:
    whole = Ticket(leg.symbol, leg.side, "Market", leg.quantity * ticket.quantity)
    return judge_single(market, account, user_id, whole, funded=False)


def _part(leg: Ticket, verdict: Verdict) -> Part:
    assert verdict.security is not None and verdict.quote is not None  # noqa: S101 - good legs have both
    return Part(verdict.security, leg.side, verdict.quantity, verdict.quote.for_side(leg.side))


def _refuse_parts(parts: list[Part]) -> Refusal | None:
    if len({part.security.symbol for part in parts}) < len(parts):
        return because("InvalidOrderType", "Each leg needs a security of its own.")
    if len({part.security.underlying or part.security.symbol for part in parts}) > 1:
        return because("InvalidOrderType", "All legs need the same underlying.")
    if not any(part.security.is_option for part in parts):
        return because("InvalidOrderType", "A strategy needs an option.")
    return None


def _fund(
    market: Market, account: sqlite3.Row, ticket: Ticket, parts: list[Part], verdicts: tuple[Verdict, ...],
    instead_of: Order | None,
) -> Verdict:  # fmt: skip
    now, quantity = market.now_ms(), ticket.quantity
    net = net_price(parts, quantity)
    side = instead_of.side if instead_of else "Buy" if net >= 0 else "Sell"
    limit = net if ticket.price is None or ticket.type == "Market" else ticket.price * (1 if side == "Buy" else -1)
    contracts = sum((part.quantity for part in parts if part.security.is_option), ZERO)
    effect = effect_of(market, account, parts, now, instead_of=instead_of)
    whole = Verdict(
        None, quantity=quantity, cost=cents(abs(limit) * quantity * SHARES), side=side, rate=FULLY_PAID,
        commissions=commissions_of(market, contracts), margin_change=effect.claim, legs=verdicts,
    )  # fmt: skip
    claim = max(effect.claim + cents((limit - net) * quantity * SHARES) + whole.commission, ZERO)
    refusal = None if effect.is_allowed(account) else because("AccountRestricted", _LEVEL.format(effect.level))
    refusal = refusal or _refuse_closing(market, account, parts, instead_of)
    free = excess(market, account, now) + (instead_of.reserved if instead_of else ZERO)
    if not refusal and claim > free:
        refusal = because("DayTradingBuyingPowerExceeded")
    return replace(whole, code=refusal[0], text=refusal[1]) if refusal else replace(whole, claim=claim)


_LEVEL = "This needs option level {}."


def _refuse_closing(
    market: Market, account: sqlite3.Row, parts: list[Part], instead_of: Order | None
) -> Refusal | None:
    """What is closed has to be there, and nothing is long and short at once."""
    for part in parts:
        symbol = part.security.symbol
        if part.side in OPENING_SIDES:
            if refusal := refuse_short(market, account, Ticket(symbol, part.side, "Market", ZERO), part.security):
                return refusal
        elif part.quantity > closable(market, account["id"], symbol, part.side, besides=instead_of):
            return because("InsufficientShares")
    return None


# What happens later


def is_met(market: Market, head: Order, legs: list[Order], moment: int) -> bool:
    """Do the legs' quotes give the head's net price, or a better one?"""
    if head.type == "Market":
        return True
    limit = head.price if head.side == "Buy" else -head.price
    return net_price(_parts_at(market, legs, moment), head.quantity) <= limit


def first_met(market: Market, head: Order, from_ms: int, until_ms: int) -> int | None:
    """The first moment of [from, until) at which it trades. Looked at are `from_ms` and every quarter of a minute."""
    legs = legs_of(market.state, head)
    for start, end in market.hours.open_intervals(from_ms, until_ms):
        first_look = (start // LOOK_EVERY_MS + 1) * LOOK_EVERY_MS
        for moment in (start, *range(first_look, end, LOOK_EVERY_MS)):
            if is_met(market, head, legs, moment):
                return moment
    return None


def _parts_at(market: Market, legs: list[Order], moment: int) -> list[Part]:
    return [
        Part(security_of(leg.symbol), leg.side, leg.quantity, market.tape.quote(leg.symbol, moment).for_side(leg.side))
        for leg in legs
    ]


def trade(market: Market, head: Order, moment: int) -> None:
    """Fill the head and all legs at once; each leg at its own quote, the head at the net price."""
    legs = legs_of(market.state, head)
    net = net_price(_parts_at(market, legs, moment), head.quantity)
    for leg in legs:
        fill(market, leg, market.tape.quote(leg.symbol, moment), leg.quantity, moment, pays_per_trade=False)
        leg.due_ms = None
        save_order(market.state, leg)
    post_cash(market, head.account_id, at_ms=moment, kind="Commission", amount=-market.commission, order_id=head.id)
    head.executed, head.executed_value = head.quantity, head.quantity * abs(net)
    head.last_price, head.last_quantity, head.exec_id = abs(net), head.quantity, f"{head.id}-{moment}"
    head.transaction_ms, head.claim, head.reserved = moment, ZERO, ZERO
    head.turn("Filled", request_status="Complete", target="Execution", at_ms=moment)
    log_event(market.state, head, at_ms=moment)
