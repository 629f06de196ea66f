"""The vendor's words, spelled as on the wire. Source: API.md 5.0, 4.6 and 6.7, read 2026-11-24."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self


class OpenEnum(StrEnum):
    """A list of words that the vendor may lengthen at any time.

    A word that is not listed becomes a member for the occasion: it compares, stores and prints as the raw word.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self:
        word = str(value)
        stranger = str.__new__(cls, word)
        stranger._name_ = word
        stranger._value_ = word
        return stranger

    @property
    def is_known(self) -> bool:
        return self._value_ in type(self)._value2member_map_


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


class AccountStatus(OpenEnum):
    UNSPECIFIED = "UnSpecified"
    NEW = "New"
    SENT_TO_CLEARING = "SentToClearing"
    APPROVED = "Approved"
    REJECTED = "Rejected"


class AccessType(OpenEnum):
    FULL = "Full"
    READ_ONLY = "ReadOnly"
    CLOSE_POSITIONS_ONLY = "ClosePositionsOnly"
    OWNER = "Owner"

    @property
    def may_trade(self) -> bool:
        """True unless the user may only look on; ClosePositionsOnly may still reduce a position."""
        return self is not AccessType.READ_ONLY


class MarginType(OpenEnum):
    """Kind of an account."""

    EMPTY = "Empty"
    CASH = "Cash"
    MARGIN = "Margin"
    DAY_TRADER = "DayTrader"
    MARGIN_IRA = "MarginIra"


class PositionMarginType(OpenEnum):
    EMPTY = "Empty"
    CASH = "Cash"
    MARGIN = "Margin"
    DIVIDEND = "Dividend"
    LEGAL_TRANSFER = "LegalTransfer"
    SHORT = "Short"
    GRANT = "Grant"
    FPL_CASH_COLLATERAL = "FPLCashCollateral"
    ESPP_RSU = "ESPPRSU"
    DVP_RVP = "DVPRVP"


class FractionalTrade(OpenEnum):
    ALLOWED = "Allowed"
    PROHIBITED = "Prohibited"
    CLOSE_ONLY = "CloseOnly"


class AgreementType(OpenEnum):
    """Two generations of words live side by side: the specification's and the newest pages' (API.md C50)."""

    PLATFORM = "Platform"
    QUOTEMEDIA = "Quotemedia"
    QUODD = "Quodd"
    PLATFORM_AGREEMENT = "PlatformAgreement"
    MARKET_DATA_AGREEMENT = "MarketDataAgreement"
    MARGIN_AGREEMENT = "MarginAgreement"
    OPTIONS_AGREEMENT = "OptionsAgreement"
    DAY_TRADING_AGREEMENT = "DayTradingAgreement"

    @property
    def label(self) -> str:
        """What an investor reads; an unknown word is its own label."""
        return _AGREEMENT_LABELS.get(self, self.value)

    @property
    def is_market_data(self) -> bool:
        return self in _MARKET_DATA_AGREEMENTS


_AGREEMENT_LABELS = {
    AgreementType.PLATFORM: "Platform agreement",
    AgreementType.QUOTEMEDIA: "Market data agreement (Quotemedia)",
    AgreementType.QUODD: "Market data agreement (Quodd)",
    AgreementType.PLATFORM_AGREEMENT: "Platform agreement",
    AgreementType.MARKET_DATA_AGREEMENT: "Market data agreement",
    AgreementType.MARGIN_AGREEMENT: "Margin agreement",
    AgreementType.OPTIONS_AGREEMENT: "Options agreement",
    AgreementType.DAY_TRADING_AGREEMENT: "Day trading agreement",
}
_MARKET_DATA_AGREEMENTS = frozenset(
    {AgreementType.QUOTEMEDIA, AgreementType.QUODD, AgreementType.MARKET_DATA_AGREEMENT}
)


class SecurityType(OpenEnum):
    """The kinds that this application meets; the vendor's list has thirty more (bonds, bills, agreements, ...)."""

    COMMON_STOCK = "CommonStock"
    PREFERRED_STOCK = "PreferredStock"
    ETF = "ETF"
    DEPOSITORY_RECEIPT = "DepositoryReceipt"
    MUTUAL_FUND = "MutualFund"
    OPTION = "Option"
    FUTURE = "Future"
    INDEX = "Index"
    CRYPTOCURRENCY = "Cryptocurrency"
    WARRANT = "Warrant"
    RIGHT = "Right"
    UNIT = "Unit"

    @property
    def is_stock_like(self) -> bool:
        """Bought and sold by the share. (Some ETFs travel as CommonStock: do not rely on the difference.)"""
        return self in _STOCK_LIKE


_STOCK_LIKE = frozenset(
    {
        SecurityType.COMMON_STOCK,
        SecurityType.PREFERRED_STOCK,
        SecurityType.ETF,
        SecurityType.DEPOSITORY_RECEIPT,
        SecurityType.WARRANT,
        SecurityType.RIGHT,
        SecurityType.UNIT,
    }
)


class Permission(OpenEnum):
    EMPTY = "Empty"
    LONG_STOCK = "LongStock"
    SHORT_STOCK = "ShortStock"
    LONG_OPTION = "LongOption"
    SHORT_OPTION = "ShortOption"
    ALLOW_TRADE = "AllowTrade"
    ALLOW_MARGIN = "AllowMargin"
    ALLOW_OPEN = "AllowOpen"


def filter_codes(statuses: Iterable[OrderStatus]) -> list[int] | None:
    """The sorted filter numbers of `statuses`, or None if one of them has none and the list must be sieved here."""
    codes = [status.filter_code for status in statuses]
    known = sorted(code for code in codes if code is not None)
    return known if len(known) == len(codes) else None


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
