"""The token vault: one grant per investor, sealed, refreshed by whoever claims it first."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from brokers.scoping import BrokerOwned
from brokers.vault import Sealed


class Grant(BrokerOwned):
    """An investor's permission for us to speak to AutoShares for them; shared by all their browsers.

    `version` grows with every new set of tokens; `lease_until` is held by the one process that is refreshing.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended: the investor signs in again"
        REVOKED = "revoked", "Revoked by sign-out"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField("investors.User", on_delete=models.CASCADE, related_name="grant")
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    access_token_sealed = models.BinaryField(default=b"", editable=False)
    access_token = Sealed()
    refresh_token_sealed = models.BinaryField(default=b"", editable=False)
    refresh_token = Sealed()
    obtained_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="When the access token ends, absolutely (24 hours at AutoShares).")
    refresh_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    version = models.PositiveIntegerField(default=1)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0, help_text="Failed refreshes since the last success.")
    accounts_due_at = models.DateTimeField(
        null=True,
        blank=True,
        db_index=True,
        help_text="When the list of accounts is to be asked for again; empty: it is known.",
    )
    last_error = models.CharField(max_length=64, blank=True, help_text="OAuth error code of the last failure.")

    class Meta(BrokerOwned.Meta):
        pass

    def __str__(self) -> str:
        return f"Grant of {self.user}"

    @classmethod
    def due_by(cls, moment: datetime) -> "models.QuerySet[Grant]":
        """Active grants of every broker whose refresh is due then, oldest first."""
        return cls.unscoped.filter(state=cls.State.ACTIVE, refresh_due_at__lte=moment).order_by("refresh_due_at")

    @property
    def is_live(self) -> bool:
        """Whether AutoShares should still accept the access token."""
        return self.state == self.State.ACTIVE and self.expires_at > timezone.now()

    @property
    def can_refresh(self) -> bool:
        return self.state == self.State.ACTIVE and bool(self.refresh_token_sealed)
