"""Webhooks: proof that AutoShares sent this body, and what it says. Source: API.md 10.

    event = read_webhook(request.body, request.headers.get(SIGNATURE_HEADER), secret=secret)

The signature covers the bytes as they came. Whoever parses the body first and writes it again has other bytes, and an
honest event is refused (or, worse, the check is "repaired" until it passes). So the bytes come first here, and nothing
is parsed before they are proven.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from .enums import OpenEnum, OrderStatus, OrderType, Side
from .errors import WebhookInvalid
from .wire import Fields, decode_json, write_moment

SIGNATURE_HEADER = "X-AutoShares-Signature"

# AutoShares tries again after 1 min, 5 min, 30 min, 2 h and 12 h, so an honest event may come 14.6 hours late, and
# nobody says whether a retry gets a timestamp of its own. A day lets all of them in. What stops a replay within the
# day is the event's id, which the receiver must remember; whoever polls anyway may choose minutes instead and lose
# late retries knowingly.
MAX_AGE = timedelta(hours=24)
MAX_AHEAD = timedelta(minutes=5)  # what two clocks may differ


class WebhookType(OpenEnum):
    ORDER_CREATED = "order.created"
    ORDER_FILLED = "order.filled"
    ORDER_PARTIAL_FILL = "order.partial_fill"
    ORDER_CANCELLED = "order.cancelled"  # two l here, one in the status Canceled
    ORDER_REJECTED = "order.rejected"
    ORDER_REPLACED = "order.replaced"
    POSITION_OPENED = "position.opened"
    POSITION_CLOSED = "position.closed"
    TRANSFER_COMPLETED = "transfer.completed"
    TRANSFER_FAILED = "transfer.failed"
    ALERT_TRIGGERED = "alert.triggered"
    ACCOUNT_UPDATED = "account.updated"

    @property
    def concerns_order(self) -> bool:
        """True for every order event, those that we have not heard of included."""
        return self.value.startswith("order.")


@dataclass(frozen=True)
class OrderNews:
    """What an order event says of its order; only `order.filled` is documented in full, so anything may be missing.

    Quantities in shares, prices in USD. A hint: read the order itself before acting on it.
    """

    order_id: int | None
    symbol: str
    side: Side
    type: OrderType
    status: OrderStatus
    quantity: Decimal | None
    filled_quantity: Decimal | None
    average_price: Decimal | None
    reason: str
    executed_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            order_id=fields.identity("orderId"),
            symbol=fields.text("symbol"),
            side=fields.word(Side, "side"),
            type=fields.word(OrderType, "type"),
            status=fields.word(OrderStatus, "status"),
            quantity=fields.number("quantity"),
            filled_quantity=fields.number("filledQuantity"),
            average_price=fields.price("averagePrice"),
            reason=fields.text("reason"),
            executed_at=fields.moment("executionTime"),
        )


@dataclass(frozen=True)
class WebhookEvent:
    """One event. Events come twice, and in any order: remember `id`, and re-read what it is about by REST.

    `data` is what came, with Decimal numbers and camelCase keys; its shape is documented for one type only.
    """

    id: str
    type: WebhookType
    at: datetime
    account_id: int | None
    data: Mapping[str, Any] = field(repr=False)

    @property
    def order(self) -> OrderNews | None:
        return OrderNews.from_wire(self.data) if self.type.concerns_order else None

    @property
    def symbol(self) -> str:
        """The ticker that it concerns; empty for transfers and accounts."""
        return Fields(self.data).text("symbol")


def sign(body: bytes, secret: str) -> str:
    """The header's value for `body`: sha256= and 64 lower-case hex digits."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def read_webhook(
    body: bytes,
    signature: str | None,
    *,
    secret: str,
    max_age: timedelta = MAX_AGE,
    now: datetime | None = None,
) -> WebhookEvent:
    """The event in `body`, if AutoShares has signed exactly these bytes and it is not too old; else WebhookInvalid.

    `signature` is the value of SIGNATURE_HEADER. Without a secret nothing is believed: an empty key would make every
    stranger a signer. `max_age` is explained at MAX_AGE; `now` is for clocks that are not the world's (the sandbox has
    one of its own). Answer 2xx within 5 seconds and work later.
    """
    if not secret:
        raise WebhookInvalid(detail="no secret is set")
    if not signature:
        raise WebhookInvalid(detail="no signature")
    # As bytes: compare_digest takes no other text than ASCII, and a header may hold anything.
    if not hmac.compare_digest(sign(body, secret).encode(), signature.strip().encode(errors="replace")):
        raise WebhookInvalid(detail="signature")
    event = _parse(body)
    age = (now or datetime.now(UTC)) - event.at
    if age > max_age:
        raise WebhookInvalid(detail=f"stale since {write_moment(event.at + max_age)}")
    if age < -MAX_AHEAD:
        raise WebhookInvalid(detail="from the future")
    return event


def _parse(body: bytes) -> WebhookEvent:
    try:
        envelope = decode_json(body)
    except (ValueError, RecursionError):
        raise WebhookInvalid(detail="not JSON") from None
    fields = Fields(envelope)
    at = fields.moment("timestamp")
    if not fields.text("id"):
        raise WebhookInvalid(detail="no id")
    if at is None:
        raise WebhookInvalid(detail="no timestamp")
    return WebhookEvent(
        id=fields.text("id"),
        type=fields.word(WebhookType, "type"),
        at=at,
        account_id=fields.identity("accountId"),
        data=fields.mapping("data"),
    )
