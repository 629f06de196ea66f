"""Sign-in with AutoShares: OAuth 2.0 authorization code flow with PKCE, on Auth0's conventions.

Source: API.md 2.1, 2.2 and 2.7; RFC 6749, RFC 7636, OpenID Connect Core 3.1.3.7.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import requests

from . import errors
from .answers import Answer, Call, error_for, seconds_to_wait
from .connections import BearerAuth, shared_session
from .discovery import Provider, provider_of
from .id_tokens import verify
from .limits import Category, Limiter, Quota, within_limits
from .transport import Patience, Timeouts, exchange, with_patience
from .wire import Fields, decode_json

DEFAULT_SCOPE = "openid profile email offline_access"
DAY_SECONDS = 86_400

# Auth0 says access_denied or unauthorized_client to a wrong secret or a grant that is not enabled (API.md 2.2).
_OUR_FAULTS = frozenset({"invalid_client", "unauthorized_client", "access_denied"})


@dataclass(frozen=True)
class TokenSet:
    """What a code or a refresh token was exchanged for. Nothing of it shows in `repr`.

    `refresh_token` is None when the application has none, or when a refresh did not rotate it: keep the old one then.
    `expires_in` is seconds from now; 86,400 where the server does not say, which is AutoShares' rule.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    id_token: str = field(repr=False)
    expires_in: int
    scope: str

    @property
    def can_refresh(self) -> bool:
        return self.refresh_token is not None


