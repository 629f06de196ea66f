"""The demo's real processes, to be killed: what dies stays dead until it is brought back, as by a supervisor."""

import contextlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psycopg
import requests
from django.db import connection, connections

from deploy.local.demo import APPLICATION, Demo
from deploy.local.environment import ROOT
from deploy.local.home import Home
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.processes import end_all, spawn
from tests.deploy.demo_process import OUR_OWN
from tests.support.sandboxes import Sandbox, free_port

PARTS = (*APPLICATION, "postgres", "sandbox")
PATIENCE_SECONDS = 90


def wait_until(is_true: Callable[[], object], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Ask every 50 ms. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


class Household:
    """PostgreSQL, sandbox, web, worker and beat as `make demo` starts them, and our own way into their database."""

    def __init__(self, folder: Path) -> None:
        dropped = set(OUR_OWN) - {"SECRET_KEY", "ENCRYPTION_KEYS"}  # the books are read by us as well
        ours = {name: value for name, value in os.environ.items() if name not in dropped}
        ports = {"WEB_PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
        self.demo = Demo(Home(folder), ours | ports, jobs=["prepare"])  # nobody looks at pages: no static files
        self.sandbox = Sandbox(port=self.demo.sandbox_port)
        self.threads = ThreadPoolExecutor(max_workers=32)

    @property
    def postgres(self) -> EmbeddedPostgres:
        assert self.demo.postgres is not None
        return self.demo.postgres

    @property
    def web(self) -> str:
        return f"http://localhost:{self.demo.web_port}"

    def kill(self, *parts: str) -> None:
        """Kill -9."""
        for part in parts:
            process = self.postgres.process if part == "postgres" else self.demo.parts[part]
            assert process is not None
            process.kill()
            process.wait()

    def bring_back(self, *parts: str) -> None:
        """Start what was killed, the database first; it may take a while to be ready."""
        for part in sorted(parts, key=lambda part: part != "postgres"):
            if part == "postgres":
                self.postgres.start()
                connection.close()
            else:
                self.demo.start_part(part)

    @contextlib.contextmanager
    def second(self, part: str) -> Iterator[None]:
        """Another of its kind beside it, while the block runs."""
        schedule = str(self.demo.home.beat_schedule)
        command = [f"{schedule}-2" if word == schedule else word for word in self.demo.commands[part]]
        with tempfile.TemporaryFile() as log:
            twin = spawn(command, env=self.demo.environment, log=log, cwd=ROOT)
        try:
            yield
        finally:
            end_all([twin], patience=5)

    def is_ready(self) -> bool:
        """Web and its database answer, and so does the sandbox."""
        try:
            pages = [f"{self.web}/health/ready", f"{self.sandbox.api_url}/health"]
            return all(requests.get(page, timeout=2).ok for page in pages)
        except requests.RequestException:
            return False

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.postgres.url(), autocommit=True)

    @contextlib.contextmanager
    def books(self) -> Iterator[None]:
        """While the block runs, the models of this process read and write the household's database."""
        before = connections["default"]
        place = {"NAME": "sharefront", "HOST": str(self.postgres.sockets), "USER": "postgres", "PASSWORD": ""}
        there = type(before)(before.settings_dict | place | {"PORT": "5432", "OPTIONS": {}}, alias="default")
        connections["default"] = there
        try:
            yield
        finally:
            there.close()
            connections["default"] = before


@contextlib.contextmanager
def running_household() -> Iterator[Household]:
    folder = Path(tempfile.mkdtemp(prefix="crash-", dir="/tmp"))  # short: PostgreSQL's socket keeps its place
    household = Household(folder)
    try:
        household.demo.start()
        yield household
    finally:
        household.threads.shutdown(wait=False)
        household.demo.stop()
        shutil.rmtree(folder)


class Desk:
    """A signed-in investor's browser that confirms orders, and is told nothing when everything dies."""

    def __init__(self, household: Household, cookies: dict[str, str]) -> None:
        self.household, self.cookies = household, cookies
        self.orders = 0

    def fill_in(self) -> dict[str, str]:
        """A reviewed order that will rest in the book, like no other."""
        self.orders += 1
        return {
            "side": "buy",
            "type": "limit",
            "time_in_force": "gtc",
            "quantity": str(self.orders),
            "limit_price": "1.00",
            "is_second": "on",
            "form_key": str(uuid.uuid4()),
        }

    def confirm(self, form: dict[str, str]) -> int:
        """The status of the answer; 0 when there was none."""
        return self.post("/trade/AAPL/place/", form)

    def confirm_later(self, form: dict[str, str]) -> Future[int]:
        """Click, and do not wait."""
        return self.household.threads.submit(self.confirm, form)

    def post(self, path: str, form: dict[str, str]) -> int:
        token = "c" * 32
        try:
            answer = requests.post(
                f"{self.household.web}{path}",
                form | {"csrfmiddlewaretoken": token},
                cookies=self.cookies | {"csrf": token},
                headers={"HX-Request": "true", "HX-Request-Type": "partial"},
                timeout=60,
            )
        except requests.RequestException:
            return 0
        return answer.status_code
