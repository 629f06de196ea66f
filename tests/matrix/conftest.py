"""The matrix: a sample in every test run, all of it with `make matrix`; its verdict is the last thing printed."""

from collections.abc import Iterator

import pytest

from brokers.models import Broker
from brokers.scoping import broker_scope
from investors.accounts.models import TradingAccount
from tests.matrix.crashes import ALL_CRASHES, SAMPLE, Accident
from tests.matrix.house import House, Time
from tests.matrix.household import Desk, Household, running_household
from tests.matrix.report import FILE, Report
from tests.matrix.scenarios import ALL, IS_WHOLE, sample
from tests.trading.engine.conftest import (  # noqa: F401 - fixtures
    _short_patience,
    account,
    book,
    scope,
    sign_up,
    trader,
)
from tests.trading.pages.conftest import seat
from trading.securities.models import Security

IN_A_SAMPLE = 40
REPORT = Report()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "scenario" in metafunc.fixturenames:
        metafunc.parametrize("scenario", ALL if IS_WHOLE else sample(IN_A_SAMPLE), ids=str)
    if "crash" in metafunc.fixturenames:
        metafunc.parametrize("crash", ALL_CRASHES if IS_WHOLE else SAMPLE, ids=str)


@pytest.fixture
def house(account, trader, book, monkeypatch, settings) -> House:  # noqa: F811
    settings.AUTOSHARES_READ_TIMEOUT_SECONDS = 0.4
    return House(account, trader, book, Time(book, monkeypatch), monkeypatch)


@pytest.fixture(scope="session")
def household() -> Iterator[Household]:
    """Real processes that may be killed, on a database of their own."""
    with running_household() as household:
        yield household


@pytest.fixture(scope="session")
def seated(household: Household, django_db_blocker) -> tuple[Desk, TradingAccount]:
    """Robin Vale, signed in, agreements signed, and the account."""
    with django_db_blocker.unblock(), household.books():
        broker = Broker.objects.get(slug="harbor")
        with broker_scope(broker):
            user = sign_up(broker, household.sandbox, "trader@demo.test")
            Security.objects.create(symbol="AAPL", vendor_security_id=1, type="CommonStock")
            browser = seat(user)
        cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
        return Desk(household, cookies), TradingAccount.unscoped.select_related("broker").get(links__user=user)


@pytest.fixture
def accident(household: Household, seated: tuple[Desk, TradingAccount], django_db_blocker) -> Iterator[Accident]:
    with django_db_blocker.unblock(), household.books():
        yield Accident(household, *seated)


# --- what is told; workers hand their reports to the process that prints ------------------------------------------


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A bar instead of thousands of dots."""
    return ("passed", "", "") if IS_WHOLE and report.when == "call" and report.passed else None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        REPORT.take(report)


def pytest_sessionstart(session: pytest.Session) -> None:
    if IS_WHOLE and (terminal := session.config.pluginmanager.get_plugin("terminalreporter")):
        session.config.pluginmanager.register(Progress(session, terminal))


class Progress:
    def __init__(self, session: pytest.Session, terminal: pytest.TerminalReporter) -> None:
        self.session, self.terminal = session, terminal

    def pytest_runtest_logfinish(self) -> None:
        REPORT.show_progress(self.terminal, self.session.testscollected)


def pytest_terminal_summary(terminalreporter) -> None:
    for line in REPORT.lines():
        terminalreporter.write_line(line)
    if IS_WHOLE:
        REPORT.write()
        terminalreporter.write_line(f"Everything in {FILE}")
