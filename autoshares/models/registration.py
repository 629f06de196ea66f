"""Becoming a user, and asking for a trading account. Everything personal stays out of `repr`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from ..enums import AccountProvider, FormType, NameSuffix
from ..wire import Fields, given


@dataclass(frozen=True)
class FormField:
    """`options` are the words to choose from, with what to show for each; empty: free text."""

    name: str
    is_required: bool
    options: Mapping[str, str]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        options = fields.text_map("OptionsWithId") or {word: word for word in fields.texts("Options")}
        return cls(fields.text("FieldName"), fields.flag("Required"), options)


@dataclass(frozen=True)
class FormUnit:
    """A part of the registration form: Credentials, Name, …"""

    name: str
    fields: tuple[FormField, ...]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(fields.text("UnitName"), fields.rows("Fields", FormField.from_wire))


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A new user. Which parts are needed, the form's schema says; `more` carries parts by their wire names, such as
    {"Employer": {"Name": …}}."""

    login: str = field(repr=False)
    email: str = field(repr=False)
    password: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    middle_name: str | None = field(default=None, repr=False)
    suffix: NameSuffix | None = None
    street: str | None = field(default=None, repr=False)
    street_2: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    state: str | None = None  # two letters
    postal_code: str | None = field(default=None, repr=False)
    country: str | None = None  # a name: UnitedStates
    phone: str | None = field(default=None, repr=False)
    more: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    def to_wire(self) -> dict[str, Any]:
        """The vendor's RegistrationRequest; a unit without a value is left out."""
        units: dict[str, dict[str, Any]] = {
            "Credentials": {"Login": self.login, "Email": self.email, "Password": self.password},
            "Name": {
                "FirstName": self.first_name,
                "LastName": self.last_name,
                "MiddleName": self.middle_name,
                "Suffix": self.suffix,
            },
            "Address": {"AddressFirst": self.street, "AddressSecond": self.street_2},
            "City": {"CityName": self.city},
            "Location": {"Country": self.country, "State": self.state},
            "PostalCode": {"Code": self.postal_code},
            "PrimaryPhone": {"PhoneNumber": self.phone},
        }
        filled = {name: given(members) for name, members in units.items()}
        return {name: members for name, members in filled.items() if members} | dict(self.more)


@dataclass(frozen=True)
class AccountRequest:
    """A request to open an account. `status` is an open word: New, …, approved or rejected by whom."""

    id: str  # a UUID
    user_id: str
    status: str
    type: str  # Open
    provider: AccountProvider
    form_type: FormType
    account_number: str
    comment: str
    created_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.text("Id"),
            user_id=fields.text("UserId"),
            status=fields.text("Status"),
            type=fields.text("RequestType"),
            provider=fields.word(AccountProvider, "AccountProvider"),
            form_type=fields.word(FormType, "FormType"),
            account_number=fields.text("AccountNumber"),
            comment=fields.text("Comment"),
            created_at=fields.moment("CreatedAt"),
        )
