"""Endpoints, what is to be said to them, and when: all of it in the state, so that a restart continues."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from typing import Any
from urllib.parse import urlsplit

from sandbox.api.answers import as_json
from sandbox.clock import iso
from sandbox.control.faults import FaultRules
from sandbox.control.message_faults import MessageRule
from sandbox.exchange.market import Market
from sandbox.exchange.walk import key_of
from sandbox.webhooks.events import EVENTS, Event, events_of

# Virtual time from one attempt to the next; after the sixth a delivery has failed.
RETRY_SECONDS = (60, 300, 1800, 7200, 43_200)


def sign(secret: str, body: bytes) -> str:
    """The value of X-AutoShares-Signature, over the bytes as they are sent."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


# Endpoints


def save_endpoint(market: Market, client_id: str, *, url: str, secret: str, events: list[str], active: bool) -> None:
    """Where an application wants to hear of these events. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an address: {url}")
    if not secret:
        raise ValueError("secret is needed")
    if unknown := set(events) - set(EVENTS):
        raise ValueError(f"no such event: {', '.join(sorted(unknown))}")
    if market.state.row("SELECT 1 FROM app WHERE client_id = ?", client_id) is None:
        raise ValueError(f"no such application: {client_id}")
    market.state.db.execute(
        "INSERT OR REPLACE INTO webhook_endpoint (client_id, url, secret, events, active) VALUES (?, ?, ?, ?, ?)",
        (client_id, url, secret, json.dumps([event for event in EVENTS if event in events]), active),
    )


def remove_endpoint(market: Market, client_id: str) -> None:
    """What has not been delivered yet has failed."""
    with market.state.transaction() as db:
        db.execute("DELETE FROM webhook_endpoint WHERE client_id = ?", (client_id,))
        db.execute(
            "UPDATE webhook_delivery SET status = 'failed', due_ms = NULL"
            " WHERE client_id = ? AND status IN ('pending', 'held')",
            (client_id,),
        )


# What is to be said


def record(market: Market, faults: FaultRules, changes: list[sqlite3.Row]) -> None:
    """Turn changes into events and deliveries. Inside the transaction that forgets the changes."""
    endpoints = market.state.rows("SELECT * FROM webhook_endpoint WHERE active ORDER BY client_id")
    if not endpoints:
        return
    for change in changes:
        for event in events_of(market, change):
            listeners = [each for each in endpoints if _wants(market, each, event)]
            if listeners:
                stored = _store(market, event)
                for each in listeners:
                    _deliver(market, faults, each["client_id"], stored, event)


def _wants(market: Market, endpoint: sqlite3.Row, event: Event) -> bool:
    """An application hears of the accounts of all who have ever signed in through it."""
    if event.type not in json.loads(endpoint["events"]):
        return False
    found = market.state.row(
        "SELECT 1 FROM token WHERE client_id = ? AND (user_id = ?"
        " OR user_id IN (SELECT user_id FROM account_user WHERE account_id = ?)) LIMIT 1",
        endpoint["client_id"], event.user_id, None if event.user_id is not None else event.account_id,
    )  # fmt: skip
    return found is not None


def _store(market: Market, event: Event) -> int:
    row = market.state.row("SELECT coalesce(max(id), 0) + 1 AS id FROM webhook_event")
    number: int = row["id"] if row else 1
    event_id = f"evt_{key_of(market.seed, 'webhook', number):016x}"
    body = {
        "id": event_id,
        "type": event.type,
        "timestamp": iso(event.at_ms),
        "accountId": event.account_id,
        "data": {name: value for name, value in event.data.items() if value is not None},
    }
    return market.state.insert(
        "webhook_event",
        id=number, event_id=event_id, type=event.type, account_id=event.account_id, at_ms=event.at_ms,
        body=as_json(body),
    )  # fmt: skip


def _deliver(market: Market, faults: FaultRules, client_id: str, stored: int, event: Event) -> None:
    """Line it up, under the rules of /_control/faults. One that was held back comes right after the next one."""
    rule: MessageRule | None = faults.take_message("webhook", event.type, str(event.account_id))
    action = rule.action if rule else ""
    status = {"drop": "dropped", "reorder": "held"}.get(action, "pending")
    for _ in range(2 if action == "duplicate" else 1):
        line_up(market, client_id, stored, due_ms=event.at_ms, status=status)
    if status == "pending":
        for held in market.state.rows(
            "SELECT id FROM webhook_delivery WHERE client_id = ? AND status = 'held' ORDER BY place", client_id
        ):
            market.state.db.execute(
                "UPDATE webhook_delivery SET status = 'pending', due_ms = ?, place = ? WHERE id = ?",
                (event.at_ms, _next_place(market), held["id"]),
            )


def line_up(market: Market, client_id: str, stored: int, *, due_ms: int, status: str = "pending") -> int:
    return market.state.insert(
        "webhook_delivery",
        webhook_event_id=stored, client_id=client_id, place=_next_place(market), status=status,
        due_ms=None if status == "dropped" else due_ms,
    )  # fmt: skip


def _next_place(market: Market) -> int:
    row = market.state.row("SELECT coalesce(max(place), 0) + 1 AS place FROM webhook_delivery")
    return int(row["place"]) if row else 1


# When


def next_due(market: Market, client_id: str) -> sqlite3.Row | None:
    """The next delivery to attempt, with everything that is needed for it."""
    return market.state.row(
        "SELECT webhook_delivery.*, type, event_id, body, url, secret FROM webhook_delivery"
        " JOIN webhook_event ON webhook_event.id = webhook_event_id"
        " JOIN webhook_endpoint ON webhook_endpoint.client_id = webhook_delivery.client_id"
        " WHERE webhook_delivery.client_id = ? AND webhook_delivery.status = 'pending' AND due_ms <= ? AND active"
        " ORDER BY due_ms, place LIMIT 1",
        client_id,
        market.now_ms(),
    )


def close_attempt(
    market: Market, delivery: sqlite3.Row, *, status: int | None, problem: str | None, ms: float
) -> None:
    """Note what became of an attempt, and when to try again: counted from the moment at which it was due."""
    with market.state.transaction() as db:
        if market.state.row("SELECT 1 FROM webhook_delivery WHERE id = ?", delivery["id"]) is None:
            return  # a reset has come in between
        market.state.insert(
            "webhook_attempt", delivery_id=delivery["id"], at_ms=delivery["due_ms"], status=status, problem=problem,
            ms=round(ms, 1),
        )  # fmt: skip
        attempts = delivery["attempts"] + 1
        is_good = status is not None and 200 <= status < 300
        goes_on = not is_good and attempts <= len(RETRY_SECONDS)
        due_ms = delivery["due_ms"] + RETRY_SECONDS[attempts - 1] * 1000 if goes_on else None
        db.execute(
            "UPDATE webhook_delivery SET status = ?, attempts = ?, due_ms = ? WHERE id = ?",
            ("pending" if goes_on else "delivered" if is_good else "failed", attempts, due_ms, delivery["id"]),
        )


def redeliver(market: Market, delivery_id: int) -> int:
    """Say it once more, now: the same bytes under the same event id. Raises ValueError."""
    row = market.state.row("SELECT * FROM webhook_delivery WHERE id = ?", delivery_id)
    if row is None:
        raise ValueError(f"no such delivery: {delivery_id}")
    return line_up(market, row["client_id"], row["webhook_event_id"], due_ms=market.now_ms())


def list_endpoints(market: Market) -> list[dict[str, Any]]:
    return [
        {
            "client_id": row["client_id"],
            "url": row["url"],
            "events": json.loads(row["events"]),
            "active": bool(row["active"]),
        }
        for row in market.state.rows("SELECT * FROM webhook_endpoint ORDER BY client_id")
    ]


def list_deliveries(market: Market, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """Newest first, each with its attempts."""
    rows = market.state.rows(
        "SELECT webhook_delivery.*, event_id, type, account_id, at_ms, body FROM webhook_delivery"
        " JOIN webhook_event ON webhook_event.id = webhook_event_id"
        " ORDER BY webhook_delivery.id DESC LIMIT ? OFFSET ?",
        limit,
        offset,
    )
    return [
        {
            "id": row["id"],
            "event_id": row["event_id"],
            "type": row["type"],
            "account_id": row["account_id"],
            "client_id": row["client_id"],
            "status": row["status"],
            "at": iso(row["at_ms"]),
            "next_attempt": iso(row["due_ms"]) if row["due_ms"] is not None and row["status"] == "pending" else None,
            "attempts": [
                {"at": iso(each["at_ms"]), "status": each["status"], "problem": each["problem"], "ms": each["ms"]}
                for each in market.state.rows(
                    "SELECT * FROM webhook_attempt WHERE delivery_id = ? ORDER BY id", row["id"]
                )
            ],
            "body": row["body"],
        }
        for row in rows
    ]
