"""Streams that heal: connect, subscribe, notice the end, come back, and say what may be missing."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from ..client import Client
from ..errors import AutoSharesError, Forbidden, Misconfigured, RateLimited, Unauthorized
from ..streamers import StreamKind
from .connection import Connection, ConnectionLost, open_connection
from .door import ClientDoor, Door, Entrance
from .mailbox import CAPACITY, Mailbox
from .news import Gap, GapReason, Interrupted, News, Refused, news_of

log = logging.getLogger("autoshares.streaming")

FINAL = (Unauthorized, Forbidden, Misconfigured)  # to try again would not help
SILENCE_SECONDS = 30.0
STABLE_SECONDS = 60.0  # a connection that lasted so long has earned a quick return
ACKNOWLEDGE_SECONDS = 2.0  # acknowledgements are seen in the wild and promised by nobody


@dataclass(frozen=True)
class Backoff:
    """Full jitter: anything up to 1, 2, 4 ... 30 seconds, so that those who fell together do not return together."""

    first: float = 1.0
    longest: float = 30.0
    draw: Callable[[float, float], float] = random.uniform

    def pause(self, failures: int) -> float:
        return self.draw(0, min(self.longest, self.first * 2 ** min(failures - 1, 30)))


class Stream:
    """One session at one streaming server. Enter it with `async with`, then iterate: one reader, endless.

    Subscribing costs no waiting and may happen at any time; what is subscribed is remembered and asked for again after
    each reconnect. AutoShares sends the present state first, then changes. Iteration raises Unauthorized, Forbidden or
    Misconfigured when AutoShares will not let us in again, and nothing else.
    """

    kind: StreamKind

    def __init__(
        self,
        door: Door,
        *,
        silence_seconds: float = SILENCE_SECONDS,
        backoff: Backoff | None = None,
        capacity: int = CAPACITY,
    ) -> None:
        self._door = door
        self._silence_seconds = silence_seconds
        self._backoff = backoff or Backoff()
        self._mailbox = Mailbox(capacity)
        self._subscriptions: dict[tuple[str, str], None] = {}
        self._connection: Connection | None = None
        self._heard_at: datetime | None = None
        self._owed: set[tuple[str, str]] = set()  # not acknowledged yet: until then no Gap may be told
        self._gap_since: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        state = "live" if self.is_live else "not connected"
        return f"<{type(self).__name__} {state}, {len(self._subscriptions)} subscriptions>"

    @property
    def is_live(self) -> bool:
        """True while connected: what has been told is true up to `heard_at`."""
        return self._connection is not None

    @property
    def heard_at(self) -> datetime | None:
        """When the server was heard of last (pings do not count); None before the first frame."""
        return self._heard_at

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._live(), name=type(self).__name__)
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Leave: the connection is closed, iteration ends at once. May be called twice."""
        self._mailbox.clear()
        self._mailbox.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})  # not `await self._task`: a cancellation of ours would pass for its own

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> News:
        if self._task is None:
            raise RuntimeError("A stream is entered with `async with` before it is read.")
        return await self._mailbox.get()

    async def subscribe(self, entity: str, *keys: object) -> None:
        """Ask for `keys` of an entity, now and after each reconnect."""
        new = self.remember(entity, keys)
        if self._connection and new:
            await self._connection.subscribe(new)

    def remember(self, entity: str, keys: Iterable[object]) -> list[tuple[str, str]]:
        """Note `keys` for the next connection; returns those that are new."""
        new = [pair for key in keys if (pair := (entity, str(key))) not in self._subscriptions]
        self._subscriptions |= dict.fromkeys(new)
        return new

    async def unsubscribe(self, entity: str, *keys: object) -> None:
        known = [pair for key in keys if (pair := (entity, str(key))) in self._subscriptions]
        for pair in known:
            del self._subscriptions[pair]
        if self._connection and known:
            await self._connection.unsubscribe(known)

    async def _live(self) -> None:
        try:
            await self._come_back_again_and_again()
        except AutoSharesError as end:
            log.warning("%s ends: %s", self, end)
            self._mailbox.close(end)
        except Exception as bug:
            # The reader waits elsewhere and must hear of it. The text of a bug may quote a frame: only its name here.
            log.error("%s broke: %s", self, type(bug).__name__)
            self._mailbox.close(bug)

    async def _come_back_again_and_again(self) -> None:
        failures, entrance = 0, None
        while True:
            started = time.monotonic()
            try:
                entrance = await self._find_entrance(entrance, failures)
                await self._listen(entrance)
            except FINAL:
                raise
            except (AutoSharesError, ConnectionLost) as loss:
                failures = 1 if time.monotonic() - started > STABLE_SECONDS else failures + 1
                asked = loss.retry_after if isinstance(loss, RateLimited) else None
                pause = max(self._backoff.pause(failures), asked or 0)
                log.warning("%s: %s; again in %.1f s", self, loss, pause)
                self._interrupt(str(loss))
                await asyncio.sleep(pause)

    async def _find_entrance(self, last: Entrance | None, failures: int) -> Entrance:
        """After a first loss the lost session is continued; when that does not help, a new one is begun."""
        if last is not None and failures == 1:
            try:
                return await self._door.return_to(last, self.kind)
            except FINAL:
                raise
            except AutoSharesError as refusal:
                log.info("%s: not recovered: %s", self, refusal)
        return await self._door.enter(self.kind, failures)

    async def _listen(self, entrance: Entrance) -> None:
        async with open_connection(entrance, silence_seconds=self._silence_seconds) as connection:
            hurry = asyncio.get_running_loop().call_later(ACKNOWLEDGE_SECONDS, self._tell_gap)
            try:
                self._connection = connection  # from here on `subscribe` speaks for itself
                self._owed = set(self._subscriptions)
                await connection.subscribe(list(self._subscriptions))
                log.info("%s", self)
                if not self._owed:
                    self._tell_gap()
                async for frame in connection.frames():
                    self._hear(frame)
            finally:
                hurry.cancel()
                self._connection = None

    def _hear(self, frame: dict[str, Any] | None) -> None:
        now = datetime.now(UTC)
        if frame is None:
            self._mailbox.put(Gap(received_at=now, since=self._heard_at or now, reason=GapReason.UNREADABLE))
            return
        self._heard_at = now
        if "Cmd" in frame:
            self._hear_command(frame, now)
        else:
            self._mailbox.put(news_of(frame, now))

    def _hear_command(self, frame: dict[str, Any], now: datetime) -> None:
        if frame["Cmd"] != "Subscribe.txt":
            return
        entity, keys = str(frame.get("EntityType")), tuple(str(frame.get("Keys", "")).split(";"))
        pairs = {(entity, key) for key in keys}
        if frame.get("StatusCode") == "Error":
            for pair in pairs:
                self._subscriptions.pop(pair, None)
            self._mailbox.put(Refused(received_at=now, entity=entity, keys=keys))
        self._owed -= pairs
        if not self._owed:
            self._tell_gap()

    def _interrupt(self, reason: str) -> None:
        """Tell of the loss, once, if there was anything to lose."""
        if self._heard_at is not None and self._gap_since is None:
            self._gap_since = self._heard_at
            self._mailbox.put(Interrupted(received_at=datetime.now(UTC), reason=reason))

    def _tell_gap(self) -> None:
        """All is subscribed again, so what is read by REST from now on misses nothing."""
        if self._gap_since is not None and self._connection is not None:
            now = datetime.now(UTC)
            self._mailbox.put(Gap(received_at=now, since=self._gap_since, reason=GapReason.RECONNECTED))
            self._gap_since = None


