"""Receive webhooks, believe only what AutoShares has signed, and take each event once.

    AUTOSHARES_WEBHOOK_SECRET=... python -m autoshares.examples.webhook_receiver --port 8765

A real receiver stands behind HTTPS, writes an event down before it answers, and works on it afterwards.
"""

import argparse
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from autoshares.errors import WebhookInvalid
from autoshares.webhooks import SIGNATURE_HEADER, WebhookEvent, read_webhook

LARGEST_BODY = 64 * 1024


class Receiver(BaseHTTPRequestHandler):
    secret = ""
    seen: set[str] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LARGEST_BODY))
        try:
            event = read_webhook(body, self.headers.get(SIGNATURE_HEADER), secret=self.secret)
        except WebhookInvalid as refusal:
            print("refused:", refusal.detail, flush=True)
            return self.answer(401)
        if event.id in self.seen:  # a retry after an answer of ours that got lost
            print("again:", event.id, flush=True)
        else:
            self.seen.add(event.id)
            print(describe(event), flush=True)
        return self.answer(200)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def describe(event: WebhookEvent) -> str:
    if (order := event.order) is not None:
        return (
            f"{event.type}: order {order.order_id}, {order.symbol}, {order.filled_quantity} at {order.average_price}"
        )
    return f"{event.type}: {event.symbol or event.account_id}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one")
    Receiver.secret = os.environ["AUTOSHARES_WEBHOOK_SECRET"]
    with HTTPServer(("127.0.0.1", parser.parse_args().port), Receiver) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
