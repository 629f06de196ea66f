"""What must be true of an account's orders, whatever broke: AutoShares' own ledger beside our books."""

from decimal import Decimal

from investors.accounts.models import TradingAccount
from tests.trading.engine.conftest import Book
from trading.orders.models import Order, OrderRequest
from trading.orders.states import FINAL, SETTLED, OrderState, RequestState

ENDED = {"Filled", "Canceled", "Rejected", "Expired", "DoneForDay", "Replaced"}


def find_faults(book: Book, account: TradingAccount) -> list[str]:
    """Each broken promise as a sentence; empty when all are kept."""
    theirs = [row for row in book.orders() if row["AccountId"] == account.vendor_account_id]
    ours = list(Order.unscoped.filter(account=account, parent=None))
    return [*_duplicated(theirs), *_lost(theirs, ours), *_unresolved(ours), *_untrue(theirs, ours)]


def _duplicated(theirs: list[dict]) -> list[str]:
    alive = [row for row in theirs if row["Status"] != "Rejected"]
    sent = [row["ClientId"] for row in alive]
    return [f"duplicated: {our_id} {sent.count(our_id)} times" for our_id in set(sent) if sent.count(our_id) > 1]


def _lost(theirs: list[dict], ours: list[Order]) -> list[str]:
    known = {order.vendor_order_id for order in ours}
    return [f"lost: vendor order {row['Id']} ({row['Status']})" for row in theirs if row["Id"] not in known]


def _unresolved(ours: list[Order]) -> list[str]:
    """An intent is settled, or at AutoShares, or visibly unknown with an alarm on its timeline."""
    problems = []
    for order in ours:
        request = OrderRequest.unscoped.filter(order=order, kind=OrderRequest.Kind.PLACE).first()
        if request is None:
            problems.append("a stranger among our orders")
        elif order.state == OrderState.UNKNOWN:
            if not order.events.filter(kind="order.outcome_unknown").exists():
                problems.append("unknown without a word")
        elif order.state == OrderState.RECEIVED or request.state in (RequestState.READY, RequestState.SENDING):
            problems.append(f"stuck as {order.state}, its request {request.state}")
    return problems


def _untrue(theirs: list[dict], ours: list[Order]) -> list[str]:
    """What we show as ended has ended there, and what ended there is shown as ended."""
    by_id = {row["Id"]: row for row in theirs}
    by_client_id = {row["ClientId"]: row for row in theirs}
    problems = []
    for order in ours:
        row = by_id.get(order.vendor_order_id) or by_client_id.get(str(order.client_id))
        lives = row is not None and row["Status"] not in ENDED
        if order.state in SETTLED and lives:
            problems.append(f"shown as {order.state} while it lives")
        if row is not None and not lives and order.state not in FINAL:
            problems.append(f"shown as {order.state}, ended there as {row['Status']}")
        if row is not None and Decimal(row["ExecutedQuantity"]) != order.filled_quantity:
            problems.append(f"filled {order.filled_quantity} here, {row['ExecutedQuantity']} there")
    return problems
