"""All that must survive a restart, in one SQLite file. One process, one connection, one loop: no locks needed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

# Decimals are kept as text: SQLite would turn a NUMERIC column into floats.
sqlite3.register_adapter(Decimal, lambda value: format(value, "f"))
sqlite3.register_converter("DECIMALTEXT", lambda raw: Decimal(raw.decode()))

SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signing_key (kid TEXT PRIMARY KEY, pem TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS app (
    client_id TEXT PRIMARY KEY, name TEXT NOT NULL, host TEXT NOT NULL, client_secret TEXT NOT NULL,
    app_key_secret TEXT NOT NULL UNIQUE, app_key_publishable TEXT NOT NULL,
    redirect_uris TEXT NOT NULL, logout_uris TEXT NOT NULL,
    refresh_enabled INTEGER NOT NULL, rotation INTEGER NOT NULL DEFAULT 0,
    access_ttl_seconds INTEGER NOT NULL DEFAULT 86400, active INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS user (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, login TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    is_demo INTEGER NOT NULL DEFAULT 0, added_ms INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS oauth_request (id TEXT PRIMARY KEY, params TEXT NOT NULL, created_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS session (
    hash TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user, auth_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS consent (
    user_id INTEGER NOT NULL REFERENCES user, client_id TEXT NOT NULL REFERENCES app, scope TEXT NOT NULL,
    PRIMARY KEY (user_id, client_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS code (
    hash TEXT PRIMARY KEY, params TEXT NOT NULL, user_id INTEGER NOT NULL REFERENCES user,
    client_id TEXT NOT NULL REFERENCES app, auth_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS token (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, family TEXT NOT NULL, user_id INTEGER NOT NULL REFERENCES user,
    client_id TEXT NOT NULL REFERENCES app, scope TEXT NOT NULL, auth_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL,
    expires_ms INTEGER, revoked INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS token_family ON token (family);
CREATE INDEX IF NOT EXISTS token_user ON token (user_id);

CREATE TABLE IF NOT EXISTS agreement (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, title TEXT NOT NULL, version TEXT NOT NULL,
    can_skip INTEGER NOT NULL, current INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS user_agreement (
    user_id INTEGER NOT NULL REFERENCES user, agreement_id INTEGER NOT NULL REFERENCES agreement, signed_ms INTEGER,
    PRIMARY KEY (user_id, agreement_id)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY, margin_type TEXT NOT NULL, owner_type TEXT NOT NULL, cash DECIMALTEXT NOT NULL,
    option_level INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'Approved',
    enabled INTEGER NOT NULL DEFAULT 1, restricted INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS account_user (
    account_id INTEGER NOT NULL REFERENCES account, user_id INTEGER NOT NULL REFERENCES user,
    access_type TEXT NOT NULL, alias TEXT, PRIMARY KEY (account_id, user_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS account_user_by_user ON account_user (user_id);
CREATE TABLE IF NOT EXISTS cash_entry (
    id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL, amount DECIMALTEXT NOT NULL, order_id INTEGER);
CREATE INDEX IF NOT EXISTS cash_entry_day ON cash_entry (account_id, at_ms);
CREATE TABLE IF NOT EXISTS position (
    id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, symbol TEXT NOT NULL,
    quantity DECIMALTEXT NOT NULL, cost DECIMALTEXT NOT NULL, realized DECIMALTEXT NOT NULL DEFAULT '0',
    closed_quantity DECIMALTEXT NOT NULL DEFAULT '0', closed_value DECIMALTEXT NOT NULL DEFAULT '0',
    create_ms INTEGER NOT NULL, modify_ms INTEGER NOT NULL, UNIQUE (account_id, symbol));

CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL REFERENCES account,
    user_id INTEGER NOT NULL REFERENCES user, client_id TEXT NOT NULL, sent_client_id TEXT,
    request_id INTEGER NOT NULL, symbol TEXT NOT NULL, security_id INTEGER NOT NULL, side TEXT NOT NULL,
    type TEXT NOT NULL, tif TEXT NOT NULL, quantity DECIMALTEXT NOT NULL, price DECIMALTEXT NOT NULL, comment TEXT,
    exchange TEXT NOT NULL, extended_hours TEXT,
    status TEXT NOT NULL, execution_status TEXT NOT NULL, request_status TEXT NOT NULL, target TEXT NOT NULL,
    executed DECIMALTEXT NOT NULL, executed_value DECIMALTEXT NOT NULL,
    last_price DECIMALTEXT NOT NULL, last_quantity DECIMALTEXT NOT NULL, exec_id TEXT,
    description TEXT, error_code TEXT, error_text TEXT, reserved DECIMALTEXT NOT NULL, late_reject TEXT,
    create_ms INTEGER NOT NULL, date_ms INTEGER NOT NULL, transaction_ms INTEGER NOT NULL, listed_ms INTEGER NOT NULL,
    accept_ms INTEGER NOT NULL, fill_from_ms INTEGER NOT NULL, expire_ms INTEGER, cancel_ms INTEGER,
    due_ms INTEGER);
CREATE INDEX IF NOT EXISTS orders_account ON orders (account_id, id);
CREATE INDEX IF NOT EXISTS orders_open ON orders (account_id) WHERE due_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_open_symbol ON orders (symbol) WHERE due_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_due ON orders (due_ms, id) WHERE due_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_client_id ON orders (account_id, sent_client_id) WHERE sent_client_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS order_event (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, at_ms INTEGER NOT NULL,
    is_request INTEGER NOT NULL, target TEXT NOT NULL, status TEXT NOT NULL, execution_status TEXT NOT NULL,
    request_status TEXT NOT NULL, executed DECIMALTEXT NOT NULL, last_quantity DECIMALTEXT NOT NULL,
    last_price DECIMALTEXT NOT NULL, exec_id TEXT, description TEXT);
CREATE INDEX IF NOT EXISTS order_event_order ON order_event (order_id, id);
CREATE TABLE IF NOT EXISTS execution (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders,
    account_id INTEGER NOT NULL REFERENCES account, symbol TEXT NOT NULL, side TEXT NOT NULL,
    quantity DECIMALTEXT NOT NULL, price DECIMALTEXT NOT NULL, bid DECIMALTEXT NOT NULL, ask DECIMALTEXT NOT NULL,
    commission DECIMALTEXT NOT NULL, realized DECIMALTEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS execution_day ON execution (account_id, at_ms);
CREATE INDEX IF NOT EXISTS execution_order ON execution (order_id);

CREATE TABLE IF NOT EXISTS price_override (
    id INTEGER PRIMARY KEY, symbol TEXT NOT NULL, from_ms INTEGER NOT NULL,
    bid DECIMALTEXT, ask DECIMALTEXT, last DECIMALTEXT, factor REAL NOT NULL);
"""

