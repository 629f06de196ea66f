"""client.users: who is signed in. Source: API.md 5.2."""

from .models import User
from .transport import Transport


class Users:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def me(self) -> User:
        """The owner of the token. GET /users/@me/info"""
        return self._transport.read("/users/@me/info", User.from_wire)
