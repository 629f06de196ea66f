"""The demo's folder, `.local/demo` or DEMO_HOME: everything it remembers, and who is using it now."""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values

from deploy.local.environment import ROOT, new_keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.processes import end_leftover, fingerprint

MADE_HERE = (
    *("postgres", "broker", "static", "logs", "sandbox.sqlite3*", "beat-schedule*"),
    *("addresses.json", "parts.json", "*.stamp", "demo.env", "lock"),
)


class DemoIsRunning(Exception):
    """Another launcher uses this folder."""


class Home:
    """Paths below one folder, and the few files that the launcher itself keeps there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.broker = folder / "broker"
        self.static = folder / "static"
        self.sandbox_state = folder / "sandbox.sqlite3"
        self.beat_schedule = folder / "beat-schedule"
        self.addresses = folder / "addresses.json"
        self.postgres = folder / "postgres"
        self._keys = folder / "demo.env"
        self._parts = folder / "parts.json"
        self._lock = folder / "lock"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Home":
        return cls((ROOT / (environment.get("DEMO_HOME") or ".local/demo")).resolve())

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder until the block ends, or this process does. Raises DemoIsRunning."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise DemoIsRunning(lock.read().strip()) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def keys(self) -> dict[str, str]:
        """Return this demo's secrets, made once: what is encrypted or signed in it depends on them."""
        if not self._keys.exists():
            unfinished = self._keys.with_suffix(".new")
            unfinished.touch(mode=0o600)
            unfinished.write_text("".join(f"{name}={value}\n" for name, value in new_keys().items()))
            unfinished.rename(self._keys)
        return {name: value for name, value in dotenv_values(self._keys).items() if value is not None}

    def make_ready(self) -> None:
        """Make the folders of a run. Messages of an earlier run are dropped: tasks are wake-ups, tables the truth."""
        shutil.rmtree(self.broker, ignore_errors=True)
        for folder in (self.logs, self.broker, self.static):
            folder.mkdir(exist_ok=True)

    def is_done(self, job: str, digest: str) -> bool:
        done = self.folder / f"{job}.stamp"
        return done.exists() and done.read_text() == digest

    def mark_done(self, job: str, digest: str) -> None:
        (self.folder / f"{job}.stamp").write_text(digest)

    def publish(self, addresses: Mapping[str, str]) -> None:
        """Say where everything is, to programs: the file is there while the demo is ready."""
        unfinished = self.addresses.with_suffix(".new")
        unfinished.write_text(json.dumps(addresses, indent=2) + "\n")
        unfinished.rename(self.addresses)

    def remember_parts(self, processes: Iterable[subprocess.Popen[bytes]]) -> None:
        """Note who runs, for a next start that finds them still there."""
        marks = [mark for process in processes if (mark := fingerprint(process.pid))]
        self._parts.write_text(json.dumps(marks))

    def sweep(self) -> int:
        """End what a killed launcher left running here; return how many parts that were. Call while `held`."""
        marks = json.loads(self._parts.read_text()) if self._parts.exists() else []
        swept = sum(end_leftover(mark) for mark in marks)
        EmbeddedPostgres(self.postgres).sweep()
        self.clean_up()
        return swept

    def clean_up(self) -> None:
        """Remove what is true only while the demo runs."""
        self._parts.unlink(missing_ok=True)
        self.addresses.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove what the demo made, by name: DEMO_HOME may be a folder that holds other things too."""
        for pattern in MADE_HERE:
            for path in self.folder.glob(pattern):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        with contextlib.suppress(OSError):  # not empty: not ours to remove
            self.folder.rmdir()
