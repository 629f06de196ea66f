"""No trading page opens before AutoShares, asked since this very sign-in, has nothing more to be signed."""

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from agreements.checking import check_agreements
from agreements.gate import agreements_signed
from agreements.models import AgreementCheck
from brokers.scoping import broker_scope
from investors.grants.tokens import client_for
from investors.people import User
from tests.agreements.conftest import LISTED, PLATFORM, sign, sign_all
from tests.investors.signing_in import count_requests, user_of


@agreements_signed
def trading_floor(request):
    return HttpResponse("open")


urlpatterns = [path("floor/", trading_floor), path("", include("config.urls"))]


@pytest.fixture(autouse=True)
def _a_guarded_page():
    with override_settings(ROOT_URLCONF=__name__):
        yield


class TestTheGate:
    def test_it_leads_strangers_to_the_sign_in_and_back(self, client):
        answer = client.get("/floor/?symbol=AAPL")

        assert answer.status_code == 302
        assert answer["Location"] == "/sign-in/?next=%2Ffloor%2F%3Fsymbol%3DAAPL"

    def test_it_leads_to_the_agreements_until_they_are_signed(self, investor):
        answer = investor.get("/floor/")

        assert (answer.status_code, answer["Location"]) == (302, "/agreements/?next=%2Ffloor%2F")

    def test_it_stays_closed_while_one_mandatory_agreement_is_left(self, investor):
        sign(investor, PLATFORM)

        assert investor.get("/floor/").status_code == 302

    def test_it_opens_when_all_is_signed_or_put_off(self, investor):
        sign_all(investor)

        assert investor.get("/floor/").content == b"open"

    def test_it_moves_the_whole_page_of_an_htmx_request(self, investor):
        headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost:8000/orders/"}
        answer = investor.get("/floor/", headers=headers)

        assert answer.status_code == 200
        assert answer["HX-Redirect"] == "/agreements/?next=%2Forders%2F"

    def test_it_never_comes_back_to_the_target_of_a_form(self, investor):
        assert investor.post("/floor/")["Location"] == "/agreements/?next=%2Fportfolio%2F"

    def test_it_refuses_staff(self, client, db):
        client.force_login(User.objects.create_superuser("ops", password="x"))

        assert client.get("/floor/").status_code == 403

    def test_it_refuses_another_brokers_investor(self, investor, northwind, browser_at):
        browser = browser_at("northwind.localhost")
        browser.cookies = investor.cookies

        assert browser.get("/floor/").status_code in {302, 403}
        assert b"open" not in browser.get("/floor/").content

    def test_it_costs_two_queries(self, investor, harbor, rf, django_assert_num_queries):
        sign_all(investor)
        request = rf.get("/floor/")
        request.user, request.session, request.htmx, request.broker = (
            user_of(investor),
            investor.session,
            False,
            harbor,
        )
        assert request.session["_auth_user_id"]  # read it

        with broker_scope(harbor), django_assert_num_queries(2):
            assert trading_floor(request).content == b"open"


class TestEverySignIn:
    def test_it_asks_autoshares_each_time(self, published, sign_in, sandbox):
        first = sign_in()
        before = count_requests(sandbox, "GET", LISTED)
        sign_in(browser=first)

        assert before >= 1
        assert count_requests(sandbox, "GET", LISTED) == before + 1

    def test_it_forgets_what_was_put_off(self, investor, sign_in):
        sign_all(investor)
        investor.post("/sign-out/")
        sign_in(browser=investor)

        assert investor.get("/floor/").status_code == 302

    def test_reconnecting_in_the_same_session_does_not_ask_for_it_again(self, investor, sign_in):
        sign_all(investor)
        sign_in(browser=investor)

        assert investor.get("/floor/").status_code == 200

    def test_it_does_not_trust_the_answer_of_an_earlier_sign_in(self, investor, sign_in, sandbox):
        sign_all(investor)
        sandbox.control("faults", {"path": LISTED, "action": "status", "status": 503, "count": None})
        again = sign_in()

        assert again.get("/floor/").status_code == 302
        assert AgreementCheck.unscoped.get().error

    def test_it_survives_a_failing_check_and_asks_again_in_the_background(self, published, sign_in, sandbox):
        sandbox.control("faults", {"path": LISTED, "action": "status", "status": 500, "count": None})
        browser = sign_in()

        assert user_of(browser).email == "investor@demo.test"
        assert "AutoShares has not answered yet" in browser.get("/agreements/").content.decode()

    def test_it_leaves_the_other_device_in_peace(self, investor, sign_in):
        sign_all(investor)
        sign_in()

        assert investor.get("/floor/").content == b"open"

    def test_it_closes_again_for_a_new_version(self, investor, sign_in, sandbox):
        sign_all(investor)
        sandbox.control("agreements", {"publish": {"type": "PlatformAgreement", "version": "7.2"}})
        again = sign_in()

        assert again.get("/floor/").status_code == 302
        assert "7.2" in again.get("/agreements/").content.decode()


class TestRacingChecks:
    def test_the_one_that_asked_last_wins(self, investor, dana, sandbox):
        """The answer to an older question arrives late: what was learned since stays."""

        class SlowClient:
            class agreements:
                @staticmethod
                def outstanding():
                    listed = client_for(dana).agreements.outstanding()
                    sandbox.control("agreements", {"email": dana.email, "outstanding": []})
                    check_agreements(dana, client_for(dana))
                    return listed

        check_agreements(dana, SlowClient)

        assert not dana.outstanding_agreements.exists()
