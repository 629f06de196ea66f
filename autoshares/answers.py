"""What an answer means: the vendor's statuses and bodies (API.md chapter 3) as members of our error tree."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from . import errors
from .wire import decode_json

# Body E1 comes with 401 or 403, depending on the route; only its words tell it from an expired token (API.md C7).
_APP_KEY_COMPLAINT = re.compile(r"application key", re.IGNORECASE)

_TRANSIENT = frozenset({502, 503, 504})
_REFUSALS: dict[int, type[errors.AutoSharesError]] = {
    400: errors.Invalid,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    422: errors.Invalid,
}


@dataclass(frozen=True)
class Call:
    """What was asked, safe to log: the endpoint is a template such as /accounts/{account_id}/orders."""

    method: str
    endpoint: str

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


@dataclass(frozen=True)
class Answer:
    call: Call
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str:
        names = ("X-Request-Id", "X-Correlation-Id", "Request-Id")
        return next((self.headers[name][:80] for name in names if name in self.headers), "")

    @property
    def facts(self) -> dict[str, Any]:
        """What every error keeps of its answer."""
        return {
            "status": self.status,
            "method": self.call.method,
            "endpoint": self.call.endpoint,
            "request_id": self.request_id,
        }

    def json(self) -> Any:
        """The decoded body; None for an empty one. Raises Unavailable if it cannot be read: half an answer is none."""
        if not self.body.strip():
            return None
        try:
            return decode_json(self.body)
        except (ValueError, RecursionError):
            raise errors.Unavailable(**self.facts, detail="unreadable body") from None


def expect[Shape](call: Call, payload: Any, shape: type[Shape]) -> Shape:
    """`payload`, if it has this shape; else raises Unexpected."""
    if isinstance(payload, shape):
        return payload
    raise errors.Unexpected(method=call.method, endpoint=call.endpoint, detail="a body of another shape")


def unwrap(payload: Any) -> Any:
    """What is inside of the vendor's `Model/Errors/IsSucceed` (API.md C35); anything else as it is."""
    if isinstance(payload, Mapping) and "Model" in payload and ("IsSucceed" in payload or "Errors" in payload):
        return payload["Model"]
    return payload


def one_of(call: Call, payload: Any) -> Any:
    """The object that was asked for. A list of one will do: the vendor is unsure itself (API.md C36)."""
    payload = unwrap(payload)
    if isinstance(payload, list) and len(payload) == 1:
        payload = payload[0]
    return expect(call, payload, dict)


def many_of(call: Call, payload: Any) -> list[Any]:
    """Objects, where the vendor may send one of them alone (API.md C36, C37)."""
    payload = unwrap(payload)
    return [payload] if isinstance(payload, Mapping) else expect(call, payload, list)


def error_for(answer: Answer) -> errors.AutoSharesError:
    """The error that an answer outside 2xx stands for."""
    body = _peek(answer)
    message, facts = message_of(body), answer.facts
    # An empty 409 is the vendor's habit (E12), so it counts as documented; an HTML page never does.
    facts["documented"] = isinstance(body, Mapping | list) or (answer.status == 409 and not answer.body.strip())
    if is_app_key_fault(body):
        return errors.Misconfigured(message, **facts)
    if answer.status == 429:
        return errors.RateLimited(message, retry_after=seconds_to_wait(answer.headers), **facts)
    if answer.status in _TRANSIENT:
        return errors.Unavailable(message, **facts)
    if answer.status == 500:
        return errors.ServerError(message, **facts)
    kind = _REFUSALS.get(answer.status, errors.Unexpected)
    if kind is errors.Invalid:
        return errors.Invalid(message, fields=fields_of(body), **facts)
    return kind(message, **facts)


def is_app_key_fault(body: Any) -> bool:
    """True for body E1: the app key is missing or unknown. The investor's session has nothing to do with it."""
    complaint = body.get("error") if isinstance(body, Mapping) else None
    return isinstance(complaint, str) and bool(_APP_KEY_COMPLAINT.search(complaint))


def message_of(body: Any) -> str:
    """The sentence meant for a person, wherever this endpoint hides it (API.md 3.2 gives the order); "" if nowhere."""
    if isinstance(body, str):
        return body.strip()
    if isinstance(body, list):
        return next((text for text in body if isinstance(text, str)), "")
    if not isinstance(body, Mapping):
        return ""
    inner = body.get("Error")
    candidates = (
        body.get("ErrorDescriptionText"),
        body.get("ErrorDescription"),
        body.get("Reason"),
        _first(body.get("Errors")),
        _first(next(iter(_mapping(body.get("ModelState")).values()), None)),
        inner.get("Message") if isinstance(inner, Mapping) else None,
        body.get("Message"),
        body.get("message"),
        body.get("error_description"),
        body.get("error"),
    )
    return next((text.strip() for text in candidates if isinstance(text, str) and text.strip()), "")


def fields_of(body: Any) -> dict[str, list[str]]:
    """Complaints by wire field. {"placeParams.Price": ["..."]} becomes {"Price": ["..."]}."""
    complaints: dict[str, list[str]] = {}
    for key, texts in _mapping(_mapping(body).get("ModelState")).items():
        name = str(key).partition(".")[2] or str(key)
        listed = texts if isinstance(texts, list) else [texts]
        complaints.setdefault(name, []).extend(text for text in listed if isinstance(text, str))
    return complaints


def seconds_to_wait(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Retry-After in seconds (it may be a number or an HTTP date); None if absent or senseless."""
    value = headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _peek(answer: Answer) -> Any:
    try:
        return decode_json(answer.body)
    except (ValueError, RecursionError):
        return None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
