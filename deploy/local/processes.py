"""Start a process of ours, end it for certain, and recognise one that outlived us."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: IO[bytes],
    cwd: Path | None = None,
    uid: int | None = None,
    gid: int | None = None,
    when_we_die: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that Ctrl-C reaches us alone and we end the parts.

    On Linux the kernel sends it `when_we_die` should this process be killed: not a request, which a part may hang
    on with nobody left to insist. That holds for the thread that starts it: call this from the main thread.
    """
    return subprocess.Popen(  # noqa: S603  (our own parts, no shell)
        command,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=uid,
        group=gid,
        extra_groups=[] if uid is not None else None,
        preexec_fn=_tie_to_parent(when_we_die),
    )


def _tie_to_parent(signum: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(signum))
        if os.getppid() != parent:  # the launcher died before the tie was made
            os.kill(os.getpid(), signum)

    return tie


def watch_for_abandonment(environment: Mapping[str, str]) -> Callable[[], bool]:
    """Return a question to ask now and then: is the terminal, or the `make`, that started us gone?

    `make` waits for us whatever signal it gets, and a closed terminal tells only the first process in it.
    """
    parent = os.getppid() if "MAKELEVEL" in environment else None
    terminal = select.poll()
    if os.isatty(0):
        terminal.register(0, 0)  # nothing but the hang-up, which is always reported

    def is_abandoned() -> bool:
        has_hung_up = any(event & select.POLLHUP for _, event in terminal.poll(0))
        return has_hung_up or (parent is not None and os.getppid() != parent)

    return is_abandoned


def end_all(processes: Iterable[subprocess.Popen[bytes]], *, patience: float) -> None:
    """Ask every process to stop, wait `patience` seconds in all, then end their whole process groups."""
    running = list(processes)
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + patience
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in running:
        # the group outlives its leader when a part left children behind
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def fingerprint(pid: int) -> dict[str, float] | None:
    """Return what tells this process from a later one with the same number; None if it is gone."""
    try:
        return {"pid": pid, "started": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return None


def end_leftover(mark: Mapping[str, float], *, patience: float = 3.0) -> bool:
    """End the process that `fingerprint` described; False if it is gone or its number means another now."""
    try:
        process = psutil.Process(int(mark["pid"]))
        if abs(process.create_time() - mark["started"]) > 1.0:
            return False
        process.terminate()
        try:
            process.wait(patience)
        except psutil.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(1)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return False
    return True
