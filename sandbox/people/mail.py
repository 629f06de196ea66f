"""Mail is not sent anywhere: it waits in an outbox that the control plane shows."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.clock import iso
from sandbox.world import World

SHOWN = 200


def send_mail(world: World, recipient: str, kind: str, *, subject: str, text: str) -> None:
    """`kind` is one of the vendor's subscription types (API fact sheet 5.0)."""
    world.state.insert("mail", at_ms=world.market.now_ms(), recipient=recipient, kind=kind, subject=subject, text=text)


def outbox(world: World, recipient: str | None = None) -> list[dict[str, Any]]:
    """The latest mails, newest first; those to one address, if given."""
    where, values = ("recipient = ?", (recipient,)) if recipient else ("1 = 1", ())
    rows = world.state.rows(f"SELECT * FROM mail WHERE {where} ORDER BY id DESC LIMIT {SHOWN}", *values)  # noqa: S608
    return [_draw(row) for row in rows]


def _draw(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "time": iso(row["at_ms"]),
        "to": row["recipient"],
        "type": row["kind"],
        "subject": row["subject"],
        "text": row["text"],
    }
