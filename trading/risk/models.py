"""Limits in versions, the refusals they led to, and the switches that stop trading."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from brokers.scoping import BrokerOwned

POSITIVE = [MinValueValidator(0)]


class RiskLimits(BrokerOwned):
    """One version of the limits of a broker, of one of its accounts, or of one of its investors.

    A version is never changed: the next one takes its place. What is empty is not limited here; where several apply,
    the strictest of them holds. Limits of a day and of open orders count per account, an investor's over all accounts.
    """

    account = models.ForeignKey(
        "investors.TradingAccount", null=True, blank=True, on_delete=models.CASCADE, related_name="risk_limits"
    )
    user = models.ForeignKey(
        "investors.User", null=True, blank=True, on_delete=models.CASCADE, related_name="risk_limits",
        verbose_name="investor",
    )  # fmt: skip
    version = models.PositiveIntegerField(editable=False)
    is_current = models.BooleanField(default=True, editable=False)

    max_order_value = models.DecimalField(
        max_digits=19, decimal_places=2, null=True, blank=True, validators=POSITIVE, help_text="USD, of one order"
    )
    max_order_quantity = models.DecimalField(
        max_digits=19, decimal_places=6, null=True, blank=True, validators=POSITIVE, help_text="Shares, of one order"
    )
    price_collar_percent = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, validators=POSITIVE,
        help_text="How far through the last quote a limit may reach: percent of the ask or the bid",
    )  # fmt: skip
    max_daily_loss = models.DecimalField(
        max_digits=19, decimal_places=2, null=True, blank=True, validators=POSITIVE,
        help_text="USD: once the account has lost that much today, it may only close positions",
    )  # fmt: skip
    max_daily_turnover = models.DecimalField(
        max_digits=19, decimal_places=2, null=True, blank=True, validators=POSITIVE,
        help_text="USD, bought and sold in one New York day, open orders included",
    )  # fmt: skip
    max_open_orders = models.PositiveIntegerField(null=True, blank=True)
    duplicate_window_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="An identical order within this time is asked about"
    )
    allowed_types = models.JSONField(default=list, blank=True, help_text="Order types; empty: all")
    allowed_security_types = models.JSONField(default=list, blank=True, help_text="AutoShares' words; empty: all")
    restricted_symbols = models.TextField(blank=True, help_text="Symbols that may not be opened, parted by blanks")
    may_sell_short = models.BooleanField(null=True, blank=True, help_text="Empty: not limited here")
    max_option_level = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0: no options")

    note = models.CharField(max_length=300, help_text="Why these limits; read by whoever audits them.")
    created_by = models.ForeignKey("investors.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(BrokerOwned.Meta):
        verbose_name_plural = "risk limits"
        ordering = ["broker", "-is_current", "-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(account=None) | Q(user=None), name="limits_of_one_scope"),
            models.UniqueConstraint(
                fields=["broker", "account", "user"],
                condition=Q(is_current=True),
                nulls_distinct=False,
                name="one_current_version_per_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"Limits of {self.account or self.user or self.broker}, version {self.version}"

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(self.restricted_symbols.upper().replace(",", " ").split())


class RiskDenial(BrokerOwned):
    """An order that a rule kept in the house. Written once, never changed."""

    class Rule(models.TextChoices):
        ORDER_VALUE = "order_value", "Largest value of one order"
        ORDER_QUANTITY = "order_quantity", "Largest quantity of one order"
        PRICE_COLLAR = "price_collar", "Price collar"
        DAILY_LOSS = "daily_loss", "Loss of a day"
        DAILY_TURNOVER = "daily_turnover", "Turnover of a day"
        OPEN_ORDERS = "open_orders", "Number of open orders"
        ORDER_TYPE = "order_type", "Allowed order types"
        SECURITY_TYPE = "security_type", "Allowed instruments"
        RESTRICTED = "restricted_symbol", "Restricted symbols"
        SHORT = "short_sale", "Short sales"
        OPTION_LEVEL = "option_level", "Options level"
        HALTED = "kill_switch", "Kill switch"

    account = models.ForeignKey("investors.TradingAccount", on_delete=models.CASCADE, related_name="risk_denials")
    user = models.ForeignKey("investors.User", null=True, on_delete=models.SET_NULL, related_name="risk_denials")
    rule = models.CharField(max_length=24, choices=Rule)
    order = models.CharField(max_length=200, help_text="What was asked for, as the sentence that was read back.")
    text = models.CharField(max_length=300, help_text="What the investor was told.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta(BrokerOwned.Meta):
        ordering = ["-at"]
        indexes = [models.Index(fields=["broker", "-at"], name="denials_by_broker")]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.order}"


class KillSwitchQuerySet(models.QuerySet):
    def thrown(self) -> "KillSwitchQuerySet":
        return self.filter(lifted_at=None)

    def over(self, account, symbols: set[str]) -> "KillSwitchQuerySet":
        """Those in force for an order in any of `symbols` of `account`."""
        scope = KillSwitch.Scope
        here = Q(broker=None) | Q(broker_id=account.broker_id)
        return self.thrown().filter(
            Q(scope=scope.GLOBAL)
            | Q(scope=scope.BROKER, broker_id=account.broker_id)
            | Q(scope=scope.ACCOUNT, account=account)
            | Q(here, scope=scope.SYMBOL, symbol__in=symbols)
        )


class KillSwitch(models.Model):
    """While it is thrown no new order leaves in its scope; cancellations do. History: a row per use."""

    class Scope(models.TextChoices):
        GLOBAL = "global", "Everything, every broker"
        BROKER = "broker", "One broker"
        ACCOUNT = "account", "One account"
        SYMBOL = "symbol", "One symbol"

    scope = models.CharField(max_length=8, choices=Scope)
    broker = models.ForeignKey("brokers.Broker", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "investors.TradingAccount", null=True, blank=True, on_delete=models.PROTECT, related_name="kill_switches"
    )
    symbol = models.CharField(max_length=24, blank=True)
    reason = models.CharField(max_length=300)
    is_investors_own = models.BooleanField(default=False, editable=False)
    thrown_by = models.ForeignKey("investors.User", null=True, on_delete=models.PROTECT, related_name="+")
    thrown_at = models.DateTimeField(auto_now_add=True)
    lift_asked_by = models.ForeignKey("investors.User", null=True, on_delete=models.PROTECT, related_name="+")
    lift_asked_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("investors.User", null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    objects = KillSwitchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "kill switches"
        ordering = ["-thrown_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_by=None) | Q(is_investors_own=True) | ~Q(lifted_by=F("lift_asked_by")),
                name="lifting_needs_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(scope="global", broker=None, account=None, symbol="")
                | Q(scope="broker", broker__isnull=False, account=None, symbol="")
                | Q(scope="account", account__isnull=False, symbol="")
                | (Q(scope="symbol", account=None) & ~Q(symbol="")),
                name="kill_switch_names_its_scope",
            ),
        ]
        indexes = [models.Index(fields=["scope"], condition=Q(lifted_at=None), name="kill_switches_thrown")]

    def __str__(self) -> str:
        what = self.symbol or self.account or self.broker or "everything"
        return f"Kill switch of {what}"

    @property
    def is_thrown(self) -> bool:
        return self.lifted_at is None
