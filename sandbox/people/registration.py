"""Joining: the form that the company asks for, and what has to be right about it (API fact sheet 8.1, 8.2)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.people.confirmations import SecretRefused, issue_mail_code
from sandbox.people.mail import send_mail
from sandbox.people.passwords import QUESTIONS, check_new_password
from sandbox.seed import add_user, assign_agreements
from sandbox.world import World

LONGEST_TEXT = 200
SUFFIXES = ("NoSuffix", "Jr", "Sr", "Second", "Third", "Fourth")
# The position of a state in this list is its number in addresses.
STATES = (
    "Unknown", "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
    "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK",
    "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC", "PR",
)  # fmt: skip
COUNTRIES = (
    "Unknown", "UnitedStates", "Canada", "Mexico", "UnitedKingdom", "Ireland", "Germany", "France", "Spain", "Italy",
    "Netherlands", "Switzerland", "Japan", "China", "India", "Brazil", "Australia",
)  # fmt: skip

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{2,63}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a unit; `options` are all it may say, `numbered` gives each number its words."""

    name: str
    required: bool = False
    options: tuple[str, ...] = ()
    numbered: Mapping[int, str] | None = None


UNITS: dict[str, tuple[Field, ...]] = {
    "Credentials": (Field("Login", True), Field("Email", True), Field("Password", True)),
    "Name": (
        Field("FirstName", True), Field("LastName", True), Field("MiddleName"), Field("Suffix", options=SUFFIXES),
    ),
    "Address": (Field("AddressFirst"), Field("AddressSecond")),
    "City": (Field("CityName"),),
    "Location": (Field("Country", options=COUNTRIES), Field("State", options=STATES)),
    "PostalCode": (Field("Code"),),
    "PrimaryPhone": (Field("PhoneNumber"),),
    "SecondaryPhone": (Field("PhoneNumber"),),
    "SecretQuestion": (Field("Id", numbered=QUESTIONS), Field("Answer")),
    "Employer": tuple(
        Field(name)
        for name in (
            "Name", "Title", "Occupation", "Functions", "Address", "City", "StateCode", "ZipCode", "CountryCode",
        )
    ),
}  # fmt: skip


class RegistrationRefused(Exception):
    """What is wrong, in sentences, and the vendor's word for the kind of it."""

    def __init__(self, reason: str, errors: list[str]) -> None:
        super().__init__(reason)
        self.reason, self.errors = reason, errors


class Form:
    """A filled-in form: units and fields match in any case, as in the vendor's framework."""

    def __init__(self, raw: Any) -> None:
        units = _lower_keys(raw)
        self._said = {name: _lower_keys(units.get(name.lower())) for name in UNITS}

    def get(self, unit: str, field: str) -> Any:
        """What was said, texts without blanks around them; None for nothing."""
        value = self._said[unit].get(field.lower())
        if isinstance(value, str):
            return value.strip() or None
        return value

    def problems(self) -> list[str]:
        return [
            problem
            for unit, fields in UNITS.items()
            for field in fields
            if (problem := _problem(field, self.get(unit, field.name)))
        ]


def _lower_keys(raw: Any) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in raw.items()} if isinstance(raw, dict) else {}


def _problem(field: Field, said: Any) -> str | None:
    if said is None:
        return f"{field.name} was not set." if field.required else None
    if field.numbered is not None:
        return None if type(said) is int and said in field.numbered else f"{field.name} is not one of the options."
    if not isinstance(said, str) or len(said) > LONGEST_TEXT:
        return f"{field.name} is not valid."
    if field.options and said not in field.options:
        return f"{field.name} is not one of the options."
    check = _CHECKS.get(field.name)
    return f"{field.name} is not valid." if check and not check(said) else None


_CHECKS: dict[str, Callable[[str], object]] = {"Email": _EMAIL.fullmatch, "Login": _LOGIN.fullmatch}


def register(world: World, form: Form) -> sqlite3.Row:
    """Make a user of a form, mail a link to confirm the address; the user. Raises RegistrationRefused."""
    if problems := form.problems():
        raise RegistrationRefused("SchemaValidationFail", problems)
    login, email = form.get("Credentials", "Login"), form.get("Credentials", "Email")
    _refuse_taken(world, login, email)
    try:
        check_new_password(form.get("Credentials", "Password"), login=login, email=email)
    except SecretRefused as refused:
        raise RegistrationRefused("PolicyFail", [refused.text]) from None
    with world.state.transaction() as db:
        user_id = add_user(
            world.state, email, login=login, password=form.get("Credentials", "Password"),
            first_name=form.get("Name", "FirstName"), last_name=form.get("Name", "LastName"),
            at_ms=world.market.now_ms(),
        )  # fmt: skip
        columns = _columns(form)
        sets = ", ".join(f"{name} = ?" for name in columns)  # names are those of our own code
        db.execute(f"UPDATE user SET {sets} WHERE id = ?", (*columns.values(), user_id))  # noqa: S608
        outstanding = world.state.rows("SELECT id FROM agreement WHERE current AND type = 'PlatformAgreement'")
        assign_agreements(world.state, user_id, [row["id"] for row in outstanding])
        _send_link(world, user_id, email)
    user = world.state.row("SELECT * FROM user WHERE id = ?", user_id)
    assert user is not None  # noqa: S101 - inserted just now
    return user


def _refuse_taken(world: World, login: str, email: str) -> None:
    """Names and addresses are each other's namesakes: one person must not sign in under the other's."""
    errors = [
        f"{what} is already used."
        for what, name in (("Login", login), ("Email", email))
        if world.state.row("SELECT 1 FROM user WHERE login = ? OR email = ?", name, name)
    ]
    if errors:
        raise RegistrationRefused("UserManagerRules", errors)


def _columns(form: Form) -> dict[str, Any]:
    country, state = form.get("Location", "Country"), form.get("Location", "State")
    return {
        "middle_name": form.get("Name", "MiddleName"),
        "suffix": form.get("Name", "Suffix") or "NoSuffix",
        "street": form.get("Address", "AddressFirst"),
        "street2": form.get("Address", "AddressSecond"),
        "city": form.get("City", "CityName"),
        "country_id": COUNTRIES.index(country) if country else None,
        "state_id": STATES.index(state) if state else None,
        "postal_code": form.get("PostalCode", "Code"),
        "phone": form.get("PrimaryPhone", "PhoneNumber"),
        "question_id": form.get("SecretQuestion", "Id"),
        "answer": form.get("SecretQuestion", "Answer"),
        "email_confirmed": 0,
    }


def _send_link(world: World, user_id: int, email: str) -> None:
    code = issue_mail_code(world, user_id, "UserActivation")
    text = f"Welcome. Confirm your address: {world.base_url}/confirm/{code}"
    send_mail(world, email, "Activation", subject="Confirm your address", text=text)
