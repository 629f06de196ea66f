"""Everything that can go wrong between us and AutoShares, as one tree. Learn the tree, know the client.

    AutoSharesError
    ├── NeverSent            not one byte of the request left: DNS, refused connection, TLS, connect time-out
    ├── Unavailable          sent perhaps, no usable answer: time-out, reset, 502/503/504, unreadable 200
    │   └── ServerError      500; AutoShares also answers it to a wrong kind of id
    ├── RateLimited          429; `retry_after` in seconds, when the answer says so
    │   └── HeldBack         by our own limiter: nothing was sent, `retry_after` is always known
    ├── Misconfigured        the app key is missing or wrong (body E1, whatever the status): our fault, page someone
    ├── Unauthorized         401: token expired or revoked, or the account belongs to someone else
    ├── Forbidden            403
    ├── NotFound             404
    ├── Conflict             409: the order is not cancelable any more, the name exists
    ├── Invalid              400 and 422; `fields` says which ones
    ├── OrderRefused         200, but the body says that no order was made; `code` as in API.md 3.4
    ├── Unexpected           anything else: redirects, other statuses, a body of a shape we do not know
    ├── OAuthError           the sign-in server said no; `code` is the OAuth error code
    │   ├── InvalidGrant     code or refresh token is used up, expired or revoked: sign in again
    │   └── InvalidClient    client id or secret is wrong: our fault, page someone
    ├── IdTokenInvalid       an ID token that must not be believed
    └── WebhookInvalid       a webhook that must not be believed

Each knows `status`, `method`, `endpoint` (the template, without ids) and `request_id`. None keeps a header, a token or
a body. `str()` is built from those facts alone and is safe to log; `message`, the vendor's own words, is for the
screen of the investor it concerns, since it may quote what was typed.

For anything that was to happen only once, ask `never_sent` and `is_refusal`. When both are False, nobody knows.
"""

from collections.abc import Mapping, Sequence


class AutoSharesError(Exception):
    never_sent = False

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        method: str = "",
        endpoint: str = "",
        request_id: str = "",
        documented: bool = False,
        detail: str = "",
    ) -> None:
        super().__init__()  # args stay empty: a repr or an error collector would print them
        self.message = message
        self.status = status
        self.method = method
        self.endpoint = endpoint
        self.request_id = request_id
        self.documented = documented
        self.detail = detail

    def __str__(self) -> str:
        what = f"{self.method} {self.endpoint}".strip() or "AutoShares"
        facts = [type(self).__name__]
        if self.status is not None:
            facts.append(str(self.status))
        if self.detail:
            facts.append(self.detail)
        if self.request_id:
            facts.append(f"request {self.request_id}")
        return f"{what}: {', '.join(facts)}"

    def __repr__(self) -> str:
        return f"<{self}>"

    @property
    def is_refusal(self) -> bool:
        """True if AutoShares itself said no, in a body of its own: what was asked has not happened, and will not.

        A bare 403 or 404 page of some proxy in between is no such word.
        """
        return False


class _Refusal(AutoSharesError):
    @property
    def is_refusal(self) -> bool:
        return self.documented


class NeverSent(AutoSharesError):
    never_sent = True


class Unavailable(AutoSharesError):
    pass


class ServerError(Unavailable):
    pass


class RateLimited(AutoSharesError):
    """Too many requests. Whether the request had any effect before is not documented, so it is no refusal."""

    def __init__(self, message: str = "", *, retry_after: float | None = None, **facts: object) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]
        self.retry_after = retry_after


class HeldBack(RateLimited):
    """Our own limiter kept the request back (`limits`). Nothing was sent: it may be sent after `retry_after`."""

    never_sent = True


class Misconfigured(_Refusal):
    pass


class Unauthorized(_Refusal):
    @property
    def concerns_account(self) -> bool:
        """True if the request named an account: it may be a foreign one while the session is alive (API.md 3.3)."""
        return "{account_id}" in self.endpoint or "{clearing_number}" in self.endpoint


class Forbidden(_Refusal):
    pass


class NotFound(_Refusal):
    pass


class Conflict(_Refusal):
    pass


class Invalid(_Refusal):
    """`fields` maps a wire field ("Price", without the parameter's name in front) to its complaints; may be empty."""

    def __init__(
        self, message: str = "", *, fields: Mapping[str, Sequence[str]] | None = None, **facts: object
    ) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}


class OrderRefused(AutoSharesError):
    """`code` is open-ended ("DayTradingBuyingPowerExceeded", ...); `arguments` are values for a text of our own."""

    def __init__(self, message: str = "", *, code: str = "", arguments: Sequence[str] = (), **facts: object) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]
        self.code = code
        self.arguments = tuple(arguments)

    @property
    def is_refusal(self) -> bool:
        return True


class Unexpected(AutoSharesError):
    pass


class OAuthError(AutoSharesError):
    """`code` is the OAuth word (RFC 6749, 5.2; Auth0 adds some), `description` a sentence, unsafe to log."""

    def __init__(self, code: str = "", description: str = "", **facts: object) -> None:
        super().__init__(description, detail=code, **facts)  # type: ignore[arg-type]
        self.code = code
        self.description = description

    @property
    def is_refusal(self) -> bool:
        return True


class InvalidGrant(OAuthError):
    pass


class InvalidClient(OAuthError):
    pass


class IdTokenInvalid(AutoSharesError):
    """`detail` names the check that failed, never a claim's value."""


class WebhookInvalid(AutoSharesError):
    """`detail` names the check that failed; nothing of the body."""
