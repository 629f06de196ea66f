"""People: staff and investors, what connects them to AutoShares (never the tokens), and their accounts."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.models import Grant
from investors.people import User
from operations.admin_scoping import BrokerScopedAdmin, ReadOnlyAdmin, ReadOnlyInline, broker_of_staff


class LinkInline(ReadOnlyInline):
    model = AccountLink
    fields = readonly_fields = ("user", "account", "access", "alias", "is_current")


@admin.register(User)
class PersonAdmin(BrokerScopedAdmin, UserAdmin):
    """Staff are made here; investors come by themselves, through AutoShares."""

    list_display = ["email", "full_name", "broker", "is_staff", "is_active", "last_login"]
    list_filter = ["broker", "is_staff", "is_active"]
    list_select_related = ["broker"]
    search_fields = ["email", "username", "first_name", "last_name", "vendor_user_id"]
    ordering = ["email"]
    fieldsets = [
        (None, {"fields": ["username", "password", "first_name", "last_name", "email", "is_active"]}),
        ("Broker and AutoShares", {"fields": ["broker", "vendor_user_id", "selected_account"]}),
        ("Staff", {"fields": ["is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "email", "usable_password", "password1", "password2", "broker", "is_staff"]})
    ]
    inlines = [LinkInline]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = ["vendor_user_id", "selected_account", "last_login", "date_joined"]
        if obj and obj.broker_id and not obj.is_staff:
            fixed += ["username", "broker"]  # both come from AutoShares' sign-in
        if not is_platform_superuser(request):
            fixed += ["is_staff", "is_superuser", "groups", "user_permissions", "broker"]
        return fixed

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """An investor has no password here, and no rights in this house."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or obj.is_staff or obj.broker_id is None:
            return fieldsets
        (name, first), *others = fieldsets
        first = {"fields": [field for field in first["fields"] if field != "password"]}
        return [(name, first), *(other for other in others if other[0] != "Staff")]

    def save_model(self, request: HttpRequest, obj: User, form, change: bool) -> None:
        if not change and broker_of_staff(request) is not None:
            obj.broker_id = broker_of_staff(request)
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody raises themselves by changing somebody who may more."""
        if obj and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # make them inactive: what they signed and ordered stays

    def get_inlines(self, request: HttpRequest, obj: User | None = None) -> list:
        return [LinkInline] if obj and not obj.is_staff else []


def is_platform_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser) and broker_of_staff(request) is None


admin.site.unregister(Group)


@admin.register(Group)
class PlatformGroupAdmin(GroupAdmin):
    """Groups belong to the platform, not to one broker."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return broker_of_staff(request) is None and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return broker_of_staff(request) is None and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return broker_of_staff(request) is None and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return broker_of_staff(request) is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return broker_of_staff(request) is None and super().has_delete_permission(request, obj)


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    """When a connection began and ends, and what went wrong. The sealed columns are not among the fields."""

    list_display = ["user", "broker", "state", "obtained_at", "expires_at", "refresh_due_at", "attempts", "last_error"]
    list_filter = ["state", "broker"]
    list_select_related = ["user", "broker"]
    search_fields = ["user__email", "user__username", "last_error"]
    ordering = ["-obtained_at"]
    fields = [
        "user",
        "broker",
        "state",
        "obtained_at",
        "expires_at",
        "refresh_due_at",
        "renews_itself",
        "version",
        "attempts",
        "last_error",
        "accounts_due_at",
        "lease_until",
    ]
    readonly_fields = ["renews_itself"]

    @admin.display(boolean=True, description="renews itself")
    def renews_itself(self, grant: Grant) -> bool:
        return grant.can_refresh


@admin.register(TradingAccount)
class TradingAccountAdmin(ReadOnlyAdmin):
    list_display = ["number", "broker", "margin_type", "owner_type", "is_enabled", "linked_at"]
    list_filter = ["broker", "margin_type", "is_enabled"]
    list_select_related = ["broker"]
    search_fields = ["number", "vendor_account_id", "links__user__email"]
    ordering = ["-linked_at"]
    fields = [
        "number",
        "broker",
        "vendor_account_id",
        "margin_type",
        "owner_type",
        "clearing_firm",
        "currency",
        "is_enabled",
        "linked_at",
    ]
    inlines = [LinkInline]
