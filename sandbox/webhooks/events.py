"""From changes in the tables to the vendor's twelve events. Keys are camel case here (API fact sheet, chapter 10)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.clock import iso
from sandbox.exchange.market import Market
from sandbox.exchange.money import rounded
from sandbox.exchange.orders import Order
from sandbox.streams.telling import order_at

EVENTS = (
    "order.created", "order.filled", "order.partial_fill", "order.cancelled", "order.rejected", "order.replaced",
    "position.opened", "position.closed", "transfer.completed", "transfer.failed", "alert.triggered",
    "account.updated",
)  # fmt: skip
TRANSFER_EVENTS = {"Complete": "transfer.completed", "Canceled": "transfer.failed", "Rejected": "transfer.failed"}
ENDED = ("Canceled", "Expired", "DoneForDay")
CONDITIONS = {"GTEQ": ">=", "LTEQ": "<="}


@dataclass(frozen=True, slots=True)
class Event:
    """`account_id` is 0 for an event of a user without an account; `user_id` is there when it is about a user."""

    type: str
    account_id: int
    at_ms: int
    data: dict[str, Any]
    user_id: int | None = None


def events_of(market: Market, change: sqlite3.Row) -> Iterator[Event]:
    """What a change means to the world outside; nothing, often."""
    if change["kind"] == "order":
        yield from _of_order(market, change)
    elif change["kind"] == "position":
        yield from _of_position(market, change)
    elif change["kind"] == "account":
        changed = {name: value for name, value in json.loads(change["note"]).items() if value is not None}
        changed |= {name: bool(changed[name]) for name in ("enabled", "restricted") if name in changed}
        yield Event("account.updated", change["account_id"], market.now_ms(), {"changedFields": changed})
    elif change["kind"] == "transfer":
        yield from _of_transfer(market, change)
    elif change["kind"] == "alert":
        yield from _of_alert(market, change)


def _of_order(market: Market, change: sqlite3.Row) -> Iterator[Event]:
    history = market.state.rows(
        "SELECT * FROM order_event WHERE id <= ? AND order_id = (SELECT order_id FROM order_event WHERE id = ?)"
        " ORDER BY id DESC LIMIT 2",
        change["row_id"],
        change["row_id"],
    )
    now, before = history[0], history[1] if len(history) > 1 else None
    order, at_ms = order_at(market, now), now["at_ms"]
    kind = _kind_of(now, before)
    if kind is None:
        return
    data = _order_data(order)
    if kind in ("order.filled", "order.partial_fill"):
        data |= {"fillPrice": order.last_price, "fillQuantity": order.last_quantity, "executionTime": iso(at_ms)}
    elif kind == "order.rejected":
        data |= {"reason": order.error_code or order.description, "message": order.error_text}
    elif kind == "order.cancelled":
        data |= {"reason": order.description or "Canceled by user"}
    elif kind == "order.replaced" and before is not None:
        data = {"orderId": order.id, "symbol": order.symbol, "old": _terms(_replaced(market, now)), "new": _terms(now)}
    yield Event(kind, order.account_id, at_ms, data)


def _kind_of(now: sqlite3.Row, before: sqlite3.Row | None) -> str | None:
    if now["status"] == "Rejected":
        return "order.rejected"
    if before is None:
        return "order.created"
    if now["target"] == "Execution" or now["status"] == "Filled":
        return "order.filled" if now["status"] == "Filled" else "order.partial_fill"
    if now["status"] in ENDED and not now["is_request"]:
        return "order.cancelled"
    return "order.replaced" if now["execution_status"] == "Replaced" else None


def _replaced(market: Market, now: sqlite3.Row) -> sqlite3.Row:
    """The latest row of the history with the terms from before a replace."""
    row = market.state.row(
        "SELECT * FROM order_event WHERE order_id = ? AND id < ? AND status <> 'PendingReplace'"
        " ORDER BY id DESC LIMIT 1",
        now["order_id"],
        now["id"],
    )
    return row or now


def _order_data(order: Order) -> dict[str, Any]:
    return {
        "orderId": order.id,
        "clientId": order.client_id,
        "symbol": order.symbol,
        "side": order.side,
        "type": order.type,
        "quantity": order.quantity,
        "price": order.price,
        "filledQuantity": order.executed,
        "remainingQuantity": order.quantity - order.executed,
        "averagePrice": rounded(order.average_price, 4),
        "status": order.status,
    }


def _terms(event: sqlite3.Row) -> dict[str, Any]:
    names = {"type": "type", "quantity": "quantity", "price": "price", "stopPrice": "stop_price", "timeInForce": "tif"}
    return {name: event[column] for name, column in names.items()}


def _of_position(market: Market, change: sqlite3.Row) -> Iterator[Event]:
    """From nothing to something is opened, the other way closed; from long to short it is both."""
    note = json.loads(change["note"])
    before, after = Decimal(note["before"]), Decimal(note["after"])
    account_id, symbol = change["account_id"], note["symbol"]
    at_ms = market.now_ms() if note["at_ms"] is None else note["at_ms"]
    if before and (not after or (before > 0) != (after > 0)):
        last = market.state.row(
            "SELECT price FROM execution WHERE account_id = ? AND symbol = ? AND at_ms <= ? ORDER BY id DESC LIMIT 1",
            account_id, symbol, at_ms,
        )  # fmt: skip
        realized = Decimal(note.get("realized", "0")) - Decimal(note.get("realized_before", "0"))
        data = {"symbol": symbol, "realizedPnl": realized, "closePrice": last["price"] if last else None}
        yield Event("position.closed", account_id, at_ms, data)
    if after and (not before or (before > 0) != (after > 0)):
        data = {"symbol": symbol, "quantity": after, "costBasis": Decimal(note["cost"])}
        yield Event("position.opened", account_id, at_ms, data)


def _of_transfer(market: Market, change: sqlite3.Row) -> Iterator[Event]:
    row = market.state.row("SELECT * FROM transfer WHERE id = ?", json.loads(change["note"])["id"])
    kind = TRANSFER_EVENTS.get(row["status"]) if row else None
    if row is None or kind is None:
        return
    data = {
        "transferId": row["id"],
        "amount": row["amount"],
        "direction": "Deposit" if row["is_deposit"] else "Withdrawal",
        "mechanism": row["mechanism"],
        "status": row["status"],
        "account": str(row["account_id"]),
    }
    if kind == "transfer.failed":
        data["reason"] = row["comment"] or row["status"]
    yield Event(kind, row["account_id"], market.now_ms(), data)


def _of_alert(market: Market, change: sqlite3.Row) -> Iterator[Event]:
    row = market.state.row("SELECT * FROM alert_event WHERE id = ?", change["row_id"])
    assert row is not None  # noqa: S101 - alerts that fired are never deleted but by a reset
    first = market.state.row("SELECT min(account_id) AS id FROM account_user WHERE user_id = ?", row["user_id"])
    data = {
        "alertId": row["alert_id"],
        "userId": row["user_id"],
        "symbol": row["symbol"],
        "condition": f"{row['field']} {CONDITIONS.get(row['operator'], row['operator'])} {row['argument']}",
        "currentPrice": row["price"],
    }
    yield Event("alert.triggered", (first["id"] if first else None) or 0, row["at_ms"], data, row["user_id"])
