"""Words about orders. Source: API.md 4.6, 5.0, 6.5 and 6.7, read 2026-11-24."""

from collections.abc import Iterable
from typing import Self

from .base import OpenEnum


class OrderType(OpenEnum):
    MARKET = "Market"
    LIMIT = "Limit"
    STOP = "Stop"
    STOP_LIMIT = "StopLimit"
    PEGGED = "Pegged"
    TRAILING_STOP = "TrailingStop"
    TRAILING_STOP_LIMIT = "TrailingStopLimit"
    ONE_CANCELS_OTHER = "OneCancelOther"
    ONE_TRIGGERS_OTHER = "OneTriggerOther"
    ONE_TRIGGERS_ONE_CANCELS_OTHER = "OneTriggerOneCancelOther"
    EXTERNAL = "External"
    MUTUAL_FUNDS_EXCHANGE = "MutualFundsExchange"
    STAGING_BLOTTER = "StagingBlotter"


class Side(OpenEnum):
    BUY = "Buy"
    SELL = "Sell"
    SELL_SHORT = "SellShort"
    BUY_TO_COVER = "BuyToCover"


class TimeInForce(OpenEnum):
    DAY = "Day"
    GOOD_TILL_CANCEL = "GoodTillCancel"
    AT_THE_OPENING = "AtTheOpening"
    IMMEDIATE_OR_CANCEL = "ImmediateOrCancel"
    FILL_OR_KILL = "FillOrKill"
    GOOD_TILL_CROSSING = "GoodTillCrossing"
    GOOD_TILL_DATE = "GoodTillDate"
    AT_THE_CLOSE = "AtTheClose"
    GOOD_TILL_TIME = "GoodTillTime"
    GOOD_TILL_CANCEL_PLUS = "GoodTillCancelPlus"
    GOOD_TILL_DATE_PLUS = "GoodTillDatePlus"

    @classmethod
    def _missing_(cls, value: object) -> Self:
        # Some vendor samples answer with the short forms (API.md C23).
        short_forms = {"GTC": "GoodTillCancel", "IOC": "ImmediateOrCancel", "FOK": "FillOrKill"}
        if full := short_forms.get(str(value)):
            return cls(full)
        return super()._missing_(value)


class Confirmation(OpenEnum):
    """When a terminal asks "are you sure?" (API.md 5.2)."""

    SHOW = "Show"
    DO_NOT_SHOW = "DoNotShow"
    SHOW_IF_AN_ERROR = "ShowIfAnError"


class OrderStatus(OpenEnum):
    NEW = "New"
    PARTIALLY_FILLED = "PartiallyFilled"
    FILLED = "Filled"
    DONE_FOR_DAY = "DoneForDay"
    CANCELED = "Canceled"
    REPLACED = "Replaced"
    PENDING_CANCEL = "PendingCancel"
    STOPPED = "Stopped"
    REJECTED = "Rejected"
    SUSPENDED = "Suspended"
    PENDING_NEW = "PendingNew"
    CALCULATED = "Calculated"
    EXPIRED = "Expired"
    ACCEPTED_FOR_BIDDING = "AcceptedForBidding"
    PENDING_REPLACE = "PendingReplace"
    ERROR = "Error"
    HELD = "Held"

    @property
    def is_final(self) -> bool:
        return self in FINAL_STATUSES

    @property
    def is_open(self) -> bool:
        """Not final. A word that nobody has told us about counts as open: to ask once more does no harm."""
        return not self.is_final

    @property
    def filter_code(self) -> int | None:
        """The number that stands for it in a filter; None where the vendor gives none (Held, unknown words)."""
        return _FILTER_CODES.get(self)


FINAL_STATUSES = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
        OrderStatus.DONE_FOR_DAY,
        OrderStatus.REPLACED,
        OrderStatus.ERROR,
    }
)
OPEN_STATUSES = frozenset(OrderStatus) - FINAL_STATUSES

# The numbers are the order of the list, up to Error = 15 (API.md 4.6); Held has no documented number.
_FILTER_CODES: dict[OrderStatus, int] = {
    status: code for code, status in enumerate(OrderStatus) if status is not OrderStatus.HELD
}


class RequestStatus(OpenEnum):
    REQUIRE_VALIDATION = "RequireValidation"
    VALIDATED = "Validated"
    REJECTED = "Rejected"
    EXECUTING = "Executing"
    COMPLETE = "Complete"
    ERROR = "Error"


class ExecutionInstruction(OpenEnum):
    """`ExecInst`; the stream writes numbers for it (API.md C60), which stay strangers."""

    NONE = "None"
    CASH_AMOUNT = "CashAmountOrder"
    FULL_LIQUIDATION = "FullLiquidation"
    DO_NOT_INCREASE = "DoNotIncrease"
    DO_NOT_REDUCE = "DoNotReduce"
    ALL_OR_NONE = "AllOrNone"


class TrailKind(OpenEnum):
    """In what a trail is measured. The vendor's spelling of percent ends here."""

    DOLLARS = "Absolute"
    PERCENT = "Persentage"


class Session(OpenEnum):
    """When an order may trade, in Eastern time; outside of the regular session limit orders only (API.md 6.5)."""

    REGULAR = "REG"  # 9:30-16:00
    PRE_MARKET = "PRE"  # 4:00-9:30
    AFTER_HOURS = "POST"  # 16:00-20:00
    PRE_AND_REGULAR = "PREREG"
    REGULAR_AND_AFTER = "REGPOST"
    PRE_AND_AFTER = "PREPOST"
    ALL = "ALL"

    @classmethod
    def _missing_(cls, value: object) -> Self:
        if value == "REGPRE":
            return cls("PREREG")
        return super()._missing_(value)


class OrderTarget(OpenEnum):
    """What an order's latest request was, or what a row of its history tells."""

    IGNORE = "Ignore"
    NEW = "New"
    MODIFY = "Modify"
    CANCEL = "Cancel"
    EXECUTION = "Execution"
    STATUS = "Status"
    CANCEL_REJECT = "CancelReject"
    REJECT = "Reject"
    ERROR = "Error"
    ALL = "All"


class QuantityQualifier(OpenEnum):
    """What a mutual fund order's quantity counts."""

    SHARES = "Shares"
    EVEN_DOLLAR = "EvenDollar"
    GROSS_DOLLAR = "GrossDollar"
    MINUS_ROUNDING = "MinusRounding"
    PLUS_ROUNDING = "PlusRounding"


def filter_codes(statuses: Iterable[OrderStatus]) -> list[int] | None:
    """The sorted filter numbers of `statuses`, or None if one of them has none and the list must be sieved here."""
    codes = [status.filter_code for status in statuses]
    known = sorted(code for code in codes if code is not None)
    return known if len(known) == len(codes) else None
