"""What the matrix says while it runs, and what it leaves behind: `.local/matrix.md` after `make matrix`."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from deploy.local.environment import ROOT
from tests.matrix.scenarios import CRASHES, FAULTS

FILE = ROOT / ".local" / "matrix.md"
BAR = 40
QUIET_STEP = 0.05  # where there is no terminal, a line for each twentieth


class Report:
    """Gathers what the tests note as properties; the process that prints has one."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.cells: Counter[tuple[str, str]] = Counter()
        self.broken: list[str] = []
        self.bugs: dict[str, str] = {}
        self.crashes: list[dict[str, Any]] = []
        self.started = time.monotonic()
        self.done = 0
        self.shown = 0.0

    def take(self, report: pytest.TestReport) -> None:
        """One test has ended."""
        for name, value in report.user_properties:
            getattr(self, f"_take_{name}", lambda value: None)(value)
        if report.failed:
            self.broken.append(report.nodeid.partition("::")[2])

    def _take_scenario(self, value: dict[str, Any]) -> None:
        self.counts["scenarios"] += 1
        self.cells[value["fault"], value["crash"]] += 1
        self.counts.update(value["broken"])

    def _take_planted(self, value: dict[str, Any]) -> None:
        self.bugs[value["name"]] = value["caught"]

    def _take_crash(self, value: dict[str, Any]) -> None:
        self.crashes.append(value)

    # --- while it runs ------------------------------------------------------------------------------

    def show_progress(self, terminal: pytest.TerminalReporter, total: int) -> None:
        """One more test is done, of `total`."""
        self.done += 1
        share = self.done / max(total, self.done)
        text = f"{self.done}/{total}, {self.verdict()}, {self._minutes_left(share)}"
        if terminal.isatty:
            full = round(BAR * share)
            terminal.rewrite(f"[{'█' * full}{'·' * (BAR - full)}] {text}", erase=True)
            terminal.flush()
        elif share - self.shown >= QUIET_STEP or share == 1:
            self.shown = share
            terminal.write(f"{share:4.0%}  {text}\n", flush=True)

    def verdict(self) -> str:
        return f"duplicated {self.counts['duplicated']}, lost {self.counts['lost']}"

    def _minutes_left(self, share: float) -> str:
        spent = time.monotonic() - self.started
        return f"{spent * (1 - share) / share / 60:.0f} min to go"

    # --- afterwards ---------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """The verdict, as it is printed."""
        lines = []
        if self.counts["scenarios"]:
            lines.append(f"{self.counts['scenarios']} scenarios: {self.verdict()}")
        if self.bugs:
            lines.append(f"planted bugs caught {sum(map(bool, self.bugs.values()))}/{len(self.bugs)}")
        if self.crashes:
            slowest = max(crash["seconds"] for crash in self.crashes)
            lines.append(f"{len(self.crashes)} deaths by kill -9: slowest recovery {slowest:.1f} s")
        return lines

    def write(self) -> None:
        FILE.parent.mkdir(exist_ok=True)
        parts = ["# Order fault matrix", _bullets(self.lines())]
        if self.broken:
            parts += ["## Broken", _bullets(self.broken)]
        if self.cells:
            parts += ["## Scenarios", "How many, by wire fault and crash point.", self._scenario_table()]
        if self.bugs:
            parts += ["## Planted bugs", _table(["bug", "caught, because"], sorted(self.bugs.items()))]
        if self.crashes:
            note = "`orders`: how many AutoShares has. `seconds`: from the kill until everything works and is settled."
            parts += ["## Deaths by kill -9", note, self._crash_table()]
        FILE.write_text("\n\n".join(parts) + "\n")

    def _crash_table(self) -> str:
        heads = ["sender", "step", "victim", "state", "orders", "seconds"]
        return _table(heads, sorted([crash[head] for head in heads] for crash in self.crashes))

    def _scenario_table(self) -> str:
        rows = [[fault, *(self.cells[fault, crash] for crash in CRASHES)] for fault in FAULTS]
        return _table(["", *CRASHES], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
