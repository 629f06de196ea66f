"""An order as the exchange keeps it, and how it is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sandbox.exchange.money import ZERO
from sandbox.exchange.prices import BUYS
from sandbox.exchange.trailing import Trail
from sandbox.state import State

# Codes and texts with which orders are refused. Source: API fact sheet 3.4.
REFUSALS = {
    "SymbolNotFound": "The symbol is not found.",
    "InvalidOrderType": "The order type is not supported for the security.",
    "LimitPriceUndefined": "Limit price is not defined.",
    "QuotePriceIsInvalid": "The price is invalid.",
    "DayTradingBuyingPowerExceeded": "Buying power is not sufficient.",
    "InsufficientShares": "There are not enough shares to sell.",
    "MarketClosed": "The market is closed for this order.",
    "AccountRestricted": "The account has a trading restriction.",
    "AccountIsNotApproved": "The account is not approved.",
}

FIRST_ORDER_ID = 91_000
FINAL_STATUSES = frozenset({"Filled", "Canceled", "Rejected", "Expired", "DoneForDay", "Replaced", "Error"})
CASH_AMOUNT, ALL_OR_NONE = "CashAmountOrder", "AllOrNone"
CONDITIONAL_TYPES = frozenset({"OneTriggerOther", "OneCancelOther", "OneTriggerOneCancelOther"})
STOP_TYPES = frozenset({"Stop", "StopLimit"})
TRAILING_TYPES = frozenset({"TrailingStop", "TrailingStopLimit"})
LIMIT_TYPES = frozenset({"Limit", "StopLimit"})
# The moment of an open order to which nothing happens by itself: it sleeps, or others act for it.
NEVER_MS = 253_402_300_799_000


@dataclass(slots=True)
class Order:
    """One order. Moments in virtual ms; `quantity` in shares or contracts of `contract_size` shares.

    Prices are 0 where the type has none. A stop that was triggered turns into what it becomes; `initial_type` keeps
    what it was. The head of a conditional order or an option strategy has no symbol; its legs have its id as
    `parent_id`. `best` is the best last price since a trailing stop began to work, up to `best_ms`.
    `claim` is the part of the account's excess (USD) that the open rest would take by itself, `reserved` what it takes
    beside its siblings, `booked` what of it the account counts (cents; None while not open).
    `error_code` and `error_text` say why it was rejected. `client_id` is what answers show, `sent_client_id` what the
    client sent, if anything, `orig_client_id` what answers showed before a replace.
    `fill_from_ms`: no fill before. `due_ms`: when something happens to it next; None once it is final.
    `replacement`: JSON of what a replace asked for, in force from `replace_ms`.
    """

    account_id: int
    user_id: int
    client_id: str
    sent_client_id: str | None
    request_id: int
    symbol: str
    security_id: int
    side: str
    initial_type: str
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
    contract_size: int = 1
    parent_id: int | None = None
    orig_client_id: str | None = None
    stop_price: Decimal = ZERO
    trail_type: str = "Absolute"
    trail_amount: Decimal = ZERO
    trail_limit_type: str = "Absolute"
    trail_limit_amount: Decimal = ZERO
    best: Decimal | None = None
    best_ms: int | None = None
    exchange: str = "Auto"
    comment: str | None = None
    exec_inst: str = "None"
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
    claim: Decimal = ZERO
    reserved: Decimal = ZERO
    booked: int | None = None
    late_reject: str | None = None
    cancel_ms: int | None = None
    replace_ms: int | None = None
    replacement: str | None = None
    due_ms: int | None = None
    id: int = 0

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_STATUSES

    @property
    def is_conditional(self) -> bool:
        return self.type in CONDITIONAL_TYPES

    @property
    def is_asleep(self) -> bool:
        """Nothing but a cancellation or a replacement happens to it by itself."""
        return self.fill_from_ms == NEVER_MS

    @property
    def answer_ms(self) -> int:
        """When the venue answers what was asked of it last; 0 when nothing is open."""
        accept_ms = self.accept_ms if self.status == "PendingNew" else 0
        return max(accept_ms, self.replace_ms or 0, 0 if self.is_final else self.cancel_ms or 0)

    @property
    def is_strategy(self) -> bool:
        """The head of an option strategy, whose legs trade with it."""
        return self.has_legs and not self.is_conditional

    @property
    def has_legs(self) -> bool:
        return not self.symbol and self.parent_id is None

    @property
    def is_buy(self) -> bool:
        return self.side in BUYS

    @property
    def leaves(self) -> Decimal:
        return self.quantity - self.executed

    @property
    def is_cash_amount(self) -> bool:
        return self.exec_inst == CASH_AMOUNT

    @property
    def is_all_or_none(self) -> bool:
        return self.exec_inst == ALL_OR_NONE

    @property
    def scripted_quantity(self) -> Decimal | None:
        """The quantity as a client asked for it; None for an amount of money, which has no script."""
        return None if self.is_cash_amount else self.quantity

    @property
    def limit(self) -> Decimal | None:
        return self.price if self.type == "Limit" else None

    @property
    def trail(self) -> Trail:
        return Trail(not self.is_buy, self.trail_amount, self.trail_type != "Absolute")

    @property
    def hours(self) -> str:
        return (self.extended_hours or "REG").upper()

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
    "account_id", "user_id", "sent_client_id", "request_id", "symbol", "security_id", "side", "initial_type",
    "contract_size", "parent_id", "exchange", "exec_inst", "create_ms", "listed_ms",
}  # fmt: skip
_CHANGING = [name for name in _COLUMNS if name not in _FIXED]
_UPDATE = f"UPDATE orders SET {', '.join(f'{name} = ?' for name in _CHANGING)} WHERE id = ?"  # noqa: S608


def read_order(row: Any) -> Order:
    return Order(**dict(row))


def insert_order(state: State, order: Order) -> None:
    """Store a new order under the id that it already has."""
    _book(state, order)
    state.insert("orders", id=order.id, **{name: getattr(order, name) for name in _COLUMNS})


def next_order_id(state: State) -> int:
    row = state.row("SELECT seq FROM sqlite_sequence WHERE name = 'orders'")
    return (row["seq"] if row else FIRST_ORDER_ID) + 1


def save_order(state: State, order: Order) -> None:
    _book(state, order)
    state.db.execute(_UPDATE, (*(getattr(order, name) for name in _CHANGING), order.id))


def _book(state: State, order: Order) -> None:
    """Keep the account's sums over its open orders."""
    booked = int(order.reserved * 100) if order.due_ms is not None else None
    if booked == order.booked:
        return
    state.db.execute(
        "UPDATE account SET pending_cents = pending_cents + ?, pending_orders = pending_orders + ? WHERE id = ?",
        ((booked or 0) - (order.booked or 0), (booked is not None) - (order.booked is not None), order.account_id),
    )
    order.booked = booked


