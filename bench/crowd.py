"""A sandbox with a past: thousands of people, and orders that have long been filled, straight into its state file."""

import sqlite3
from pathlib import Path

PEOPLE, ORDERS = 20_000, 200_000
FIRST_PERSON, FIRST_ACCOUNT, FIRST_ORDER = 1_000_000, 2_000_000, 3_000_000


def fill(state: Path) -> None:
    """Multiply one person, one account and one order of a stopped sandbox. Some seconds."""
    with sqlite3.connect(state) as db:
        number = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {})"
        people, orders = number.format(PEOPLE), number.format(ORDERS)
        _multiply(db, people, "user", "id = 7313", id=f"{FIRST_PERSON} + i", email="'p' || i", login="'p' || i")
        _multiply(db, people, "account", "id = 6420", id=f"{FIRST_ACCOUNT} + i", pending_cents="0", pending_orders="0")
        _multiply(
            db,
            people,
            "account_user",
            "account_id = 6420 AND user_id = 7313",
            account_id=f"{FIRST_ACCOUNT} + i",
            user_id=f"{FIRST_PERSON} + i",
        )
        done = "id = (SELECT min(id) FROM orders WHERE due_ms IS NULL)"
        owner = f"i % {PEOPLE}"
        _multiply(
            db,
            orders,
            "orders",
            done,
            id=f"{FIRST_ORDER} + i",
            account_id=f"{FIRST_ACCOUNT} + {owner}",
            user_id=f"{FIRST_PERSON} + {owner}",
            client_id="'past' || i",
            sent_client_id="'past' || i",
        )
        db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'orders'", (FIRST_ORDER + ORDERS,))


def _multiply(db: sqlite3.Connection, numbers: str, table: str, template: str, **changed: str) -> None:
    """Insert a copy of the template row for every number `i`, with some columns as expressions of it."""
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(name, name) for name in columns)
    # Names and expressions are constants of this module.
    db.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) {numbers}"  # noqa: S608
        f" SELECT {values} FROM n, (SELECT * FROM {table} WHERE {template})"
    )
