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
    user = find_by_password(world, given.name, given.password)
    if user is None:
        raise LoginFailed("BaseAuthentication", "Invalid credentials")
    if user["password_expired"]:
        token = issue_token(world, user["id"], "ResetPassword")
        raise LoginFailed("BaseAuthentication", "Password has expired and must be changed", token)
    steps = [step for step, switch in STEPS.items() if user[switch]]
    if not steps:
        return _succeed(world, app, user)
    ticket = _find_ticket(world, app, user, given.interim)
    if ticket is None:
        if given.verification_code or given.pin_code:
            raise LoginFailed(steps[0], "Corrupted ticket")
        return _ask(world, app, user, steps[0])
    return _take_step(world, app, user, given, ticket, steps)


def find_by_password(world: World, name: str, password: str) -> sqlite3.Row | None:
    """The user with this e-mail address or login name, if the password is right and the user may sign in."""
    user = world.state.row("SELECT * FROM user WHERE email = ? OR login = ?", name, name)
    if user is None or not user["enabled"] or not _is_same(user["password"], password):
        return None
    return user


def _succeed(world: World, app: sqlite3.Row, user: sqlite3.Row) -> str:
    token: str = issue_tokens(world, app, user_id=user["id"], scope="", auth_ms=wall_ms())["access_token"]
    return token


def _find_ticket(world: World, app: sqlite3.Row, user: sqlite3.Row, interim: str) -> sqlite3.Row | None:
    return world.state.row(
        "SELECT * FROM login_ticket WHERE hash = ? AND user_id = ? AND client_id = ? AND expires_ms > ?",
        fingerprint(interim),
        user["id"],
        app["client_id"],
        wall_ms(),
    )


def _take_step(
    world: World, app: sqlite3.Row, user: sqlite3.Row, given: Given, ticket: sqlite3.Row, steps: list[str]
) -> str | Expecting:
    step, answer = ticket["step"], given.for_step(ticket["step"])
    expected = ticket["code"] if step == "VerificationCode" else user["pin"]
    if expected is None or not answer:
        return _expect(world, user, step, given.interim)
    if not _is_same(expected, answer):
        return _count_failure(world, user, ticket, given.interim)
    world.state.db.execute("DELETE FROM login_ticket WHERE hash = ?", (ticket["hash"],))
    rest = steps[steps.index(step) + 1 :]
    return _ask(world, app, user, rest[0]) if rest else _succeed(world, app, user)


def _count_failure(world: World, user: sqlite3.Row, ticket: sqlite3.Row, interim: str) -> Expecting:
    if ticket["attempts_left"] <= 1:
        world.state.db.execute("DELETE FROM login_ticket WHERE hash = ?", (ticket["hash"],))
        raise LoginFailed(ticket["step"], USED_UP[ticket["step"]])
    world.state.db.execute(
        "UPDATE login_ticket SET attempts_left = attempts_left - 1 WHERE hash = ?", (ticket["hash"],)
    )
    return _expect(world, user, ticket["step"], interim)


def _ask(world: World, app: sqlite3.Row, user: sqlite3.Row, step: str) -> Expecting:
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
