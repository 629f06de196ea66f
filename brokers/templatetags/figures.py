"""Numbers as people read them: a real minus sign, a sign on every change, cents on money."""

from decimal import Decimal

from django import template

register = template.Library()

MINUS = "−"


def _grouped(value: Decimal, places: int) -> str:
    return f"{abs(value):,.{places}f}"


def _signed(value: Decimal, text: str, *, plus: bool) -> str:
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{MINUS}{text}" if value < 0 else f"+{text}" if plus else text


@register.filter
def money(value: Decimal | None) -> str:
    """1234.5 -> $1,234.50; negative with a real minus; None -> an en dash."""
    return "–" if value is None else _signed(value, f"${_grouped(value, 2)}", plus=False)


@register.filter
def signed_money(value: Decimal | None) -> str:
    """A change in USD: +$12.00, −$3.50, $0.00."""
    return "–" if value is None else _signed(value, f"${_grouped(value, 2)}", plus=True)


@register.filter
def percent(value: Decimal | None) -> str:
    """A change in percent points: +1.25%, −0.40%."""
    return "–" if value is None else _signed(value, f"{_grouped(value, 2)}%", plus=True)


@register.filter
def price(value: Decimal | None, precision: int = 2) -> str:
    """A price in USD by the security's precision (decimals), at least two."""
    return "–" if value is None else _signed(value, _grouped(value, max(2, int(precision))), plus=False)


@register.filter
def quantity(value: Decimal | None) -> str:
    """Shares without needless zeros: 10, 2.5, 1,000."""
    if value is None:
        return "–"
    text = f"{abs(value):,f}"
    return _signed(value, text.rstrip("0").rstrip(".") if "." in text else text, plus=False)


@register.filter
def direction(value: Decimal | None) -> str:
    """The word that styles a change: gain, loss or flat."""
    return "flat" if not value else "gain" if value > 0 else "loss"
