"""How fast the sandbox takes orders: one after another, as many as it can, and with a crowd in its state.

The load comes from this process over kept-alive connections with prepared bytes, so that the sandbox has a core of its
own and most of what is measured is its work.
"""

import json
import socket
import statistics
import tempfile
import time
from pathlib import Path

import requests

from bench.crowd import ACCOUNT, OPEN_ORDERS, ORDERS, PEOPLE, fill
from bench.figures import figure
from bench.wire import connect, read_answer
from tests.support.sandboxes import Sandbox

APP_KEY = "demo-harbor-app-key-secret"
ONE_BY_ONE, AT_ONCE, CONNECTIONS = 300, 3_000, 8
ACCOUNTS = 40


def measure_sandbox() -> dict[str, dict[str, object]]:
    """Milliseconds per placement, placements per second, and what a crowd costs."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "sandbox.sqlite3"
        arguments = ("--market-hours", "around-the-clock", "--state", str(state))
        sandbox = Sandbox(*arguments).start()
        traders = _make_traders(sandbox)
        _place_one_by_one(sandbox, traders, 20)  # warm
        alone = _place_one_by_one(sandbox, traders, ONE_BY_ONE)
        per_second = _place_at_once(sandbox, traders)
        filled, waiting = leave_two_orders(sandbox)
        sandbox.stop()
        fill(state, filled=filled, waiting=waiting)
        sandbox.start()
        sandbox.control("faults", {"settings": {"rate_limits": False}})
        traders = [(account, token_of(sandbox, email)) for account, email in _names(sandbox)]
        _place_one_by_one(sandbox, traders, 20)
        crowded = _place_one_by_one(sandbox, traders, ONE_BY_ONE)
        sandbox.stop()
    p50, crowded_p50 = statistics.median(alone), statistics.median(crowded)
    crowd = f"{PEOPLE:,} people, {ORDERS:,} filled orders and {OPEN_ORDERS:,} open ones in its state"
    return {
        "sandbox_place_p50_ms": figure(p50, "ms", f"POST of a limit order over HTTP, {ONE_BY_ONE} one after another"),
        "sandbox_orders_per_s": figure(per_second, "1/s", f"{AT_ONCE} limit orders over {CONNECTIONS} connections"),
        "sandbox_crowded_ratio": figure(crowded_p50 / p50, "×", f"the same placement with {crowd}"),
    }


def _names(sandbox: Sandbox) -> list[tuple[int, str]]:
    found = []
    for number in range(ACCOUNTS):
        [user] = _users(sandbox, f"bench{number}@demo.test")
        found.append((user["accounts"][0]["id"], user["email"]))
    return found


def _users(sandbox: Sandbox, email: str) -> list[dict]:
    rows = requests.get(f"{sandbox.url}/_control/users", params={"email": email}, timeout=10).json()
    return [row for row in rows if row["email"] == email]


def _make_traders(sandbox: Sandbox) -> list[tuple[int, str]]:
    """Accounts with money, each with a token."""
    sandbox.control("faults", {"settings": {"rate_limits": False}})
    for number in range(ACCOUNTS):
        person = {"email": f"bench{number}@demo.test", "accounts": [{"margin_type": "Margin", "cash": "1000000"}]}
        sandbox.control("users", person)
    return [(account, token_of(sandbox, email)) for account, email in _names(sandbox)]


def token_of(sandbox: Sandbox, email: str) -> str:
    headers = {"Et-App-Key": APP_KEY, "Username": email, "Password": "open-the-market"}
    return requests.post(f"{sandbox.api_url}/token", headers=headers, timeout=10).json()["Token"]


def leave_two_orders(sandbox: Sandbox) -> tuple[int, int]:
    """The templates of a past: an order of the demo's trader that was filled, and one that waits far from the market.

    Raises RuntimeError when they do not become so within a few seconds.
    """
    route = f"{sandbox.api_url}/v1.0/accounts/{ACCOUNT}/orders"
    headers = {"Et-App-Key": APP_KEY, "Authorization": f"Bearer {token_of(sandbox, 'trader@demo.test')}"}
    buy = {"Symbol": "KO", "Side": "Buy", "Quantity": 3}
    wishes = (
        {**buy, "Type": "Market", "TimeInforce": "Day"},
        {**buy, "Type": "Limit", "TimeInforce": "GoodTillCancel", "Price": 20},
    )
    ids = [requests.post(route, headers=headers, json=wish, timeout=10).json()["Id"] for wish in wishes]
    for _ in range(100):
        rows = sandbox.control(f"ledger?account={ACCOUNT}")["orders"]
        if {row["Id"]: row["Status"] for row in rows} == dict(zip(ids, ("Filled", "New"), strict=True)):
            return ids[0], ids[1]
        time.sleep(0.1)
    raise RuntimeError(f"one filled and one waiting were expected: {rows}")


def _request(sandbox: Sandbox, trader: tuple[int, str], number: int) -> bytes:
    account, token = trader
    order = {
        "Symbol": "KO",
        "Type": "Limit",
        "Side": "Buy",
        "Quantity": 1,
        "Price": 20,
        "TimeInforce": "GoodTillCancel",
    }
    body = json.dumps(order | {"ClientId": f"bench-{account}-{number}"})
    return (
        f"POST /api/v1.0/accounts/{account}/orders HTTP/1.1\r\nHost: localhost\r\nEt-App-Key: {APP_KEY}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _done(line: socket.socket) -> None:
    """The placement's answer. Raises RuntimeError for anything but 200."""
    answer = read_answer(line)
    if answer.status != 200:
        raise RuntimeError(answer.head)


def _place_one_by_one(sandbox: Sandbox, traders: list[tuple[int, str]], count: int) -> list[float]:
    times = []
    with connect(sandbox.port) as line:
        for number in range(count):
            request = _request(sandbox, traders[number % len(traders)], number)
            started = time.perf_counter()
            line.sendall(request)
            _done(line)
            times.append((time.perf_counter() - started) * 1000)
    return times


def _place_at_once(sandbox: Sandbox, traders: list[tuple[int, str]]) -> float:
    """Placements per second while every connection always has one under way."""
    lines = [connect(sandbox.port) for _ in range(CONNECTIONS)]
    requests_ = [_request(sandbox, traders[number % len(traders)], number) for number in range(AT_ONCE)]
    started = time.perf_counter()
    for line, request in zip(lines, requests_[:CONNECTIONS], strict=True):
        line.sendall(request)
    for number, request in enumerate(requests_[CONNECTIONS:]):
        line = lines[number % CONNECTIONS]
        _done(line)
        line.sendall(request)
    for number in range(CONNECTIONS):
        _done(lines[(AT_ONCE - CONNECTIONS + number) % CONNECTIONS])
    spent = time.perf_counter() - started
    for line in lines:
        line.close()
    return AT_ONCE / spent
