"""One connection to one streaming server, from the handshake to its end. It ends with ConnectionLost, whatever befell.

No address, session or frame is logged here or by `websockets`: the address alone opens the session.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from .door import Entrance
from .frames import PONG, read_frame, subscription_commands

HANDSHAKE_SECONDS = 10.0

# `websockets` logs addresses and frames at DEBUG. A logger that belongs to no tree cannot be turned on by accident.
_MUTE = logging.Logger("autoshares.streaming.mute", level=logging.CRITICAL + 1)


class ConnectionLost(Exception):
    """`reason` is a few words of our own, safe to log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Connect(connect):
    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc  # a redirect could lead the session to another place


class Connection:
    """An open session. `frames` reads it, pings are answered there; sending never raises: reading finds out."""

    def __init__(self, socket: ClientConnection, session_id: str, silence_seconds: float) -> None:
        self._socket = socket
        self._session_id = session_id
        self._silence_seconds = silence_seconds

    async def frames(self) -> AsyncIterator[dict[str, Any] | None]:
        """Each frame but pings; None for one that cannot be read. Raises ConnectionLost in the end, never returns."""
        while True:
            frame = await _receive(self._socket, self._silence_seconds)
            if frame and frame.get("Cmd") == "Ping":
                await self._send(PONG)
                continue
            yield frame

    async def subscribe(self, subscriptions: Iterable[tuple[str, str]]) -> None:
        """Ask for (entity, key) pairs."""
        await self._command("Subscribe", subscriptions)

    async def unsubscribe(self, subscriptions: Iterable[tuple[str, str]]) -> None:
        await self._command("Unsubscribe", subscriptions)

    async def _command(self, word: str, subscriptions: Iterable[tuple[str, str]]) -> None:
        for command in subscription_commands(word, self._session_id, subscriptions):
            await self._send(command)

    async def _send(self, text: str) -> None:
        with suppress(ConnectionClosed):
            await self._socket.send(text)


@asynccontextmanager
async def open_connection(entrance: Entrance, *, silence_seconds: float) -> AsyncIterator[Connection]:
    """Connect and open the session. Raises ConnectionLost if there is no server, or it does not know the session."""
    try:
        socket = await _Connect(
            entrance.handshake_url,
            logger=_MUTE,
            open_timeout=HANDSHAKE_SECONDS,
            close_timeout=1,
            ping_interval=None,  # the vendor's own pings tell life from death, and silence counts
            compression=None,  # small frames, many connections
        )
    except (OSError, TimeoutError, WebSocketException) as failure:
        # `from None`: such exceptions quote the address.
        raise ConnectionLost(f"no connection ({type(failure).__name__})") from None
    try:
        greeting = await _receive(socket, HANDSHAKE_SECONDS)
        if greeting is None or greeting.get("Cmd") != "CreateSession.txt" or greeting.get("StatusCode") != "Ok":
            raise ConnectionLost("session refused")
        # The id of the greeting is the one that commands carry (API.md C67).
        session_id = str(greeting.get("SessionId") or entrance.session_id)
        yield Connection(socket, session_id, silence_seconds)
    finally:
        await socket.close()  # `async with socket` would report an error of ours (1011) when we simply leave


async def _receive(socket: ClientConnection, seconds: float) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(seconds):
            return read_frame(await socket.recv())
    except TimeoutError:
        raise ConnectionLost(f"silent for {seconds:g} s") from None
    except ConnectionClosed as end:
        code = end.rcvd.code if end.rcvd else "no code"
        raise ConnectionLost(f"closed ({code})") from None
