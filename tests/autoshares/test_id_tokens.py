"""Eight forgeries of the promise (SAFETY: ID token), and some more; none may pass."""

import hmac
import json
from base64 import urlsafe_b64encode

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from autoshares import errors

from .conftest import reply
from .issuers import CLIENT_ID, NONCE, OTHER_KEY

HOUR = 3600
JWKS = "/.well-known/jwks.json"


def verify(issuer, token, nonce=NONCE):
    return issuer.client().verify_id_token(token, nonce=nonce)


def by_hand(header, claims, sign):
    """A token that a well-behaved library refuses to make."""
    text = ".".join(in_base64(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{in_base64(sign(text.encode()))}"


def in_base64(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(issuer, algorithm):
    return by_hand({"alg": algorithm, "kid": "key-1"}, issuer.claims(), lambda text: b"")


def signed_with_the_public_key(issuer):
    """HS256, with what everybody knows for a secret."""
    public = issuer.keys["key-1"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "kid": "key-1"}
    return by_hand(header, issuer.claims(), lambda text: hmac.digest(public, text, "sha256"))


def with_other_claims(issuer):
    """A genuine signature over other claims."""
    header, _, signature = issuer.id_token().split(".")
    claims = in_base64(json.dumps(issuer.claims(sub="auth0|someone-else")).encode())
    return f"{header}.{claims}.{signature}"


# what is forged, and the check that must catch it
FORGERIES = {
    ("wrong nonce", "another sign-in's nonce"): lambda issuer: issuer.id_token(nonce="another"),
    ("wrong audience", "InvalidAudienceError"): lambda issuer: issuer.id_token(aud="another-client"),
    ("wrong issuer", "InvalidIssuerError"): lambda issuer: issuer.id_token(iss="http://evil.test/"),
    ("expired", "ExpiredSignatureError"): lambda issuer: issuer.id_token(exp=issuer.claims()["iat"] - 60),
    ("algorithm none", "algorithm not allowed"): lambda issuer: unsigned(issuer, "none"),
    ("HS256 with the public key", "algorithm not allowed"): signed_with_the_public_key,
    ("unknown key", "unknown key"): lambda issuer: issuer.id_token(key_id="key-9"),
    ("bad signature", "InvalidSignatureError"): lambda issuer: issuer.id_token(key=OTHER_KEY),
    # and some more
    ("issuer without its slash", "InvalidIssuerError"): lambda issuer: issuer.id_token(iss=issuer.url.rstrip("/")),
    ("no nonce", "MissingRequiredClaimError"): lambda issuer: issuer.id_token(nonce=None),
    ("no audience", "MissingRequiredClaimError"): lambda issuer: issuer.id_token(aud=None),
    ("no issuer", "MissingRequiredClaimError"): lambda issuer: issuer.id_token(iss=None),
    ("no expiry", "MissingRequiredClaimError"): lambda issuer: issuer.id_token(exp=None),
    ("no time of issue", "MissingRequiredClaimError"): lambda issuer: issuer.id_token(iat=None),
    ("no subject", "MissingRequiredClaimError"): lambda issuer: issuer.id_token(sub=None),
    ("issued tomorrow", "ImmatureSignatureError"): lambda issuer: issuer.id_token(
        iat=issuer.claims()["iat"] + 24 * HOUR
    ),
    ("another application's", "issued to another application"): lambda issuer: issuer.id_token(azp="another-client"),
    ("for several, none named", "issued to another application"): lambda issuer: issuer.id_token(
        aud=[CLIENT_ID, "another-client"]
    ),
    ("other claims", "InvalidSignatureError"): with_other_claims,
    ("algorithm None", "algorithm not allowed"): lambda issuer: unsigned(issuer, "None"),
    ("RS512", "algorithm not allowed"): lambda issuer: jwt.encode(
        issuer.claims(), issuer.keys["key-1"], algorithm="RS512", headers={"kid": "key-1"}
    ),
    ("no key id", "no key id"): lambda issuer: jwt.encode(issuer.claims(), issuer.keys["key-1"], algorithm="RS256"),
    ("empty", "DecodeError"): lambda issuer: "",
    ("not a token", "DecodeError"): lambda issuer: "a.b.c",
}


class TestVerifyIdToken:
    def test_it_believes_a_genuine_one(self, issuer):
        assert verify(issuer, issuer.id_token())["sub"] == "auth0|7311"

    def test_it_believes_one_for_several_that_names_us(self, issuer):
        token = issuer.id_token(aud=[CLIENT_ID, "another-client"], azp=CLIENT_ID)
        assert verify(issuer, token)["azp"] == CLIENT_ID

    @pytest.mark.parametrize(("forgery", "reason"), FORGERIES)
    def test_it_refuses(self, issuer, forgery, reason):
        verify(issuer, issuer.id_token())  # the keys are known, the client would believe
        with pytest.raises(errors.IdTokenInvalid) as failure:
            verify(issuer, FORGERIES[forgery, reason](issuer))
        assert failure.value.detail == reason
        assert "auth0|" not in str(failure.value)

    def test_it_allows_clocks_a_few_seconds(self, issuer):
        now = issuer.claims()["iat"]
        assert verify(issuer, issuer.id_token(iat=now + 5, exp=now + HOUR))
        assert verify(issuer, issuer.id_token(iat=now - HOUR, exp=now - 5))

    def test_an_empty_nonce_of_ours_matches_nothing(self, issuer):
        with pytest.raises(errors.IdTokenInvalid):
            verify(issuer, issuer.id_token(nonce=""), nonce="")


class TestKeys:
    def test_they_are_fetched_once(self, issuer):
        verify(issuer, issuer.id_token())
        verify(issuer, issuer.id_token())
        assert len(issuer.asked(JWKS)) == 1

    def test_a_new_key_is_looked_for_once(self, issuer):
        verify(issuer, issuer.id_token())
        issuer.keys["key-2"] = OTHER_KEY
        assert verify(issuer, issuer.id_token(key=issuer.keys["key-2"], key_id="key-2"))
        assert len(issuer.asked(JWKS)) == 2

    def test_an_unknown_key_costs_one_look(self, issuer):
        verify(issuer, issuer.id_token())
        with pytest.raises(errors.IdTokenInvalid):
            verify(issuer, issuer.id_token(key_id="key-9"))
        assert len(issuer.asked(JWKS)) == 2

    def test_keys_of_another_kind_or_use_are_not_taken(self, issuer):
        good = issuer.jwks()["keys"][0]
        odd = [{"kty": "oct", "kid": "key-1", "k": "c2VjcmV0"}, good | {"use": "enc"}, {"kty": "RSA"}, "text"]
        issuer.steps[JWKS] = reply(200, {"keys": odd})
        with pytest.raises(errors.IdTokenInvalid):
            verify(issuer, issuer.id_token())

    def test_no_keys_at_all_is_the_issuers_trouble_not_a_forgery(self, issuer):
        issuer.steps[JWKS] = reply(503)
        with pytest.raises(errors.Unavailable):
            verify(issuer, issuer.id_token())
        issuer.steps[JWKS] = reply(200, {"message": "moved"})
        with pytest.raises(errors.Unexpected):
            verify(issuer, issuer.id_token())
