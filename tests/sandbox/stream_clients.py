"""A small client of the streams."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.sandbox.actors import Client

PATIENCE = 5
KINDS = {"data": "DataAddresses", "quote": "QuoteAddresses"}


class Stream:
    """One connection. `client` is whose session it is; `session` another id than the one from /streamers."""

    def __init__(
        self, client: Client, kind: str, *, session: str | None = None, user: object = None, path: str | None = None
    ) -> None:
        address = client.get("/streamers")[KINDS[kind]][0]
        self.session = session or address["SessionId"]
        name = user or client.get("/users/@me/info")["UserId"]
        query = urlencode({"User": f"{name}:{self.session}", "Password": self.session, "HttpClientType": "WebSocket"})
        url = address["Url"].replace("localhost", "127.0.0.1")
        self.socket = connect(
            f"{url}/{path or 'CreateSession.txt'}?{query}", compression=None, proxy=None, legacy=True
        )
        self.greeting = self.next()
        self.id = self.greeting.get("SessionId", "")

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, command: dict[str, Any]) -> None:
        self.socket.send(json.dumps(command))

    def subscribe(self, entity: str, *keys: object, command: str = "Subscribe.txt", **more: Any) -> dict[str, str]:
        """Subscribe; the acknowledgement."""
        said = {"Cmd": command, "SessionId": self.id, "Keys": ";".join(map(str, keys)), "EntityType": entity}
        self.say(said | {"HttpClientType": "WebSocket"} | more)
        return self.next()

    def next(self, timeout: float = PATIENCE) -> dict[str, str]:
        """The next frame that is not a Ping."""
        while True:
            frame: dict[str, str] = json.loads(self.socket.recv(timeout))
            if frame.get("Cmd") != "Ping":
                return frame

    def until(self, timeout: float = PATIENCE, **wanted: str) -> dict[str, str]:
        """The first frame that has all of this."""
        while True:
            frame = self.next(timeout)
            if wanted.items() <= frame.items():
                return frame

    def is_quiet(self, seconds: float = 0.4) -> bool:
        try:
            self.next(seconds)
        except TimeoutError:
            return True
        return False

    def close_code(self, timeout: float = PATIENCE) -> int | None:
        """Read on until the other side ends the connection; its code."""
        try:
            while True:
                self.socket.recv(timeout)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
