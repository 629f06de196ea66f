"""Who is connected and follows what; a frame is made once and handed to everybody who follows it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from sandbox.control.faults import FaultRules
from sandbox.exchange.market import Market
from sandbox.exchange.prices import Quote
from sandbox.exchange.securities import find_by_id
from sandbox.streams import sessions
from sandbox.streams.connection import Connection
from sandbox.streams.frames import Fields, encode, quote_frame
from sandbox.streams.sources import SOURCES, candles_now, number_in

PING = encode({"Cmd": "Ping", "StatusCode": "Ok"})
TOKEN_IS_DEAD = 1008  # a policy was violated (RFC 6455, 7.4.1)
TOOK_OVER = "The session was recovered."
TOO_SLOW_BYTES = 8 * 1024 * 1024
BALANCES_EVERY_SECONDS = 2.0
CANDLES_EVERY_SECONDS = 1.0


class Hub:
    """All stream connections of the process."""

    def __init__(self, market: Market, faults: FaultRules) -> None:
        self.market = market
        self.faults = faults
        self.connections: set[Connection] = set()
        self._followers: dict[tuple[str, str], dict[Connection, None]] = {}
        self._quotes: dict[str, tuple[Quote, bytes]] = {}
        self._valued: dict[tuple[str, str], bytes] = {}
        self._last: dict[str, float] = {}
        sessions.drop_all(market.state)

    # Who is there

    def connect(self, connection: Connection) -> None:
        self.connections.add(connection)

    def disconnect(self, connection: Connection) -> None:
        self.connections.discard(connection)
        for entity, key in list(connection.subscriptions):
            self.unfollow(connection, entity, key)

    def is_connected(self, session_id: str) -> bool:
        return any(each.session_id == session_id for each in self.connections)

    def hang_up(self, session_id: str) -> None:
        """End the connection of a session whose id is dead."""
        for connection in list(self.connections):
            if connection.session_id == session_id:
                connection.hang_up(TOKEN_IS_DEAD, TOOK_OVER)

    def hang_up_dead(self) -> None:
        """End the connections whose token has ended."""
        if not self.connections:
            return
        living = sessions.living_sessions(self.market.state)
        for connection in list(self.connections):
            if connection.session_id not in living:
                connection.hang_up(TOKEN_IS_DEAD, "The token has ended.")

    # Who follows what

    def follow(self, connection: Connection, entity: str, key: str) -> None:
        """Tell the present state, and changes from now on."""
        encoded = [encode(fields) for fields in SOURCES[entity].now(self.market, key)]
        if not self.is_followed(entity, key):
            self._note(entity, key, encoded)
        self._followers.setdefault((entity, key), {})[connection] = None
        connection.subscriptions[entity, key] = None
        connection.send(entity, key, encoded)

    def _note(self, entity: str, key: str, encoded: list[bytes]) -> None:
        """What was told at the start is not told again until it has changed."""
        if entity == "Quote":
            self._quote_if_new(key, self.market.now_ms())
        else:
            self._valued[entity, key] = b"".join(encoded)

    def unfollow(self, connection: Connection, entity: str, key: str) -> None:
        connection.subscriptions.pop((entity, key), None)
        followers = self._followers.get((entity, key), {})
        followers.pop(connection, None)
        if not followers:
            self._followers.pop((entity, key), None)
            self._valued.pop((entity, key), None)
            if entity == "Quote":
                self._quotes.pop(key, None)

    def is_followed(self, entity: str, key: str) -> bool:
        return (entity, key) in self._followers

    def publish(self, entity: str, key: str, told: Iterable[Fields]) -> None:
        followers = self._followers.get((entity, key))
        if not followers:
            return
        encoded = [encode(fields) for fields in told]
        for connection in list(followers):
            connection.send(entity, key, encoded)

    # What time brings

    def tick(self) -> None:
        """Quotes that have changed, and once in a while figures that depend on them and signs of life."""
        if not self.connections:
            return
        self._tell_quotes()
        if self._is_time("balances", BALANCES_EVERY_SECONDS):
            self.tell_values("AccountBalance", "UserBalance")
        if self._is_time("candles", CANDLES_EVERY_SECONDS):
            self._tell_candles()
        if self._is_time("heartbeat", 0.5):
            self._keep_alive()

    def forget(self) -> None:
        """After a reset: everything is told anew."""
        self._quotes.clear()
        self._valued.clear()
        self.hang_up_dead()

    def tell_values(self, *entities: str) -> None:
        """Balances that are no longer what they were told to be."""
        for entity, key in [known for known in self._followers if known[0] in entities]:
            told = SOURCES[entity].now(self.market, key)
            encoded = b"".join(map(encode, told))
            if self._valued.get((entity, key)) != encoded:
                self._valued[entity, key] = encoded
                self.publish(entity, key, told)

    def _is_time(self, what: str, seconds: float) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._last.get(what, 0.0) < seconds:
            return False
        self._last[what] = now
        return True

    def _tell_quotes(self) -> None:
        """At most one frame per key and tick; what a connection gets in one tick travels in one piece."""
        now = self.market.now_ms()
        news: dict[Connection, list[tuple[str, bytes]]] = {}
        for (entity, key), followers in self._followers.items():
            if entity == "Quote" and (frame := self._quote_if_new(key, now)):
                for connection in followers:
                    news.setdefault(connection, []).append((key, frame))
        for connection in list(self.connections):
            if connection.missed or connection in news:
                connection.send_quotes(dict(news.get(connection, ())), self._newest_quote)

    def _newest_quote(self, key: str) -> bytes | None:
        known = self._quotes.get(key)
        return known[1] if known else None

    def _quote_if_new(self, key: str, now: int) -> bytes | None:
        security = find_by_id(number_in(key))
        if security is None:
            return None
        quote = self.market.tape.quote(security.symbol, now)
        known = self._quotes.get(key)
        if known and (known[0].bid, known[0].ask, known[0].last) == (quote.bid, quote.ask, quote.last):
            return None
        frame = encode(quote_frame(self.market, security, quote))
        self._quotes[key] = quote, frame
        return frame

    def _tell_candles(self) -> None:
        """The running candle when it has changed; one that has ended, once more, as completed."""
        for entity, key in [known for known in self._followers if known[0] == "Candle"]:
            told = candles_now(self.market, key, most=2)
            encoded = b"".join(map(encode, told[-1:]))
            before = self._valued.get((entity, key))
            if before == encoded:
                continue
            self._valued[entity, key] = encoded
            running = told[-1]["Time"].encode() if told else b""
            self.publish(entity, key, told if before and b'"Time":"' + running not in before else told[-1:])

    def _keep_alive(self) -> None:
        settings = self.market.settings
        now = asyncio.get_running_loop().time()
        self.hang_up_dead()
        for connection in list(self.connections):
            connection.strike_if_due()
            if connection.is_silent:
                connection.line.heard_at = now  # it was not asked, so it need not answer
            elif now - connection.line.heard_at >= settings.stream_timeout_seconds:
                connection.hang_up(1001, "No sign of life.")
            elif connection.line.backlog > TOO_SLOW_BYTES:
                connection.line.cut()
            elif now - connection.pinged_at >= settings.stream_ping_seconds:
                connection.pinged_at = now
                connection.send("Ping", "", [PING])
