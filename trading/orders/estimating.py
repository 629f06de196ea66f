"""What an order would cost: by our own last quote while it is being typed, by AutoShares' preview in the review."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django import forms

from trading.orders.forms import TicketForm
from trading.orders.models import Order
from trading.orders.placing import Preview
from trading.portfolio.models import AccountBook
from trading.securities.models import Quote


@dataclass(frozen=True)
class Estimate:
    """`amount` in USD without commission, from `price` per share; both None while something is missing.

    `concern` says in words when the account could not carry it, as far as we know.
    """

    is_buy: bool
    basis: str
    price: Decimal | None = None
    amount: Decimal | None = None
    concern: str = ""


def estimate(typed: Mapping[str, str], *, quote: Quote, book: AccountBook | None, held: Decimal) -> Estimate:
    """The estimate for a ticket as typed so far; half-typed numbers simply give none."""
    is_buy = typed.get("side") != Order.Side.SELL
    if typed.get("type") == Order.Type.LIMIT:
        price, basis = _number("limit_price", typed), "at your limit"
    else:
        price, basis = (quote.ask, "at the ask") if is_buy else (quote.bid, "at the bid")
        if price is None:
            price, basis = quote.last, "at the last price"
    shares = _number("quantity", typed)
    amount = None if price is None or shares is None else price * shares
    if typed.get("type") != Order.Type.LIMIT and typed.get("time_in_force") == Order.TimeInForce.GTC:
        concern = "A market order is good for today only."
    else:
        concern = _concern(is_buy=is_buy, shares=shares, amount=amount, book=book, held=held)
    return Estimate(is_buy=is_buy, basis=basis, price=price, amount=amount, concern=concern)


def _concern(
    *, is_buy: bool, shares: Decimal | None, amount: Decimal | None, book: AccountBook | None, held: Decimal
) -> str:
    if shares is None or amount is None:
        return ""
    if is_buy and book and book.buying_power is not None and amount > book.buying_power:
        return "More than your buying power."
    if not is_buy and shares > held:
        return "More than you hold."
    return ""


def _number(name: str, typed: Mapping[str, str]) -> Decimal | None:
    try:
        number = TicketForm.base_fields[name].clean(typed.get(name, ""))
    except forms.ValidationError:
        return None
    return number if number and number > 0 else None


@dataclass(frozen=True)
class Review:
    """The cost lines that are read back before an order is placed, USD, all positive; None where nobody knows.

    AutoShares' own numbers where it gave any, else our estimate without a commission.
    """

    amount: Decimal | None
    commission: Decimal | None
    total: Decimal | None
    power_left: Decimal | None

    @classmethod
    def of(cls, preview: Preview, guess: Estimate, book: AccountBook | None) -> "Review":
        amount = guess.amount if preview.cost is None else abs(preview.cost)
        total = amount
        # NetCost is Cost + Commission on either side (API.md C55): what a sale brings is reckoned here.
        if guess.is_buy and preview.net_cost is not None:
            total = abs(preview.net_cost)
        elif amount is not None and preview.commission is not None:
            total = amount + (preview.commission if guess.is_buy else -preview.commission)
        power = book.buying_power if book and guess.is_buy else None
        left = power - total if power is not None and total is not None else None
        return cls(amount=amount, commission=preview.commission, total=total, power_left=left)
