"""What it costs to keep open orders true, and how that grows with what there is: in a process of its own."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.local.environment import ROOT
from deploy.local.test import run_environment
from tests.support.sandboxes import free_port


def measure_polling() -> dict[str, dict[str, object]]:
    """Milliseconds in the database per due order, among 1,000, 10,000 and 100,000 open ones. Half a minute."""
    with run_environment() as environment, tempfile.TemporaryDirectory() as folder:
        port = str(free_port())
        environment |= {"SANDBOX_PORT": port, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
        _run(["deploy.local.prepare"], environment)
        return json.loads(_run(["bench.due_accounts", str(Path(folder) / "sandbox.sqlite3"), port], environment))


def _run(module: list[str], environment: dict[str, str]) -> str:
    """What it printed. Raises RuntimeError with its complaints when it fails."""
    done = subprocess.run(  # noqa: S603  (our own modules)
        [sys.executable, "-m", *module], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout
