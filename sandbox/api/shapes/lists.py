"""Watchlists and price alerts."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.api.shapes.securities import LISTED
from sandbox.clock import NO_DATE, iso
from sandbox.exchange.options import expiration_of, series_id, underlying_of
from sandbox.exchange.securities import Security
from sandbox.lists.watchlists import Watchlist


def watchlist(found: Watchlist, *, with_securities: bool) -> dict[str, Any]:
    """`ReadOnly` is false even for system lists, as in the vendor's samples; changing one is refused all the same."""
    return without_nulls(
        {
            "Id": found.id,
            "Name": found.name,
            "Type": "SystemList" if found.source else "UserList",
            "Source": found.source,
            "CreateDate": iso(found.create_ms),
            "ModifyDate": iso(found.modify_ms) if found.modify_ms is not None else None,
            "ReadOnly": False,
            "SecurityList": [member(security) for security in found.securities] if with_securities else None,
        }
    )


def member(security: Security) -> dict[str, Any]:
    """A security as a member of a list; -1 and the zero date stand for what only options have."""
    return {
        "Id": security.id,
        "Symbol": security.symbol,
        "Description": security.name,
        "Exchange": security.mic,
        "Currency": "USD",
        "AddedDate": LISTED,
        "ModifyDate": LISTED,
        "Type": security.type,
        "Source": 0,
        "ParentId": -1,
        "OptionType": "Undefined",
        "ExpirationType": "Undefined",
        "ExpirationDate": NO_DATE,
        "StrikePrice": 0,
        "SeriesId": -1,
        "ContractSize": security.contract_size,
        "Industry": security.industry,
        "Precision": security.precision,
        "VolumePrecision": 0,
        "TickSize": security.tick,
    } | (_contract(security) if security.is_option else {})


def _contract(option: Security) -> dict[str, Any]:
    underlying, expiration = underlying_of(option), expiration_of(option)
    return {
        "ParentId": underlying.id,
        "OptionType": option.option_type,
        "ExpirationType": expiration.kind,
        "ExpirationDate": f"{expiration.day.isoformat()}T00:00:00Z",
        "StrikePrice": option.strike,
        "SeriesId": series_id(underlying, expiration),
        "UnderlyingSecuritySymbol": underlying.symbol,
    }


def price_alert(row: sqlite3.Row) -> dict[str, Any]:
    """Moments are Unix seconds here."""
    return {
        "Id": row["id"],
        "State": row["state"],
        "CreatedDate": row["created_ms"] // 1000,
        "Operator": row["operator"],
        "SecurityId": row["security_id"],
        "Symbol": row["symbol"],
        "Field": row["field"],
        "Argument": row["argument"],
        "ExpirationDate": row["expires_ms"] // 1000,
    }
