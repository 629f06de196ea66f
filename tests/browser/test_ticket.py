"""The ticket and the book in a real browser: every type to its end, by keyboard alone, and on a phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.steps import choose, choose_type, open_portfolio
from tests.deploy.demo_process import DemoProcess
from tests.support.sandboxes import Sandbox

SLOW = 20_000
SYMBOL = "XOM"  # nobody else's here
LEAST_TARGET = 44

# Every element that one presses or types into, as the size of what answers to a finger: a label counts with its box.
TARGETS = """root => [...document.querySelectorAll(root + " :is(a, button, input, select, summary)")]
  .filter(node => node.type !== "hidden" && !node.closest("p, dl, li"))
  .filter(node => node.checkVisibility({visibilityProperty: true}))
  .map(node => [node, node.closest("label") ?? node.closest(".field__control") ?? node])
  .map(([node, box]) => [node.name || node.innerText || node.ariaLabel, box.getBoundingClientRect()])
  .filter(([, box]) => box.width && Math.min(box.width, box.height) < LEAST)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)""".replace("LEAST", str(LEAST_TARGET))


@dataclass(frozen=True)
class Case:
    """One order to place at a price of 70.00: what is typed, its sentence, what becomes of it at 65 and then at 75."""

    type: str
    quantity: str
    sentence: str
    outcome: str
    typed: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    side: str = "Buy"


CASES = [
    Case("Market", "21", "at the market price, good today", "Filled"),
    Case("Limit", "22", "at 66.00 or better, good today", "Filled", {"Limit price": "66"}),
    Case("Stop", "23", "once it trades at 72.00 or higher", "Filled", {"Stop price": "72"}),
    Case("Stop limit", "24", "at 90.00 or better once", "Filled", {"Stop price": "72", "Limit price": "90"}),
    Case("Trailing stop", "25", "once it rises 3% from its best price", "Filled", {"Trail by": "3"}),
    Case("Trailing stop limit", "26", "with a limit $20.00 beyond", "Filled", {"Trail by": "3", "Limit offset": "20"}),
    Case(
        "Limit", "27", "whichever comes first", "Filled",
        {"Target price": "60", "Stop price of the exit": "74"},
        {"Plan": "Target or stop", "Good for": "Until canceled"},
    ),
    Case(
        "Limit", "28", "once filled, sell them at 200.00 or better", "Working",
        {"Limit price": "66", "Target price": "200"}, {"Plan": "With target and stop"},
    ),
    Case(
        "Limit", "29", "once it falls 50% from its best price", "Working",
        {"Limit price": "66", "Target price": "200", "Trail by": "50"},
        {"Plan": "With target and stop", "Exit stop": "Trailing, in percent"},
    ),
    Case("Limit", "31", "at 50.00 or better, good till canceled", "Working", {"Limit price": "50"},
         {"Good for": "Until canceled"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def exchange(demo: DemoProcess) -> Sandbox:
    """The demo's sandbox, nothing wrong with it, and the price of XOM held at 70.00."""
    exchange = Sandbox(port=int(demo.addresses["sandbox"].rpartition(":")[2]))
    exchange.control("faults", method="DELETE")
    exchange.control("tokens", {"revoke": "all"})
    exchange.control("users", {"email": "trader@demo.test", "agreements": ["DayTradingAgreement"]})
    exchange.control("prices", {SYMBOL: {"last": "70.00", "hold": True}})
    return exchange


