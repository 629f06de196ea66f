"""A real browser on the very same processes that `make demo` starts, on ports and in a folder of the tests' own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.deploy.demo_process import DemoProcess, running_demo
from tests.support.sandboxes import Sandbox, free_port

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
INSTALL_HINT = "No Chromium found: apt-get install chromium (Debian) or set one up on the PATH as `chromium`."
FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser they skip and say how to get one."""
    for item in items:
        if not Path(item.path).is_relative_to(FOLDER):
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None and not os.environ.get("SHAREFRONT_REQUIRE_BROWSER"):
            item.add_marker(pytest.mark.skip(reason=INSTALL_HINT))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, for as long as these tests run: Playwright keeps an event loop, in which Django refuses to query."""
    assert CHROMIUM, INSTALL_HINT
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def demo(tmp_path_factory) -> Iterator[DemoProcess]:
    home = tmp_path_factory.mktemp("demo")
    with running_demo(home, web_port=free_port(), sandbox_port=free_port()) as demo:
        yield demo


DEMO_PEOPLE = {
    "investor@demo.test": ["PlatformAgreement", "MarketDataAgreement", "DayTradingAgreement"],
    "trader@demo.test": ["DayTradingAgreement"],
}


@pytest.fixture
def sandbox(demo: DemoProcess) -> Sandbox:
    """The demo's sandbox: nothing goes wrong, nobody is signed in, agreements are outstanding again.

    Not reset: order ids would start over, and the application remembers those that it has seen. The minute's budget
    of sign-ins begins anew: nobody signs in as often as these tests.
    """
    sandbox = Sandbox(port=int(demo.addresses["sandbox"].rpartition(":")[2]))
    with psycopg.connect(demo.addresses["database_url"], autocommit=True) as database:
        database.execute("DELETE FROM autoshares_limit")
    sandbox.control("faults", method="DELETE")
    sandbox.control("requests", method="DELETE")
    sandbox.control("tokens", {"revoke": "all"})
    for email, agreements in DEMO_PEOPLE.items():
        sandbox.control("users", {"email": email, "agreements": agreements})
    return sandbox


@pytest.fixture
def context_options() -> dict:
    """Options of the browser context; a test class overrides it for phones or the dark."""
    return {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def fresh_context(browser: Browser, context_options: dict) -> Iterator[BrowserContext]:
    context = browser.new_context(reduced_motion="reduce", **context_options)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(fresh_context: BrowserContext) -> Iterator[Page]:
    """A page that holds every test to a clean console: no script error, nothing that the policy had to block."""
    page = fresh_context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
