"""The whole way of an investor in a real browser, on the processes that `make demo` starts."""

import re
import time

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.steps import open_portfolio, review_limit_order, sign_agreements, sign_in, start_sign_in
from tests.deploy.demo_process import DemoProcess
from tests.support.sandboxes import Sandbox

SLOW = 20_000


def sign_out_while_panels_poll(page: Page) -> None:
    """The session has ended and the answer is on its way; at this moment every panel of the page asks for news."""
    page.evaluate("""() => addEventListener("submit", () => setInterval(() => {
        const panels = document.querySelectorAll("[hx-trigger^=every]");
        for (const panel of panels) panel.dispatchEvent(new CustomEvent("every"));
    }, 100))""")

    def answer_late(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        time.sleep(0.6)  # the browser goes on meanwhile
        route.fulfill(response=answer)

    page.route("**/sign-out/", answer_late)
    page.get_by_role("button", name="Sign out").click()


class TestWholeWay:
    def test_it_goes_from_the_landing_page_to_a_filled_order_and_out_again(
        self, page: Page, demo: DemoProcess, sandbox: Sandbox
    ):
        web = demo.addresses["web"]
        sign_in(page, web, "investor@demo.test")
        page.goto(f"{web}/portfolio/")
        expect(page).to_have_url(re.compile("/agreements/"))  # no trading page opens before
        sign_agreements(page)
        expect(page.get_by_role("main")).to_contain_text("Apple Inc.", timeout=SLOW)
        expect(page.get_by_role("main")).to_contain_text("Buying power")

        page.keyboard.press("/")
        page.keyboard.type("microsoft", delay=30)
        expect(page.get_by_role("option", name=re.compile("MSFT"))).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{web}/trade/MSFT/")

        page.get_by_label("Quantity").fill("5")
        page.get_by_role("button", name="Review buy order").click()
        expect(page.locator(".sentence")).to_contain_text("Buy 5 MSFT at the market price, good today")
        page.get_by_role("button", name="Place order").dblclick()
        expect(page.get_by_role("heading", name="Order placed")).to_be_visible()
        expect(page.locator("#ticket")).to_contain_text("Filled", timeout=SLOW)  # by itself, without a reload

        page.get_by_role("button", name="Menu of Dana Reyes").click()
        sign_out_while_panels_poll(page)
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        page.goto(f"{web}/portfolio/")
        expect(page).to_have_url(re.compile("/sign-in/"))
        start = page.get_by_role("link", name="Sign in with AutoShares")
        start.click()
        expect(page.get_by_label("Password")).to_be_visible()  # AutoShares' own session ended too

        orders = [order for order in sandbox.control("ledger")["orders"] if order["Symbol"] == "MSFT"]
        assert [order["Status"] for order in orders] == ["Filled"]  # two clicks, one order

    def test_it_cancels_a_working_limit_order(self, page: Page, demo: DemoProcess, sandbox: Sandbox):
        web = demo.addresses["web"]
        open_portfolio(page, web, "investor@demo.test")
        review_limit_order(page, web, "KO", shares="10", limit="20.00")
        expect(page.locator(".sentence")).to_contain_text("Buy 10 KO at 20.00 or better")
        page.get_by_role("button", name="Place order").click()
        expect(page.get_by_role("heading", name="Order placed")).to_be_visible()
        page.goto(f"{web}/orders/")
        row = page.get_by_role("row").filter(has_text="Buy 10 KO")
        expect(row).to_contain_text("Working", timeout=SLOW)
        row.get_by_role("button", name="Cancel").click()
        expect(row).to_contain_text("Canceled", timeout=SLOW)

    def test_two_brokers_do_not_look_alike(self, page: Page, demo: DemoProcess):
        looks = []
        for name in ("web", "northwind"):
            page.goto(demo.addresses[name])
            button = page.get_by_role("link", name="Sign in with AutoShares").first
            style = "node => getComputedStyle(node).backgroundColor + getComputedStyle(node).borderRadius"
            looks.append((page.get_by_role("heading", level=1).inner_text(), button.evaluate(style)))
        assert looks[0][0] != looks[1][0]
        assert looks[0][1] != looks[1][1]


class TestSignInEndings:
    def test_a_denied_consent_says_so_and_offers_another_try(self, page: Page, demo: DemoProcess, sandbox: Sandbox):
        start_sign_in(page, demo.addresses["web"], "trader@demo.test")
        page.get_by_role("button", name="Deny").click()
        expect(page.locator("[data-problem]")).to_be_visible()
        page.locator(".problem .button--primary").click()
        expect(page).to_have_url(re.compile(re.escape(demo.addresses["sandbox"])))

    def test_a_provider_that_is_down_gets_a_page_not_an_error(self, page: Page, demo: DemoProcess, sandbox: Sandbox):
        sandbox.control("faults", {"path": "/oauth/token", "action": "status", "status": 503, "count": None})
        start_sign_in(page, demo.addresses["web"], "trader@demo.test")
        page.get_by_role("button", name="Allow").click()
        expect(page.locator("[data-problem]")).to_be_visible(timeout=SLOW)

    def test_it_works_without_javascript(self, browser: Browser, demo: DemoProcess, sandbox: Sandbox):
        context = browser.new_context(java_script_enabled=False)
        page, web = context.new_page(), demo.addresses["web"]
        sign_in(page, web, "trader@demo.test")
        while (later := page.get_by_role("button", name="Not now")).count():
            with page.expect_navigation():
                later.click()
        page.goto(f"{web}/trade/KO/")
        while (again := page.get_by_role("link", name="Look again")).count():  # nobody has asked for KO before
            with page.expect_navigation():
                again.click()
        page.get_by_label("Quantity").fill("1")
        page.get_by_role("button", name="Review").click()
        page.get_by_role("button", name="Place order").click()
        expect(page.get_by_role("main")).to_contain_text("Buy 1 KO")

        page.goto(f"{web}/trade/KO/")
        page.get_by_label("Quantity").fill("31")
        context.clear_cookies(name="session")  # it has run out while the order was typed
        page.get_by_role("button", name="Review").click()
        expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()
        page.get_by_role("link", name="Sign in with AutoShares").click()
        page.get_by_role("button", name="Not now").click()
        expect(page).to_have_url(f"{web}/trade/KO/")
        expect(page.get_by_label("Quantity")).to_have_value("31")
        context.close()
