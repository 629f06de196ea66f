"""Codes, tokens and sessions: handed out once, kept only as hashes, timed by the real clock."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.clock import wall_ms
from sandbox.state import State
from sandbox.world import World

CODE_LIFE_MS = 600_000
ID_TOKEN_LIFE_SECONDS = 36_000
SCOPES = ("openid", "profile", "email", "offline_access")


class GrantRefused(Exception):
    """Answered as Auth0 does: a status, an error and a sentence."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token came with a request, and through which application."""

    user_id: int
    client_id: str
    token_hash: str
    scope: str


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def subject_of(user_id: int) -> str:
    return f"auth0|{user_id}"


# Codes


def issue_code(state: State, params: dict[str, str], *, user_id: int, client_id: str, auth_ms: int) -> str:
    """A code for what was asked at /authorize: 600 seconds, one use."""
    code = secrets.token_urlsafe(32)
    state.insert(
        "code",
        hash=fingerprint(code), params=json.dumps(params), user_id=user_id, client_id=client_id, auth_ms=auth_ms,
        expires_ms=wall_ms() + CODE_LIFE_MS,
    )  # fmt: skip
    return code


def redeem_code(
    world: World, app: sqlite3.Row, *, code: str, redirect_uri: str, verifier: str | None
) -> dict[str, Any]:
    """Tokens for a code. Raises GrantRefused; a code that was shown once with good credentials is used up."""
    state = world.state
    row, params = _find_code(state, app, code=code, redirect_uri=redirect_uri)
    if not _verifies(params.get("code_challenge"), verifier):
        raise GrantRefused(403, "invalid_grant", "Failed to verify code verifier")
    with state.transaction():
        _use_up(state, row)
        scope = params.get("scope", "")
        answer = issue_tokens(
            world, app, user_id=row["user_id"], scope=scope, auth_ms=row["auth_ms"], nonce=params.get("nonce")
        )
        if app["refresh_enabled"] and "offline_access" in scope.split():
            answer["refresh_token"] = _store_token(
                state, "refresh", app, user_id=row["user_id"], scope=scope, auth_ms=row["auth_ms"]
            )
    return answer


def exchange_code(world: World, app: sqlite3.Row, *, code: str, redirect_uri: str) -> str:
    """The access token for a code that came to the API's /token. Raises GrantRefused.

    That call has no header for a PKCE verifier; the application proves itself by its secret key.
    """
    row, params = _find_code(world.state, app, code=code, redirect_uri=redirect_uri)
    with world.state.transaction():
        _use_up(world.state, row)
        answer = issue_tokens(
            world, app, user_id=row["user_id"], scope=params.get("scope", ""), auth_ms=row["auth_ms"]
        )
    token: str = answer["access_token"]
    return token


def _find_code(state: State, app: sqlite3.Row, *, code: str, redirect_uri: str) -> tuple[sqlite3.Row, dict[str, str]]:
    """A living code of this application and the parameters of its /authorize. Raises GrantRefused."""
    row = state.row("SELECT * FROM code WHERE hash = ? AND client_id = ?", fingerprint(code), app["client_id"])
    if row is None or row["used"] or row["expires_ms"] <= wall_ms():
        raise GrantRefused(403, "invalid_grant", "Invalid authorization code")
    params: dict[str, str] = json.loads(row["params"])
    if redirect_uri != params["redirect_uri"]:
        raise GrantRefused(403, "invalid_grant", "Invalid authorization code")
    return row, params


def _use_up(state: State, code: sqlite3.Row) -> None:
    state.db.execute("UPDATE code SET used = 1 WHERE hash = ?", (code["hash"],))


def _verifies(challenge: str | None, verifier: str | None) -> bool:
    """PKCE S256. Without a challenge at /authorize no verifier is asked for."""
    if not challenge:
        return True
    digest = hashlib.sha256((verifier or "").encode()).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return bool(verifier) and secrets.compare_digest(made, challenge)


# Tokens


def issue_tokens(
    world: World, app: sqlite3.Row, *, user_id: int, scope: str, auth_ms: int, nonce: str | None = None
) -> dict[str, Any]:
    """An access token, and an ID token when `openid` was asked for."""
    ttl = app["access_ttl_seconds"]
    answer: dict[str, Any] = {
        "access_token": _store_token(
            world.state, "access", app, user_id=user_id, scope=scope, auth_ms=auth_ms, ttl_seconds=ttl
        ),
        "token_type": "Bearer",
        "expires_in": ttl,
        "scope": scope,
    }
    if "openid" in scope.split():
        now = wall_ms() // 1000
        claims = {
            "iss": world.issuer,
            "aud": app["client_id"],
            "iat": now,
            "exp": now + ID_TOKEN_LIFE_SECONDS,
            "auth_time": auth_ms // 1000,
            **claims_of(world, user_id, scope),
        }
        answer["id_token"] = world.signing_key.sign(claims | ({"nonce": nonce} if nonce else {}))
    return answer


