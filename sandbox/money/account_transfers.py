"""Accounts that come from another broker, in part or as a whole, by ACATS.

    NEW → SUBMITTED → ACCEPTED → SENDING_TO_ACATS → PROCESSING_BY_ACATS → IN_REVIEW → IN_PROGRESS → COMPLETED
              ↘ DECLINED            ↘ REJECTED_BY_ACATS       the other broker ↗     CANCELLED: until ACATS has it

Submitted by the client, everything else takes its time on the virtual clock: the broker accepts within minutes, ACATS
takes requests at the close, the other broker has a day to look at one and three to deliver. Source: API fact sheet A.4
and FINRA rule 11870. What goes wrong is said by the control plane.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from sandbox.exchange.calendar import eastern_day, sessions_from
from sandbox.exchange.market import Market
from sandbox.money.contents import Piece, book_contents
from sandbox.money.links import make_id

PARTIAL = "PARTIAL_TRANSFER_RECEIVER"
BROKER, CLEARING, ACATS, OTHER_BROKER = "Broker", "Clearing", "ACATS", "Delivering firm"
PATH = (
    "NEW", "SUBMITTED", "ACCEPTED", "SENDING_TO_ACATS", "PROCESSING_BY_ACATS", "IN_REVIEW", "IN_PROGRESS", "COMPLETED",
)  # fmt: skip
# Whose word brings a request into a state of the path.
MADE_BY = {
    "ACCEPTED": BROKER, "SENDING_TO_ACATS": CLEARING, "PROCESSING_BY_ACATS": ACATS, "IN_REVIEW": OTHER_BROKER,
    "IN_PROGRESS": OTHER_BROKER, "COMPLETED": ACATS,
}  # fmt: skip
# How long a state lasts: some minutes, or until so many closes of the exchange have gone by.
LASTS_MINUTES = {"SUBMITTED": 15, "ACCEPTED": 5}
LASTS_CLOSES = {"SENDING_TO_ACATS": 1, "PROCESSING_BY_ACATS": 1, "IN_REVIEW": 1, "IN_PROGRESS": 2}
CANCELABLE = ("NEW", "SUBMITTED", "ACCEPTED", "SENDING_TO_ACATS")
# How a request can fail: by whom, and in which states.
FAILURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "DECLINED": (BROKER, ("SUBMITTED",)),
    "REJECTED_BY_ACATS": (ACATS, ("SENDING_TO_ACATS", "PROCESSING_BY_ACATS")),
    "DELIVERING_FIRM_NOT_RESPONDED": (ACATS, ("PROCESSING_BY_ACATS", "IN_REVIEW")),
    "REJECTED_BY_DELIVERING_FIRM": (OTHER_BROKER, ("PROCESSING_BY_ACATS", "IN_REVIEW")),
    "REVIEW_FAILED": (OTHER_BROKER, ("IN_REVIEW",)),
    "ERROR": (CLEARING, PATH[1:-1]),
    "SYSTEM_PURGE": (ACATS, PATH[4:-1]),
}

_DUE = "SELECT * FROM account_transfer WHERE due_ms <= ? ORDER BY due_ms, number LIMIT 1"


class StepNotPossible(Exception):
    """Not in this state of the request, or not any more."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks for. `partial` is the JSON of it, in the words of the client."""

    provider: str
    from_account: str
    type: str
    pieces: Sequence[Piece]
    partial: str | None = None
    form_data: str | None = None
    image_url: str | None = None


def ask_for_transfer(market: Market, account_id: int, user: sqlite3.Row, wish: Wish) -> sqlite3.Row:
    """Keep a request; it waits until it is submitted."""
    with market.state.transaction():
        row = market.state.row("SELECT coalesce(max(number), 0) + 1 AS number FROM account_transfer")
        number: int = row["number"] if row else 1
        transfer_id = make_id(market, "account-transfers", number)
        market.state.insert(
            "account_transfer",
            number=number, id=transfer_id, account_id=account_id, user_id=user["id"], provider=wish.provider,
            from_account=wish.from_account, type=wish.type, status="NEW", form_data=wish.form_data,
            image_url=wish.image_url, partial=wish.partial,
            contents=json.dumps([[piece.symbol, format(piece.quantity, "f")] for piece in wish.pieces]),
            created_ms=market.now_ms(),
        )  # fmt: skip
        _log(market, transfer_id, "NEW", by=user["login"], at_ms=market.now_ms())
    return _row(market, transfer_id)


def find_transfer(market: Market, transfer_id: str) -> sqlite3.Row | None:
    return market.state.row("SELECT * FROM account_transfer WHERE id = ?", transfer_id.lower())


def contents_of(transfer: sqlite3.Row) -> list[Piece]:
    return [Piece(symbol, Decimal(quantity)) for symbol, quantity in json.loads(transfer["contents"])]


