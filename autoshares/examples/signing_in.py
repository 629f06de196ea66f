"""A client from the environment, for the examples beside it.

    export AUTOSHARES_BASE_URL=http://localhost:9100/api
    export AUTOSHARES_APP_KEY=demo-harbor-app-key-secret
    export AUTOSHARES_LOGIN=investor@demo.test AUTOSHARES_PASSWORD=open-the-market

Instead of login and password, AUTOSHARES_TOKEN may hold an access token of the OAuth flow. Whoever has a second
factor is asked for it on the terminal.
"""

import os
import sys

from autoshares import Client, LoginOutcome
from autoshares.errors import AutoSharesError


def client_from_environment() -> Client:
    """A client of someone who is signed in. Ends the program with a sentence if that cannot be."""
    base_url, app_key = _needed("AUTOSHARES_BASE_URL"), _needed("AUTOSHARES_APP_KEY")
    token = os.environ.get("AUTOSHARES_TOKEN") or _sign_in(Client(base_url=base_url, app_key=app_key))
    return Client(base_url=base_url, app_key=app_key, token=token)


def _sign_in(stranger: Client) -> str:
    name, password = _needed("AUTOSHARES_LOGIN"), _needed("AUTOSHARES_PASSWORD")
    login = stranger.login
    try:
        step = login.start(name, password)
    except AutoSharesError as error:  # nobody there, a wrong key, too many tries
        sys.exit(f"Not signed in: {error}")
    while not step.is_over:
        match step.outcome:
            case LoginOutcome.NEEDS_CODE:
                step = login.enter_code(name, password, _answer("Code: "), interim_token=step.token)
            case LoginOutcome.NEEDS_PIN:  # phrase and image are the user's own: who shows them is no stranger
                known = ", ".join(filter(None, (step.phrase, step.image)))
                step = login.enter_pin(name, password, _answer(f"PIN ({known}): "), interim_token=step.token)
            case LoginOutcome.NEEDS_NEW_PIN:
                sys.exit("Not signed in: please choose a PIN at AutoShares first.")
            case _:
                break
    if step.outcome is not LoginOutcome.SUCCEEDED:
        sys.exit(f"Not signed in: {step.reason or step.step}")
    return step.token


def _answer(question: str) -> str:
    """Asked on stderr: what an example prints may go into a file."""
    print(question, end="", file=sys.stderr, flush=True)
    return input()


def _needed(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"Please set {name}.")
