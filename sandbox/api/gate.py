"""The gate before every API call: application key, bearer token, rate limit; in this order."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.api.errors import ApiError, app_key_unknown, denied, too_many_requests
from sandbox.api.limits import Allowance, categorize, untouched
from sandbox.oauth.tokens import Caller, find_caller, fingerprint
from sandbox.people.bindings import access_of
from sandbox.world import World

OPEN_PATHS = ("/token", "/logout", "/health")
# Versioned routes for people who cannot sign in (yet); they need the application's key alone.
FOR_STRANGERS = re.compile(
    r"/v1\.0/(registration(/|$)|users/passwords?/(reset|secret-question)|users/pincode/change$)"
)


class ApiGate:
    """Wraps the API's routes. Leaves `client_id` and `caller` in the request's state."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix("/api")
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        extra: list[tuple[bytes, bytes]] = []
        try:
            if path != "/health":
                state["client_id"] = self._client_of(headers, path)
                if path not in OPEN_PATHS and not FOR_STRANGERS.match(path):
                    state["caller"] = self._caller_of(headers, state["client_id"])
                allowance = self._take_allowance(scope, path, headers)
                extra = allowance.headers()
                if allowance.retry_after is not None:
                    raise too_many_requests()
        except ApiError as refusal:
            extra = extra or untouched(categorize(scope["method"], path)[0]).headers()
            await refusal.as_response()(scope, receive, _with_headers(send, extra))
            return
        await self.app(scope, receive, _with_headers(send, extra))

    def _client_of(self, headers: Headers, path: str) -> str:
        row = self.world.state.row(
            "SELECT client_id FROM app WHERE app_key_secret = ? AND active", headers.get("et-app-key", "")
        )
        if row is None:
            raise app_key_unknown(401 if path in OPEN_PATHS else 403)
        client_id: str = row["client_id"]
        return client_id

    def _caller_of(self, headers: Headers, client_id: str) -> Caller:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        caller = find_caller(self.world.state, token.strip()) if scheme.lower() == "bearer" else None
        if caller is None or caller.client_id != client_id:
            raise denied()
        return caller

    def _take_allowance(self, scope: Scope, path: str, headers: Headers) -> Allowance:
        state = scope["state"]
        category, account = categorize(scope["method"], path)
        caller: Caller | None = state.get("caller")
        if caller is None:
            # Nobody is known yet: who wants to sign in counts, or the code that came instead of a name.
            key = f"{state['client_id']} {headers.get('username') or fingerprint(headers.get('oauthcode', ''))}"
        elif account and access_of(self.world.state, int(account[:18]), caller.user_id):
            key = account
        else:
            key = caller.token_hash
        enforce = self.world.market.settings.rate_limits
        return self.world.rate_limits.take(category, key, enforce=enforce)


def _with_headers(send: Send, extra: list[tuple[bytes, bytes]]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *extra]
        await send(message)

    return send_with_headers
