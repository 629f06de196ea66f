"""What an investor has still to sign, the words of it, and the record of each signature."""

import hashlib
import uuid

from django.db import models
from django.utils import timezone

from brokers.scoping import BrokerOwned


class AgreementText(BrokerOwned):
    """The broker's published words for a vendor agreement type and version; the API serves none (API.md 7.2)."""

    type = models.CharField(max_length=64)
    version = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    body = models.TextField(
        help_text="Plain text; a line that begins with # is a heading, blank lines part paragraphs."
    )
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta(BrokerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["broker", "type", "version"], name="one_text_per_agreement_version")
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body.encode()).hexdigest()


class AgreementCheck(BrokerOwned):
    """The last answer of AutoShares to "what has this investor still to sign?"."""

    user = models.OneToOneField("investors.User", on_delete=models.CASCADE, related_name="agreement_check")
    asked_at = models.DateTimeField(help_text="When the answer below was asked for.")
    answered_at = models.DateTimeField(null=True, blank=True, help_text="Empty while the answer is outstanding.")
    error = models.CharField(max_length=200, blank=True, help_text="Why there is no answer, for people.")

    class Meta(BrokerOwned.Meta):
        pass


class OutstandingAgreement(BrokerOwned):
    """One agreement that AutoShares listed as unsigned in the last check."""

    user = models.ForeignKey("investors.User", on_delete=models.CASCADE, related_name="outstanding_agreements")
    vendor_agreement_id = models.PositiveBigIntegerField(null=True, help_text="Empty: it cannot be signed by API.")
    type = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    version = models.CharField(max_length=16, blank=True)
    can_skip = models.BooleanField(default=False)

    class Meta(BrokerOwned.Meta):
        ordering = ["can_skip", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "vendor_agreement_id", "version"], name="one_row_per_outstanding_agreement"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}".strip()

    @property
    def key(self) -> str:
        """What stays the same from check to check: for addresses and for what is put off."""
        return f"{self.type}-{self.version}-{self.vendor_agreement_id or 0}"

    @property
    def text(self) -> AgreementText | None:
        """The broker's published words of exactly this version. One query."""
        return AgreementText.unscoped.filter(broker_id=self.broker_id, type=self.type, version=self.version).first()


class Signature(BrokerOwned):
    """Who signed which words, when and from where. Written before AutoShares is told, completed after."""

    class State(models.TextChoices):
        SIGNING = "signing", "Being reported to AutoShares"
        SIGNED = "signed", "Signed"
        FAILED = "failed", "AutoShares refused it"
        REPLACED = "replaced", "AutoShares asked for it again"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("investors.User", on_delete=models.PROTECT, related_name="signatures")
    vendor_agreement_id = models.PositiveBigIntegerField()
    type = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    version = models.CharField(max_length=16, blank=True)
    text_sha256 = models.CharField(max_length=64, help_text="SHA-256 of the words that were shown.")
    state = models.CharField(max_length=12, choices=State, default=State.SIGNING)
    signed_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="When AutoShares accepted it.")
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=400, blank=True)
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then one process is reporting it to AutoShares."
    )

    class Meta(BrokerOwned.Meta):
        ordering = ["-signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "vendor_agreement_id", "version"],
                condition=models.Q(state__in=["signing", "signed"]),
                name="one_signature_per_agreement_version",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}".strip()

    def move(self, state: str) -> bool:
        """Leave SIGNING for `state`; False if somebody else has decided already. One conditional update."""
        now = timezone.now() if state == self.State.SIGNED else None
        unfinished = Signature.unscoped.filter(pk=self.pk, state=self.State.SIGNING)
        return bool(unfinished.update(state=state, confirmed_at=now, lease_until=None))
