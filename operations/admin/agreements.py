"""Agreements: the words that a broker publishes, what is outstanding, and the evidence of what was signed."""

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from agreements.models import AgreementCheck, AgreementText, OutstandingAgreement, Signature
from operations.admin_scoping import BrokerScopedAdmin, ReadOnlyAdmin


def is_signed(text: AgreementText) -> bool:
    """Whether somebody put a signature under exactly these words. One query."""
    return Signature.unscoped.filter(
        broker_id=text.broker_id, type=text.type, version=text.version, text_sha256=text.sha256
    ).exists()


@admin.register(AgreementText)
class AgreementTextAdmin(BrokerScopedAdmin):
    """Words may be corrected until the first signature; after that a change is a new version."""

    list_display = ["title", "version", "type", "broker", "published_at"]
    list_filter = ["broker", "type"]
    list_select_related = ["broker"]
    search_fields = ["title", "type", "version"]
    ordering = ["broker__name", "type", "-published_at"]
    fields = ["broker", "type", "version", "title", "body", "published_at", "sha256"]
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: AgreementText | None = None) -> list[str]:
        return ["published_at", "sha256"]

    @admin.display(description="SHA-256 of the words")
    def sha256(self, text: AgreementText) -> str:
        return text.sha256 if text.pk else "–"

    def has_change_permission(self, request: HttpRequest, obj: AgreementText | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and is_signed(obj))

    def has_delete_permission(self, request: HttpRequest, obj: AgreementText | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and is_signed(obj))


class PublishedFilter(admin.SimpleListFilter):
    """Finds what investors cannot sign because the broker has not published the words."""

    title = "words"
    parameter_name = "words"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("missing", "not published")]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return without_words(rows) if self.value() == "missing" else rows


def without_words(rows: QuerySet) -> QuerySet:
    """The outstanding agreements for which no text of that type and version is published."""
    same = {name: OuterRef(name) for name in ("broker", "type", "version")}
    return rows.filter(~Exists(AgreementText.unscoped.filter(**same)))


@admin.register(OutstandingAgreement)
class OutstandingAgreementAdmin(ReadOnlyAdmin):
    list_display = ["title", "version", "type", "user", "broker", "can_skip", "vendor_agreement_id"]
    list_filter = ["broker", "type", "can_skip", PublishedFilter]
    list_select_related = ["user", "broker"]
    search_fields = ["title", "type", "user__email"]
    fields = ["title", "version", "type", "user", "broker", "can_skip", "vendor_agreement_id"]


@admin.register(AgreementCheck)
class AgreementCheckAdmin(ReadOnlyAdmin):
    list_display = ["user", "broker", "asked_at", "answered_at", "error"]
    list_filter = ["broker"]
    list_select_related = ["user", "broker"]
    search_fields = ["user__email"]
    ordering = ["-asked_at"]
    fields = ["user", "broker", "asked_at", "answered_at", "error"]


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    list_display = ["title", "version", "user", "broker", "state", "signed_at", "confirmed_at"]
    list_filter = ["state", "broker", "type"]
    list_select_related = ["user", "broker"]
    search_fields = ["title", "type", "user__email", "text_sha256"]
    date_hierarchy = "signed_at"
    fields = [
        "title",
        "version",
        "type",
        "vendor_agreement_id",
        "user",
        "broker",
        "state",
        "signed_at",
        "confirmed_at",
        "text_sha256",
        "ip_address",
        "user_agent",
    ]
