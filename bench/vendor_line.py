"""Between the application and the sandbox: bytes pass through at once, and the clock is read as they pass."""

import re
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer

PLACEMENT = re.compile(rb"POST /api/v1\.0/accounts/\d+/orders ")


@dataclass
class Call:
    """When the last byte of a request had come out of the application, and its whole answer had gone back.

    Seconds of `time.perf_counter`, the same clock as that of a client in this process.
    """

    sent: float
    answered: float = 0.0


class VendorLine(ThreadingTCPServer):
    """A proxy on a port of its own. It keeps the placements, each of which travels on a connection of its own."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, sandbox_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.sandbox_port = sandbox_port
        self.placements: list[Call] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api"

    def take_placements(self) -> list[Call]:
        """What was placed since the last question."""
        taken, self.placements = self.placements, []
        return taken


class _Connection(BaseRequestHandler):
    """Both ways, until either side hangs up."""

    server: VendorLine

    def handle(self) -> None:
        client = self.request
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not (data := client.recv(65536)):
            return
        call = Call(time.perf_counter())
        if PLACEMENT.match(data):
            self.server.placements.append(call)
        with socket.create_connection(("127.0.0.1", self.server.sandbox_port)) as sandbox:
            sandbox.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sandbox.sendall(data)
            while True:
                for source in select.select([client, sandbox], [], [])[0]:
                    if not (data := source.recv(65536)):
                        return
                    now = time.perf_counter()
                    if source is client:
                        call.sent = now
                        sandbox.sendall(data)
                    else:
                        client.sendall(data)
                        call.answered = time.perf_counter()


@contextmanager
def vendor_line(sandbox_port: int) -> Iterator[VendorLine]:
    with VendorLine(sandbox_port) as line:
        thread = threading.Thread(target=line.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield line
        finally:
            line.shutdown()
            thread.join()
