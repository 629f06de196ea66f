"""Codes and tokens: what an application gets for what."""

import time
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.sandbox.actors import HARBOR, NORTHWIND, Box, Browser, Client, code_in


def refused_as(answer: requests.Response, status: int, error: str) -> bool:
    assert answer.json().keys() == {"error", "error_description"}
    return (answer.status_code, answer.json()["error"]) == (status, error)


class TestCode:
    def test_it_buys_tokens_once(self, visitor: Browser):
        code = code_in(visitor.sign_in())
        first = visitor.exchange(code)
        assert first.status_code == 200
        assert first.headers["Cache-Control"] == "no-store"
        assert first.json()["token_type"] == "Bearer"
        assert first.json()["expires_in"] == 86400
        assert refused_as(visitor.exchange(code), 403, "invalid_grant")

    def test_it_expires(self, visitor: Browser, box: Box):
        code = code_in(visitor.sign_in())
        box.control("POST", "tokens", {"expire": "code"})
        assert refused_as(visitor.exchange(code), 403, "invalid_grant")

    @pytest.mark.parametrize("verifier", [None, "", "x" * 43])
    def test_it_needs_the_verifier_of_its_challenge(self, visitor: Browser, verifier: str | None):
        code = code_in(visitor.sign_in())
        assert refused_as(visitor.exchange(code, code_verifier=verifier), 403, "invalid_grant")

    def test_it_needs_the_same_redirect_uri(self, visitor: Browser):
        code = code_in(visitor.sign_in())
        assert refused_as(visitor.exchange(code, redirect_uri=NORTHWIND.callback), 403, "invalid_grant")

    def test_it_belongs_to_one_application(self, visitor: Browser):
        code = code_in(visitor.sign_in())
        other = {"client_id": NORTHWIND.client_id, "client_secret": NORTHWIND.client_secret}
        assert refused_as(visitor.exchange(code, **other), 403, "invalid_grant")

    def test_it_needs_the_secret(self, visitor: Browser):
        code = code_in(visitor.sign_in())
        assert refused_as(visitor.exchange(code, client_secret="wrong"), 401, "access_denied")

    def test_it_may_be_sent_as_json(self, visitor: Browser, box: Box):
        body = {
            "grant_type": "authorization_code", "code": code_in(visitor.sign_in()), "redirect_uri": HARBOR.callback,
            "client_id": HARBOR.client_id, "client_secret": HARBOR.client_secret, "code_verifier": visitor.verifier,
        }  # fmt: skip
        assert requests.post(f"{box.url}/oauth/token", json=body, timeout=5).status_code == 200

    def test_a_request_without_it_is_invalid(self, visitor: Browser):
        assert refused_as(visitor.exchange(""), 400, "invalid_request")

    def test_another_grant_type_is_refused(self, visitor: Browser):
        assert refused_as(visitor.exchange("x", grant_type="password"), 403, "unsupported_grant_type")


