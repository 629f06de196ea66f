"""client.orders: preview, place, follow and cancel. Source: API.md 5.10 and chapter 6.

Placing and canceling are sent at most once, here and everywhere below: no retry, no redirect, no reused connection.
What became of an order after Unavailable is found out by `list`, never by sending again (SAFETY: orders exactly once).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .answers import Answer, message_of
from .enums import OrderStatus, filter_codes
from .errors import OrderRefused, Unavailable
from .models import Order, OrderChange, OrderDraft, OrderEvent, OrderLimits, OrderPreview
from .paging import Page, every_row, page_query
from .transport import Transport
from .wire import Fields

ORDERS = "/accounts/{account_id}/orders"
ORDER = "/accounts/{account_id}/orders/{order_id}"


class Orders:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def preview(self, account_id: int, draft: OrderDraft) -> OrderPreview:
        """Cost, commission and verdict; nothing is placed. POST /accounts/{account_id}/preview/orders

        A bad order is no error here: look at `is_successful`. Tried again like a read.
        """
        return self._transport.evaluate(
            "/accounts/{account_id}/preview/orders",
            OrderPreview.from_wire,
            body=draft.to_wire(),
            account_id=account_id,
        )

    def place(self, account_id: int, draft: OrderDraft) -> Order:
        """Send the order, once. POST /accounts/{account_id}/orders -> the order, usually still PendingNew.

        A returned order may already be Rejected, or be rejected later: 200 means "received". Raises OrderRefused where
        the vendor answers with its preview body instead of an order (C20); NeverSent, if not a byte left us;
        Unavailable, if nobody knows: then the order may well exist.
        """
        return _placed(self._transport.write("POST", ORDERS, body=draft.to_wire(), account_id=account_id))

    def replace(self, account_id: int, change: OrderChange) -> Order:
        """Ask for the order as `change` says, once. PUT /accounts/{account_id}/orders/{order_id} -> the order.

        Success means "requested": the new terms count when the book shows them, and a fill may come first. Raises
        Conflict if it is too late.
        """
        answer = self._transport.write(
            "PUT", ORDER, body=change.to_wire(), account_id=account_id, order_id=change.order_id
        )
        return _placed(answer)

    def list(
        self,
        account_id: int,
        *,
        statuses: Collection[OrderStatus] = (),
        created_since: datetime | None = None,
    ) -> Iterator[Order]:
        """Every order, oldest first, over all pages (99 rows each, a call per page). GET /accounts/{account_id}/orders

        Without `statuses` all of them, which is the way to look for an order in doubt. `created_since` needs a zone.
        """
        wanted = frozenset(statuses)
        filter = _filter_of(wanted, created_since)

        def read_page(number: int, size: int) -> Page[Order]:
            # By id, ascending: what is created meanwhile joins at the end and moves nothing.
            query = page_query(number, size, sort="Id", descending=False, filter=filter)
            return self._transport.read_page(ORDERS, Order.from_wire, query=query, account_id=account_id)

        return (order for order in every_row(read_page) if not wanted or order.status in wanted)

    def get(self, account_id: int, order_id: int) -> Order:
        """One order as it is now. GET /accounts/{account_id}/orders/{order_id}"""
        return self._transport.read(ORDER, Order.from_wire, account_id=account_id, order_id=order_id)

    def cancel(self, account_id: int, order_id: int) -> None:
        """Request cancellation. DELETE /accounts/{account_id}/orders/{order_id} -> 200 or 204, body unused.

        Success means "requested": the order turns Canceled, or Filled, when the book says so. Raises Conflict if it is
        too late, often because it is filled. Sent once here; to ask again later is safe.
        """
        self._transport.write("DELETE", ORDER, account_id=account_id, order_id=order_id)

    def details(self, account_id: int, order_id: int) -> Sequence[OrderEvent]:
        """The order's history, a row per request or execution. GET /accounts/{account_id}/orders/{order_id}/details"""
        return self._transport.read_all(
            ORDER + "/details", OrderEvent.from_wire, account_id=account_id, order_id=order_id
        )

    def limits(self, account_id: int, symbol: str, *, price: Decimal | None = None) -> OrderLimits:
        """The most that can be bought and sold, at `price` or at the market.

        GET /accounts/{account_id}/preview/limits/{symbol}
        """
        return self._transport.read(
            "/accounts/{account_id}/preview/limits/{symbol}",
            OrderLimits.from_wire,
            query={"price": format(price or Decimal(0), "f")},
            account_id=account_id,
            symbol=symbol,
        )


def _placed(answer: Answer) -> Order:
    body = answer.json()
    if isinstance(body, Mapping):
        if body.get("IsSuccessful") is False:
            raise _refusal(answer, body)
        order = Order.from_wire(body)
        if order.id:
            return order
    # Some 2xx that names no order: it may have been made all the same.
    raise Unavailable(**answer.facts, detail="no order in the answer")


def _refusal(answer: Answer, body: Mapping[str, Any]) -> OrderRefused:
    fields = Fields(body)
    return OrderRefused(
        message_of(body),
        code=fields.text("ErrorDescription"),
        arguments=fields.texts("ErrorDescriptionArgs"),
        **answer.facts,
    )


def _filter_of(statuses: Collection[OrderStatus], created_since: datetime | None) -> str:
    """The vendor's filter expression (API.md 4.3). A status without a number leaves the sieving to us."""
    conditions = []
    if codes := filter_codes(statuses):
        conditions.append(f"Status in ({','.join(map(str, codes))})")
    if created_since is not None:
        if created_since.tzinfo is None:
            raise ValueError("created_since needs a time zone")
        conditions.append(f"CreateDate >= #{created_since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}#")
    return " and ".join(conditions)
