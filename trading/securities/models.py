"""Stocks and ETFs as AutoShares lists them, and the last quote that we know of each."""

from decimal import Decimal

from django.db import models
from django.db.models.functions import Upper

from brokers.scoping import BrokerOwned, ScopedManager


class SecurityQuerySet(models.QuerySet):
    def matching(self, text: str) -> "SecurityQuerySet":
        """Securities whose symbol begins with, or whose name contains `text`; exact and shorter symbols first."""
        text = text.strip()
        return (
            self.filter(models.Q(symbol__istartswith=text) | models.Q(name__icontains=text))
            .annotate(
                rank=models.Case(
                    models.When(symbol__iexact=text, then=0),
                    models.When(symbol__istartswith=text, then=1),
                    models.When(name__istartswith=text, then=2),
                    default=3,
                    output_field=models.SmallIntegerField(),
                )
            )
            .order_by("rank", "symbol")
        )


class Security(BrokerOwned):
    """A stock or ETF."""

    vendor_security_id = models.PositiveBigIntegerField()
    symbol = models.CharField(max_length=24)
    name = models.CharField(max_length=200, blank=True)
    exchange = models.CharField(max_length=16, blank=True, help_text="Listing market (MIC).")
    type = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    tick_size = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal("0.01"), help_text="USD")
    precision = models.PositiveSmallIntegerField(default=2, help_text="Decimals of a price.")
    is_tradable = models.BooleanField(default=True)
    may_be_shorted = models.BooleanField(default=False)
    fraction_precision = models.PositiveSmallIntegerField(
        default=0, help_text="Decimals of a quantity that may be traded; 0: whole shares only."
    )
    refreshed_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager.from_queryset(SecurityQuerySet)()  # type: ignore[misc]

    class Meta(BrokerOwned.Meta):
        verbose_name_plural = "securities"
        constraints = [models.UniqueConstraint(fields=["broker", "symbol"], name="one_row_per_symbol")]
        indexes = [models.Index("broker", Upper("symbol"), name="security_by_symbol")]

    def __str__(self) -> str:
        return self.symbol


class Quote(BrokerOwned):
    """The last quote of a security. AutoShares has no REST quote; it comes with an order preview (API.md 5.5)."""

    security = models.OneToOneField(Security, on_delete=models.CASCADE, related_name="quote")
    last = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True)
    bid = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True)
    ask = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True)
    previous_close = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True)
    low = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True)
    high = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True)
    day_volume = models.DecimalField(max_digits=19, decimal_places=2, null=True, blank=True, help_text="Shares")
    as_of = models.DateTimeField(null=True, blank=True, help_text="The provider's own time stamp.")
    received_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="A refresh is under way since; cleared by it.")
    error = models.CharField(max_length=200, blank=True, help_text="Why the last refresh brought nothing, for people.")

    class Meta(BrokerOwned.Meta):
        pass

    def reached_by(self, *, is_buy: bool) -> Decimal | None:
        """USD per share that an order would meet in the market: ask or bid, the last price where there is none."""
        return (self.ask if is_buy else self.bid) or self.last

    @property
    def change(self) -> Decimal | None:
        """USD since the previous close."""
        return None if self.last is None or self.previous_close is None else self.last - self.previous_close

    @property
    def change_percent(self) -> Decimal | None:
        return self.change / self.previous_close * 100 if self.change is not None and self.previous_close else None


class SecuritySearch(BrokerOwned):
    """A search text that AutoShares was asked for, so that the same letters are not looked up again and again."""

    mask = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta(BrokerOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["broker", "mask"], name="one_row_per_search_text")]
