"""Turning a position around: one order closes it, and once that is filled another one opens the opposite.

AutoShares, like its sandbox, does not let one order both close and open, so these are two of which the first triggers
the second (API.md 6.2, 6.4). The first one may not be a market order there; the second one waits asleep, so whether
the account may carry it is checked by us before the position is gone.
"""

from decimal import Decimal

from django.db.models import Sum

from brokers.templatetags.figures import quantity
from investors.accounts.models import TradingAccount
from trading.orders.errors import TicketInvalid
from trading.orders.models import Order
from trading.orders.tickets import OPPOSITE_SIDE, Ticket, plain_number
from trading.portfolio.models import Position
from trading.securities.models import Quote, Security


def reversed_by(closing: Ticket) -> Ticket:
    """`closing`, and the market order that opens as much on the other side. Raises TicketInvalid."""
    side = OPPOSITE_SIDE.get(Order.Side(closing.side))
    if side is None:
        raise TicketInvalid("Only a sale or a cover can be followed by the opposite position.", field="plan")
    opening = Ticket(
        symbol=closing.symbol,
        side=side,
        type=Order.Type.MARKET,
        time_in_force=Order.TimeInForce.DAY,
        quantity=closing.quantity,
    )
    return Ticket.of_legs(Order.Type.OTO, closing, opening)


def check_reversal(account: TradingAccount, ticket: Ticket) -> None:
    """Raise TicketInvalid where the second order could not follow the first one. One query."""
    closing, opening = ticket.legs
    held = held_of(account, ticket.symbol)
    if closing.quantity != (-held if closing.is_buy else held):
        words = f"You hold {quantity(held)} {ticket.symbol}: a reversal closes exactly that."
        raise TicketInvalid(words, field="quantity")
    if opening.side == Order.Side.SHORT and not account.has_margin:
        raise TicketInvalid("Selling short needs a margin account.", field="plan")


def held_of(account: TradingAccount, symbol: str) -> Decimal:
    """Shares, negative where they are sold short. One query."""
    held = Position.unscoped.filter(account=account, symbol=symbol).aggregate(held=Sum("quantity"))["held"]
    return held or Decimal(0)


def may_reverse(account: TradingAccount, security: Security, held: Decimal) -> bool:
    """Whether it is worth offering: parts of a share cannot be turned around."""
    may_be_short = held < 0 or (security.may_be_shorted and account.has_margin)
    return bool(held) and not held % 1 and may_be_short


def closing_terms(security: Security, side: str) -> dict[str, str]:
    """What the ticket of a reversal begins with: a limit at which the market would take it now."""
    quote = Quote.unscoped.filter(security=security).first()
    touch = quote.reached_by(is_buy=side == Order.Side.COVER) if quote is not None else None
    terms = {"plan": "reverse", "type": str(Order.Type.LIMIT)}
    return terms | ({"limit_price": plain_number(touch)} if touch is not None else {})
