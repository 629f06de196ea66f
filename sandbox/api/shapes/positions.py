"""Positions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.clock import iso
from sandbox.exchange.balances import Holding
from sandbox.exchange.money import ZERO, cents


def position(holding: Holding) -> dict[str, Any]:
    row, security = holding.row, holding.security
    at_close = cents(holding.quantity_at_close * holding.previous_close)
    return {
        "Id": row["id"],
        "AccountId": row["account_id"],
        "ClearingAccount": str(row["account_id"]),
        "SecurityId": security.id,
        "Symbol": security.symbol,
        "Name": security.symbol,
        "CompanyName": security.name,
        "SecurityCurrency": "USD",
        "Currency": "USD",
        "SecurityType": security.type,
        "TickSize": security.tick,
        "VolumePrecision": 0,
        "ContractSize": 1,
        "Quantity": holding.quantity,
        "OpenQuantity": holding.quantity,
        "DayQuantity": holding.day_quantity,
        "AverageOpenPrice": holding.average_open,
        "AverageClosePrice": holding.average_close,
        "CostBasis": holding.cost,
        "DailyCostBasis": at_close,
        "RealizedProfitLoss": row["realized"],
        "DailyCloseProfitLoss": holding.realized_today,
        "UnrealizedProfitLoss": holding.unrealized,
        "MarketValueEOD": at_close,
        "EODPrice": holding.previous_close,
        "StopLossPrice": ZERO,
        "TakeProfitPrice": ZERO,
        "ExcessChanges": ZERO,
        "LoanedQuantity": ZERO,
        "MarginType": _margin_type(holding),
        "CreateDate": iso(row["create_ms"]),
        "ModifyDate": iso(row["modify_ms"]),
    }


def _margin_type(holding: Holding) -> str:
    if holding.quantity < 0:
        return "Short"
    return "Cash" if holding.row["margin_type"] == "Cash" else "Margin"


def groups(rows: Iterable[tuple[str, Decimal]]) -> list[dict[str, Any]]:
    """Names, of asset classes or of symbols, with their market values."""
    return [{"Name": name, "MarketValue": value} for name, value in rows]
