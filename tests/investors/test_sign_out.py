"""Signing out ends our session and AutoShares', whatever AutoShares has to say about it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session

from autoshares import discovery
from autoshares.errors import InvalidGrant, Unauthorized
from investors.grants.models import Grant
from investors.grants.tokens import client_for
from investors.sessions import BrowserSession
from investors.tasks import clear_ended_sessions
from tests.investors.signing_in import user_of

pytestmark = pytest.mark.django_db

HERE = "http://localhost:8000/signed-out/"


def sign_out(browser):
    return browser.post("/sign-out/")


class TestSignOut:
    def test_it_ends_the_session_and_leads_to_autoshares_own_sign_out(self, sign_in, sandbox):
        browser = sign_in()
        answer = sign_out(browser)
        address = urlsplit(answer["Location"])
        assert f"{address.scheme}://{address.netloc}{address.path}" == f"{sandbox.url}/v2/logout"
        assert parse_qs(address.query) == {"client_id": ["demo-harbor-client"], "returnTo": [HERE]}
        assert user_of(browser) is None and not Session.objects.exists() and not BrowserSession.unscoped.exists()

    def test_the_way_through_autoshares_ends_on_a_page_that_says_so(self, sign_in, walk):
        way = walk()
        way.all_the_way()
        answer = way.at_autoshares.get(sign_out(way.browser)["Location"], allow_redirects=False)
        assert answer.headers["Location"] == HERE
        assert "You are signed out" in way.browser.get("/signed-out/").content.decode()

    def test_autoshares_asks_for_the_password_again_afterwards(self, walk):
        way = walk()
        way.all_the_way()
        way.at_autoshares.get(sign_out(way.browser)["Location"], allow_redirects=False)
        answer = way.at_autoshares.get(way.start(), allow_redirects=False)
        assert "/u/login" in answer.headers["Location"]

    def test_the_tokens_are_worthless_at_autoshares(self, sign_in):
        browser = sign_in()
        grant = Grant.unscoped.get()
        access, refresh, connection = grant.access_token, grant.refresh_token, grant.broker.connection
        sign_out(browser)
        with pytest.raises(Unauthorized):
            connection.client(access).users.me()
        with pytest.raises(InvalidGrant):
            connection.oauth().refresh(refresh)

    def test_the_tokens_are_erased_here(self, sign_in):
        sign_out(sign_in())
        grant = Grant.unscoped.get()
        assert grant.state == Grant.State.REVOKED and grant.refresh_due_at is None
        assert not grant.access_token_sealed and not grant.refresh_token_sealed

    def test_nothing_private_opens_with_the_old_cookie(self, sign_in, browser_at):
        browser = sign_in()
        cookie = browser.cookies["session"].value
        sign_out(browser)
        thief = browser_at()
        thief.cookies["session"] = cookie
        assert thief.get("/connection/").status_code == 302

    def test_another_device_stays_signed_in_and_connected(self, sign_in):
        phone, desk = sign_in(), sign_in()
        person = user_of(desk)
        sign_out(phone)
        assert user_of(desk) == person and client_for(person).users.me().email == person.email

    def test_the_last_device_takes_the_grant_with_it(self, sign_in):
        phone, desk = sign_in(), sign_in()
        sign_out(phone), sign_out(desk)
        assert Grant.unscoped.get().state == Grant.State.REVOKED

    def test_a_second_click_is_harmless(self, sign_in):
        browser = sign_in()
        sign_out(browser)
        assert sign_out(browser)["Location"] == HERE

    def test_it_wants_a_form(self, sign_in):
        browser = sign_in()
        assert browser.get("/sign-out/").status_code == 405 and user_of(browser)

    def test_it_wants_the_form_of_this_site(self, sign_in, browser_at):
        browser = sign_in()
        strict = browser_at(enforce_csrf_checks=True)
        strict.cookies = browser.cookies
        assert strict.post("/sign-out/").status_code == 403 and user_of(browser)


class TestWhenAutoSharesDoesNotAnswer:
    @pytest.fixture(autouse=True)
    def _no_remembered_addresses(self):
        discovery.forget()

    def test_the_session_here_ends_all_the_same_and_the_page_is_honest(self, sign_in, sandbox):
        browser = sign_in()
        with sandbox.silent():
            answer = sign_out(browser)
        assert answer["Location"] == "/signed-out/?incomplete=1" and user_of(browser) is None
        assert not Grant.unscoped.get().access_token_sealed
        assert "AutoShares did not answer" in browser.get(answer["Location"]).content.decode()

    @pytest.mark.parametrize("path", ["/oauth/revoke", "/api/logout"])
    def test_a_refusal_of_either_call_holds_nothing_up(self, sign_in, sandbox, path, caplog):
        browser = sign_in()
        sandbox.control("faults", {"path": path, "action": "status", "status": 500})
        assert sign_out(browser)["Location"].startswith(f"{sandbox.url}/v2/logout")
        grant = Grant.unscoped.get()
        assert grant.state == Grant.State.REVOKED and f"sign-out grant={grant.pk}" in caplog.text


class TestEndedSessions:
    def test_the_task_forgets_sessions_that_ran_out(self, sign_in):
        sign_in()
        BrowserSession.unscoped.update(ends_at="2020-01-01T00:00:00Z")
        Session.objects.update(expire_date="2020-01-01T00:00:00Z")
        clear_ended_sessions()
        assert not BrowserSession.unscoped.exists() and not Session.objects.exists()

    def test_it_leaves_the_living_alone(self, sign_in):
        browser = sign_in()
        clear_ended_sessions()
        assert user_of(browser) and BrowserSession.unscoped.count() == 1
