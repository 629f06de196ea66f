"""People. Names and addresses stay out of `repr`, so that no log line or traceback carries them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from ..enums import NameSuffix, Salutation
from ..wire import Fields, given


@dataclass(frozen=True)
class User:
    """`id` is the trading user id; None when the vendor leaves it out, as it does for owners of an account."""

    id: int | None
    login: str = field(repr=False)
    first_name: str = field(repr=False)
    middle_name: str = field(repr=False)
    last_name: str = field(repr=False)
    email: str = field(repr=False)
    added_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("UserId"),
            login=fields.text("Login"),
            first_name=fields.text("FirstName"),
            middle_name=fields.text("MiddleName"),
            last_name=fields.text("LastName"),
            email=fields.text("Email"),
            added_at=fields.moment("AddedDate"),
        )

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.first_name, self.middle_name, self.last_name) if part)


@dataclass(frozen=True, kw_only=True)
class Address:
    """State and country are the vendor's numbers, whose lists are not published."""

    street: str = field(default="", repr=False)
    street_2: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    state: int | None = field(default=None, repr=False)
    country_id: int | None = field(default=None, repr=False)

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            street=fields.text("StreetAddress1"),
            street_2=fields.text("StreetAddress2"),
            city=fields.text("City"),
            postal_code=fields.text("PostalCode"),
            state=fields.identity("State"),
            country_id=fields.identity("CountryId"),
        )

    def to_wire(self) -> dict[str, Any]:
        return given(
            {
                "StreetAddress1": self.street or None,
                "StreetAddress2": self.street_2 or None,
                "City": self.city or None,
                "PostalCode": self.postal_code or None,
                "State": self.state,
                "CountryId": self.country_id,
            }
        )


@dataclass(frozen=True, kw_only=True)
class ProfileChange:
    """The fields to change; None leaves one as it is."""

    first_name: str | None = field(default=None, repr=False)
    middle_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    salutation: Salutation | None = None
    suffix: NameSuffix | None = None
    address: Address | None = None
    time_zone: str | None = None  # a Windows name: Eastern Standard Time

    def to_wire(self) -> dict[str, Any]:
        return given(
            {
                "FirstName": self.first_name,
                "Middle": self.middle_name,
                "LastName": self.last_name,
                "Salutation": self.salutation,
                "Suffix": self.suffix,
                "Address": self.address and self.address.to_wire(),
                "TimeZoneInfoId": self.time_zone,
            }
        )


@dataclass(frozen=True)
class Profile:
    """A user after a change of the profile."""

    id: int | None
    login: str = field(repr=False)
    first_name: str = field(repr=False)
    middle_name: str = field(repr=False)
    last_name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    salutation: Salutation
    suffix: NameSuffix
    address: Address | None
    time_zone: str
    is_enabled: bool
    added_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id"),
            login=fields.text("Login"),
            first_name=fields.text("FirstName"),
            middle_name=fields.text("Middle"),
            last_name=fields.text("LastName"),
            email=fields.text("EmailAddress"),
            phone=fields.text("PhoneNumber"),
            salutation=fields.word(Salutation, "Salutation"),
            suffix=fields.word(NameSuffix, "Suffix"),
            address=fields.row("Address", Address.from_wire),
            time_zone=fields.text("TimeZoneInfoId"),
            is_enabled=fields.flag("Enabled", absent=True),
            added_at=fields.moment("AddedDate"),
        )
