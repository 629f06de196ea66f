"""The small pages, and who may be where."""

import pytest

from tests.investors.signing_in import user_of

pytestmark = pytest.mark.django_db


class TestSignInPage:
    def test_it_has_one_button_that_remembers_where_to_go(self, client):
        page = client.get("/sign-in/", {"next": "/orders/?a=1&b=2"}).content.decode()
        assert page.count("button--primary") == 1
        assert 'href="/accounts/autoshares/login/?next=%2Forders%2F%3Fa%3D1%26b%3D2"' in page

    def test_it_says_that_a_session_ended(self, client):
        assert "Your session has ended" in client.get("/sign-in/", {"ended": "1"}).content.decode()

    def test_it_leads_nowhere_else(self, client):
        assert "evil" not in client.get("/sign-in/", {"next": "//evil.test/"}).content.decode()

    def test_it_is_no_stop_for_someone_who_is_signed_in(self, sign_in):
        assert sign_in().get("/sign-in/", {"next": "/orders/"})["Location"] == "/orders/"


class TestSignedOutPage:
    def test_it_is_no_lie(self, sign_in):
        assert sign_in().get("/signed-out/")["Location"] == "/portfolio/"


class TestAppearance:
    @pytest.mark.parametrize("choice", ["light", "dark"])
    def test_it_is_kept_in_a_cookie(self, client, choice):
        answer = client.post("/appearance/", {"appearance": choice, "next": "/sign-in/"})
        assert answer["Location"] == "/sign-in/" and answer.cookies["theme"].value == choice
        assert f'data-theme="{choice}"' in client.get("/sign-in/").content.decode()

    def test_the_system_decides_again(self, client):
        client.post("/appearance/", {"appearance": "dark"})
        client.post("/appearance/", {"appearance": "system"})
        assert "data-theme=" not in client.get("/sign-in/").content.decode()

    def test_it_takes_nothing_else(self, client):
        assert client.post("/appearance/", {"appearance": "plaid"}).status_code == 400


class TestWhoMayBeWhere:
    def test_a_session_carried_to_another_broker_ends(self, sign_in, northwind, browser_at):
        browser = sign_in()
        elsewhere = browser_at("northwind.localhost")
        elsewhere.cookies = browser.cookies
        assert elsewhere.get("/connection/").status_code == 302 and user_of(browser) is None

    def test_private_pages_are_not_kept(self, sign_in):
        assert sign_in().get("/connection/")["Cache-Control"].find("no-store") >= 0
        assert "no-store" in sign_in().get("/no-such-page/")["Cache-Control"]

    def test_the_brand_sheet_is_kept_even_for_investors(self, sign_in, harbor):
        answer = sign_in().get(f"/brand.{harbor.stylesheet.version}.css")
        assert answer.status_code == 200 and "immutable" in answer["Cache-Control"]

    @pytest.mark.parametrize("path", ["/sign-in/", "/signed-out/", "/", "/accounts/autoshares/login/callback/"])
    def test_every_page_answers_at_the_brokers_host_only(self, harbor, browser_at, path):
        assert browser_at("unknown.test").get(path).status_code == 400
