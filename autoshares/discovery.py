"""OpenID discovery: an issuer's endpoints, remembered for an hour in this process."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .errors import Unexpected
from .wire import Fields

HOUR_SECONDS = 3600.0
PATH = "/.well-known/openid-configuration"

ReadJson = Callable[[str, str], Any]
"""`read_json(endpoint, url)` fetches and decodes a document; `endpoint` is its name in logs and errors."""


@dataclass(frozen=True)
class Provider:
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    revocation_endpoint: str
    names_itself: bool = False  # every redirect back carries `iss` (RFC 9207)


_known: dict[str, tuple[float, Provider]] = {}


def provider_of(issuer: str, read_json: ReadJson, *, fresh: bool = False) -> Provider:
    """The endpoints of `issuer`; asked again if `fresh`.

    Raises Unexpected if the document speaks for another issuer or drops TLS.
    """
    learnt_at, provider = _known.get(issuer, (0.0, None))
    if fresh or provider is None or time.monotonic() - learnt_at > HOUR_SECONDS:
        document = read_json(PATH, issuer.rstrip("/") + PATH)
        provider = _provider_from(issuer, document)
        _known[issuer] = (time.monotonic(), provider)
    return provider


def forget() -> None:
    """Ask again next time (tests; an issuer that has moved)."""
    _known.clear()


def _provider_from(issuer: str, document: Any) -> Provider:
    if not isinstance(document, Mapping) or document.get("issuer") != issuer:
        raise Unexpected(method="GET", endpoint=PATH, detail="speaks for another issuer")
    fields = Fields(document)
    provider = Provider(
        issuer=issuer,
        authorization_endpoint=fields.text("authorization_endpoint"),
        token_endpoint=fields.text("token_endpoint"),
        userinfo_endpoint=fields.text("userinfo_endpoint"),
        jwks_uri=fields.text("jwks_uri"),
        # Left out by tenants that have not listed it; Auth0 keeps it here.
        revocation_endpoint=fields.text("revocation_endpoint") or issuer.rstrip("/") + "/oauth/revoke",
        names_itself=fields.flag("authorization_response_iss_parameter_supported"),
    )
    scheme = urlsplit(issuer).scheme
    for name, url in vars(provider).items():
        if not isinstance(url, str):
            continue
        parts = urlsplit(url)
        if not parts.netloc or parts.scheme not in {scheme, "https"}:
            raise Unexpected(method="GET", endpoint=PATH, detail=f"unusable {name}")
    return provider
