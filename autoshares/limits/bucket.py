"""The slots of one category and key: pure arithmetic with moments in seconds, no clock, no lock, no storage.

A slot is taken when a request may leave, and is free again one window after its answer has come, not one window after
it left. AutoShares counts a request at some moment in between that we cannot know; counted this way, the slots in use
at any moment include every request that AutoShares has seen within the window before it, however slow the wire.
"""

import json
import secrets
from dataclasses import dataclass, field


@dataclass
class Bucket:
    free_at: dict[str, float] = field(default_factory=dict)  # by slot
    held_until: float = 0.0  # Retry-After: nobody before that moment, the urgent included

    def wait(self, now: float, usable: int) -> float:
        """Seconds until one of `usable` slots is free, as far as can be known now; 0 if one is."""
        taken = sorted(moment for moment in self.free_at.values() if moment > now)
        free = taken[len(taken) - usable] if len(taken) >= usable > 0 else now
        return max(free, self.held_until, now) - now

    def take(self, now: float, *, until: float) -> str:
        """Take a slot, which is given back at `until` if nobody ever reports. Forgets those that are free again."""
        # A clock that was set back has left moments too far ahead; nothing taken now lasts longer than `until`.
        self.free_at = {slot: min(moment, until) for slot, moment in self.free_at.items() if moment > now}
        slot = secrets.token_hex(6)
        self.free_at[slot] = until
        return slot

    def give_back(self, slot: str, *, at: float) -> None:
        """Let `slot` be free at `at`. A slot that is free already stays so."""
        if slot in self.free_at:
            self.free_at[slot] = at

    def hold(self, until: float) -> None:
        self.held_until = max(self.held_until, until)

    @property
    def idle_at(self) -> float:
        """From this moment on it says nothing more than a new one."""
        return max(self.held_until, *self.free_at.values(), 0.0)

    def to_text(self) -> str:
        return json.dumps({"free_at": self.free_at, "held_until": self.held_until}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str | None) -> "Bucket":
        return cls(**json.loads(text)) if text else cls()
