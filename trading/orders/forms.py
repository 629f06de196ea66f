"""The order ticket as typed: numbers with thousands separators, every complaint next to its field."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.db import models

from trading.market_hours import new_york_day
from trading.orders.errors import DuplicateRecent, OrderError, TicketInvalid
from trading.orders.models import Order
from trading.orders.reversing import reversed_by
from trading.orders.rules import LONGEST_GTD, NEEDS_LIMIT, NEEDS_STOP, NEEDS_TRAIL, check_ticket
from trading.orders.tickets import CLOSING_SIDE, OPPOSITE_SIDE, Ticket, Trail
from trading.securities.models import Security

# Spaces (also the narrow and the hard one) and apostrophes part thousands in many countries; commas in threes do too.
_SPACES = re.compile(r"[\s\u00a0\u202f'’_]")
_COMMAS_IN_THREES = re.compile(r"^\d{1,3}(,\d{3})+(\.\d*)?$")
_NUMBER = re.compile(r"^[-−+]?(\d+\.?\d*|\.\d+)$", re.ASCII)


class NumberField(forms.CharField):
    """A decimal number as people type it; what cannot be read is a complaint, never a guess."""

    def __init__(self, *, empty: str, unreadable: str, **options: Any) -> None:
        super().__init__(max_length=24, error_messages={"required": empty, "max_length": unreadable}, **options)
        self.unreadable = unreadable

    def to_python(self, value: Any) -> Any:
        typed = _SPACES.sub("", super().to_python(value) or "").removeprefix("$")
        if not typed:
            return ""
        if _COMMAS_IN_THREES.match(typed):
            typed = typed.replace(",", "")
        elif "," in typed:
            raise forms.ValidationError("Use a point for decimals, such as 181.20.")
        if not _NUMBER.match(typed):
            raise forms.ValidationError(self.unreadable)
        return typed.replace("−", "-")

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        return Decimal(text) if text else None


def _number_input(mode: str) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off", "enterkeyhint": "go"})


class Plan(models.TextChoices):
    """What the ticket makes: one order, an entry with its exits, two exits that exclude each other, a reversal."""

    SINGLE = "single", "Single order"
    EXITS = "exits", "With target and stop"
    OCO = "oco", "Target or stop"
    REVERSE = "reverse", "Close, then open the opposite"


class Size(models.TextChoices):
    SHARES = "shares", "Shares"
    CASH = "cash", "Dollars"


class Purpose(models.TextChoices):
    """What a ticket was opened for, where it was not just opened."""

    CLOSE = "close", "Close the position"
    REVERSE = "reverse", "Turn it around"


class ExitStop(models.TextChoices):
    PRICE = "price", "Stop at a price"
    PERCENT = "percent", "Trailing, in percent"
    AMOUNT = "amount", "Trailing, in dollars"


def _decimal_field(label: str, unreadable: str) -> NumberField:
    return NumberField(label=label, required=False, empty="", unreadable=unreadable, widget=_number_input("decimal"))


_price_field = partial(_decimal_field, unreadable="Enter a price, such as 181.20.")
_distance_field = partial(_decimal_field, unreadable="Enter a number, such as 2.5.")


def _one_of(
    label: str, choices: Any, initial: str, widget: type[forms.Widget] = forms.RadioSelect
) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, initial=initial, required=False, widget=widget)


SIDE_WORDS = [
    (Order.Side.BUY, "Buy"),
    (Order.Side.SELL, "Sell"),
    (Order.Side.SHORT, "Short"),
    (Order.Side.COVER, "Cover"),
]
SIDES_WITHOUT_SHORT = (Order.Side.BUY, Order.Side.SELL)


class TicketForm(forms.Form):
    """One order of `security`, or orders that belong together.

    Reads and points at the field; the rules themselves are in `rules.py`. What the chosen type, size and plan do not
    need may stay typed: it is left out of the ticket.
    """

    side = forms.ChoiceField(label="Side", choices=SIDE_WORDS, widget=forms.RadioSelect, initial=Order.Side.BUY)
    type = forms.ChoiceField(
        label="Order type",
        choices=[(value, label) for value, label in Order.Type.choices if value not in Order.GROUPS],
        initial=Order.Type.MARKET,
    )
    plan = _one_of("Plan", Plan, Plan.SINGLE, forms.Select)
    size = _one_of("In", Size, Size.SHARES)
    quantity = NumberField(
        label="Quantity",
        required=False,
        empty="",
        unreadable="Enter a number of shares, such as 100.",
        widget=_number_input("decimal"),
    )
    cash_amount = NumberField(
        label="Amount",
        required=False,
        empty="",
        unreadable="Enter an amount, such as 500.",
        widget=_number_input("decimal"),
    )
    limit_price = _price_field("Limit price")
    stop_price = _price_field("Stop price")
    trail_kind = _one_of("Trail in", Order.TrailKind, Order.TrailKind.PERCENT)
    trail_value = _distance_field("Trail by")
    limit_offset_kind = _one_of("Limit offset in", Order.TrailKind, Order.TrailKind.AMOUNT)
    limit_offset_value = _distance_field("Limit offset")
    target_price = _price_field("Target price")
    exit_stop_kind = _one_of("Exit stop", ExitStop, ExitStop.PRICE, forms.Select)
    exit_stop_price = _price_field("Stop price of the exit")
    exit_trail_value = _distance_field("Trail by")
    time_in_force = forms.ChoiceField(
        label="Good for",
        choices=[
            (Order.TimeInForce.DAY, "Today"),
            (Order.TimeInForce.GTC, "Until canceled"),
            (Order.TimeInForce.GTD, "Until a date"),
            (Order.TimeInForce.IOC, "Immediate or cancel"),
            (Order.TimeInForce.FOK, "Fill or kill"),
            (Order.TimeInForce.OPENING, "At the open"),
            (Order.TimeInForce.CLOSING, "At the close"),
        ],
        initial=Order.TimeInForce.DAY,
    )
    expires_on = forms.DateField(
        label="Last day", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    session = _one_of("Hours", Order.Session, Order.Session.REGULAR, forms.Select)
    all_or_none = forms.BooleanField(label="All or none", required=False)
    purpose = forms.ChoiceField(choices=[("", ""), *Purpose.choices], required=False, widget=forms.HiddenInput)
    is_second = forms.BooleanField(label="Yes, a second one", required=False)
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        security: Security,
        may_sell_short: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(data, auto_id="ticket-%s", **options)
        self.security = security
        if not may_sell_short and self["side"].value() in SIDES_WITHOUT_SHORT:
            self.fields["side"].choices = SIDE_WORDS[:2]  # type: ignore[attr-defined]
        today = new_york_day()
        self.fields["expires_on"].widget.attrs |= {"min": today.isoformat(), "max": (today + LONGEST_GTD).isoformat()}
        self._ticket: Ticket | None = None
        self.asks_for_second = False
        # Nothing that a person can mend: the form is from another page, or was altered on the way.
        self.fields["form_key"].error_messages["required"] = "This form is incomplete. Open the ticket again."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._forgive_what_is_not_needed()
        if self.errors:
            return cleaned
        try:
            ticket = read_ticket(cleaned, self.security)
            check_ticket(ticket, self.security, today=new_york_day())
        except TicketInvalid as complaint:
            self.refuse(complaint)
        else:
            self._ticket = ticket
        return cleaned

    @property
    def has_more(self) -> bool:
        """Something in the folded part is chosen, or complained about."""
        folded = {"plan": Plan.SINGLE, "session": Order.Session.REGULAR, "all_or_none": False}
        chosen = any((self[name].value() or usual) not in (usual, "False") for name, usual in folded.items())
        return chosen or any(name in self.errors for name in (*folded, "target_price", "exit_stop_price"))

    @property
    def act(self) -> str:
        """Which of the investor's preferences counts for it: `closing`, `placing`; a `reversal` has none."""
        if self["plan"].value() == Plan.REVERSE:
            return "reversal"
        closes = self["purpose"].value() == Purpose.CLOSE and self["side"].value() in OPPOSITE_SIDE
        return "closing" if closes else "placing"

    @property
    def ticket(self) -> Ticket:
        """What was asked for. Only a valid form has one: raises ValueError otherwise."""
        if self._ticket is None:
            raise ValueError("This ticket is not valid, or was never asked.")
        return self._ticket

    def refuse(self, refusal: OrderError) -> None:
        """Put the words of `refusal` next to the field that they are about, or above the form."""
        field = refusal.field if refusal.field in self.fields else None
        self.asks_for_second = isinstance(refusal, DuplicateRecent)
        self.add_error(field, refusal.user_message)

    def _forgive_what_is_not_needed(self) -> None:
        """A half-typed number in a field that the chosen type does not show is nobody's concern."""
        needed = needed_fields({name: self[name].value() or "" for name in CHOICES})
        for name in set(self.errors) & (OPTIONAL_FIELDS - needed):
            del self.errors[name]
            self.cleaned_data[name] = None


