"""Accounts on their way from another broker, moved on or stopped from outside."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.clock import iso
from sandbox.money.account_transfers import (
    FAILURES,
    StepNotPossible,
    contents_of,
    fail_transfer,
    find_transfer,
    hasten_transfer,
)
from sandbox.world import World

SHOWN = 200
NEXT = "next"


def list_transfers(world: World) -> list[dict[str, Any]]:
    """The latest, newest first, with what will come (USD under "cash")."""
    rows = world.state.rows("SELECT * FROM account_transfer ORDER BY number DESC LIMIT ?", SHOWN)
    return [_draw(row) for row in rows]


def _draw(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "account": row["account_id"],
        "from_account": row["from_account"],
        "type": row["type"],
        "status": row["status"],
        "next_at": iso(row["due_ms"]) if row["due_ms"] is not None else None,
        "contents": [[piece.symbol or "cash", str(piece.quantity)] for piece in contents_of(row)],
    }


def decide_transfer(world: World, raw: dict[str, Any]) -> dict[str, Any]:
    """{"id", "status": "next" or one of FAILURES, "comment"}. Raises ValueError."""
    if unknown := set(raw) - {"id", "status", "comment"}:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    transfer_id, status, comment = str(raw.get("id", "")), raw.get("status"), raw.get("comment")
    if status != NEXT and status not in FAILURES:
        raise ValueError(f"status is one of {', '.join([NEXT, *FAILURES])}")
    transfer = find_transfer(world.market, transfer_id)
    if transfer is None:
        raise ValueError(f"no such request: {transfer_id}")
    try:
        if status == NEXT:
            hasten_transfer(world.market, transfer)
        else:
            fail_transfer(world.market, transfer, status, comment=None if comment is None else str(comment))
    except StepNotPossible as now:
        raise ValueError(f"the request is {now}") from None
    decided = find_transfer(world.market, transfer_id)
    assert decided is not None  # noqa: S101 - it was there before
    return _draw(decided)
