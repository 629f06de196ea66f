"""Believing an ID token, or not. Source: OpenID Connect Core 3.1.3.7; RFC 8725 on what attackers send."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jwt

from .errors import IdTokenInvalid, Unexpected

ALGORITHM = "RS256"  # the one we take: neither "none" nor a public key used as an HMAC secret can pass
LEEWAY_SECONDS = 10
JWKS_PATH = "/.well-known/jwks.json"

_keys: dict[str, dict[str, jwt.PyJWK]] = {}  # jwks_uri -> kid -> key


def verify(
    id_token: str,
    *,
    nonce: str,
    issuer: str,
    client_id: str,
    jwks_uri: str,
    read_json: Callable[[str, str], Any],
) -> dict[str, Any]:
    """The claims, if signature, algorithm, issuer, audience, times and nonce are all right; else IdTokenInvalid.

    May fetch the issuer's keys: at first, and once more for a key id that is new to us.
    """
    key = _key_for(_key_id_of(id_token), jwks_uri, read_json)
    try:
        claims = jwt.decode(
            id_token,
            key,
            algorithms=[ALGORITHM],
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except jwt.InvalidTokenError as failure:
        raise IdTokenInvalid(detail=type(failure).__name__) from None
    if not nonce or not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise IdTokenInvalid(detail="another sign-in's nonce")
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", client_id) != client_id or (len(audiences) > 1 and "azp" not in claims):
        raise IdTokenInvalid(detail="issued to another application")
    return claims


def forget() -> None:
    """Fetch the keys again next time (tests; keys that were withdrawn)."""
    _keys.clear()


def _key_id_of(id_token: str) -> str:
    try:
        header = jwt.get_unverified_header(id_token)
    except jwt.InvalidTokenError as failure:
        raise IdTokenInvalid(detail=type(failure).__name__) from None
    if header.get("alg") != ALGORITHM:
        raise IdTokenInvalid(detail="algorithm not allowed")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise IdTokenInvalid(detail="no key id")
    return key_id


def _key_for(key_id: str, jwks_uri: str, read_json: Callable[[str, str], Any]) -> jwt.PyJWK:
    known = _keys.get(jwks_uri, {})
    if key_id not in known:
        known = _keys[jwks_uri] = dict(_signing_keys(read_json(JWKS_PATH, jwks_uri)))
    if key_id not in known:
        raise IdTokenInvalid(detail="unknown key")
    return known[key_id]


def _signing_keys(document: Any) -> Iterable[tuple[str, jwt.PyJWK]]:
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise Unexpected(method="GET", endpoint=JWKS_PATH, detail="no keys")
    for entry in listed:
        if not isinstance(entry, dict) or entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
            continue
        try:
            yield str(entry.get("kid", "")), jwt.PyJWK.from_dict(entry, algorithm=ALGORITHM)
        except jwt.PyJWTError:
            continue  # a key that we cannot read is one that we do not trust
