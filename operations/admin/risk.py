"""Risk: limits in versions, switches that one throws and two lift, and what the rules kept in the house."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Field, QuerySet
from django.http import HttpRequest

from operations.admin_scoping import BrokerScopedAdmin, ReadOnlyAdmin, broker_of_staff, only_of_staff, staff_of
from trading.orders.models import Order
from trading.risk.killing import LiftNeedsAnother, ask_to_lift, lift_switch, throw_switch
from trading.risk.limits import set_limits
from trading.risk.models import KillSwitch, RiskDenial, RiskLimits


class WordsField(forms.CharField):
    """A list of words, typed with blanks or commas between them."""

    def prepare_value(self, value: object) -> object:
        return " ".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        return str(super().clean(value) or "").replace(",", " ").split()


class LimitsForm(forms.ModelForm):
    allowed_types = WordsField(
        required=False, help_text=f"Empty: all. Words: {', '.join(Order.Type.values)}", widget=forms.TextInput
    )
    allowed_security_types = WordsField(
        required=False, help_text="Empty: all. AutoShares' words: CommonStock, ETF, Option", widget=forms.TextInput
    )

    class Meta:
        model = RiskLimits
        fields = [
            *("broker", "account", "user", "note", "max_order_value", "max_order_quantity", "price_collar_percent"),
            *("max_daily_loss", "max_daily_turnover", "max_open_orders", "duplicate_window_seconds", "allowed_types"),
            *("allowed_security_types", "restricted_symbols", "may_sell_short", "max_option_level"),
        ]
        help_texts = {
            "max_option_level": "Empty: not limited here. 0: no options; 2: buy them; 4: write them uncovered"
        }

    def clean_allowed_types(self) -> list[str]:
        words = self.cleaned_data["allowed_types"]
        if unknown := set(words) - set(Order.Type.values):
            raise forms.ValidationError(f"Not an order type: {', '.join(sorted(unknown))}.")
        return words

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        broker, account, user = (cleaned.get(name) for name in ("broker", "account", "user"))
        if account and user:
            raise forms.ValidationError("Choose an account or an investor, not both.")
        for name, whose in (("account", account), ("user", user)):
            if whose is not None and broker is not None and whose.broker_id != broker.pk:
                self.add_error(name, "This one belongs to another broker.")
        return cleaned


class CurrentFilter(admin.SimpleListFilter):
    title = "version"
    parameter_name = "version_is"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("current", "in force"), ("past", "replaced")]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        wanted = {"current": True, "past": False}.get(self.value() or "")
        return rows if wanted is None else rows.filter(is_current=wanted)


@admin.register(RiskLimits)
class RiskLimitsAdmin(BrokerScopedAdmin):
    """A version is never edited: "add" puts a new one in force, beginning with what holds now."""

    form = LimitsForm
    list_display = [
        "__str__",
        "is_current",
        "max_order_value",
        "max_daily_turnover",
        "note",
        "created_by",
        "created_at",
    ]
    list_filter = ["broker", CurrentFilter]
    list_select_related = ["broker", "account", "user", "created_by"]
    autocomplete_fields = ["account", "user"]
    fieldsets = [
        ("Whose", {"fields": ["broker", "account", "user", "note"]}),
        ("One order", {"fields": ["max_order_value", "max_order_quantity", "price_collar_percent"]}),
        ("A day", {"fields": ["max_daily_loss", "max_daily_turnover", "max_open_orders", "duplicate_window_seconds"]}),
        (
            "What may be traded",
            {
                "fields": [
                    *("allowed_types", "allowed_security_types", "restricted_symbols", "may_sell_short"),
                    "max_option_level",
                ]
            },
        ),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """Begin with what holds for the broker now, so that a new version changes one thing."""
        given = super().get_changeform_initial_data(request)
        held = only_of_staff(request, RiskLimits.unscoped.filter(is_current=True, account=None, user=None)).first()
        if held is None or given.get("account") or given.get("user"):
            return given
        return {name: getattr(held, name) for name in LimitsForm.Meta.fields if name != "note"} | given

    def save_model(self, request: HttpRequest, limits: RiskLimits, form: forms.ModelForm, change: bool) -> None:
        set_limits(limits, by=staff_of(request))

    def has_change_permission(self, request: HttpRequest, obj: RiskLimits | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RiskLimits | None = None) -> bool:
        return False


class SwitchForm(forms.ModelForm):
    class Meta:
        model = KillSwitch
        fields = ["scope", "broker", "account", "symbol", "reason"]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        needs = {
            KillSwitch.Scope.BROKER: "broker",
            KillSwitch.Scope.ACCOUNT: "account",
            KillSwitch.Scope.SYMBOL: "symbol",
        }
        needed = needs.get(KillSwitch.Scope(cleaned.get("scope") or KillSwitch.Scope.GLOBAL))
        if needed and not cleaned.get(needed):
            self.add_error(needed, "This is what the switch is for.")
        for name in {"account", "symbol", "broker"} - {needed}:
            if not (name == "broker" and needed in {"account", "symbol"}):
                cleaned[name] = "" if name == "symbol" else None
        return cleaned


@admin.register(KillSwitch)
class KillSwitchAdmin(BrokerScopedAdmin):
    """Throw with "add". Lift with two actions, by two people: one asks, another one lifts."""

    form = SwitchForm
    list_display = [
        "__str__",
        "scope",
        "reason",
        "is_in_force",
        "thrown_by",
        "thrown_at",
        "lift_asked_by",
        "lifted_by",
    ]
    list_filter = ["scope", ("lifted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["broker", "account", "thrown_by", "lift_asked_by", "lifted_by"]
    autocomplete_fields = ["account"]
    actions = ["ask", "lift"]

    @admin.display(boolean=True, description="in force")
    def is_in_force(self, switch: KillSwitch) -> bool:
        return switch.is_thrown

    def formfield_for_choice_field(
        self, db_field: Field, request: HttpRequest, **options: Any
    ) -> forms.TypedChoiceField | None:
        """Staff of one broker stop their own broker's trading, not everybody's."""
        if db_field.name == "scope" and broker_of_staff(request) is not None:
            options["choices"] = [
                choice for choice in KillSwitch.Scope.choices if choice[0] != KillSwitch.Scope.GLOBAL
            ]
        return super().formfield_for_choice_field(db_field, request, **options)

    def save_model(self, request: HttpRequest, switch: KillSwitch, form: forms.ModelForm, change: bool) -> None:
        own = staff_of(request).broker if broker_of_staff(request) is not None else None
        thrown = throw_switch(
            switch.scope,
            reason=switch.reason,
            by=staff_of(request),
            broker=switch.broker or own,
            account=switch.account,
            symbol=switch.symbol,
        )
        switch.pk = thrown.pk

    @admin.action(description="Ask to lift the chosen switches", permissions=["add"])
    def ask(self, request: HttpRequest, switches: QuerySet) -> None:
        asked = sum(ask_to_lift(switch, by=staff_of(request)) for switch in switches)
        self.message_user(request, f"Asked to lift {asked}. Another member of staff has to lift them.")

    @admin.action(description="Lift the chosen switches (another one has asked)", permissions=["add"])
    def lift(self, request: HttpRequest, switches: QuerySet) -> None:
        for switch in switches:
            try:
                if lift_switch(switch, by=staff_of(request)):
                    self.message_user(request, f"{switch} is lifted.", messages.SUCCESS)
            except LiftNeedsAnother:
                words = f"{switch} stays: somebody has to ask first, and another one lifts it."
                self.message_user(request, words, messages.ERROR)

    def has_change_permission(self, request: HttpRequest, obj: KillSwitch | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: KillSwitch | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = admin.ModelAdmin.get_queryset(self, request)
        return rows if broker_of_staff(request) is None else rows.filter(broker=broker_of_staff(request))


@admin.register(RiskDenial)
class RiskDenialAdmin(ReadOnlyAdmin):
    list_display = ["at", "rule", "order", "text", "account", "user", "broker"]
    list_filter = ["rule", "broker"]
    list_select_related = ["account", "user", "broker"]
    search_fields = ["order", "account__number", "user__email"]
    date_hierarchy = "at"
    fields = ["at", "rule", "order", "text", "account", "user", "broker"]
