"""The real sandbox as a process, for tests: start it, steer it through its control plane, read its ledger."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import requests

START_SECONDS = 60  # a busy machine takes its time


def free_port() -> int:
    """A TCP port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sandbox:
    """A running sandbox process. `control` speaks to `/_control/…`; JSON in, JSON out."""

    def __init__(self, *arguments: str, port: int | None = None, web_port: int = 8000) -> None:
        self.port = port or free_port()
        self.web_port = web_port
        self.arguments = arguments
        self.process: subprocess.Popen | None = None
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._http = requests.Session()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    @property
    def issuer(self) -> str:
        return f"{self.url}/"

    def start(self) -> "Sandbox":
        """Start the process and wait until it answers. Raises RuntimeError with its output when it does not."""
        command = [
            sys.executable,
            "-m",
            "sandbox",
            "--port",
            str(self.port),
            "--web-port",
            str(self.web_port),
        ]
        self.process = subprocess.Popen(
            [*command, *self.arguments],
            stdout=self.log,  # a file: nobody reads a pipe while it runs, and a full one would stop it
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(requests.RequestException):
                if self._http.get(f"{self.api_url}/health", timeout=1).ok:
                    return self
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        self.log.seek(0)
        raise RuntimeError(f"The sandbox did not start:\n{self.log.read().decode()}")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._http.close()
        self._http = requests.Session()

    def control(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """Call `/_control/<path>`: GET without a body, POST with one."""
        # Somebody else's sandbox, a demo's: seconds pass between two calls, and it hangs up on who is silent for five.
        manners = {"Connection": "close"} if self.process is None else {}
        answer = self._http.request(
            method or ("GET" if body is None else "POST"),
            f"{self.url}/_control/{path}",
            json=body,
            headers=manners,
            timeout=10,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def reset(self) -> None:
        self.control("reset", {})

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """While the block runs, every connection is dropped without a word; much quicker than `stopped`."""
        self.control("faults", {"action": "refuse", "count": None})
        try:
            yield
        finally:
            self.control("faults", method="DELETE")

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """While the block runs, nobody listens; afterwards the sandbox is back on the same port."""
        self.stop()
        try:
            yield
        finally:
            self.start()


@contextlib.contextmanager
def running_sandbox(*arguments: str, web_port: int = 8000) -> Iterator[Sandbox]:
    sandbox = Sandbox(*arguments, web_port=web_port).start()
    try:
        yield sandbox
    finally:
        sandbox.stop()
