"""A sign-in that does not come to its end ends on a page: what happened, what to do, one button, the right status."""

import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from autoshares import discovery
from investors.grants.models import Grant
from investors.people import User
from tests.investors.signing_in import count_requests, user_of

pytestmark = pytest.mark.django_db

BUTTON = '<a class="button button--primary" href="/accounts/autoshares/login/'


def expect_problem(answer, name: str, status: int) -> str:
    """The page of that problem, drawn in the broker's brand; nobody is signed in and nothing was stored."""
    page = answer.content.decode()
    assert (answer.status_code, f'data-problem="{name}"' in page) == (status, True), page
    assert page.count("button--primary") == 1 and BUTTON in page and "Harbor Street" in page
    assert "no-store" in answer["Cache-Control"]
    assert not User.objects.exists() and not Grant.unscoped.exists()
    return page


def with_query(address: str, **changed: str | None) -> str:
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query)) | changed
    return parts._replace(query=urlencode({k: v for k, v in query.items() if v is not None})).geturl()


class TestRefusals:
    def test_denied_consent(self, walk):
        way = walk()
        answer = way.finish(way.approve(way.start("/orders/"), decision="deny"))
        page = expect_problem(answer, "denied", 403)
        assert "next=%2Forders%2F" in page

    def test_an_answer_without_a_code(self, walk):
        way = walk()
        expect_problem(way.finish(with_query(way.approve(way.start()), code=None)), "refused", 502)

    def test_an_excuse_that_we_do_not_know(self, walk):
        way = walk()
        address = with_query(way.approve(way.start()), code=None, error="unheard_of")
        expect_problem(way.finish(address), "refused", 502)


class TestState:
    def test_it_refuses_a_state_that_it_never_gave(self, walk):
        way = walk()
        expect_problem(way.finish(with_query(way.approve(way.start()), state="x" * 43)), "state-unknown", 400)

    def test_it_refuses_an_answer_without_state(self, walk):
        way = walk()
        expect_problem(way.finish(with_query(way.approve(way.start()), state=None)), "state-unknown", 400)

    def test_it_refuses_a_foreign_browser(self, walk, client):
        way = walk()
        address = way.approve(way.start())
        expect_problem(walk(browser=client).finish(address), "state-unknown", 400)

    def test_it_refuses_an_expired_state(self, walk):
        way = walk()
        address = way.approve(way.start())
        session = way.browser.session
        for stashed in session["socialaccount_states"].values():
            stashed[1] = time.time() - 601
        session.save()
        expect_problem(way.finish(address), "state-expired", 400)

    def test_it_takes_an_answer_only_once(self, walk):
        way = walk()
        address = way.approve(way.start())
        way.finish(address)
        again = way.finish(address)
        assert again.status_code == 400 and 'data-problem="state-unknown"' in again.content.decode()
        assert user_of(way.browser) and Grant.unscoped.get().version == 1  # the first sign-in stands

    def test_it_refuses_a_state_of_the_other_broker(self, walk, northwind, browser_at):
        way = walk()
        address = way.approve(way.start())
        there = browser_at("northwind.localhost")
        there.cookies = way.browser.cookies
        answer = walk(browser=there).finish(address)
        assert answer.status_code == 400 and not User.objects.exists()


class TestCode:
    def test_it_refuses_a_code_that_was_used(self, walk):
        first = walk()
        used = dict(parse_qsl(urlsplit(first.approve(first.start())).query))["code"]
        first_way = walk("trader@demo.test")
        address = first_way.approve(first_way.start())
        expect_problem(first_way.finish(with_query(address, code=used)), "code-refused", 400)

    def test_it_says_so_when_the_code_has_expired(self, walk, sandbox):
        way = walk()
        address = way.approve(way.start())
        assert sandbox.control("tokens", {"expire": "code"}) == {"touched": 1}
        expect_problem(way.finish(address), "code-refused", 400)

    def test_it_refuses_a_code_without_its_verifier(self, walk):
        way = walk()
        address = way.approve(way.start())
        session = way.browser.session
        for stashed in session["socialaccount_states"].values():
            stashed[0]["pkce_code_verifier"] = "w" * 43
        session.save()
        expect_problem(way.finish(address), "code-refused", 400)