class QuoteStream(Stream):
    """Quotes and candles. AutoShares grows slow above some hundred quotes per session."""

    kind = StreamKind.QUOTE

    async def watch(self, *security_ids: int) -> None:
        await self.subscribe("Quote", *security_ids)

    async def unwatch(self, *security_ids: int) -> None:
        await self.unsubscribe("Quote", *security_ids)

    async def watch_candles(self, *series: str) -> None:
        """`series` as AAPL|NGS|USD:1m: symbol, exchange, currency, period. Not documented by AutoShares."""
        await self.subscribe("Candle", *series)

    async def unwatch_candles(self, *series: str) -> None:
        await self.unsubscribe("Candle", *series)


ACCOUNT_ENTITIES = ("Order", "Position", "AccountBalance")


class DataStream(Stream):
    """Orders, positions, balances and watchlists. Nothing of them is dropped without a Gap."""

    kind = StreamKind.DATA

    async def watch(self, *account_ids: int) -> None:
        """Orders, positions and balances of accounts."""
        for entity in ACCOUNT_ENTITIES:
            await self.subscribe(entity, *account_ids)

    async def unwatch(self, *account_ids: int) -> None:
        for entity in ACCOUNT_ENTITIES:
            await self.unsubscribe(entity, *account_ids)

    async def watch_watchlists(self, user_id: int, *watchlist_ids: int) -> None:
        """The list of a user's watchlists, and the members of some of them."""
        await self.subscribe("Watchlist", user_id)
        await self.subscribe("WatchlistContent", *watchlist_ids)

    async def watch_alerts(self, user_id: int) -> None:
        """A user's price alerts. AutoShares has not published the name of the entity; this is the sandbox's."""
        await self.subscribe("PriceAlert", user_id)


class StreamClient:
    """Makes streams for one signed-in user: `async with StreamClient(client).quotes(4) as quotes`.

    Takes a `Client`, or any `Door`. AutoShares wants one connection per session: keep one stream of each kind and
    spread its news, rather than one per screen.
    """

    def __init__(self, source: Client | Door, **options: Any) -> None:
        self._door = ClientDoor(source) if isinstance(source, Client) else source
        self._options = options

    def quotes(self, *security_ids: int) -> QuoteStream:
        """A stream that watches these securities once it is entered, and others later with `watch`."""
        stream = QuoteStream(self._door, **self._options)
        stream.remember("Quote", security_ids)
        return stream

    def accounts(self, *account_ids: int) -> DataStream:
        """A stream of the orders, positions and balances of these accounts."""
        stream = DataStream(self._door, **self._options)
        for entity in ACCOUNT_ENTITIES:
            stream.remember(entity, account_ids)
        return stream
