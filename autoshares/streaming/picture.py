"""One account as the stream and REST together draw it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ..models import Balances, Order, Position
from .news import BalanceUpdate, News, OrderUpdate, PositionUpdate

_NEVER = datetime.min.replace(tzinfo=UTC)
_FOREVER = datetime.max.replace(tzinfo=UTC)


class AccountPicture:
    """Orders, positions and money of an account. Frames may come twice and in any order; the picture never goes back.

        picture.refresh(client.orders.list(...), client.positions.list(...), client.accounts.balances(...), asked_at)
        picture.apply(news)

    Refresh it in the beginning, after each Gap, and every minute or so: a frame that was lost on the way leaves no
    trace, and balances carry no time by which an old one could be told.
    """

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self.orders: dict[int, Order] = {}
        self.positions: dict[int, Position] = {}  # by security; quantity 0 is closed today
        self.balances: Balances | None = None
        self._moved_at: dict[int, datetime] = {}  # when the stream last spoke of a position
        self._balances_at = _NEVER

    def apply(self, news: News) -> bool:
        """Draw what a stream tells; False if it is about something else, or old."""
        match news:
            case OrderUpdate(order=order) if order.account_id == self.account_id:
                return self._take_order(order)
            case PositionUpdate(position=position) if position.account_id == self.account_id:
                return self._take_position(position, news.received_at)
            case BalanceUpdate(account_id=self.account_id, balances=balances):
                self.balances, self._balances_at = balances, news.received_at
                return True
        return False

    def refresh(
        self, orders: Iterable[Order], positions: Iterable[Position], balances: Balances, asked_at: datetime
    ) -> None:
        """Draw what REST says. `asked_at` is when the asking began: what the stream told since then is newer."""
        for order in orders:
            for each in (order, *order.legs):
                self._take_order(each)
        heard_since = {key for key, moment in self._moved_at.items() if moment > asked_at}
        kept = {key: position for key, position in self.positions.items() if key in heard_since}
        self.positions = {position.security_id or 0: position for position in positions} | kept
        if self._balances_at <= asked_at:
            self.balances = balances

    def _take_order(self, order: Order) -> bool:
        known = self.orders.get(order.id)
        if known is not None and not _is_later(order, known):
            return False
        self.orders[order.id] = order
        return True

    def _take_position(self, position: Position, received_at: datetime) -> bool:
        key = position.security_id or 0
        known = self.positions.get(key)
        if known is not None and (position.modified_at or _FOREVER) < (known.modified_at or _NEVER):
            return False
        self.positions[key], self._moved_at[key] = position, received_at
        return True


def _is_later(order: Order, known: Order) -> bool:
    """A final order stays as it is, fills never shrink, and else the later word counts; equal ones replace."""
    if known.status.is_final != order.status.is_final:
        return order.status.is_final
    if order.executed_quantity != known.executed_quantity:
        return order.executed_quantity > known.executed_quantity
    return (order.updated_at or _NEVER) >= (known.updated_at or _NEVER)
