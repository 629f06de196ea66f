"""Securities as AutoShares lists them, kept for search and for the checks of the ticket."""

from collections.abc import Iterable
from decimal import Decimal

from autoshares.enums import FractionalTrade
from autoshares.models import Equity
from brokers.models import Broker
from trading.securities.models import Security

UPDATED = [
    "vendor_security_id",
    "name",
    "exchange",
    "type",
    "currency",
    "tick_size",
    "precision",
    "is_tradable",
    "may_be_shorted",
    "fraction_precision",
    "refreshed_at",
]


def fraction_precision(equity: Equity) -> int:
    """Decimals of a share that may be bought; 0 for whole shares."""
    rule = equity.fractional
    return rule.precision if rule is not None and rule.trade == FractionalTrade.ALLOWED else 0


def import_securities(broker: Broker, equities: Iterable[Equity]) -> int:
    """Insert or refresh stocks and ETFs; other kinds stay out, since no ticket can trade them yet. One query."""
    rows = {
        equity.symbol: Security(
            broker=broker,
            vendor_security_id=equity.id,
            symbol=equity.symbol,
            name=equity.description[:200],
            exchange=equity.exchange[:16],
            type=equity.type.value[:40],
            currency=equity.currency[:3],
            tick_size=equity.tick_size or Decimal("0.01"),
            precision=equity.price_precision,
            is_tradable=equity.is_enabled and equity.allows_trade,
            may_be_shorted=equity.allows_short,
            fraction_precision=fraction_precision(equity),
        )
        for equity in equities
        if equity.type.is_stock_like and 0 < len(equity.symbol) <= 24
    }
    if rows:
        Security.unscoped.bulk_create(
            rows.values(), update_conflicts=True, unique_fields=["broker", "symbol"], update_fields=UPDATED
        )
    return len(rows)
