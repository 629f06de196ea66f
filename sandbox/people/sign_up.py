"""The development sign-up: a trading user by one call, a clearing account by another; nothing holds them together.

Source: the keys of the vendor's public demo (API fact sheet 8.5). Of what is said about a person only the name, the
address of mail and the end of the tax number are kept.
"""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime
from typing import Any

from sandbox.people.registration import Form, RegistrationRefused, register
from sandbox.seed import open_account
from sandbox.world import World

CLEARING_FIRM = "RQD"
MARGIN_TYPES = {"C": "Cash", "M": "Margin"}
REQUIRED = ("acct_type", "acct_name", "ssn", "contactf", "contactl", "email", "dob", "city", "zip", "country")
DATES = ("dob", "jt_mnr_dob")
WHOLE_NUMBERS = ("annual_inc", "net_worth_liq", "net_worth", "optn_level")


class ApplicationRefused(Exception):
    """`field` is the key that is missing or wrong."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field)
        self.field, self.text = field, text


def register_trader(world: World, content: dict[str, Any]) -> sqlite3.Row:
    """The trading user. Raises RegistrationRefused; a second call finds the name taken."""
    return register(world, Form({"Credentials": content.get("credentials"), "Name": content.get("name")}))


def open_clearing_account(world: World, content: dict[str, Any]) -> int:
    """The clearing account of the trading user with the same e-mail address; again is fine, and finds the same one.

    Raises ApplicationRefused for what is said, RegistrationRefused when there is no such user.
    """
    said = {str(name).lower(): str(value).strip() for name, value in content.items() if value is not None}
    _check(said)
    user = world.state.row("SELECT * FROM user WHERE email = ?", said["email"])
    if user is None:
        raise RegistrationRefused("UserManagerRules", ["There is no trading user with this e-mail address."])
    ssn_end = re.sub(r"\D", "", said["ssn"])[-4:]
    kind = said["acct_type"].upper()
    known = world.state.row(
        "SELECT * FROM clearing_application WHERE user_id = ? AND account_type = ?", user["id"], kind
    )
    if known is not None:
        if known["ssn_end"] != ssn_end:
            raise RegistrationRefused("UserManagerRules", ["Another tax number is on file."])
        account_id: int = known["account_id"]
        return account_id
    with world.state.transaction():
        account_id = open_account(
            world.market, user["id"], margin_type=MARGIN_TYPES[kind], clearing_firm=CLEARING_FIRM,
            option_level=int(said.get("optn_level") or 0),
        )  # fmt: skip
        world.state.insert(
            "clearing_application", user_id=user["id"], account_type=kind, account_id=account_id, ssn_end=ssn_end
        )
    return account_id


def end_of_ssn(world: World, account_id: int) -> str | None:
    """The last four digits of the tax number, where one was given."""
    row = world.state.row("SELECT ssn_end FROM clearing_application WHERE account_id = ?", account_id)
    return row["ssn_end"] if row else None


def _check(said: dict[str, str]) -> None:
    for name in REQUIRED:
        if not said.get(name):
            raise ApplicationRefused(name, f"{name} is required")
    if said["acct_type"].upper() not in MARGIN_TYPES:
        raise ApplicationRefused("acct_type", "acct_type is C or M")
    if said.get("acct_no"):
        raise ApplicationRefused("acct_no", "acct_no is assigned by clearing")
    if not re.fullmatch(r"\d{3}-?\d{2}-?\d{4}", said["ssn"], re.ASCII):
        raise ApplicationRefused("ssn", "ssn has nine digits")
    for name in DATES:
        if said.get(name) and not _is_date(said[name]):
            raise ApplicationRefused(name, f"{name} is a date as MM/dd/yyyy")
    for name in WHOLE_NUMBERS:
        if said.get(name) and not re.fullmatch(r"\d{1,9}", said[name], re.ASCII):
            raise ApplicationRefused(name, f"{name} is a whole number")


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%m/%d/%Y")  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        return False
    return True
