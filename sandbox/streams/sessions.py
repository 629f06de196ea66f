"""Stream sessions: one per access token and server, dead with the token. They live by the real clock."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from uuid import uuid4

from sandbox.clock import wall_ms
from sandbox.state import State

KINDS = ("data", "quote")  # in the order of the numbers that /streamers/session/recover takes
RECOVERY_MS = 60_000

Subscription = tuple[str, str]  # entity type and key


def session_of(state: State, *, user_id: int, token_hash: str, kind: str) -> str:
    """The id of this token's session at a server; a new one when there is none yet."""
    row = state.row("SELECT id FROM stream_session WHERE token_hash = ? AND kind = ?", token_hash, kind)
    if row is not None:
        return str(row["id"])
    with state.transaction() as db:
        db.execute("DELETE FROM stream_session WHERE token_hash NOT IN (SELECT hash FROM token WHERE NOT revoked)")
        session_id = str(uuid4())
        state.insert("stream_session", id=session_id, kind=kind, user_id=user_id, token_hash=token_hash)
    return session_id


def recover_session(state: State, *, user_id: int, token_hash: str, kind: str) -> tuple[str, str]:
    """The old id of this token's session, which is dead now, and the new one. What it had subscribed to is kept for a
    minute after its connection was lost."""
    session_id = session_of(state, user_id=user_id, token_hash=token_hash, kind=kind)
    renewed = str(uuid4())
    state.db.execute(
        "UPDATE stream_session SET id = ?, recovered = 1, dropped_ms = coalesce(dropped_ms, ?) WHERE id = ?",
        (renewed, wall_ms(), session_id),
    )
    return session_id, renewed


def find_session(state: State, *, kind: str, user: str, password: str) -> sqlite3.Row | None:
    """The living session of `User={user id or name}:{session id}` and `Password={session id}` at this server."""
    name, _, session_id = user.rpartition(":")
    if session_id != password:
        return None
    return state.row(
        "SELECT stream_session.* FROM stream_session JOIN token ON hash = token_hash JOIN user ON user.id ="
        " stream_session.user_id WHERE stream_session.id = ? AND stream_session.kind = ? AND NOT revoked"
        " AND expires_ms > ? AND ? IN (CAST(user.id AS TEXT), login, email)",
        session_id, kind, wall_ms(), name,
    )  # fmt: skip


def take_up(state: State, session: sqlite3.Row) -> list[Subscription]:
    """Note that a connection has taken up this session; what is to be subscribed to again at once."""
    is_fresh = session["dropped_ms"] is not None and wall_ms() - session["dropped_ms"] <= RECOVERY_MS
    wanted = json.loads(session["subscriptions"]) if session["recovered"] and is_fresh else []
    state.db.execute(
        "UPDATE stream_session SET recovered = 0, dropped_ms = NULL, subscriptions = '[]' WHERE id = ?",
        (session["id"],),
    )
    return [(entity, key) for entity, key in wanted]


def remember(state: State, session_id: str, subscriptions: Iterable[Subscription]) -> None:
    state.db.execute(
        "UPDATE stream_session SET subscriptions = ? WHERE id = ?", (json.dumps(list(subscriptions)), session_id)
    )


def drop(state: State, session_id: str) -> None:
    """The connection is lost. A session that was recovered in the meantime has another id."""
    state.db.execute("UPDATE stream_session SET dropped_ms = ? WHERE id = ?", (wall_ms(), session_id))


def drop_all(state: State) -> None:
    """No connection outlives the process."""
    state.db.execute("UPDATE stream_session SET dropped_ms = ? WHERE dropped_ms IS NULL", (wall_ms(),))


def living_sessions(state: State) -> set[str]:
    rows = state.rows(
        "SELECT id FROM stream_session JOIN token ON hash = token_hash WHERE NOT revoked AND expires_ms > ?", wall_ms()
    )
    return {row["id"] for row in rows}
