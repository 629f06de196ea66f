"""Orders, their twins that wait for the venue, and mutual funds."""

from tests.conformance.cast import ACCOUNT, Cast
from tests.conformance.examples.accounts import BOTH
from tests.conformance.examples.example import Example, Maker, after_some_trading, in_turn, of_account, plain
from tests.conformance.examples.tickets import TICKETS, spread

FUND, SISTER_FUND = "VFIAX", "VTSAX"


def _working(cast: Cast) -> Example:
    return Example({"accountId": ACCOUNT, "orderId": cast.working_order()})


def _replace(cast: Cast) -> Example:
    order_id = cast.working_order()
    changed = {
        "Id": order_id, "Type": "Limit", "Quantity": 12, "Price": 55.5, "TimeInForce": "GoodTillCancel",
        "ExtendedHours": "REG",
    }  # fmt: skip
    return Example({"accountId": ACCOUNT, "orderId": order_id}, body=changed)


def _of_fund(body: dict[str, object]) -> Maker:
    return lambda cast: Example({"clearingNumber": str(ACCOUNT)}, body=body)


def _fund_order(cast: Cast) -> int:
    placed = cast.send("POST", f"/accounts/{ACCOUNT}/orders/mutual-funds/buy", BUY_FUND)
    return int(placed["Id"])


def _held_fund(body: dict[str, object]) -> Maker:
    """Of shares bought the day before."""

    def make(cast: Cast) -> Example:
        held = cast.client.get(f"/accounts/{ACCOUNT}/positions/{FUND}")
        if not held or not held[0]["Quantity"]:
            _fund_order(cast)
            cast.box.control("POST", "clock", {"advance": 86_400})
        return Example({"clearingNumber": str(ACCOUNT)}, body=body)

    return make


BUY_FUND: dict[str, object] = {
    "Symbol": FUND, "Quantity": 3000, "QuantityQualifier": "EvenDollar", "ReinvestDividends": True,
    "ReinvestShortTermGains": False, "ReinvestLongTermGains": False,
}  # fmt: skip
SELL_FUND: dict[str, object] = {"Symbol": FUND, "Quantity": 0.5, "QuantityQualifier": "Shares"}
SWAP_FUND: dict[str, object] = {"SourceSymbol": FUND, "TargetSymbol": SISTER_FUND, "ReinvestDividends": False}
LIQUIDATE_FUND: dict[str, object] = {"Symbol": FUND}


def _any_ticket(cast: Cast) -> Example:
    """A market order first, then each kind in its turn."""
    turn = cast.turn(len(TICKETS) + 1)
    body = TICKETS[turn] if turn < len(TICKETS) else spread(cast)
    return Example({"accountId": ACCOUNT}, body=body)


_LIST = {"pageNumber": 0, "pageSize": 20, "sortField": "CreateDate", "desc": "true"}
_LISTS = in_turn(
    of_account(**_LIST),
    of_account(**_LIST, filter="Status in (0,1,2,10)"),
    of_account(**_LIST, filter="CreateDate > #2026-11-01T00:00:00Z# and Symbol = 'KO'"),
)

_ORDERS: dict[str, Maker] = {
    "GET /accounts/{accountId}/orders": after_some_trading(_LISTS),
    "POST /accounts/{accountId}/orders": _any_ticket,
    "GET /accounts/{accountId}/orders/{orderId}": _working,
    "PUT /accounts/{accountId}/orders/{orderId}": _replace,
    "DELETE /accounts/{accountId}/orders/{orderId}": _working,
    "POST /accounts/{accountId}/preview/orders": _any_ticket,
    "PUT /accounts/{accountId}/preview/orders/{orderId}": _replace,
}

EXAMPLES: dict[str, Maker] = {
    **_ORDERS,
    **{label.replace("/orders", "/syncorders"): make for label, make in _ORDERS.items()},
    "GET /accounts/{accountId}/orders/{orderId}/details": lambda cast: Example(
        {"accountId": ACCOUNT, "orderId": cast.filled_order()}
    ),
    "GET /accounts/{accountId}/verified/orders/{orderId}": _working,
    "GET /accounts/{accountId}/preview/limits/{symbol}": of_account(path={"symbol": "KO"}, price=70),
    "POST /orders/consolidated": after_some_trading(plain(body=BOTH)),
    "POST /accounts/{clearingNumber}/orders/mutual-funds/buy": _of_fund(BUY_FUND),
    "POST /accounts/{clearingNumber}/orders/mutual-funds/sell": _held_fund(SELL_FUND),
    "POST /accounts/{clearingNumber}/orders/mutual-funds/exchange": _held_fund(SWAP_FUND),
    "POST /accounts/{clearingNumber}/orders/mutual-funds/liquidate": _held_fund(LIQUIDATE_FUND),
    "POST /accounts/{clearingNumber}/preview/orders/mutual-funds/buy": _of_fund(BUY_FUND),
    "POST /accounts/{clearingNumber}/preview/orders/mutual-funds/sell": _held_fund(SELL_FUND),
    "POST /accounts/{clearingNumber}/preview/orders/mutual-funds/exchange": _held_fund(SWAP_FUND),
    "POST /accounts/{clearingNumber}/preview/orders/mutual-funds/liquidate": _held_fund(LIQUIDATE_FUND),
    "DELETE /accounts/{clearingNumber}/orders/mutual-funds/{orderId}": lambda cast: Example(
        {"clearingNumber": str(ACCOUNT), "orderId": _fund_order(cast)}
    ),
}
