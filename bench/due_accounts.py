"""What the poll asks of the database, in a process with Django: `python -m bench.due_accounts STATE SANDBOX_PORT`.

It prints its figures as JSON. The parent (`bench.polling`) gives it an environment and a database.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.figures import figure  # noqa: E402
from bench.open_orders import EACH, FIRST_ACCOUNT, fill_database, fill_sandbox  # noqa: E402
from bench.sandbox import leave_two_orders, token_of  # noqa: E402
from tests.support.sandboxes import Sandbox  # noqa: E402
from trading.portfolio.models import AccountBook  # noqa: E402
from trading.portfolio.polling import poll_due_accounts  # noqa: E402

DUE = 100  # accounts at each size; the sandbox has no others, since it moves every open order with the price
SIZES = {"1k": 100, "10k": 1_000, "100k": 10_000}  # open orders, and the accounts that have ten of them each


def main(state: str, port: int) -> None:
    sandbox = Sandbox("--market-hours", "around-the-clock", "--state", state, port=port).start()
    sandbox.control("faults", {"settings": {"rate_limits": False}})
    _, waiting = leave_two_orders(sandbox)
    sandbox.stop()
    fill_sandbox(Path(state), DUE, waiting=waiting)
    sandbox.start()
    try:
        sandbox.control("faults", {"settings": {"rate_limits": False}})
        print(json.dumps(_measure(sandbox)))
    finally:
        sandbox.stop()


def _measure(sandbox: Sandbox) -> dict[str, dict[str, object]]:
    figures, filled = {}, 0
    token = token_of(sandbox, "trader@demo.test")
    for size, accounts in SIZES.items():
        fill_database(range(filled, accounts), token=token)
        filled = accounts
        seconds, statements, calls = sorted(_sweep() for _ in range(3))[1]  # the middle one
        note = f"database time of a sweep over {DUE} due accounts, {DUE * EACH:,} of {accounts * EACH:,} open orders"
        figures[f"poll_ms_per_due_order_{size}"] = figure(seconds * 1000 / (DUE * EACH), "ms", note)
    sweep = f"in such a sweep, {EACH} open orders in each account"
    figures["poll_statements_per_due_account"] = figure(statements / DUE, "", sweep)
    figures["poll_calls_per_due_account"] = figure(calls / DUE, "", sweep)
    return figures


def _sweep() -> tuple[float, int, int]:
    """Seconds in the database, statements and calls until nothing is due. Balances are fresh: it is orders alone."""
    now = timezone.now()
    due = AccountBook.unscoped.filter(account__vendor_account_id__range=(FIRST_ACCOUNT, FIRST_ACCOUNT + DUE - 1))
    due.update(next_check_at=now, balances_at=now, positions_at=now)
    spent: list[tuple[str, float]] = []

    def timed(execute: Any, sql: str, *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, *arguments)
        finally:
            spent.append((sql, time.perf_counter() - started))

    with connection.execute_wrapper(timed):
        while AccountBook.unscoped.filter(next_check_at__lte=now).exists():
            poll_due_accounts()
    if failed := AccountBook.unscoped.exclude(error="").count():
        raise RuntimeError(f"{failed} accounts could not be checked")
    calls = sum("autoshares_limit" in sql for sql, _ in spent)  # each asks for leave first
    return sum(seconds for _, seconds in spent), len(spent), calls


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
