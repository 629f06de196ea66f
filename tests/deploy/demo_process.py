"""`make demo` as a process, for tests: the very same launcher, on ports and in a folder of the caller's."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from deploy.local.environment import ROOT

START_SECONDS = 90
STOP_SECONDS = 10
# What each demo has of its own: two that run side by side would clear each other's files.
OUR_OWN = (
    "DATABASE_URL",
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "CELERY_BROKER_URL",
    "CELERY_BROKER_DIR",
    "STATIC_ROOT",
    "MAKELEVEL",
)


class DemoProcess:
    """A launcher that was started; `addresses` holds web, northwind, admin, sandbox, logs, database_url, pid."""

    def __init__(self, home: Path, *, web_port: int, sandbox_port: int) -> None:
        self.home = home
        self.addresses: dict[str, str] = {}
        inherited = {name: value for name, value in os.environ.items() if name not in OUR_OWN}
        self.environment = inherited | {
            "DEMO_HOME": str(home),
            "WEB_PORT": str(web_port),
            "SANDBOX_PORT": str(sandbox_port),
            "DATABASE_URL": "",
        }
        self.process = self._launch()

    def _launch(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local.demo"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start_again(self) -> "DemoProcess":
        """After its end: the same data on the same ports."""
        self.process = self._launch()
        return self.wait_until_ready()

    def wait_until_ready(self) -> "DemoProcess":
        """Raises RuntimeError with what the launcher said when it gave up."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(FileNotFoundError):
                self.addresses = json.loads((self.home / "addresses.json").read_text())
                if self.addresses["pid"] == str(self.process.pid):  # not what a killed launcher left
                    return self
            time.sleep(0.05)
        self.process.terminate()
        raise RuntimeError(f"The demo did not start:\n{self.process.communicate()[0]}")

    def family(self) -> list[psutil.Process]:
        """Every process that the launcher started, directly or not."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, signum: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Ask it to stop; return its exit code and all that it printed."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        try:
            output = self.process.communicate(timeout=STOP_SECONDS)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, output


@contextlib.contextmanager
def running_demo(home: Path, *, web_port: int, sandbox_port: int) -> Iterator[DemoProcess]:
    """Start the demo, hand it over when it is ready, stop it afterwards. A second start on `home` is a warm one."""
    demo = DemoProcess(home, web_port=web_port, sandbox_port=sandbox_port).wait_until_ready()
    try:
        yield demo
    finally:
        demo.stop()
