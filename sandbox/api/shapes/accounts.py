"""Accounts and their opening records."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.api.answers import without_nulls
from sandbox.api.shapes.users import user_info
from sandbox.clock import iso
from sandbox.exchange.balances import Worth, balance_map
from sandbox.exchange.money import ZERO
from sandbox.people.account_requests import PAPER, PROVIDERS
from sandbox.people.equity_curve import Point

# Who borrows needs as much equity, in USD. Source: FINRA rule 4210(b).
LEAST_MARGIN_EQUITY = Decimal(2000)


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


def account(row: sqlite3.Row, owner: sqlite3.Row | None, worth: Worth, ssn_end: str | None) -> dict[str, Any]:
    """`ssn_end`: the last digits of a tax number, which is never shown whole."""
    ssn = None if ssn_end is None else f"***-**-{ssn_end}"
    return without_nulls(_standing(row) | _money(row, worth) | _holder(owner) | {"SSN": ssn})


def _standing(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "Id": row["id"],
        "ClearingAccount": str(row["id"]),
        "AccountName": str(row["id"]),
        "Enabled": bool(row["enabled"]),
        "Status": row["status"],
        "CreatedDate": iso(row["created_ms"]),
        "ModifiedDate": iso(row["created_ms"]),
        "IsChanged": False,
        "FixedAccountType": False,
        "SkipClearing": row["clearing_firm"] == PAPER,
        "IsSolicitedAccount": False,
        "MarginType": row["margin_type"],
        "OwnerType": row["owner_type"],
        "Permissions": "AllowTrade",
        "OptionLevel": row["option_level"],
        "Currency": "USD",
        "ClearingFirm": row["clearing_firm"],
        "CommissionPlan": "Standard",
        "MarginInterestRate": ZERO,
        "CashInterestRate": ZERO,
        "SubscriptionPlanId": 0,
        "AdditionalInfo": {},
        "IsAverageAccount": False,
    }


def _money(row: sqlite3.Row, worth: Worth) -> dict[str, Any]:
    """Amounts in USD. Calls are what has to be paid in: nothing, as long as the account carries what it holds."""
    debt = max(-worth.cash, ZERO)
    maintenance_call = max(worth.maintenance - worth.equity, ZERO)
    return {
        "Cash": worth.cash,
        "BaseCash": worth.base,
        "UnsettledCash": worth.unsettled,
        "AvailableToWithdraw": worth.withdrawable,
        "EquityTotal": worth.equity,
        "CloseEquity": worth.equity - worth.change,
        "ExcessEquity": worth.excess,
        "MarginEquity": debt,
        "TradeDayBalance": debt,
        "MarketValue": worth.market_value,
        "OpenPL": worth.open_pl,
        "DayTradingBuyingPower": worth.day_trading_power,
        "DayTrades": worth.day_trades,
        "OpenPLPercent": balance_map(worth)["openPLPercent"],
        "MaintenanceCall": maintenance_call,
        "HouseCall": maintenance_call,
        "NewHouseCall": ZERO,
        "EquityCall": max(LEAST_MARGIN_EQUITY - worth.equity, ZERO) if debt else ZERO,
        "InitialCall": ZERO,
        "DayTradeCall": ZERO,
        "CashCall": debt if row["margin_type"] == "Cash" else ZERO,
        "Sweep": ZERO,
        "MoneyMarket": ZERO,
    }


def _holder(owner: sqlite3.Row | None) -> dict[str, Any]:
    if owner is None:
        return {}
    return {
        "AccountHolder": f"{owner['first_name']} {owner['last_name']}",
        "FirstName": owner["first_name"],
        "MiddleName": owner["middle_name"],
        "LastName": owner["last_name"],
        "DateOfBirth": None if owner["birth_ms"] is None else iso(owner["birth_ms"]),
        "Login": owner["login"],
        "Email": owner["email"],
        "Phone": owner["phone"],
        "UserId": owner["id"],
    }


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
