"""Signing in at the identity provider: what a browser meets."""

import re

import pytest
import requests

from tests.sandbox.actors import HARBOR, NORTHWIND, PASSWORD, Box, Browser, answer_in, code_in


class TestSignIn:
    def test_it_leads_back_with_code_state_and_issuer(self, visitor: Browser, box: Box):
        answer = answer_in(visitor.sign_in())
        assert answer["state"] == "the-state"
        assert answer["iss"] == box.issuer
        assert answer["code"]

    def test_it_says_that_the_password_is_wrong_and_keeps_the_email(self, visitor: Browser):
        page = visitor.submit(visitor.authorize(), email="investor@demo.test", password="guess")
        assert page.status_code == 400
        assert "Wrong email or password." in page.text
        assert 'value="investor@demo.test"' in page.text
        assert "guess" not in page.text

    def test_it_fills_in_a_demo_account_by_a_plain_link(self, visitor: Browser):
        link = re.search(r'href="(/u/login\?[^"]*trader[^"]*)"', visitor.authorize().text)
        assert link
        page = visitor.get(link[1].replace("&amp;", "&"))
        assert 'value="trader@demo.test"' in page.text
        assert f'value="{PASSWORD}"' in page.text

    def test_it_prefills_the_login_hint(self, visitor: Browser):
        assert 'value="newcomer@demo.test"' in visitor.authorize(login_hint="newcomer@demo.test").text

    def test_it_runs_under_a_strict_policy_that_lets_forms_lead_to_the_application(self, visitor: Browser):
        page = visitor.authorize()
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self' http://localhost:8000" in policy
        assert "unsafe" not in policy
        assert "<script" not in page.text
        assert "style=" not in page.text

    def test_it_refuses_a_form_from_another_site(self, visitor: Browser, box: Box):
        page = visitor.authorize()
        visitor.jar.headers["Origin"] = "http://evil.test"
        answer = visitor.submit(page, email="investor@demo.test", password=PASSWORD)
        assert answer.status_code == 403

    def test_it_says_so_when_the_sign_in_is_no_longer_open(self, visitor: Browser):
        page = visitor.authorize()
        visitor.submit(visitor.submit(page, email="investor@demo.test", password=PASSWORD), decision="allow")
        late = visitor.submit(page, email="investor@demo.test", password=PASSWORD)
        assert late.status_code == 400
        assert "no longer open" in late.text


class TestSecondStep:
    @pytest.fixture
    def asked(self, visitor: Browser, box: Box) -> requests.Response:
        box.control("POST", "users", {"email": "investor@demo.test", "two_factor": True})
        return visitor.submit(visitor.authorize(), email="investor@demo.test", password=PASSWORD)

    def code(self, box: Box) -> str:
        return str(box.control("GET", "mail", to="investor@demo.test")[0]["text"].split("is ")[1][:6])

    def test_the_code_of_a_mail_lets_in(self, visitor: Browser, box: Box, asked: requests.Response):
        assert "Check your mail" in asked.text
        assert answer_in(visitor.authorize(prompt="none"))["error"] == "login_required"
        consent = visitor.submit(asked, code=self.code(box))
        assert "asks for access" in consent.text

    def test_a_wrong_code_is_asked_for_again_five_times(self, visitor: Browser, box: Box, asked: requests.Response):
        page = asked
        for _ in range(4):
            page = visitor.submit(page, code="nope")
            assert "The code is not right." in page.text
        assert "Sign in again." in visitor.submit(page, code="nope").text
        assert "Sign in again." in visitor.submit(asked, code=self.code(box)).text

    def test_an_expired_password_and_a_disabled_user_stay_outside(self, visitor: Browser, box: Box):
        for switch, problem in (({"password_expired": True}, "has expired"), ({"enabled": False}, "Wrong email")):
            box.control("POST", "users", {"email": "trader@demo.test", "password_expired": False, **switch})
            page = visitor.submit(visitor.authorize(), email="trader@demo.test", password=PASSWORD)
            assert (page.status_code, problem in page.text) == (400, True)


