"""Tenants: who the broker is, at which hosts, with which keys and in which colours."""

import uuid
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models

from autoshares.client import Client
from autoshares.oauth import OAuthClient
from brokers.budgets import shared_limiter
from brokers.theming import Theme, validate_theme
from brokers.vault import Sealed


class Broker(models.Model):
    """One white-label tenant."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    headline = models.CharField(max_length=120, help_text="The first sentence of the landing page.")
    tagline = models.CharField(max_length=240, blank=True, help_text="The paragraph under the headline.")
    facts = models.JSONField(default=list, blank=True, help_text='Up to three facts: [{"title": "…", "text": "…"}, …]')
    mark = models.CharField(max_length=4, help_text="One or two characters drawn as the mark of the brand.")
    theme = models.JSONField(default=dict, blank=True, validators=[validate_theme])
    support_email = models.EmailField()
    time_zone = models.CharField(max_length=64, default="America/New_York")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def connection(self) -> "Connection":
        """The AutoShares keys of this installation's environment. Costs a query once. Raises ConnectionMissing."""
        try:
            return self.connections.get(environment=settings.SHAREFRONT_ENV)
        except Connection.DoesNotExist as missing:
            raise ConnectionMissing(self) from missing

    @property
    def issuer_origin(self) -> str:
        """Origin of the AutoShares sign-in pages, "" while no connection is configured."""
        try:
            parts = urlsplit(self.connection.issuer)
        except ConnectionMissing:
            return ""
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def stylesheet(self) -> Theme:
        return Theme.from_json(self.theme)


class ConnectionMissing(Exception):
    """The broker has no AutoShares keys for this environment."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(f"{broker.slug} has no AutoShares connection for {settings.SHAREFRONT_ENV}.")


class BrokerHost(models.Model):
    """A host name at which a broker's investors arrive. Lower case, without port or trailing dot."""

    broker = models.ForeignKey(Broker, on_delete=models.CASCADE, related_name="hosts")
    host = models.CharField(max_length=253, unique=True)
    is_primary = models.BooleanField(default=False, help_text="The name used in links and mails.")

    def __str__(self) -> str:
        return self.host

    def save(self, *args, **kwargs) -> None:
        self.host = self.host.lower().rstrip(".")
        super().save(*args, **kwargs)


class Connection(models.Model):
    """A broker's keys and addresses at AutoShares, one set per environment; secrets are sealed."""

    class Environment(models.TextChoices):
        DEMO = "demo", "Demo (sandbox)"
        UAT = "uat", "UAT"
        LIVE = "live", "Live"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    broker = models.ForeignKey(Broker, on_delete=models.CASCADE, related_name="connections")
    environment = models.CharField(max_length=8, choices=Environment)
    api_base_url = models.URLField(help_text="Without the version: https://api.example.com or …/api.")
    api_version = models.CharField(max_length=8, default="1.0")
    issuer = models.CharField(max_length=200, help_text="OAuth issuer, with its trailing slash.")
    client_id = models.CharField(max_length=128)
    client_secret_sealed = models.BinaryField(default=b"", editable=False)
    client_secret = Sealed()
    app_key_sealed = models.BinaryField(default=b"", editable=False)
    app_key = Sealed()
    app_key_publishable = models.CharField(max_length=256, blank=True)
    audience = models.CharField(max_length=200, blank=True)
    scopes = models.CharField(max_length=200, default="openid profile email offline_access")
    trades_around_the_clock = models.BooleanField(
        default=False, help_text="A simulated market that never closes. Leave off for UAT and live."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broker", "environment"], name="one_connection_per_environment")
        ]

    def __str__(self) -> str:
        return f"{self.broker} · {self.get_environment_display()}"

    def client(self, token: str, *, caller: str = "", in_background: bool = False, **options: Any) -> Client:
        """A REST client that speaks for the investor whose access token this is.

        `caller` is whom rate limits are counted for, the same for all tokens of an investor. `in_background`: nobody
        waits for what is read. `options` are those of the client.
        """
        return Client(
            base_url=self.api_base_url,
            app_key=self.app_key,
            token=token,
            version=self.api_version,
            limiter=shared_limiter(),
            caller=caller,
            in_background=in_background,
            **self._timeouts() | options,
        )

    def oauth(self, **options: Any) -> OAuthClient:
        """The OAuth endpoints of this connection's issuer. `options` are those of the client."""
        return OAuthClient(
            issuer=self.issuer,
            client_id=self.client_id,
            client_secret=self.client_secret,
            limiter=shared_limiter(),
            **self._timeouts() | options,
        )

    def _timeouts(self) -> dict[str, float]:
        return {
            "connect_timeout": settings.AUTOSHARES_CONNECT_TIMEOUT_SECONDS,
            "read_timeout": settings.AUTOSHARES_READ_TIMEOUT_SECONDS,
        }


class Moments(models.Field):
    """Seconds since 1970, several of them."""

    def db_type(self, connection) -> str:
        return "double precision[]"


class RateBudget(models.Model):
    """What is left of a minute, kept by `autoshares.limits.PostgresLimiter`, which alone reads and writes it."""

    name = models.TextField(primary_key=True)
    free_at = Moments()
    held_until = models.FloatField()
    wait = models.FloatField()
    idle_at = models.FloatField()

    class Meta:
        db_table = "autoshares_limit"

    def __str__(self) -> str:
        return self.name
