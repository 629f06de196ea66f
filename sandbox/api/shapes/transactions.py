"""Booked entries as transactions, as activity of several accounts, and as the lines of a report."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.clock import iso
from sandbox.exchange.money import ZERO, number
from sandbox.exchange.securities import find_security
from sandbox.money.paper import print_lines

COMMISSION = "Per Trade Commission"
NO_ID = -1
WIDEST = 40
REPORT_COLUMNS = ("Id", "Date", "SettlementDate", "Type", "Symbol", "Quantity", "Price", "Value", "Description")


def describe(entry: sqlite3.Row) -> str:
    """What happened, in words."""
    if entry["note"]:
        return str(entry["note"])
    if entry["kind"] == "OrderExecution":
        verb = "Bought" if entry["quantity"] > 0 else "Sold"
        return f"{verb} {number(abs(entry['quantity']))} {entry['symbol']} at {entry['price']}"
    return {"Commission": COMMISSION, "Payment": "Initial deposit"}.get(entry["kind"], "Adjustment")


def transaction(entry: sqlite3.Row) -> dict[str, Any]:
    """A commission is booked in a row of its own; the row of the trade tells of it too, as a fee."""
    security = find_security(entry["symbol"])
    commission: Decimal | None = -entry["amount"] if entry["kind"] == "Commission" else entry["commission"]
    return without_nulls(
        {
            "Id": entry["id"],
            "AccountId": entry["account_id"],
            "OrderId": entry["order_id"] or NO_ID,
            "OrderStateId": entry["state_id"],
            "SecurityId": security.id if security else NO_ID,
            "Symbol": entry["symbol"],
            "Type": entry["kind"],
            "Code": entry["code"],
            "Description": describe(entry),
            "Quantity": entry["quantity"] if entry["quantity"] is not None else ZERO,
            "LeavesQuantity": entry["ordered"] - entry["executed"] if entry["state_id"] else ZERO,
            "Price": entry["price"] if entry["price"] is not None else ZERO,
            "Value": entry["amount"],
            "IsDayTrade": bool(entry["is_day_trade"]),
            "Fee": _fee(entry["id"], commission) if commission else None,
            "MarginType": _margin_type(entry),
            "Date": iso(entry["at_ms"]),
            "SettlementDate": iso(entry["settle_ms"]),
        }
    )


def _margin_type(entry: sqlite3.Row) -> str:
    """A payment for a security is its dividend; the enumeration of margin types has the one word for it."""
    if entry["kind"] == "Payment" and entry["symbol"]:
        return "Dividend"
    return "Cash" if entry["margin_type"] == "Cash" else "Margin"


def _fee(entry_id: int, commission: Decimal) -> dict[str, Any]:
    return {
        "Id": entry_id,
        "CommissionId": COMMISSION,
        "Value": commission,
        "Seizure": "Execution",
        "Leverage": 1,
        "ValueType": "Absolute",
    }


def activity(entry: sqlite3.Row) -> dict[str, Any]:
    """The shape of entries of several accounts."""
    security = find_security(entry["symbol"])
    quantity = entry["quantity"]
    return without_nulls(
        {
            "AccountNumber": str(entry["account_id"]),
            "ActivityType": entry["kind"],
            "Date": iso(entry["at_ms"]),
            "SettlementDate": iso(entry["settle_ms"]),
            "Symbol": entry["symbol"],
            "SecurityName": security.name if security else None,
            "Description": describe(entry),
            "Quantity": quantity if quantity is not None else ZERO,
            "Price": entry["price"] if entry["price"] is not None else ZERO,
            "NetAmount": entry["amount"],
            "Commissions": entry["commission"] or ZERO,
            "Fees": ZERO,
            "MarginType": _margin_type(entry),
            "BuySellCode": ("B" if quantity > 0 else "S") if quantity else None,
            "BatchEntryDescription": entry["code"],
            "CurrencyCode": "USD",
        }
    )


def report(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Comma-separated: one line for the names of the columns, one for each row."""
    return [",".join(_quoted(cell) for cell in line) for line in _cells(rows)]


def printed_report(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """One text: a PDF in Base64, its columns as wide as what stands in them, at most WIDEST signs."""
    cells = [[cell[:WIDEST] for cell in line] for line in _cells(rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return [b64encode(print_lines(lines)).decode()]


def _cells(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [list(REPORT_COLUMNS), *([_cell(row.get(name, "")) for name in REPORT_COLUMNS] for row in rows)]


def _cell(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text
