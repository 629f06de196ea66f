"""Orders as they are entered: ids, moments and luck by the state, the clock and the seed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sandbox.exchange.calendar import PARTS_OF_DAY
from sandbox.exchange.checks import Verdict
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO
from sandbox.exchange.options import expiration_of
from sandbox.exchange.orders import LIMIT_TYPES, NEVER_MS, STOP_TYPES, Order, next_order_id
from sandbox.exchange.securities import find_security, security_of
from sandbox.exchange.tickets import AUCTIONS, DATED, Ticket
from sandbox.exchange.walk import key_of, mix

QUICKEST_ACCEPTANCE_MS, LATEST_ACCEPTANCE_MS = 150, 500


def draft(
    market: Market, account_id: int, user_id: int, ticket: Ticket, verdict: Verdict, *, number: int = 0,
    parent: Order | None = None,
) -> Order:  # fmt: skip
    """The order of a ticket, not yet stored. A leg has a `number` from 1 and is accepted with its `parent`."""
    now = market.now_ms()
    settings, security = market.settings, verdict.security
    order_id = next_order_id(market.state) + number
    luck = mix(key_of(market.seed, "latency"), order_id)
    accept_ms = now + QUICKEST_ACCEPTANCE_MS + luck % (LATEST_ACCEPTANCE_MS - QUICKEST_ACCEPTANCE_MS)
    if parent is not None:
        accept_ms = parent.accept_ms
    quantity = verdict.quantity or ticket.quantity
    is_alone = parent is None or not parent.is_strategy
    script = market.script_of(security.symbol if security and is_alone else "", ticket.scripted_quantity)
    echoed = ticket.client_id if settings.echo_client_id else None
    return Order(
        id=order_id,
        account_id=account_id,
        user_id=user_id,
        client_id=echoed or str(1_000_000_000 + order_id),
        sent_client_id=ticket.client_id,
        parent_id=parent.id if parent else None,
        request_id=order_id + 20_000,
        symbol=security.symbol if security else "" if ticket.legs else (ticket.symbol or ""),
        security_id=security.id if security else 0,
        contract_size=int(security.contract_size) if security else 1,
        side=ticket.side,
        initial_type=ticket.type,
        type="Market" if ticket.is_cash_amount else ticket.type,
        tif=ticket.tif,
        quantity=quantity,
        price=ticket.quantity if ticket.is_cash_amount else _or_zero(ticket.price, ticket.type in LIMIT_TYPES),
        stop_price=_or_zero(ticket.stop_price, ticket.type in STOP_TYPES),
        trail_type=ticket.trail_type,
        trail_amount=ticket.trail_amount or ZERO,
        trail_limit_type=ticket.trail_limit_type,
        trail_limit_amount=ticket.trail_limit_amount or ZERO,
        exchange=ticket.exchange,
        exec_inst=ticket.exec_inst or "None",
        comment=ticket.comment,
        extended_hours=ticket.hours if ticket.extended_hours else None,
        create_ms=now,
        date_ms=now,
        transaction_ms=now,
        listed_ms=now + int(settings.visibility_lag_seconds * 1000),
        accept_ms=accept_ms,
        fill_from_ms=(
            NEVER_MS if ticket.is_conditional else first_fill_ms(market, order_id, accept_ms) + script.delay_ms
        ),
        expire_ms=None if ticket.is_conditional else expiry_of(market, ticket, now),
        late_reject=script.late_reject or (settings.late_reject if parent is None else None),
    )


def _or_zero(price: Decimal | None, has_one: bool) -> Decimal:
    return price if price is not None and has_one else ZERO


def first_fill_ms(market: Market, order_id: int, accept_ms: int) -> int:
    """An order does not trade in the moment of its acceptance."""
    return accept_ms + 150 + (mix(key_of(market.seed, "latency"), order_id) >> 32) % 850


def expiry_of(market: Market, ticket: Ticket, entered_ms: int) -> int | None:
    """When the order ends by itself: with its day, on its date, in its auction; None for good till cancel.

    An order for an option ends with the option at the latest.
    """
    security = find_security(ticket.symbol)
    ends_ms = _by_time_in_force(market, ticket, entered_ms)
    if security is None or not security.is_option:
        return ends_ms
    last_ms = expiration_of(security).ends_ms
    return last_ms if ends_ms is None else min(ends_ms, last_ms)


def strategy_expiry(legs: Iterable[Order], ends_ms: int | None) -> int:
    """A strategy ends with the first of its options at the latest; `ends_ms`: by its time in force."""
    options = [security for leg in legs if (security := security_of(leg.symbol)).is_option]
    return min(ends_ms or NEVER_MS, *(expiration_of(option).ends_ms for option in options))


def _by_time_in_force(market: Market, ticket: Ticket, entered_ms: int) -> int | None:
    if ticket.tif == "GoodTillCancel":
        return None
    if ticket.tif in DATED:
        return ticket.expire_ms
    if ticket.tif in AUCTIONS:
        # The auction must not come before the order is accepted.
        return market.hours.auction_ms(entered_ms + LATEST_ACCEPTANCE_MS, opening=ticket.tif == "AtTheOpening")
    hours = ticket.hours if ticket.hours in PARTS_OF_DAY else "REG"
    return market.hours.day_order_ends(entered_ms, hours)
