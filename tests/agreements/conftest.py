"""An investor at the agreements page: words published, signed in as a person does."""

import re

import pytest

from operations.management.commands.seed_demo import publish_agreements
from tests.investors.signing_in import sign_in, user_of, walk

__all__ = ["sign_in", "walk"]

PLATFORM, MARKET_DATA, DAY_TRADING = 101, 102, 103
LISTED = "/api/v1.0/users/@me/agreements"


@pytest.fixture
def published(harbor):
    """Harbor Street's words for all three agreements of the sandbox."""
    publish_agreements(harbor)


@pytest.fixture
def investor(published, sign_in):
    """A browser whose investor has to sign two agreements and may put off a third."""
    return sign_in("investor@demo.test")


@pytest.fixture
def dana(investor):
    """The person of that browser."""
    return user_of(investor)


def form_on(answer) -> dict[str, str]:
    """The hidden fields of the signing form on a page, with the box ticked."""
    html = answer.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    hidden.pop("csrfmiddlewaretoken", None)
    return hidden | {"has_agreed": "on"}


def sign(browser, agreement_id: int, *, key: str = "", **changes: str):
    """Open the agreement's page, tick the box, press Sign; `changes` go into the form."""
    page = browser.get("/agreements/", {"agreement": key} if key else {})
    return browser.post(f"/agreements/{agreement_id}/sign/", form_on(page) | changes)


def sign_all(browser):
    """Sign what is mandatory and put the rest off."""
    sign(browser, PLATFORM)
    sign(browser, MARKET_DATA)
    return browser.post("/agreements/skip/", {"agreement": "DayTradingAgreement-1.2-103"})


def outstanding_at(sandbox, email: str) -> list[str]:
    """What AutoShares itself says this person has still to sign."""
    (row,) = (user for user in sandbox.control("users") if user["email"] == email)
    return row["outstanding_agreements"]
