"""client.orders: preview, place, follow, replace and cancel. client.sync_orders: the same, answered by the venue.

Placing, replacing and canceling are sent at most once, here and everywhere below: no retry, no redirect, no reused
connection. What became of an order after Unavailable is found out by `list`, never by sending again (SAFETY: orders
exactly once). Source: API.md 5.10, 5.11 and chapter 6.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Any

from . import filters
from .answers import Answer, message_of
from .enums import OrderStatus, filter_codes
from .errors import OrderRefused, Unavailable
from .models import Order, OrderChange, OrderDraft, OrderEvent, OrderLimits, OrderPreview
from .paging import STYLE_A, STYLE_F
from .transport import Transport
from .wire import Fields


class _OrderCalls:
    """What both kinds of order routes can do; `_noun` is their word in a path."""

    _noun = ""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._orders = f"/accounts/{{account_id}}/{self._noun}"
        self._order = self._orders + "/{order_id}"
        self._previews = f"/accounts/{{account_id}}/preview/{self._noun}"

    def preview(self, account_id: int, draft: OrderDraft, *, language: str = "") -> OrderPreview:
        """Cost, commission and verdict; nothing is placed. POST /accounts/{account_id}/preview/orders

        A bad order is no error here: look at `is_successful`. Tried again like a read. `language` is that of the
        texts: en-US, ja-JP, ru-RU, zh-CN or zh-TW.
        """
        return self._transport.read(
            self._previews,
            OrderPreview.from_wire,
            method="POST",
            body=draft.to_wire(),
            headers={"language": language} if language else None,
            account_id=account_id,
        )

    def preview_replace(self, account_id: int, change: OrderChange) -> OrderPreview:
        """The same for a change. PUT /accounts/{account_id}/preview/orders/{order_id}, a read."""
        return self._transport.read(
            self._previews + "/{order_id}",
            OrderPreview.from_wire,
            method="PUT",
            body=change.to_wire(),
            account_id=account_id,
            order_id=change.order_id,
        )

    def leave(self, account_id: int) -> AbstractContextManager[None]:
        """Within the block, room among the account's orders of this minute for one placement or change.

        Raises HeldBack at once where the client's limiter sees none. No network; nothing without a limiter.
        """
        return self._transport.in_advance("POST", self._orders, account_id=account_id)

    def place(self, account_id: int, draft: OrderDraft) -> Order:
        """Send the order, once. POST /accounts/{account_id}/orders -> the order, usually still PendingNew.

        A returned order may already be Rejected, or be rejected later: 200 means "received". Raises OrderRefused where
        the vendor answers with its preview body instead of an order (C20); NeverSent, if not a byte left us;
        Unavailable, if nobody knows: then the order may well exist.
        """
        return _placed(self._transport.write("POST", self._orders, body=draft.to_wire(), account_id=account_id))

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
        rows = self._transport.read_pages(
            self._orders,
            Order.from_wire,
            STYLE_A,
            sort="Id",  # ascending: what is created meanwhile joins at the end and moves nothing
            query={"filter": _filter_of(wanted, created_since)},
            account_id=account_id,
        )
        return (order for order in rows if not wanted or order.status in wanted)

    def get(self, account_id: int, order_id: int) -> Order:
        """One order as it is now. GET /accounts/{account_id}/orders/{order_id}"""
        return self._transport.read(self._order, Order.from_wire, account_id=account_id, order_id=order_id)

    def replace(self, account_id: int, change: OrderChange) -> Order:
        """Request that an open order be as `change` says, once. PUT /accounts/{account_id}/orders/{order_id}

        Success means "requested": the new terms count when the book shows them, and a fill may come first. Raises
        Conflict if it is open no more, otherwise as `place`; to ask again later is safe.
        """
        answer = self._transport.write(
            "PUT", self._order, body=change.to_wire(), account_id=account_id, order_id=change.order_id
        )
        return _placed(answer)

    def cancel(self, account_id: int, order_id: int) -> None:
        """Request cancellation. DELETE /accounts/{account_id}/orders/{order_id} -> 200 or 204, body unused.

        Success means "requested": the order turns Canceled, or Filled, when the book says so. Raises Conflict if it is
        too late, often because it is filled. Sent once here; to ask again later is safe.
        """
        self._transport.write("DELETE", self._order, account_id=account_id, order_id=order_id)


class SyncOrders(_OrderCalls):
    """The paths say syncorders. Slow, since the venue answers; everything else as for `Orders`."""

    _noun = "syncorders"


class Orders(_OrderCalls):
    _noun = "orders"

    def details(self, account_id: int, order_id: int) -> Sequence[OrderEvent]:
        """The order's history, a row per request or execution. GET /accounts/{account_id}/orders/{order_id}/details"""
        return self._transport.read_all(
            self._order + "/details", OrderEvent.from_wire, account_id=account_id, order_id=order_id
        )

    def verified(self, account_id: int, order_id: int) -> OrderPreview:
        """The verdict on an order that exists. GET /accounts/{account_id}/verified/orders/{order_id}"""
        return self._transport.read(
            "/accounts/{account_id}/verified/orders/{order_id}",
            OrderPreview.from_wire,
            account_id=account_id,
            order_id=order_id,
        )

    def limits(self, account_id: int, symbol: str, *, price: Decimal | None = None) -> OrderLimits:
        """The most that can be bought and sold, at `price` or at the market.

        GET /accounts/{account_id}/preview/limits/{symbol}
        """
        return self._transport.read(
            "/accounts/{account_id}/preview/limits/{symbol}",
            OrderLimits.from_wire,
            query={"price": price or Decimal(0)},
            account_id=account_id,
            symbol=symbol,
        )

    def consolidated(
        self,
        account_ids: Collection[int],
        *,
        statuses: Collection[OrderStatus] = (),
        created_since: datetime | None = None,
    ) -> Iterator[Order]:
        """Every order of some accounts, oldest first, over all pages. POST /orders/consolidated, a read."""
        wanted = frozenset(statuses)
        rows = self._transport.read_pages(
            "/orders/consolidated",
            Order.from_wire,
            STYLE_F,
            sort="Id",
            method="POST",
            query={"filter": _filter_of(wanted, created_since)},
            body={"AccountIds": [*account_ids]},
        )
        return (order for order in rows if not wanted or order.status in wanted)


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
    """A status without a number leaves the sieving to us."""
    return filters.all_of(
        filters.is_one_of("Status", filter_codes(statuses) or ()), filters.since("CreateDate", created_since)
    )
