"""The rules that an order has to pass before its intent is written: each refusal names its rule.

Called while the account's row is locked, so that racing orders are counted one after another.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from django.db.models import Case, DecimalField, ExpressionWrapper, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, NullIf

from brokers.templatetags.figures import money, percent, price, quantity
from investors.accounts.models import TradingAccount
from investors.people import User
from trading.market_hours import NEW_YORK, new_york_day
from trading.orders.models import Order
from trading.orders.rules import NEEDS_LIMIT
from trading.orders.states import FINAL, SETTLED, OrderState
from trading.orders.tickets import Ticket
from trading.orders.wording import sentence
from trading.portfolio.models import AccountBook
from trading.risk.errors import RiskRefused
from trading.risk.limits import Limits
from trading.risk.models import RiskDenial
from trading.securities.models import Quote, Security

OPTION = "Option"
CONTRACT = Decimal(100)
BOUGHT, UNCOVERED = 2, 4
Rule = RiskDenial.Rule

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proposal:
    """An order that somebody wants to place, and what is known around it. `value` in USD, None if nobody knows."""

    account: TradingAccount
    user: User
    ticket: Ticket
    security: Security | None
    quote: Quote | None
    value: Decimal | None
    replacing: Order | None = None

    @property
    def lead(self) -> Ticket:
        return self.ticket.lead


@dataclass(frozen=True)
class Breach:
    rule: str
    words: str
    field: str | None = None


def value_of(ticket: Ticket, quote: Quote | None, security: Security | None) -> Decimal | None:
    """What the order would move, USD: at its own price where it has one, else at the last quote's touch.

    Of orders that belong together the one that decides counts; both of them where a position is turned around.
    """
    moved = [_value_of(order, quote, security) for order in (ticket.legs if ticket.is_reversal else (ticket.lead,))]
    known = [value for value in moved if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(moved) else None


def _value_of(order: Ticket, quote: Quote | None, security: Security | None) -> Decimal | None:
    if order.cash_amount is not None:
        return order.cash_amount
    at = order.limit_price or order.stop_price
    if at is None and quote is not None:
        at = quote.reached_by(is_buy=order.is_buy)
    if at is None or order.quantity is None:
        return None
    size = CONTRACT if security is not None and security.type == OPTION else Decimal(1)
    return (at * order.quantity * size).quantize(Decimal("0.01"))


def check_risk(proposal: Proposal, limits: Limits) -> None:
    """Raise RiskRefused for the first rule that says no.

    No query, unless limits count what is open or happened today. The caller holds the account's row.
    """
    if limits.counts_investor:  # an investor's sums reach over accounts
        User.objects.select_for_update(no_key=True).get(pk=proposal.user.pk)
    for breach in find_breaches(limits, proposal):
        raise RiskRefused(breach.words, rule=breach.rule, field=breach.field)


def propose(account: TradingAccount, user: User, ticket: Ticket, *, replacing: Order | None = None) -> Proposal:
    """The ticket with what is known around it. An order that is `replacing` another is counted in its place.

    One query.
    """
    securities = Security.unscoped.select_related("quote").filter(broker_id=account.broker_id, symbol=ticket.symbol)
    security = securities.first()
    quote = getattr(security, "quote", None)
    return Proposal(account, user, ticket, security, quote, value_of(ticket, quote, security), replacing)


def find_breaches(limits: Limits, proposal: Proposal) -> Iterator[Breach]:
    """Every rule that the proposal breaks, the plainest first. Sums are only asked for where something limits them."""
    for rule in (_instruments, _types, _shorts, _sizes, _collar):
        yield from rule(limits, proposal)
    orders = _orders_that_count(proposal, counts_investor=limits.counts_investor)
    yield from _open_orders(limits, proposal, orders)
    yield from _turnover(limits, proposal, orders)
    yield from _loss(limits, proposal)


def _instruments(limits: Limits, proposal: Proposal) -> Iterator[Breach]:
    lead, security = proposal.lead, proposal.security
    kind = security.type if security is not None else ""
    if limits.allowed_security_types is not None and kind not in limits.allowed_security_types:
        yield Breach(Rule.SECURITY_TYPE, "Your broker does not offer trading in this kind of security.", "symbol")
    if lead.symbol in limits.restricted_symbols and proposal.ticket.is_opening:
        words = f"{lead.symbol} is on your broker's restricted list: it can be sold, not bought."
        yield Breach(Rule.RESTRICTED, words, "symbol")
    most = limits.max_option_level
    if kind == OPTION and most is not None and (level := option_level_of(lead)) > most:
        words = f"This needs options level {level}; in this account level {most} is allowed."
        words = words if most else "Options cannot be opened in this account."
        yield Breach(Rule.OPTION_LEVEL, words, "symbol")


def option_level_of(order: Ticket) -> int:
    """The level that an order in one option needs: 2 to buy one, 4 to write one that nothing covers, 0 to close.

    AutoShares does not document its levels (API.md 5.3.1): these are the usual ones, as its sandbox has them. A call
    that shares cover, and spreads, need less; they are orders of several legs.
    """
    return {Order.Side.BUY: BOUGHT, Order.Side.SHORT: UNCOVERED}.get(Order.Side(order.side), 0)


def _types(limits: Limits, proposal: Proposal) -> Iterator[Breach]:
    wanted = {str(order.type) for order in proposal.ticket.orders} | {str(proposal.ticket.type)}
    if limits.allowed_types is not None and not wanted <= limits.allowed_types:
        label = Order.Type(proposal.ticket.type).label.lower()
        yield Breach(Rule.ORDER_TYPE, f"Your broker does not take {label} orders in this account.", "type")


def _shorts(limits: Limits, proposal: Proposal) -> Iterator[Breach]:
    if not limits.may_sell_short and any(order.side == Order.Side.SHORT for order in proposal.ticket.orders):
        yield Breach(Rule.SHORT, "Short sales are not allowed in this account.", "side")


def _sizes(limits: Limits, proposal: Proposal) -> Iterator[Breach]:
    most, value = limits.max_order_value, proposal.value
    if most is not None and value is None:
        yield Breach(Rule.ORDER_VALUE, "There is no price yet to reckon this order with. Review it again in a moment.")
    elif most is not None and value is not None and value > most:
        words = f"One order may be worth {money(most)} at most; this one is about {money(value)}."
        yield Breach(Rule.ORDER_VALUE, words, "quantity")
    largest, shares = limits.max_order_quantity, proposal.lead.quantity
    if largest is not None and shares is not None and shares > largest:
        yield Breach(Rule.ORDER_QUANTITY, f"At most {quantity(largest)} shares in one order.", "quantity")


def _collar(limits: Limits, proposal: Proposal) -> Iterator[Breach]:
    """A limit that reaches too far through the market: most often a slip of the finger."""
    collar = limits.price_collar_percent
    if collar is None:
        return
    for order in proposal.ticket.orders:
        if order.type not in NEEDS_LIMIT or order.limit_price is None:
            continue
        quote = proposal.quote
        touch = None if quote is None else quote.reached_by(is_buy=order.is_buy)
        if order.stop_price is not None:
            touch = order.stop_price  # it trades around its stop, wherever the market is now
        if not touch:
            words = "There is no price yet to compare your limit with. Review the order again in a moment."
            yield Breach(Rule.PRICE_COLLAR, words)
            continue
        through = (order.limit_price / touch - 1) * (100 if order.is_buy else -100)
        if through > collar:
            side = "above the ask" if order.is_buy else "below the bid"
            words = (
                f"Your limit of {price(order.limit_price)} is {percent(through).lstrip('+')} {side} of {price(touch)};"
                f" your broker allows {percent(collar).lstrip('+')}."
            )
            yield Breach(Rule.PRICE_COLLAR, words, "limit_price")


def start_of_day() -> datetime:
    """Midnight in New York: the day that daily limits count."""
    return datetime.combine(new_york_day(), time(), NEW_YORK)


def _orders_that_count(proposal: Proposal, *, counts_investor: bool) -> QuerySet[Order]:
    """Single orders and heads of this account, or of all the investor's accounts. Legs count by their head."""
    whose = Q(account=proposal.account)
    if counts_investor:
        whose |= Q(placed_by=proposal.user)
    orders = Order.unscoped.filter(whose, broker_id=proposal.account.broker_id, parent=None)
    return orders if proposal.replacing is None else orders.exclude(pk=proposal.replacing.pk)


