"""A sign-in server on a real socket, with keys of its own: it says what a test tells it to, forgeries included."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from autoshares import OAuthClient, Patience
from autoshares.connections import new_session

from .conftest import Handler, Step, Vendor, reply

CLIENT_ID = "demo-client"
NONCE = "nonce-of-this-sign-in"
KEY = generate_private_key(65537, 2048)
OTHER_KEY = generate_private_key(65537, 2048)


class Issuer:
    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.url = f"{vendor.url}/"
        self.keys: dict[str, RSAPrivateKey] = {"key-1": KEY}
        self.document: dict[str, Any] = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}authorize",
            "token_endpoint": f"{self.url}oauth/token",
            "userinfo_endpoint": f"{self.url}userinfo",
            "jwks_uri": f"{self.url}.well-known/jwks.json",
        }
        self.steps: dict[str, Step] = {}
        self.session = new_session()
        vendor.will(self._answer)

    def _answer(self, handler: Handler) -> None:
        path = handler.path.partition("?")[0]
        documents: dict[str, Callable[[], Any]] = {
            "/.well-known/openid-configuration": lambda: self.document,
            "/.well-known/jwks.json": self.jwks,
        }
        step = self.steps.get(path) or reply(200, documents[path]())
        step(handler)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self._jwk(key_id, key) for key_id, key in self.keys.items()]}

    @staticmethod
    def _jwk(key_id: str, key: RSAPrivateKey) -> dict[str, Any]:
        numbers = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id, "n": numbers["n"], "e": numbers["e"]}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims as they should be, with `changes`; a change to None leaves the claim out."""
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.url,
            "sub": "auth0|7311",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 3600,
            "nonce": NONCE,
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def id_token(self, *, key: RSAPrivateKey | None = None, key_id: str = "key-1", **changes: Any) -> str:
        return jwt.encode(
            self.claims(**changes), key or self.keys["key-1"], algorithm="RS256", headers={"kid": key_id}
        )

    def client(self, **options: Any) -> OAuthClient:
        settings = {
            "issuer": self.url,
            "client_id": CLIENT_ID,
            "client_secret": "client-secret",
            "connect_timeout": 5.0,
            "read_timeout": 5.0,
            "patience": Patience(pause=lambda seconds: None),
            "session": self.session,
        }
        return OAuthClient(**(settings | options))

    def asked(self, path: str) -> list[dict[str, str]]:
        """The form fields of each request to `path`; empty dictionaries for a GET."""
        bodies = [r.body.decode() for r in self.vendor.requests if r.path.partition("?")[0] == path]
        return [{name: values[0] for name, values in parse_qs(body).items()} for body in bodies]
