"""Start the whole of Sharefront on this machine, and stop all of it: `make demo`.

PostgreSQL, the sandbox, the web server, a Celery worker and beat run as children of this process, each in a
session of its own with a log of its own. When one of them dies, on Ctrl-C, SIGTERM or SIGHUP, or when our
terminal or the `make` that started us is gone, everything stops. Should this process be killed, Linux stops the
parts; elsewhere the next start does. A process manager would start them as well, but not wait for one before the
other, nor stop PostgreSQL last, nor find what an earlier run left behind.

Environment: WEB_PORT, SANDBOX_PORT, DEMO_HOME (all state; `.local/demo`), DATABASE_URL (no embedded server).
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path

from deploy.local import sandbox, sources
from deploy.local.environment import ROOT, outer_environment, port
from deploy.local.home import DemoIsRunning, Home
from deploy.local.ports import PortTaken, check_free
from deploy.local.postgres import EmbeddedPostgres, PostgresError
from deploy.local.processes import end_all, spawn, watch_for_abandonment
from deploy.local.terminal import announce, say, step

PATIENCE_SECONDS = 60.0
PYTHON = sys.executable
JOBS = {
    "prepare": [PYTHON, "-m", "deploy.local.prepare"],
    "static": [PYTHON, "manage.py", "collectstatic", "--no-input", "--clear"],
}
APPLICATION = ("web", "worker", "beat")


class Stopped(Exception):
    """Somebody asked us to stop."""


class PartDied(Exception):
    """A part ended that should run, or failed at what it had to do."""


class Demo:
    """One run: `start`, `watch` until something ends it, and `stop` in any case. `jobs` of JOBS are done first."""

    def __init__(self, home: Home, environment: dict[str, str], jobs: Collection[str] = tuple(JOBS)) -> None:
        self.home = home
        self.jobs = jobs
        self.outer = environment
        self.web_port = port("WEB_PORT", 8000, environment)
        self.sandbox_port = port("SANDBOX_PORT", 9100, environment)
        self.postgres: EmbeddedPostgres | None = None
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = self._environment()
        self.commands = JOBS | self._commands()
        self.is_abandoned = watch_for_abandonment(environment)
        self.is_stopping = False

    def _environment(self) -> dict[str, str]:
        """Return what every part sees: defaults for the demo, then whatever was set outside, then its ports."""
        defaults = self.home.keys() | {
            "SHAREFRONT_ENV": "demo",
            "CELERY_BROKER_URL": "filesystem://",
            "CELERY_BROKER_DIR": str(self.home.broker),
            "STATIC_ROOT": str(self.home.static),
        }
        outer = {name: value for name, value in self.outer.items() if value}
        return (
            defaults
            | outer
            | {
                "WEB_PORT": str(self.web_port),
                "SANDBOX_PORT": str(self.sandbox_port),
                "PYTHONUNBUFFERED": "1",
            }
        )

    def _commands(self) -> dict[str, list[str]]:
        celery = [PYTHON, "-m", "celery", "-A", "config"]
        quiet = ["--without-mingle", "--without-gossip", "--without-heartbeat"]
        return {
            "sandbox": sandbox.command(
                listen=self.sandbox_port,
                web=self.web_port,
                state=self.home.sandbox_state,
                market_hours="around-the-clock",
            ),
            "web": [PYTHON, "-m", "deploy.local.web", str(self.web_port)],
            "worker": [*celery, "worker", "--pool", "threads", "--concurrency", "4", *quiet],
            "beat": [*celery, "beat", "--schedule", str(self.home.beat_schedule), "--pidfile", ""],
        }

    # --- starting -----------------------------------------------------------------------------------

    def start(self) -> None:
        started = time.monotonic()
        check_free("WEB_PORT", self.web_port)
        check_free("SANDBOX_PORT", self.sandbox_port)
        self.home.make_ready()
        self.start_part("sandbox")
        self._start_postgres()
        self._prepare()
        for name in APPLICATION:
            self.start_part(name)
        with step("Sandbox, web server, worker, beat"):
            self._wait(lambda: _status(self.sandbox_port, "/api/health") is not None, "sandbox")
            self._wait(lambda: _status(self.web_port, "/health/ready") == 200, "web")
        addresses = self._addresses()
        self.home.publish(addresses)
        announce(addresses, time.monotonic() - started, _short(self.home.logs))

    def _start_postgres(self) -> None:
        if self.environment.get("DATABASE_URL"):
            return
        with step("PostgreSQL"):
            self.postgres = EmbeddedPostgres(self.home.postgres)
            self.postgres.start()
            self.postgres.create_database()
            self.environment["DATABASE_URL"] = self.postgres.url()

    def _prepare(self) -> None:
        """Migrate and seed, and collect static files, side by side; each only when something changed."""
        wanted = {"DATABASE_URL", "SHAREFRONT_ENV", "WEB_PORT", "SANDBOX_PORT", "STATIC_ROOT"}
        settings = {name: value for name, value in self.environment.items() if name in wanted}
        digests = {
            "prepare": sources.digest(sources.code_files(), settings),
            "static": sources.digest(sources.static_files(), settings),
        }
        due = [name for name in self.jobs if not self.home.is_done(name, digests[name])]
        if not due:
            return
        with step("Database, demo data, static files"):
            for name in due:
                self.start_part(name)
            for name in due:
                self._finish(name)
                self.home.mark_done(name, digests[name])

    def _addresses(self) -> dict[str, str]:
        web = f"http://localhost:{self.web_port}"
        return {
            "web": web,
            "northwind": f"http://northwind.localhost:{self.web_port}",
            "admin": f"{web}/admin/",
            "sandbox": f"http://localhost:{self.sandbox_port}",
            "logs": str(self.home.logs),
            "database_url": self.environment["DATABASE_URL"],
            "pid": str(os.getpid()),
        }

    # --- the parts ----------------------------------------------------------------------------------

    def start_part(self, name: str) -> None:
        """Start a part, or start it again after its death; its log goes on."""
        with (self.home.logs / f"{name}.log").open("ab" if name in self.parts else "wb") as log:
            self.parts[name] = spawn(self.commands[name], env=self.environment, log=log, cwd=ROOT)
        self.home.remember_parts(self.parts.values())

    def _finish(self, name: str) -> None:
        """Wait for a part that has an end. Raises PartDied when it failed."""
        job = self.parts[name]
        while job.poll() is None:
            self._look_around(waiting_for=name)
            time.sleep(0.02)
        del self.parts[name]
        if job.returncode != 0:
            raise PartDied(self._obituary(name, "failed"))

    def _wait(self, is_true: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_true():
            self._look_around()
            if time.monotonic() > deadline:
                raise PartDied(self._obituary(name, f"was not ready after {PATIENCE_SECONDS:.0f} s"))
            time.sleep(0.05)

    def _look_around(self, waiting_for: str = "") -> None:
        """Raises Stopped when it is time to go, PartDied when a part is gone."""
        if self.is_stopping or self.is_abandoned():
            raise Stopped
        for name, process in self.parts.items():
            is_done_well = name in JOBS and process.poll() == 0
            if process.poll() is not None and name != waiting_for and not is_done_well:
                raise PartDied(self._obituary(name, "died"))
        if self.postgres is not None and not self.postgres.is_running():
            raise PartDied(f"PostgreSQL died, see {_short(self.postgres.log)}")

    def _obituary(self, name: str, what: str) -> str:
        log = self.home.logs / f"{name}.log"
        last_words = log.read_text(errors="replace").splitlines()[-5:]
        return "\n    ".join([f"The {name} {what}, see {_short(log)}", *last_words])

    # --- running and stopping -----------------------------------------------------------------------

    def watch(self) -> None:
        while True:
            self._look_around()
            time.sleep(0.2)

    def request_stop(self, *_: object) -> None:
        self.is_stopping = True

    def stop(self) -> None:
        """Stop the application, then what it talks to; PostgreSQL last, when nobody writes any more."""
        last = self.parts.pop("sandbox", None)
        end_all(self.parts.values(), patience=3.0)  # the worker looks up every 2 s
        if last is not None:
            end_all([last], patience=2.0)
        if self.postgres is not None:
            self.postgres.stop()
        self.home.clean_up()


def _status(number: int, path: str) -> int | None:
    """Return the status of a GET on this machine, None while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", number, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{number}"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def run(demo: Demo) -> int:
    """Run until told to stop, 0, or until a part dies, 1. Whatever happens, nothing is left running."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, demo.request_stop)
    try:
        demo.start()
        demo.watch()
    except Stopped:
        say("\nStopping …")
        return 0
    except (PartDied, PostgresError, PortTaken) as error:
        if demo.is_stopping:  # Ctrl-C reached a helper of ours before us
            return 0
        say(f"✗ {error}", error=True)
        return 1
    finally:
        demo.stop()
        say("✓ Everything is stopped.")
    return 0


def main() -> int:
    environment = outer_environment()
    if environment.get("SHAREFRONT_ENV", "demo") not in {"", "demo"}:
        # Its migrations and demo people must never reach a database that real keys are for.
        say("✗ SHAREFRONT_ENV says that real keys are in use (see .env). The demo runs without them.", error=True)
        return 1
    home = Home.from_environment(environment)
    try:
        with home.held():
            if swept := home.sweep():
                say(f"✓ Ended {swept} parts that an earlier run had left behind")
            return run(Demo(home, environment))
    except DemoIsRunning as running:
        say(f"✗ The demo is running already (process {running}), see its terminal.", error=True)
    except ValueError as error:
        say(f"✗ {error}", error=True)
    return 1


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
