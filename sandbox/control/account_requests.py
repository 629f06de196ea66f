"""Requests for accounts, decided from outside: as the broker's administrator, or as the clearing firm."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.people.account_requests import StepNotPossible, find_request, take_step
from sandbox.world import World

SHOWN = 200
STEPS = {
    ("administrator", "approve"): "approve",
    ("administrator", "reject"): "reject",
    ("clearing", "approve"): "approve by clearing",
    ("clearing", "reject"): "reject by clearing",
}


def list_requests(world: World) -> list[dict[str, Any]]:
    """The latest, newest first, without what the applicants have filled in."""
    rows = world.state.rows(
        "SELECT account_request.*, email FROM account_request JOIN user ON user.id = user_id"
        " ORDER BY number DESC LIMIT ?",
        SHOWN,
    )
    return [_draw(row) for row in rows]


def _draw(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "email": row["email"],
        "status": row["status"],
        "provider": row["provider"],
        "form_type": row["form_type"],
        "account": row["account_id"],
        "comment": row["comment"],
    }


def decide_request(world: World, raw: dict[str, Any]) -> dict[str, Any]:
    """{"id", "by": "administrator" | "clearing", "decision": "approve" | "reject", "comment"}. Raises ValueError."""
    if unknown := set(raw) - {"id", "by", "decision", "comment"}:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    step = STEPS.get((raw.get("by"), raw.get("decision")))  # type: ignore[arg-type]
    if step is None:
        raise ValueError("by is administrator or clearing, decision is approve or reject")
    request_id, comment = str(raw.get("id", "")), raw.get("comment")
    request = find_request(world, request_id)
    if request is None:
        raise ValueError(f"no such request: {request_id}")
    try:
        take_step(world, request, step, made_by=str(raw["by"]), comment=None if comment is None else str(comment))
    except StepNotPossible as status:
        raise ValueError(f"the request is {status}") from None
    decided = find_request(world, request_id)
    assert decided is not None  # noqa: S101 - it was there before
    return _draw(decided)
