"""Where the project is, and which environment its parts run in."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent.parent


def outer_environment() -> dict[str, str]:
    """Return the environment, completed by `.env`; what is set outside wins, as it does in the settings."""
    file = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value is not None}
    return file | dict(os.environ)


def new_keys() -> dict[str, str]:
    """Return fresh secrets in the form that the settings read."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ENCRYPTION_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def port(name: str, default: int, environment: Mapping[str, str]) -> int:
    """Read a port number. Raises ValueError with a sentence for the person who set it."""
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(f"{name} must be a port number between 1 and 65535, not {text!r}.")
    return int(text)