def log_event(state: State, order: Order, *, at_ms: int, is_request: bool = False) -> None:
    """One row of the order's history: what was asked or what happened, as it stands now."""
    state.insert(
        "order_event",
        order_id=order.id, at_ms=at_ms, is_request=is_request, target=order.target, status=order.status,
        execution_status=order.execution_status, request_status=order.request_status, client_id=order.client_id,
        type=order.type, tif=order.tif, quantity=order.quantity, price=order.price, stop_price=order.stop_price,
        executed=order.executed, executed_value=order.executed_value, last_quantity=order.last_quantity,
        last_price=order.last_price, exec_id=order.exec_id, description=order.description,
    )  # fmt: skip


def find_order(state: State, account_id: int, order_id: int) -> Order | None:
    row = state.row("SELECT * FROM orders WHERE id = ? AND account_id = ?", order_id, account_id)
    return read_order(row) if row else None


def get_order(state: State, order_id: int) -> Order:
    """An order that has to be there."""
    return read_order(state.row("SELECT * FROM orders WHERE id = ?", order_id))


def legs_of(state: State, head: Order) -> list[Order]:
    """The legs of a head, in order; of other orders none, without asking."""
    if not head.has_legs:
        return []
    return read_orders(state.rows("SELECT * FROM orders WHERE parent_id = ? ORDER BY id", head.id))


def is_leg_of_strategy(state: State, order: Order) -> bool:
    return order.parent_id is not None and get_order(state, order.parent_id).is_strategy


def read_orders(rows: Iterable[Any]) -> list[Order]:
    return [read_order(row) for row in rows]


def open_orders(state: State, account_id: int) -> list[Order]:
    return read_orders(
        state.rows("SELECT * FROM orders WHERE account_id = ? AND due_ms IS NOT NULL ORDER BY id", account_id)
    )
