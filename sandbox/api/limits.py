"""Rate limits: so many calls of a category in any sliding minute, per token; orders per account.

They run on the real clock: a client that is told to wait waits in real time. Source: API fact sheet 3.5.
"""

from __future__ import annotations

import math
import re
import time
from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 60.0
# So many callers are remembered before the silent ones are looked for.
MOST_CALLERS = 50_000

LIMITS = {
    "authentication": 10, "orders": 50, "order queries": 120, "positions": 120, "securities": 200, "history": 60,
    "watchlists": 60, "alerts": 60, "other": 120,
}  # fmt: skip

_CATEGORIES = (
    (re.compile(r"^/token$"), "authentication"),
    (re.compile(r"^/v[\d.]+/accounts/\d+/(sync)?orders"), "order queries"),
    (re.compile(r"^/v[\d.]+/orders/consolidated"), "order queries"),
    (re.compile(r"^/v[\d.]+/(accounts/\d+/)?positions"), "positions"),
    (re.compile(r"^/v[\d.]+/(equities|options|currencyRate)"), "securities"),
    (re.compile(r"^/v[\d.]+/history/"), "history"),
    (re.compile(r"^/v[\d.]+/users/[^/]+/watchlists"), "watchlists"),
    (re.compile(r"^/v[\d.]+/users/[^/]+/pricealerts"), "alerts"),
)
_PLACING = re.compile(r"^/v[\d.]+/accounts/(\d+)/((sync)?orders(/\d+)?|orders/mutual-funds/\w+)$")


def categorize(method: str, path: str) -> tuple[str, str | None]:
    """The category of a call below the API's base, and the account that counts instead of the token, if any."""
    placing = _PLACING.match(path)
    if placing and method in ("POST", "PUT", "DELETE"):
        return "orders", placing.group(1)
    return next((name for pattern, name in _CATEGORIES if pattern.match(path)), "other"), None


@dataclass(frozen=True, slots=True)
class Allowance:
    """How a caller stands: `retry_after` in whole seconds when this call is one too many, else None."""

    limit: int
    remaining: int
    reset_at: int
    retry_after: int | None = None

    def headers(self) -> list[tuple[bytes, bytes]]:
        pairs = {
            "x-ratelimit-limit": self.limit,
            "x-ratelimit-remaining": self.remaining,
            "x-ratelimit-reset": self.reset_at,
        }
        if self.retry_after is not None:
            pairs["retry-after"] = self.retry_after
        return [(name.encode(), str(value).encode()) for name, value in pairs.items()]


def untouched(category: str) -> Allowance:
    """What a call is told that came to nobody's account: without a living token nothing is counted."""
    return Allowance(LIMITS[category], LIMITS[category], int(time.time() + WINDOW_SECONDS))


class RateLimits:
    """Counts calls. Refused calls do not count."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str], deque[float]] = {}

    def clear(self) -> None:
        self._calls.clear()

    def take(self, category: str, key: str, *, enforce: bool) -> Allowance:
        """Count one call of `key` in a category."""
        limit, now = LIMITS[category], time.monotonic()
        if len(self._calls) >= MOST_CALLERS:
            self._forget_before(now - WINDOW_SECONDS)
        calls = self._calls.setdefault((category, key), deque())
        while calls and calls[0] <= now - WINDOW_SECONDS:
            calls.popleft()
        wait = calls[0] + WINDOW_SECONDS - now if calls else WINDOW_SECONDS
        reset_at = int(time.time() + wait)
        if len(calls) >= limit and enforce:
            return Allowance(limit, 0, reset_at, retry_after=math.ceil(wait))
        calls.append(now)
        if len(calls) > limit:
            calls.popleft()
        return Allowance(limit, limit - len(calls), reset_at)

    def _forget_before(self, moment: float) -> None:
        """Callers who have been silent for a whole window: they are as new."""
        self._calls = {key: calls for key, calls in self._calls.items() if calls and calls[-1] > moment}
