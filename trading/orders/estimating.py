"""What an order would cost: by our own last quote while it is being typed, by AutoShares' preview in the review."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django import forms

from trading.orders.forms import TicketForm, needed_fields
from trading.orders.models import Order
from trading.orders.placing import Preview
from trading.orders.rules import LIVES_OF_TYPE, NEEDS_LIMIT
from trading.portfolio.models import AccountBook
from trading.securities.models import Quote


@dataclass(frozen=True)
class Estimate:
    """`amount` in USD without commission, from `price` per share; both None while something is missing.

    `concern` says in words when the account could not carry it, as far as we know.
    """

    is_buy: bool
    is_opening: bool
    basis: str
    price: Decimal | None = None
    amount: Decimal | None = None
    shares: Decimal | None = None
    concern: str = ""


def estimate(typed: Mapping[str, str], *, quote: Quote, book: AccountBook | None, held: Decimal) -> Estimate:
    """The estimate for a ticket as typed so far; half-typed numbers simply give none."""
    side, kind = typed.get("side"), typed.get("type") or Order.Type.MARKET
    is_buy, is_opening = side not in {Order.Side.SELL, Order.Side.SHORT}, side in {Order.Side.BUY, Order.Side.SHORT}
    needed = needed_fields(typed)
    price, basis = _price_of(typed, needed, quote, is_buy=is_buy)
    cash = _number("cash_amount", typed) if "cash_amount" in needed else None
    shares = _number("quantity", typed) if "quantity" in needed else None
    amount = cash if cash is not None else None if price is None or shares is None else price * shares
    if cash is not None and price:
        shares = cash / price
    if typed.get("time_in_force") not in LIVES_OF_TYPE.get(kind, set()):
        what = Order.Type(kind).label.lower()
        until = "today only" if kind == Order.Type.MARKET else "the day, until canceled, or until a date"
        concern = f"A {what} order is good for {until}."
    else:
        concern = _concern(is_opening, is_buy=is_buy, shares=shares, amount=amount, book=book, held=held)
    return Estimate(is_buy, is_opening, basis, price, amount, shares if cash is not None else None, concern)


def _price_of(typed: Mapping[str, str], needed: set[str], quote: Quote, *, is_buy: bool) -> tuple[Decimal | None, str]:
    if typed.get("type") in NEEDS_LIMIT and "limit_price" in needed:
        return _number("limit_price", typed), "at your limit"
    if "target_price" in needed and "limit_price" not in needed and typed.get("plan") == "oco":
        return _number("target_price", typed), "at your target"
    if "stop_price" in needed:
        return _number("stop_price", typed), "at your stop"
    touch, basis = (quote.ask, "at the ask") if is_buy else (quote.bid, "at the bid")
    return (touch, basis) if touch is not None else (quote.last, "at the last price")


def _concern(
    is_opening: bool,
    *,
    is_buy: bool,
    shares: Decimal | None,
    amount: Decimal | None,
    book: AccountBook | None,
    held: Decimal,
) -> str:
    if shares is None or amount is None:
        return ""
    if is_opening and book and book.buying_power is not None and amount > book.buying_power:
        return "More than your buying power."
    if not is_opening and not is_buy and shares > held:
        return "More than you hold."
    if not is_opening and is_buy and shares > -held:
        return "More than you are short."
    if is_opening and not is_buy and held > 0:
        return "You hold shares of it: sell them first."
    if is_opening and is_buy and held < 0:
        return "You are short of it: buy to cover first."
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
    margin_change: Decimal | None
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
        power = book.buying_power if book and guess.is_opening else None
        left = power - total if power is not None and total is not None else None
        return cls(amount, preview.commission, total, preview.margin_change, left)
