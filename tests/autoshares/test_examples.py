"""The examples, run as a reader would run them."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from autoshares.webhooks import SIGNATURE_HEADER, sign

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
