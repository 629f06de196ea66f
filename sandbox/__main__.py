"""`python -m sandbox`: run the sandbox until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from sandbox.app import create_app
from sandbox.clock import parse_iso
from sandbox.control.wire import SandboxProtocol
from sandbox.exchange.calendar import MARKET_MODES
from sandbox.seed import APPS
from sandbox.state import State
from sandbox.streams.protocol import StreamProtocol
from sandbox.world import World


def read_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=9100, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", type=Path, help="SQLite file that survives a restart; in memory when absent")
    parser.add_argument("--seed", type=int, default=1, help="of a new state")
    parser.add_argument("--web-port", type=int, default=8000, help="where the brokers' sites run")
    parser.add_argument("--market-hours", choices=MARKET_MODES, default="calendar", help="of a new state")
    parser.add_argument("--clock", type=_read_moment, metavar="MOMENT", help="of a new state: time stands still there")
    parser.add_argument(
        "--webhook", action="append", default=[], metavar="APP=URL", type=_read_webhook,
        help="harbor or northwind hears of events there; the secret is demo-APP-webhook-secret",
    )  # fmt: skip
    return parser.parse_args(arguments)


def _read_moment(text: str) -> str:
    try:
        parse_iso(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError("give a moment as in 2026-11-23T15:00:00Z") from None
    return text


def _read_webhook(text: str) -> tuple[str, str]:
    app, _, url = text.partition("=")
    if app not in {slug for slug, *_ in APPS} or urlsplit(url).scheme not in ("http", "https"):
        raise argparse.ArgumentTypeError("give harbor=URL or northwind=URL")
    return app, url


class Server(uvicorn.Server):
    """Stops quietly: being told to stop is a success, not a crash by a signal."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self.greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self.greeting, flush=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def main() -> int:
    options = read_arguments()
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # Named as TCP, because asyncio sends small answers without delay only on sockets of which it knows that.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
    except OSError as error:
        print(f"sandbox cannot listen on port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    base_url = f"http://localhost:{listener.getsockname()[1]}"
    state = State(options.state)
    world = World(
        state,
        base_url=base_url,
        web_port=options.web_port,
        market_hours=options.market_hours,
        seed=options.seed,
        webhooks=dict(options.webhook),
        clock=options.clock,
    )
    config = uvicorn.Config(
        create_app(world),
        http=SandboxProtocol,
        ws=StreamProtocol,
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = Server(config, f"sandbox ready on {base_url}")
    asyncio.run(server.serve(sockets=[listener]))
    state.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
