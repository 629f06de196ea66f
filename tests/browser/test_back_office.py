"""The back office in a real browser: the strict policy blocks nothing of what its pages need."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import open_portfolio
from tests.deploy.demo_process import DemoProcess
from tests.support.sandboxes import Sandbox

EMAIL, PASSWORD = "ops@demo.test", "open-the-desk"


@pytest.fixture
def desk(page: Page, demo: DemoProcess, sandbox: Sandbox) -> Page:
    """A member of the staff at the admin's first page; somebody has traded, so there are rows to look at."""
    open_portfolio(page, demo.addresses["web"], "trader@demo.test")
    page.goto("about:blank")  # a page that sees its session end leads to the sign-in by itself
    page.context.clear_cookies()
    page.goto(f"{demo.addresses['web']}/admin/")
    page.get_by_label("Username").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Back office")).to_be_visible()
    return page


def choose(desk: Page, field: str, word: str) -> None:
    """Type into a field that completes by itself, and take the first answer."""
    desk.locator(f".field-{field} .select2-selection").click()
    desk.locator(".select2-search__field").fill(word)
    desk.locator(".select2-results__option--highlighted", has_text=re.compile(word)).click()
    expect(desk.locator(f".field-{field} .select2-selection__rendered")).to_contain_text(word)


class TestPages:
    def test_lists_and_rows_open(self, desk: Page, demo: DemoProcess):
        for path in ("trading/order/", "trading/risklimits/", "trading/killswitch/", "brokers/broker/"):
            desk.goto(f"{demo.addresses['web']}/admin/{path}")
            expect(desk.locator("#changelist")).to_be_visible()
        desk.locator("#result_list tbody th a").first.click()
        expect(desk.locator("#broker_form")).to_be_visible()

    def test_an_account_is_found_by_a_part_of_its_number(self, desk: Page, demo: DemoProcess):
        for path in ("trading/risklimits/", "trading/killswitch/"):
            desk.goto(f"{demo.addresses['web']}/admin/{path}add/")
            choose(desk, "account", "6420")
