"""The way in: which server, which user, which session."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from ..client import Client
from ..errors import Unavailable, Unexpected
from ..models import StreamerAddress
from ..streamers import StreamKind


@dataclass(frozen=True)
class Entrance:
    """One streaming server and a session there. The session opens everything, so it never shows."""

    url: str
    user_id: int
    session_id: str = field(repr=False)

    @property
    def handshake_url(self) -> str:
        """The address to connect to. It holds the session: never log it (API.md 9.2, C65, C68)."""
        user = f"{self.user_id}:{self.session_id}"
        query = urlencode({"User": user, "Password": self.session_id, "HttpClientType": "WebSocket"})
        return f"{self.url.rstrip('/')}/CreateSession.txt?{query}"


class Door(Protocol):
    """Finds the way in. Both may raise the tree of `errors`; Unauthorized ends the stream, trouble is tried again."""

    async def enter(self, kind: StreamKind, attempt: int) -> Entrance:
        """A new session; `attempt` counts from 0, so that the next server can be taken when one does not answer."""

    async def return_to(self, entrance: Entrance, kind: StreamKind) -> Entrance:
        """The same server again after a drop, with a session that continues the lost one."""


class ClientDoor:
    """Asks the REST client, in a thread, since that one waits for its answers."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._user_id: int | None = None

    async def enter(self, kind: StreamKind, attempt: int) -> Entrance:
        return await asyncio.to_thread(self._enter, kind, attempt)

    async def return_to(self, entrance: Entrance, kind: StreamKind) -> Entrance:
        session_id = await asyncio.to_thread(self._client.streamers.recover, kind)
        return Entrance(entrance.url, entrance.user_id, session_id)

    def _enter(self, kind: StreamKind, attempt: int) -> Entrance:
        address = self._address(kind, attempt)
        # The data server's session is promised and then missing in every sample (API.md C69).
        session_id = address.session_id or self._client.streamers.recover(kind)
        return Entrance(address.url, self._whose(), session_id)

    def _address(self, kind: StreamKind, attempt: int) -> StreamerAddress:
        addresses = self._client.streamers.addresses()
        servers = addresses.quotes if kind is StreamKind.QUOTE else addresses.data
        if not servers:
            raise Unavailable(method="GET", endpoint="/streamers", detail="no address in the answer")
        return servers[attempt % len(servers)]

    def _whose(self) -> int:
        if self._user_id is None:
            self._user_id = self._client.users.me().id
        if self._user_id is None:
            raise Unexpected(method="GET", endpoint="/users/@me/info", detail="no user id in the answer")
        return self._user_id
