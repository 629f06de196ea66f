"""People. Names and addresses stay out of `repr`, so that no log line or traceback carries them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from ..wire import Fields


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
