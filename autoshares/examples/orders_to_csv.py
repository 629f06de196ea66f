"""Write every order of every account as CSV, oldest first.

    python -m autoshares.examples.orders_to_csv > orders.csv

The environment says where and who: see signing_in.py. Prices stay exact, times are UTC.
"""

import csv
import sys

from autoshares import Order
from autoshares.examples.signing_in import client_from_environment

COLUMNS = (
    "account",
    "order",
    "created",
    "symbol",
    "side",
    "type",
    "quantity",
    "filled",
    "average",
    "status",
    "reason",
)


def row_of(account: str, order: Order) -> tuple[object, ...]:
    created = order.created_at.isoformat(timespec="seconds") if order.created_at else ""
    asked = (order.symbol, order.side, order.type, order.quantity)
    became = (order.executed_quantity, order.average_price, order.status, order.reason)
    return account, order.id, created, *asked, *became


def main() -> None:
    client = client_from_environment()
    table = csv.writer(sys.stdout)
    table.writerow(COLUMNS)
    for account in client.accounts.of_me():
        for order in client.orders.list(account.id):
            table.writerow(row_of(account.clearing_account, order))


if __name__ == "__main__":
    main()
