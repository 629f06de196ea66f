"""Requests to open an account."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.clock import iso


def account_request(row: sqlite3.Row) -> dict[str, Any]:
    """`row` joins account_request and user."""
    fields = {
        "Id": row["id"],
        "UserId": str(row["user_id"]),
        "Email": row["email"],
        "ClientName": f"{row['first_name']} {row['last_name']}",
        "Status": row["status"],
        "RequestType": "Open",
        "FormType": row["form_type"],
        "FormDataReference": row["form_data"],
        "AccountNumber": str(row["account_id"]) if row["account_id"] is not None else None,
        "AccountProvider": row["provider"],
        "AccountOpeningProviderName": row["provider_name"],
        "AccountCustomerType": "Individual",
        "Comment": row["comment"],
        "CreatedAt": iso(row["created_ms"]),
    }
    return without_nulls(fields)


def account_request_version(row: sqlite3.Row) -> dict[str, Any]:
    return without_nulls(
        {
            "Status": row["status"],
            "Comment": row["comment"],
            "MadeBy": row["made_by"],
            "CreatedAt": iso(row["at_ms"]),
        }
    )
