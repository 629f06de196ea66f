"""How an investor likes to trade: what AutoShares keeps for them, and our copy of it."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from brokers.scoping import BrokerOwned

# A copy that could not be read again for so long is no reason to leave a review out.
TRUSTED_FOR = timedelta(hours=1)


class TradingPreferences(BrokerOwned):
    """When an act is read back to the investor before it is done. AutoShares' settings are the truth."""

    class Review(models.TextChoices):
        ALWAYS = "always", "Always"
        WARNED = "warned", "Only if there is a warning"
        NEVER = "never", "Never"

    user = models.OneToOneField("investors.User", on_delete=models.CASCADE, related_name="trading_preferences")
    placing = models.CharField(max_length=8, choices=Review, default=Review.ALWAYS)
    closing = models.CharField(max_length=8, choices=Review, default=Review.ALWAYS)
    changing = models.CharField(max_length=8, choices=Review, default=Review.ALWAYS)
    version = models.PositiveIntegerField(
        default=0, help_text="Counts what was written: an answer that was asked for before is older than it."
    )
    read_at = models.DateTimeField(null=True, blank=True, help_text="When AutoShares gave these settings.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="A task was asked to read them again.")
    error = models.CharField(max_length=200, blank=True, help_text="Why the last reading failed, for people.")

    class Meta(BrokerOwned.Meta):
        verbose_name_plural = "trading preferences"

    def __str__(self) -> str:
        return f"Trading preferences of {self.user}"

    @property
    def is_trusted(self) -> bool:
        return self.read_at is not None and timezone.now() - self.read_at < TRUSTED_FOR

    def may_skip(self, act: str, *, is_warned: bool = False) -> bool:
        """Whether `act` (placing, closing, changing) is done without a review; any other act never is.

        `is_warned`: there is something in it that ought to be read.
        """
        wanted = getattr(self, act, self.Review.ALWAYS) if self.is_trusted else self.Review.ALWAYS
        return wanted == self.Review.NEVER or (wanted == self.Review.WARNED and not is_warned)
