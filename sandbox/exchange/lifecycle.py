"""The life of a single order: what happens to it next, when, and what becomes of it then.

Prices are a pure function of time, so nothing has to be watched: each open order carries `due_ms`, the next moment at
which something happens to it: acceptance, a trigger, a fill, a replacement, the end of the day, a cancellation.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.exchange.fills import fill, is_stuck, size_gathers_ms, slice_at
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO
from sandbox.exchange.orders import (
    NEVER_MS,
    REFUSALS,
    STOP_TYPES,
    TRAILING_TYPES,
    Order,
    legs_of,
    log_event,
    save_order,
)
from sandbox.exchange.prices import STEP_MS, Level
from sandbox.exchange.replacing import apply_replacement
from sandbox.exchange.securities import security_of
from sandbox.exchange.strategies import first_met, is_met, trade
from sandbox.exchange.tickets import AT_ONCE, AUCTIONS, DATED
from sandbox.exchange.trailing import follow

LOOK_AHEAD_MS = 24 * 3_600_000
STRATEGY_LOOK_AHEAD_MS = 3_600_000


def schedule(market: Market, order: Order, moment: int) -> None:
    """Find out when something happens to the order next, and store it as it is at this moment."""
    order.due_ms = None if order.is_final else next_moment(market, order, moment)
    save_order(market.state, order)


def next_moment(market: Market, order: Order, after_ms: int) -> int:
    """When to look at the order next; at the latest in a day, so that a search never goes too far."""
    if order.status == "PendingNew":
        return order.accept_ms
    look_ahead_ms = STRATEGY_LOOK_AHEAD_MS if order.is_strategy else LOOK_AHEAD_MS
    look_again = NEVER_MS if order.is_asleep else after_ms + look_ahead_ms
    ends = (order.cancel_ms, order.replace_ms, order.expire_ms, look_again)
    horizon = min(ms for ms in ends if ms is not None)
    start = max(after_ms, order.fill_from_ms)
    if order.tif in AUCTIONS or start >= horizon:
        return horizon
    hit = start if order.tif in AT_ONCE else _next_action(market, order, start, horizon)
    return horizon if hit is None else min(hit, horizon)


def _next_action(market: Market, order: Order, start: int, until: int) -> int | None:
    """When the market reaches the order: its stop, if it waits for one, else its price."""
    if is_stuck(market, order) or _is_halted(market, order):
        return None
    if order.is_strategy:
        return first_met(market, order, start, until)
    if order.type in TRAILING_TYPES:
        return _follow(market, order, start, until)
    if order.type in STOP_TYPES:
        level = Level.of_stop(order.side, order.stop_price)
        return market.tape.first_reach(order.symbol, level, from_ms=start, until_ms=until)
    start = max(start, size_gathers_ms(order))
    while start < until:
        touch = market.tape.first_touch(
            order.symbol, side=order.side, limit=order.limit, from_ms=start, until_ms=until, extended=order.hours
        )
        if touch is None or slice_at(market, order, touch):
            return touch
        start = (touch // STEP_MS + 1) * STEP_MS
    return None


def _is_halted(market: Market, order: Order) -> bool:
    if market.script_of(order.symbol, order.scripted_quantity).halts:
        return True
    symbols = [order.symbol] if order.symbol else [leg.symbol for leg in legs_of(market.state, order)]
    return bool(market.halted) and any(market.is_halted(security_of(symbol)) for symbol in symbols)


def _follow(market: Market, order: Order, start: int, until: int) -> int | None:
    """Bring a trailing stop up to `start`, then find out when it will be met. Its best price is kept as of `start`."""
    if order.best is None or order.best_ms is None:
        order.best, order.best_ms = market.tape.quote(order.symbol, start).last, start
    hit, best = follow(market.tape, order.symbol, order.trail, best=order.best, from_ms=order.best_ms, until_ms=start)
    if hit is None:
        hit, _ = follow(market.tape, order.symbol, order.trail, best=best, from_ms=start, until_ms=until)
    order.best, order.best_ms = best, start
    return None if hit is None else max(hit, start)


def happen(market: Market, order: Order, moment: int) -> None:
    """Let happen to the order what is due at this moment; the caller schedules it again."""
    if order.status == "PendingNew":
        _accept(market, order, moment)
    elif order.cancel_ms is not None and order.cancel_ms <= moment:
        end(market, order, "Canceled", target="Cancel", at_ms=moment)
    elif order.replace_ms is not None and order.replace_ms <= moment:
        apply_replacement(market, order, moment)
    elif order.expire_ms is not None and order.expire_ms <= moment:
        _expire(market, order, moment)
    elif order.fill_from_ms <= moment:
        if market.hours.is_open(moment, order.hours):
            _meet_the_market(market, order, moment)
        if order.tif in AT_ONCE and not order.is_final:
            end(market, order, "Canceled", target="Cancel", at_ms=moment, description="Not filled at once")


def _accept(market: Market, order: Order, moment: int) -> None:
    if order.late_reject:
        order.error_code, order.error_text = order.late_reject, REFUSALS.get(order.late_reject, order.late_reject)
        end(market, order, "Rejected", target="Reject", at_ms=moment, description=order.late_reject)
        return
    order.turn("New", request_status="Complete", target="New", at_ms=moment)
    order.transaction_ms = moment
    log_event(market.state, order, at_ms=moment)


def end(market: Market, order: Order, status: str, *, target: str, at_ms: int, description: str | None = None) -> None:
    """Close the order for good; the caller schedules it."""
    done = "Rejected" if status == "Rejected" else "Complete"
    order.turn(status, request_status=done, target=target, at_ms=at_ms, description=description)
    order.reserved = order.claim = ZERO
    log_event(market.state, order, at_ms=at_ms)


def _expire(market: Market, order: Order, moment: int) -> None:
    """The end of its time in force; for an order of an auction that is its auction."""
    if order.tif in AUCTIONS:
        _meet_the_market(market, order, moment)
        if not order.is_final:
            end(market, order, "Canceled", target="Cancel", at_ms=moment, description="Not filled in the auction")
    elif order.tif in ("GoodTillCancel", *DATED):
        end(market, order, "Expired", target="New", at_ms=moment)
    else:
        end(market, order, "DoneForDay", target="New", at_ms=moment, description="Expired by OMS")


def _meet_the_market(market: Market, order: Order, moment: int) -> None:
    """Trigger the stop or trade, if the quote of this moment allows it."""
    if _is_halted(market, order):
        return
    if order.is_strategy:
        if is_met(market, order, legs_of(market.state, order), moment):
            trade(market, order, moment)
        return
    quote = market.tape.quote(order.symbol, moment)
    if order.type in TRAILING_TYPES:
        if order.best is not None and order.trail.is_met(_best_until(market, order, moment), quote.last):
            _trigger_trailing(market, order, moment)
    elif order.type in STOP_TYPES:
        if Level.of_stop(order.side, order.stop_price).is_reached(quote):
            _trigger(market, order, moment)
    elif order.limit is None or Level.of_limit(order.side, order.limit).is_reached(quote):
        quantity = slice_at(market, order, moment)
        if quantity:
            fill(market, order, quote, quantity, moment)


def _best_until(market: Market, order: Order, moment: int) -> Decimal:
    assert order.best is not None and order.best_ms is not None  # noqa: S101 - set when it was scheduled
    tape, last = market.tape, market.tape.quote(order.symbol, moment).last
    _, best = follow(tape, order.symbol, order.trail, best=order.best, from_ms=order.best_ms, until_ms=moment)
    return order.trail.better(best, last)


def _trigger(market: Market, order: Order, moment: int) -> None:
    """A stop turns into the order behind it, which may trade in the same second."""
    order.type = "Limit" if order.type in ("StopLimit", "TrailingStopLimit") else "Market"
    if not order.status.startswith("Pending"):
        order.turn("New", request_status="Complete", target="Status", at_ms=moment)
    log_event(market.state, order, at_ms=moment)


def _trigger_trailing(market: Market, order: Order, moment: int) -> None:
    """The stop stays where it was met; the limit lies behind it by its own offset, on the security's grid."""
    order.best, order.best_ms = _best_until(market, order, moment), moment
    stop = order.trail.stop(order.best)
    amount = order.trail_limit_amount
    offset = amount if order.trail_limit_type == "Absolute" else stop * amount / 100
    tick = security_of(order.symbol).tick
    order.stop_price = on_grid(stop, tick)
    if order.type == "TrailingStopLimit":
        order.price = max(on_grid(stop + offset if order.is_buy else stop - offset, tick), tick)
    _trigger(market, order, moment)


def on_grid(price: Decimal, tick: Decimal) -> Decimal:
    """The price on the grid of `tick` that is nearest."""
    return (price / tick).to_integral_value() * tick


def stop_now(market: Market, order: Order) -> Decimal:
    """Where the stop of the order lies at this moment; 0 if it has none."""
    if order.type not in TRAILING_TYPES or order.best is None or order.best_ms is None or order.is_final:
        return order.stop_price
    now = market.now_ms()
    _, best = follow(market.tape, order.symbol, order.trail, best=order.best, from_ms=order.best_ms, until_ms=now)
    return on_grid(order.trail.stop(best), security_of(order.symbol).tick)
