"""Orders, their history, previews and limits."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.api.shapes.securities import quote_model
from sandbox.clock import NO_DATE, iso
from sandbox.exchange.checks import Verdict
from sandbox.exchange.entry import Limits
from sandbox.exchange.market import Market
from sandbox.exchange.matching import stop_now
from sandbox.exchange.money import ZERO, rounded
from sandbox.exchange.orders import FINAL_STATUSES, Order
from sandbox.exchange.securities import SECURITIES

VENUE = "Sandbox Emulator"
# Bits; only that of AllOrNone is seen in the vendor's samples (C60).
EXEC_INST_NUMBERS = {"AllOrNone": 65536}


def order_preview(market: Market, verdict: Verdict) -> dict[str, Any]:
    """Cost is the value without fees, NetCost and TotalCost add the commission (C55)."""
    good = verdict.code is None
    commission = verdict.commission
    fields: dict[str, Any] = {
        "IsSuccessful": good,
        "Cost": verdict.cost,
        "Commission": commission,
        "NetCost": verdict.cost + commission,
        "TotalCost": verdict.cost + commission,
        "MarginChange": verdict.margin_change,
        "Commissions": verdict.commissions,
        "InitialMarginRate": verdict.rate,
        "MaintenanceMarginRate": verdict.rate,
        "MarginRate": verdict.rate,
        "CurrencyRate": 1,
        "Quotes": [],
    }
    if verdict.security and verdict.quote:
        fields["Quotes"] = [quote_model(market, verdict.security, verdict.quote)]
    if not good:
        fields |= {
            "ErrorDescription": verdict.code,
            "ErrorDescriptionText": verdict.text,
            "ErrorDescriptionArgs": [],
        }
    return fields


def order(market: Market, order: Order) -> dict[str, Any]:
    security = SECURITIES.get(order.symbol)
    is_waiting = order.status in ("PendingNew", "Rejected")
    comment = order.comment if market.settings.echo_comment else None
    return without_nulls(
        {
            "Id": order.id,
            "SecurityId": order.security_id,
            "Symbol": order.symbol,
            "Name": order.symbol,
            "SecurityType": security.type if security else None,
            "Currency": "USD",
            "Precision": security.precision if security else None,
            "VolumePrecision": 0,
            "AccountId": order.account_id,
            "ClearingAccount": str(order.account_id),
            "UserId": order.user_id,
            "ClientId": order.client_id,
            "Comment": comment,
            "Side": order.side,
            "Type": order.type,
            "InitialType": order.initial_type,
            "Quantity": order.quantity,
            "Price": order.price,
            "StopPrice": stop_now(market, order),
            "ExecutedQuantity": order.executed,
            "LeavesQuantity": ZERO if is_waiting or order.is_final else order.leaves,
            "AveragePrice": rounded(order.average_price, 4),
            "LastPrice": order.last_price,
            "LastQuantity": order.last_quantity,
            "Status": order.status,
            "ExecutionStatus": order.execution_status,
            "RequestStatus": order.request_status,
            "Target": order.target,
            "TransType": "New",
            "TimeInForce": order.tif,
            "ExecInst": order.exec_inst,
            "ExecInstNum": EXEC_INST_NUMBERS.get(order.exec_inst, 0),
            "Exchange": order.exchange,
            "ExtendedHours": order.extended_hours,
            "ExecId": order.exec_id,
            "ExecutionVenue": VENUE,
            "Description": order.description,
            "ErrorDescriptionText": order.error_text,
            "CreateDate": iso(order.create_ms),
            "Date": iso(order.date_ms),
            "TransactionDate": iso(order.transaction_ms),
            "ExpireDate": iso(order.expire_ms),
            "SettDate": NO_DATE,
            "ParentId": -1,
            "Legs": [],
            "RequestId": order.request_id,
            "StateId": 0,
            "IsExternal": False,
            "QuantityQualifier": "Shares",
            "TrailingStopAmountType": order.trail_type,
            "TrailingStopAmount": order.trail_amount,
            "TrailingLimitAmountType": order.trail_limit_type,
            "TrailingLimitAmount": order.trail_limit_amount,
        }
    )


def order_details(order: Order, event: sqlite3.Row) -> dict[str, Any]:
    """One row of an order's history, as things stood then. Dates are milliseconds, enums plain strings."""
    executed: Decimal = event["executed"]
    return without_nulls(
        {
            "Id": order.id,
            "IsRequest": bool(event["is_request"]),
            "ExecutionTarget": event["target"],
            "UserId": order.user_id,
            "ClientId": event["client_id"],
            "RequestId": order.request_id,
            "Symbol": order.symbol,
            "SecurityId": order.security_id,
            "Side": order.side or None,
            "Type": event["type"],
            "InitialType": order.initial_type,
            "TimeInForce": event["tif"],
            "ExecInst": EXEC_INST_NUMBERS.get(order.exec_inst, 0),
            "ExtendedHours": order.extended_hours,
            "Quantity": event["quantity"],
            "Price": event["price"],
            "StopPrice": event["stop_price"],
            "TrailingStopAmountType": order.trail_type,
            "TrailingStopAmount": order.trail_amount,
            "TrailingLimitAmountType": order.trail_limit_type,
            "TrailingLimitAmount": order.trail_limit_amount,
            "Exchange": order.exchange,
            "Currency": "USD",
            "Comment": order.comment,
            "Status": event["status"],
            "ExecutionStatus": event["execution_status"],
            "RequestStatus": event["request_status"],
            "TransType": "New",
            "ExecutedQuantity": executed,
            "LeavesQuantity": event["quantity"] - executed,
            "AveragePrice": rounded(event["executed_value"] / executed, 4) if executed else ZERO,
            "LastQuantity": event["last_quantity"],
            "LastPrice": event["last_price"],
            "ExecId": event["exec_id"],
            "ExecutionVenue": VENUE,
            "OrderStatusDescription": event["description"],
            "RejectReason": event["description"] if event["status"] == "Rejected" else None,
            "CreateDate": order.create_ms,
            "Date": event["at_ms"],
            "TransactionDate": event["at_ms"],
            "TransactionDateText": iso(event["at_ms"]),
            "ExpireDate": order.expire_ms,
            "IsCompleted": event["status"] in FINAL_STATUSES,
            "ParentId": order.parent_id or -1,
            "Legs": [],
            "StateId": 0,
            "QuantityQualifier": "Shares",
            "VolumePrecision": 0,
        }
    )


def order_limits(account_id: int, symbol: str, limits: Limits) -> dict[str, Any]:
    return {
        "AccountId": account_id,
        "Symbol": symbol,
        "BuyPrice": limits.buy_price,
        "SellPrice": limits.sell_price,
        "BuyLimit": limits.buy,
        "SellLimit": limits.sell,
    }
