"""Run the check: `python -m tests.conformance`, or `make conformance`.

CONTRACT is the file with the published description (else a copy beside the checkout is taken), REQUESTS how many calls
to send. With `--members` it names the members of answers that were never seen.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

from tests.conformance.contract import read_contract
from tests.conformance.deviations import read_deviations
from tests.conformance.report import is_good, report_on
from tests.conformance.run import Run
from tests.sandbox.actors import Box
from tests.support.contract_file import contract_file


def main() -> int:
    path = contract_file()
    if not path.is_file():
        print(f"There is no contract at {path}; name it with CONTRACT=…", file=sys.stderr)
        return 1
    started = time.monotonic()
    run = Run(read_contract(path), read_deviations(), int(os.environ.get("REQUESTS", "10000")))
    with tempfile.TemporaryFile("w+") as errors, Box(errors=errors) as box:
        run.go(box, _show)
    _show("")
    print(f"in {time.monotonic() - started:.0f} s\n")
    print(report_on(run, with_members="--members" in sys.argv))
    return 0 if is_good(run) else 1


def _show(label: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{label}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