def history_of(market: Market, transfer_id: str) -> list[sqlite3.Row]:
    """Oldest first."""
    return market.state.rows("SELECT * FROM account_transfer_event WHERE transfer_id = ? ORDER BY id", transfer_id)


def submit_transfer(
    market: Market,
    transfer: sqlite3.Row,
    *,
    by: str,
    form_data: str | None = None,
    comment: str | None = None,
    at_once: bool = False,
) -> None:
    """`at_once`: the broker accepts without delay. Raises StepNotPossible."""
    if transfer["status"] != "NEW":
        raise StepNotPossible(transfer["status"])
    with market.state.transaction() as db:
        if form_data is not None:
            db.execute("UPDATE account_transfer SET form_data = ? WHERE id = ?", (form_data, transfer["id"]))
        _turn(market, transfer["id"], "SUBMITTED", by=by, comment=comment, at_ms=market.now_ms())
        if at_once:
            _go_on(market, _row(market, transfer["id"]), market.now_ms())


def cancel_transfer(market: Market, transfer: sqlite3.Row, *, by: str, comment: str | None) -> None:
    """Raises StepNotPossible once ACATS has it."""
    if transfer["status"] not in CANCELABLE:
        raise StepNotPossible(transfer["status"])
    with market.state.transaction():
        _turn(market, transfer["id"], "CANCELLED", by=by, comment=comment, at_ms=market.now_ms())


def fail_transfer(market: Market, transfer: sqlite3.Row, status: str, *, comment: str | None) -> None:
    """One of FAILURES. Raises StepNotPossible."""
    by, allowed = FAILURES[status]
    if transfer["status"] not in allowed:
        raise StepNotPossible(transfer["status"])
    with market.state.transaction():
        _turn(market, transfer["id"], status, by=by, comment=comment, at_ms=market.now_ms())


def hasten_transfer(market: Market, transfer: sqlite3.Row) -> None:
    """What would happen next happens now. Raises StepNotPossible when nothing would."""
    if transfer["due_ms"] is None:
        raise StepNotPossible(transfer["status"])
    with market.state.transaction():
        _go_on(market, transfer, market.now_ms())


def run_due_account_transfers(market: Market) -> None:
    """Let every step happen that is due by now, each at its own moment. Call the exchange's `run_due` first."""
    now = market.now_ms()
    if market.state.row(_DUE, now) is None:
        return
    with market.state.transaction():
        while row := market.state.row(_DUE, now):
            _go_on(market, row, row["due_ms"])


def _go_on(market: Market, transfer: sqlite3.Row, moment: int) -> None:
    status = PATH[PATH.index(transfer["status"]) + 1]
    if status == "ACCEPTED":
        market.state.db.execute("UPDATE account_transfer SET accepted_by = ? WHERE id = ?", (BROKER, transfer["id"]))
    elif status == "PROCESSING_BY_ACATS":
        # A year, the day of it, and a number: fourteen digits.
        control_number = int(f"{eastern_day(moment):%Y%j}{transfer['number']:07d}")
        market.state.db.execute(
            "UPDATE account_transfer SET control_number = ? WHERE id = ?", (control_number, transfer["id"])
        )
    if status == "COMPLETED":
        book_contents(
            market, transfer["account_id"], contents_of(transfer), origin=transfer["from_account"], at_ms=moment
        )
    _turn(market, transfer["id"], status, by=MADE_BY[status], at_ms=moment)


def _turn(market: Market, transfer_id: str, status: str, *, by: str, at_ms: int, comment: str | None = None) -> None:
    market.state.db.execute(
        "UPDATE account_transfer SET status = ?, due_ms = ? WHERE id = ?",
        (status, _ends_ms(status, at_ms), transfer_id),
    )
    _log(market, transfer_id, status, by=by, at_ms=at_ms, comment=comment)


def _ends_ms(status: str, at_ms: int) -> int | None:
    """When the state ends by itself."""
    if status in LASTS_MINUTES:
        return at_ms + LASTS_MINUTES[status] * 60_000
    if status in LASTS_CLOSES:
        closes = LASTS_CLOSES[status]
        return next(islice(sessions_from(at_ms), closes - 1, None)).closes_ms
    return None


def _log(market: Market, transfer_id: str, status: str, *, by: str, at_ms: int, comment: str | None = None) -> None:
    market.state.insert(
        "account_transfer_event", transfer_id=transfer_id, status=status, changed_by=by, comment=comment, at_ms=at_ms
    )


def _row(market: Market, transfer_id: str) -> sqlite3.Row:
    row = find_transfer(market, transfer_id)
    assert row is not None  # noqa: S101 - it has just been written
    return row
