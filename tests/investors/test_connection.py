"""Session honesty: the page knows when the AutoShares connection ends, warns early, and reconnects with one click."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from investors.context import connection_context, describe_connection
from investors.grants.models import Grant
from investors.grants.tokens import client_for, end_grant
from investors.people import User
from investors.sessions import END
from tests.investors.signing_in import user_of

pytestmark = pytest.mark.django_db


def leave(*, minutes: int, renewable: bool = False, attempts: int = 0) -> None:
    """Let the one grant end in `minutes`."""
    changed = {"expires_at": timezone.now() + timedelta(minutes=minutes), "attempts": attempts}
    Grant.unscoped.update(**changed, **({} if renewable else {"refresh_token_sealed": b"", "refresh_due_at": None}))


def state_of(user: User | None, path: str = "/orders/"):
    request = RequestFactory().get(path)
    if user is not None:
        request.user = user
    return describe_connection(request)


@pytest.fixture
def investor(sign_in):
    return user_of(sign_in())


class TestDescription:
    @pytest.mark.parametrize(
        ("situation", "state"),
        [
            ({"minutes": 600}, "live"),
            ({"minutes": 16}, "live"),
            ({"minutes": 14}, "ending"),
            ({"minutes": -1}, "ended"),
            ({"minutes": 5, "renewable": True}, "live"),
            ({"minutes": -1, "renewable": True}, "live"),
            ({"minutes": -1, "renewable": True, "attempts": 2}, "unavailable"),
            ({"minutes": 600, "renewable": True, "attempts": 2}, "live"),
        ],
    )
    def test_it_follows_the_grant(self, investor, situation, state):
        leave(**situation)
        assert state_of(investor).state == state

    @pytest.mark.parametrize(("minutes", "state"), [(600, "live"), (10, "ending"), (-1, "ended")])
    def test_it_knows_the_end_of_the_browsers_own_session(self, investor, minutes, state):
        request = RequestFactory().get("/orders/")
        request.user, request.session = investor, {END: (timezone.now() + timedelta(minutes=minutes)).isoformat()}
        assert describe_connection(request).state == state

    def test_a_sign_in_writes_that_end_down(self, sign_in):
        assert END in sign_in().session

    def test_an_ended_grant_is_ended(self, investor):
        end_grant(investor, "test")
        assert state_of(investor).state == "ended"

    def test_it_names_the_end_only_if_there_is_one(self, investor):
        assert state_of(investor).ends_at is None
        leave(minutes=10)
        assert state_of(investor).ends_at == Grant.unscoped.get().expires_at

    def test_one_click_leads_back_to_the_page(self, investor):
        assert state_of(investor, "/trade/AAPL/?side=buy").reconnect_url == (
            "/connection/reconnect/?next=%2Ftrade%2FAAPL%2F%3Fside%3Dbuy"
        )

    def test_staff_and_strangers_have_none(self, django_user_model, harbor):
        assert state_of(None) is None
        assert state_of(django_user_model(username="ops", is_staff=True)) is None

    def test_it_costs_one_query_and_none_when_nobody_asks(self, investor, rf, django_assert_num_queries):
        request = rf.get("/")
        request.user = investor
        with django_assert_num_queries(0):
            drawn = connection_context(request)["connection"]
        with django_assert_num_queries(1):
            assert drawn.state == "live" and drawn.reconnect_url


class TestBanner:
    def ask(self, browser):
        return browser.get(
            "/connection/", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost:8000/trade/AAPL/"}
        )

    def test_it_is_quiet_while_the_connection_lives(self, sign_in):
        page = self.ask(sign_in()).content.decode()
        assert "connection--live" in page and "button" not in page

    def test_it_warns_before_the_end_and_offers_one_click(self, sign_in):
        browser = sign_in()
        leave(minutes=10)
        page = self.ask(browser).content.decode()
        assert (
            "connection--ending" in page
            and 'href="/connection/reconnect/?next=' in page
            and "%2Ftrade%2FAAPL%2F" in page
        )

    def test_it_says_when_it_has_ended(self, sign_in):
        browser = sign_in()
        end_grant(user_of(browser), "test")
        assert "connection--ended" in self.ask(browser).content.decode()

    def test_the_session_here_outlives_the_connection(self, sign_in):
        browser = sign_in()
        end_grant(user_of(browser), "test")
        self.ask(browser)
        assert user_of(browser) is not None

    def test_it_leads_the_whole_page_to_the_sign_in_when_the_session_is_gone(self, client):
        answer = self.ask(client)
        assert answer["HX-Redirect"].startswith("/sign-in/?") and "%2Ftrade%2FAAPL%2F" in answer["HX-Redirect"]

    def test_staff_see_none(self, client, django_user_model):
        client.force_login(django_user_model.objects.create_user("ops", is_staff=True))
        assert self.ask(client).status_code == 204

    def test_it_costs_little(self, sign_in, django_assert_max_num_queries):
        browser = sign_in()
        with django_assert_max_num_queries(5):
            self.ask(browser)


class TestReconnect:
    def test_it_leads_through_autoshares_without_a_question(self, walk):
        way = walk()
        way.all_the_way()
        end_grant(user_of(way.browser), "test")
        answer = way.browser.get("/connection/reconnect/", {"next": "/trade/AAPL/"})
        assert answer["Location"] == "/accounts/autoshares/login/?next=%2Ftrade%2FAAPL%2F"
        away = way.browser.get(answer["Location"])["Location"]
        back = way.at_autoshares.get(away, allow_redirects=False).headers["Location"]
        assert back.startswith("http://localhost:8000/accounts/autoshares/login/callback/?code=")
        assert way.finish(back)["Location"] == "/trade/AAPL/"
        assert client_for(user_of(way.browser)).users.me().email == "investor@demo.test"

    def test_a_foreign_address_is_not_carried_along(self, client):
        answer = client.get("/connection/reconnect/", {"next": "https://evil.test/"})
        assert answer["Location"] == "/accounts/autoshares/login/"


class TestSecondDevice:
    def test_reconnecting_on_one_device_reconnects_the_other(self, sign_in):
        phone, desk = sign_in(), sign_in()
        end_grant(user_of(desk), "test")
        sign_in(browser=phone)
        assert "connection--live" in desk.get("/connection/").content.decode()

    def test_a_restart_of_the_application_asks_for_nothing(self, sign_in, browser_at):
        browser = sign_in()
        later = browser_at()  # a new process knows the cookie, and the grant in the database
        later.cookies = browser.cookies
        assert client_for(user_of(later)).users.me().email == "investor@demo.test"
