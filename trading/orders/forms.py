"""The order ticket as typed: numbers with thousands separators, every complaint next to its field."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from trading.orders.errors import OrderError, TicketInvalid
from trading.orders.models import Order
from trading.orders.tickets import Ticket
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


class TicketForm(forms.Form):
    """One order of `security`. Reads and points at the field; the rules themselves are `Ticket.check`."""

    side = forms.ChoiceField(label="Side", choices=Order.Side, widget=forms.RadioSelect, initial=Order.Side.BUY)
    type = forms.ChoiceField(
        label="Order type", choices=Order.Type, widget=forms.RadioSelect, initial=Order.Type.MARKET
    )
    time_in_force = forms.ChoiceField(
        label="Good for",
        choices=[(Order.TimeInForce.DAY, "Today"), (Order.TimeInForce.GTC, "Until canceled")],
        widget=forms.RadioSelect,
        initial=Order.TimeInForce.DAY,
    )
    quantity = NumberField(
        label="Quantity",
        empty="Enter how many shares: 1 or more.",
        unreadable="Enter a number of shares, such as 100.",
        widget=_number_input("numeric"),
    )
    limit_price = NumberField(
        label="Limit price",
        required=False,
        empty="",
        unreadable="Enter a price, such as 181.20.",
        widget=_number_input("decimal"),
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, security: Security, **options: Any) -> None:
        super().__init__(data, auto_id="ticket-%s", **options)
        self.security = security
        self._ticket: Ticket | None = None
        # Nothing that a person can mend: the form is from another page, or was altered on the way.
        self.fields["form_key"].error_messages["required"] = "This form is incomplete. Open the ticket again."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        is_limit = cleaned["type"] == Order.Type.LIMIT
        ticket = Ticket(
            symbol=self.security.symbol,
            side=cleaned["side"],
            type=cleaned["type"],
            time_in_force=cleaned["time_in_force"],
            quantity=cleaned["quantity"],
            limit_price=cleaned["limit_price"] if is_limit else None,
        )
        try:
            ticket.check(self.security)
        except TicketInvalid as complaint:
            self.refuse(complaint)
        else:
            self._ticket = ticket
        return cleaned

    @property
    def ticket(self) -> Ticket:
        """What was asked for. Only a valid form has one: raises ValueError otherwise."""
        if self._ticket is None:
            raise ValueError("This ticket is not valid, or was never asked.")
        return self._ticket

    def refuse(self, refusal: OrderError) -> None:
        """Put the words of `refusal` next to the field that they are about, or above the form."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, refusal.user_message)
