"""Did anything change since a step last succeeded: so that a second start skips what is already done."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.local.environment import ROOT

APPS = ("config", "autoshares", "brokers", "investors", "agreements", "trading", "operations")


def code_files() -> Iterable[Path]:
    return (path for app in APPS for path in (ROOT / app).rglob("*.py"))


def static_files() -> Iterable[Path]:
    return (path for path in (ROOT / "static").rglob("*") if path.is_file())


def digest(files: Iterable[Path], environment: Mapping[str, str]) -> str:
    """Return a fingerprint of the files (by name, size and time), the locked packages and the settings."""
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(files)]
    text = json.dumps([facts, (ROOT / "requirements.lock").read_text(), sorted(environment.items())])
    return hashlib.sha256(text.encode()).hexdigest()