CHOICES = ("side", "type", "plan", "size", "time_in_force", "exit_stop_kind")
OPTIONAL_FIELDS = frozenset(
    {
        "quantity",
        "cash_amount",
        "limit_price",
        "stop_price",
        "trail_value",
        "limit_offset_value",
        "target_price",
        "exit_stop_price",
        "exit_trail_value",
        "expires_on",
    }
)


def needed_fields(chosen: Mapping[str, str]) -> set[str]:
    """Which of the fields that come and go the choices show."""
    kind, plan = chosen.get("type", ""), chosen.get("plan") or Plan.SINGLE
    is_cash = chosen.get("size") == Size.CASH and plan == Plan.SINGLE and kind == Order.Type.MARKET
    fields = {"cash_amount" if is_cash else "quantity"}
    if plan != Plan.OCO:
        fields |= {"limit_price"} if kind in NEEDS_LIMIT else set()
        fields |= {"stop_price"} if kind in NEEDS_STOP else set()
        fields |= {"trail_value"} if kind in NEEDS_TRAIL else set()
        fields |= {"limit_offset_value"} if kind == Order.Type.TRAILING_STOP_LIMIT else set()
    if plan in {Plan.EXITS, Plan.OCO}:
        at_price = (chosen.get("exit_stop_kind") or ExitStop.PRICE) == ExitStop.PRICE
        fields |= {"target_price", "exit_stop_price" if at_price else "exit_trail_value"}
    if chosen.get("time_in_force") == Order.TimeInForce.GTD:
        fields.add("expires_on")
    return fields


