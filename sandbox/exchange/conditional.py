"""The rules of conditional orders, and what they take from an account. What happens later is in `families.py`.

Source: API fact sheet 6.4, C30, C31. Legs are complete orders. What sleeps is checked like any order, but for money
and shares only when it wakes: an exit sells what the entry has brought.
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal

from sandbox.exchange.checks import Refusal, Verdict, because, judge_single, refuse_account
from sandbox.exchange.families import is_pair
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO
from sandbox.exchange.tickets import Ticket

NUMBER_OF_LEGS = {"OneTriggerOther": 2, "OneCancelOther": 2, "OneTriggerOneCancelOther": 3}
BRACKET_ENTRIES = ("Limit", "Stop", "StopLimit")


def is_live(head_type: str, number: int) -> bool:
    """Is the leg sent to the market at once?"""
    return head_type == "OneCancelOther" or number == 0


def judge_conditional(market: Market, account: sqlite3.Row, user_id: int, ticket: Ticket) -> Verdict:
    """The verdict about the whole; if one leg is refused all are, with its reason."""
    refusal = refuse_account(market, account, user_id, ticket) or _refuse_shape(ticket)
    if refusal:
        return Verdict(*refusal)
    verdicts = tuple(
        judge_single(market, account, user_id, leg, funded=is_live(ticket.type, number))
        for number, leg in enumerate(ticket.legs)
    )
    bad = next((verdict for verdict in verdicts if verdict.code), None)
    if bad:
        return Verdict(bad.code, bad.text, legs=verdicts)
    live = [verdict for number, verdict in enumerate(verdicts) if is_live(ticket.type, number)]
    dearest = max(live, key=lambda verdict: verdict.claim)
    return Verdict(
        None, "", cost=dearest.cost, commissions=_commissions(ticket.type, verdicts),
        margin_change=dearest.margin_change, claim=dearest.claim, rate=dearest.rate, legs=verdicts,
    )  # fmt: skip


def _commissions(head_type: str, verdicts: tuple[Verdict, ...]) -> dict[str, Decimal]:
    """What is paid if all trades that can: of a pair only one does."""
    paid = verdicts[:-1] if is_pair(head_type) else verdicts
    names = {name for verdict in paid for name in verdict.commissions}
    return {name: sum((verdict.commissions.get(name, ZERO) for verdict in paid), ZERO) for name in sorted(names)}


def _refuse_shape(ticket: Ticket) -> Refusal | None:
    legs, wanted = ticket.legs, NUMBER_OF_LEGS[ticket.type]
    if (ticket.symbol or "").strip():
        return because("InvalidOrderType", "The head of a conditional order has no symbol.")
    if len(legs) != wanted:
        return because("InvalidOrderType", f"A conditional order of this type has {wanted} legs.")
    if any(leg.is_conditional or leg.is_cash_amount for leg in legs):
        return because("InvalidOrderType", "Legs are plain orders of shares or contracts.")
    if ticket.type == "OneCancelOther" and all(leg.type == "Market" for leg in legs):
        return because("InvalidOrderType", "At least one leg must not be a market order.")
    if ticket.type == "OneTriggerOther" and legs[0].type == "Market":
        return because("InvalidOrderType", "The first leg must not be a market order.")
    if ticket.type == "OneTriggerOneCancelOther":
        if legs[0].type not in BRACKET_ENTRIES:
            return because("InvalidOrderType", "The first leg has to be a limit, stop or stop limit order.")
        if len({(leg.symbol, leg.quantity) for leg in legs}) > 1:
            return because("InvalidOrderType", "All legs need the same symbol and quantity.")
    return None
