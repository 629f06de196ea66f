"""Whose rows a member of the staff may see: all of them, or those of the broker that they work for."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from investors.people import User


def broker_of_staff(request: HttpRequest) -> Any:
    """The id of the broker that this member of the staff is limited to, or None for the platform's own staff."""
    return getattr(request.user, "broker_id", None)


def staff_of(request: HttpRequest) -> User:
    """Whoever works here: the admin lets nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def only_of_staff(request: HttpRequest, rows: QuerySet, path: str = "broker") -> QuerySet:
    """`rows` without those of brokers that are no business of this member of the staff."""
    broker_id = broker_of_staff(request)
    return rows if broker_id is None else rows.filter(**{path: broker_id})


class BrokerScopedAdmin(admin.ModelAdmin):
    """Rows, choices and filters of the staff's own broker. `broker_path` leads from the model to the broker."""

    broker_path = "broker"
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return only_of_staff(request, super().get_queryset(request), self.broker_path)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = list(super().get_list_filter(request))
        return filters if broker_of_staff(request) is None else [name for name in filters if name != "broker"]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **options: Any
    ) -> ModelChoiceField | None:
        options.setdefault("queryset", choices_of_staff(request, db_field.remote_field.model))
        return super().formfield_for_foreignkey(db_field, request, **options)


def choices_of_staff(request: HttpRequest, model: type[Model]) -> QuerySet:
    """What a foreign key to `model` may be set to: brokers themselves, or rows that belong to one."""
    path = "pk" if model._meta.label == "brokers.Broker" else "broker"
    return only_of_staff(request, model._default_manager.all(), path)


class ReadOnlyInline(admin.TabularInline):
    """Rows that are history: to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(BrokerScopedAdmin):
    """Rows that we learn from AutoShares or write as evidence: nobody adds, changes or deletes them by hand."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
