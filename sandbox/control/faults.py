"""Faults on the wire: rules that match a request and say what goes wrong with it.

Each rule is {method, path | regex, action, when, count, seconds, status, headers, body}. In `path`, `*` stands for one
segment and `**` for anything. `count` is how often the rule still applies, null for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.control.message_faults import MessageRule

ACTIONS = ("refuse", "hang_before", "hang_after", "reset", "truncate", "slow", "status")
LONGEST_SECONDS = 600.0


@dataclass
class FaultRule:
    """`when`: "before" the request is carried out (it never is), or "after" it was."""

    action: str
    pattern: re.Pattern[str]
    described: dict[str, Any]
    method: str | None = None
    when: str = "after"
    count: int | None = 1
    seconds: float = 60.0
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    id: int = 0
    applied: int = 0

    @classmethod
    def read(cls, raw: dict[str, Any]) -> FaultRule:
        """Understand a rule. Raises ValueError with a sentence."""
        known = {"action", "path", "regex", "method", "when", "count", "seconds", "status", "headers", "body"}
        if unknown := set(raw) - known:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        action = raw.get("action")
        if action not in ACTIONS:
            raise ValueError(f"action is one of {', '.join(ACTIONS)}")
        when = raw.get("when", "before" if action in ("status", "refuse", "hang_before") else "after")
        if when not in ("before", "after"):
            raise ValueError("when is before or after")
        seconds = float(raw.get("seconds", 60 if action.startswith("hang") else 1))
        if not 0 <= seconds <= LONGEST_SECONDS:
            raise ValueError(f"seconds is a number from 0 to {LONGEST_SECONDS:g}")
        count = raw.get("count", 1)
        return cls(
            action=action,
            pattern=_pattern(raw),
            described=raw,
            method=(raw.get("method") or "").upper() or None,
            when=when,
            count=None if count is None else int(count),
            seconds=seconds,
            status=int(raw.get("status", 503)),
            headers={str(name): str(value) for name, value in (raw.get("headers") or {}).items()},
            body=raw.get("body"),
        )

    def matches(self, method: str, path: str) -> bool:
        return self.count != 0 and self.method in (None, "*", method) and self.pattern.fullmatch(path) is not None

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, **self.described, "count": self.count, "applied": self.applied}


def _pattern(raw: dict[str, Any]) -> re.Pattern[str]:
    if "regex" in raw:
        try:
            return re.compile(raw["regex"])
        except re.error as error:
            raise ValueError(f"regex: {error}") from None
    glob = raw.get("path", "**")
    parts = re.split(r"(\*\*|\*)", glob)
    words = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(words.get(part) or re.escape(part) for part in parts))


def read_rule(raw: dict[str, Any]) -> FaultRule | MessageRule:
    """A rule about requests, or about messages when it says `on`. Raises ValueError with a sentence."""
    return MessageRule.read(raw) if "on" in raw else FaultRule.read(raw)


class FaultRules:
    """The rules in force, oldest first; the first that matches applies."""

    def __init__(self) -> None:
        self.rules: list[FaultRule | MessageRule] = []
        self._last_id = 0

    def add(self, rule: FaultRule | MessageRule) -> None:
        self._last_id += 1
        rule.id = self._last_id
        self.rules.append(rule)

    def clear(self) -> None:
        self.rules.clear()

    def remove(self, rule_id: int) -> bool:
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if rule.id != rule_id]
        return len(self.rules) < before

    def take(self, method: str, path: str) -> FaultRule | None:
        """The rule for this request, used up by one."""
        for rule in self.rules:
            if isinstance(rule, FaultRule) and rule.matches(method, path):
                _use_up(rule)
                return rule
        return None

    def disturbs(self, on: str) -> bool:
        """Is there any rule left for messages of this kind?"""
        return any(isinstance(rule, MessageRule) and rule.on == on and rule.count != 0 for rule in self.rules)

    def take_message(
        self, on: str, name: str | None, key: str, *, among: tuple[str, ...] | None = None
    ) -> MessageRule | None:
        """The rule for this message, used up by one; only one of the actions `among`, if given."""
        for rule in self.rules:
            if (
                isinstance(rule, MessageRule)
                and rule.matches(on, name, key)
                and rule.action in (among or (rule.action,))
            ):
                _use_up(rule)
                return rule
        return None


def _use_up(rule: FaultRule | MessageRule) -> None:
    rule.applied += 1
    if rule.count is not None:
        rule.count -= 1
