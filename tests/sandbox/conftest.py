"""The sandbox as a real process on a free port, as new and with a standing clock before each test."""

from collections.abc import Iterator

import pytest

from tests.sandbox.actors import Box, Browser, Client, log_in

MONDAY_10_AM = "2026-11-23T15:00:00Z"  # the market is open, Eastern Standard Time


@pytest.fixture(autouse=True)
def _quiet_task_queue() -> None:
    """The sandbox has no tasks: no queue is set up for each of its tests."""


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Box]:
    box = Box()
    yield box
    assert box.stop() == 0


@pytest.fixture
def box(sandbox_process: Box) -> Box:
    """A sandbox as on its first day, at ten on a Monday morning in New York; time stands still."""
    sandbox_process.control("POST", "reset", {"seed": 1, "clock": {"mode": "frozen", "set": MONDAY_10_AM}})
    return sandbox_process


@pytest.fixture
def visitor(box: Box) -> Browser:
    return Browser(box)


@pytest.fixture
def investor(box: Box) -> Client:
    """Dana, with her margin account 6412."""
    return log_in(box, "investor@demo.test")


@pytest.fixture
def trader(box: Box) -> Client:
    """Robin, who must not see Dana's accounts."""
    return log_in(box, "trader@demo.test", account=6420)
