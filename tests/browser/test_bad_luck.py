"""Silence, ended connections and second devices: nothing is lost, nothing is doubled. Deaths: tests/matrix."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import open_portfolio, review_limit_order, sign_agreements, start_sign_in
from tests.deploy.demo_process import DemoProcess
from tests.support.sandboxes import Sandbox

SLOW = 20_000


def placements(sandbox: Sandbox) -> list[dict]:
    requests = sandbox.control("requests")
    requests = requests["requests"] if isinstance(requests, dict) else requests
    return [one for one in requests if one["method"] == "POST" and re.search(r"accounts/\d+/orders$", one["path"])]


class TestSilence:
    def test_an_order_without_an_answer_is_looked_for_and_never_sent_again(
        self, page: Page, demo: DemoProcess, sandbox: Sandbox
    ):
        web = demo.addresses["web"]
        open_portfolio(page, web, "trader@demo.test")
        sandbox.control(
            "faults", {"method": "POST", "path": "/api/v1.0/accounts/*/orders", "action": "reset", "when": "after"}
        )
        review_limit_order(page, web, "KO", shares="7", limit="20.00")
        page.get_by_role("button", name="Place order").click()
        expect(page.get_by_role("heading", name=re.compile("no answer yet|Order placed"))).to_be_visible()
        page.goto(f"{web}/orders/")
        expect(page.get_by_role("row").filter(has_text="Buy 7 KO")).to_contain_text("Working", timeout=SLOW)
        assert len(placements(sandbox)) == 1

    def test_a_preview_that_fails_keeps_what_was_typed(self, page: Page, demo: DemoProcess, sandbox: Sandbox):
        web = demo.addresses["web"]
        open_portfolio(page, web, "trader@demo.test")
        page.goto(f"{web}/trade/KO/")
        sandbox.control("faults", {"path": "/api/v1.0/**", "action": "status", "status": 503, "count": None})
        page.get_by_label("Quantity").fill("12")
        page.get_by_role("button", name="Review buy order").click()
        expect(page.locator("#ticket [role=alert], #ticket .notice").first).to_be_visible(timeout=SLOW)
        expect(page.get_by_label("Quantity")).to_have_value("12")


class TestBadInput:
    def test_an_impossible_quantity_is_explained_beside_it(self, page: Page, demo: DemoProcess, sandbox: Sandbox):
        web = demo.addresses["web"]
        open_portfolio(page, web, "trader@demo.test")
        for typed in ("0", "-3", "2.5", "abc", "99999999"):
            page.goto(f"{web}/trade/KO/")
            page.get_by_label("Quantity").fill(typed)
            page.get_by_role("button", name="Review buy order").click()
            quantity = page.get_by_label("Quantity")
            expect(quantity).to_have_attribute("aria-invalid", "true")
            expect(quantity).to_have_value(typed)
            expect(quantity).to_be_focused()


class TestConnection:
    def test_a_half_typed_order_survives_the_end_of_the_connection(
        self, page: Page, demo: DemoProcess, sandbox: Sandbox
    ):
        northwind = demo.addresses["northwind"]  # no refresh tokens there
        open_portfolio(page, northwind, "trader@demo.test")
        page.goto(f"{northwind}/trade/KO/")
        with page.expect_response(re.compile("/draft/")):
            page.get_by_label("Quantity").fill("31")
        sandbox.control("tokens", {"revoke": "access"})
        page.get_by_role("button", name="Review buy order").click()
        page.get_by_role("link", name="Reconnect").first.click()
        expect(page).to_have_url(f"{northwind}/trade/KO/")  # AutoShares still knew the browser: no question asked
        expect(page.get_by_label("Quantity")).to_have_value("31")

    def test_a_second_device_shares_the_connection(
        self, page: Page, browser: Browser, demo: DemoProcess, sandbox: Sandbox
    ):
        web = demo.addresses["web"]
        open_portfolio(page, web, "investor@demo.test")
        context = browser.new_context()
        phone = context.new_page()
        start_sign_in(phone, web, "investor@demo.test")
        sign_agreements(phone)
        expect(phone).to_have_url(f"{web}/portfolio/")  # consent and signatures were not asked for twice
        page.reload()
        expect(page.get_by_role("main")).to_contain_text("Account value")
        context.close()
