"""What an order needs and what it may not have, as far as it can be known without asking anybody.

Source: API.md chapter 6 and its contradictions C21, C26, C28-C31, where the stricter reading was taken; a fraction of
a cent as the step of prices below 1 USD from SEC rule 612.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from brokers.templatetags.figures import money, price, quantity
from trading.orders.errors import TicketInvalid
from trading.orders.models import Order
from trading.orders.tickets import CLOSING_SIDE, OPPOSITE_SIDE, Ticket, Trail

if TYPE_CHECKING:
    from trading.securities.models import Quote, Security

# Far above any private order and far below what the columns hold; keeps a slip of the finger from the wire.
MOST_SHARES = Decimal(1_000_000)
HIGHEST_PRICE = Decimal(1_000_000)
LEAST_CASH = Decimal(1)
LONGEST_GTD = timedelta(days=365)

Type, Life, Session = Order.Type, Order.TimeInForce, Order.Session
NEEDS_LIMIT = {Type.LIMIT, Type.STOP_LIMIT}
NEEDS_STOP = {Type.STOP, Type.STOP_LIMIT}
NEEDS_TRAIL = {Type.TRAILING_STOP, Type.TRAILING_STOP_LIMIT}
_UNTIL_FILLED: set[str] = {Life.DAY, Life.GTC, Life.GTD}
LIVES_OF_TYPE: dict[str, set[str]] = {
    Type.MARKET: {Life.DAY, Life.OPENING, Life.CLOSING},
    Type.LIMIT: set(Life),
    Type.STOP: _UNTIL_FILLED,
    Type.STOP_LIMIT: _UNTIL_FILLED,
    Type.TRAILING_STOP: _UNTIL_FILLED,
    Type.TRAILING_STOP_LIMIT: _UNTIL_FILLED,
}
LIVES_OUT_OF_HOURS: set[str] = {Life.DAY, Life.GTC, Life.GTD}


def check_ticket(ticket: Ticket, security: "Security | None", *, today: date) -> None:
    """Raise TicketInvalid, with the field, for what cannot be right. `today` is the New York day."""
    if security is not None and not security.is_tradable:
        raise TicketInvalid(f"{security.symbol} cannot be traded at the moment.", field="symbol")
    for order in ticket.orders:
        _check_words(order)
        _check_size(order, security)
        _check_prices(order, security)
        _check_life(order, today)
        _check_session(order)
        if order.side == Order.Side.SHORT and security is not None and not security.may_be_shorted:
            raise TicketInvalid(f"{security.symbol} cannot be sold short.", field="side")
    if ticket.is_group:
        _check_group(ticket)


def _check_words(order: Ticket) -> None:
    known = order.side in Order.Side and order.type in LIVES_OF_TYPE and order.time_in_force in Life
    if not known or order.session not in Session:
        raise TicketInvalid("Choose what to do, the type of order and how long it stays.")


def _check_size(order: Ticket, security: "Security | None") -> None:
    if order.cash_amount is not None:
        _check_cash(order, security)
        return
    shares = order.quantity
    if shares is None or not shares.is_finite() or shares <= 0:
        raise TicketInvalid("Enter how many shares: 1 or more.", field="quantity")
    if shares > MOST_SHARES:
        raise TicketInvalid(f"At most {quantity(MOST_SHARES)} shares in one order.", field="quantity")
    if not shares % 1:
        return
    decimals = security.fraction_precision if security is not None else 0
    if not decimals:
        raise TicketInvalid("Enter whole shares; fractions of this one cannot be traded.", field="quantity")
    if shares % Decimal(1).scaleb(-decimals):
        raise TicketInvalid(f"At most {decimals} decimals of a share.", field="quantity")
    if order.type != Type.LIMIT:
        raise TicketInvalid("Parts of a share need a limit order, or an amount in dollars.", field="quantity")


def _check_cash(order: Ticket, security: "Security | None") -> None:
    cash = order.cash_amount
    if cash is None or not cash.is_finite() or cash < LEAST_CASH:
        raise TicketInvalid(f"Enter an amount of {money(LEAST_CASH)} or more.", field="cash_amount")
    if cash > HIGHEST_PRICE:
        raise TicketInvalid(f"At most {money(HIGHEST_PRICE)} in one order.", field="cash_amount")
    if cash % Decimal("0.01"):
        raise TicketInvalid("Enter dollars and whole cents.", field="cash_amount")
    if security is not None and not security.fraction_precision:
        raise TicketInvalid(f"{security.symbol} is traded in whole shares only.", field="cash_amount")
    if order.type != Type.MARKET:
        raise TicketInvalid("An order for an amount in dollars is a market order.", field="type")


def _check_prices(order: Ticket, security: "Security | None") -> None:
    if order.type in NEEDS_LIMIT:
        _check_price(order.limit_price, security, name="limit price", field="limit_price")
    elif order.limit_price is not None:
        raise TicketInvalid("This type of order has no limit price.", field="limit_price")
    if order.type in NEEDS_STOP:
        _check_price(order.stop_price, security, name="stop price", field="stop_price")
    if order.type in NEEDS_TRAIL:
        _check_trail(order.trail, name="distance of the stop", field="trail_value")
    if order.type == Type.TRAILING_STOP_LIMIT:
        _check_trail(order.limit_offset, name="distance of the limit", field="limit_offset_value")


def _check_price(value: Decimal | None, security: "Security | None", *, name: str, field: str) -> None:
    if value is None or not value.is_finite() or value <= 0:
        raise TicketInvalid(f"Enter a {name} above zero.", field=field)
    if value > HIGHEST_PRICE:
        raise TicketInvalid(f"A {name} of at most {money(HIGHEST_PRICE)}.", field=field)
    tick = tick_at(value, security)
    if value % tick:
        raise TicketInvalid(f"The {name} moves in steps of {tick.normalize():f}.", field=field)


def _check_trail(trail: Trail | None, *, name: str, field: str) -> None:
    if trail is None or not trail.value.is_finite() or trail.value <= 0:
        raise TicketInvalid(f"Enter the {name}, above zero.", field=field)
    if trail.is_percent and trail.value >= 100:
        raise TicketInvalid("Enter less than 100 percent.", field=field)
    if trail.value % Decimal("0.01"):
        raise TicketInvalid(f"The {name} has at most two decimals.", field=field)


def _check_life(order: Ticket, today: date) -> None:
    if order.time_in_force not in LIVES_OF_TYPE[order.type]:
        what = Order.Type(order.type).label.lower()
        words = (
            "A market order is good for the day." if order.type == Type.MARKET else f"A {what} order cannot be that."
        )
        raise TicketInvalid(words, field="time_in_force")
    if (order.quantity is None or order.quantity % 1) and order.time_in_force != Life.DAY:
        raise TicketInvalid("Parts of a share are good for the day only.", field="time_in_force")
    if order.time_in_force != Life.GTD:
        return
    if order.expires_on is None:
        raise TicketInvalid("Choose the last day that the order is good for.", field="expires_on")
    if order.expires_on < today:
        raise TicketInvalid("This day is over. Choose today or a later one.", field="expires_on")
    if order.expires_on > today + LONGEST_GTD:
        raise TicketInvalid("Choose a day within a year.", field="expires_on")


def _check_session(order: Ticket) -> None:
    if order.session == Session.REGULAR:
        return
    if order.type != Type.LIMIT:
        raise TicketInvalid("Outside regular hours only limit orders are taken.", field="session")
    if order.time_in_force not in LIVES_OUT_OF_HOURS:
        raise TicketInvalid("This life of an order is for regular hours only.", field="time_in_force")
    if order.quantity is not None and order.quantity % 1:
        raise TicketInvalid("Parts of a share are traded in regular hours only.", field="session")


def _check_group(ticket: Ticket) -> None:
    """Legs that contradict each other."""
    if any(leg.cash_amount is not None or leg.is_group for leg in ticket.legs):
        raise TicketInvalid("Orders that belong together are for shares.", field="cash_amount")
    if ticket.type == Type.OCO:
        _check_exits(ticket.legs, entry=None)
        return
    if ticket.is_reversal:
        _check_reversal(*ticket.legs)
        return
    entry, exits = ticket.legs[0], ticket.legs[1:]
    if entry.type not in {Type.LIMIT, Type.STOP, Type.STOP_LIMIT}:
        raise TicketInvalid("The entry has to be a limit or a stop order.", field="type")
    if entry.time_in_force not in _UNTIL_FILLED:
        raise TicketInvalid("The entry is good for the day, till canceled or till a date.", field="time_in_force")
    if any(leg.side != CLOSING_SIDE.get(Order.Side(entry.side)) for leg in exits):
        raise TicketInvalid("Exits close what the entry opens.", field="side")
    _check_exits(exits, entry=entry)


def _check_reversal(closing: Ticket, opening: Ticket) -> None:
    """AutoShares takes no market order as the first of two; both are of one day: neither outlives the other."""
    if closing.type not in {Type.LIMIT, Type.STOP, Type.STOP_LIMIT}:
        words = (
            "AutoShares takes no such order as the first of two. Enter a limit: at the bid or the ask it trades now."
        )
        raise TicketInvalid(words, field="type")
    if closing.time_in_force != Life.DAY or closing.session != Session.REGULAR:
        raise TicketInvalid("A reversal is good for the regular hours of today.", field="time_in_force")
    same = opening.symbol == closing.symbol and opening.quantity == closing.quantity
    if not same or opening.side != OPPOSITE_SIDE[Order.Side(closing.side)]:
        raise TicketInvalid("The second order opens the opposite of what the first one closes.", field="plan")


def _check_exits(exits: tuple[Ticket, ...], *, entry: Ticket | None) -> None:
    """A target on the gaining side, a stop on the losing side, of each other and of the entry."""
    sells = not exits[0].is_buy
    target = next((leg.limit_price for leg in exits if leg.type == Type.LIMIT), None)
    stop = next((leg.stop_price for leg in exits if leg.stop_price is not None), None)
    start = (entry.limit_price or entry.stop_price) if entry is not None else None
    beyond = "above" if sells else "below"
    if target is not None and stop is not None and (target <= stop if sells else target >= stop):
        raise TicketInvalid(f"The target has to be {beyond} the stop.", field="target_price")
    if start is None:
        return
    if target is not None and (target <= start if sells else target >= start):
        raise TicketInvalid(f"The target has to be {beyond} the entry at {price(start)}.", field="target_price")
    if stop is not None and (stop >= start if sells else stop <= start):
        other = "below" if sells else "above"
        raise TicketInvalid(f"The stop has to be {other} the entry at {price(start)}.", field="exit_stop_price")


def check_against_market(ticket: Ticket, quote: "Quote | None") -> None:
    """Raise TicketInvalid for a stop that is on the wrong side of the last price: it would trigger at once."""
    last = quote.last if quote is not None else None
    if last is None:
        return
    alone = ticket.orders if ticket.type == Type.OCO else (ticket.lead,)
    for order in alone:
        stop = order.stop_price
        if stop is None or (stop > last if order.is_buy else stop < last):
            continue
        where = "above" if order.is_buy else "below"
        moves = "rises" if order.is_buy else "falls"
        field = "exit_stop_price" if ticket.type == Type.OCO else "stop_price"
        words = (
            f"{order.symbol} is at {price(last)}. This stop waits until the price {moves} to it: enter one {where}."
        )
        raise TicketInvalid(words, field=field)


def tick_at(value: Decimal, security: "Security | None") -> Decimal:
    """The step of a price, USD: the security's own, or cents, and a hundredth of a cent below 1 USD."""
    tick = security.tick_size if security is not None and security.tick_size > 0 else Decimal("0.01")
    # API.md 5.5: 0.0001 below 1 USD (SEC rule 612), whatever the security's tick is above.
    return min(tick, Decimal("0.0001")) if value < 1 else tick
