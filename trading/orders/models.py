"""Orders: what the investor asked for, what was sent for it, and everything that happened since."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import models
from django.utils import timezone

from brokers.scoping import BrokerOwned, ScopedManager
from trading.orders.states import CANCELABLE, FINAL, JUST_SENT, REPLACEABLE, SETTLED, OrderState, RequestState

MOVES_FOR = timedelta(minutes=1)


class OrderQuerySet(models.QuerySet):
    def of(self, account) -> "OrderQuerySet":
        return self.filter(account=account)

    def heads(self) -> "OrderQuerySet":
        """Single orders, and of those that belong together the head."""
        return self.filter(parent=None)

    def open(self) -> "OrderQuerySet":
        """Orders that may still change, unresolved ones among them."""
        return self.exclude(state__in=SETTLED)


class Order(BrokerOwned):
    """One order of one account. `client_id` is our id at AutoShares (ClientId, repeated in Comment).

    Orders that belong together are a head, whose type is one of GROUPS, and its legs, whose `parent` it is. The head
    repeats the first leg's symbol, side and quantity; only the head is sent.
    """

    class Side(models.TextChoices):
        BUY = "buy", "Buy"
        SELL = "sell", "Sell"
        SHORT = "short", "Sell short"
        COVER = "cover", "Buy to cover"

    class Type(models.TextChoices):
        MARKET = "market", "Market"
        LIMIT = "limit", "Limit"
        STOP = "stop", "Stop"
        STOP_LIMIT = "stop_limit", "Stop limit"
        TRAILING_STOP = "trailing_stop", "Trailing stop"
        TRAILING_STOP_LIMIT = "trailing_stop_limit", "Trailing stop limit"
        OCO = "oco", "One cancels the other"
        OTO = "oto", "One triggers the other"
        BRACKET = "bracket", "Bracket"

    GROUPS = frozenset({Type.OCO, Type.OTO, Type.BRACKET})

    class TimeInForce(models.TextChoices):
        DAY = "day", "Day"
        GTC = "gtc", "Good till canceled"
        GTD = "gtd", "Good till date"
        IOC = "ioc", "Immediate or cancel"
        FOK = "fok", "Fill or kill"
        OPENING = "opening", "At the open"
        CLOSING = "closing", "At the close"

    class Session(models.TextChoices):
        REGULAR = "regular", "Regular hours"
        PRE = "pre", "Before the open"
        POST = "post", "After the close"
        PRE_REGULAR = "pre_regular", "Before the open and regular"
        REGULAR_POST = "regular_post", "Regular and after the close"
        PRE_POST = "pre_post", "Before the open and after the close"
        ALL = "all", "All sessions"

    class TrailKind(models.TextChoices):
        AMOUNT = "amount", "USD"
        PERCENT = "percent", "%"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("investors.TradingAccount", on_delete=models.PROTECT, related_name="orders")
    placed_by = models.ForeignKey("investors.User", null=True, on_delete=models.PROTECT, related_name="orders")
    client_id = models.UUIDField(unique=True)
    vendor_order_id = models.PositiveBigIntegerField(null=True, blank=True)

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="legs")
    place_in_group = models.PositiveSmallIntegerField(default=0, help_text="Of a leg, from 0.")

    symbol = models.CharField(max_length=24)
    side = models.CharField(max_length=8, choices=Side)
    type = models.CharField(max_length=20, choices=Type)
    time_in_force = models.CharField(max_length=8, choices=TimeInForce)
    quantity = models.DecimalField(
        max_digits=19, decimal_places=6, null=True, help_text="Shares; empty while a cash amount has not been filled."
    )
    cash_amount = models.DecimalField(max_digits=19, decimal_places=2, null=True, blank=True, help_text="USD")
    limit_price = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True, help_text="USD")
    stop_price = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True, help_text="USD")
    trail_kind = models.CharField(max_length=8, choices=TrailKind, blank=True)
    trail_value = models.DecimalField(
        max_digits=19, decimal_places=6, null=True, blank=True, help_text="USD or percent behind the best price."
    )
    limit_offset_kind = models.CharField(max_length=8, choices=TrailKind, blank=True)
    limit_offset_value = models.DecimalField(
        max_digits=19, decimal_places=6, null=True, blank=True, help_text="USD or percent beyond the triggered stop."
    )
    expires_on = models.DateField(null=True, blank=True, help_text="The last New York day of good till date.")
    session = models.CharField(max_length=12, choices=Session, default=Session.REGULAR)
    all_or_none = models.BooleanField(default=False)
    reference_value = models.DecimalField(
        max_digits=19, decimal_places=2, null=True, blank=True,
        help_text="USD: what it was worth when it was placed, for limits that count.",
    )  # fmt: skip

    state = models.CharField(max_length=20, choices=OrderState, default=OrderState.RECEIVED)
    filled_quantity = models.DecimalField(max_digits=19, decimal_places=6, default=Decimal(0), help_text="Shares")
    average_price = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True, help_text="USD")
    vendor_status = models.CharField(max_length=32, blank=True, help_text="The vendor's own word.")
    reason = models.CharField(
        max_length=500, blank=True, help_text="Why it was refused, rejected or ended, for people."
    )
    vendor_reason = models.CharField(max_length=500, blank=True, help_text="The vendor's own words.")
    cancel_requested_at = models.DateTimeField(
        null=True, blank=True, help_text="A cancellation is under way since; cleared when it came to nothing."
    )
    replace_requested_at = models.DateTimeField(
        null=True, blank=True, help_text="A replacement is under way since; cleared when it is settled."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager.from_queryset(OrderQuerySet)()  # type: ignore[misc]

    class Meta(BrokerOwned.Meta):
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["broker", "vendor_order_id"], name="one_order_per_vendor_order"),
            models.UniqueConstraint(
                fields=["parent", "place_in_group"],
                condition=models.Q(parent__isnull=False),
                name="one_leg_per_place",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0) | models.Q(quantity=None, cash_amount__gt=0),
                name="order_quantity_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at"], name="order_by_account"),
            models.Index(
                fields=["account"],
                condition=models.Q(parent=None) & ~models.Q(state__in=sorted(SETTLED)),
                name="open_orders_by_account",  # what the poll reads, however long the past is
            ),
        ]

    def __str__(self) -> str:
        if self.quantity is None:
            return f"{self.get_side_display()} ${self.cash_amount:,.2f} of {self.symbol}"
        return f"{self.get_side_display()} {self.quantity.normalize():f} {self.symbol}"

    @property
    def is_group(self) -> bool:
        """It is a head: what is bought and sold are its legs."""
        return self.type in self.GROUPS

    @property
    def is_buy(self) -> bool:
        return self.side in {self.Side.BUY, self.Side.COVER}

    @property
    def ordered_legs(self) -> "list[Order]":
        """The legs of a head, first things first. A query, unless they were prefetched."""
        return sorted(self.legs.all(), key=lambda leg: leg.place_in_group)

    @property
    def symbols(self) -> set[str]:
        """What it trades in. A query for the legs of a head."""
        return {self.symbol, *(leg.symbol for leg in self.legs.all())} if self.is_group else {self.symbol}

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def is_settled(self) -> bool:
        """Nothing more is expected of it: final at AutoShares, refused by it, or closed by operations."""
        return self.state in SETTLED

    @property
    def is_cancelable(self) -> bool:
        """Still alive, and nobody has asked for its cancellation yet. A leg ends with its head."""
        return self.state in CANCELABLE and self.cancel_requested_at is None and self.parent_id is None

    @property
    def is_replaceable(self) -> bool:
        """It works at AutoShares as a single order, and nothing else is under way."""
        return (
            self.state in REPLACEABLE
            and self.cancel_requested_at is None
            and self.replace_requested_at is None
            and self.vendor_order_id is not None
            and not self.is_group
            and self.parent_id is None
            and self.cash_amount is None
        )

    @property
    def is_changing(self) -> bool:
        """A cancellation or a replacement is under way."""
        return not self.is_settled and (self.cancel_requested_at or self.replace_requested_at) is not None

    @property
    def is_moving(self) -> bool:
        """News of it is due any moment: it was just placed, or its cancellation was just asked for."""
        since = (
            self.cancel_requested_at
            or self.replace_requested_at
            or (self.created_at if self.state in JUST_SENT else None)
        )
        return since is not None and not self.is_settled and timezone.now() - since < MOVES_FOR

    @property
    def remaining_quantity(self) -> Decimal | None:
        """Shares to go; None where the order is for a cash amount."""
        return None if self.quantity is None else self.quantity - self.filled_quantity

    @property
    def filled_percent(self) -> Decimal:
        if self.quantity is None:
            return self.filled_quantity * (self.average_price or 0) / (self.cash_amount or 1) * 100
        return self.filled_quantity / self.quantity * 100


class OrderRequest(BrokerOwned):
    """One message to AutoShares, sent at most once. The row is committed before a socket opens."""

    class Kind(models.TextChoices):
        PLACE = "place", "Place"
        REPLACE = "replace", "Replace"
        CANCEL = "cancel", "Cancel"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=8, choices=Kind)
    form_key = models.UUIDField(help_text="One per form that was drawn; the same form makes the same request.")
    requested_by = models.ForeignKey("investors.User", on_delete=models.PROTECT, related_name="+")
    payload = models.JSONField(help_text="What is sent, decimals as text.")
    payload_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.READY)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_count = models.PositiveSmallIntegerField(default=0, help_text="Times that bytes may have left the house.")
    next_look_at = models.DateTimeField(
        null=True, blank=True, help_text="When an unknown outcome is looked for again."
    )
    looks = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=200, blank=True, help_text="What came back, without personal data.")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was refused, for people.")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(BrokerOwned.Meta):
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["broker", "form_key"], name="one_request_per_form"),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(kind="place"), name="one_place_request_per_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "created_at"],
                condition=models.Q(state__in=["ready", "sending", "unknown"]),
                name="request_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} request for {self.order}"


class OrderEvent(BrokerOwned):
    """One line of an order's timeline. Written once, never changed."""

    class Actor(models.TextChoices):
        INVESTOR = "investor", "You"
        SHAREFRONT = "sharefront", "Sharefront"
        AUTOSHARES = "autoshares", "AutoShares"
        OPERATIONS = "operations", "Operations"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40, help_text="noun.past_tense, listed in trading/orders/timeline.py")
    actor = models.CharField(max_length=12, choices=Actor)
    text = models.CharField(max_length=500)
    detail = models.JSONField(default=dict, blank=True)

    class Meta(BrokerOwned.Meta):
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC"


class OrderDraft(BrokerOwned):
    """A half-typed ticket, kept on the server so that it survives a lost session and follows to another device."""

    user = models.ForeignKey("investors.User", on_delete=models.CASCADE, related_name="order_drafts")
    symbol = models.CharField(max_length=24)
    fields = models.JSONField(default=dict, help_text="The fields as typed.")
    form_key = models.UUIDField(default=uuid.uuid4)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(BrokerOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["user", "symbol"], name="one_draft_per_symbol")]
