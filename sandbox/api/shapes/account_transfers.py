"""Accounts that come from another broker."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.api.answers import without_nulls
from sandbox.clock import iso


def account_transfer(row: sqlite3.Row, initiator: sqlite3.Row, history: list[sqlite3.Row]) -> dict[str, Any]:
    """The form for ACATS (`TifId`) exists from the moment at which ACATS has the request."""
    control_number = row["control_number"]
    return without_nulls(
        {
            "Id": row["id"],
            "CreatedAt": iso(row["created_ms"]),
            "AccountProvider": row["provider"],
            "FromAccount": row["from_account"],
            "ToAccount": str(row["account_id"]),
            "InitiatedBy": initiator["login"],
            "AcceptedBy": row["accepted_by"],
            "Type": row["type"],
            "TifId": str(uuid5(NAMESPACE_URL, f"autoshares-sandbox/tif/{row['id']}")) if control_number else None,
            "AcatsControlNumber": control_number,
            "FormDataReference": row["form_data"],
            "Status": row["status"],
            "History": [_event(event) for event in history],
            "ParticipantImageURL": row["image_url"],
            "TransferInitiator": {
                "FirstName": initiator["first_name"],
                "LastName": initiator["last_name"],
                "Login": initiator["login"],
            },
            "PartialTransferProperties": json.loads(row["partial"], parse_float=Decimal) if row["partial"] else None,
        }
    )


def _event(row: sqlite3.Row) -> dict[str, Any]:
    return without_nulls(
        {
            "RequestId": row["transfer_id"],
            "CreatedAt": iso(row["at_ms"]),
            "Status": row["status"],
            "ChangedBy": row["changed_by"],
            "Comment": row["comment"],
        }
    )
