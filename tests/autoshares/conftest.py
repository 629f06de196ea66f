"""A stand-in for AutoShares on a real socket, for the faults that no well-behaved server can be asked for."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings

from autoshares import Client, Patience
from autoshares.connections import new_session

APP_KEY = "demo-harbor-app-key-secret"
AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger: close() sends RST


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int  # the caller's port: equal for two requests on one kept connection


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        vendor = self.server.vendor
        vendor.requests.append(Request(self.command, self.path, headers, body, self.client_address[1]))
        vendor.next_step()(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *args: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True


Step = Callable[[Handler], None]


def reply(status: int = 200, body: Any = None, **headers: str) -> Step:
    """Answer properly; `body` is JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()

    def step(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return step


def reset(handler: Handler) -> None:
    """Read the request, then tear the connection down without a word."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    handler.connection.close()
    handler.close_connection = True


def hang(handler: Handler) -> None:
    """Read the request and stay silent until the test is over."""
    handler.server.vendor.over.wait(5)
    handler.close_connection = True


def truncate(handler: Handler) -> None:
    """Promise a hundred bytes, send a few, close."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"Id": 91234, ')
    handler.close_connection = True


class Vendor:
    """Answers each request with the next step of its script; the last step stays."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.over = threading.Event()
        self._steps: list[Step] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.vendor = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def will(self, *steps: Step) -> None:
        self._steps = list(steps)

    def next_step(self) -> Step:
        return self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that a patient client has waited, without anybody waiting."""
    return []


@pytest.fixture
def make_client(pauses: list[float]) -> Iterator[Callable[..., Client]]:
    """A factory: `make_client(base_url)`; jitter draws the upper end, so that pauses can be told."""
    session = new_session()

    def make(base_url: str, **options: Any) -> Client:
        settings = {
            "base_url": base_url,
            "app_key": "secret-app-key",
            "token": "secret-token",
            "connect_timeout": 5.0,
            "read_timeout": 5.0,
            "patience": Patience(pause=pauses.append, draw=lambda low, high: high),
            "session": session,
        }
        return Client(**(settings | options))

    yield make
    session.close()


@pytest.fixture
def client(vendor: Vendor, make_client: Callable[..., Client]) -> Client:
    return make_client(vendor.url)


@pytest.fixture
def dana(sandbox: Any) -> dict[str, str]:
    """Where and who for a client of Dana's at the sandbox; the token comes from the direct login."""
    headers = {"Et-App-Key": APP_KEY, "Username": "investor@demo.test", "Password": "open-the-market"}
    token = requests.post(f"{sandbox.api_url}/token", headers=headers, timeout=5).json()["Token"]
    return {"base_url": sandbox.api_url, "app_key": APP_KEY, "token": token}


@pytest.fixture
def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def issuer(vendor: Vendor) -> Iterator[Any]:
    from autoshares import discovery, id_tokens

    from .issuers import Issuer

    discovery.forget()
    id_tokens.forget()
    issuer = Issuer(vendor)
    yield issuer
    issuer.session.close()


@pytest.fixture(autouse=True)
def _quiet_task_queue() -> None:
    """The client has no tasks: no queue is set up for each of its tests."""
