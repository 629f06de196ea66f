"""Measure what we promise in figures, on this machine, in one run: `make bench`. Writes bench/results.json.

`python -m bench polling` runs that part alone and keeps the other figures. Figures that depend on the machine stand
beside something bare that was measured in the same run, so that ratios can be compared between machines; nothing here
is asserted.
"""

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.figures import figure
from bench.landing import measure_landing
from bench.orders import measure_order_path
from bench.polling import measure_polling
from bench.sandbox import measure_sandbox
from bench.streams import measure_streams
from bench.suite import measure_suite
from tests.deploy.demo_process import running_demo
from tests.support.sandboxes import free_port

RESULTS = Path(__file__).with_name("results.json")

type Figures = dict[str, dict[str, object]]
type Part = Callable[[], Figures]


def measure_demo() -> Figures:
    """Its start, cold and warm, and what it does once it runs."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        home, web_port, sandbox_port = Path(folder) / "demo", free_port(), free_port()
        for temperature in ("cold", "warm"):
            started = time.monotonic()
            with running_demo(home, web_port=web_port, sandbox_port=sandbox_port) as demo:
                note = "from the launcher's start to a page that answers, environment installed"
                figures[f"demo_{temperature}_s"] = figure(time.monotonic() - started, "s", note)
                if temperature == "warm":
                    figures |= measure_landing(demo.addresses["web"])
                    figures |= measure_order_path(demo)
    return figures


PARTS: dict[str, Part] = {
    "sandbox": measure_sandbox,
    "demo": measure_demo,
    "polling": measure_polling,
    "streams": measure_streams,
    "tests": measure_suite,
}


def run(parts: Mapping[str, Part], results: Path, *, keeping: bool) -> list[str]:
    """Measure, write and print; the names of the parts that failed. `keeping`: what no part measured stays written."""
    figures: Figures = json.loads(results.read_text()) if keeping and results.exists() else {}
    failed = []
    for name, part in parts.items():
        try:
            figures |= part()
        except Exception:
            traceback.print_exc()
            failed.append(name)
    results.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    for name, measured in sorted(figures.items()):
        print(f"{name:32} {measured['value']:>10} {measured['unit']:4} {measured['note']}")
    return failed


def main(names: list[str]) -> str | None:
    """Returns what to complain about."""
    if unknown := [name for name in names if name not in PARTS]:
        return f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}."
    parts = {name: PARTS[name] for name in names} if names else PARTS
    failed = run(parts, RESULTS, keeping=bool(names))
    return f"Not measured, see above: {', '.join(failed)}." if failed else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
