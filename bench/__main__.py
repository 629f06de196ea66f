"""Measure what we promise in figures, on this machine, in one run: `make bench`. Writes bench/results.json.

Figures that depend on the machine stand beside something bare that was measured in the same run, so that ratios
can be compared between machines; nothing here is asserted.
"""

import json
import tempfile
import time
from pathlib import Path

from bench.landing import measure_landing
from bench.orders import measure_order_path
from bench.sandbox import measure_sandbox
from bench.streams import measure_streams
from bench.suite import measure_suite
from tests.deploy.demo_process import running_demo
from tests.support.sandboxes import free_port

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    figures: dict[str, dict[str, object]] = measure_sandbox()
    with tempfile.TemporaryDirectory() as folder:
        home, web_port, sandbox_port = Path(folder) / "demo", free_port(), free_port()
        for temperature in ("cold", "warm"):
            started = time.monotonic()
            with running_demo(home, web_port=web_port, sandbox_port=sandbox_port) as demo:
                seconds = round(time.monotonic() - started, 2)
                figures[f"demo_{temperature}_s"] = {
                    "value": seconds,
                    "unit": "s",
                    "note": "from the launcher's start to a page that answers, environment installed",
                }
                if temperature == "warm":
                    figures |= measure_landing(demo.addresses["web"])
                    figures |= measure_order_path(demo)
    figures |= measure_streams()
    figures |= measure_suite()
    RESULTS.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    for name, figure in sorted(figures.items()):
        print(f"{name:28} {figure['value']:>10} {figure['unit']:4} {figure['note']}")


if __name__ == "__main__":
    main()
