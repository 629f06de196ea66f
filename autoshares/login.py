"""client.login: the direct login, with a second factor where the user has one. Source: API.md 2.4.

A page of our own asks for the password; prefer `OAuthClient`, where it never passes through us. Each step is sent once
and answers with a `LoginStep`; name and password go with every one of them, and nothing is kept between them.

    step = client.login.start(name, password)
    if step.outcome is LoginOutcome.NEEDS_CODE:
        step = client.login.enter_code(name, password, code, interim_token=step.token)
    if step.outcome is LoginOutcome.SUCCEEDED:
        client = Client(base_url=…, app_key=…, token=step.token)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .answers import Answer, error_for, is_app_key_fault
from .errors import AutoSharesError, Unexpected
from .transport import Transport
from .wire import Fields


class LoginOutcome(StrEnum):
    SUCCEEDED = "succeeded"  # `token` opens the API
    NEEDS_CODE = "needs code"  # one has been sent by mail or text message
    NEEDS_PIN = "needs PIN"  # show `phrase` and `image`, so that the user knows us
    NEEDS_NEW_PIN = "needs new PIN"  # there is none yet
    NEEDS_MORE = "needs more"  # a step that we do not know; `step` names it
    PASSWORD_EXPIRED = "password expired"  # noqa: S105 - `confirmation_token` allows to change it
    FAILED = "failed"  # `reason` says why


@dataclass(frozen=True)
class LoginStep:
    """How far a login has come. `token` is only an interim one until it has succeeded. No secret shows in `repr`."""

    outcome: LoginOutcome
    step: str
    reason: str
    token: str = field(repr=False)
    confirmation_token: str = field(repr=False)
    phrase: str = field(repr=False)
    image: str = field(repr=False)

    @classmethod
    def from_wire(cls, source: Any) -> "LoginStep | None":
        """None, if this is no step of a login. Its State decides, whatever the status and the step (API.md C12)."""
        fields = Fields(source)
        outcome = _outcome(fields.text("State"), fields.text("Step"), fields.text("Reason"))
        if outcome is None:
            return None
        return cls(
            outcome=outcome,
            step=fields.text("Step"),
            reason=fields.text("Reason"),
            token=fields.text("Token"),
            confirmation_token=fields.text("ConfirmationToken"),
            phrase=fields.text("PersonalPhrase"),
            image=fields.text("Image"),
        )

    @property
    def is_over(self) -> bool:
        return self.outcome in {LoginOutcome.SUCCEEDED, LoginOutcome.FAILED, LoginOutcome.PASSWORD_EXPIRED}


def _outcome(state: str, step: str, reason: str) -> LoginOutcome | None:
    said = reason.lower()
    if state == "Succeeded":
        return LoginOutcome.SUCCEEDED
    if state == "Failed":
        expired = step == "BaseAuthentication" and "password" in said and "expired" in said
        return LoginOutcome.PASSWORD_EXPIRED if expired else LoginOutcome.FAILED
    if state != "Expecting":
        return None
    if "not init" in said:
        return LoginOutcome.NEEDS_NEW_PIN
    if step == "VerificationCode":
        return LoginOutcome.NEEDS_CODE
    # The vendor spells it both ways (API.md C8).
    return LoginOutcome.NEEDS_PIN if step in {"SecurityPin", "SecutityPin"} else LoginOutcome.NEEDS_MORE


class _Refused(AutoSharesError):
    """A 401 that is a step of the login, on its way to the caller as a result."""

    def __init__(self, step: LoginStep) -> None:
        super().__init__()
        self.step = step


class Login:
    """Raises Misconfigured for a wrong app key, RateLimited after ten calls in a minute; a wrong password is no error
    but the outcome FAILED."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def start(self, name: str, password: str) -> LoginStep:
        """The first step, often the only one. POST /token"""
        return self._step(name, password)

    def enter_code(self, name: str, password: str, code: str, *, interim_token: str) -> LoginStep:
        """The code that came by mail or text message. POST /token"""
        return self._step(name, password, interim_token=interim_token, VerificationCode=code)

    def enter_pin(self, name: str, password: str, pin: str, *, interim_token: str) -> LoginStep:
        """The security PIN. POST /token"""
        return self._step(name, password, interim_token=interim_token, PinCode=pin)

    def exchange_code(self, code: str, *, redirect_uri: str) -> LoginStep:
        """Trade an OAuth code for a token of the API, where a broker's connection works like that. POST /token"""
        return self._ask({"OAuthCode": code, "RedirectUri": redirect_uri}, known_as="", token="")

    def _step(self, name: str, password: str, *, interim_token: str = "", **more: str) -> LoginStep:
        return self._ask({"Username": name, "Password": password, **more}, known_as=name, token=interim_token)

    def _ask(self, headers: Mapping[str, str], *, known_as: str, token: str) -> LoginStep:
        try:
            answer = self._transport.bearing(token, known_as=known_as).write(
                "POST",
                "/token",
                # Bytes, since a name or a password may hold what Latin-1, the alphabet of headers, does not.
                headers={name: value.encode() for name, value in headers.items()},
                failure_for=_failure,
            )
        except _Refused as refused:
            return refused.step
        step = LoginStep.from_wire(answer.json())
        if step is None or (step.outcome is LoginOutcome.SUCCEEDED and not step.token):
            raise Unexpected(**answer.facts, detail="no step of a login")
        return step


def _failure(answer: Answer) -> AutoSharesError:
    if answer.status in {401, 403}:
        body = answer.json()
        step = None if is_app_key_fault(body) else LoginStep.from_wire(body)
        if step is not None:
            return _Refused(step)
    return error_for(answer)
