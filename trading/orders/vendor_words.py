"""Our words for orders and the vendor's, both ways. Source: API.md 5.0 and chapter 6."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from autoshares import OrderChange, OrderDraft
from autoshares.enums import OrderType, Session, Side, TimeInForce
from autoshares.enums import TrailKind as VendorTrailKind
from autoshares.models import Order as VendorOrder
from autoshares.models.orders import Trail as VendorTrail
from trading.market_hours import NEW_YORK
from trading.orders.models import Order
from trading.orders.tickets import Ticket, Trail, leg_client_id

SIDES = {
    Order.Side.BUY: Side.BUY,
    Order.Side.SELL: Side.SELL,
    Order.Side.SHORT: Side.SELL_SHORT,
    Order.Side.COVER: Side.BUY_TO_COVER,
}
TYPES = {
    Order.Type.MARKET: OrderType.MARKET,
    Order.Type.LIMIT: OrderType.LIMIT,
    Order.Type.STOP: OrderType.STOP,
    Order.Type.STOP_LIMIT: OrderType.STOP_LIMIT,
    Order.Type.TRAILING_STOP: OrderType.TRAILING_STOP,
    Order.Type.TRAILING_STOP_LIMIT: OrderType.TRAILING_STOP_LIMIT,
    Order.Type.OCO: OrderType.ONE_CANCELS_OTHER,
    Order.Type.OTO: OrderType.ONE_TRIGGERS_OTHER,
    Order.Type.BRACKET: OrderType.ONE_TRIGGERS_ONE_CANCELS_OTHER,
}
LIVES = {
    Order.TimeInForce.DAY: TimeInForce.DAY,
    Order.TimeInForce.GTC: TimeInForce.GOOD_TILL_CANCEL,
    Order.TimeInForce.GTD: TimeInForce.GOOD_TILL_DATE,
    Order.TimeInForce.IOC: TimeInForce.IMMEDIATE_OR_CANCEL,
    Order.TimeInForce.FOK: TimeInForce.FILL_OR_KILL,
    Order.TimeInForce.OPENING: TimeInForce.AT_THE_OPENING,
    Order.TimeInForce.CLOSING: TimeInForce.AT_THE_CLOSE,
}
SESSIONS = {
    Order.Session.PRE: Session.PRE_MARKET,
    Order.Session.POST: Session.AFTER_HOURS,
    Order.Session.PRE_REGULAR: Session.PRE_AND_REGULAR,
    Order.Session.REGULAR_POST: Session.REGULAR_AND_AFTER,
    Order.Session.PRE_POST: Session.PRE_AND_AFTER,
    Order.Session.ALL: Session.ALL,
}
TRAIL_KINDS = {Order.TrailKind.AMOUNT: VendorTrailKind.DOLLARS, Order.TrailKind.PERCENT: VendorTrailKind.PERCENT}
OUR_SIDES = {theirs: ours for ours, theirs in SIDES.items()}
OUR_TYPES = {theirs: ours for ours, theirs in TYPES.items()}
OUR_LIVES = {theirs: ours for ours, theirs in LIVES.items()}
OUR_SESSIONS = {theirs: ours for ours, theirs in SESSIONS.items()}
OUR_TRAIL_KINDS = {theirs: ours for ours, theirs in TRAIL_KINDS.items()}
# A date is good until its last session has ended, after hours included.
LAST_MOMENT_OF_DAY = time(20, 0)


def draft_of(ticket: Ticket, client_id: UUID | None = None) -> OrderDraft:
    """What AutoShares is sent. Our id goes into ClientId and Comment, since neither is promised to come back."""
    ours = str(client_id) if client_id else ""
    kind = TYPES[Order.Type(ticket.type)]
    if ticket.is_group:
        legs = enumerate(ticket.legs)
        drafts = tuple(draft_of(leg, leg_client_id(client_id, place) if client_id else None) for place, leg in legs)
        return OrderDraft(type=kind, legs=drafts, client_id=ours, comment=ours)
    return OrderDraft(
        symbol=ticket.symbol,
        side=SIDES[Order.Side(ticket.side)],
        type=kind,
        quantity=ticket.quantity,
        cash_amount=ticket.cash_amount,
        time_in_force=LIVES[Order.TimeInForce(ticket.time_in_force)],
        expires_at=end_of_day(ticket.expires_on),
        limit_price=ticket.limit_price,
        stop_price=ticket.stop_price,
        trail=_trail(ticket.trail),
        limit_offset=_trail(ticket.limit_offset),
        session=SESSIONS.get(Order.Session(ticket.session)),
        all_or_none=ticket.all_or_none,
        client_id=ours,
        comment=ours,
    )


def change_of(ticket: Ticket, vendor_order_id: int, client_id: UUID) -> OrderChange:
    """What AutoShares is sent to make an order of its own look like `ticket`."""
    draft = draft_of(ticket, client_id)
    return OrderChange(
        order_id=vendor_order_id,
        type=draft.type,
        quantity=draft.quantity or Decimal(0),
        time_in_force=LIVES[Order.TimeInForce(ticket.time_in_force)],
        limit_price=draft.limit_price,
        stop_price=draft.stop_price,
        trail=draft.trail,
        limit_offset=draft.limit_offset,
        expires_at=draft.expires_at,
        session=draft.session,
        client_id=draft.client_id,
        comment=draft.comment,
    )


def end_of_day(day: date | None) -> datetime | None:
    """The moment at which a good-till-date order of this New York day ends, UTC."""
    return None if day is None else datetime.combine(day, LAST_MOMENT_OF_DAY, NEW_YORK).astimezone(UTC)


def _trail(trail: Trail | None) -> VendorTrail | None:
    return VendorTrail(TRAIL_KINDS[Order.TrailKind(trail.kind)], trail.value) if trail is not None else None


def ticket_of(row: VendorOrder) -> Ticket | None:
    """The ticket of an order that was placed elsewhere; None where it is of a kind that ours cannot say."""
    kind = OUR_TYPES.get(row.type)
    if kind in Order.GROUPS:
        legs = [ticket_of(leg) for leg in row.legs]
        known = [leg for leg in legs if leg is not None]
        return Ticket.of_legs(kind, *known) if known and len(known) == len(legs) else None
    side, life = OUR_SIDES.get(row.side), OUR_LIVES.get(row.time_in_force)
    is_plain = row.symbol and 0 < len(row.symbol) <= 24 and row.quantity > 0 and not row.legs
    if kind is None or side is None or life is None or not is_plain:
        return None
    is_cash = row.is_cash_amount
    expires_on = (
        row.expires_at.astimezone(NEW_YORK).date() if row.expires_at and life == Order.TimeInForce.GTD else None
    )
    return Ticket(
        symbol=row.symbol,
        side=side,
        type=kind,
        time_in_force=life,
        quantity=None if is_cash else row.quantity,
        cash_amount=row.quantity.quantize(Decimal("0.01")) if is_cash else None,
        limit_price=row.limit_price if kind in {Order.Type.LIMIT, Order.Type.STOP_LIMIT} else None,
        stop_price=row.stop_price if kind in {Order.Type.STOP, Order.Type.STOP_LIMIT} else None,
        trail=_our_trail(row.trail),
        limit_offset=_our_trail(row.limit_offset),
        expires_on=expires_on,
        session=OUR_SESSIONS.get(row.session, Order.Session.REGULAR),
        all_or_none=row.is_all_or_none,
    )


def _our_trail(trail: VendorTrail | None) -> Trail | None:
    kind = OUR_TRAIL_KINDS.get(trail.kind) if trail is not None else None
    return Trail(kind, trail.value) if trail is not None and kind is not None else None
