"""Everything that can go wrong with one order, in every combination (orders: exactly once)."""

import itertools
import os
import random
from dataclasses import dataclass

# `make matrix`: everything, not a sample.
IS_WHOLE = os.environ.get("MATRIX") == "all"

# Where our process dies: before or after one of the three transactions, or around the one POST.
CRASHES = (
    "none", "before the intent", "after the intent", "before the claim", "after the claim", "after the answer",
    "before the outcome", "after the outcome",
)  # fmt: skip

# What the line or the vendor does with the POST. The sandbox's rules, but for the two that never reach it.
FAULTS: dict[str, dict[str, object] | None] = {
    "none": None,
    "refused": None,
    "tls": None,
    "dropped before": {"action": "reset", "when": "before"},
    "dropped after": {"action": "reset", "when": "after"},
    "silent before": {"action": "hang_before", "seconds": 5},
    "silent after": {"action": "hang_after", "seconds": 5},
    "half an answer": {"action": "truncate"},
    "429 with a time": {"action": "status", "status": 429, "headers": {"Retry-After": "1"}},
    "429 after": {"action": "status", "status": 429, "when": "after"},
    "500": {"action": "status", "status": 500},
    "500 after": {"action": "status", "status": 500, "when": "after"},
    "503 after": {"action": "status", "status": 503, "when": "after"},
    "504": {"action": "status", "status": 504},
    "slow": {"action": "slow", "seconds": 0.1},
}
LAGS = (0, 5, 60)  # virtual seconds until the vendor's lists show the order
OUTCOMES = ("rests", "fills", "fills in parts", "is rejected later")


@dataclass(frozen=True)
class Scenario:
    crash: str
    fault: str
    lag: int
    deduplicates: bool
    outcome: str

    def __str__(self) -> str:
        vendor = "deduplicates" if self.deduplicates else "takes twins"
        return f"crash {self.crash}, wire {self.fault}, seen after {self.lag} s, {vendor}, {self.outcome}"


ALL = [Scenario(*each) for each in itertools.product(CRASHES, FAULTS, LAGS, (False, True), OUTCOMES)]


def sample(count: int) -> list[Scenario]:
    """The same scenarios every time, every crash and every fault among them."""
    draw = random.Random(4711)
    picked = [draw.choice([one for one in ALL if one.fault == fault and one.crash == "none"]) for fault in FAULTS]
    picked += [draw.choice([one for one in ALL if one.crash == crash]) for crash in CRASHES]
    rest = draw.sample([one for one in ALL if one not in picked], max(0, count - len(picked)))
    return picked + rest
