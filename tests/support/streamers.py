"""A streaming server on a real socket in the test's own event loop, to be asked for bad manners."""

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from autoshares.streamers import StreamKind
from autoshares.streaming import Entrance

TEST_SECONDS = 10


def in_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test in a loop of its own, for ten seconds at most."""

    @functools.wraps(test)
    def run(*arguments: Any, **fixtures: Any) -> None:
        async def limited() -> None:
            async with asyncio.timeout(TEST_SECONDS):
                await test(*arguments, **fixtures)

        asyncio.run(limited())

    return run


class Line:
    """One client's connection: what it has said, and what it shall hear."""

    def __init__(self, socket: ServerConnection, session_id: str) -> None:
        self.socket = socket
        self.session_id = session_id
        self.path = socket.request.path if socket.request else ""
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def hears(self, *frames: dict[str, Any] | str) -> None:
        for frame in frames:
            await self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def hangs_up(self, code: int = 1011) -> None:
        await self.socket.close(code)


class StreamServer:
    """Speaks API.md 9. `sessions` are those it knows; each connection appears in `lines`."""

    def __init__(self) -> None:
        self.sessions: set[str] = set()
        self.acknowledges = True
        self.refused_keys: set[str] = set()
        self.lines: asyncio.Queue[Line] = asyncio.Queue()
        self.count = 0
        self._server: Server | None = None

    async def __aenter__(self) -> "StreamServer":
        self._server = await serve(self._serve, "127.0.0.1", 0, ping_interval=None)
        return self

    async def __aexit__(self, *failure: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}/quote"

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        query = parse_qs(urlsplit(socket.request.path).query)
        if query["Password"][0] not in self.sessions:
            await socket.send(json.dumps({"Cmd": "CreateSession.txt", "StatusCode": "Error"}))
            return
        self.count += 1
        line = Line(socket, f"answer-{self.count}")
        await line.hears({"Cmd": "CreateSession.txt", "StatusCode": "Ok", "SessionId": line.session_id})
        self.lines.put_nowait(line)
        try:
            async for text in socket:
                command = json.loads(text)
                if self.acknowledges and command["Cmd"] != "Pong":
                    refused = self.refused_keys & set(command["Keys"].split(";"))
                    await line.hears(command | {"StatusCode": "Error" if refused else "Ok"})
                line.said.put_nowait(command)
        except ConnectionClosed:
            pass


class TestDoor:
    """A door to a StreamServer. `trouble` is raised instead of an answer, one by one; None lets one pass."""

    __test__ = False

    def __init__(self, server: StreamServer) -> None:
        self._server = server
        self.trouble: list[Exception | None] = []
        self.asked: list[str] = []

    async def enter(self, kind: StreamKind, attempt: int) -> Entrance:
        return self._open(f"{kind.name.lower()} anew")

    async def return_to(self, entrance: Entrance, kind: StreamKind) -> Entrance:
        return self._open(f"{kind.name.lower()} recovered")

    def _open(self, how: str) -> Entrance:
        self.asked.append(how)
        if self.trouble and (failure := self.trouble.pop(0)):
            raise failure
        session = f"secret-session-{len(self.asked)}"
        self._server.sessions.add(session)
        return Entrance(self._server.url, 7311, session)