# Children before their parents; the signing key outlives a reset.
RESET_TABLES = (
    "execution", "order_event", "orders", "position", "cash_entry", "account_user", "account", "user_agreement",
    "agreement", "token", "code", "consent", "session", "oauth_request", "user", "app", "price_override", "setting",
)  # fmt: skip


class State:
    """The connection, transactions and settings. In memory when no path is given."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES)
        self.db.row_factory = sqlite3.Row
        # A crash of the process loses nothing under NORMAL; a crash of the machine may lose the last moments.
        self._forget_other_versions()
        self.db.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
            f"PRAGMA user_version = {SCHEMA_VERSION};" + SCHEMA
        )

    def _forget_other_versions(self) -> None:
        """Start over from a state that other code has written; it is a simulation, there is nothing to migrate."""
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA_VERSION:
            for table in (*RESET_TABLES, "signing_key"):
                self.db.execute(f"DROP TABLE IF EXISTS {table}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Inside another transaction it simply is part of that one."""
        if self.db.in_transaction:
            yield self.db
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return found

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self.db.execute(sql, values).fetchall()

    def insert(self, table: str, **values: object) -> int:
        """Insert one row; the id of it."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        cursor = self.db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names come from our own code
            tuple(values.values()),
        )
        return cursor.lastrowid or 0

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.row("SELECT value FROM setting WHERE name = ?", name)
        return default if found is None else json.loads(found["value"])

    def save_setting(self, name: str, value: Any) -> None:
        self.db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, json.dumps(value)))

    def empty(self) -> None:
        """Forget everything but the signing key. Ids start over, so that the same calls get the same answers."""
        for table in RESET_TABLES:
            self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant of ours
        self.db.execute("DELETE FROM sqlite_sequence")

    def close(self) -> None:
        self.db.close()
