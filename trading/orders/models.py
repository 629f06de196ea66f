"""Orders: what the investor asked for, what was sent for it, and everything that happened since."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import models
from django.utils import timezone

from brokers.scoping import BrokerOwned, ScopedManager
from trading.orders.states import CANCELABLE, FINAL, JUST_SENT, SETTLED, OrderState, RequestState

MOVES_FOR = timedelta(minutes=1)


class OrderQuerySet(models.QuerySet):
    def of(self, account) -> "OrderQuerySet":
        return self.filter(account=account)

    def open(self) -> "OrderQuerySet":
        """Orders that may still change, unresolved ones among them."""
        return self.exclude(state__in=SETTLED)


class Order(BrokerOwned):
    """One order of one account. `client_id` is our id at AutoShares (ClientId, repeated in Comment)."""

    class Side(models.TextChoices):
        BUY = "buy", "Buy"
        SELL = "sell", "Sell"

    class Type(models.TextChoices):
        MARKET = "market", "Market"
        LIMIT = "limit", "Limit"

    class TimeInForce(models.TextChoices):
        DAY = "day", "Day"
        GTC = "gtc", "Good till canceled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("investors.TradingAccount", on_delete=models.PROTECT, related_name="orders")
    placed_by = models.ForeignKey("investors.User", null=True, on_delete=models.PROTECT, related_name="orders")
    client_id = models.UUIDField(unique=True)
    vendor_order_id = models.PositiveBigIntegerField(null=True, blank=True)

    symbol = models.CharField(max_length=24)
    side = models.CharField(max_length=8, choices=Side)
    type = models.CharField(max_length=8, choices=Type)
    time_in_force = models.CharField(max_length=8, choices=TimeInForce)
    quantity = models.DecimalField(max_digits=19, decimal_places=6, help_text="Shares")
    limit_price = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True, help_text="USD")

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
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager.from_queryset(OrderQuerySet)()  # type: ignore[misc]

    class Meta(BrokerOwned.Meta):
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["broker", "vendor_order_id"], name="one_order_per_vendor_order"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="order_quantity_positive"),
        ]
        indexes = [models.Index(fields=["account", "-created_at"], name="order_by_account")]

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.quantity.normalize():f} {self.symbol}"

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def is_settled(self) -> bool:
        """Nothing more is expected of it: final at AutoShares, refused by it, or closed by operations."""
        return self.state in SETTLED

    @property
    def is_cancelable(self) -> bool:
        """Still alive, and nobody has asked for its cancellation yet."""
        return self.state in CANCELABLE and self.cancel_requested_at is None

    @property
    def is_moving(self) -> bool:
        """News of it is due any moment: it was just placed, or its cancellation was just asked for."""
        since = self.cancel_requested_at or (self.created_at if self.state in JUST_SENT else None)
        return since is not None and not self.is_settled and timezone.now() - since < MOVES_FOR

    @property
    def remaining_quantity(self) -> Decimal:
        return self.quantity - self.filled_quantity

    @property
    def filled_percent(self) -> Decimal:
        return self.filled_quantity / self.quantity * 100


class OrderRequest(BrokerOwned):
    """One message to AutoShares, sent at most once. The row is committed before a socket opens."""

    class Kind(models.TextChoices):
        PLACE = "place", "Place"
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


class OrderDraft(BrokerOwned):
    """A half-typed ticket, kept on the server so that it survives a lost session and follows to another device."""

    user = models.ForeignKey("investors.User", on_delete=models.CASCADE, related_name="order_drafts")
    symbol = models.CharField(max_length=24)
    fields = models.JSONField(default=dict, help_text="The fields as typed.")
    form_key = models.UUIDField(default=uuid.uuid4)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(BrokerOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["user", "symbol"], name="one_draft_per_symbol")]
