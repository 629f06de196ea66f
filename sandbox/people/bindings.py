"""Which user may use which account, and how far."""

from __future__ import annotations

import sqlite3

from sandbox.state import State

ACCESS_TYPES = ("Full", "ReadOnly", "ClosePositionsOnly", "Owner")


def is_administrator(state: State, user_id: int) -> bool:
    row = state.row("SELECT administrator FROM user WHERE id = ?", user_id)
    return row is not None and bool(row["administrator"])


def access_of(state: State, account_id: int, user_id: int) -> str | None:
    """One of ACCESS_TYPES, or None. An administrator has full access to all accounts."""
    row = state.row("SELECT access_type FROM account_user WHERE account_id = ? AND user_id = ?", account_id, user_id)
    if row is not None:
        found: str = row["access_type"]
        return found
    return "Full" if is_administrator(state, user_id) else None


def bind(state: State, account_id: int, user_id: int, access_type: str) -> None:
    """Let a user into an account, or change how far; an alias stays."""
    state.db.execute(
        "INSERT INTO account_user (account_id, user_id, access_type) VALUES (?, ?, ?)"
        " ON CONFLICT (account_id, user_id) DO UPDATE SET access_type = excluded.access_type",
        (account_id, user_id, access_type),
    )


def unbind(state: State, account_id: int, user_id: int) -> None:
    """The user is out; one who was never in stays so. A selection of the account goes with it."""
    with state.transaction() as db:
        db.execute("DELETE FROM account_user WHERE account_id = ? AND user_id = ?", (account_id, user_id))
        db.execute(
            "UPDATE user SET selected_account = NULL WHERE id = ? AND selected_account = ?", (user_id, account_id)
        )


def users_of(state: State, account_id: int) -> list[sqlite3.Row]:
    """Who may use an account: users with their access type."""
    return state.rows(
        "SELECT user.*, access_type FROM user JOIN account_user ON user_id = user.id WHERE account_id = ?"
        " ORDER BY user.id",
        account_id,
    )


def owners_of(state: State, account_id: int) -> list[sqlite3.Row]:
    return [user for user in users_of(state, account_id) if user["access_type"] == "Owner"]


def owner_of(state: State, account_id: int) -> sqlite3.Row | None:
    return next(iter(owners_of(state, account_id)), None)


def name_account(state: State, account_id: int, user_id: int, alias: str | None) -> None:
    """What one user calls the account; None takes the name away."""
    state.db.execute(
        "UPDATE account_user SET alias = ? WHERE account_id = ? AND user_id = ?", (alias, account_id, user_id)
    )
