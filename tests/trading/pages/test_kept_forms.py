"""A form that is sent after the session's end, as a browser without scripts sends it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from investors.kept_forms import KEPT, sign_owner
from investors.people import User
from tests.conftest import Browser
from tests.trading.pages.conftest import seat, typed
from trading.orders.models import OrderDraft

TICKET = "/trade/AAPL/"
PREVIEW = "/trade/AAPL/preview/"
FROM_TICKET = {"Referer": f"http://localhost:8000{TICKET}"}


@pytest.fixture
def late(desk, dana: User, aapl) -> Browser:
    """A browser whose session has ended, and that sends Dana's ticket all the same."""
    assert sign_owner(dana).partition(":")[0] in desk.get(TICKET).content.decode()
    browser = Browser()
    browser.post(PREVIEW, typed(quantity="25") | {"form_owner": sign_owner(dana)}, headers=FROM_TICKET)
    return browser


class TestKeptForm:
    def test_it_leads_to_the_sign_in_and_back_to_its_page(self, dana, aapl):
        answer = Browser().post(PREVIEW, typed() | {"form_owner": sign_owner(dana)}, headers=FROM_TICKET)
        address = urlsplit(answer["Location"])
        assert address.path == "/sign-in/"
        assert parse_qs(address.query) == {"next": [FROM_TICKET["Referer"]], "ended": ["1"]}

    def test_it_comes_back_once_its_investor_is_signed_in_again(self, late, dana):
        page = seat(dana, browser=late).get(TICKET)
        assert "Restored what you had typed." in page.content.decode()
        assert page.context["form"]["quantity"].value() == "25"
        assert KEPT not in late.session  # once

    def test_it_lies_encrypted(self, late):
        assert KEPT in late.session
        assert "quantity" not in str(dict(late.session))

    def test_it_is_not_for_the_next_person_at_the_browser(self, late, neighbour, dana):
        other = User.objects.get(email="neighbour@demo.test")
        assert seat(other, browser=late).get(TICKET).context["form"]["quantity"].value() in {None, ""}
        assert not OrderDraft.unscoped.exists()

    def test_it_is_kept_for_half_an_hour(self, desk, dana, aapl, monkeypatch):
        monkeypatch.setattr("investors.kept_forms.KEPT_FOR", timedelta(seconds=-1))
        late = Browser()
        late.post(PREVIEW, typed(quantity="25") | {"form_owner": sign_owner(dana)})
        assert seat(dana, browser=late).get(TICKET).context["form"]["quantity"].value() in {None, ""}

    @pytest.mark.parametrize("owner", ["", "nobody", "forged:1a2b3c:signature"])
    def test_nobody_types_for_another(self, aapl, owner):
        browser = Browser()
        browser.post(PREVIEW, typed(quantity="25") | {"form_owner": owner})
        assert KEPT not in browser.session

    def test_it_is_not_kept_in_the_session_of_somebody_else(self, dana, aapl, neighbour):
        strict = Browser(enforce_csrf_checks=True)
        strict.cookies = neighbour.cookies
        answer = strict.post(PREVIEW, typed(quantity="25") | {"form_owner": sign_owner(dana)})
        assert answer.status_code == 403
        assert KEPT not in strict.session

    def test_a_form_of_an_older_session_is_opened_again_as_it_was(self, desk, dana, aapl):
        strict = Browser(enforce_csrf_checks=True)
        strict.cookies = desk.cookies
        form = typed(quantity="25") | {"form_owner": sign_owner(dana)}
        answer = strict.post(PREVIEW, form, headers=FROM_TICKET)
        assert answer.status_code == 403
        assert f'href="{FROM_TICKET["Referer"]}"' in answer.content.decode()
        assert strict.get(TICKET).context["form"]["quantity"].value() == "25"

    def test_the_change_of_an_order_comes_back_too(self, desk, dana, make_order):
        address = f"/orders/{make_order().id}/replace/"
        late = Browser()
        late.post(address, {"quantity": "70", "limit_price": "180", "form_owner": sign_owner(dana)})
        form = seat(dana, browser=late).get(address).context["form"]
        assert (form["quantity"].value(), form["limit_price"].value()) == ("70", "180")