@pytest.fixture(scope="module")
def signed_in(browser: Browser, demo: DemoProcess, exchange: Sandbox) -> Iterator[BrowserContext]:
    """Robin Vale, signed in once for all of these."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    open_portfolio(page, demo.addresses["web"], "trader@demo.test")
    page.goto(f"{demo.addresses['web']}/trade/{SYMBOL}/")
    expect(page.get_by_label("Quantity")).to_be_visible(timeout=SLOW)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    page = signed_in.new_page()
    yield page
    page.close()


def open_ticket(page: Page, web: str) -> None:
    page.goto(f"{web}/trade/{SYMBOL}/")
    if (again := page.get_by_role("button", name="Start empty")).is_visible():
        again.click()
        expect(again).to_be_hidden()


def type_in(page: Page, label: str, text: str) -> None:
    """Into the field with exactly that label, whatever its unit, where it is on show."""
    named = page.get_by_label(re.compile(f"^{label}( in .*)?$"))
    named.and_(page.locator("#ticket input:visible")).fill(text)


def review(page: Page, case: Case) -> None:
    if case.chosen.keys() & {"Plan"}:
        page.get_by_text("Exits, hours, all or none").click()
    choose(page, case.side)
    choose_type(page, case.type)
    for label, option in case.chosen.items():
        page.get_by_label(label, exact=True).select_option(label=option)
    type_in(page, "Quantity", case.quantity)
    for label, text in case.typed.items():
        type_in(page, label, text)
    page.get_by_role("button", name=re.compile("^Review")).click()
    expect(page.locator("#ticket-review .sentence")).to_contain_text(case.sentence)


def row_of(page: Page, quantity: str):
    return page.locator("tr:not(.table__leg)").filter(has_text=f"Buy {quantity} {SYMBOL}")


class TestEveryType:
    def test_it_goes_from_its_form_to_the_end_that_the_market_has_for_it(
        self, page: Page, demo: DemoProcess, exchange: Sandbox
    ):
        web = demo.addresses["web"]
        exchange.control("prices", {SYMBOL: {"last": "70.00", "hold": True}})
        for case in CASES:
            open_ticket(page, web)
            review(page, case)
            page.get_by_role("button", name="Place order").click()
            expect(page.get_by_role("heading", name="Order placed")).to_be_focused()
        for last in ("70.00", "65.00", "75.00"):
            exchange.control("prices", {SYMBOL: {"last": last, "hold": True}})
            exchange.control("clock", {"advance": 60})
        page.goto(f"{web}/orders/?symbol={SYMBOL}")
        for case in CASES:
            expect(row_of(page, case.quantity)).to_contain_text(case.outcome, timeout=SLOW)

        row_of(page, "31").get_by_role("link", name="Change").click()  # replaced …
        page.get_by_label("Limit price").fill("51")
        page.get_by_role("button", name="Review the change").click()
        page.get_by_role("button", name="Change the order").click()
        exchange.control("clock", {"advance": 10})
        expect(page.locator(".sentence")).to_contain_text("at 51.00 or better", timeout=SLOW)
        page.get_by_role("button", name="Cancel order").click()  # … and canceled from its page
        exchange.control("clock", {"advance": 10})
        expect(page.locator("#order")).to_contain_text("Canceled; nothing was filled.", timeout=SLOW)
        expect(page.locator(".timeline time").first).to_have_text(re.compile(r"\d\d:\d\d:\d\d\.\d{3}"))

        page.goto(f"{web}/orders/?symbol={SYMBOL}")  # all that is left, at once
        page.get_by_role("button", name="Cancel all").click()
        exchange.control("clock", {"advance": 10})
        page.goto(f"{web}/orders/?symbol={SYMBOL}&show=open")
        expect(page.get_by_text("No such orders")).to_be_visible(timeout=SLOW)


class TestEstimate:
    def test_the_total_follows_the_price(self, page: Page, demo: DemoProcess, exchange: Sandbox):
        exchange.control("prices", {SYMBOL: {"last": "70.00", "bid": "70.00", "ask": "70.00"}})
        open_ticket(page, demo.addresses["web"])
        choose_type(page, "Market")
        type_in(page, "Quantity", "10")
        expect(page.locator("#ticket-estimate")).to_contain_text("$700.00", timeout=SLOW)
        exchange.control("prices", {SYMBOL: {"last": "71.00", "bid": "71.00", "ask": "71.00"}})
        expect(page.locator("#ticket-estimate")).to_contain_text("$710.00", timeout=SLOW)


class TestByKeyboard:
    def test_an_order_is_found_typed_reviewed_and_placed_without_a_mouse(
        self, page: Page, demo: DemoProcess, exchange: Sandbox
    ):
        page.goto(f"{demo.addresses['web']}/orders/")
        page.keyboard.press("/")
        page.keyboard.type(SYMBOL.lower(), delay=20)
        expect(page.get_by_role("option", name=re.compile(SYMBOL))).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=SYMBOL, exact=True)).to_be_visible()
        _tab_to(page, "side")
        page.keyboard.press("ArrowRight")  # Sell
        page.keyboard.press("ArrowLeft")  # and back to Buy
        page.keyboard.press("Tab")
        page.keyboard.type("Limit")
        _tab_to(page, "quantity")
        page.keyboard.type("3x")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Quantity")).to_be_focused()  # the complaint is beside it
        expect(page.get_by_label("Quantity")).to_have_attribute("aria-invalid", "true")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("33")
        _tab_to(page, "limit_price")
        page.keyboard.type("40")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Review your order")).to_be_focused()
        expect(page.locator(".sentence")).to_contain_text(f"Buy 33 {SYMBOL} at 40.00 or better")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Place order")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Order placed")).to_be_focused()
        exchange.control("clock", {"advance": 5})
        expect(page.get_by_role("button", name=re.compile("^Cancel"))).to_be_visible(timeout=SLOW)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        exchange.control("clock", {"advance": 5})
        expect(page.locator("#order-status")).to_contain_text("Canceled", timeout=SLOW)


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is in the field called that."""
    for _ in range(40):
        if page.evaluate("document.activeElement?.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {name}.")