class TestIdToken:
    def read(self, box: Box, token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set(requests.get(f"{box.url}/.well-known/jwks.json", timeout=5).json())
        return jwt.decode(token, keys, algorithms=["RS256"]).claims

    def test_it_says_who_signed_in_for_whom(self, visitor: Browser, box: Box):
        claims = self.read(box, visitor.tokens()["id_token"])
        assert claims["iss"] == box.issuer
        assert claims["aud"] == HARBOR.client_id
        assert claims["nonce"] == "the-nonce"
        assert claims["sub"] == "auth0|7311"
        assert claims["email"] == "investor@demo.test"

    def test_it_is_timed_by_the_real_clock_though_the_market_stands_still(self, visitor: Browser, box: Box):
        claims = self.read(box, visitor.tokens()["id_token"])
        assert abs(claims["iat"] - time.time()) < 30
        assert abs(claims["auth_time"] - time.time()) < 30
        assert claims["exp"] > claims["iat"]

    def test_it_comes_with_openid_only(self, visitor: Browser):
        assert "id_token" not in visitor.tokens(scope="email")

    def test_its_key_survives_a_reset(self, visitor: Browser, box: Box):
        token = visitor.tokens()["id_token"]
        box.control("POST", "reset")
        assert self.read(box, token)


class TestDiscovery:
    def test_it_names_the_endpoints_under_the_issuer(self, box: Box):
        found = requests.get(f"{box.url}/.well-known/openid-configuration", timeout=5).json()
        assert found["issuer"] == box.issuer
        for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
            assert found[name].startswith(box.issuer)


class TestAccessToken:
    def test_it_opens_the_profile_and_the_api(self, visitor: Browser, box: Box):
        token = visitor.tokens()["access_token"]
        profile = requests.get(f"{box.url}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=5).json()
        assert (profile["given_name"], profile["email_verified"]) == ("Dana", True)
        assert Client(box, token).get("/users/@me/info")["UserId"] == 7311

    def test_it_dies_when_it_expires(self, visitor: Browser, box: Box):
        client = Client(box, visitor.tokens()["access_token"])
        box.control("POST", "tokens", {"expire": "access", "email": "investor@demo.test"})
        assert client.send("GET", "/users/@me/info").status_code == 401
        answer = requests.get(f"{box.url}/userinfo", headers={"Authorization": f"Bearer {client.token}"}, timeout=5)
        assert answer.status_code == 401

    def test_it_lives_as_long_as_its_application_says(self, visitor: Browser, box: Box):
        box.control("PATCH", "apps", {"client_id": HARBOR.client_id, "access_ttl_seconds": 300})
        assert visitor.tokens()["expires_in"] == 300

    def test_it_works_with_the_key_of_its_application_only(self, visitor: Browser, box: Box):
        stranger = Client(box, visitor.tokens()["access_token"], key=NORTHWIND.key)
        assert stranger.send("GET", "/users/@me/info").status_code == 401

    def test_logout_kills_it_at_once(self, visitor: Browser, box: Box):
        client = Client(box, visitor.tokens()["access_token"])
        headers = {"Et-App-Key": HARBOR.key, "Authorization": f"Bearer {client.token}"}
        assert requests.post(f"{box.url}/api/logout", headers=headers, timeout=5).status_code == 200
        assert client.send("GET", "/users/@me/info").status_code == 401

    def test_a_new_password_kills_it(self, visitor: Browser, box: Box):
        client = Client(box, visitor.tokens()["access_token"])
        box.control("POST", "users", {"email": "investor@demo.test", "password": "another"})
        assert client.send("GET", "/users/@me/info").status_code == 401


class TestRefreshToken:
    def test_it_comes_with_offline_access_where_the_application_has_it(self, visitor: Browser):
        assert "refresh_token" in visitor.tokens()

    def test_it_does_not_come_without_offline_access(self, visitor: Browser):
        assert "refresh_token" not in visitor.tokens(scope="openid")

    def test_it_does_not_come_where_the_application_has_it_not(self, visitor: Browser):
        visitor.app = NORTHWIND
        assert "refresh_token" not in visitor.tokens()

    def test_it_buys_access_again_and_again(self, visitor: Browser, box: Box):
        token = visitor.tokens()["refresh_token"]
        for _ in range(2):
            answer = visitor.refresh(token)
            assert answer.status_code == 200
            assert "refresh_token" not in answer.json()
            assert Client(box, answer.json()["access_token"]).get("/users/@me/info")

    def test_it_rotates_when_switched_on_and_a_copy_ends_the_family(self, visitor: Browser, box: Box):
        box.control("PATCH", "apps", {"client_id": HARBOR.client_id, "rotation": True})
        old = visitor.tokens()["refresh_token"]
        new = visitor.refresh(old).json()["refresh_token"]
        assert new != old
        assert refused_as(visitor.refresh(old), 403, "invalid_grant")
        assert refused_as(visitor.refresh(new), 403, "invalid_grant")

    def test_it_can_be_revoked(self, visitor: Browser, box: Box):
        token = visitor.tokens()["refresh_token"]
        body = {"client_id": HARBOR.client_id, "client_secret": HARBOR.client_secret, "token": token}
        assert requests.post(f"{box.url}/oauth/revoke", data=body, timeout=5).status_code == 200
        assert refused_as(visitor.refresh(token), 403, "invalid_grant")

    def test_it_is_refused_when_refresh_is_switched_off(self, visitor: Browser, box: Box):
        token = visitor.tokens()["refresh_token"]
        box.control("PATCH", "apps", {"client_id": HARBOR.client_id, "refresh_enabled": False})
        assert refused_as(visitor.refresh(token), 403, "unauthorized_client")

    def test_an_invented_one_is_refused(self, visitor: Browser):
        assert refused_as(visitor.refresh("invented"), 403, "invalid_grant")
