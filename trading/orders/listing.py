"""Which orders of an account are asked for, and in which order: the filters of the orders page and of its CSV."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from django import forms
from django.db.models import Case, Q, QuerySet, SmallIntegerField, Value, When
from django.http import QueryDict

from investors.accounts.models import TradingAccount
from trading.market_hours import NEW_YORK
from trading.orders.models import Order
from trading.orders.states import SETTLED, OrderState

# The tabs of the page; rejected, expired and canceled are three different endings.
SHOWN: dict[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "open": ("Open", ~Q(state__in=SETTLED)),
    "filled": ("Filled", Q(state=OrderState.FILLED)),
    "canceled": ("Canceled", Q(state__in=[OrderState.CANCELED, OrderState.REPLACED])),
    "expired": ("Expired", Q(state=OrderState.EXPIRED)),
    "rejected": ("Rejected", Q(state__in=[OrderState.REJECTED, OrderState.REFUSED, OrderState.ABANDONED])),
}
OPEN_FIRST = Case(When(state__in=SETTLED, then=Value(1)), default=Value(0), output_field=SmallIntegerField())
SORTS: dict[str, tuple[str, tuple]] = {
    "": ("Open first, then newest", (OPEN_FIRST, "-created_at", "id")),
    "newest": ("Newest first", ("-created_at", "id")),
    "oldest": ("Oldest first", ("created_at", "id")),
    "symbol": ("Symbol", ("symbol", "-created_at", "id")),
    "largest": ("Largest value", ("-reference_value", "-created_at", "id")),
}


class ListForm(forms.Form):
    """What the page was asked for. What cannot be read is left out, and said next to its field."""

    symbol = forms.CharField(required=False, max_length=24)
    side = forms.ChoiceField(required=False, choices=[("", "Any side"), *Order.Side.choices])
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    sort = forms.ChoiceField(required=False, choices=[(name, label) for name, (label, _) in SORTS.items()])
    show = forms.ChoiceField(required=False, choices=[(name, label) for name, (label, _) in SHOWN.items()])

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="orders-%s")
        self.is_valid()

    @property
    def shown(self) -> str:
        return self.cleaned_data.get("show") or "all"

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("symbol", "side", "since", "until"))

    def query(self, **changes: str) -> str:
        """The address' query of this list with some of it changed, without empty parts."""
        query = QueryDict(mutable=True)
        for name in self.fields:
            value = changes.get(name, self.data.get(name, ""))
            if value and not (name == "show" and value == "all"):
                query[name] = value
        for name in set(changes) - set(self.fields):
            query[name] = changes[name]
        return query.urlencode()


def orders_of(account: TradingAccount, asked: ListForm) -> QuerySet[Order]:
    """Single orders and heads, with their legs. Two queries when it is read."""
    given = asked.cleaned_data
    orders = Order.objects.of(account).heads().filter(SHOWN[asked.shown][1])
    if given.get("symbol"):
        orders = orders.filter(symbol__iexact=given["symbol"].strip())
    if given.get("side"):
        orders = orders.filter(side=given["side"])
    if given.get("since"):
        orders = orders.filter(created_at__gte=_midnight(given["since"]))
    if given.get("until"):
        orders = orders.filter(created_at__lt=_midnight(given["until"], day_after=True))
    return orders.order_by(*SORTS[given.get("sort") or ""][1]).prefetch_related("legs")


def _midnight(day: date, *, day_after: bool = False) -> datetime:
    """The start of a New York day, or of the one after it."""
    number = min(day.toordinal() + day_after, date.max.toordinal())
    return datetime.combine(date.fromordinal(number), time(), NEW_YORK)


COLUMNS = (
    *("Placed (UTC)", "Symbol", "Side", "Type", "Good for", "Quantity", "Amount (USD)", "Limit (USD)", "Stop (USD)"),
    *("Status", "Filled", "Average price (USD)", "Reason", "AutoShares number", "Our reference", "Part of"),
)


class _Line:
    """What csv writes to: a line at a time, handed on."""

    def write(self, text: str) -> str:
        return text


def as_csv(orders: Iterable[Order]) -> Iterator[str]:
    """The lines of a CSV file, legs after their head. Numbers as they are, times in UTC (RFC 3339)."""
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for order in orders:
        yield writer.writerow(_cells(order))
        if order.is_group:
            yield from (writer.writerow(_cells(leg, part_of=order)) for leg in order.ordered_legs)


def _cells(order: Order, part_of: Order | None = None) -> list[str]:
    numbers = (order.quantity, order.cash_amount, order.limit_price, order.stop_price)
    return [
        order.created_at.isoformat(timespec="milliseconds"),
        order.symbol,
        order.get_side_display(),
        order.get_type_display(),
        order.get_time_in_force_display(),
        *("" if number is None else f"{number.normalize():f}" for number in numbers),
        order.get_state_display(),
        f"{order.filled_quantity.normalize():f}",
        "" if order.average_price is None else f"{order.average_price.normalize():f}",
        order.reason or order.vendor_reason,
        str(order.vendor_order_id or ""),
        str(order.client_id),
        "" if part_of is None else str(part_of.client_id),
    ]
