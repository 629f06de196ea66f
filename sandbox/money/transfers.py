"""Transfers: deposits and withdrawals over bank links, withdrawals by wire, check and Zelle.

Source: API fact sheet 5.15. `Submitted` turns `FundsPosted` at the open of the next session, later if funds are to be
held, and `Complete` at the open of the one after that. A withdrawal leaves the cash at once, with its fee; a deposit
comes when its funds are posted. Nothing has to be watched: each transfer carries the moment of its next step.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.balances import post_cash, worth
from sandbox.exchange.calendar import sessions_from
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO
from sandbox.money import ira
from sandbox.money.links import find_link, make_id

DAY_MS = 86_400_000
WIRE_FEES = {True: Decimal(25), False: Decimal(50)}
# What the post takes for a check in a hurry; nobody has published these.
CHECK_FEES = {"OVERNIGHT": Decimal(20), "SATURDAY": Decimal(30), "OVERNIGHT_TO_BROKER": Decimal(20)}
# What a bank may do with a deposit: not pay at all, or take the money back after it was posted.
FATES = ("Rejected", "Returned")
NEXT_FATE = "fate_of_next_deposit"

_DUE = "SELECT * FROM transfer WHERE due_ms <= ? ORDER BY due_ms, number LIMIT 1"


class TransferRefused(Exception):
    """No such transfer, too little money, a link that is not approved, or too late to cancel."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for. `amount` in USD, None for all there is; `hold_days` delay the funds; `details` is JSON
    that is only shown again."""

    mechanism: str
    amount: Decimal | None
    is_deposit: bool = False
    closes_account: bool = False
    fee: Decimal = ZERO
    link_id: str | None = None
    hold_days: int = 0
    comment: str | None = None
    ira_reason: ira.Contribution | ira.Distribution | None = None
    details: str = "{}"


def transfers_of(market: Market, account_id: int) -> list[sqlite3.Row]:
    return market.state.rows("SELECT * FROM transfer WHERE account_id = ? ORDER BY number", account_id)


def find_transfer(market: Market, account_id: int, transfer_id: str) -> sqlite3.Row | None:
    return market.state.row("SELECT * FROM transfer WHERE account_id = ? AND id = ?", account_id, transfer_id)


def send_transfer(market: Market, account: sqlite3.Row, created_by: str, asked: Request) -> sqlite3.Row:
    """Take a transfer. Raises TransferRefused."""
    amount = _check(market, account, asked)
    now = market.now_ms()
    row = market.state.row("SELECT coalesce(max(number), 0) + 1 AS number FROM transfer")
    number: int = row["number"] if row else 1
    posts_ms = _next_open(now + asked.hold_days * DAY_MS)
    transfer_id = make_id(market, "transfers", number)
    with market.state.transaction():
        market.state.insert(
            "transfer",
            number=number, id=transfer_id, account_id=account["id"], mechanism=asked.mechanism,
            is_deposit=asked.is_deposit, amount=amount, fee=asked.fee, status="Submitted", comment=asked.comment,
            link_id=asked.link_id, created_by=created_by, create_ms=now, posts_ms=posts_ms,
            completes_ms=_next_open(posts_ms), due_ms=posts_ms, details=asked.details,
            fate=_take_fate(market) if asked.is_deposit else None,
        )  # fmt: skip
        transfer = _get(market, transfer_id)
        if not asked.is_deposit:
            _book(market, transfer, -amount, f"{asked.mechanism} withdrawal", at_ms=now)
            _book_fee(market, transfer, -asked.fee, at_ms=now)
    return _get(market, transfer_id)


def _check(market: Market, account: sqlite3.Row, asked: Request) -> Decimal:
    """The amount to move, in USD."""
    if account["status"] != "Approved" or not account["enabled"]:
        raise TransferRefused("The account is not approved.")
    if ira.is_retirement(account) and not ira.is_allowed(market, asked.ira_reason):
        raise TransferRefused("A retirement account asks for a reason that is allowed.")
    if asked.link_id is not None:
        link = find_link(market, account["id"], asked.link_id)
        if link is None or link["status"] != "Approved":
            raise TransferRefused("The link is not approved.")
    if asked.is_deposit:
        if asked.amount is None or asked.closes_account:
            raise TransferRefused("A deposit has an amount and closes nothing.")
        return asked.amount
    available = worth(market, account, market.now_ms()).withdrawable - asked.fee
    amount = available if asked.amount is None else asked.amount
    if amount <= 0 or amount > available:
        raise TransferRefused("There is not as much to withdraw.")
    return amount


def script_next_deposit(market: Market, fate: str | None) -> None:
    """What the bank will do with the next deposit that is sent: one of FATES, or nothing special."""
    market.state.save_setting(NEXT_FATE, fate)


def _take_fate(market: Market) -> str | None:
    fate: str | None = market.state.setting(NEXT_FATE)
    if fate is not None:
        script_next_deposit(market, None)
    return fate


def _next_open(after_ms: int) -> int:
    return next(session.opens_ms for session in sessions_from(after_ms) if session.opens_ms > after_ms)


def cancel_transfer(market: Market, account_id: int, transfer_id: str, comment: str) -> None:
    """Ask to cancel; that is possible until the funds are posted. Raises TransferRefused."""
    transfer = find_transfer(market, account_id, transfer_id)
    if transfer is None or transfer["status"] != "Submitted":
        raise TransferRefused("It is too late, or there is no such transfer.")
    with market.state.transaction():
        market.state.db.execute("UPDATE transfer SET comment = ? WHERE id = ?", (comment, transfer_id))
        _undo(market, transfer, "Canceled", at_ms=market.now_ms())


def reject_transfer(market: Market, transfer_id: str) -> None:
    """The bank refuses: what has moved moves back. Raises TransferRefused for one that has ended."""
    transfer = market.state.row("SELECT * FROM transfer WHERE id = ? AND due_ms IS NOT NULL", transfer_id)
    if transfer is None:
        raise TransferRefused("It has ended, or there is no such transfer.")
    with market.state.transaction():
        _undo(market, transfer, "Rejected", at_ms=market.now_ms())


def run_due_transfers(market: Market) -> None:
    """Let every transfer take the steps that are due by now, in order of time."""
    now = market.now_ms()
    if market.state.row(_DUE, now) is None:
        return
    with market.state.transaction():
        while transfer := market.state.row(_DUE, now):
            _step(market, transfer)


def _step(market: Market, transfer: sqlite3.Row) -> None:
    is_new = transfer["status"] == "Submitted"
    if transfer["fate"] == ("Rejected" if is_new else "Returned"):
        _undo(market, transfer, "Rejected", at_ms=transfer["due_ms"])
    elif is_new:
        if transfer["is_deposit"]:
            note = f"{transfer['mechanism']} deposit"
            _book(market, transfer, transfer["amount"], note, at_ms=transfer["due_ms"])
        _turn(market, transfer, "FundsPosted", at_ms=transfer["due_ms"], due_ms=transfer["completes_ms"])
    else:
        _turn(market, transfer, "Complete", at_ms=transfer["due_ms"], due_ms=None)


def _undo(market: Market, transfer: sqlite3.Row, status: str, *, at_ms: int) -> None:
    if not transfer["is_deposit"]:
        _book(market, transfer, transfer["amount"], f"{transfer['mechanism']} withdrawal returned", at_ms=at_ms)
        _book_fee(market, transfer, transfer["fee"], at_ms=at_ms)
    elif transfer["status"] == "FundsPosted":
        _book(market, transfer, -transfer["amount"], f"{transfer['mechanism']} deposit returned", at_ms=at_ms)
    _turn(market, transfer, status, at_ms=at_ms, due_ms=None)


def _turn(market: Market, transfer: sqlite3.Row, status: str, *, at_ms: int, due_ms: int | None) -> None:
    market.state.db.execute(
        "UPDATE transfer SET status = ?, due_ms = ? WHERE id = ?", (status, due_ms, transfer["id"])
    )
    market.state.insert(
        "transfer_event", transfer_id=transfer["id"], account_id=transfer["account_id"], at_ms=at_ms, status=status
    )


def _book(market: Market, transfer: sqlite3.Row, amount: Decimal, note: str, *, at_ms: int) -> None:
    """Move cash; the transfer remembers its latest entry."""
    post_cash(market, transfer["account_id"], at_ms=at_ms, kind="Payment", amount=amount, order_id=None, note=note)
    market.state.db.execute(
        "UPDATE transfer SET entry_id = (SELECT max(id) FROM cash_entry) WHERE id = ?", (transfer["id"],)
    )


def _book_fee(market: Market, transfer: sqlite3.Row, amount: Decimal, *, at_ms: int) -> None:
    if amount:
        note = f"{transfer['mechanism']} fee"
        post_cash(
            market, transfer["account_id"], at_ms=at_ms, kind="Clearing", amount=amount, order_id=None, note=note
        )


def _get(market: Market, transfer_id: str) -> sqlite3.Row:
    row = market.state.row("SELECT * FROM transfer WHERE id = ?", transfer_id)
    assert row is not None  # noqa: S101 - it has just been written
    return row
