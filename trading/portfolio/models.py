"""What we know of an account at AutoShares: its balances, its positions, and when we look again."""

from decimal import Decimal

from django.db import models

from brokers.scoping import BrokerOwned, ScopedManager


class AccountBookQuerySet(models.QuerySet):
    def due(self, now) -> "AccountBookQuerySet":
        """Books whose next check is due, oldest first."""
        return self.filter(next_check_at__lte=now).order_by("next_check_at")


class AccountBook(BrokerOwned):
    """The account's page in our books, and its row in the due-table of the poll.

    `next_check_at` is also the lease: whoever claims a book pushes it ahead before asking AutoShares.
    """

    account = models.OneToOneField("investors.TradingAccount", on_delete=models.CASCADE, related_name="book")
    cash = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True, help_text="USD")
    equity = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True, help_text="USD")
    buying_power = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True, help_text="USD, stocks")
    market_value = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True, help_text="USD")
    day_change = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True, help_text="USD")
    day_change_percent = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    open_profit_loss = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True, help_text="USD")
    pending_cash = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True, help_text="USD")
    balances_at = models.DateTimeField(null=True, blank=True, help_text="When AutoShares gave these balances.")
    positions_at = models.DateTimeField(null=True, blank=True, help_text="When AutoShares gave the positions.")
    orders_at = models.DateTimeField(null=True, blank=True, help_text="When AutoShares gave the orders.")
    next_check_at = models.DateTimeField(null=True, blank=True, db_index=True)
    watched_until = models.DateTimeField(null=True, blank=True, help_text="Someone has a page of it open until then.")
    failures = models.PositiveIntegerField(default=0, help_text="Failed checks since the last success.")
    error = models.CharField(max_length=200, blank=True, help_text="Why the last check failed, for people.")

    objects = ScopedManager.from_queryset(AccountBookQuerySet)()  # type: ignore[misc]

    class Meta(BrokerOwned.Meta):
        pass

    def __str__(self) -> str:
        return f"Book of {self.account}"


class Position(BrokerOwned):
    """A holding as AutoShares reported it last. Short quantities are negative."""

    account = models.ForeignKey("investors.TradingAccount", on_delete=models.CASCADE, related_name="positions")
    vendor_position_id = models.PositiveBigIntegerField()
    symbol = models.CharField(max_length=24)
    name = models.CharField(max_length=200, blank=True)
    security_type = models.CharField(max_length=40, blank=True)
    quantity = models.DecimalField(max_digits=19, decimal_places=6, help_text="Shares")
    contract_size = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(1))
    average_price = models.DecimalField(max_digits=19, decimal_places=6, help_text="USD per share")
    cost_basis = models.DecimalField(max_digits=19, decimal_places=4, help_text="USD")
    unrealized = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True, help_text="USD")
    realized = models.DecimalField(max_digits=19, decimal_places=4, default=Decimal(0), help_text="USD")
    previous_close = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True, help_text="USD")

    class Meta(BrokerOwned.Meta):
        ordering = ["symbol"]
        constraints = [
            models.UniqueConstraint(fields=["account", "vendor_position_id"], name="one_row_per_vendor_position")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.symbol}"

    @property
    def closing_side(self) -> str:
        """The side of an order that takes it back to nothing: a value of `Order.Side`."""
        return "sell" if self.quantity > 0 else "cover"

    @property
    def market_value(self) -> Decimal | None:
        """USD: cost basis plus the vendor's unrealized profit or loss; None where the vendor gives none."""
        return None if self.unrealized is None else self.cost_basis + self.unrealized

    @property
    def last_price(self) -> Decimal | None:
        """USD per share that the market value stands for."""
        shares = self.quantity * self.contract_size
        return self.market_value / shares if self.market_value is not None and shares else None

    @property
    def unrealized_percent(self) -> Decimal | None:
        return None if self.unrealized is None or not self.cost_basis else self.unrealized / abs(self.cost_basis) * 100

    @property
    def day_change(self) -> Decimal | None:
        """USD since the previous close, for the shares held now."""
        if self.previous_close is None or self.last_price is None:
            return None
        return (self.last_price - self.previous_close) * self.quantity * self.contract_size
