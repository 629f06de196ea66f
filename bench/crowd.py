"""A sandbox with a past: thousands of people, what they traded, and what still waits, straight into its state file.

Everything is a copy of what the sandbox itself made for one person: an order that was filled, with its events,
execution, cash and position, and one that waits at a price that never comes.
"""

import sqlite3
from decimal import Decimal
from pathlib import Path

PEOPLE, ORDERS, OPEN_ORDERS = 20_000, 200_000, 5_000
FIRST_PERSON, FIRST_ACCOUNT, FIRST_ORDER = 1_000_000, 2_000_000, 3_000_000
FIRST_OPEN_ORDER = FIRST_ORDER + ORDERS
PERSON, ACCOUNT = 7313, 6420
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {})"
_OWNER = f"i % {PEOPLE}"
_OWNERS = {"account_id": f"{FIRST_ACCOUNT} + {_OWNER}", "user_id": f"{FIRST_PERSON} + {_OWNER}"}


def fill(state: Path, *, filled: int, waiting: int) -> None:
    """Multiply one person, one account and its two orders of a stopped sandbox. Some seconds.

    The account has no other orders, and no position in the symbol but from the filled one.
    """
    db = sqlite3.connect(state)
    with db:
        told = db.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
        _people(db, filled)
        _past(db, filled)
        _waiting(db, waiting)
        last = FIRST_OPEN_ORDER + OPEN_ORDERS
        db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'orders'", (last,))
        db.execute("DELETE FROM change WHERE id > ?", (told,))  # streams and webhooks have told the past
    db.close()


def _people(db: sqlite3.Connection, filled: int) -> None:
    """Everybody has the cash and the shares that so many orders as the filled one leave."""
    each = ORDERS // PEOPLE
    [[cash]] = db.execute("SELECT cash FROM account WHERE id = ?", (ACCOUNT,))
    spent = sum(Decimal(row[0]) for row in db.execute("SELECT amount FROM cash_entry WHERE order_id = ?", (filled,)))
    multiply(db, PEOPLE, "user", f"id = {PERSON}", id=f"{FIRST_PERSON} + i", email="'p' || i", login="'p' || i")
    multiply(
        db, PEOPLE, "account", f"id = {ACCOUNT}",
        id=f"{FIRST_ACCOUNT} + i", cash=f"'{Decimal(cash) + spent * (each - 1)}'",
        pending_cents=f"iif(i < {OPEN_ORDERS}, pending_cents, 0)", pending_orders=f"i < {OPEN_ORDERS}",
    )  # fmt: skip
    account = {"account_id": f"{FIRST_ACCOUNT} + i"}
    link = f"account_id = {ACCOUNT} AND user_id = {PERSON}"
    multiply(db, PEOPLE, "account_user", link, **account, user_id=f"{FIRST_PERSON} + i")
    multiply(db, PEOPLE, "cash_entry", f"account_id = {ACCOUNT} AND order_id IS NULL", **account, id="NULL")
    [[traded]] = db.execute("SELECT symbol FROM orders WHERE id = ?", (filled,))
    more = {name: f"CAST({name} * iif(symbol = '{traded}', {each}, 1) AS TEXT)" for name in ("quantity", "cost")}
    multiply(db, PEOPLE, "position", f"account_id = {ACCOUNT}", **account, id="NULL", **more)


def _past(db: sqlite3.Connection, filled: int) -> None:
    order_id = f"{FIRST_ORDER} + i"
    multiply_order(db, ORDERS, filled, FIRST_ORDER, **_OWNERS)
    account = {"id": "NULL", "account_id": f"{FIRST_ACCOUNT} + {_OWNER}", "order_id": order_id}
    for table in ("execution", "cash_entry"):
        multiply(db, ORDERS, table, f"order_id = {filled}", **account)


def _waiting(db: sqlite3.Connection, waiting: int) -> None:
    """One for each of the first accounts; nothing is due to happen to them while anybody measures."""
    multiply_order(db, OPEN_ORDERS, waiting, FIRST_OPEN_ORDER, **_OWNERS)


def multiply_order(db: sqlite3.Connection, count: int, template: int, first: int, **owner: str) -> None:
    """The order and its events. `owner`: its account_id and user_id, where they are not the template's."""
    multiply(
        db, count, "orders", f"id = {template}",
        id=f"{first} + i", **owner,
        client_id=f"'past' || ({first} + i)", sent_client_id=f"'past' || ({first} + i)",
        exec_id=f"replace(exec_id, '{template}-', ({first} + i) || '-')",
    )  # fmt: skip
    multiply(
        db, count, "order_event", f"order_id = {template}",
        id="NULL", order_id=f"{first} + i", client_id=f"'past' || ({first} + i)",
        exec_id=f"replace(exec_id, '{template}-', ({first} + i) || '-')",
    )  # fmt: skip


def multiply(db: sqlite3.Connection, count: int, table: str, template: str, **changed: str) -> None:
    """Insert a copy of the template rows for every number `i` below count, with some columns as expressions of it."""
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(name, f"t.{name}") for name in columns)
    # Names and expressions are constants of this module.
    db.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) {_NUMBERS.format(count)}"  # noqa: S608
        f" SELECT {values} FROM n, (SELECT * FROM {table} WHERE {template}) AS t"
    )
