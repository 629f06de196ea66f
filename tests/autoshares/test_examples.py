"""The examples, run as a reader would run them."""

import contextlib
import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests

from autoshares import ChartSpan, Client, OrderDraft, OrderType, Side
from autoshares.webhooks import SIGNATURE_HEADER, sign

SECRET = "whsec-demo"


@contextlib.contextmanager
def running(name: str, *arguments: str, asks: bool = False, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """An example as a process of its own; what it prints can be read line by line."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"autoshares.examples.{name}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if asks else None,
        text=True,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(5)


@pytest.fixture
def signed_in(dana) -> dict[str, str]:
    """What the examples want to find in the environment: they sign in themselves."""
    where = {f"AUTOSHARES_{name.upper()}": value for name, value in dana.items() if name != "token"}
    return where | {"AUTOSHARES_LOGIN": "investor@demo.test", "AUTOSHARES_PASSWORD": "open-the-market"}


def run(name: str, *arguments: str, **environment: str) -> str:
    """What an example prints until it ends."""
    with running(name, *arguments, **environment) as process:
        printed, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        return printed


class TestBracketOrder:
    def test_it_buys_and_sells_again_and_prints_each_fill_and_the_price_meanwhile(self, sandbox, signed_in):
        sandbox.control("clock", {"mode": "running", "speed": 10, "market": "around-the-clock"})
        sandbox.control("prices", {"F": {"last": "12.00", "hold": True}})
        with running("bracket_order", "F", "30", "--distance", "0.01", **signed_in) as process:

            def read_until(pattern: str) -> list[str]:
                lines = [process.stdout.readline().strip()]
                while lines[-1] and not re.fullmatch(pattern, lines[-1]):
                    lines.append(process.stdout.readline().strip())
                return lines

            assert re.fullmatch(r"12.00? at \d\d:\d\d:\d\d", read_until(".*")[0])
            assert re.fullmatch(r"order \d+: \w+", read_until("order.*")[-1])
            assert re.fullmatch(r"Buy 30 F, on average at 12\.\d\d", read_until("Buy.*")[-1])
            sandbox.control("prices", {"F": {"last": "12.05", "hold": True}})
            assert read_until(r"12\.05 at .*")[-1]
            sandbox.control("prices", {"F": {"last": "12.20", "hold": True}})
            assert re.fullmatch(r"Sell 30 F, on average at 12\.\d\d", read_until("Sell.*")[-1])
            printed = process.stdout.read()
        ledger = sandbox.control("ledger?account=6412")
        for side in ("Buy", "Sell"):
            assert sum(Decimal(row["Quantity"]) for row in ledger["executions"] if row["Side"] == side) == 30
        assert printed.splitlines()[-1] == ledger["orders"][0]["Status"]


class TestOrdersToCsv:
    def test_it_writes_each_order_with_exact_prices(self, sandbox, dana, signed_in):
        sandbox.control("clock", {"mode": "frozen"})
        client = Client(**dana)
        draft = OrderDraft(symbol="KO", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(3))
        order = client.orders.place(6412, draft)
        sandbox.control("clock", {"advance": 5})
        average = client.orders.get(6412, order.id).average_price
        header, *rows = csv.reader(run("orders_to_csv", **signed_in).splitlines())
        [row] = [dict(zip(header, row, strict=True)) for row in rows if row[1] == str(order.id)]
        assert (row["symbol"], row["filled"], row["status"]) == ("KO", "3", "Filled")
        assert Decimal(row["average"]) == average

    def test_it_takes_a_token_that_is_there_already(self, signed_in, dana):
        environment = signed_in | {"AUTOSHARES_TOKEN": dana["token"], "AUTOSHARES_PASSWORD": "wrong"}
        assert run("orders_to_csv", **environment).startswith("account,order")

    def test_it_says_that_it_could_not_sign_in(self, signed_in):
        with running("orders_to_csv", **signed_in | {"AUTOSHARES_PASSWORD": "wrong"}) as process:
            assert process.wait(10) == 1

    @pytest.mark.parametrize(
        "wrong", [{"AUTOSHARES_BASE_URL": "http://127.0.0.1:1/api"}, {"AUTOSHARES_APP_KEY": "nobody's"}]
    )
    def test_it_says_so_too_when_there_is_no_answer_or_the_key_is_wrong(self, signed_in, wrong):
        with running("orders_to_csv", asks=True, **signed_in | wrong) as process:
            said = process.stderr.read()
            assert process.wait(10) == 1
        assert "Not signed in: POST /token" in said
        assert "Traceback" not in said

    @pytest.mark.parametrize(("typed", "code"), [("2468\n", 0), ("1\n1\n1\n", 1)])
    def test_it_asks_for_the_pin_and_shows_what_only_the_user_knows(self, sandbox, signed_in, typed, code):
        pin = {"pin_asked": True, "pin": "2468", "pin_image": "harbor.png", "personal_phrase": "salt and light"}
        sandbox.control("users", {"email": "investor@demo.test"} | pin)
        with running("orders_to_csv", asks=True, **signed_in) as process:
            printed, asked = process.communicate(typed, timeout=60)
            assert process.returncode == code
        assert asked.startswith("PIN (salt and light, harbor.png): ")
        assert printed.startswith("account,order") == (code == 0)

    def test_it_asks_for_the_code_of_a_mail(self, sandbox, signed_in):
        sandbox.control("users", {"email": "investor@demo.test", "two_factor": True})
        with running("orders_to_csv", asks=True, **signed_in) as process:
            assert process.stderr.read(6) == "Code: "
            code = re.search(r"\d{4,}", sandbox.control("mail?to=investor@demo.test")[0]["text"])[0]
            printed, _ = process.communicate(code + "\n", timeout=60)
        assert printed.startswith("account,order")

    def test_it_says_that_a_pin_has_to_be_chosen_first(self, sandbox, signed_in):
        sandbox.control("users", {"email": "investor@demo.test", "pin_asked": True})
        with running("orders_to_csv", asks=True, **signed_in) as process:
            _, asked = process.communicate(timeout=60)
        assert asked == "Not signed in: please choose a PIN at AutoShares first.\n"

    def test_it_says_what_it_needs(self):
        process = subprocess.run(
            [sys.executable, "-m", "autoshares.examples.orders_to_csv"], capture_output=True, text=True, check=False
        )
        assert process.returncode == 1
        assert process.stderr.startswith("Please set AUTOSHARES_BASE_URL")


class TestCandlesToCsv:
    def test_it_writes_the_last_days(self, sandbox, dana, signed_in):
        sandbox.control("clock", {"mode": "frozen"})
        header, *rows = csv.reader(run("candles_to_csv", "AAPL", "--count", "5", **signed_in).splitlines())
        candles = Client(**dana).history.candles("AAPL", ChartSpan(count=5)).candles
        assert header == ["day", "open", "high", "low", "close", "volume"]
        assert [(row[0], Decimal(row[4])) for row in rows] == [
            (str(candle.opens_at.date()), candle.close) for candle in candles
        ]
        assert len(rows) == 5


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

    def test_it_hears_from_the_sandbox_what_becomes_of_an_order_however_often_it_is_told(
        self, sandbox, dana, receiver
    ):
        hook = {"client_id": "demo-harbor-client", "url": receiver.url, "secret": SECRET}
        sandbox.control("webhooks", hook | {"events": ["order.filled"]})
        sandbox.control("faults", {"on": "webhook", "action": "duplicate"})
        sandbox.control("clock", {"mode": "frozen"})
        draft = OrderDraft(symbol="KO", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(3))
        order = Client(**dana).orders.place(6412, draft)
        sandbox.control("clock", {"advance": 5})
        told, again = (receiver.stdout.readline() for _ in range(2))
        assert told.startswith(f"order.filled: order {order.id}, KO, 3 at ")
        assert again.startswith("again: ")
