"""Which limits hold for an order: the broker's, the account's and the investor's together, the strictest of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from investors.accounts.models import TradingAccount
from investors.people import User
from trading.risk.models import RiskLimits

USUAL_DUPLICATE_WINDOW_SECONDS = 30


@dataclass(frozen=True)
class Limits:
    """None, and an empty set, mean: not limited. Money in USD, quantities in shares."""

    max_order_value: Decimal | None = None
    max_order_quantity: Decimal | None = None
    price_collar_percent: Decimal | None = None
    max_daily_loss: Decimal | None = None
    max_daily_turnover: Decimal | None = None
    max_open_orders: int | None = None
    duplicate_window_seconds: int = USUAL_DUPLICATE_WINDOW_SECONDS
    allowed_types: frozenset[str] | None = None
    allowed_security_types: frozenset[str] | None = None
    restricted_symbols: frozenset[str] = frozenset()
    may_sell_short: bool = True
    max_option_level: int | None = None
    counts_investor: bool = False  # something limits the person, over all their accounts


_SMALLEST = (
    "max_order_value",
    "max_order_quantity",
    "price_collar_percent",
    "max_daily_loss",
    "max_daily_turnover",
    "max_open_orders",
    "max_option_level",
)


def limits_over(account: TradingAccount, user: User) -> Limits:
    """What holds for orders of `user` in `account`. One query."""
    scopes = Q(account=None, user=None) | Q(account=account) | Q(user=user)
    return strictest(RiskLimits.unscoped.filter(scopes, broker_id=account.broker_id, is_current=True))


def strictest(rows: Iterable[RiskLimits]) -> Limits:
    rows = list(rows)
    merged: dict[str, Any] = {}
    for name in _SMALLEST:
        given = [value for row in rows if (value := getattr(row, name)) is not None]
        merged[name] = min(given, default=None)
    windows = [row.duplicate_window_seconds for row in rows if row.duplicate_window_seconds is not None]
    return Limits(
        **merged,
        duplicate_window_seconds=max(windows, default=USUAL_DUPLICATE_WINDOW_SECONDS),
        allowed_types=_common(row.allowed_types for row in rows),
        allowed_security_types=_common(row.allowed_security_types for row in rows),
        restricted_symbols=frozenset().union(*(row.symbols for row in rows)),
        may_sell_short=all(row.may_sell_short is not False for row in rows),
        counts_investor=any(row.user_id for row in rows),
    )


def _common(lists: Iterable[list[str]]) -> frozenset[str] | None:
    """What every list that says anything allows."""
    sets = [frozenset(words) for words in lists if words]
    return frozenset.intersection(*sets) if sets else None


def set_limits(limits: RiskLimits, *, by: User | None) -> RiskLimits:
    """Put a new version in force; the one before it stays for the record.

    `limits` is unsaved and says whose they are (broker, and account or user). Raises IntegrityError when somebody
    else has put another version in force at this very moment.
    """
    with transaction.atomic():
        scope = {"broker_id": limits.broker_id, "account_id": limits.account_id, "user_id": limits.user_id}
        before = RiskLimits.unscoped.select_for_update().filter(**scope, is_current=True).first()
        if before is not None:
            before.is_current = False
            before.save(update_fields=["is_current"])
        limits.pk, limits.is_current, limits.created_by = None, True, by
        limits.version = before.version + 1 if before is not None else 1
        limits.save(force_insert=True)
    return limits
