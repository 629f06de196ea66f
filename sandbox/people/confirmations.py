"""Proofs that somebody reads their mail, or came as far as the password: each for one purpose, once, for a day."""

from __future__ import annotations

import base64
import secrets
import sqlite3

from sandbox.clock import wall_ms
from sandbox.exchange.walk import key_of, mix
from sandbox.oauth.tokens import fingerprint
from sandbox.world import World

LIFE_MS = 86_400_000


class SecretRefused(Exception):
    """Says in one sentence why a password or PIN stays as it is; `code` is the vendor's word for it, or like one."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.text, self.code = text, code


def issue_mail_code(world: World, user_id: int, purpose: str) -> str:
    """A code to be typed off a mail. It depends on the seed alone, so that a test can be repeated."""
    row = world.state.row("SELECT coalesce(max(id), 0) AS latest FROM confirmation")
    luck = mix(key_of(world.market.seed, "mail code"), row["latest"] if row else 0)
    code = base64.b32encode(luck.to_bytes(8, "big")).decode()[:10]
    return _store(world, user_id, purpose, code)


def issue_token(world: World, user_id: int, purpose: str) -> str:
    return _store(world, user_id, purpose, secrets.token_urlsafe(32))


def _store(world: World, user_id: int, purpose: str, secret: str) -> str:
    world.state.insert(
        "confirmation", hash=fingerprint(secret), user_id=user_id, purpose=purpose, expires_ms=wall_ms() + LIFE_MS
    )
    return secret


def redeem(world: World, secret: str, *purposes: str) -> sqlite3.Row | None:
    """The user who holds a living secret for one of these purposes; it is used up. None otherwise."""
    row = world.state.row("SELECT * FROM confirmation WHERE hash = ?", fingerprint(secret))
    if row is None or row["used"] or row["expires_ms"] <= wall_ms() or row["purpose"] not in purposes:
        return None
    world.state.db.execute("UPDATE confirmation SET used = 1 WHERE id = ?", (row["id"],))
    return world.state.row("SELECT * FROM user WHERE id = ?", row["user_id"])


def forget(world: World, user_id: int, purpose: str) -> None:
    """Secrets that were given out for this purpose are worth nothing any more."""
    world.state.db.execute("UPDATE confirmation SET used = 1 WHERE user_id = ? AND purpose = ?", (user_id, purpose))
