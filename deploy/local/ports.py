"""Is a port free, and who else could it be: asked before anything is started."""

import socket

LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class PortTaken(Exception):
    """Another program has the port; the message names it, and the variable that moves ours."""

    def __init__(self, variable: str, number: int, command: str) -> None:
        super().__init__(
            f"Port {number} is taken by another program. Stop that one, or choose another port: "
            f"{variable}={number + 1} {command}"
        )


def check_free(variable: str, number: int, command: str = "make demo") -> None:
    """Raises PortTaken when another program has `number` on this machine."""
    for family, address in LOOPBACK:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(0.5)
            if probe.connect_ex((address, number)) == 0:
                raise PortTaken(variable, number, command)
    try:
        for listener in loopback_sockets(number):
            listener.close()
    except OSError:
        raise PortTaken(variable, number, command) from None


def loopback_sockets(number: int) -> list[socket.socket]:
    """Return listening sockets on 127.0.0.1 and, where there is IPv6, ::1: browsers try either for `localhost`.

    asyncio sends at once (TCP_NODELAY) only on sockets that say TCP; on others a page's head and body, two writes,
    wait 40 ms for each other, since the browser delays its acknowledgement.
    """
    sockets = []
    for family, address in LOOPBACK:
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address, number))
        except OSError:
            listener.close()
            if family == socket.AF_INET:
                raise
            continue
        sockets.append(listener)
    return sockets
