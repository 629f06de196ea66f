"""Faults of what the vendor sends by itself: frames of the streams, and webhooks.

A rule is {"on": "stream", "action", "entity", "key", "count", "seconds"} or {"on": "webhook", "action", "event",
"account", "count"}. Without `entity` or `event` it applies to any; `count` is 1 unless given, null for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LONGEST_SECONDS = 600.0
ACTIONS = {
    "stream": ("drop", "duplicate", "reorder", "disconnect", "silence"),
    "webhook": ("drop", "duplicate", "reorder"),
}
KEYS = {
    "stream": {"on", "action", "entity", "key", "count", "seconds"},
    "webhook": {"on", "action", "event", "account", "count"},
}


@dataclass
class MessageRule:
    """`name` is an entity type or an event, `key` the key of a subscription or an account; None stands for any."""

    on: str
    action: str
    described: dict[str, Any]
    name: str | None = None
    key: str | None = None
    count: int | None = 1
    seconds: float = 60.0
    id: int = 0
    applied: int = 0

    @classmethod
    def read(cls, raw: dict[str, Any]) -> MessageRule:
        """Understand a rule. Raises ValueError with a sentence."""
        on = raw.get("on")
        if on not in ACTIONS:
            raise ValueError(f"on is one of {', '.join(ACTIONS)}")
        if unknown := set(raw) - KEYS[on]:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        if raw.get("action") not in ACTIONS[on]:
            raise ValueError(f"action is one of {', '.join(ACTIONS[on])}")
        seconds = float(raw.get("seconds", 60))
        if not 0 <= seconds <= LONGEST_SECONDS:
            raise ValueError(f"seconds is a number from 0 to {LONGEST_SECONDS:g}")
        name = raw.get("entity" if on == "stream" else "event")
        key = raw.get("key" if on == "stream" else "account")
        count = raw.get("count", 1)
        return cls(
            on=on,
            action=raw["action"],
            described=raw,
            name=None if name is None else str(name),
            key=None if key is None else str(key),
            count=None if count is None else int(count),
            seconds=seconds,
        )

    def matches(self, on: str, name: str | None, key: str) -> bool:
        """A name of None asks for rules that wait for no particular message."""
        is_meant = self.name is None and self.key is None if name is None else self.name in (None, name)
        return self.count != 0 and self.on == on and is_meant and self.key in (None, key)

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, **self.described, "count": self.count, "applied": self.applied}
