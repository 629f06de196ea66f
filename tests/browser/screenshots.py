"""Draw docs/screenshots anew from a running demo: `.venv/bin/python -m tests.browser.screenshots`.

Every page of the investor's way at 1440 and 390 px, in light and dark, as a person would see it.
"""

import shutil
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.steps import choose_type, sign_agreements, start_sign_in
from tests.deploy.demo_process import DemoProcess, running_demo
from tests.support.sandboxes import Sandbox, free_port

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES = {1440: {"width": 1440, "height": 900}, 390: {"width": 390, "height": 844}}
SETTLE_MS = 1500


class Camera:
    """Takes `<name>-<width>-<scheme>.png` of one page."""

    def __init__(self, page: Page, width: int, scheme: str) -> None:
        self.page, self.suffix = page, f"{width}-{scheme}"

    def take(self, name: str) -> None:
        self.page.wait_for_timeout(SETTLE_MS)
        self.page.screenshot(path=FOLDER / f"{name}-{self.suffix}.png")


def walk(page: Page, camera: Camera, demo: DemoProcess, quantity: int) -> None:
    """The investor's way, a picture at each stop. A quantity of its own: the same again would be asked about."""
    web = demo.addresses["web"]
    page.goto(web)
    camera.take("landing")
    page.goto(demo.addresses["northwind"])
    camera.take("landing-northwind")
    start_sign_in(page, web, "investor@demo.test")
    camera.take("consent")
    page.get_by_role("button", name="Allow").click()
    camera.take("agreements")
    sign_agreements(page)
    expect(page.get_by_role("main")).to_contain_text("Apple Inc.", timeout=20_000)
    camera.take("portfolio")
    page.goto(f"{web}/trade/AAPL/")
    choose_type(page, "Limit")
    page.get_by_label("Quantity").fill(str(quantity))
    page.get_by_label("Limit price").fill("150.00")
    camera.take("ticket")
    page.get_by_role("button", name="Review buy order").click()
    expect(page.get_by_role("heading", name="Review your order")).to_be_visible()
    camera.take("review")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", name="Order placed")).to_be_visible()
    camera.take("placed")
    page.goto(f"{web}/trade/AAPL/")
    page.get_by_label("Quantity").fill("-3")
    page.get_by_role("button", name="Review buy order").click()
    camera.take("ticket-error")
    page.goto(f"{web}/orders/")
    camera.take("orders")
    page.get_by_role("link", name=f"Buy {quantity} AAPL").first.click()
    camera.take("order")
    page.goto(demo.addresses["sandbox"])
    camera.take("sandbox")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with running_demo(Path(home) / "demo", web_port=free_port(), sandbox_port=free_port()) as demo:
            sandbox = Sandbox(port=int(demo.addresses["sandbox"].rpartition(":")[2]))
            for walked, (scheme, width) in enumerate(product(("light", "dark"), SIZES)):
                agreements = ["PlatformAgreement", "MarketDataAgreement", "DayTradingAgreement"]
                sandbox.control("users", {"email": "investor@demo.test", "agreements": agreements})
                sandbox.control("tokens", {"revoke": "all"})
                context = browser.new_context(viewport=SIZES[width], color_scheme=scheme, is_mobile=width < 600)
                page = context.new_page()
                walk(page, Camera(page, width, scheme), demo, quantity=10 + walked)
                context.close()
        browser.close()


if __name__ == "__main__":
    main()
