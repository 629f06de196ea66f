"""One request, its answer or its error. Reads are tried again, anything else is sent at most once."""

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import requests

from .answers import Answer, Call, error_for, expect, many_of, one_of, unwrap
from .connections import BearerAuth, name_of, shared_session, was_never_sent
from .errors import AutoSharesError, NeverSent, NotFound, RateLimited, Unavailable
from .limits import Limiter, Permit, Quota, quota_for, take_leave, tell, within_limits
from .operations import OPERATIONS
from .paging import Identified, Page, Paging, every_row, read_page
from .wire import encode_json, write_moment

log = logging.getLogger("autoshares")

TRIES = 3
FIRST_PAUSE_SECONDS = 1.0
LAST_TRY_SECONDS = 8.0  # no try begins later, so that three time-outs in a row do not outlast the page that waits
LONGEST_OBEYED_SECONDS = 3.0  # a page is waiting; a longer Retry-After is the caller's to schedule


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait for a connection, and then for each next piece of the answer."""

    connect: float = 3.05
    read: float = 10.0


@dataclass(frozen=True)
class Patience:
    """How often a read is tried, how long it waits for its turn, and how pauses are spent (tests: in no time)."""

    tries: int = TRIES
    last_try: float = LAST_TRY_SECONDS
    longest: float = LONGEST_OBEYED_SECONDS
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
        return asked if asked <= self.longest else None


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
    tried, started = 0, time.monotonic()
    while True:
        tried += 1
        try:
            return ask()
        except AutoSharesError as failure:
            wait = patience.after(failure, tried)
            if wait is None or time.monotonic() - started + wait > patience.last_try:
                raise
            patience.pause(wait)


class Transport:
    """Speaks for one app key and one token. Cheap to make: the connections belong to the session.

    `read…` is for what changes nothing and is tried again on trouble; `write…` sends once, whatever happens. Either
    takes an endpoint of `operations` and the `ids` of its path.
    """

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
        caller: str = "",
        in_background: bool = False,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._prefix = f"/v{version}"
        self._app_key = app_key
        self._timeouts = timeouts
        # What runs in the background has other things to do than to wait for its turn.
        self._patience = replace(patience, longest=0) if in_background else patience
        self._session = session or shared_session()
        self._limiter = limiter
        self._in_background = in_background
        self._taken: dict[Quota, Permit] = {}  # leave in advance
        self._bear(token, caller=caller)

    def bearing(self, token: str, *, known_as: str = "") -> "Transport":
        """The same way to AutoShares with another token; `known_as` tells callers without one apart."""
        other = copy(self)
        other._taken = {}
        other._bear(token, known_as)
        return other

    def _bear(self, token: str, known_as: str = "", *, caller: str = "") -> None:
        self._auth = BearerAuth(token)
        # A limiter writes down who asks: it sees neither token nor name.
        self._caller = sha256(f"{self._base_url} {caller or token} {known_as}".encode()).hexdigest()[:16]

    def read[Row](
        self,
        endpoint: str,
        into: Callable[[Any], Row],
        *,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **ids: object,
    ) -> Row:
        """Ask for one object."""
        call = Call(method, endpoint)
        return into(one_of(call, self._read(call, ids, query=query, body=body, headers=headers)))

    def read_all[Row](
        self,
        endpoint: str,
        into: Callable[[Any], Row],
        *,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        **ids: object,
    ) -> list[Row]:
        """Ask for a list that comes in one piece."""
        call = Call(method, endpoint)
        return [into(row) for row in expect(call, unwrap(self._read(call, ids, query=query, body=body)), list)]

    def read_pages[Row: Identified](
        self,
        endpoint: str,
        into: Callable[[Any], Row],
        style: Paging,
        *,
        sort: str,
        descending: bool = False,
        method: str = "GET",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        **ids: object,
    ) -> Iterator[Row]:
        """Ask for a list that comes in pages; a call per page, when its first row is wanted."""
        call = Call(method, endpoint)

        def page(number: int, size: int) -> Page[Row]:
            words = style.parameters(number, size, sort=sort, descending=descending)
            if style.in_body:
                payload = self._read(call, ids, query=query, body=dict(body or {}) | words)
            else:
                payload = self._read(call, ids, query=words | dict(query or {}))
            return read_page(call, payload, into)

        return every_row(page)

    def read_some[Row](self, endpoint: str, into: Callable[[Any], Row], **ids: object) -> list[Row]:
        """GET a list where the vendor may send one object alone."""
        call = Call("GET", endpoint)
        return [into(row) for row in many_of(call, self._read(call, ids))]

    def read_value(self, endpoint: str, **ids: object) -> Any:
        """GET JSON of no promised shape."""
        return self._read(Call("GET", endpoint), ids)

    def read_file(self, endpoint: str, *, method: str = "GET", body: Any = None, **ids: object) -> bytes:
        """Ask for a file: a picture, a workbook."""
        call = Call(method, endpoint)
        return with_patience(lambda: self._ask(call, ids, body=body, accept="*/*"), self._patience).body

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
        headers: Mapping[str, str | bytes] | None = None,
        failure_for: Callable[[Answer], AutoSharesError] = error_for,
        **ids: object,
    ) -> Answer:
        """Send once. The answer's body is not looked at: some calls promise none."""
        return self._ask(Call(method, endpoint), ids, query=query, body=body, headers=headers, failure_for=failure_for)

    def write_row[Row](
        self,
        method: str,
        endpoint: str,
        into: Callable[[Any], Row],
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **ids: object,
    ) -> Row:
        """Send once, and read the object that it made or changed."""
        answer = self._ask(Call(method, endpoint), ids, query=query, body=body, headers=headers)
        return into(one_of(answer.call, answer.json()))

    def write_rows[Row](
        self,
        method: str,
        endpoint: str,
        into: Callable[[Any], Row],
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        **ids: object,
    ) -> list[Row]:
        """Send once, and read the objects that it made or left; one alone will do (API.md C36, C37)."""
        answer = self._ask(Call(method, endpoint), ids, query=query, body=body)
        return [into(row) for row in many_of(answer.call, answer.json())]

    def _read(self, call: Call, ids: Mapping[str, object], **request: Any) -> Any:
        return with_patience(lambda: self._ask(call, ids, **request).json(), self._patience)

    def _ask(
        self,
        call: Call,
        ids: Mapping[str, object],
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        accept: str = "application/json",
        headers: Mapping[str, str | bytes] | None = None,
        failure_for: Callable[[Answer], AutoSharesError] = error_for,
    ) -> Answer:
        sent = {"Et-App-Key": self._app_key, "Accept": accept, **(headers or {})}
        data = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            data = encode_json(body).encode()
        url = self._url(call, ids)
        params = {name: _query_text(value) for name, value in (query or {}).items() if value not in (None, "")}

        def send() -> Answer:
            return exchange(
                call,
                url,
                session=self._session,
                timeouts=self._timeouts,
                failure_for=failure_for,
                auth=self._auth,
                headers=sent,
                params=params,
                data=data,
            )

        if self._limiter is None:
            return send()
        quota = self._quota(call, ids)
        # A page may wait for its figures; whether an order shall wait is for its sender to say.
        patience = self._patience.longest if OPERATIONS[str(call)].is_read else 0
        return within_limits(self._limiter, quota, send, patience=patience, permit=self._taken.pop(quota, None))

    @contextmanager
    def in_advance(self, method: str, endpoint: str, **ids: object) -> Iterator[None]:
        """Within the block the next call that counts like this one has its leave already.

        Raises HeldBack at once if there is none to be had. Leave that nobody has used is given back.
        """
        if self._limiter is None:
            yield
            return
        quota = self._quota(Call(method, endpoint), ids)
        self._taken[quota] = take_leave(self._limiter, quota)
        try:
            yield
        finally:
            if permit := self._taken.pop(quota, None):
                tell(self._limiter, permit, sent=False)

    def _quota(self, call: Call, ids: Mapping[str, object]) -> Quota:
        account = f"{self._base_url} account {ids.get('account_id') or ids.get('clearing_number')}"
        return quota_for(
            call.method, call.endpoint, caller=self._caller, account=account, in_background=self._in_background
        )

    def _url(self, call: Call, ids: Mapping[str, object]) -> str:
        parts = {name: _path_segment(call, value) for name, value in ids.items()}
        prefix = "" if call.endpoint in _UNVERSIONED else self._prefix
        return self._base_url + prefix + call.endpoint.format_map(parts)


_UNVERSIONED = frozenset({"/token", "/logout", "/health"})


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return write_moment(value) if isinstance(value, datetime) else str(value)


def _path_segment(call: Call, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text in {"", ".", ".."}:
        # Such a segment would lead to another route; nothing can have it for a name, so we need not ask.
        raise NotFound(method=call.method, endpoint=call.endpoint, detail="no such name", documented=True)
    return quote(text, safe="@")


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
