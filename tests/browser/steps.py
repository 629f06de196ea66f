"""What a person does, in the words they would use."""

import re

from playwright.sync_api import Page, expect

PASSWORD = "open-the-market"


def start_sign_in(page: Page, web: str, email: str) -> None:
    """From the landing page to AutoShares' sign-in page, and through it."""
    page.goto(web)
    page.get_by_role("link", name="Sign in with AutoShares").first.click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def sign_in(page: Page, web: str, email: str) -> None:
    """All the way back to the broker, consent given."""
    start_sign_in(page, web, email)
    page.get_by_role("button", name="Allow").click()
    expect(page).to_have_url(re.compile(re.escape(web)))


def sign_agreements(page: Page) -> None:
    """Sign what must be signed, put off what may be put off, until the portfolio opens."""
    while "/agreements/" in page.url:
        heading = page.get_by_role("heading", level=1).inner_text()
        later = page.get_by_role("button", name="Not now")
        if later.count():
            later.click()
        else:
            page.get_by_role("checkbox").check()
            page.get_by_role("button", name="Sign", exact=True).click()
        page.wait_for_function(
            "old => !location.pathname.startsWith('/agreements/') || document.querySelector('h1')?.innerText !== old",
            arg=heading,
        )


def open_portfolio(page: Page, web: str, email: str) -> None:
    sign_in(page, web, email)
    sign_agreements(page)
    expect(page).to_have_url(f"{web}/portfolio/")


def choose(page: Page, option: str) -> None:
    """One of a segmented control's options."""
    page.get_by_role("radio", name=option, exact=True).check(force=True)


def choose_type(page: Page, kind: str) -> None:
    page.get_by_label("Order type").select_option(label=kind)


def review_limit_order(page: Page, web: str, symbol: str, *, shares: str, limit: str) -> None:
    page.goto(f"{web}/trade/{symbol}/")
    choose_type(page, "Limit")
    expect(page.get_by_label("Limit price")).to_be_visible()
    page.get_by_label("Quantity").fill(shares)
    page.get_by_label("Limit price").fill(limit)
    page.get_by_role("button", name="Review buy order").click()
    expect(page.get_by_role("heading", name="Review your order")).to_be_focused()
