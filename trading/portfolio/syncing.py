"""Balances and positions as AutoShares gives them. The network first, then one short transaction."""

import logging
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from autoshares.client import Client
from autoshares.models import Position as VendorPosition
from investors.accounts.models import TradingAccount
from trading.portfolio.models import AccountBook, Position

log = logging.getLogger(__name__)

UPDATED = [
    "symbol",
    "name",
    "security_type",
    "quantity",
    "contract_size",
    "average_price",
    "cost_basis",
    "unrealized",
    "realized",
    "previous_close",
]


def sync_account(account: TradingAccount, *, client: Client) -> None:
    """Balances and positions of `account`, now. Raises the errors of `autoshares`."""
    sync_balances(account, client=client)
    sync_positions(account, client=client)


def sync_balances(account: TradingAccount, *, client: Client) -> None:
    """Write the balances into the account's book. One call, one query."""
    balances = client.accounts.balances(account.vendor_account_id)
    AccountBook.unscoped.filter(account=account).update(
        cash=balances.cash,
        equity=balances.equity,
        buying_power=balances.stock_buying_power,
        market_value=balances.market_value,
        day_change=balances.change_today,
        day_change_percent=balances.change_today_percent,
        open_profit_loss=balances.open_profit,
        pending_cash=balances.pending_cash,
        balances_at=timezone.now(),
    )


def sync_positions(account: TradingAccount, *, client: Client) -> None:
    """Replace the account's positions by what AutoShares lists; closed ones (quantity 0) are gone. Few queries."""
    listed = {row.id: row for row in client.positions.list(account.vendor_account_id) if row.id is not None}
    now = timezone.now()
    rows = [_position(account, row) for row in listed.values() if row.quantity]
    with transaction.atomic(durable=True):
        AccountBook.unscoped.select_for_update().filter(account=account).update(positions_at=now)
        kept = [row.vendor_position_id for row in rows]
        Position.unscoped.filter(account=account).exclude(vendor_position_id__in=kept).delete()
        Position.unscoped.bulk_create(
            rows, update_conflicts=True, unique_fields=["account", "vendor_position_id"], update_fields=UPDATED
        )


def _position(account: TradingAccount, row: VendorPosition) -> Position:
    average = row.average_open_price or Decimal(0)
    cost = row.cost_basis
    return Position(
        broker_id=account.broker_id,
        account=account,
        vendor_position_id=row.id,  # type: ignore[misc]  # the vendor numbers every position
        symbol=row.symbol[:24],
        name=row.name[:200],
        security_type=row.security_type[:40],
        quantity=row.quantity,
        contract_size=row.contract_size,
        average_price=average,
        cost_basis=average * row.quantity * row.contract_size if cost is None else cost,
        unrealized=row.unrealized_profit,
        realized=row.realized_profit,
        previous_close=row.price_at_close,
    )