class OAuthClient:
    """One application at one issuer. `issuer` is compared letter by letter, the trailing slash included.

    Costs nothing to make: discovery and keys are cached per process. Token requests are sent once; only discovery,
    keys and the profile are tried again. With a `limiter` they count as sign-ins of this application, the profile as
    one of its token; refreshing leaves the reserve to people. What is public, addresses and keys, is not counted.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        connect_timeout: float = 3.05,
        read_timeout: float = 10.0,
        patience: Patience | None = None,
        session: requests.Session | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._client_secret = client_secret
        self._timeouts = Timeouts(connect_timeout, read_timeout)
        self._patience = patience or Patience()
        self._session = session or shared_session()
        self._limiter = limiter

    def discover(self, *, fresh: bool = False) -> Provider:
        """Where this issuer's endpoints are. Network once an hour per process.

        `fresh` asks in any case: whoever sends a browser there wants to know that somebody answers.
        """
        return provider_of(self.issuer, self._read_json, fresh=fresh)

    def authorize_url(
        self,
        *,
        redirect_uri: str,
        state: str,
        nonce: str,
        code_challenge: str,
        scope: str = DEFAULT_SCOPE,
        audience: str | None = None,
        prompt: str | None = None,
        login_hint: str | None = None,
    ) -> str:
        """Where to send the browser. `prompt="none"` signs in silently or comes back with error=login_required."""
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
            "audience": audience,
            "prompt": prompt,
            "login_hint": login_hint,
        }
        given = {name: value for name, value in parameters.items() if value}
        return f"{self.discover().authorization_endpoint}?{urlencode(given)}"

    def exchange_code(self, code: str, *, redirect_uri: str, code_verifier: str) -> TokenSet:
        """Trade a code, once. Raises InvalidGrant if it is used, expired (10 minutes) or not for this verifier."""
        return self._tokens(
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=code_verifier,
        )

    def refresh(self, refresh_token: str) -> TokenSet:
        """A new access token, and a new refresh token if they rotate. Raises InvalidGrant if it is revoked.

        Sent once. After Unavailable a rotating refresh token may be spent: try later, then ask for a sign-in.
        """
        return self._tokens(grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, refresh_token: str) -> None:
        """Make a refresh token worthless. Succeeds for an unknown one too (RFC 7009, 2.2). Sent once."""
        self._post("/oauth/revoke", self.discover().revocation_endpoint, {"token": refresh_token})

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """The profile claims: sub, name, email, ... Raises Unauthorized if the token has ended."""
        claims = self._read_json("/userinfo", self.discover().userinfo_endpoint, access_token)
        if not isinstance(claims, Mapping) or not claims.get("sub"):
            raise errors.Unexpected(method="GET", endpoint="/userinfo", detail="no subject")
        return dict(claims)

    def verify_id_token(self, id_token: str, *, nonce: str) -> dict[str, Any]:
        """The claims of a token that is genuine, ours, current and of this sign-in; else raises IdTokenInvalid."""
        return verify(
            id_token,
            nonce=nonce,
            issuer=self.issuer,
            client_id=self.client_id,
            jwks_uri=self.discover().jwks_uri,
            read_json=self._read_json,
        )

    def logout_url(self, return_to: str) -> str:
        """Where to send the browser to end AutoShares' own session; it comes back to an allow-listed `return_to`."""
        query = urlencode({"client_id": self.client_id, "returnTo": return_to})
        return f"{self.issuer.rstrip('/')}/v2/logout?{query}"

    def _tokens(self, **parameters: str) -> TokenSet:
        url = self.discover().token_endpoint
        if parameters["grant_type"] == "authorization_code":  # a person waits for it
            answer = self._post("/oauth/token", url, parameters, patience=self._patience.longest)
        else:
            answer = self._post("/oauth/token", url, parameters, urgent=False)
        fields = Fields(answer.json())
        access_token = fields.text("access_token")
        if not access_token or fields.text("token_type").lower() not in {"bearer", ""}:
            raise errors.Unavailable(**answer.facts, detail="no bearer token in the answer")
        return TokenSet(
            access_token=access_token,
            refresh_token=fields.text("refresh_token") or None,
            id_token=fields.text("id_token"),
            expires_in=fields.count("expires_in") or DAY_SECONDS,
            scope=fields.text("scope"),
        )

    def _post(
        self, endpoint: str, url: str, parameters: dict[str, str], *, urgent: bool = True, patience: float = 0
    ) -> Answer:
        credentials = {"client_id": self.client_id, "client_secret": self._client_secret}

        def send() -> Answer:
            return exchange(
                Call("POST", endpoint),
                url,
                session=self._session,
                timeouts=self._timeouts,
                failure_for=_oauth_error_for,
                auth=BearerAuth(""),
                headers={"Accept": "application/json"},
                data=parameters | credentials,
            )

        return self._counted(send, self.client_id, urgent=urgent, patience=patience)

    def _read_json(self, endpoint: str, url: str, access_token: str = "") -> Any:
        def send() -> Answer:
            return exchange(
                Call("GET", endpoint),
                url,
                session=self._session,
                timeouts=self._timeouts,
                auth=BearerAuth(access_token),
                headers={"Accept": "application/json"},
            )

        def ask() -> Any:
            if not access_token:
                return send().json()
            return self._counted(send, access_token, patience=self._patience.longest).json()

        return with_patience(ask, self._patience)

    def _counted(self, send: Callable[[], Answer], caller: str, *, urgent: bool = True, patience: float = 0) -> Answer:
        if self._limiter is None:
            return send()
        key = sha256(f"{self.issuer} {caller}".encode()).hexdigest()[:16]
        return within_limits(self._limiter, Quota(Category.AUTHENTICATION, key, urgent), send, patience=patience)


def _oauth_error_for(answer: Answer) -> errors.AutoSharesError:
    """Auth0's {"error", "error_description"} with any 4xx; anything else as on the trading API."""
    try:
        fields = Fields(decode_json(answer.body))
    except ValueError:
        return error_for(answer)
    code, description = fields.text("error"), fields.text("error_description")
    if not code or answer.status >= 500:
        return error_for(answer)
    if answer.status == 429 or code == "too_many_requests":
        return errors.RateLimited(description, retry_after=seconds_to_wait(answer.headers), **answer.facts)
    kind = errors.InvalidGrant if code == "invalid_grant" else errors.OAuthError
    if code in _OUR_FAULTS:
        kind = errors.InvalidClient
    return kind(code, description, **answer.facts)
