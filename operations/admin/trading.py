"""Trading: orders with all that happened to them, the books that the poll keeps, and what is listed. To look at."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from operations.admin_scoping import ReadOnlyAdmin, ReadOnlyInline, staff_of
from trading.orders.models import Order, OrderEvent, OrderRequest
from trading.orders.resolving import StillLooking, abandon_order
from trading.portfolio.models import AccountBook
from trading.securities.models import Quote, Security


def to_the_millisecond(moment) -> str:
    """2026-11-24 14:30:07.123 UTC"""
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} UTC" if moment else "–"


class EventInline(ReadOnlyInline):
    """The timeline, in the order in which it happened."""

    model = OrderEvent
    verbose_name_plural = "timeline"
    fields = readonly_fields = ("when", "kind", "actor", "text", "detail")
    ordering = ["at", "id"]

    @admin.display(description="at")
    def when(self, event: OrderEvent) -> str:
        return to_the_millisecond(event.at)


class RequestInline(ReadOnlyInline):
    """Every message that was, or may have been, sent to AutoShares for this order."""

    model = OrderRequest
    fields = readonly_fields = (
        "kind",
        "state",
        "created",
        "sent_count",
        "outcome",
        "looks",
        "requested_by",
        "payload",
    )

    @admin.display(description="written at")
    def created(self, request: OrderRequest) -> str:
        return to_the_millisecond(request.created_at)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "state", "type", "limit_price", "filled_quantity", "account", "broker", "created_at"]
    list_filter = ["state", "broker", "side", "type"]
    list_select_related = ["account", "broker"]
    search_fields = ["symbol", "client_id", "vendor_order_id", "account__number", "placed_by__email"]
    date_hierarchy = "created_at"
    fields = [
        ("side", "quantity", "symbol"),
        ("type", "limit_price", "stop_price", "time_in_force"),
        ("trail_value", "trail_kind", "limit_offset_value", "limit_offset_kind"),
        ("session", "all_or_none", "expires_on", "cash_amount", "reference_value"),
        ("parent", "place_in_group"),
        "state",
        ("filled_quantity", "average_price"),
        ("vendor_status", "vendor_order_id", "client_id"),
        ("reason", "vendor_reason"),
        ("broker", "account", "placed_by"),
        ("created", "changed"),
    ]
    readonly_fields = ["created", "changed"]
    inlines = [EventInline, RequestInline]
    actions = ["abandon"]

    @admin.action(description="Close orders that AutoShares never listed")
    def abandon(self, request: HttpRequest, orders: QuerySet) -> None:
        """A person's decision, kept on the timeline; an order that is not in doubt for ten minutes stays as it is."""
        if not request.user.has_perm("trading.change_order"):
            self.message_user(request, "Your role does not close orders.", messages.ERROR)
            return
        for order in orders:
            try:
                abandon_order(order, by=staff_of(request))
                self.message_user(request, f"{order} is closed.", messages.SUCCESS)
            except StillLooking:
                words = f"{order} stays: it is not in doubt, or not for ten minutes yet."
                self.message_user(request, words, messages.WARNING)

    @admin.display(description="received")
    def created(self, order: Order) -> str:
        return to_the_millisecond(order.created_at)

    @admin.display(description="last change")
    def changed(self, order: Order) -> str:
        return to_the_millisecond(order.changed_at)


class FailingFilter(admin.SimpleListFilter):
    title = "last check"
    parameter_name = "check"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("failing", "failed")]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(failures__gt=0) if self.value() == "failing" else rows


@admin.register(AccountBook)
class AccountBookAdmin(ReadOnlyAdmin):
    list_display = ["account", "broker", "equity", "buying_power", "orders_at", "next_check_at", "failures", "error"]
    list_filter = ["broker", FailingFilter]
    list_select_related = ["account", "broker"]
    search_fields = ["account__number"]
    ordering = ["-failures", "next_check_at"]
    fields = [
        ("account", "broker"),
        ("cash", "equity", "buying_power"),
        ("market_value", "pending_cash"),
        ("day_change", "day_change_percent", "open_profit_loss"),
        ("balances_at", "positions_at", "orders_at"),
        ("next_check_at", "watched_until"),
        ("failures", "error"),
    ]


class QuoteInline(ReadOnlyInline):
    model = Quote
    fields = readonly_fields = ("last", "bid", "ask", "previous_close", "as_of", "received_at", "error")


@admin.register(Security)
class SecurityAdmin(ReadOnlyAdmin):
    list_display = ["symbol", "name", "exchange", "type", "is_tradable", "broker", "refreshed_at"]
    list_filter = ["broker", "type", "is_tradable"]
    list_select_related = ["broker"]
    search_fields = ["=symbol", "name"]
    ordering = ["symbol"]
    fields = [
        "symbol",
        "name",
        "exchange",
        "type",
        "currency",
        ("tick_size", "precision"),
        "is_tradable",
        "vendor_security_id",
        "broker",
        "refreshed_at",
    ]
    inlines = [QuoteInline]
