"""One connection of a client: what it says, and what it is told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sandbox.control.message_faults import MessageRule
from sandbox.streams import sessions
from sandbox.streams.frames import encode
from sandbox.streams.sources import SOURCES

if TYPE_CHECKING:
    from sandbox.streams.hub import Hub
    from sandbox.streams.protocol import StreamProtocol

MOST_KEYS = 2000
# Quotes wait for a client that is so many bytes behind, so that it gets the newest instead of them all.
QUOTES_WAIT_BYTES = 64 * 1024


class Connection:
    """`session_id` is the one from /streamers, `id` the one of the first frame; commands may carry either."""

    def __init__(self, hub: Hub, line: StreamProtocol, session: sqlite3.Row) -> None:
        self.hub = hub
        self.line = line
        self.session_id: str = session["id"]
        self.user_id: int = session["user_id"]
        self.server: str = session["kind"]
        self.id = str(uuid4())
        self.subscriptions: dict[tuple[str, str], None] = {}
        self.missed: set[str] = set()
        self.pinged_at = line.loop.time()
        self._held: bytes | None = None
        self._silent_until = 0.0

    def greet(self) -> None:
        self.line.put(encode({"Cmd": "CreateSession.txt", "StatusCode": "Ok", "SessionId": self.id}))

    def hang_up(self, code: int, reason: str) -> None:
        self.line.hang_up(code, reason)

    # What it says

    def hear(self, text: str) -> None:
        """One command. What cannot be understood is answered, not punished."""
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            self._acknowledge("", "", [], good=False)
            return
        command = str(said.get("Cmd", ""))
        if command.removesuffix(".txt") in ("Subscribe", "Unsubscribe"):
            self._change(f"{command.removesuffix('.txt')}.txt", said, said.get("SessionId"))
        elif command != "Pong":
            bare = [word for word in ("Subscribe", "Unsubscribe") if isinstance(said.get(word), dict)]
            for word in bare:  # the form of the code samples, which names no session (C66)
                self._change(f"{word}.txt", said[word], self.id)
            if not bare:
                self._acknowledge(command, "", [], good=False)

    def _change(self, command: str, said: Mapping[str, Any], session_id: object) -> None:
        entity, raw = str(said.get("EntityType", "")), said.get("Keys", "")
        parts = raw if isinstance(raw, list) else str(raw).split(";")
        keys = list(dict.fromkeys(text for part in parts if (text := str(part).strip())))
        source = SOURCES.get(entity)
        if source is None or source.server != self.server or not keys or session_id not in (self.id, self.session_id):
            self._acknowledge(command, entity, keys, good=False)
        elif command == "Subscribe.txt":
            self._subscribe(command, entity, keys)
        else:
            for key in keys:
                self.hub.unfollow(self, entity, key)
            self._acknowledge(command, entity, keys, good=True)
        sessions.remember(self.hub.market.state, self.session_id, self.subscriptions)

    def _subscribe(self, command: str, entity: str, keys: list[str]) -> None:
        room = MOST_KEYS - len(self.subscriptions)
        may = SOURCES[entity].may_follow
        good = [key for key in keys if may(self.hub.market, self.user_id, key)][:room]
        bad = [key for key in keys if key not in good]
        for some, is_good in ((good, True), (bad, False)):
            if some:
                self._acknowledge(command, entity, some, good=is_good)
        for key in good:
            self.hub.follow(self, entity, key)

    def _acknowledge(self, command: str, entity: str, keys: list[str], *, good: bool) -> None:
        fields = {
            "Cmd": command,
            "StatusCode": "Ok" if good else "Error",
            "SessionId": self.id,
            "EntityType": entity,
            "Keys": ";".join(keys),
        }
        self.line.put(encode(fields))

    def take_up(self, wanted: list[sessions.Subscription]) -> None:
        """Subscribe again to what a recovered session had, as far as that is still allowed."""
        for entity, key in wanted:
            if SOURCES[entity].may_follow(self.hub.market, self.user_id, key):
                self.hub.follow(self, entity, key)
        sessions.remember(self.hub.market.state, self.session_id, self.subscriptions)

    # What it is told

    @property
    def is_silent(self) -> bool:
        return self._silent_until > self.line.loop.time()

    def send(self, entity: str, key: str, encoded: list[bytes]) -> None:
        if self._held or self.hub.faults.disturbs("stream"):
            encoded = [piece for frame in encoded for piece in self._disturb(entity, key, frame)]
        if encoded and not self.is_silent:
            self.line.put(b"".join(encoded))

    def send_quotes(self, news: dict[str, bytes], newest: Callable[[str], bytes | None]) -> None:
        """Quotes of one moment; a client that is far behind gets the newest ones later instead."""
        if self.line.backlog > QUOTES_WAIT_BYTES:
            self.missed.update(news)
            return
        for key in self.missed - set(news):
            if frame := newest(key):
                news[key] = frame
        self.missed.clear()
        if self._held or self.hub.faults.disturbs("stream"):
            for key, frame in news.items():
                self.send("Quote", key, [frame])
        elif not self.is_silent:
            self.line.put(b"".join(news.values()))

    def strike_if_due(self) -> None:
        """Let a rule that waits for no particular frame cut this line, or make it silent, at once."""
        if self.hub.faults.disturbs("stream"):
            self._suffer(self.hub.faults.take_message("stream", None, "", among=("disconnect", "silence")))

    def _disturb(self, entity: str, key: str, frame: bytes) -> list[bytes]:
        """What is sent in place of a frame, under the rules of /_control/faults."""
        held, self._held = self._held, None
        rule = self.hub.faults.take_message("stream", entity, key)
        after = [held] if held else []
        if rule is None:
            return [frame, *after]
        if rule.action == "reorder":
            self._held = frame
            return after
        if rule.action == "duplicate":
            return [frame, frame, *after]
        self._suffer(rule)
        return after

    def _suffer(self, rule: MessageRule | None) -> None:
        if rule is None:
            return
        if rule.action == "disconnect":
            self.line.cut()
        elif rule.action == "silence":
            self._silent_until = self.line.loop.time() + rule.seconds
