"""Which calls are counted together, and how many of them fit into a minute. Source: API.md 3.5, read 2026-11-24."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Category(StrEnum):
    AUTHENTICATION = "authentication"
    ORDERS = "orders"  # place, replace, cancel: counted per account, everything else per token
    ORDER_QUERIES = "order queries"
    POSITIONS = "positions"
    SECURITIES = "securities"
    HISTORY = "history"
    WATCHLISTS = "watchlists"
    ALERTS = "alerts"
    OTHER = "other"


@dataclass(frozen=True)
class Limit:
    """`calls` in any window; the last `reserve` of them are for urgent callers only."""

    calls: int
    reserve: int = 0

    def usable(self, *, urgent: bool) -> int:
        return self.calls if urgent else self.calls - self.reserve


# Of what is only read, the last part is for pages that somebody waits for: work in the background yields first.
LIMITS: dict[Category, Limit] = {
    Category.AUTHENTICATION: Limit(10, reserve=3),  # what renews tokens leaves room for people who sign in
    Category.ORDERS: Limit(50, reserve=10),  # whoever has sent too many orders must still be able to cancel
    Category.ORDER_QUERIES: Limit(120, reserve=20),
    Category.POSITIONS: Limit(120, reserve=20),
    Category.SECURITIES: Limit(200, reserve=20),
    Category.HISTORY: Limit(60, reserve=10),
    Category.WATCHLISTS: Limit(60, reserve=10),
    Category.ALERTS: Limit(60, reserve=10),
    Category.OTHER: Limit(120, reserve=20),  # not stated by AutoShares
}


class Quota(NamedTuple):
    """What one call is counted under. `urgent` calls may use the reserve."""

    category: Category
    key: str
    urgent: bool = False


_PLACING = re.compile(r"^/accounts/[^/]+/((sync)?orders(/[^/]+)?|orders/mutual-funds/[^/]+)$")
_CATEGORIES = (
    (re.compile(r"^/token$"), Category.AUTHENTICATION),
    (re.compile(r"^/accounts/[^/]+/(sync)?orders(/|$)"), Category.ORDER_QUERIES),
    (re.compile(r"^/orders/consolidated$"), Category.ORDER_QUERIES),
    (re.compile(r"^/(accounts/[^/]+/)?positions(/|$)"), Category.POSITIONS),
    (re.compile(r"^/(equities|options|currencyRate)(/|$)"), Category.SECURITIES),
    (re.compile(r"^/history/"), Category.HISTORY),
    (re.compile(r"^/users/[^/]+/watchlists(/|$)"), Category.WATCHLISTS),
    (re.compile(r"^/users/[^/]+/pricealerts(/|$)"), Category.ALERTS),
)


def quota_for(method: str, endpoint: str, *, caller: str, account: str, in_background: bool = False) -> Quota:
    """What a call of `endpoint` (its template, without the version) counts under.

    `caller` stands for the token: a hash, since limiters write it down. `account` is the one in the path, if any; both
    should name the environment too, for the same account number may live in two. `in_background`: nobody waits for it.
    """
    if _PLACING.match(endpoint) and method in {"POST", "PUT", "DELETE"}:
        return Quota(Category.ORDERS, account, urgent=method == "DELETE")
    category = next((category for pattern, category in _CATEGORIES if pattern.match(endpoint)), Category.OTHER)
    # Whoever calls /token is a person who signs in; what renews tokens by itself acquires without urgency.
    return Quota(category, caller, urgent=category is Category.AUTHENTICATION or not in_background)
