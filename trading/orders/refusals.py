"""What AutoShares says when it will not take an order, in words an investor can act on. Source: API.md 3.4."""

from dataclasses import dataclass

from autoshares.errors import AutoSharesError, Invalid, OrderRefused


@dataclass(frozen=True)
class Refusal:
    """`field` names the field of the ticket that would have to change, if one would help."""

    user_message: str
    field: str | None = None
    code: str = ""
    vendor_message: str = ""


_BY_CODE = {
    "DayTradingBuyingPowerExceeded": ("This costs more than your buying power.", "quantity"),
    "InsufficientShares": ("You do not hold that many shares.", "quantity"),
    "QuotePriceIsInvalid": ("This price is not valid for an order.", "limit_price"),
    "LimitPriceUndefined": ("A limit order needs a limit price.", "limit_price"),
    "SymbolNotFound": ("AutoShares does not know this symbol.", "symbol"),
    "InvalidOrderType": ("AutoShares does not take this order as it is.", "type"),
    "MarketClosed": ("The market is closed for this order.", None),
    "AccountRestricted": ("Trading is restricted in this account. Your broker can tell you why.", None),
    "AccountIsNotApproved": ("This account is not approved for trading yet.", None),
}
_FIELDS = {
    "Symbol": "symbol",
    "Side": "side",
    "Type": "type",
    "TimeInforce": "time_in_force",
    "Quantity": "quantity",
    "Price": "limit_price",
}


def explain_code(code: str, vendor_message: str) -> Refusal:
    """The refusal behind an ErrorDescription code. The list is open: an unknown code keeps the vendor's own words."""
    known, field = _BY_CODE.get(code, ("", None))
    words = known or vendor_message or code or "AutoShares refused the order without giving a reason."
    return Refusal(words[:500], field, code[:64], vendor_message[:500])


def explain_error(error: AutoSharesError) -> Refusal:
    """The refusal behind an answer that says no in the vendor's own body (`error.is_refusal`)."""
    if isinstance(error, OrderRefused):
        return explain_code(error.code, error.message)
    if isinstance(error, Invalid):
        field = next((_FIELDS[name] for name in error.fields if name in _FIELDS), None)
        complaint = next((text for texts in error.fields.values() for text in texts), "") or error.message
        return Refusal("AutoShares could not read this order as it is.", field, vendor_message=complaint[:500])
    return Refusal("AutoShares refused the order.", vendor_message=error.message[:500])
