"""The direct login, step by step: password, code from a mail, PIN; what each user has switched on.

Between the steps a client holds an interim token, a ticket that opens nothing else. Source: API fact sheet 2.4.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

from sandbox.clock import wall_ms
from sandbox.exchange.walk import key_of, mix
from sandbox.oauth.tokens import fingerprint, issue_tokens
from sandbox.people.confirmations import issue_token
from sandbox.people.mail import send_mail
from sandbox.world import World

TICKET_LIFE_MS = 600_000
# The steps after the password, in order, and the column of the user that asks for each.
STEPS = {"VerificationCode": "two_factor", "SecurityPin": "pin_asked"}
ATTEMPTS = {"VerificationCode": 5, "SecurityPin": 3}
REASONS = {"VerificationCode": "Expecting confirmation code", "SecurityPin": "Invalid pin"}
USED_UP = {"VerificationCode": "Corrupted ticket", "SecurityPin": "Invalid pin"}


@dataclass(frozen=True, slots=True)
class Given:
    """What a client sends; everything is repeated at every step."""

    name: str
    password: str
    interim: str = ""
    verification_code: str = ""
    pin_code: str = ""

    def for_step(self, step: str) -> str:
        return self.verification_code if step == "VerificationCode" else self.pin_code


@dataclass(frozen=True, slots=True)
class Expecting:
    """The sign-in goes on with `step`; `token` is the interim token to come back with."""

    step: str
    reason: str
    token: str
    confirmation_token: str | None = None
    personal_phrase: str | None = None
    image: str | None = None


class LoginFailed(Exception):
    """The sign-in has to start over."""

    def __init__(self, step: str, reason: str, confirmation_token: str | None = None) -> None:
        super().__init__(reason)
        self.step, self.reason, self.confirmation_token = step, reason, confirmation_token


def sign_in(world: World, app: sqlite3.Row, given: Given) -> str | Expecting:
    """The access token, or what is still needed for it. Raises LoginFailed."""
    user = check_password(world, given.name, given.password)
    steps = [step for step, switch in STEPS.items() if user[switch]]
    if not steps:
        return _succeed(world, app, user)
    ticket = _find_ticket(world, app, given.interim)
    if ticket is None or ticket["user_id"] != user["id"]:
        if given.verification_code or given.pin_code:
            raise LoginFailed(steps[0], "Corrupted ticket")
        return ask(world, app, user, steps[0])
    answered = _check_step(world, user, ticket, given.for_step(ticket["step"]), given.interim)
    if answered is not None:
        return answered
    rest = steps[steps.index(ticket["step"]) + 1 :]
    return ask(world, app, user, rest[0]) if rest else _succeed(world, app, user)


def check_password(world: World, name: str, password: str) -> sqlite3.Row:
    """The user who may go on. Raises LoginFailed, with a token to change the password if it has expired."""
    user = find_by_password(world, name, password)
    if user is None:
        raise LoginFailed("BaseAuthentication", "Invalid credentials")
    if user["password_expired"]:
        token = issue_token(world, user["id"], "ResetPassword")
        raise LoginFailed("BaseAuthentication", "Password has expired and must be changed", token)
    return user


def check_ticket(world: World, app: sqlite3.Row, interim: str, answer: str) -> sqlite3.Row | Expecting:
    """The user of a ticket, for pages, which do not ask for the password again. Raises LoginFailed."""
    ticket = _find_ticket(world, app, interim)
    if ticket is None:
        raise LoginFailed("VerificationCode", "Corrupted ticket")
    user = world.state.row("SELECT * FROM user WHERE id = ?", ticket["user_id"])
    assert user is not None  # noqa: S101 - a foreign key promises it
    return _check_step(world, user, ticket, answer, interim) or user


def find_by_password(world: World, name: str, password: str) -> sqlite3.Row | None:
    """The user with this e-mail address or login name, if the password is right and the user may sign in."""
    user = world.state.row("SELECT * FROM user WHERE email = ? OR login = ?", name, name)
    if user is None or not user["enabled"] or not _is_same(user["password"], password):
        return None
    return user


def _succeed(world: World, app: sqlite3.Row, user: sqlite3.Row) -> str:
    token: str = issue_tokens(world, app, user_id=user["id"], scope="", auth_ms=wall_ms())["access_token"]
    return token


def _find_ticket(world: World, app: sqlite3.Row, interim: str) -> sqlite3.Row | None:
    return world.state.row(
        "SELECT * FROM login_ticket WHERE hash = ? AND client_id = ? AND expires_ms > ?",
        fingerprint(interim),
        app["client_id"],
        wall_ms(),
    )


def _check_step(world: World, user: sqlite3.Row, ticket: sqlite3.Row, answer: str, interim: str) -> Expecting | None:
    """None when the step is done, and its ticket with it; else it is asked again. Raises LoginFailed."""
    expected = ticket["code"] if ticket["step"] == "VerificationCode" else user["pin"]
    if expected is None or not answer:
        return _expect(world, user, ticket["step"], interim)
    if not _is_same(expected, answer):
        return _count_failure(world, user, ticket, interim)
    world.state.db.execute("DELETE FROM login_ticket WHERE hash = ?", (ticket["hash"],))
    return None


def _count_failure(world: World, user: sqlite3.Row, ticket: sqlite3.Row, interim: str) -> Expecting:
    if ticket["attempts_left"] <= 1:
        world.state.db.execute("DELETE FROM login_ticket WHERE hash = ?", (ticket["hash"],))
        raise LoginFailed(ticket["step"], USED_UP[ticket["step"]])
    world.state.db.execute(
        "UPDATE login_ticket SET attempts_left = attempts_left - 1 WHERE hash = ?", (ticket["hash"],)
    )
    return _expect(world, user, ticket["step"], interim)


def ask(world: World, app: sqlite3.Row, user: sqlite3.Row, step: str) -> Expecting:
    """Open a step: a new ticket, and the mail with its code."""
    interim = secrets.token_urlsafe(240)
    code = _send_code(world, user) if step == "VerificationCode" else None
    with world.state.transaction() as db:
        db.execute("DELETE FROM login_ticket WHERE user_id = ? AND expires_ms <= ?", (user["id"], wall_ms()))
        world.state.insert(
            "login_ticket",
            hash=fingerprint(interim), user_id=user["id"], client_id=app["client_id"], step=step, code=code,
            attempts_left=ATTEMPTS[step], expires_ms=wall_ms() + TICKET_LIFE_MS,
        )  # fmt: skip
    return _expect(world, user, step, interim)


def _send_code(world: World, user: sqlite3.Row) -> str:
    """Six digits that depend on the seed and the mails so far, so that a test can be repeated."""
    latest = world.state.row("SELECT coalesce(max(id), 0) AS id FROM mail")
    code = f"{mix(key_of(world.market.seed, 'login code'), latest['id'] if latest else 0) % 1_000_000:06d}"
    text = f"Your code to sign in is {code}. It is good for ten minutes."
    send_mail(world, user["email"], "DisposablePassword", subject="Your code to sign in", text=text)
    return code


def _expect(world: World, user: sqlite3.Row, step: str, interim: str) -> Expecting:
    if step == "SecurityPin" and user["pin"] is None:
        token = issue_token(world, user["id"], "ResetPinCode")
        return Expecting(step, "PIN code is not init", interim, confirmation_token=token)
    if step == "SecurityPin":
        return Expecting(
            step, REASONS[step], interim, personal_phrase=user["personal_phrase"], image=user["pin_image"]
        )
    return Expecting(step, REASONS[step], interim)


def _is_same(expected: str, given: str) -> bool:
    return secrets.compare_digest(expected.encode(), given.encode())
