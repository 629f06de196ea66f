"""client.users: people. Source: API.md 5.2.

`user_id` is ME, the owner of the token, or a number; numbers of others are for the broker's own staff.
"""

from typing import Final

from .models import Balances, Profile, ProfileChange, User
from .transport import Transport

ME: Final = "@me"
UserId = int | str


class Users:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def me(self) -> User:
        """The owner of the token. GET /users/@me/info"""
        return self.get(ME)

    def get(self, user_id: UserId) -> User:
        """GET /users/{user_id}/info. Raises ServerError for an unknown id."""
        return self._transport.read("/users/{user_id}/info", User.from_wire, user_id=user_id)

    def by_email(self, email: str) -> User:
        """Look someone up, for the broker's staff. POST /users/info, a read."""
        return self._transport.read("/users/info", User.from_wire, method="POST", body={"Email": email})

    def balances(self, user_id: UserId = ME) -> Balances:
        """The sums over all accounts of a user. GET /users/{user_id}/balance-info"""
        return self._transport.read("/users/{user_id}/balance-info", Balances.from_wire, user_id=user_id)

    def exchanges(self, user_id: UserId = ME) -> list[str]:
        """The routes that a ticket may offer: Auto, NSDQ, ARCA, … GET /users/{user_id}/exchanges (prose only)"""
        return self._transport.read_all("/users/{user_id}/exchanges", str, user_id=user_id)

    def update(self, change: ProfileChange, *, user_id: UserId = ME) -> Profile:
        """Change a profile. PATCH /users/{user_id}, sent once. Raises Conflict."""
        return self._transport.write_row(
            "PATCH", "/users/{user_id}", Profile.from_wire, body=change.to_wire(), user_id=user_id
        )

    def change_password(self, old: str, new: str) -> None:
        """Change one's own password; every token of the user ends. PUT /users/@me/password/change, sent once.

        Raises Invalid where the old one is wrong or the new one is too weak, Conflict.
        """
        body = {"OldPassword": old, "Password": new, "PasswordConfirm": new}
        self._transport.write("PUT", "/users/{user_id}/password/change", body=body, user_id=ME)

    def reset_pin(self, user_id: UserId = ME) -> None:
        """Have a code for a new PIN sent by mail or text message. POST /users/{user_id}/pincode, sent once."""
        self._transport.write("POST", "/users/{user_id}/pincode", user_id=user_id)

    def join_professionals(self, confirmation_token: str, *, user_id: UserId = ME) -> None:
        """Enter the vendor's "ProTrader" group, with the token of a confirmation mail. POST /users/{user_id}/group

        Sent once. Raises Invalid or Conflict for a token that does not count.
        """
        query = {"confirmationToken": confirmation_token}
        self._transport.write("POST", "/users/{user_id}/group", query=query, user_id=user_id)
