"""Webhooks: what is said, signed, said again, and what goes wrong on purpose. The receiver is a real one."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.actors import HARBOR, NORTHWIND, Box, Client, log_in
from tests.sandbox.test_transfers import ach, send, wire

SECRET = "s3cret"
PATIENCE = 8


class Receiver:
    """An application that listens. `statuses` are its next answers, 200 when there are none left."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append((body, self.headers["X-AutoShares-Signature"]))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?from=sandbox"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """The bodies of so many messages; no more have come."""
        deadline = time.monotonic() + PATIENCE
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.heard) == count, [json.loads(body)["type"] for body, _ in self.heard]
        return [json.loads(body) for body, _ in self.heard]

    def types(self, count: int) -> list[str]:
        return [body["type"] for body in self.wait_for(count)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def listen(box: Box, receiver: Receiver, *events: str, app: str = HARBOR.client_id) -> None:
    body: dict[str, Any] = {"client_id": app, "url": receiver.url, "secret": SECRET}
    box.control("POST", "webhooks", body | ({"events": list(events)} if events else {}))


def deliveries(box: Box, *, settled: bool = True) -> Any:
    """The log, oldest first; by default once nothing is under way any more."""
    deadline = time.monotonic() + PATIENCE
    while True:
        log = box.control("GET", "webhooks/deliveries")[::-1]
        if not settled or all(each["attempts"] or each["status"] in ("dropped", "held") for each in log):
            return log
        assert time.monotonic() < deadline, log
        time.sleep(0.02)


class TestEvents:
    def test_an_order_is_created_and_filled(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.created", "order.filled")
        placed = investor.place("KO", "Buy", 5)
        box.advance(10)
        created, filled = receiver.wait_for(2)
        assert (created["type"], created["accountId"], created["timestamp"]) == (
            "order.created", 6412, "2026-11-23T15:00:00.000Z",
        )  # fmt: skip
        order = investor.order(placed)
        assert filled["type"] == "order.filled"
        assert filled["data"]["orderId"] == placed["Id"]
        assert filled["data"]["filledQuantity"] == 5
        assert filled["data"]["status"] == "Filled"
        assert filled["data"]["averagePrice"] == pytest.approx(float(order["AveragePrice"]))
        assert filled["data"]["executionTime"] == filled["timestamp"] == order["TransactionDate"]

    def test_parts_of_a_fill_are_told(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.partial_fill", "order.filled")
        investor.place("F", "Buy", 2000)
        box.advance(60)
        deliveries(box)
        heard = [json.loads(body) for body, _ in receiver.heard]
        assert [each["type"] for each in heard][-1] == "order.filled"
        assert heard[0]["type"] == "order.partial_fill"
        assert heard[0]["data"]["filledQuantity"] + heard[0]["data"]["remainingQuantity"] == 2000

    def test_cancelled_rejected_and_replaced(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.cancelled", "order.rejected", "order.replaced")
        placed = investor.place("KO", "Buy", 5, "1.00")
        box.advance(2)
        changed = investor.send(
            "PUT", f"/accounts/6412/orders/{placed['Id']}",
            json={"Id": placed["Id"], "Type": "Limit", "Quantity": 7, "Price": 1.5, "TimeInForce": "Day"},
        )  # fmt: skip
        assert changed.status_code == 200, changed.text
        box.advance(2)
        investor.cancel(placed)
        box.advance(2)
        investor.place("KO", "Buy", 10_000_000)
        replaced, cancelled, rejected = receiver.wait_for(3)
        assert (replaced["data"]["old"]["quantity"], replaced["data"]["new"]["quantity"]) == (5, 7)
        assert cancelled["data"]["status"] == "Canceled"
        assert rejected["data"]["reason"]

    def test_positions_open_and_close(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "position.opened", "position.closed")
        investor.place("XOM", "Buy", 3)
        box.advance(10)
        investor.place("XOM", "Sell", 3)
        box.advance(10)
        opened, closed = receiver.wait_for(2)
        assert (opened["data"]["symbol"], opened["data"]["quantity"]) == ("XOM", 3)
        assert opened["data"]["costBasis"] > 0
        assert "realizedPnl" in closed["data"]
        assert closed["data"]["closePrice"] > 0

    def test_an_account_that_was_changed_says_what(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "account.updated")
        box.control("POST", "users", {"email": "investor@demo.test", "accounts": [{"id": 6412, "restricted": True}]})
        assert receiver.wait_for(1)[0]["data"] == {"changedFields": {"restricted": True}}

    def test_an_alert_that_fires(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "alert.triggered")
        box.pin("KO", "70.00")
        alert = {
            "Operator": "GTEQ", "State": "New", "Field": "Last", "Argument": 75, "ExpirationDate": 1_800_000_000,
            "SecurityId": investor.get("/equities/KO")["Id"],
        }  # fmt: skip
        assert investor.send("POST", "/users/@me/pricealerts", json=alert).status_code == 200
        box.pin("KO", "76.00")
        told = receiver.wait_for(1)[0]
        assert told["accountId"] == 6412
        assert (told["data"]["condition"], told["data"]["currentPrice"]) == ("Last >= 75", 76)

    def test_money_that_has_arrived_and_money_that_has_not(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "transfer.completed", "transfer.failed")
        ach(investor, 500, deposit=True)
        sent = send(investor, "wire", wire())
        investor.send("DELETE", f"/accounts/6412/transfers/{sent['Id']}", params={"comment": "changed my mind"})
        box.advance(10 * 86_400)
        failed, *completed = receiver.wait_for(3)  # one of them was under way from the start
        assert (failed["type"], failed["data"]["direction"]) == ("transfer.failed", "Withdrawal")
        assert failed["data"]["reason"] == "changed my mind"
        assert {each["type"] for each in completed} == {"transfer.completed"}
        assert 500 in [each["data"]["amount"] for each in completed]

    def test_an_application_hears_of_its_own_people_only(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, app=NORTHWIND.client_id)
        investor.place("KO", "Buy", 5)
        assert deliveries(box) == []
        other = log_in(box, "investor@demo.test", app=NORTHWIND)
        other.place("KO", "Buy", 5)
        assert receiver.types(1) == ["order.created"]

    def test_the_same_calls_give_the_same_bytes(self, box: Box, receiver: Receiver):
        def journey() -> list[str]:
            box.control("POST", "reset", {"seed": 3, "clock": {"mode": "frozen", "set": "2026-11-23T15:00:00Z"}})
            listen(box, receiver)
            client = log_in(box, "investor@demo.test")
            client.place("KO", "Buy", 5, ClientId="mine")
            box.advance(10)
            return [each["body"] for each in deliveries(box)]

        first = journey()
        assert len(first) >= 2
        assert first == journey()


class TestSignature:
    def test_it_is_over_the_bytes_as_sent(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.created")
        investor.place("KO", "Buy", 5, Comment="Straße")
        receiver.wait_for(1)
        body, signature = receiver.heard[0]
        assert signature == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


class TestRetries:
    def test_it_comes_again_on_the_documented_schedule_then_gives_up(
        self, box: Box, investor: Client, receiver: Receiver
    ):
        listen(box, receiver, "order.created")
        receiver.statuses = [500] * 6
        investor.place("KO", "Buy", 5, "1.00")
        receiver.wait_for(1)
        box.advance(59)
        receiver.wait_for(1)
        box.advance(1)
        receiver.wait_for(2)
        box.advance(15 * 3600)
        receiver.wait_for(6)
        log = deliveries(box)[0]
        assert log["status"] == "failed"
        assert [each["at"][11:19] for each in log["attempts"]] == [
            "15:00:00", "15:01:00", "15:06:00", "15:36:00", "17:36:00", "05:36:00",
        ]  # fmt: skip
        assert len({body for body, _ in receiver.heard}) == 1

    def test_it_stops_as_soon_as_somebody_listens(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.created")
        receiver.statuses = [503, 204]
        investor.place("KO", "Buy", 5, "1.00")
        box.advance(60)
        receiver.wait_for(2)
        box.advance(3600)
        assert deliveries(box)[0]["status"] == "delivered"
        receiver.wait_for(2)

    def test_nobody_at_the_address_is_a_failed_attempt(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.created")
        receiver.server.shutdown()
        receiver.server.server_close()
        investor.place("KO", "Buy", 5)
        log = deliveries(box)[0]
        assert log["status"] == "pending"
        assert log["attempts"][0]["problem"]
        assert log["next_attempt"] == "2026-11-23T15:01:00.000Z"

    def test_it_can_be_sent_again_by_hand(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.created")
        investor.place("KO", "Buy", 5)
        receiver.wait_for(1)
        box.control("POST", f"webhooks/deliveries/{deliveries(box)[0]['id']}/redeliver")
        first, second = receiver.wait_for(2)
        assert first == second
        box.control("POST", "webhooks/deliveries/999/redeliver", status=400)

    def test_a_restart_continues(self, tmp_path: Path, receiver: Receiver):
        arguments = ["--state", str(tmp_path / "sandbox.sqlite3"), "--market-hours", "around-the-clock"]
        receiver.statuses = [500]
        with Box(*arguments) as first:
            first.control("POST", "clock", {"mode": "frozen"})
            listen(first, receiver, "order.created")
            log_in(first, "investor@demo.test").place("KO", "Buy", 5)
            receiver.wait_for(1)
            deliveries(first)
            first.stop()
        with Box(*arguments) as second:
            second.advance(60)
            receiver.wait_for(2)
            assert [len(each["attempts"]) for each in deliveries(second)] == [2]


class TestFaults:
    def act(self, box: Box, investor: Client) -> None:
        investor.place("KO", "Buy", 5)
        box.advance(10)

    def test_one_is_lost(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.created", "order.filled")
        box.fault(on="webhook", action="drop", event="order.created")
        self.act(box, investor)
        assert receiver.types(1) == ["order.filled"]
        assert [each["status"] for each in deliveries(box)] == ["dropped", "delivered"]

    def test_one_comes_twice(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.created", "order.filled")
        box.fault(on="webhook", action="duplicate", account=6412)
        self.act(box, investor)
        assert receiver.types(3) == ["order.created", "order.created", "order.filled"]
        assert len({body["id"] for body in receiver.wait_for(3)}) == 2

    def test_two_change_places(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver, "order.created", "order.filled")
        box.fault(on="webhook", action="reorder")
        self.act(box, investor)
        assert receiver.types(2) == ["order.filled", "order.created"]


class TestEndpoints:
    @pytest.mark.parametrize(
        "change",
        [{"url": "ftp://x"}, {"url": "nowhere"}, {"secret": ""}, {"events": ["order.eaten"]}, {"client_id": "nope"},
         {"colour": 1}, {"events": 5}],
    )  # fmt: skip
    def test_nonsense_is_refused(self, box: Box, change: dict[str, Any]):
        body = {"client_id": HARBOR.client_id, "url": "http://127.0.0.1:1/", "secret": "x"} | change
        assert box.control("POST", "webhooks", body, status=400)["error"]
        assert box.control("GET", "webhooks") == []

    def test_one_can_be_taken_away(self, box: Box, investor: Client, receiver: Receiver):
        listen(box, receiver)
        assert box.control("POST", "webhooks", {"client_id": HARBOR.client_id, "url": None}) == []
        investor.place("KO", "Buy", 5)
        assert deliveries(box) == []

    def test_the_demo_can_name_one_at_the_start(self, receiver: Receiver):
        with Box("--webhook", f"harbor={receiver.url}") as box:
            assert box.control("GET", "webhooks")[0]["client_id"] == HARBOR.client_id
            box.control("POST", "reset")
            assert box.control("GET", "webhooks")[0]["url"] == receiver.url
