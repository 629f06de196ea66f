"""client.streamers: where the streams are, and a new session after a drop. Source: API.md 5.16."""

from enum import IntEnum

from .errors import Unavailable
from .models import StreamerAddresses
from .transport import Transport
from .wire import Fields


class StreamKind(IntEnum):
    """The two streaming servers, by the numbers of `sessionType`."""

    DATA = 0  # orders, positions, balances, watchlists
    QUOTE = 1


class Streamers:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def addresses(self) -> StreamerAddresses:
        """The addresses of both servers, with new session ids. GET /streamers"""
        return self._transport.read("/streamers", StreamerAddresses.from_wire)

    def recover(self, kind: StreamKind) -> str:
        """A new session id that continues a dropped session. PUT /streamers/session/recover. Sent once.

        AutoShares answers a text or {"Id": ...} (API.md C38); we take both.
        """
        answer = self._transport.write("PUT", "/streamers/session/recover", query={"sessionType": int(kind)})
        body = answer.json()
        session_id = body if isinstance(body, str) else Fields(body).text("Id")
        if not session_id:
            raise Unavailable(**answer.facts, detail="no session in the answer")
        return session_id
