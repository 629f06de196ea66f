"""How long the whole test suite takes, as `make test` runs it."""

import re
import resource
import subprocess
import time

from bench.figures import figure
from deploy.local.environment import ROOT


def measure_suite() -> dict[str, dict[str, object]]:
    """Return tests_s. Raises RuntimeError when a test fails: a suite that stops early would look quick."""
    before, started = _cpu_seconds(), time.monotonic()
    done = subprocess.run(["make", "test"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    seconds, cpu_seconds = time.monotonic() - started, _cpu_seconds() - before
    summary = done.stdout.rstrip().rpartition("\n")[2]
    if done.returncode != 0:
        raise RuntimeError(f"make test: {summary}")
    passed = re.search(r"(\d+) passed", summary)
    note = f"`make test`, {passed[1] if passed else 'no'} tests, {cpu_seconds:.0f} s of CPU"
    return {"tests_s": figure(seconds, "s", note)}


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
