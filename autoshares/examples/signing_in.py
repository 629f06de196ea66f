"""A client from the environment, for the examples beside it.

export AUTOSHARES_BASE_URL=http://localhost:9100/api
export AUTOSHARES_APP_KEY=demo-harbor-app-key-secret
export AUTOSHARES_TOKEN=...             # an access token; the README says where it comes from
"""

import os
import sys

from autoshares import Client


def client_from_environment() -> Client:
    """Ends the program with a sentence if something is missing."""
    names = ("AUTOSHARES_BASE_URL", "AUTOSHARES_APP_KEY", "AUTOSHARES_TOKEN")
    if missing := [name for name in names if not os.environ.get(name)]:
        sys.exit(f"Please set {', '.join(missing)}.")
    base_url, app_key, token = (os.environ[name] for name in names)
    return Client(base_url=base_url, app_key=app_key, token=token)
