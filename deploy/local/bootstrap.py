"""Bring up the environment in .venv: `python3 deploy/local/bootstrap.py`.

Any Python from 3.9 on starts this, with the standard library alone. It puts uv into .local/uv (pinned, with
hashes, in uv.txt), lets uv make .venv with Python 3.13 or 3.12, and syncs that with requirements.lock. When
nothing changed since the last time it returns at once and needs no network.

`python3 deploy/local/bootstrap.py --uv ARGUMENTS` runs that uv instead (`make lock`).
"""

# ruff: noqa: S603  (every command here is our own)

import contextlib
import fcntl
import glob
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

if sys.version_info < (3, 9):  # noqa: UP036  (this file alone meets whatever Python a machine has)
    sys.exit("Sharefront needs Python 3.9 or newer to start from; this is " + sys.version.split()[0] + ".")

ROOT = Path(__file__).resolve().parent.parent.parent
LOCAL = ROOT / ".local"
UV_HOME = LOCAL / "uv"
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PINNED_UV = Path(__file__).resolve().parent / "uv.txt"
STAMP = VENV / ".synced"
SUPPORTED = ("3.13", "3.12")
PIP_INSTALL = (
    *("install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-script-location"),
    *("--require-hashes", "--only-binary=:all:", "--requirement", str(PINNED_UV)),
)


class SetupError(Exception):
    """Something outside the project is missing; the message says what to do about it."""


class Untrusted(SetupError):
    """A package is not the one that we pinned."""


def main(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show ✓ shows ?
    try:
        if arguments[:1] == ["--uv"]:
            with one_at_a_time():
                uv = find_uv()
            return subprocess.call([str(uv), *arguments[1:]], cwd=ROOT)
        if not is_up_to_date():
            with one_at_a_time():
                if not is_up_to_date():
                    set_up()
    except SetupError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def is_up_to_date() -> bool:
    with contextlib.suppress(FileNotFoundError):
        return STAMP.read_text() == stamp() and (VENV / "bin" / "python").exists()
    return False


def stamp() -> str:
    """Return what .venv depends on: the folder (its scripts name it) and the pinned files."""
    digest = hashlib.sha256()
    for file in (LOCK, PINNED_UV):
        digest.update(file.read_bytes())
    return f"{ROOT}\n{digest.hexdigest()}\n"


def set_up() -> None:
    print("Setting up Sharefront (once, about a minute)", flush=True)
    uv = find_uv()
    ensure_python(uv)
    packages = sum(1 for line in LOCK.read_text().splitlines() if line[:1].isalnum())
    with step(f"Installing {packages} packages into .venv"):
        run(
            [uv, "pip", "sync", "--require-hashes", "--python", VENV / "bin" / "python", LOCK],
            "The packages of requirements.lock could not be installed. Is the network there?",
        )
    STAMP.write_text(stamp())


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second `make` in the same folder wait for the first."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- uv ---------------------------------------------------------------------------------------------


def find_uv() -> Path:
    """Return our uv, fetching it first where it is not here yet."""
    wanted = PINNED_UV.read_text().split()[0].replace("==", " ")
    for candidate in (UV_HOME / "bin" / "uv", UV_HOME / "site" / "bin" / "uv"):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            if subprocess.check_output([str(candidate), "--version"], text=True).startswith(wanted):
                return candidate
    with step("Fetching uv into .local/uv"):
        return fetch_uv()


def fetch_uv() -> Path:
    """Install uv with what this Python offers. Debian's has neither venv nor pip: hence the detours."""
    problems = []
    for way in (fetch_with_venv, fetch_with_pip, fetch_with_debian_pip):
        shutil.rmtree(UV_HOME, ignore_errors=True)
        try:
            return way()
        except Untrusted:
            raise
        except SetupError as error:
            problems.append(str(error))
    installed = shutil.which("uv")
    if installed:
        return Path(installed)
    advice = "Is the network there? If this Python has neither venv nor pip: apt-get install python3-venv"
    raise SetupError("uv could not be fetched. " + advice + "\n" + "\n".join(problems))


def fetch_with_venv() -> Path:
    run([sys.executable, "-m", "venv", UV_HOME], f"{sys.executable} cannot make a virtual environment.")
    run([UV_HOME / "bin" / "python", "-m", "pip", *PIP_INSTALL], "pip could not fetch uv.")
    return UV_HOME / "bin" / "uv"


def fetch_with_pip(**environment: str) -> Path:
    site = UV_HOME / "site"
    command = [sys.executable, "-m", "pip", *PIP_INSTALL, "--target", site]
    run(command, f"{sys.executable} has no pip that could fetch uv.", **environment)
    return site / "bin" / "uv"


def fetch_with_debian_pip() -> Path:
    """Unpack Debian's own pip beside the project, without installing it; needs no root."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise SetupError("There is no apt-get to fetch pip with.")
    with tempfile.TemporaryDirectory() as scratch:
        run(["apt-get", "download", "python3-pip-whl"], "apt-get could not fetch pip.", folder=scratch)
        (package,) = glob.glob(f"{scratch}/*.deb")  # noqa: PTH207
        run(["dpkg-deb", "--extract", package, scratch], "pip could not be unpacked.")
        wheels = sorted(Path(scratch).glob("usr/share/python-wheels/pip-*.whl"))
        return fetch_with_pip(PYTHONPATH=str(wheels[-1]))


# --- Python -----------------------------------------------------------------------------------------


def ensure_python(uv: Path) -> None:
    """Make .venv unless one is here. First choice: this Python, then one found here, then a download."""
    if is_usable(VENV):
        return
    wishes = [[version, "--no-python-downloads"] for version in SUPPORTED] + [[SUPPORTED[0]]]
    if version_of(sys.executable) in SUPPORTED:
        wishes.insert(0, [sys.executable])
    with step("Making .venv"):
        for position, wish in enumerate(wishes, start=1):
            try:
                run(
                    [uv, "venv", "--clear", "--python", *wish, VENV],
                    "Sharefront needs Python 3.13 or 3.12. There is none here and none could be downloaded;\n"
                    "  install one, or say where it is: make setup PYTHON=/path/to/python3.13",
                    UV_PYTHON_INSTALL_DIR=str(LOCAL / "python"),
                )
                return
            except SetupError:
                if position == len(wishes):
                    raise


def is_usable(venv: Path) -> bool:
    """Say whether `venv` was made here (scripts in it name their folder) with a Python that we support."""
    made_elsewhere = STAMP.exists() and STAMP.read_text().splitlines()[0] != str(ROOT)
    return not made_elsewhere and version_of(venv / "bin" / "python") in SUPPORTED


def version_of(python: object) -> str:
    command = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).strip()
    except (OSError, subprocess.SubprocessError):
        return ""


# --- Running and telling ----------------------------------------------------------------------------


def run(command: Sequence[object], failure: str, folder: object = ROOT, **environment: str) -> None:
    """Run a command quietly. Raises SetupError with `failure` and the command's last words."""
    outside = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=str(folder),
            env={**outside, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        raise SetupError(f"{failure}\n    {error}") from None
    if done.returncode == 0:
        return
    last_words = "".join(f"\n    {line}" for line in done.stdout.strip().splitlines()[-10:])
    if "Hash mismatch" in done.stdout or "DO NOT MATCH THE HASHES" in done.stdout:
        raise Untrusted("A download has another hash than the one we pinned; it was not installed." + last_words)
    raise SetupError(failure + last_words)


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done, and how many seconds it took once it is done."""
    started = time.monotonic()
    print(f"… {text}", flush=True)
    yield
    print(f"✓ {text}  {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
