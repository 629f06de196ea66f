"""Virtual time. The market lives by it; sign-in and tokens live by the wall clock, because clients check those."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

NO_DATE = "0001-01-01T00:00:00Z"


def wall_ms() -> int:
    """Milliseconds of the real clock since 1970, UTC."""
    return time.time_ns() // 1_000_000


def iso(ms: int | None) -> str:
    """The vendor's spelling of a moment; its "no date" for None."""
    if ms is None:
        return NO_DATE
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def parse_iso(text: str) -> int:
    """Milliseconds of an ISO moment; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


@dataclass
class Clock:
    """A clock that runs at `speed`, or stands still. All moments are whole milliseconds since 1970, UTC.

    `virtual_ms` was the virtual time when the real clock showed `real_ms`; a restart continues from this pair,
    so a running clock also counts the time for which the process was down.
    """

    mode: str = "running"
    speed: float = 1.0
    virtual_ms: int = 0
    real_ms: int = 0

    @classmethod
    def at_wall_time(cls) -> Clock:
        now = wall_ms()
        return cls(virtual_ms=now, real_ms=now)

    @property
    def is_running(self) -> bool:
        return self.mode == "running"

    def now_ms(self) -> int:
        if not self.is_running:
            return self.virtual_ms
        return self.virtual_ms + int((wall_ms() - self.real_ms) * self.speed)

    def move_to(self, ms: int) -> None:
        self.virtual_ms, self.real_ms = ms, wall_ms()

    def freeze(self) -> None:
        self.move_to(self.now_ms())
        self.mode = "frozen"

    def run(self, *, speed: float | None = None) -> None:
        self.move_to(self.now_ms())
        self.mode = "running"
        if speed is not None:
            self.speed = speed
