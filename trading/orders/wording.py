"""Tickets in words: the sentence that is read back before an act with consequences."""

from decimal import Decimal
from typing import Protocol

from django.utils.formats import date_format

from brokers.templatetags.figures import money, price, quantity
from trading.orders.models import Order
from trading.orders.tickets import Ticket, Trail, plain_number

_VERBS = {
    Order.Side.BUY: "Buy",
    Order.Side.SELL: "Sell",
    Order.Side.SHORT: "Sell short",
    Order.Side.COVER: "Buy to cover",
}
_LIVES = {
    Order.TimeInForce.DAY: "good today",
    Order.TimeInForce.GTC: "good till canceled",
    Order.TimeInForce.IOC: "what can be filled at once, the rest canceled",
    Order.TimeInForce.FOK: "all at once or nothing",
    Order.TimeInForce.OPENING: "at the open",
    Order.TimeInForce.CLOSING: "at the close",
}
_SESSIONS = {
    Order.Session.PRE: "before the open only",
    Order.Session.POST: "after the close only",
    Order.Session.PRE_REGULAR: "from before the open to the close",
    Order.Session.REGULAR_POST: "from the open until after the close",
    Order.Session.PRE_POST: "before the open and after the close",
    Order.Session.ALL: "before the open to after the close",
}


class Priced(Protocol):
    """What a preview says an order costs, in USD."""

    @property
    def cost(self) -> Decimal | None: ...

    @property
    def commission(self) -> Decimal | None: ...


def sentence(ticket: Ticket, preview: Priced | None = None) -> str:
    """Buy 100 AAPL at 181.20 or better, good today, for about $18,120.00 plus $1.00 commission."""
    words = _what(ticket)
    if preview is None or preview.cost is None:
        return words
    words += f", for about {money(abs(preview.cost))}"
    if preview.commission:
        words += f" {'plus' if ticket.is_buy else 'less'} {money(preview.commission)} commission"
    return words


def _what(ticket: Ticket) -> str:
    """Who does what to how much, at which price, and under which conditions."""
    lead = ticket.lead
    act = f"{_VERBS[Order.Side(lead.side)]} {size(lead)} {how(lead)}"
    conditions = ", ".join(_conditions(lead))
    if ticket.type == Order.Type.OCO:
        return f"{act}, or {how(ticket.legs[1])}, whichever comes first, {conditions}"
    if ticket.is_reversal:
        opening = ticket.legs[1]
        verb = _VERBS[Order.Side(opening.side)].lower()
        return f"{act}, {conditions}; once filled, {verb} {size(opening)} {how(opening)}, {life(opening)}"
    if ticket.is_group:
        exits = ticket.legs[1:]
        verb, them = _VERBS[Order.Side(exits[0].side)].lower(), "it" if lead.quantity == 1 else "them"
        ways = ", or ".join(how(leg) for leg in exits)
        return f"{act}, {conditions}; once filled, {verb} {them} {ways}, {life(exits[0])}"
    return f"{act}, {conditions}"


def size(ticket: Ticket) -> str:
    """100 AAPL, or $500.00 of AAPL."""
    if ticket.cash_amount is not None:
        return f"{money(ticket.cash_amount)} of {ticket.symbol}"
    return f"{quantity(ticket.quantity)} {ticket.symbol}"


def how(ticket: Ticket) -> str:
    """At which price: at the market price; at 181.20 or better; at the market once it trades at 165.00 or lower."""
    kind = ticket.type
    if kind == Order.Type.MARKET:
        return "at the market price"
    if kind == Order.Type.LIMIT:
        return f"at {price(ticket.limit_price)} or better"
    worse = "or higher" if ticket.is_buy else "or lower"
    if kind == Order.Type.STOP:
        return f"at the market once it trades at {price(ticket.stop_price)} {worse}"
    if kind == Order.Type.STOP_LIMIT:
        return f"at {price(ticket.limit_price)} or better once it trades at {price(ticket.stop_price)} {worse}"
    moves = "rises" if ticket.is_buy else "falls"
    trigger = f"once it {moves} {distance(ticket.trail)} from its best price"
    if kind == Order.Type.TRAILING_STOP:
        return f"at the market {trigger}"
    return f"{trigger}, with a limit {distance(ticket.limit_offset)} beyond that"


def distance(trail: Trail | None) -> str:
    if trail is None:
        return "–"
    return f"{plain_number(trail.value)}%" if trail.is_percent else money(trail.value)


def _conditions(ticket: Ticket) -> list[str]:
    words = [life(ticket)]
    if ticket.session != Order.Session.REGULAR:
        words.append(_SESSIONS[Order.Session(ticket.session)])
    if ticket.all_or_none:
        words.append("all or none")
    return words


def life(ticket: Ticket) -> str:
    if ticket.time_in_force == Order.TimeInForce.GTD:
        return f"good through {date_format(ticket.expires_on, 'M j, Y')}" if ticket.expires_on else "good till a date"
    return _LIVES[Order.TimeInForce(ticket.time_in_force)]
