"""Run pytest with a PostgreSQL of its own: `python -m deploy.local.test [pytest arguments]`.

All workers of one run share the server; it is stopped and removed at the end. With DATABASE_URL set in the
environment, that server is used and none is started.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.environment import ROOT, new_keys
from deploy.local.postgres import PostgresError, throwaway_server


@contextmanager
def database_url() -> Iterator[str]:
    configured = os.environ.get("DATABASE_URL")  # not from `.env`, whose server real keys are for
    with contextlib.nullcontext(configured) if configured else throwaway_server() as url:
        yield url


@contextmanager
def run_environment() -> Iterator[dict[str, str]]:
    """Yield the environment of a test run: demo settings, keys of its own, a database."""
    with database_url() as url, tempfile.TemporaryDirectory(prefix="sharefront-test-") as scratch:
        yield (
            os.environ
            | new_keys()
            | {
                "DATABASE_URL": url,
                "SHAREFRONT_ENV": "demo",
                "DEBUG": "false",
                "ALLOWED_HOSTS": ".localhost,localhost",
                "SECURE_TRANSPORT": "false",
                "BEHIND_PROXY": "false",
                "SESSION_HOURS": "24",
                "STATIC_ROOT": str(Path(scratch) / "static"),
                "CELERY_BROKER_URL": "filesystem://",
                "CELERY_BROKER_DIR": str(Path(scratch) / "broker"),
            }
        )


def run_pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """Run pytest to its end and return its exit code. Ctrl-C is pytest's to handle: it reports and exits."""
    pytest = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT,
        env=environment,
    )
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: pytest.terminate())
    return pytest.wait()


def main(arguments: list[str]) -> int:
    try:
        with run_environment() as environment:
            return run_pytest(arguments, environment)
    except PostgresError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