class TestAuthorize:
    @pytest.mark.parametrize(
        "address",
        ["http://localhost:8000/", "http://evil.test/", HARBOR.callback + "?x=1", HARBOR.callback.rstrip("/")],
    )
    def test_it_never_redirects_to_an_address_that_is_not_on_the_list(self, visitor: Browser, address: str):
        answer = visitor.authorize(redirect_uri=address)
        assert answer.status_code == 403
        assert "Location" not in answer.headers

    def test_it_refuses_an_unknown_client(self, visitor: Browser):
        assert visitor.authorize(client_id="nobody").status_code == 400

    def test_it_refuses_an_application_that_is_not_active(self, visitor: Browser, box: Box):
        box.control("PATCH", "apps", {"client_id": HARBOR.client_id, "active": False})
        assert visitor.authorize().status_code == 403

    def test_it_offers_the_code_flow_only(self, visitor: Browser):
        assert answer_in(visitor.authorize(response_type="token"))["error"] == "unsupported_response_type"

    def test_it_knows_pkce_with_s256_only(self, visitor: Browser):
        assert answer_in(visitor.authorize(code_challenge_method="plain"))["error"] == "invalid_request"


class TestConsent:
    def test_it_is_asked_once_and_remembered(self, visitor: Browser):
        visitor.sign_in()
        assert code_in(visitor.authorize())

    def test_it_is_asked_per_application(self, visitor: Browser):
        visitor.sign_in()
        visitor.app = NORTHWIND
        assert "Northwind asks for access" in visitor.authorize().text

    def test_it_is_asked_again_for_more(self, visitor: Browser):
        visitor.sign_in(scope="openid")
        assert "asks for access" in visitor.authorize(scope="openid email").text

    def test_it_can_be_denied(self, visitor: Browser):
        page = visitor.submit(visitor.authorize(), email="investor@demo.test", password=PASSWORD)
        answer = answer_in(visitor.submit(page, decision="deny"))
        assert answer["error"] == "access_denied"
        assert answer["state"] == "the-state"
        assert "code" not in answer


class TestPrompt:
    def test_none_without_a_session_answers_login_required(self, visitor: Browser):
        assert answer_in(visitor.authorize(prompt="none"))["error"] == "login_required"

    def test_none_without_consent_answers_consent_required(self, visitor: Browser):
        visitor.submit(visitor.authorize(), email="investor@demo.test", password=PASSWORD)
        assert answer_in(visitor.authorize(prompt="none"))["error"] == "consent_required"

    def test_none_passes_silently_with_both(self, visitor: Browser):
        visitor.sign_in()
        assert code_in(visitor.authorize(prompt="none"))

    def test_login_asks_for_the_password_again(self, visitor: Browser):
        visitor.sign_in()
        page = visitor.authorize(prompt="login")
        assert "Sign in" in page.text
        assert code_in(visitor.submit(page, email="investor@demo.test", password=PASSWORD))


class TestLogout:
    def test_it_ends_the_session_and_leads_back(self, visitor: Browser):
        visitor.sign_in()
        answer = visitor.get("/v2/logout", {"client_id": HARBOR.client_id, "returnTo": HARBOR.signed_out})
        assert answer.status_code == 302
        assert answer.headers["Location"] == HARBOR.signed_out
        assert answer_in(visitor.authorize(prompt="none"))["error"] == "login_required"

    def test_it_leads_to_the_first_address_of_the_list_without_one(self, visitor: Browser):
        assert visitor.get("/v2/logout", {"client_id": HARBOR.client_id}).headers["Location"] == HARBOR.signed_out

    def test_it_refuses_an_address_that_is_not_on_the_list_and_keeps_the_session(self, visitor: Browser):
        visitor.sign_in()
        answer = visitor.get("/v2/logout", {"client_id": HARBOR.client_id, "returnTo": "http://evil.test/"})
        assert answer.status_code == 400
        assert code_in(visitor.authorize(prompt="none"))