def _open_orders(limits: Limits, proposal: Proposal, orders: QuerySet[Order]) -> Iterator[Breach]:
    most = limits.max_open_orders
    if most is not None and orders.exclude(state__in=SETTLED).count() >= most:
        yield Breach(Rule.OPEN_ORDERS, f"At most {most} orders may be open at once. Cancel one first.")


def _turnover(limits: Limits, proposal: Proposal, orders: QuerySet[Order]) -> Iterator[Breach]:
    most = limits.max_daily_turnover
    if most is None:
        return
    spent = turnover_of(orders.filter(created_at__gte=start_of_day()))
    if proposal.value is None:
        yield Breach(Rule.DAILY_TURNOVER, "There is no price yet to reckon this order with. Review it again.")
    elif spent + proposal.value > most:
        left = max(most - spent, Decimal(0))
        words = f"Orders of one day may be worth {money(most)} in sum; {money(left)} of it is left today."
        yield Breach(Rule.DAILY_TURNOVER, words, "quantity")


def turnover_of(orders: QuerySet[Order]) -> Decimal:
    """USD: whole reference values of what may still be filled, the filled part of what has ended. One query."""
    amount: DecimalField = DecimalField(max_digits=28, decimal_places=6)
    ended = ExpressionWrapper(
        F("reference_value") * F("filled_quantity") / NullIf(F("quantity"), Value(Decimal(0))), output_field=amount
    )
    counted = Case(
        When(state=OrderState.FILLED, then=F("reference_value")),
        When(state__in=FINAL | {OrderState.REFUSED, OrderState.ABANDONED}, then=ended),
        default=F("reference_value"),
        output_field=amount,
    )
    total = orders.aggregate(total=Sum(Coalesce(counted, Value(Decimal(0)), output_field=amount)))["total"]
    return total or Decimal(0)


def _loss(limits: Limits, proposal: Proposal) -> Iterator[Breach]:
    most = limits.max_daily_loss
    if most is None or not proposal.ticket.is_opening:
        return
    book = AccountBook.unscoped.filter(account=proposal.account).first()
    change = book.day_change if book is not None else None
    if change is not None and change <= -most:
        words = f"This account has lost {money(-change)} today; from {money(most)} on it may only close positions."
        yield Breach(Rule.DAILY_LOSS, words)


def record_denial(account: TradingAccount, user: User, ticket: Ticket, refused: RiskRefused) -> None:
    """Keep that a rule kept an order in the house. Called after the transaction that the refusal rolled back."""
    log.info("order kept in the house: account=%s rule=%s", account.pk, refused.rule)
    RiskDenial.unscoped.create(
        broker_id=account.broker_id,
        account=account,
        user=user,
        rule=refused.rule,
        order=sentence(ticket)[:200],
        text=refused.user_message[:300],
    )
