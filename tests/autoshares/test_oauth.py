from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest

from autoshares import TokenSet, challenge_of, errors, new_verifier
from autoshares.limits import LIMITS, Category, Limit, MemoryLimiter

from .conftest import hang, reply, reset

TOKENS = {
    "access_token": "access-secret",
    "refresh_token": "refresh-secret",
    "id_token": "id-secret",
    "token_type": "Bearer",
    "expires_in": 86400,
    "scope": "openid profile email offline_access",
}
AUTHORIZE = {
    "redirect_uri": "http://localhost:8000/accounts/autoshares/login/callback/",
    "state": "st",
    "nonce": "no",
    "code_challenge": "ch",
}


class TestPKCE:
    def test_the_challenge_is_the_hash_of_the_verifier(self):
        # The example of RFC 7636, appendix B.
        verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    def test_a_verifier_is_new_each_time_and_long_enough(self):
        verifiers = {new_verifier() for _ in range(100)}
        assert len(verifiers) == 100
        assert all(43 <= len(verifier) <= 128 for verifier in verifiers)
        one = verifiers.pop()
        assert challenge_of(one) == urlsafe_b64encode(sha256(one.encode()).digest()).decode().rstrip("=")


class TestDiscovery:
    def test_it_asks_once_for_many_clients(self, issuer):
        issuer.client().discover()
        assert issuer.client().discover().token_endpoint == f"{issuer.url}oauth/token"
        assert len(issuer.asked("/.well-known/openid-configuration")) == 1

    def test_it_asks_again_when_told(self, issuer):
        issuer.client().discover()
        issuer.client().discover(fresh=True)
        assert len(issuer.asked("/.well-known/openid-configuration")) == 2

    def test_it_asks_again_after_an_hour(self, issuer, monkeypatch):
        client = issuer.client()
        client.discover()
        monkeypatch.setattr("autoshares.discovery.HOUR_SECONDS", -1.0)
        client.discover()
        assert len(issuer.asked("/.well-known/openid-configuration")) == 2

    def test_it_knows_where_to_revoke_if_the_document_does_not(self, issuer):
        assert issuer.client().discover().revocation_endpoint == f"{issuer.url}oauth/revoke"

    @pytest.mark.parametrize("claimed", ["http://evil.test/", None, "", "same-without-slash"])
    def test_it_believes_no_other_issuers_document(self, issuer, claimed):
        issuer.document["issuer"] = issuer.url.rstrip("/") if claimed == "same-without-slash" else claimed
        with pytest.raises(errors.Unexpected):
            issuer.client().discover()

    @pytest.mark.parametrize("url", ["", "/oauth/token", "ftp://x/", "javascript:alert(1)"])
    def test_it_wants_usable_endpoints(self, issuer, url):
        issuer.document["token_endpoint"] = url
        with pytest.raises(errors.Unexpected) as failure:
            issuer.client().discover()
        assert "token_endpoint" in str(failure.value)

    def test_it_is_tried_again_and_then_says_so(self, issuer):
        issuer.steps["/.well-known/openid-configuration"] = reply(503)
        with pytest.raises(errors.Unavailable):
            issuer.client().discover()
        assert len(issuer.asked("/.well-known/openid-configuration")) == 3


class TestAuthorizeUrl:
    def test_it_asks_for_a_code_with_proof_state_and_nonce(self, issuer):
        url = urlsplit(issuer.client().authorize_url(**AUTHORIZE))
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{issuer.url}authorize"
        assert query == {
            "response_type": "code",
            "client_id": "demo-client",
            "redirect_uri": AUTHORIZE["redirect_uri"],
            "scope": "openid profile email offline_access",
            "state": "st",
            "nonce": "no",
            "code_challenge": "ch",
            "code_challenge_method": "S256",
        }

    def test_it_carries_what_is_optional(self, issuer):
        url = issuer.client().authorize_url(
            **AUTHORIZE, scope="openid", audience="https://api", prompt="none", login_hint="dana@demo.test"
        )
        query = parse_qs(urlsplit(url).query)
        assert query["prompt"] == ["none"]
        assert query["audience"] == ["https://api"]
        assert query["login_hint"] == ["dana@demo.test"]
        assert query["scope"] == ["openid"]


