"""The person: an investor of one broker, or a member of the staff."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models

from brokers.models import Broker
from brokers.scoping import BrokerScopeMissing


class User(AbstractUser):
    """An investor belongs to one broker and signs in with AutoShares; staff sign in to the admin with a password.

    `username` is internal ("harbor:auth0|42"), since one e-mail address may be an investor of several brokers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=200, unique=True)
    broker = models.ForeignKey(
        "brokers.Broker", null=True, blank=True, on_delete=models.PROTECT, related_name="users",
        help_text="Empty for staff of the platform.",
    )  # fmt: skip
    vendor_user_id = models.PositiveBigIntegerField(null=True, blank=True, help_text="UserId at AutoShares.")
    selected_account = models.ForeignKey(
        "investors.TradingAccount", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return self.email or self.username

    @property
    def home(self) -> Broker:
        """The broker whose investor this is. Raises BrokerScopeMissing for staff of the platform."""
        if self.broker is None:
            raise BrokerScopeMissing(f"{self.pk} is nobody's investor.")
        return self.broker

    @property
    def full_name(self) -> str:
        return self.get_full_name() or self.email
