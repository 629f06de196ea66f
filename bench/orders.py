"""What we add to the time of an order: from the click to the vendor's door, and from its answer to the page.

Everything is the demo's own: its web server, PostgreSQL that syncs to the disk, worker and beat beside it. A line in
between (`vendor_line`) reads the clock when a placement leaves the application and when its answer has come back;
what remains of the time that the client sees is ours. Every order is reviewed first, as a person would. It is
confirmed as htmx does, and as a browser without scripts does, which is led on to the order's page.
"""

import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import psycopg
import requests
from playwright.sync_api import sync_playwright

from bench.figures import figure
from bench.vendor_line import VendorLine, vendor_line
from bench.wire import Answer, connect, read_answer
from tests.browser.steps import open_portfolio
from tests.deploy.demo_process import DemoProcess

WARM_UP, ORDERS, PLAIN_ORDERS, COMMITS = 20, 200, 40, 50
BETWEEN_SECONDS = 0.1  # nobody types faster; worker and sandbox look at one order while the next is reviewed
EMAIL = "trader@demo.test"
TICKET = {"side": "buy", "type": "limit", "time_in_force": "day", "quantity": "1"}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(frozen=True)
class Spent:
    """Milliseconds of one order: before the vendor's call, in it, and after it."""

    before: float
    vendor: float
    after: float

    @property
    def added(self) -> float:
        return self.before + self.after


def measure_order_path(demo: DemoProcess) -> dict[str, dict[str, object]]:
    """Milliseconds that we add to an order, beside those of the vendor's own call."""
    port = urlsplit(demo.addresses["sandbox"]).port or 80
    person = OrderingPerson(demo.addresses["web"])
    with (
        psycopg.connect(demo.addresses["database_url"], autocommit=True) as db,
        vendor_line(port) as line,
        _without_rate_limits(demo),
        _led_through(line, db),
    ):

        def place(headers: dict[str, str]) -> Spent:
            db.execute("DELETE FROM autoshares_limit")  # our own count of the vendor's limit: 50 a minute
            time.sleep(BETWEEN_SECONDS)
            return person.place(line, headers)

        for _ in range(WARM_UP):
            place(HTMX)
        scripted = [place(HTMX) for _ in range(ORDERS)]
        plain = [place({}) for _ in range(PLAIN_ORDERS)]
        commits = [_timed_commit(db) for _ in range(COMMITS)]
    person.leave()
    added, plainly = [order.added for order in scripted], [order.added for order in plain]
    first = f"request in to the vendor's POST out, and its answer to the page, {ORDERS} orders"
    return {
        "order_path_p50_ms": figure(statistics.median(added), "ms", first),
        "order_path_p99_ms": figure(_p99(added), "ms", "the same"),
        "order_path_before_p50_ms": figure(
            statistics.median(order.before for order in scripted), "ms", "of it: request in to the vendor's POST out"
        ),
        "order_path_vendor_p50_ms": figure(
            statistics.median(order.vendor for order in scripted), "ms", "the vendor's own call, not in the above"
        ),
        "order_path_commit_p50_ms": figure(
            statistics.median(commits), "ms", "a commit that waits for the disk; three of them are in the above"
        ),
        "order_path_plain_p50_ms": figure(
            statistics.median(plainly), "ms", f"added without scripts, the page led to included, {PLAIN_ORDERS} orders"
        ),
    }


class OrderingPerson:
    """Signed in as a person is, in a browser; from then on over one kept-alive connection."""

    def __init__(self, web: str) -> None:
        address = urlsplit(web)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            open_portfolio(page, web, EMAIL)
            page.goto(f"{web}/trade/KO/")
            self._csrf = page.locator("#ticket-form [name=csrfmiddlewaretoken]").input_value()
            cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies(web))
            browser.close()
        self._head = f"Host: {address.netloc}\r\nOrigin: {web}\r\nCookie: {cookies}\r\n"
        self._connection = connect(address.port or 80)
        self._placed = 0

    def place(self, line: VendorLine, headers: dict[str, str]) -> Spent:
        """Review an order, then confirm it. Raises RuntimeError unless just one request left for the vendor."""
        self._placed += 1
        price = f"{10 + self._placed / 100:.2f}"
        form = TICKET | {"limit_price": price, "form_key": str(uuid4()), "csrfmiddlewaretoken": self._csrf}
        self._ask(_request("POST", "/trade/KO/preview/", self._head, headers, form))
        confirmation = _request("POST", "/trade/KO/place/", self._head, headers, form)
        line.take_placements()
        started = time.perf_counter()
        answer = self._ask(confirmation)
        if answer.status == 302:
            answer = self._ask(_request("GET", answer.header("Location"), self._head, headers))
        ended = time.perf_counter()
        calls = line.take_placements()
        if len(calls) != 1 or b"AutoShares" not in answer.body:
            raise RuntimeError(f"{len(calls)} placements left, answer {answer.status}: {answer.body[:2000]!r}")
        call = calls[0]
        before, vendor, after = call.sent - started, call.answered - call.sent, ended - call.answered
        return Spent(before * 1000, vendor * 1000, after * 1000)

    def leave(self) -> None:
        self._connection.close()

    def _ask(self, request: bytes) -> Answer:
        self._connection.sendall(request)
        answer = read_answer(self._connection)
        if answer.status not in {200, 302}:
            raise RuntimeError(f"{request[:80]!r} was answered with {answer.status}")
        return answer


def _request(method: str, path: str, head: str, headers: dict[str, str], form: dict[str, str] | None = None) -> bytes:
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = urlencode(form or {})
    if form is not None:
        more += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    return f"{method} {path} HTTP/1.1\r\n{head}{more}\r\n{body}".encode()


@contextmanager
def _led_through(line: VendorLine, db: psycopg.Connection) -> Iterator[None]:
    """The brokers' connections lead through `line` while the block runs."""
    before: Any = db.execute("SELECT id, api_base_url FROM brokers_connection").fetchall()
    db.execute("UPDATE brokers_connection SET api_base_url = %s", [line.url])
    try:
        yield
    finally:
        for key, address in before:
            db.execute("UPDATE brokers_connection SET api_base_url = %s WHERE id = %s", [address, key])


@contextmanager
def _without_rate_limits(demo: DemoProcess) -> Iterator[None]:
    """So many orders would take minutes: the vendor takes 50 a minute."""

    def take_any(all_of_them: bool) -> None:
        settings = {"settings": {"rate_limits": not all_of_them}}
        requests.post(f"{demo.addresses['sandbox']}/_control/faults", json=settings, timeout=10).raise_for_status()

    take_any(True)
    try:
        yield
    finally:
        take_any(False)


def _timed_commit(db: psycopg.Connection) -> float:
    """Milliseconds of a transaction that writes one row."""
    started = time.perf_counter()
    db.execute("UPDATE brokers_connection SET api_base_url = api_base_url WHERE environment = 'demo'")
    return (time.perf_counter() - started) * 1000


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]
