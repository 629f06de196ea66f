"""An order as the exchange keeps it, and how it is stored."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sandbox.exchange.money import ZERO
from sandbox.state import State

# Codes and texts with which orders are refused. Source: API fact sheet 3.4.
REFUSALS = {
    "SymbolNotFound": "The symbol is not found.",
    "InvalidOrderType": "The order type is not supported for the security.",
    "LimitPriceUndefined": "Limit price is not defined.",
    "QuotePriceIsInvalid": "The price is invalid.",
    "DayTradingBuyingPowerExceeded": "Buying power is not sufficient.",
    "InsufficientShares": "There are not enough shares to sell.",
    "AccountRestricted": "The account has a trading restriction.",
    "AccountIsNotApproved": "The account is not approved.",
}

FIRST_ORDER_ID = 91_000
FINAL_STATUSES = frozenset({"Filled", "Canceled", "Rejected", "Expired", "DoneForDay", "Replaced", "Error"})


@dataclass(slots=True)
class Order:
    """One order. Moments in virtual ms; `quantity` in shares; `price` is 0 for market orders; `reserved` is the part
    of the account's excess (USD) that its open rest takes.

    `error_code` and `error_text` say why it was rejected. `client_id` is what answers show, `sent_client_id` what the
    client sent, if anything.
    `fill_from_ms`: no fill before. `due_ms`: when something happens to it next; None once it is final.
    """

    account_id: int
    user_id: int
    client_id: str
    sent_client_id: str | None
    request_id: int
    symbol: str
    security_id: int
    side: str
    type: str
    tif: str
    quantity: Decimal
    price: Decimal
    create_ms: int
    date_ms: int
    transaction_ms: int
    listed_ms: int
    accept_ms: int
    fill_from_ms: int
    expire_ms: int | None
    exchange: str = "Auto"
    comment: str | None = None
    extended_hours: str | None = None
    status: str = "PendingNew"
    execution_status: str = "PendingNew"
    request_status: str = "RequireValidation"
    target: str = "New"
    executed: Decimal = ZERO
    executed_value: Decimal = ZERO
    last_price: Decimal = ZERO
    last_quantity: Decimal = ZERO
    exec_id: str | None = None
    description: str | None = None
    error_code: str | None = None
    error_text: str | None = None
    reserved: Decimal = ZERO
    late_reject: str | None = None
    cancel_ms: int | None = None
    due_ms: int | None = None
    id: int = 0

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_STATUSES

    @property
    def leaves(self) -> Decimal:
        return self.quantity - self.executed

    @property
    def limit(self) -> Decimal | None:
        return self.price if self.type == "Limit" else None

    @property
    def average_price(self) -> Decimal:
        return self.executed_value / self.executed if self.executed else ZERO

    def turn(
        self, status: str, *, request_status: str, target: str, at_ms: int, description: str | None = None
    ) -> None:
        self.status = self.execution_status = status
        self.request_status, self.target = request_status, target
        self.date_ms = at_ms
        if description is not None:
            self.description = description


_COLUMNS = [field.name for field in fields(Order) if field.name != "id"]
_FIXED = {
    "account_id", "user_id", "client_id", "sent_client_id", "request_id", "symbol", "security_id", "side", "type",
    "create_ms", "listed_ms",
}  # fmt: skip
_CHANGING = [name for name in _COLUMNS if name not in _FIXED]
_UPDATE = f"UPDATE orders SET {', '.join(f'{name} = ?' for name in _CHANGING)} WHERE id = ?"  # noqa: S608


def read_order(row: Any) -> Order:
    return Order(**dict(row))


def insert_order(state: State, order: Order) -> None:
    """Store a new order under the id that it already has."""
    state.insert("orders", id=order.id, **{name: getattr(order, name) for name in _COLUMNS})


def next_order_id(state: State) -> int:
    row = state.row("SELECT seq FROM sqlite_sequence WHERE name = 'orders'")
    return (row["seq"] if row else FIRST_ORDER_ID) + 1


def save_order(state: State, order: Order) -> None:
    state.db.execute(_UPDATE, (*(getattr(order, name) for name in _CHANGING), order.id))


def log_event(state: State, order: Order, *, at_ms: int, is_request: bool = False) -> None:
    """One row of the order's history: what was asked or what happened, as it stands now."""
    state.insert(
        "order_event",
        order_id=order.id, at_ms=at_ms, is_request=is_request, target=order.target, status=order.status,
        execution_status=order.execution_status, request_status=order.request_status, executed=order.executed,
        last_quantity=order.last_quantity, last_price=order.last_price, exec_id=order.exec_id,
        description=order.description,
    )  # fmt: skip


def find_order(state: State, account_id: int, order_id: int) -> Order | None:
    row = state.row("SELECT * FROM orders WHERE id = ? AND account_id = ?", order_id, account_id)
    return read_order(row) if row else None


def open_orders(state: State, account_id: int) -> list[Order]:
    rows = state.rows("SELECT * FROM orders WHERE account_id = ? AND due_ms IS NOT NULL", account_id)
    return [read_order(row) for row in rows]
