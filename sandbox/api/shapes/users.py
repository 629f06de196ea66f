"""Users, their addresses, and what they are asked to sign."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.clock import iso


def user_info(user: sqlite3.Row) -> dict[str, Any]:
    fields = {
        "UserId": user["id"],
        "Login": user["login"],
        "FirstName": user["first_name"],
        "MiddleName": user["middle_name"],
        "LastName": user["last_name"],
        "Email": user["email"],
        "Role": user["administrator"],
        "AddedDate": iso(user["added_ms"]),
        "Salutation": user["salutation"],
        "Suffix": user["suffix"],
        "DateOfBirth": iso(user["birth_ms"]) if user["birth_ms"] is not None else None,
    }
    return without_nulls(fields)


def user_model(user: sqlite3.Row) -> dict[str, Any]:
    """What an update of the profile answers: the same person under partly other names."""
    fields = {
        "Id": user["id"],
        "FirstName": user["first_name"],
        "Middle": user["middle_name"],
        "LastName": user["last_name"],
        "EmailAddress": user["email"],
        "Address": address(user),
        "Login": user["login"],
        "Salutation": user["salutation"],
        "Suffix": user["suffix"],
        "AddedDate": iso(user["added_ms"]),
        "Enabled": bool(user["enabled"]),
        "Deleted": False,
        "TimeZoneInfoId": user["time_zone"],
        "ExpirationDate": iso(None),
        "PhoneNumber": user["phone"],
    }
    return without_nulls(fields)


def address(user: sqlite3.Row) -> dict[str, Any]:
    fields = {
        "StreetAddress1": user["street"],
        "StreetAddress2": user["street2"],
        "City": user["city"],
        "State": user["state_id"],
        "PostalCode": user["postal_code"],
        "CountryId": user["country_id"],
    }
    return without_nulls(fields)


def agreement(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "Id": row["id"],
        "Type": row["type"],
        "Title": row["title"],
        "CanSkip": bool(row["can_skip"]),
        "Version": row["version"],
    }