def read_ticket(cleaned: Mapping[str, Any], security: Security) -> Ticket:
    """The ticket that the typed values make. Raises TicketInvalid where a plan lacks what it is made of."""
    needed = needed_fields(cleaned)
    get = {name: cleaned.get(name) for name in needed}.get
    entry = Ticket(
        symbol=security.symbol,
        side=cleaned["side"],
        type=cleaned["type"],
        time_in_force=cleaned["time_in_force"],
        quantity=get("quantity"),
        cash_amount=get("cash_amount"),
        limit_price=get("limit_price"),
        stop_price=get("stop_price"),
        trail=_trail(cleaned.get("trail_kind") or Order.TrailKind.PERCENT, get("trail_value")),
        limit_offset=_trail(cleaned.get("limit_offset_kind") or Order.TrailKind.AMOUNT, get("limit_offset_value")),
        expires_on=get("expires_on"),
        session=cleaned.get("session") or Order.Session.REGULAR,
        all_or_none=bool(cleaned.get("all_or_none")),
    )
    plan = cleaned.get("plan") or Plan.SINGLE
    if plan == Plan.SINGLE:
        return entry
    if plan == Plan.REVERSE:
        return reversed_by(entry)
    if plan == Plan.OCO:
        target, stop = _exits(entry, cleaned, side=entry.side, life=entry.time_in_force)
        if target is None or stop is None:
            raise TicketInvalid("Enter both: the target and the stop.", field="target_price")
        return Ticket.of_legs(Order.Type.OCO, target, stop)
    return _with_exits(entry, cleaned)


def _with_exits(entry: Ticket, cleaned: Mapping[str, Any]) -> Ticket:
    side = CLOSING_SIDE.get(Order.Side(entry.side))
    if side is None:
        raise TicketInvalid("A sale or a cover closes a position; it has no exits.", field="plan")
    # Exits outlive the day on which the entry is filled: nobody wants a position to lose its stop overnight.
    is_long = entry.time_in_force in {Order.TimeInForce.GTC, Order.TimeInForce.GTD}
    life = entry.time_in_force if is_long else Order.TimeInForce.GTC
    exits = [leg for leg in _exits(entry, cleaned, side=side, life=life) if leg is not None]
    if not exits:
        raise TicketInvalid("Enter a target, a stop, or both.", field="target_price")
    return Ticket.of_legs(Order.Type.BRACKET if len(exits) == 2 else Order.Type.OTO, entry, *exits)


def _exits(entry: Ticket, cleaned: Mapping[str, Any], *, side: str, life: str) -> tuple[Ticket | None, Ticket | None]:
    """The target and the stop, each None when nothing is typed for it."""
    bare = Ticket(
        symbol=entry.symbol,
        side=side,
        type=Order.Type.LIMIT,
        time_in_force=life,
        quantity=entry.quantity,
        expires_on=entry.expires_on,
    )
    target = stop = None
    if cleaned.get("target_price") is not None:
        target = replace(bare, limit_price=cleaned["target_price"])
    kind = cleaned.get("exit_stop_kind") or ExitStop.PRICE
    if kind == ExitStop.PRICE and cleaned.get("exit_stop_price") is not None:
        stop = replace(bare, type=Order.Type.STOP, stop_price=cleaned["exit_stop_price"])
    elif kind != ExitStop.PRICE and cleaned.get("exit_trail_value") is not None:
        trail = Trail(Order.TrailKind(kind), cleaned["exit_trail_value"])
        stop = replace(bare, type=Order.Type.TRAILING_STOP, trail=trail)
    return target, stop


def _trail(kind: str, value: Decimal | None) -> Trail | None:
    return None if value is None else Trail(kind, value)
