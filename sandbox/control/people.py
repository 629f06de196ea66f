"""Users, agreements, applications and tokens, changed from outside."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.exchange.balances import post_cash
from sandbox.exchange.securities import SECURITIES
from sandbox.people.confirmations import issue_mail_code
from sandbox.people.mail import outbox, send_mail
from sandbox.people.passwords import sign_out_everywhere
from sandbox.seed import add_user, assign_agreements, open_account, set_position
from sandbox.world import World

# What is simply written down about a user, and the kind of value that it has to be.
USER_COLUMNS: dict[str, type] = {
    "first_name": str, "last_name": str, "password": str, "password_expired": bool, "two_factor": bool,
    "pin_asked": bool, "pin": str, "pin_image": str, "personal_phrase": str, "question_id": int, "answer": str,
    "phone": str, "administrator": bool, "enabled": bool,
}  # fmt: skip
# Purposes of a token that is sent without being asked for: type and subject of the mail.
INVITATIONS = {"AddUserToProGroup": ("General", "Become a professional trader")}
USERS_SHOWN = 500
USER_KEYS = {"email", "accounts", "agreements", *USER_COLUMNS}
ACCOUNT_KEYS = {
    "id", "alias", "margin_type", "owner_type", "option_level", "cash", "positions", "status", "restricted", "enabled",
}  # fmt: skip
PLAIN_ACCOUNT_KEYS = ("margin_type", "owner_type", "option_level", "status", "restricted", "enabled")


def refuse_unknown(raw: dict[str, Any], known: set[str]) -> None:
    if unknown := set(raw) - known:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")


def require_user(world: World, email: str) -> sqlite3.Row:
    row = world.state.row("SELECT * FROM user WHERE email = ?", email)
    if row is None:
        raise ValueError(f"no such user: {email}")
    return row


# Users


def list_users(world: World, email: str | None = None) -> list[dict[str, Any]]:
    """The first of them, administrators last; or the one with this e-mail address. Raises ValueError."""
    if email is not None:
        return [describe_user(world, email)]
    rows = world.state.rows("SELECT email FROM user ORDER BY administrator, id LIMIT ?", USERS_SHOWN)
    return [describe_user(world, row["email"]) for row in rows]


def describe_user(world: World, email: str) -> dict[str, Any]:
    user = require_user(world, email)
    accounts = world.state.rows(
        "SELECT account.*, alias FROM account JOIN account_user ON account_id = account.id WHERE user_id = ?"
        " ORDER BY account.id",
        user["id"],
    )
    outstanding = world.state.rows(
        "SELECT agreement.type FROM agreement JOIN user_agreement ON agreement_id = agreement.id"
        " WHERE user_id = ? AND signed_ms IS NULL AND current ORDER BY agreement.id",
        user["id"],
    )
    return {
        "id": user["id"],
        "email": user["email"],
        "login": user["login"],
        "first_name": user["first_name"],
        "last_name": user["last_name"],
        "two_factor": bool(user["two_factor"]),
        "pin_asked": bool(user["pin_asked"]),
        "administrator": bool(user["administrator"]),
        "enabled": bool(user["enabled"]),
        "selected_account": user["selected_account"],
        "accounts": [
            {"id": row["id"], "alias": row["alias"], "margin_type": row["margin_type"], "cash": str(row["cash"])}
            for row in accounts
        ],
        "outstanding_agreements": [row["type"] for row in outstanding],
    }


def save_user(world: World, raw: dict[str, Any]) -> dict[str, Any]:
    """Create a user, or change the one with this e-mail address. Raises ValueError.

    A new password ends all sessions and tokens. `accounts`: those with a known id are changed, others opened.
    `agreements`: exactly these types are outstanding from now on, all others signed.
    """
    refuse_unknown(raw, USER_KEYS)
    email = str(raw.get("email") or "")
    if "@" not in email:
        raise ValueError("email is needed")
    columns = {name: _read_column(raw, name) for name in USER_COLUMNS if name in raw}
    with world.state.transaction() as db:
        row = world.state.row("SELECT * FROM user WHERE email = ?", email)
        user_id: int = _create_user(world, email, raw) if row is None else row["id"]
        for name, value in columns.items():
            db.execute(f"UPDATE user SET {name} = ? WHERE id = ?", (value, user_id))  # noqa: S608 - of USER_COLUMNS
        if "password" in raw and row is not None:
            sign_out_everywhere(world, user_id)
        for account in raw.get("accounts", []):
            _save_account(world, user_id, account)
        if "agreements" in raw:
            _set_outstanding(world, user_id, raw["agreements"])
    return describe_user(world, email)


def _read_column(raw: dict[str, Any], name: str) -> Any:
    """A value, or null for what may be absent. Raises ValueError."""
    value, kind = raw[name], USER_COLUMNS[name]
    if not isinstance(value, kind) and not (value is None and name in ("pin", "answer", "phone")):
        raise ValueError(f"wrong value: {name}")
    return value


def _create_user(world: World, email: str, raw: dict[str, Any]) -> int:
    return add_user(
        world.state,
        email,
        first_name=raw.get("first_name", email.partition("@")[0].title()),
        last_name=raw.get("last_name", "Test"),
        at_ms=world.market.now_ms(),
    )


def _save_account(world: World, user_id: int, raw: dict[str, Any]) -> None:
    refuse_unknown(raw, ACCOUNT_KEYS)
    state = world.state
    account_id = raw.get("id")
    if account_id is None or state.row("SELECT 1 FROM account WHERE id = ?", account_id) is None:
        account_id = open_account(world.market, user_id, account_id=account_id)
    for name in PLAIN_ACCOUNT_KEYS:
        if name in raw:
            state.db.execute(f"UPDATE account SET {name} = ? WHERE id = ?", (raw[name], account_id))  # noqa: S608
    state.db.execute(
        "INSERT OR IGNORE INTO account_user (account_id, user_id, access_type) VALUES (?, ?, 'Owner')",
        (account_id, user_id),
    )
    if "alias" in raw:
        state.db.execute(
            "UPDATE account_user SET alias = ? WHERE account_id = ? AND user_id = ?",
            (raw["alias"], account_id, user_id),
        )
    if "cash" in raw:
        row = state.row("SELECT cash FROM account WHERE id = ?", account_id)
        change = read_decimal(raw["cash"]) - (row["cash"] if row else 0)
        post_cash(
            world.market, account_id, at_ms=world.market.now_ms(), kind="ManualManipulation", amount=change,
            order_id=None,
        )  # fmt: skip
    for symbol, held in raw.get("positions", {}).items():
        if symbol not in SECURITIES:
            raise ValueError(f"no such symbol: {symbol}")
        average = read_decimal(held.get("average_price", SECURITIES[symbol].price))
        quantity = read_decimal(held["quantity"])
        set_position(world.market, account_id, symbol, quantity=quantity, average_price=average)


def read_decimal(raw: object) -> Decimal:
    try:
        value = Decimal(str(raw))
    except InvalidOperation:
        raise ValueError(f"not a number: {raw}") from None
    if not value.is_finite():
        raise ValueError(f"not a number: {raw}")
    return value


def mail_token(world: World, raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Send what an administrator of the vendor would: {"email", "purpose"}, the token is in the mail. Raises
    ValueError."""
    refuse_unknown(raw, {"email", "purpose"})
    purpose = raw.get("purpose")
    if purpose not in INVITATIONS:
        raise ValueError(f"purpose is one of {', '.join(INVITATIONS)}")
    user = require_user(world, str(raw.get("email")))
    kind, subject = INVITATIONS[purpose]
    text = f"Your token is {issue_mail_code(world, user['id'], purpose)}. It is good for a day."
    send_mail(world, user["email"], kind, subject=subject, text=text)
    return outbox(world, user["email"])


