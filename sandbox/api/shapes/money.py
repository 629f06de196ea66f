"""Bank links and transfers."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.clock import iso
from sandbox.exchange.money import ZERO
from sandbox.money.ira import CLOSING_FEE, CONTRIBUTIONS, DISTRIBUTIONS


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


def transfer(row: sqlite3.Row) -> dict[str, Any]:
    """`TotalAmount` is 0 and there is no `TransferDate` until it is complete."""
    is_complete = row["status"] == "Complete"
    total = row["amount"] if row["is_deposit"] else row["amount"] + row["fee"]
    return without_nulls(
        {
            "Id": row["id"],
            "AccountId": row["account_id"],
            "ExternalId": f"TRF{row['number']:08d}",
            "ClearingAccountNumber": str(row["account_id"]),
            "Mechanism": row["mechanism"],
            "IsDeposit": bool(row["is_deposit"]),
            "Status": row["status"],
            "Amount": row["amount"],
            "TotalAmount": total if is_complete else ZERO,
            "Comment": row["comment"],
            "CreatedAt": iso(row["create_ms"]),
            "TransferDate": iso(row["completes_ms"]) if is_complete else None,
            "CreatedBy": row["created_by"],
        }
    )


def fee(mechanism: str, amount: Decimal) -> dict[str, Any]:
    return {
        "Type": mechanism.upper(),
        "CustomerDebitAmount": amount,
        "FirmCreditAmount": amount,
        "CorrespondentNetAmount": ZERO,
    }


def transfer_details(row: sqlite3.Row) -> dict[str, Any]:
    """Camel case, unlike everything else (API fact sheet A.5). In a wire `recipient` is the bank that gets it,
    `intermediary` one in between, `beneficiary` who is meant."""
    told = transfer(row)
    return {
        "transferId": row["id"],
        "amount": row["amount"],
        "actualAmount": told["TotalAmount"],
        "isDeposit": told["IsDeposit"],
        "status": row["status"],
        "createdAt": told["CreatedAt"],
    } | json.loads(row["details"], parse_float=Decimal)


def ira_constraints(*, is_retirement: bool, is_deposit: bool, this_year_only: bool) -> dict[str, Any]:
    """What a retirement account may give as a reason; nothing for other accounts. Reasons tell whether the year before
    can be named, or whether tax is withheld."""
    fields: dict[str, Any] = {"IsRetirementAccount": is_retirement}
    if not is_retirement:
        return fields
    if is_deposit:
        return fields | {
            "ContributionConstraints": {
                "OnlyAllowCurrentYearContribution": this_year_only,
                "ValidContributions": [
                    {"Reason": reason, "PreviousYearContributionAllowed": allowed}
                    for reason, allowed in CONTRIBUTIONS.items()
                ],
            }
        }
    return fields | {
        "DistributionConstraints": {
            "TotalDistributionAllowed": True,
            "ClosingFee": fee("CLOSING", CLOSING_FEE),
            "ValidDistributionReasons": {
                reason: {"WithholdingEnabled": withheld, "StateWithholdingEnabled": withheld}
                for reason, withheld in DISTRIBUTIONS.items()
            },
        }
    }
