"""The RSA key that signs ID tokens. It is made at the first start and kept, across resets too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.state import State


@dataclass(frozen=True)
class SigningKey:
    kid: str
    key: RSAKey

    @classmethod
    def of(cls, state: State) -> SigningKey:
        """The stored key, or a new one (some 100 ms)."""
        row = state.row("SELECT kid, pem FROM signing_key")
        if row:
            return cls(row["kid"], RSAKey.import_key(row["pem"]))
        key = RSAKey.generate_key(2048)
        kid = key.thumbprint()
        state.insert("signing_key", kid=kid, pem=key.as_pem(private=True).decode())
        return cls(kid, key)

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.kid}, claims, self.key)

    def as_jwks(self) -> dict[str, Any]:
        public = self.key.as_dict(private=False)
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}
