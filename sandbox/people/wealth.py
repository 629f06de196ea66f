"""What several accounts are worth together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal

from sandbox.exchange.balances import balance_map, worth
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, rounded


def accounts_of(market: Market, user_id: int) -> list[sqlite3.Row]:
    """Accounts a user may look at, with access type and alias."""
    return market.state.rows(
        "SELECT account.*, access_type, alias FROM account JOIN account_user ON account_id = account.id"
        " WHERE user_id = ? ORDER BY account.id",
        user_id,
    )


def balances_together(market: Market, accounts: Iterable[sqlite3.Row]) -> dict[str, Decimal]:
    """One map for all accounts: amounts and counts are added up, percentages worked out anew. Empty for none."""
    now = market.now_ms()
    total: dict[str, Decimal] = {}
    for account in accounts:
        for name, value in balance_map(worth(market, account, now)).items():
            total[name] = total.get(name, ZERO) + value
    if total:
        total["changePercent"] = _percent(total["changeAbsolute"], total["equityTotal"] - total["changeAbsolute"])
        total["openPLPercent"] = _percent(total["openPL"], total["marketValue"] - total["openPL"])
    return total


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return rounded(part / whole * 100, 4) if whole else ZERO
