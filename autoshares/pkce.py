"""Proof key for code exchange, S256. Source: RFC 7636, sections 4.1 and 4.2."""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256


def new_verifier() -> str:
    """A secret of 43 URL-safe characters (256 bits), to be kept in the browser's session until the callback."""
    return secrets.token_urlsafe(32)


def challenge_of(verifier: str) -> str:
    """What may be shown of `verifier`: the code_challenge of the authorize URL."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