class TestProof:
    def test_it_refuses_another_issuer(self, walk):
        way = walk()
        expect_problem(way.finish(with_query(way.approve(way.start()), iss="https://evil.test/")), "issuer-wrong", 400)

    def test_it_refuses_a_missing_issuer_from_a_server_that_always_names_itself(self, walk):
        way = walk()
        expect_problem(way.finish(with_query(way.approve(way.start()), iss=None)), "issuer-wrong", 400)

    def test_it_refuses_the_proof_of_another_sign_in(self, walk):
        way = walk()
        address = way.approve(way.start())
        session = way.browser.session
        for stashed in session["socialaccount_states"].values():
            stashed[0]["nonce"] = "another"
        session.save()
        expect_problem(way.finish(address), "identity-invalid", 502)

    def test_it_refuses_a_forged_proof(self, walk, sandbox):
        way = walk()
        address = way.approve(way.start())
        nonce = next(iter(way.browser.session["socialaccount_states"].values()))[0]["nonce"]
        now = int(time.time())
        claims = {
            "iss": sandbox.issuer, "aud": "demo-harbor-client", "sub": "auth0|1", "nonce": nonce,
            "iat": now, "exp": now + 600,
        }  # fmt: skip
        kid = jwt.PyJWKClient(f"{sandbox.url}/.well-known/jwks.json").get_signing_keys()[0].key_id
        forger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        body = {
            "access_token": "forged-access-token", "token_type": "Bearer", "expires_in": 86400,
            "id_token": jwt.encode(claims, forger, algorithm="RS256", headers={"kid": kid}),
        }  # fmt: skip
        sandbox.control("faults", {"path": "/oauth/token", "action": "status", "status": 200, "body": body})
        expect_problem(way.finish(address), "identity-invalid", 502)


class TestBadLuck:
    def test_nobody_is_sent_to_an_autoshares_that_does_not_answer(self, client, sandbox):
        with sandbox.stopped():
            answer = client.get("/accounts/autoshares/login/", {"next": "/orders/"})
            page = expect_problem(answer, "unreachable", 503)
        assert "next=%2Forders%2F" in page and answer["Retry-After"] == "60"

    def test_autoshares_goes_down_before_the_exchange(self, walk, sandbox):
        way = walk()
        address = way.approve(way.start())
        with sandbox.silent():
            expect_problem(way.finish(address), "unreachable", 503)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_autoshares_stumbles_at_the_exchange(self, walk, sandbox, status):
        way = walk()
        address = way.approve(way.start())
        sandbox.control("faults", {"path": "/oauth/token", "action": "status", "status": status})
        expect_problem(way.finish(address), "unreachable", 503)

    def test_more_sign_ins_than_a_minute_has_room_for_wait_until_autoshares_said(self, walk, sandbox):
        first, second = walk(), walk()
        addresses = [way.approve(way.start()) for way in (first, second)]
        sandbox.control(
            "faults", {"path": "/oauth/token", "action": "status", "status": 429, "headers": {"Retry-After": "30"}}
        )
        for way, address in zip((first, second), addresses, strict=True):
            expect_problem(way.finish(address), "busy", 503)
        assert count_requests(sandbox, "POST", "/oauth/token") == 1

    def test_the_exchange_is_sent_once(self, walk, sandbox):
        way = walk()
        address = way.approve(way.start())
        sandbox.control("faults", {"path": "/oauth/token", "action": "status", "status": 503, "count": None})
        way.finish(address)
        assert count_requests(sandbox, "POST", "/oauth/token") == 1

    def test_our_secret_is_wrong(self, walk, harbor, caplog):
        connection = harbor.connection
        connection.client_secret = "wrong"
        connection.save()
        way = walk()
        expect_problem(way.finish(way.approve(way.start())), "misconfigured", 503)
        assert "our keys do not work" in caplog.text

    def test_no_connection_is_set_up(self, client, harbor):
        harbor.connections.all().delete()
        expect_problem(client.get("/accounts/autoshares/login/"), "misconfigured", 503)
        expect_problem(client.get("/accounts/autoshares/login/callback/?code=1&state=2"), "misconfigured", 503)

    def test_the_investor_was_switched_off(self, sign_in, walk):
        person = user_of(sign_in())
        User.objects.filter(pk=person.pk).update(is_active=False)
        way = walk()
        answer = way.all_the_way()
        assert answer.status_code == 403 and 'data-problem="inactive"' in answer.content.decode()
        assert user_of(way.browser) is None and Grant.unscoped.get().version == 1

    def test_the_broker_was_switched_off(self, walk, harbor):
        way = walk()
        address = way.approve(way.start())
        harbor.is_active = False
        harbor.save()
        assert way.finish(address).status_code == 400 and not User.objects.exists()

    @pytest.mark.parametrize("path", ["/api/v1.0/users/@me/info", "/api/v1.0/users/@me/accounts"])
    def test_autoshares_falls_silent_half_way(self, walk, sandbox, path):
        sandbox.control("faults", {"path": path, "action": "status", "status": 503, "count": None})
        way = walk()
        answer = way.all_the_way()
        assert answer.status_code == 302 and user_of(way.browser).email == "investor@demo.test"
        assert Grant.unscoped.get().accounts_due_at is not None
        told = [str(message) for message in answer.wsgi_request._messages]
        assert any("has not told us your accounts yet" in words for words in told)


@pytest.fixture(autouse=True)
def _no_remembered_addresses():
    discovery.forget()
