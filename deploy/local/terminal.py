"""What the person at the terminal sees: calm lines, and one block that says where to go."""

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping

SIGN_INS = (
    ("investor@demo.test", "open-the-market", "funded, holds positions, two accounts"),
    ("trader@demo.test", "open-the-market", "margin, options level 3"),
    ("newcomer@demo.test", "open-the-market", "no account yet"),
    ("ops@demo.test", "open-the-desk", "staff, for the admin"),
)


def say(text: str = "", *, error: bool = False) -> None:
    """Print a line; a terminal that was closed is no reason to fail."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr if error else sys.stdout, flush=True)


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Say `text` while the block runs, and the seconds it took once it is done."""
    started = time.monotonic()
    on_terminal = sys.stdout.isatty()
    if on_terminal:
        with contextlib.suppress(OSError, ValueError):
            print(f"… {text}", end="", flush=True)
    try:
        yield
    except BaseException:
        if on_terminal:
            say()
        raise
    say(f"{'\r' if on_terminal else ''}✓ {text:<34} {time.monotonic() - started:4.1f} s")


def announce(addresses: Mapping[str, str], seconds: float, logs: str) -> None:
    say(f"\nSharefront is ready after {seconds:.1f} s.\n")
    for label, name in (
        ("Harbor Street", "web"),
        ("Northwind", "northwind"),
        ("Admin", "admin"),
        ("AutoShares sandbox", "sandbox"),
    ):
        say(f"  {label:<20} {addresses[name]}")
    say(f"\n  {'sign in as':<20} {'password':<17} who that is")
    for email, password, who in SIGN_INS:
        say(f"  {email:<20} {password:<17} {who}")
    say(f"\n  Logs are in {logs}. Ctrl-C stops everything; the data is kept (`make reset` forgets it).\n")
