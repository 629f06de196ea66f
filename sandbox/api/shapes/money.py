"""Bank links and transfers."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.clock import iso


def bank_link(row: sqlite3.Row) -> dict[str, Any]:
    return without_nulls(
        {
            "Id": row["id"],
            "AccountId": row["account_id"],
            "ExternalId": f"ACH{row['number']:08d}",
            "RoutingNumber": row["routing_number"],
            "AccountNumber": row["account_number"],
            "DisplayAccountNumber": "•" * 6 + row["account_number"][-4:],
            "AccountOwnerName": row["owner_name"],
            "Name": row["name"],
            "Status": row["status"],
            "ApprovalMethod": row["approval_method"],
            "BankAccountType": row["bank_account_type"],
            "Default": bool(row["is_default"]),
            "CreatedAt": iso(row["create_ms"]),
            "CancelDate": iso(row["cancel_ms"]) if row["cancel_ms"] is not None else None,
            "CancelReason": row["cancel_reason"],
        }
    )
