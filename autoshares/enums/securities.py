"""Words about securities, charts and alerts. Source: API.md 4.5, 5.0, 5.6 and 5.9, read 2026-11-24."""

from enum import IntEnum

from .base import OpenEnum


class FractionalTrade(OpenEnum):
    ALLOWED = "Allowed"
    PROHIBITED = "Prohibited"
    CLOSE_ONLY = "CloseOnly"


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


class OptionType(OpenEnum):
    CALL = "Call"
    PUT = "Put"
    UNDEFINED = "Undefined"


class ExpirationType(OpenEnum):
    """The rhythm of an option series. Some vendor samples answer with other words, such as Standard (API.md C53)."""

    REGULAR = "Regular"
    QUARTERLY = "Quarterly"
    WEEKLY = "Weekly"
    FLEX = "Flex"
    UNDEFINED = "Undefined"
    MINI = "Mini"
    NON_STANDARD = "NonStandard"

    @property
    def filter_code(self) -> int | None:
        """The number that stands for it in a filter of a chain; None for a word that is not listed."""
        return list(type(self)).index(self) if self.is_known else None


class WatchlistType(OpenEnum):
    USER_LIST = "UserList"
    SYSTEM_LIST = "SystemList"
    SNAPSHOT = "Snapshot"


class AlertState(OpenEnum):
    NEW = "New"
    EXPIRED = "Expired"
    COMPLETED = "Completed"  # it has fired
    STOPPED = "Stopped"


class AlertCondition(OpenEnum):
    AT_OR_ABOVE = "GTEQ"
    AT_OR_BELOW = "LTEQ"


class AlertPrice(OpenEnum):
    """Which price an alert watches."""

    ASK = "Ask"
    BID = "Bid"
    LAST = "Last"


class CandlePeriod(OpenEnum):
    """The length of a candle. Case matters: 1m is a minute, 1M a month."""

    MINUTE = "1m"
    MINUTES_2 = "2m"
    MINUTES_3 = "3m"
    MINUTES_5 = "5m"
    MINUTES_10 = "10m"
    MINUTES_15 = "15m"
    MINUTES_30 = "30m"
    HOUR = "1h"
    HOURS_2 = "2h"
    HOURS_4 = "4h"
    DAY = "1D"
    WEEK = "1W"
    MONTH = "1M"
    MONTHS_3 = "3M"
    MONTHS_6 = "6M"
    YEAR = "1Y"


class CandleRange(IntEnum):
    """How far back candles reach."""

    LAST_CANDLES = 0  # so many
    EVERYTHING = -1
    YEAR_TO_DATE = -2
    BETWEEN_DATES = -3
    DAY = -4
    WEEK = -5
    MONTH = -6
    MONTHS_3 = -7
    MONTHS_6 = -8
    YEAR = -9
    YEARS_3 = -10
    CUSTOM_CANDLES = -11
    DAYS_3 = -12
    TODAY = -13
