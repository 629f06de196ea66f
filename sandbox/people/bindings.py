"""Which user may use which account, and how far."""

from __future__ import annotations

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