# Agreements


def list_agreements(world: World) -> list[dict[str, Any]]:
    rows = world.state.rows("SELECT * FROM agreement ORDER BY id")
    return [
        {
            "id": row["id"],
            "type": row["type"],
            "title": row["title"],
            "version": row["version"],
            "can_skip": bool(row["can_skip"]),
            "current": bool(row["current"]),
            "signed_by": _emails(world, row["id"], "NOT NULL"),
            "outstanding_for": _emails(world, row["id"], "NULL"),
        }
        for row in rows
    ]


def _emails(world: World, agreement_id: int, signed: str) -> list[str]:
    rows = world.state.rows(
        "SELECT email FROM user JOIN user_agreement ON user_id = user.id"  # noqa: S608 - one of two constants
        f" WHERE agreement_id = ? AND signed_ms IS {signed} ORDER BY user.id",
        agreement_id,
    )
    return [row["email"] for row in rows]


def change_agreements(world: World, raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Publish a version, {"publish": {"type", "version", "title", "can_skip", "users"}}, or say what is outstanding
    for one user, {"email", "outstanding": [types]}. Raises ValueError."""
    refuse_unknown(raw, {"publish", "email", "outstanding"})
    with world.state.transaction():
        if "publish" in raw:
            _publish(world, raw["publish"])
        if "email" in raw:
            _set_outstanding(world, require_user(world, raw["email"])["id"], raw.get("outstanding", []))
    return list_agreements(world)


def _publish(world: World, raw: dict[str, Any]) -> None:
    refuse_unknown(raw, {"type", "version", "title", "can_skip", "users"})
    kind = raw.get("type")
    before = world.state.row("SELECT * FROM agreement WHERE type = ? AND current", kind)
    if not kind or not raw.get("version"):
        raise ValueError("type and version are needed")
    world.state.db.execute("UPDATE agreement SET current = 0 WHERE type = ?", (kind,))
    agreement_id = world.state.insert(
        "agreement",
        type=kind,
        version=str(raw["version"]),
        title=raw.get("title") or (before["title"] if before else kind),
        can_skip=bool(raw.get("can_skip", before["can_skip"] if before else False)),
    )
    emails = raw.get("users", "all")
    users = world.state.rows("SELECT id, email FROM user")
    for user in users:
        if emails == "all" or user["email"] in emails:
            assign_agreements(world.state, user["id"], [agreement_id])


def _set_outstanding(world: World, user_id: int, types: list[str]) -> None:
    current = world.state.rows("SELECT id, type FROM agreement WHERE current")
    if unknown := set(types) - {row["type"] for row in current}:
        raise ValueError(f"no such agreement: {', '.join(sorted(unknown))}")
    for row in current:
        signed_ms = None if row["type"] in types else world.market.now_ms()
        assign_agreements(world.state, user_id, [row["id"]], signed_ms=signed_ms)


# Applications and tokens


def list_apps(world: World) -> list[dict[str, Any]]:
    return [
        {
            "client_id": row["client_id"],
            "name": row["name"],
            "host": row["host"],
            "redirect_uris": json.loads(row["redirect_uris"]),
            "logout_uris": json.loads(row["logout_uris"]),
            "refresh_enabled": bool(row["refresh_enabled"]),
            "rotation": bool(row["rotation"]),
            "access_ttl_seconds": row["access_ttl_seconds"],
            "active": bool(row["active"]),
        }
        for row in world.state.rows("SELECT * FROM app ORDER BY client_id")
    ]


def change_app(world: World, raw: dict[str, Any]) -> list[dict[str, Any]]:
    """{"client_id", then any of "refresh_enabled", "rotation", "access_ttl_seconds", "active", "redirect_uris",
    "logout_uris"}. Raises ValueError."""
    kinds: dict[str, type] = {
        "refresh_enabled": bool, "rotation": bool, "active": bool, "access_ttl_seconds": int, "redirect_uris": list,
        "logout_uris": list,
    }  # fmt: skip
    refuse_unknown(raw, {"client_id", *kinds})
    if world.state.row("SELECT 1 FROM app WHERE client_id = ?", raw.get("client_id")) is None:
        raise ValueError(f"no such application: {raw.get('client_id')}")
    for name, kind in kinds.items():
        if name not in raw:
            continue
        value = raw[name]
        if not isinstance(value, kind) or value == []:
            raise ValueError(f"wrong value: {name}")
        stored = json.dumps(value) if kind is list else value
        world.state.db.execute(f"UPDATE app SET {name} = ? WHERE client_id = ?", (stored, raw["client_id"]))  # noqa: S608
    return list_apps(world)


def change_tokens(world: World, raw: dict[str, Any]) -> dict[str, int]:
    """{"expire": "access" | "code"} or {"revoke": "access" | "refresh" | "session" | "consent" | "all"}, for everybody
    or for {"email"}, {"client_id"}. Answers how many rows were touched. Raises ValueError."""
    refuse_unknown(raw, {"expire", "revoke", "email", "client_id"})
    where, values = _whose(world, raw)
    db, touched = world.state.db, 0

    def run(sql: str, scope: str = where, scope_values: list[Any] = values) -> int:
        return db.execute(f"{sql} AND {scope}", scope_values).rowcount

    expire, revoke = raw.get("expire"), raw.get("revoke")
    if (expire is None) == (revoke is None):
        raise ValueError("give expire or revoke")
    if expire not in (None, "access", "code") or revoke not in (
        None,
        "access",
        "refresh",
        "session",
        "consent",
        "all",
    ):
        raise ValueError("no such kind of token")
    with world.state.transaction():
        if expire == "access":
            touched += run("UPDATE token SET expires_ms = 0 WHERE kind = 'access'")
        if expire == "code":
            touched += run("UPDATE code SET expires_ms = 0 WHERE NOT used")
        for kind in ("access", "refresh"):
            if revoke in (kind, "all"):
                touched += run(f"UPDATE token SET revoked = 1 WHERE kind = '{kind}' AND NOT revoked")  # noqa: S608
        if revoke in ("session", "all"):
            mine = ("user_id = ?", [require_user(world, raw["email"])["id"]]) if "email" in raw else ("1 = 1", [])
            touched += run("DELETE FROM session WHERE 1 = 1", *mine)
        if revoke in ("consent", "all"):
            touched += run("DELETE FROM consent WHERE 1 = 1")
    return {"touched": touched}


def _whose(world: World, raw: dict[str, Any]) -> tuple[str, list[Any]]:
    parts, values = ["1 = 1"], []
    if "email" in raw:
        parts.append("user_id = ?")
        values.append(require_user(world, raw["email"])["id"])
    if "client_id" in raw:
        parts.append("client_id = ?")
        values.append(raw["client_id"])
    return " AND ".join(parts), values
