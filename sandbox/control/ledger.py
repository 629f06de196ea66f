"""The oracle: what the exchange knows, drawn for tests that judge a client by it."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.clock import iso
from sandbox.exchange.orders import read_order
from sandbox.world import World


def ledger(world: World, *, account_id: int | None = None) -> dict[str, Any]:
    """Orders as they came in, executions, and cash and positions per account. Amounts are strings, exact."""
    state = world.state
    wanted, values = ("account_id = ?", (account_id,)) if account_id is not None else ("1 = 1", ())
    orders = state.rows(f"SELECT * FROM orders WHERE {wanted} ORDER BY id", *values)  # noqa: S608
    executions = state.rows(f"SELECT * FROM execution WHERE {wanted} ORDER BY id", *values)  # noqa: S608
    accounts = state.rows(f"SELECT * FROM account WHERE {wanted.replace('account_', '')} ORDER BY id", *values)  # noqa: S608
    return {
        "now": iso(world.market.now_ms()),
        "orders": [_order(row) for row in orders],
        "executions": [_execution(row) for row in executions],
        "accounts": [_account(world, row) for row in accounts],
    }


def _order(row: sqlite3.Row) -> dict[str, Any]:
    order = read_order(row)
    return {
        "Id": order.id,
        "AccountId": order.account_id,
        "UserId": order.user_id,
        "ClientId": order.sent_client_id,
        "AnsweredClientId": order.client_id,
        "Comment": order.comment,
        "Symbol": order.symbol,
        "Side": order.side,
        "ParentId": order.parent_id,
        "Type": order.type,
        "InitialType": order.initial_type,
        "TimeInForce": order.tif,
        "Quantity": str(order.quantity),
        "Price": str(order.price),
        "StopPrice": str(order.stop_price),
        "Status": order.status,
        "ErrorDescription": order.error_code,
        "ExecutedQuantity": str(order.executed),
        "ExecutedValue": str(order.executed_value),
        "Reserved": str(order.reserved),
        "CreateDate": iso(order.create_ms),
        "Date": iso(order.date_ms),
        "ListedFrom": iso(order.listed_ms),
    }


def _execution(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "Id": row["id"],
        "OrderId": row["order_id"],
        "AccountId": row["account_id"],
        "Symbol": row["symbol"],
        "Side": row["side"],
        "Quantity": str(row["quantity"]),
        "Price": str(row["price"]),
        "Bid": str(row["bid"]),
        "Ask": str(row["ask"]),
        "Commission": str(row["commission"]),
        "Realized": str(row["realized"]),
        "At": iso(row["at_ms"]),
    }


def _account(world: World, row: sqlite3.Row) -> dict[str, Any]:
    positions = world.state.rows("SELECT * FROM position WHERE account_id = ? ORDER BY symbol", row["id"])
    users = world.state.rows(
        "SELECT email FROM user JOIN account_user ON user_id = user.id WHERE account_id = ? ORDER BY user.id",
        row["id"],
    )
    return {
        "Id": row["id"],
        "Users": [user["email"] for user in users],
        "MarginType": row["margin_type"],
        "Status": row["status"],
        "Restricted": bool(row["restricted"]),
        "Cash": str(row["cash"]),
        "Positions": {
            position["symbol"]: {"Quantity": str(position["quantity"]), "Cost": str(position["cost"])}
            for position in positions
            if position["quantity"]
        },
    }
