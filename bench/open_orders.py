"""Accounts with ten open orders each: at the sandbox, straight into its state, and in a database of ours."""

import sqlite3
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.db import connection
from django.utils import timezone

from autoshares.enums import OrderStatus
from bench.crowd import ACCOUNT, PERSON, multiply, multiply_order
from brokers.models import Broker
from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.models import Grant
from investors.people import User
from trading.orders.models import Order
from trading.orders.states import OrderState
from trading.portfolio.models import AccountBook

EACH = 10
FIRST_ACCOUNT, FIRST_ORDER = 2_000_000, 3_000_000


def fill_sandbox(state: Path, accounts: int, *, waiting: int) -> None:
    """Multiply one account and its order `waiting` of a stopped sandbox; all accounts belong to one person."""
    db = sqlite3.connect(state)
    with db:
        told = db.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
        account = {"account_id": f"{FIRST_ACCOUNT} + i"}
        multiply(db, accounts, "account", f"id = {ACCOUNT}", id=f"{FIRST_ACCOUNT} + i")
        multiply(db, accounts, "account_user", f"account_id = {ACCOUNT} AND user_id = {PERSON}", **account)
        multiply_order(db, accounts * EACH, waiting, FIRST_ORDER, account_id=f"{FIRST_ACCOUNT} + i / {EACH}")
        db.execute("DELETE FROM change WHERE id > ?", (told,))  # streams and webhooks have told the past
    db.close()


def fill_database(accounts: range, *, token: str) -> None:
    """The same accounts with their orders in our database, an investor for each. `token` may see them all."""
    broker, now = Broker.objects.get(slug="harbor"), timezone.now()
    people = [User(username=f"harbor:bench|{number}", broker=broker) for number in accounts]
    kept = [
        TradingAccount(broker=broker, vendor_account_id=FIRST_ACCOUNT + number, number=str(number))
        for number in accounts
    ]
    grants = [
        Grant(broker=broker, user=user, obtained_at=now, expires_at=now + timedelta(hours=20)) for user in people
    ]
    for grant in grants:
        grant.access_token = token
    links = [
        AccountLink(broker=broker, user=person, account=account, access=AccountLink.Access.OWNER)
        for person, account in zip(people, kept, strict=True)
    ]
    User.objects.bulk_create(people, batch_size=1000)
    TradingAccount.unscoped.bulk_create(kept, batch_size=1000)
    Grant.unscoped.bulk_create(grants, batch_size=1000)
    AccountLink.unscoped.bulk_create(links, batch_size=1000)
    books = [AccountBook(broker=broker, account=account) for account in kept]
    AccountBook.unscoped.bulk_create(books, batch_size=1000)
    _multiply_orders(kept)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _multiply_orders(accounts: list[TradingAccount]) -> None:
    """One order as the sandbox lists them all, copied for each account; then it goes."""
    template = Order.unscoped.create(
        broker_id=accounts[0].broker_id,
        account=accounts[0],
        client_id=uuid.uuid4(),
        symbol="KO",
        side=Order.Side.BUY,
        type=Order.Type.LIMIT,
        time_in_force=Order.TimeInForce.GTC,
        quantity=Decimal(3),
        limit_price=Decimal(20),
        state=OrderState.WORKING,
        vendor_status=OrderStatus.NEW.value,
    )
    changed = {
        "id": "gen_random_uuid()",
        "client_id": "gen_random_uuid()",
        "account_id": "account.id",
        "vendor_order_id": f"{FIRST_ORDER} + (account.vendor_account_id - {FIRST_ACCOUNT}) * {EACH} + place",
    }
    columns = [str(field.column) for field in Order._meta.concrete_fields]
    values = ", ".join(changed.get(name, f"template.{name}") for name in columns)
    with connection.cursor() as cursor:
        # Names and expressions are constants of this module.
        cursor.execute(
            f"INSERT INTO trading_order ({', '.join(columns)}) SELECT {values}"  # noqa: S608
            f" FROM investors_tradingaccount AS account, generate_series(0, {EACH - 1}) AS place,"
            " trading_order AS template WHERE template.id = %s AND account.id = ANY(%s)",
            [template.pk, [account.pk for account in accounts]],
        )
    template.delete()
