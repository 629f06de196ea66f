"""Run every check that needs no browser: `python -m deploy.local.lint`. All of them run; one failure fails all."""

import subprocess
import sys
import time

from deploy.local.environment import ROOT
from deploy.local.test import run_environment

PYTHON = sys.executable
TOOL = str(ROOT / ".venv" / "bin") + "/"
CHECKS = {
    "style": [TOOL + "ruff", "check", "--quiet"],
    "format": [TOOL + "ruff", "format", "--check", "--quiet"],
    "types": [TOOL + "mypy"],
    "imports": [TOOL + "lint-imports", "--no-cache"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "settings": [PYTHON, "manage.py", "check", "--fail-level", "WARNING"],
    "production settings": [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "vendored files": [PYTHON, "-m", "deploy.vendor", "--check"],
}
AS_IN_PRODUCTION = {"SHAREFRONT_ENV": "live", "ALLOWED_HOSTS": "sharefront.example", "SECURE_TRANSPORT": "true"}


def run_check(name: str, environment: dict[str, str]) -> bool:
    """Run one check; its output is shown only when it fails."""
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603  (our own tools)
        CHECKS[name],
        cwd=ROOT,
        env=environment | (AS_IN_PRODUCTION if name.startswith("production") else {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    passed = done.returncode == 0
    print(f"{'✓' if passed else '✗'} {name}  {time.monotonic() - started:.1f} s", flush=True)
    if not passed:
        print(done.stdout)
    return passed


def main() -> int:
    with run_environment() as environment:
        results = [run_check(name, environment) for name in CHECKS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
