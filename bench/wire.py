"""Plain HTTP over a kept-alive socket: what a client adds to a measured time has to be next to nothing."""

import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    status: int
    head: str
    body: bytes

    def header(self, name: str) -> str:
        """The value of the first header of that name, "" without one."""
        marker = f"\r\n{name.lower()}: "
        at = self.head.lower().find(marker)
        return "" if at < 0 else self.head[at + len(marker) :].split("\r\n", 1)[0]


def connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def read_answer(line: socket.socket) -> Answer:
    """One answer with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(line)
    raw_head, _, body = data.partition(b"\r\n\r\n")
    head = raw_head.decode("latin-1")
    answer = Answer(int(head.split(" ", 2)[1]), head, body)
    length = int(answer.header("Content-Length"))
    while len(body) < length:
        body += _more(line)
    return Answer(answer.status, head, body)


def _more(line: socket.socket) -> bytes:
    """Raises ConnectionError when the other side has hung up."""
    data = line.recv(65536)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data