def refresh_tokens(world: World, app: sqlite3.Row, refresh_token: str) -> dict[str, Any]:
    """New tokens for a refresh token, which lives for ever unless the application rotates it. Raises GrantRefused."""
    if not app["refresh_enabled"]:
        raise GrantRefused(403, "unauthorized_client", "Grant type 'refresh_token' not allowed for the client.")
    state = world.state
    row = state.row(
        "SELECT * FROM token WHERE hash = ? AND kind = 'refresh' AND client_id = ?",
        fingerprint(refresh_token),
        app["client_id"],
    )
    if row is None or row["revoked"]:
        if row is not None and app["rotation"]:  # a used one came back: somebody has a copy
            revoke_family(state, row["family"])
        raise GrantRefused(403, "invalid_grant", "Unknown or invalid refresh token.")
    known = {"user_id": row["user_id"], "scope": row["scope"], "auth_ms": row["auth_ms"]}
    with state.transaction():
        answer = issue_tokens(world, app, **known)
        if app["rotation"]:
            state.db.execute("UPDATE token SET revoked = 1 WHERE hash = ?", (row["hash"],))
            answer["refresh_token"] = _store_token(state, "refresh", app, **known, family=row["family"])
    return answer


def _store_token(
    state: State,
    kind: str,
    app: sqlite3.Row,
    *,
    user_id: int,
    scope: str,
    auth_ms: int,
    ttl_seconds: int | None = None,
    family: str | None = None,
) -> str:
    token = secrets.token_urlsafe(240 if kind == "access" else 48)
    now = wall_ms()
    state.insert(
        "token",
        hash=fingerprint(token), kind=kind, family=family or secrets.token_hex(8), user_id=user_id,
        client_id=app["client_id"], scope=scope, auth_ms=auth_ms, created_ms=now,
        expires_ms=None if ttl_seconds is None else now + ttl_seconds * 1000,
    )  # fmt: skip
    return token


def find_caller(state: State, token: str) -> Caller | None:
    """Whose access token this is, if it is alive."""
    row = state.row("SELECT * FROM token WHERE hash = ? AND kind = 'access'", fingerprint(token))
    if row is None or row["revoked"] or row["expires_ms"] <= wall_ms():
        return None
    return Caller(row["user_id"], row["client_id"], row["hash"], row["scope"])


def revoke_access(state: State, token_hash: str) -> None:
    state.db.execute("UPDATE token SET revoked = 1 WHERE hash = ?", (token_hash,))


def revoke_refresh(state: State, app: sqlite3.Row, token: str) -> None:
    """Revoke a refresh token and everything rotated from it. An unknown one is no error (RFC 7009)."""
    row = state.row(
        "SELECT family FROM token WHERE hash = ? AND kind = 'refresh' AND client_id = ?",
        fingerprint(token),
        app["client_id"],
    )
    if row:
        revoke_family(state, row["family"])


def revoke_family(state: State, family: str) -> None:
    state.db.execute("UPDATE token SET revoked = 1 WHERE family = ?", (family,))


def claims_of(world: World, user_id: int, scope: str) -> dict[str, Any]:
    """What an ID token and /userinfo say about a user, by scope."""
    user = world.state.row("SELECT * FROM user WHERE id = ?", user_id)
    assert user is not None  # noqa: S101 - a foreign key promises it
    asked = scope.split()
    claims: dict[str, Any] = {"sub": subject_of(user_id)}
    if "profile" in asked:
        claims |= {
            "name": f"{user['first_name']} {user['last_name']}",
            "given_name": user["first_name"],
            "family_name": user["last_name"],
            "nickname": user["login"],
            "picture": f"{world.base_url}/avatars/{user_id}.svg",
            "updated_at": "2026-01-05T09:00:00.000Z",
        }
    if "email" in asked:
        claims |= {"email": user["email"], "email_verified": bool(user["email_confirmed"])}
    return claims


# Sessions at the identity provider


def start_session(state: State, user_id: int) -> str:
    """A new session; the value of its cookie."""
    secret = secrets.token_urlsafe(32)
    state.insert("session", hash=fingerprint(secret), user_id=user_id, auth_ms=wall_ms())
    return secret


def find_session(state: State, cookie: str | None) -> sqlite3.Row | None:
    return state.row("SELECT * FROM session WHERE hash = ?", fingerprint(cookie)) if cookie else None


def end_session(state: State, cookie: str | None) -> None:
    if cookie:
        state.db.execute("DELETE FROM session WHERE hash = ?", (fingerprint(cookie),))
