"""The demo's web server: uvicorn on both loopback addresses, `python -m deploy.local.web PORT`."""

import sys

import uvicorn

from deploy.local.ports import loopback_sockets


def main(number: int) -> None:
    config = uvicorn.Config(
        "config.asgi:application",
        timeout_graceful_shutdown=2,  # seconds: an open stream would hold the server for ever
        access_log=False,  # addresses of the sign-in carry codes
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=loopback_sockets(number))


if __name__ == "__main__":
    main(int(sys.argv[1]))
