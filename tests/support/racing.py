"""Many at once: threads that wait for each other and start together, each with a database connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def race[Result](times: int, act: Callable[[], Result]) -> list[Result | Exception]:
    """What `act` returned or raised, for each of the racers. The test needs a database that commits."""
    gate = threading.Barrier(times)
    ends: list[Result | Exception] = []

    def run() -> None:
        try:
            gate.wait()
            ends.append(act())
        except Exception as failure:
            ends.append(failure)
        finally:
            connection.close()

    racers = [threading.Thread(target=run) for _ in range(times)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return ends