class TestExchangeCode:
    def exchange(self, issuer, **options):
        return issuer.client(**options).exchange_code("the-code", redirect_uri="http://back/", code_verifier="proof")

    def test_it_brings_tokens(self, issuer):
        issuer.steps["/oauth/token"] = reply(200, TOKENS)
        tokens = self.exchange(issuer)
        assert tokens.access_token == "access-secret"
        assert tokens.refresh_token == "refresh-secret"
        assert tokens.can_refresh
        assert tokens.expires_in == 86400
        assert issuer.asked("/oauth/token") == [
            {
                "grant_type": "authorization_code",
                "code": "the-code",
                "redirect_uri": "http://back/",
                "code_verifier": "proof",
                "client_id": "demo-client",
                "client_secret": "client-secret",
            }
        ]

    def test_a_day_is_what_autoshares_gives_when_it_does_not_say(self, issuer):
        issuer.steps["/oauth/token"] = reply(200, {"access_token": "a", "token_type": "bearer"})
        tokens = self.exchange(issuer)
        assert tokens.expires_in == 86400
        assert tokens.refresh_token is None
        assert not tokens.can_refresh

    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (403, "invalid_grant", errors.InvalidGrant),
            (400, "invalid_grant", errors.InvalidGrant),
            (401, "access_denied", errors.InvalidClient),
            (401, "invalid_client", errors.InvalidClient),
            (403, "unauthorized_client", errors.InvalidClient),
            (400, "invalid_request", errors.OAuthError),
            (429, "too_many_requests", errors.RateLimited),
            (403, "too_many_requests", errors.RateLimited),
            (500, "server_error", errors.ServerError),
            (503, "temporarily_unavailable", errors.Unavailable),
        ],
    )
    def test_it_says_which_no_it_was(self, issuer, status, code, kind):
        body = {"error": code, "error_description": "for dana@demo.test"}
        issuer.steps["/oauth/token"] = reply(status, body)
        with pytest.raises(errors.AutoSharesError) as failure:
            self.exchange(issuer)
        assert type(failure.value) is kind
        assert "dana" not in str(failure.value)
        assert len(issuer.asked("/oauth/token")) == 1

    @pytest.mark.parametrize(
        ("trouble", "seconds"),
        [(reset, 5), (hang, 0.2), (reply(503), 5), (reply(500), 5)],
        ids=["reset", "hang", "503", "500"],
    )
    def test_it_spends_a_code_once(self, issuer, trouble, seconds):
        issuer.client().discover()
        issuer.steps["/oauth/token"] = trouble
        with pytest.raises(errors.Unavailable):
            self.exchange(issuer, read_timeout=seconds)
        assert len(issuer.asked("/oauth/token")) == 1

    @pytest.mark.parametrize("body", [b"", b"<html>", {}, {"access_token": "a", "token_type": "mac"}, []])
    def test_it_takes_nothing_else_for_tokens(self, issuer, body):
        issuer.steps["/oauth/token"] = reply(200, body)
        with pytest.raises(errors.Unavailable):
            self.exchange(issuer)

    def test_a_page_of_a_proxy_is_no_oauth_error(self, issuer):
        issuer.steps["/oauth/token"] = reply(403, b"<html>Forbidden</html>")
        with pytest.raises(errors.Forbidden) as failure:
            self.exchange(issuer)
        assert not failure.value.is_refusal


class TestRefresh:
    def test_it_sends_the_refresh_token_and_takes_a_new_one_or_none(self, issuer):
        issuer.steps["/oauth/token"] = reply(200, TOKENS | {"refresh_token": None})
        tokens = issuer.client().refresh("refresh-secret")
        assert tokens.refresh_token is None
        [sent] = issuer.asked("/oauth/token")
        assert (sent["grant_type"], sent["refresh_token"]) == ("refresh_token", "refresh-secret")

    def test_a_revoked_token_is_an_invalid_grant(self, issuer):
        issuer.steps["/oauth/token"] = reply(403, {"error": "invalid_grant"})
        with pytest.raises(errors.InvalidGrant) as failure:
            issuer.client().refresh("refresh-secret")
        assert failure.value.code == "invalid_grant"
        assert "refresh-secret" not in f"{failure.value!r}"


class TestLimits:
    def test_refreshing_leaves_the_reserve_to_people(self, issuer):
        issuer.steps["/oauth/token"] = reply(200, TOKENS)
        client = issuer.client(limiter=MemoryLimiter(limits=LIMITS | {Category.AUTHENTICATION: Limit(2, reserve=1)}))
        client.refresh("refresh-secret")
        with pytest.raises(errors.HeldBack):
            client.refresh("refresh-secret")
        client.exchange_code("the-code", redirect_uri="http://back/", code_verifier="proof")
        with pytest.raises(errors.HeldBack):
            client.revoke("refresh-secret")
        issuer.steps["/userinfo"] = reply(200, {"sub": "auth0|7311"})
        client.userinfo("access-secret")  # counted for its token
        assert len(issuer.asked("/oauth/token")) == 2


class TestTheRest:
    def test_it_revokes(self, issuer):
        issuer.steps["/oauth/revoke"] = reply(200)
        issuer.client().revoke("refresh-secret")
        assert issuer.asked("/oauth/revoke")[0]["token"] == "refresh-secret"

    def test_it_reads_the_profile(self, issuer):
        issuer.steps["/userinfo"] = reply(200, {"sub": "auth0|7311", "email": "dana@demo.test"})
        assert issuer.client().userinfo("access-secret")["email"] == "dana@demo.test"
        assert issuer.vendor.requests[-1].headers["authorization"] == "Bearer access-secret"

    def test_an_ended_token_has_no_profile(self, issuer):
        issuer.steps["/userinfo"] = reply(401, b"Unauthorized")
        with pytest.raises(errors.Unauthorized):
            issuer.client().userinfo("access-secret")

    def test_a_profile_without_a_subject_is_nobodys(self, issuer):
        issuer.steps["/userinfo"] = reply(200, {"email": "dana@demo.test"})
        with pytest.raises(errors.Unexpected):
            issuer.client().userinfo("access-secret")

    def test_it_signs_out_by_client_id_and_return_address(self, issuer):
        url = issuer.client().logout_url("http://localhost:8000/signed-out/")
        assert url == (
            f"{issuer.url}v2/logout?client_id=demo-client&returnTo=http%3A%2F%2Flocalhost%3A8000%2Fsigned-out%2F"
        )

    def test_tokens_do_not_show(self):
        tokens = TokenSet("access-secret", "refresh-secret", "id-secret", 86400, "openid")
        assert "secret" not in f"{tokens} {tokens!r}"
