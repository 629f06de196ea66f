"""Conditional orders: what becomes of the other legs when something happens to one of them.

A head has no terms of its own. Of `OneTriggerOther` and `OneTriggerOneCancelOther` the first leg is the trigger and
the others sleep as `Held`; when it is filled they wake, when it ends without a fill they are cancelled. If it ends
with a part filled, legs for the same symbol wake for that part. Of the legs of `OneCancelOther`, and of the last two
of `OneTriggerOneCancelOther`, a fill of one cancels the other in the same moment, even if it is only a part.
"""

from __future__ import annotations

from sandbox.exchange.balances import find_account
from sandbox.exchange.checks import Verdict, fund
from sandbox.exchange.drafts import expiry_of, first_fill_ms
from sandbox.exchange.lifecycle import end, schedule
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO
from sandbox.exchange.orders import Order, get_order, legs_of, log_event, save_order
from sandbox.exchange.tickets import ticket_of


def trigger_and_others(head_type: str, legs: list[Order]) -> tuple[Order | None, list[Order]]:
    return (None, legs) if head_type == "OneCancelOther" else (legs[0], legs[1:])


def is_pair(head_type: str) -> bool:
    """Does a fill of one of the others cancel the other?"""
    return head_type != "OneTriggerOther"


def react(market: Market, order: Order, moment: int) -> None:
    """Let the rest of its family follow what has just happened to an order. Costs nothing for an order without one."""
    if order.has_legs:
        for leg in legs_of(market.state, order):
            if order.is_final:
                _close(market, leg, order.status, moment)
            elif order.is_strategy and leg.status != order.status:
                _mirror(market, order, leg, moment)
        return
    if order.parent_id is None:
        return
    head = get_order(market.state, order.parent_id)
    if head.is_conditional and not head.is_final:
        _follow_leg(market, head, order.id, moment)


def _mirror(market: Market, head: Order, leg: Order, moment: int) -> None:
    """A leg of an option strategy lives as its head does."""
    leg.turn(head.status, request_status=head.request_status, target=head.target, at_ms=moment)
    log_event(market.state, leg, at_ms=moment)
    schedule(market, leg, moment)


def _follow_leg(market: Market, head: Order, leg_id: int, moment: int) -> None:
    legs = legs_of(market.state, head)
    leg = next(leg for leg in legs if leg.id == leg_id)
    trigger, others = trigger_and_others(head.type, legs)
    if trigger is leg:
        if leg.is_final:
            _after_trigger(market, head, leg, others, moment)
    elif is_pair(head.type):
        if leg.executed or leg.status == "Rejected":
            for sibling in others:
                if sibling is not leg:
                    _close(market, sibling, "Canceled", moment)
        share_reserve(others)
        for other in others:
            save_order(market.state, other)
    if all(leg.is_final for leg in legs):
        _finish(market, head, legs, moment)


def _close(market: Market, leg: Order, status: str, moment: int) -> None:
    if not leg.is_final:
        target = "Reject" if status == "Rejected" else "Cancel"
        end(market, leg, status, target=target, at_ms=moment)
        schedule(market, leg, moment)


def _after_trigger(market: Market, head: Order, trigger: Order, others: list[Order], moment: int) -> None:
    if not trigger.executed:
        for other in others:
            _close(market, other, "Canceled", moment)
        return
    sleeping = [other for other in others if not other.is_final and other.cancel_ms is None]
    for other in sleeping:
        if other.symbol == trigger.symbol:
            other.quantity = min(other.quantity, trigger.executed)
    # All are checked before one is awake: a pair needs money and shares only once.
    for other, verdict in [(other, _check(market, other, moment)) for other in sleeping]:
        _wake(market, other, verdict, moment)
    if any(other.status == "Rejected" for other in others):
        for other in others:
            _close(market, other, "Canceled", moment)
    elif is_pair(head.type):
        share_reserve(others)
    for other in others:
        save_order(market.state, other)


def _check(market: Market, leg: Order, moment: int) -> Verdict:
    account = find_account(market, leg.account_id)
    assert account is not None  # noqa: S101 - a foreign key promises it
    return fund(market, account, ticket_of(leg), at_ms=moment, instead_of=leg)


def _wake(market: Market, leg: Order, verdict: Verdict, moment: int) -> None:
    """Send a sleeping leg to the market, if the account can carry it now."""
    leg.fill_from_ms = first_fill_ms(market, leg.id, moment)
    if verdict.code is not None:
        leg.error_code, leg.error_text = verdict.code, verdict.text
        end(market, leg, "Rejected", target="Reject", at_ms=moment, description=verdict.code)
    else:
        leg.claim = verdict.claim
        leg.expire_ms = expiry_of(market, ticket_of(leg), moment)
        if leg.replace_ms is None:
            leg.turn("New", request_status="Complete", target="New", at_ms=moment)
        leg.transaction_ms = moment
        log_event(market.state, leg, at_ms=moment)
    leg.reserved = leg.claim
    schedule(market, leg, moment)


def share_reserve(legs: list[Order]) -> None:
    """Only one of a pair will trade: together they reserve what the dearer of them needs."""
    covered = ZERO
    for leg in legs:
        leg.reserved = max(leg.claim - covered, ZERO)
        covered = max(covered, leg.claim)


def _finish(market: Market, head: Order, legs: list[Order], moment: int) -> None:
    """A head is filled when all is done that it was for; else it ends as its last leg did."""
    trigger, others = trigger_and_others(head.type, legs)
    is_done = any(leg.status == "Filled" for leg in others) and (trigger is None or trigger.status == "Filled")
    last = max(legs, key=lambda leg: (leg.date_ms, leg.id))
    status = "Filled" if is_done else "Canceled" if last.status in ("Filled", "Rejected") else last.status
    target = "Execution" if is_done else last.target
    end(market, head, status, target=target, at_ms=moment, description=None if is_done else last.description)
    schedule(market, head, moment)
