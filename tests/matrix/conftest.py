"""The matrix: a sample in every test run, all of it with `make matrix`; its verdict is the last thing printed."""

import os
from collections import Counter

import pytest

from tests.matrix.house import House, Time
from tests.matrix.scenarios import ALL, sample
from tests.trading.engine.conftest import (  # noqa: F401 - fixtures
    _short_patience,
    account,
    book,
    scope,
    trader,
)

IS_WHOLE = os.environ.get("MATRIX") == "all"
IN_A_SAMPLE = 40
_counts: Counter[str] = Counter()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "scenario" in metafunc.fixturenames:
        metafunc.parametrize("scenario", ALL if IS_WHOLE else sample(IN_A_SAMPLE), ids=str)


@pytest.fixture
def house(account, trader, book, monkeypatch, settings) -> House:  # noqa: F811
    settings.AUTOSHARES_READ_TIMEOUT_SECONDS = 0.4
    return House(account, trader, book, Time(book, monkeypatch), monkeypatch)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Workers hand their reports to the one that prints."""
    for name, value in report.user_properties:
        if name == "matrix" and report.when == "call":
            _counts[value] += 1


def pytest_terminal_summary(terminalreporter) -> None:
    if _counts["scenario"]:
        line = f"{_counts['scenario']} scenarios: duplicated {_counts['duplicated']}, lost {_counts['lost']}"
        terminalreporter.write_line(line)
    if _counts["planted"]:
        terminalreporter.write_line(f"planted bugs caught {_counts['caught']}/{_counts['planted']}")
