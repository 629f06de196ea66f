"""One request, its answer or its error. Reads are tried again, anything else is sent at most once."""

import hashlib
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from .answers import Answer, Call, error_for
from .connections import BearerAuth, name_of, shared_session, was_never_sent
from .errors import AutoSharesError, NeverSent, NotFound, RateLimited, Unavailable, Unexpected
from .limits import Limiter, quota_for, within_limits
from .paging import Page
from .wire import Fields, encode_json

log = logging.getLogger("autoshares")

TRIES = 3
FIRST_PAUSE_SECONDS = 1.0
LONGEST_OBEYED_SECONDS = 3.0  # a page is waiting; a longer Retry-After is the caller's to schedule


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait for a connection, and then for each next piece of the answer."""

    connect: float = 3.05
    read: float = 10.0


@dataclass(frozen=True)
class Patience:
    """How often a read is tried, and how the pauses between are spent (tests spend them in no time)."""

    tries: int = TRIES
    pause: Callable[[float], object] = time.sleep
    draw: Callable[[float, float], float] = random.uniform

    def after(self, failure: AutoSharesError, tried: int) -> float | None:
        """Seconds until the next try, or None if `failure` should be raised.

        Full jitter, doubling from one second: many readers that failed together do not come back together.
        """
        if tried >= self.tries or not isinstance(failure, NeverSent | Unavailable | RateLimited):
            return None
        asked = failure.retry_after if isinstance(failure, RateLimited) else None
        if asked is None:
            return self.draw(0, FIRST_PAUSE_SECONDS * 2 ** (tried - 1))
        return asked if asked <= LONGEST_OBEYED_SECONDS else None


def exchange(
    call: Call,
    url: str,
    *,
    session: requests.Session,
    timeouts: Timeouts,
    failure_for: Callable[[Answer], AutoSharesError] = error_for,
    **request: Any,
) -> Answer:
    """Send once and return a 2xx answer; raise what any other outcome stands for.

    No redirect is followed: it could carry the token, or an order, to another place.
    """
    started = time.monotonic()
    try:
        response = session.request(
            call.method, url, timeout=(timeouts.connect, timeouts.read), allow_redirects=False, **request
        )
        answer = Answer(call, response.status_code, response.headers, response.content)
    except requests.RequestException as failure:
        kind = NeverSent if was_never_sent(failure) else Unavailable
        error = kind(method=call.method, endpoint=call.endpoint, detail=name_of(failure))
        log.warning("%s after %d ms", error, _milliseconds_since(started))
        # `from None`: the texts of requests quote full URLs, and its objects hold the headers.
        raise error from None
    log.info("%s %d in %d ms", call, answer.status, _milliseconds_since(started))
    if not answer.is_success:
        raise failure_for(answer)
    return answer


def with_patience(ask: Callable[[], Any], patience: Patience) -> Any:
    """Call `ask` until it succeeds, fails for good, or patience ends. For reads only."""
    tried = 0
    while True:
        tried += 1
        try:
            return ask()
        except AutoSharesError as failure:
            wait = patience.after(failure, tried)
            if wait is None:
                raise
            patience.pause(wait)


class Transport:
    """Speaks for one app key and one token. Cheap to make: the connections belong to the session."""

    def __init__(
        self,
        *,
        base_url: str,
        app_key: str,
        token: str,
        version: str,
        timeouts: Timeouts,
        patience: Patience,
        session: requests.Session | None,
        limiter: Limiter | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._prefix = f"/v{version}"
        self._auth = BearerAuth(token)
        self._headers = {"Et-App-Key": app_key, "Accept": "application/json"}
        self._timeouts = timeouts
        self._patience = patience
        self._session = session or shared_session()
        self._limiter = limiter
        self._caller = hashlib.sha256(f"{self._base_url} {token}".encode()).hexdigest()[:16]

    def read[Row](
        self,
        endpoint: str,
        into: Callable[[Any], Row],
        *,
        query: Mapping[str, Any] | None = None,
        **ids: object,
    ) -> Row:
        """GET one object, tried again on trouble. A list of one will do: the vendor is unsure itself (API.md C36)."""
        call = Call("GET", endpoint)
        payload = self._read(call, ids, query)
        if isinstance(payload, list) and len(payload) == 1:
            payload = payload[0]
        return into(_expect(call, payload, dict))

    def read_all[Row](
        self,
        endpoint: str,
        into: Callable[[Any], Row],
        *,
        query: Mapping[str, Any] | None = None,
        **ids: object,
    ) -> list[Row]:
        """GET a list, tried again on trouble."""
        call = Call("GET", endpoint)
        return [into(row) for row in _expect(call, self._read(call, ids, query), list)]

    def read_page[Row](
        self, endpoint: str, into: Callable[[Any], Row], *, query: Mapping[str, Any], **ids: object
    ) -> Page[Row]:
        """GET one page: the vendor's PagingResult, or a bare array, which is the whole list (API.md C34)."""
        call = Call("GET", endpoint)
        payload = self._read(call, ids, query)
        if isinstance(payload, list):
            return Page([into(row) for row in payload], total=len(payload), is_whole=True)
        fields = _expect(call, payload, dict)
        total = Fields(fields).count("TotalCount")
        # The vendor omits empty members, but only a total of nought makes a missing list an empty one.
        rows = _expect(call, [] if total == 0 else fields.get("Result"), list)
        return Page([into(row) for row in rows], total=total)

    def evaluate[Row](self, endpoint: str, into: Callable[[Any], Row], *, body: Any, **ids: object) -> Row:
        """POST that changes nothing (a preview), so it is tried again like a GET."""
        call = Call("POST", endpoint)
        payload = with_patience(lambda: self._ask(call, ids, body=body).json(), self._patience)
        return into(_expect(call, payload, dict))

    def ping(self, endpoint: str) -> None:
        """GET whose body nobody has described; returns if it is answered with 2xx. Not tried again."""
        self._ask(Call("GET", endpoint), {})

    def write(
        self,
        method: str,
        endpoint: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        **ids: object,
    ) -> Answer:
        """Send once, whatever happens. The answer's body is not looked at: some calls promise none."""
        return self._ask(Call(method, endpoint), ids, query=query, body=body)

    def _read(self, call: Call, ids: Mapping[str, object], query: Mapping[str, Any] | None) -> Any:
        return with_patience(lambda: self._ask(call, ids, query=query).json(), self._patience)

    def _ask(self, call: Call, ids: Mapping[str, object], *, query: Any = None, body: Any = None) -> Answer:
        headers = dict(self._headers)
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = encode_json(body).encode()
        url = self._url(call, ids)

        def send() -> Answer:
            return exchange(
                call,
                url,
                session=self._session,
                timeouts=self._timeouts,
                auth=self._auth,
                headers=headers,
                params=query,
                data=data,
            )

        if self._limiter is None:
            return send()
        account = f"{self._base_url} account {ids.get('account_id')}"
        quota = quota_for(call.method, call.endpoint, caller=self._caller, account=account)
        # A page may wait for its figures; whether an order shall wait is for its sender to say.
        patience = LONGEST_OBEYED_SECONDS if call.method == "GET" else 0
        return within_limits(self._limiter, quota, send, patience=patience)

    def _url(self, call: Call, ids: Mapping[str, object]) -> str:
        parts = {name: _path_segment(call, value) for name, value in ids.items()}
        prefix = "" if call.endpoint in _UNVERSIONED else self._prefix
        return self._base_url + prefix + call.endpoint.format_map(parts)


_UNVERSIONED = frozenset({"/token", "/logout", "/health"})


def _expect[Shape](call: Call, payload: Any, shape: type[Shape]) -> Shape:
    if isinstance(payload, shape):
        return payload
    raise Unexpected(method=call.method, endpoint=call.endpoint, detail="a body of another shape")


def _path_segment(call: Call, value: object) -> str:
    text = str(value)
    if text in {"", ".", ".."}:
        # Such a segment would lead to another route; nothing can have it for a name, so we need not ask.
        raise NotFound(method=call.method, endpoint=call.endpoint, detail="no such name", documented=True)
    return quote(text, safe="")


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
