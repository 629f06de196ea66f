"""Users and what they are asked to sign."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.clock import iso


def user_info(user: sqlite3.Row) -> dict[str, Any]:
    return {
        "UserId": user["id"],
        "Login": user["login"],
        "FirstName": user["first_name"],
        "LastName": user["last_name"],
        "Email": user["email"],
        "Role": 0,
        "AddedDate": iso(user["added_ms"]),
        "Salutation": "NoSalutation",
        "Suffix": "NoSuffix",
    }


def agreement(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "Id": row["id"],
        "Type": row["type"],
        "Title": row["title"],
        "CanSkip": bool(row["can_skip"]),
        "Version": row["version"],
    }
