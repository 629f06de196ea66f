"""Brokers: brand, host names, and the keys that can be written but never read back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.http import HttpRequest

from brokers.models import Broker, BrokerHost, Connection
from investors.grants.crowding import crowded_brokers
from operations.admin_scoping import BrokerScopedAdmin, broker_of_staff

HOST_NAME = RegexValidator(
    r"^(?=.{1,253}$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
    "A host name alone, without https://, port or path.",
)


class HostForm(forms.ModelForm):
    class Meta:
        model = BrokerHost
        fields = ["host", "is_primary"]

    def clean_host(self) -> str:
        host = self.cleaned_data["host"].lower().rstrip(".")
        HOST_NAME(host)
        return host


class HostInline(admin.TabularInline):
    model = BrokerHost
    form = HostForm
    extra = 0


def secret_field(label: str) -> forms.CharField:
    """A field for a secret: what is stored is not shown, and an empty field leaves it as it is."""
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"})
    return forms.CharField(
        label=label, widget=widget, required=False, max_length=512, strip=True, help_text="Leave empty to keep it."
    )


class ConnectionForm(forms.ModelForm):
    client_secret = secret_field("Client secret")
    app_key = secret_field("Secret app key")

    class Meta:
        model = Connection
        fields = [
            "environment",
            "api_base_url",
            "api_version",
            "issuer",
            "client_id",
            "client_secret",
            "app_key",
            "app_key_publishable",
            "audience",
            "scopes",
            "trades_around_the_clock",
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("client_secret", "app_key"):
            if not cleaned.get(name) and not getattr(self.instance, f"{name}_sealed"):
                self.add_error(name, "A new connection needs it.")
        return cleaned

    def clean_issuer(self) -> str:
        return self.cleaned_data["issuer"].rstrip("/") + "/"

    def save(self, commit: bool = True) -> Connection:
        for name in ("client_secret", "app_key"):
            if plain := self.cleaned_data.get(name):
                setattr(self.instance, name, plain)
        return super().save(commit)


class ConnectionInline(admin.StackedInline):
    model = Connection
    form = ConnectionForm
    extra = 0


class BrokerForm(forms.ModelForm):
    """Facts are what the landing page draws: at most three, each a title and a text."""

    class Meta:
        model = Broker
        exclude = ()  # noqa: DJ006 - the admin's fieldsets decide

    def clean_facts(self) -> list[dict[str, str]]:
        facts = self.cleaned_data["facts"] or []
        if not isinstance(facts, list) or len(facts) > 3 or not all(is_fact(fact) for fact in facts):
            raise forms.ValidationError('Up to three facts: [{"title": "…", "text": "…"}, …]')
        return facts


def is_fact(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"title", "text"} and all(map(is_text, value.values()))


def is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


class RenewalsFilter(admin.SimpleListFilter):
    title = "token renewals"
    parameter_name = "renewals"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("crowded", "near AutoShares' limit")]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return crowded_brokers(rows) if self.value() == "crowded" else rows


@admin.register(Broker)
class BrokerAdmin(BrokerScopedAdmin):
    broker_path = "pk"
    form = BrokerForm
    list_display = ["name", "slug", "host_names", "environments", "is_active"]
    list_filter = ["is_active", RenewalsFilter]
    search_fields = ["name", "slug", "hosts__host"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "is_active", "support_email", "time_zone"]}),
        ("Landing page", {"fields": ["headline", "tagline", "facts"]}),
        ("Brand", {"fields": ["mark", "theme"]}),
    ]
    inlines = [HostInline, ConnectionInline]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).prefetch_related("hosts", "connections")

    @admin.display(description="hosts")
    def host_names(self, broker: Broker) -> str:
        return ", ".join(host.host for host in broker.hosts.all())

    @admin.display(description="connections")
    def environments(self, broker: Broker) -> str:
        return ", ".join(connection.get_environment_display() for connection in broker.connections.all())

    def get_readonly_fields(self, request: HttpRequest, obj: Broker | None = None) -> list[str]:
        """The slug is part of what connects people to AutoShares; a broker's own staff do not close the broker."""
        fixed = ["slug"] if obj else []
        return fixed if broker_of_staff(request) is None else [*fixed, "is_active"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return broker_of_staff(request) is None and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Broker | None = None) -> bool:
        return False  # make it inactive: what belongs to it stays
