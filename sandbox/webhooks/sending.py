"""The deliveries themselves: one after the other per application, without ever holding up the sandbox."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from urllib.parse import urlsplit

from sandbox.exchange.market import Market
from sandbox.webhooks.outbox import close_attempt, next_due, sign

PATIENCE_SECONDS = 5.0


class Sender:
    """Wakes up with every tick; `due` starts what is due and not under way yet."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._at_work: dict[str, asyncio.Task[None]] = {}

    def start_due(self) -> None:
        for row in self.market.state.rows("SELECT client_id FROM webhook_endpoint WHERE active"):
            client_id = row["client_id"]
            task = self._at_work.get(client_id)
            if (task is None or task.done()) and next_due(self.market, client_id):
                self._at_work[client_id] = asyncio.create_task(self._work_off(client_id))

    async def _work_off(self, client_id: str) -> None:
        while delivery := next_due(self.market, client_id):
            await self._attempt(delivery)

    async def _attempt(self, delivery: sqlite3.Row) -> None:
        started = time.perf_counter()
        status, problem = None, None
        try:
            status = await asyncio.wait_for(_post(delivery), PATIENCE_SECONDS)
        except TimeoutError:
            problem = f"no answer within {PATIENCE_SECONDS:g} s"
        except (OSError, ValueError) as error:
            problem = str(error) or type(error).__name__
        ms = (time.perf_counter() - started) * 1000
        close_attempt(self.market, delivery, status=status, problem=problem, ms=ms)


async def _post(delivery: sqlite3.Row) -> int:
    """POST the body; the status of the answer. Raises OSError or ValueError."""
    url, body = urlsplit(delivery["url"]), delivery["body"].encode()
    is_secure = url.scheme == "https"
    reader, writer = await asyncio.open_connection(
        url.hostname, url.port or (443 if is_secure else 80), ssl=is_secure or None
    )
    head = [
        f"POST {url.path or '/'}{'?' + url.query if url.query else ''} HTTP/1.1",
        f"Host: {url.netloc.rpartition('@')[2]}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"X-AutoShares-Signature: {sign(delivery['secret'], body)}",
        "User-Agent: AutoShares-Sandbox",
        "Connection: close",
    ]
    try:
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()
        line = (await reader.readline()).split()
        if len(line) < 2 or not line[0].startswith(b"HTTP/"):
            raise ValueError("the answer is not HTTP")
        return int(line[1])
    finally:
        writer.close()