class TestOnAPhone:
    @pytest.fixture
    def phone(self, browser: Browser, signed_in: BrowserContext) -> Iterator[Page]:
        context = browser.new_context(
            viewport={"width": 390, "height": 844},
            is_mobile=True,
            has_touch=True,
            storage_state=signed_in.storage_state(),
        )
        context.set_default_timeout(10_000)
        yield context.new_page()
        context.close()

    def test_everything_fits_and_answers_to_a_thumb(self, phone: Page, demo: DemoProcess, exchange: Sandbox):
        web = demo.addresses["web"]
        open_ticket(phone, web)
        phone.get_by_text("Exits, hours, all or none").tap()
        phone.get_by_label("Plan").select_option(label="With target and stop")
        phone.get_by_label("Good for").select_option(label="Until a date")
        choose_type(phone, "Stop limit")
        _expect_thumbs(phone, "#ticket")
        phone.reload()
        review(phone, Case("Limit", "34", "at 41.00 or better", "Working", {"Limit price": "41"}))
        _expect_thumbs(phone, "#ticket")
        phone.get_by_role("button", name="Place order").tap()
        expect(phone.get_by_role("heading", name="Order placed")).to_be_visible()
        exchange.control("clock", {"advance": 5})
        _expect_thumbs(phone, "#ticket")
        phone.goto(f"{web}/orders/?symbol={SYMBOL}")
        expect(row_of(phone, "34").get_by_role("button", name="Cancel")).to_be_visible(timeout=SLOW)
        _expect_thumbs(phone, "main")
        row_of(phone, "34").get_by_role("link", name="Change").tap()
        expect(phone.get_by_role("button", name="Review the change")).to_be_visible()
        _expect_thumbs(phone, "main")
        phone.go_back()
        row_of(phone, "34").get_by_role("button", name="Cancel").tap()
        exchange.control("clock", {"advance": 5})
        expect(row_of(phone, "34")).to_contain_text("Canceled", timeout=SLOW)


def _expect_thumbs(page: Page, root: str) -> None:
    assert page.evaluate(TARGETS, root) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
