"""Orders, their history, previews and limits."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.api.shapes.securities import quote_model, underlying_members, volume_precision
from sandbox.clock import iso
from sandbox.exchange.balances import settlement_ms
from sandbox.exchange.checks import Verdict
from sandbox.exchange.entry import Limits
from sandbox.exchange.lifecycle import stop_now
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, rounded
from sandbox.exchange.orders import FINAL_STATUSES, Order, get_order, legs_of
from sandbox.exchange.securities import find_security

VENUE = "Sandbox Emulator"
# Bits; only that of AllOrNone is seen in the vendor's samples (C60).
EXEC_INST_NUMBERS = {"AllOrNone": 65536}


def order_preview(market: Market, verdict: Verdict) -> dict[str, Any]:
    """Cost is the value without fees, NetCost and TotalCost add the commission (C55)."""
    good = verdict.code is None
    commission = verdict.commission
    quotes = {
        part.security.symbol: quote_model(market, part.security, part.quote)
        for part in (verdict, *verdict.legs)
        if part.security and part.quote
    }
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
        "Quotes": list(quotes.values()),
    }
    if not good:
        fields |= {
            "ErrorDescription": verdict.code,
            "ErrorDescriptionText": verdict.text,
            "ErrorDescriptionArgs": [],
        }
    return fields


def order(market: Market, order: Order, *, parent: Order | None = None) -> dict[str, Any]:
    """An order with its legs; a leg that is asked for by itself names its head all the same."""
    security = find_security(order.symbol)
    if parent is None and order.parent_id is not None:
        parent = get_order(market.state, order.parent_id)
    is_waiting = order.status in ("PendingNew", "Rejected")
    comment = order.comment if market.settings.echo_comment else None
    return without_nulls(
        {
            "Id": order.id,
            "SecurityId": order.security_id,
            "Symbol": order.symbol,
            "Name": security.name if security and security.is_option else order.symbol,
            "SecurityType": security.type if security else None,
            "Currency": "USD",
            "Precision": security.precision if security else None,
            "VolumePrecision": volume_precision(security),
            "AccountId": order.account_id,
            "ClearingAccount": str(order.account_id),
            "UserId": order.user_id,
            "ClientId": order.client_id,
            "OrigClientId": order.orig_client_id,
            "ParentClientId": parent.client_id if parent else None,
            "Comment": comment,
            "Side": order.side or None,
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
            "SettDate": iso(settlement_ms(order.transaction_ms) if order.executed else None),
            "ParentId": order.parent_id or -1,
            "Legs": [_leg(market, leg, order) for leg in legs_of(market.state, order)],
            "RequestId": order.request_id,
            "StateId": 0,
            "IsExternal": False,
            "QuantityQualifier": "Shares",
            "TrailingStopAmountType": order.trail_type,
            "TrailingStopAmount": order.trail_amount,
            "TrailingLimitAmountType": order.trail_limit_type,
            "TrailingLimitAmount": order.trail_limit_amount,
            **underlying_members(security),
        }
    )


def _leg(market: Market, leg: Order, head: Order) -> dict[str, Any]:
    return order(market, leg, parent=head)


def order_history(market: Market, order: Order, events: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """All rows of an order's history, each with its legs as they are now."""
    legs = [_order_item(market, leg) for leg in legs_of(market.state, order)]
    return [_order_details(order, event) | {"Legs": legs} for event in events]


# What a leg in a history row has not, compared with the row itself (`OrderItem`).
_NOT_OF_ITEMS = frozenset({
    "IsRequest", "ExecutionTarget", "UserId", "Login", "CounterPartyOrderId", "ClientId", "RequestStatus",
    "ExecutionStatus", "LastQuantity", "OrderStatusDescription", "ExecId", "TransType", "ParentRequestId",
    "IsCompleted",
})  # fmt: skip


def _order_item(market: Market, leg: Order) -> dict[str, Any]:
    latest = market.state.row("SELECT * FROM order_event WHERE order_id = ? ORDER BY id DESC LIMIT 1", leg.id)
    assert latest is not None  # noqa: S101 - every order has the event of its entry
    return {name: value for name, value in _order_details(leg, latest).items() if name not in _NOT_OF_ITEMS}


def _order_details(order: Order, event: sqlite3.Row) -> dict[str, Any]:
    """One row of an order's history, as things stood then. Dates are milliseconds, enums plain strings."""
    executed: Decimal = event["executed"]
    security = find_security(order.symbol)
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
            "VolumePrecision": volume_precision(security),
            **underlying_members(security),
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
