"""Trading accounts at AutoShares, and which investor may do what with each."""

import uuid

from django.db import models

from brokers.scoping import BrokerOwned, ScopedManager


class TradingAccountQuerySet(models.QuerySet):
    def of(self, user) -> "TradingAccountQuerySet":
        """The accounts that `user` may see, in the order of their numbers."""
        return self.filter(links__user=user, links__is_current=True).order_by("vendor_account_id")


class TradingAccount(BrokerOwned):
    """One account at AutoShares. `number` is for people, `vendor_account_id` for the API's addresses."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vendor_account_id = models.PositiveBigIntegerField()
    number = models.CharField(max_length=64)
    margin_type = models.CharField(max_length=32, blank=True)
    owner_type = models.CharField(max_length=64, blank=True)
    clearing_firm = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    is_enabled = models.BooleanField(default=True)
    linked_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager.from_queryset(TradingAccountQuerySet)()  # type: ignore[misc]

    class Meta(BrokerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["broker", "vendor_account_id"], name="one_row_per_vendor_account")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def has_margin(self) -> bool:
        """It may borrow, and so sell short. The vendor's words: Cash, Margin, DayTrader, MarginIra."""
        return self.margin_type in {"Margin", "DayTrader"}


class AccountLink(BrokerOwned):
    """What one investor may do with one account (the vendor's access type) and how they call it."""

    class Access(models.TextChoices):
        OWNER = "Owner", "Owner"
        FULL = "Full", "Full access"
        CLOSE_ONLY = "ClosePositionsOnly", "May only close positions"
        READ_ONLY = "ReadOnly", "May look, not trade"

    user = models.ForeignKey("investors.User", on_delete=models.CASCADE, related_name="account_links")
    account = models.ForeignKey(TradingAccount, on_delete=models.CASCADE, related_name="links")
    access = models.CharField(max_length=32, choices=Access)
    alias = models.CharField(max_length=80, blank=True)
    is_current = models.BooleanField(default=True, help_text="AutoShares still lists it for this investor.")

    class Meta(BrokerOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["user", "account"], name="one_link_per_user_and_account")]

    def __str__(self) -> str:
        return self.alias or self.account.number

    @property
    def can_trade(self) -> bool:
        return self.access in {self.Access.OWNER, self.Access.FULL, self.Access.CLOSE_ONLY}
