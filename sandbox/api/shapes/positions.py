"""Positions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.api.shapes.securities import underlying_members, volume_precision
from sandbox.clock import iso
from sandbox.exchange.balances import Holding
from sandbox.exchange.money import ZERO


def position(holding: Holding) -> dict[str, Any]:
    row, security = holding.row, holding.security
    at_close = holding.line_at_close.value
    return {
        "Id": row["id"],
        "AccountId": row["account_id"],
        "ClearingAccount": str(row["account_id"]),
        "SecurityId": security.id,
        "Symbol": security.symbol,
        "Name": security.name if security.is_option else security.symbol,
        "CompanyName": security.name,
        "SecurityCurrency": "USD",
        "Currency": "USD",
        "SecurityType": security.type,
        "TickSize": security.tick,
        "VolumePrecision": volume_precision(security),
        "ContractSize": security.contract_size,
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
        **underlying_members(security),
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
