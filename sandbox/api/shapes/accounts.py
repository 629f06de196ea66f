"""Accounts and their opening records."""

from __future__ import annotations

import json
import sqlite3
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.api.answers import without_nulls
from sandbox.api.shapes.users import user_info
from sandbox.clock import iso
from sandbox.exchange.balances import Worth
from sandbox.people.account_requests import PAPER, PROVIDERS
from sandbox.people.equity_curve import Point


def user_account(row: sqlite3.Row, owners: list[sqlite3.Row]) -> dict[str, Any]:
    """`row` joins account and account_user."""
    return without_nulls(
        {
            "Id": row["id"],
            "ClearingAccount": str(row["id"]),
            "AccessType": row["access_type"],
            "Alias": row["alias"],
            "ClearingFirm": row["clearing_firm"],
            "IsAverageAccount": False,
            "Owners": [user_info(owner) for owner in owners],
            "MarginType": row["margin_type"],
            "OwnerType": row["owner_type"],
            "Enabled": bool(row["enabled"]),
            "Currency": "USD",
        }
    )


def account(row: sqlite3.Row, owner: sqlite3.Row | None, worth: Worth) -> dict[str, Any]:
    fields = {
        "Id": row["id"],
        "ClearingAccount": str(row["id"]),
        "AccountName": str(row["id"]),
        "Enabled": bool(row["enabled"]),
        "Status": row["status"],
        "CreatedDate": iso(row["created_ms"]),
        "ModifiedDate": iso(row["created_ms"]),
        "MarginType": row["margin_type"],
        "OwnerType": row["owner_type"],
        "Permissions": "AllowTrade",
        "OptionLevel": row["option_level"],
        "Currency": "USD",
        "ClearingFirm": row["clearing_firm"],
        "IsAverageAccount": False,
        "Cash": worth.cash,
        "BaseCash": worth.base,
        "UnsettledCash": worth.unsettled,
        "AvailableToWithdraw": worth.withdrawable,
        "EquityTotal": worth.equity,
        "CloseEquity": worth.equity - worth.change,
        "ExcessEquity": worth.excess,
        "MarketValue": worth.market_value,
        "OpenPL": worth.open_pl,
        "DayTradingBuyingPower": worth.day_trading_power,
        "DayTrades": worth.day_trades,
    }
    if owner is not None:
        fields |= {
            "AccountHolder": f"{owner['first_name']} {owner['last_name']}",
            "FirstName": owner["first_name"],
            "LastName": owner["last_name"],
            "Login": owner["login"],
            "Email": owner["email"],
            "UserId": owner["id"],
        }
    return fields


def account_details(row: sqlite3.Row, owner: sqlite3.Row | None, request: sqlite3.Row | None) -> dict[str, Any]:
    """The opening record; `request` is the one by which the account was opened, if it was by one."""
    opening_id = uuid5(NAMESPACE_URL, f"autoshares-sandbox/accounts/{row['id']}")
    provider = row["clearing_firm"]
    return without_nulls(
        {
            "Id": request["id"] if request else str(opening_id),
            "CreatedAt": iso(row["created_ms"]),
            "ClearingAccountNumber": str(row["id"]),
            "AccountProvider": provider if provider in PROVIDERS else "None",
            "FormType": request["form_type"] if request else "Direct",
            "FormDataReference": request["form_data"] if request else _form_data(row),
            "User": str(owner["id"]) if owner else None,
            "IsOpened": bool(row["enabled"]),
            "CustomerType": "Ira" if row["owner_type"].startswith("IRA") else "Individual",
            "AdditionalInfo": {},
        }
    )


def _form_data(row: sqlite3.Row) -> str | None:
    """What is chosen when a paper account is opened, as JSON."""
    return json.dumps({"marginType": row["margin_type"]}) if row["clearing_firm"] == PAPER else None


def relation(user: sqlite3.Row, access_type: str) -> dict[str, Any]:
    return {"UserModel": user_info(user), "AccountAccessType": access_type}


def value_item(point: Point) -> dict[str, Any]:
    return {"Date": f"{point.day.isoformat()}T00:00:00Z", "Value": point.value}
