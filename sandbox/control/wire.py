"""What happens on the wire around every request: it is logged, and faults are injected."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.clock import iso, wall_ms
from sandbox.control.faults import FaultRule
from sandbox.world import World

UNDISTURBED = ("/_control/", "/static/", "/console/")


class SandboxProtocol(H11Protocol):
    """HTTP/1.1 that can be told to drop a connection in the middle of things."""

    transports: dict[tuple[str, int], asyncio.Transport] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            self.transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.client is not None:
            self.transports.pop(self.client, None)


async def cut_connection(scope: Scope) -> None:
    """Drop the client's connection at once; it sees a reset."""
    transport = SandboxProtocol.transports.get(tuple(scope["client"]))
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(0.01)  # until the protocol has noticed, so that it sends nothing more


def _without_secrets(query: str) -> str:
    """A query string without the one parameter that is a secret."""
    return re.sub(r"(?i)(confirmationToken=)[^&]*", r"\1...", query)


class Wire:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            entry = self._log(scope, None)
            entry["status"] = 101
        if scope["type"] != "http" or scope["path"] == "/" or scope["path"].startswith(UNDISTURBED):
            await self.app(scope, receive, send)
            return
        rule = self.world.faults.take(scope["method"], scope["path"])
        entry = self._log(scope, rule)
        started = time.perf_counter()

        async def watched_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            await send(message)

        try:
            if rule is None:
                await self.app(scope, receive, watched_send)
            else:
                await Disturbance(rule, self.app, scope, receive, watched_send).run()
        finally:
            entry["ms"] = round((time.perf_counter() - started) * 1000, 2)
            state = scope.get("state", {})
            entry["app"] = state.get("client_id")
            entry["user"] = caller.user_id if (caller := state.get("caller")) else None

    def _log(self, scope: Scope, rule: FaultRule | None) -> dict[str, Any]:
        """A line of the request log. Only the API's query strings are kept: those of sign-in carry secrets."""
        is_api = scope["path"].startswith("/api/")
        entry: dict[str, Any] = {
            "time": iso(wall_ms()),
            "method": scope.get("method", "WS"),
            "path": scope["path"],
            "query": _without_secrets(scope["query_string"].decode("latin-1")) if is_api else "",
            "app": None,
            "user": None,
            "status": None,
            "ms": None,
            "fault": rule.action if rule else None,
        }
        self.world.requests.append(entry)
        return entry


class Disturbance:
    """One request and the rule that disturbs it."""

    def __init__(self, rule: FaultRule, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self.rule, self.app, self.scope, self.receive, self.send = rule, app, scope, receive, send

    async def run(self) -> None:
        rule = self.rule
        if rule.action == "slow":
            await asyncio.sleep(rule.seconds)
            await self.app(self.scope, self.receive, self.send)
        elif rule.action == "truncate":
            await self._truncate(await self._carry_out())
        elif rule.action == "status":
            if rule.when == "after":
                await self._carry_out()
            await self._answer_status()
        else:
            if rule.action == "hang_after" or (rule.action == "reset" and rule.when == "after"):
                await self._carry_out()
            if rule.action.startswith("hang"):
                await self._wait_for_the_client_to_leave()
            await cut_connection(self.scope)

    async def _carry_out(self) -> list[Message]:
        """Run the request for good, and keep its answer to ourselves."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self.app(self.scope, self.receive, keep)
        return kept

    async def _wait_for_the_client_to_leave(self) -> None:
        async def until_disconnect() -> None:
            while (await self.receive())["type"] != "http.disconnect":
                pass

        # Cancelled is how the server ends a hanging request when it stops; there is nobody left to tell.
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(until_disconnect(), self.rule.seconds)

    async def _truncate(self, kept: list[Message]) -> None:
        """Promise the whole body, send half of it, and drop the line."""
        body = b"".join(message.get("body", b"") for message in kept[1:])
        headers = [pair for pair in kept[0]["headers"] if pair[0].lower() != b"content-length"]
        headers.append((b"content-length", str(max(len(body), 2)).encode()))
        await self.send({**kept[0], "headers": headers})
        await self.send({"type": "http.response.body", "body": body[: len(body) // 2] or b"{", "more_body": True})
        await asyncio.sleep(0.02)  # let the half travel before the line goes dead
        if transport := SandboxProtocol.transports.get(tuple(self.scope["client"])):
            transport.close()
        await asyncio.sleep(0.01)

    async def _answer_status(self) -> None:
        rule = self.rule
        if isinstance(rule.body, str):
            body, kind = rule.body.encode(), "text/plain"
        else:
            body, kind = (b"" if rule.body is None else json.dumps(rule.body).encode()), "application/json"
        headers = {"content-type": kind, "content-length": str(len(body)), **rule.headers}
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": rule.status, "headers": pairs})
        await self.send({"type": "http.response.body", "body": body})
