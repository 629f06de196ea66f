"""The examples, run as a reader would run them."""

import contextlib
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests

from autoshares import Client, OrderDraft, OrderType, Side
from autoshares.webhooks import SIGNATURE_HEADER, sign

APP_KEY = "demo-harbor-app-key-secret"
SECRET = "whsec-demo"


@contextlib.contextmanager
def running(name: str, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """An example as a process of its own; what it prints can be read line by line."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"autoshares.examples.{name}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(5)


@pytest.fixture
def signed_in(sandbox) -> dict[str, str]:
    """The environment of someone who has a token: Dana's."""
    headers = {"Et-App-Key": APP_KEY, "Username": "investor@demo.test", "Password": "open-the-market"}
    token = requests.post(f"{sandbox.api_url}/token", headers=headers, timeout=5).json()["Token"]
    return {"AUTOSHARES_BASE_URL": sandbox.api_url, "AUTOSHARES_APP_KEY": APP_KEY, "AUTOSHARES_TOKEN": token}


def run(name: str, *arguments: str, **environment: str) -> str:
    """What an example prints until it ends."""
    with running(name, *arguments, **environment) as process:
        printed, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        return printed


class TestOrdersToCsv:
    def test_it_writes_each_order_with_exact_prices(self, sandbox, signed_in):
        sandbox.control("clock", {"mode": "frozen"})
        client = Client(base_url=sandbox.api_url, app_key=APP_KEY, token=signed_in["AUTOSHARES_TOKEN"])
        draft = OrderDraft(symbol="KO", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(3))
        order = client.orders.place(6412, draft)
        sandbox.control("clock", {"advance": 5})
        average = client.orders.get(6412, order.id).average_price
        header, *rows = csv.reader(run("orders_to_csv", **signed_in).splitlines())
        [row] = [dict(zip(header, row, strict=True)) for row in rows if row[1] == str(order.id)]
        assert (row["symbol"], row["filled"], row["status"]) == ("KO", "3", "Filled")
        assert Decimal(row["average"]) == average

    def test_it_says_what_it_needs(self):
        process = subprocess.run(
            [sys.executable, "-m", "autoshares.examples.orders_to_csv"], capture_output=True, text=True, check=False
        )
        assert process.returncode == 1
        assert process.stderr.startswith("Please set AUTOSHARES_BASE_URL")


class TestWebhookReceiver:
    @pytest.fixture
    def receiver(self) -> Iterator[subprocess.Popen[str]]:
        with running("webhook_receiver", "--port", "0", AUTOSHARES_WEBHOOK_SECRET=SECRET) as process:
            process.url = process.stdout.readline().removeprefix("listening on ").strip()
            yield process

    def test_it_takes_a_signed_event_once_and_refuses_a_forged_one(self, receiver):
        data = {"orderId": 91234, "symbol": "AAPL", "filledQuantity": 10, "averagePrice": 171.2}
        event = {"id": "evt_1", "type": "order.filled", "timestamp": datetime.now(UTC).isoformat(), "data": data}
        body = json.dumps(event).encode()

        def post(signature: str) -> int:
            return requests.post(receiver.url, body, headers={SIGNATURE_HEADER: signature}, timeout=5).status_code

        assert [post(sign(body, SECRET)), post(sign(body, SECRET)), post(sign(body, "guess"))] == [200, 200, 401]
        assert [receiver.stdout.readline().strip() for _ in range(3)] == [
            "order.filled: order 91234, AAPL, 10 at 171.2",
            "again: evt_1",
            "refused: signature",
        ]
