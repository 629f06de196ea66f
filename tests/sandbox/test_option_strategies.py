"""Orders for several options at once."""

from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.actors import Box, Client
from tests.sandbox.test_option_orders import CALL_200, CALL_210, set_level

CALL_SPREAD = [(CALL_200, "Buy", 1), (CALL_210, "SellShort", 1)]
CREDIT_SPREAD = [(CALL_200, "SellShort", 1), (CALL_210, "Buy", 1)]


@pytest.fixture(autouse=True)
def prices(box: Box) -> None:
    """The options' bid and ask are a cent below and above, or a little more."""
    for symbol, last in (("AAPL", "200.00"), (CALL_200, "4.00"), (CALL_210, "1.00")):
        box.pin(symbol, last)


def strategy(client: Client, *legs: tuple[str, str, int], route: str = "orders", **members: Any) -> dict[str, Any]:
    body = {
        "Symbol": "", "Type": "Limit", "Quantity": 1, "TimeInforce": "Day",
        "Legs": [{"Symbol": symbol, "Side": side, "Quantity": quantity} for symbol, side, quantity in legs],
    } | members  # fmt: skip
    answer = client.send("POST", f"/accounts/{client.account}/{route}", json=body)
    assert answer.status_code == 200, answer.text
    placed: dict[str, Any] = answer.json()
    return placed


def change(client: Client, order: dict[str, Any], **members: Any) -> requests.Response:
    body = {"Id": order["Id"]} | {
        name: float(value) if isinstance(value, Decimal) else value for name, value in members.items()
    }
    return client.send("PUT", f"/accounts/{client.account}/orders/{order['Id']}", json=body)


def statuses(client: Client, order: dict[str, Any]) -> list[str]:
    now = client.order(order)
    return [now["Status"], *(leg["Status"] for leg in now["Legs"])]


class TestStrategy:
    def test_all_legs_trade_at_once_at_the_net_price_or_better(self, trader: Client, box: Box):
        order = strategy(trader, *CALL_SPREAD, Price=2.5, Quantity=2, TimeInforce="GTC")
        assert (order["Status"], [leg["ParentId"] for leg in order["Legs"]]) == ("PendingNew", [order["Id"]] * 2)
        box.advance(60)
        assert statuses(trader, order) == ["New"] * 3
        box.pin(CALL_200, "3.40")
        box.advance(1)
        assert statuses(trader, order) == ["Filled"] * 3
        filled = trader.order(order)
        long, short = filled["Legs"]
        assert filled["AveragePrice"] == long["AveragePrice"] - short["AveragePrice"] <= Decimal("2.5")
        assert (trader.position(CALL_200)["Quantity"], trader.position(CALL_210)["Quantity"]) == (2, -2)

    def test_it_pays_commission_per_trade_once_and_per_contract(self, trader: Client, box: Box):
        before = trader.balances()["cash"]
        strategy(trader, *CALL_SPREAD, Type="Market")
        box.advance(5)
        bought, written = (Decimal(row["Price"]) * 100 for row in box.ledger()["executions"])
        assert before - trader.balances()["cash"] == bought - written + 1 + 2 * Decimal("0.65")

    def test_quantities_with_a_script_mean_nothing_here(self, trader: Client, box: Box):
        box.settings(scripted_quantities=True)
        order = strategy(trader, *CALL_SPREAD, Price=3.1, Quantity=75)
        box.advance(30)
        assert statuses(trader, order) == ["Filled"] * 3

    def test_a_debit_spread_takes_what_it_costs(self, trader: Client, box: Box):
        before = trader.balances()["excess"]
        strategy(trader, *CALL_SPREAD, Price=3.1)
        assert trader.balances()["pendingCash"] == 310 + 1 + Decimal("1.3")
        box.advance(5)
        assert before - trader.balances()["excess"] == pytest.approx(300, abs=10)

    def test_a_credit_spread_takes_the_distance_of_its_strikes_less_the_credit(self, trader: Client, box: Box):
        before = trader.balances()["excess"]
        order = strategy(trader, *CREDIT_SPREAD, Price=2.9)
        assert trader.balances()["pendingCash"] == 1000 - 290 + 1 + Decimal("1.3")
        box.advance(5)
        filled = trader.order(order)
        assert filled["Status"] == "Filled"
        assert filled["AveragePrice"] >= Decimal("2.9")
        assert before - trader.balances()["excess"] == pytest.approx(1000 - 290, abs=10)

    def test_shares_may_be_a_leg(self, investor: Client, box: Box):
        order = strategy(investor, ("AAPL", "Buy", 100), (CALL_210, "SellShort", 1), Price=199.2)
        assert order["Status"] == "PendingNew"
        box.advance(5)
        assert statuses(investor, order) == ["Filled"] * 3
        assert investor.position("AAPL")["Quantity"] == 140

    def test_it_can_be_closed_as_a_whole(self, trader: Client, box: Box):
        strategy(trader, *CALL_SPREAD, Price=3.1)
        box.advance(5)
        order = strategy(trader, (CALL_200, "Sell", 1), (CALL_210, "BuyToCover", 1), Price=2.9)
        box.advance(5)
        assert statuses(trader, order) == ["Filled"] * 3
        assert trader.position(CALL_200)["Quantity"] == trader.position(CALL_210)["Quantity"] == 0

    def test_a_preview_tells_the_net_cost_and_quotes_every_leg(self, trader: Client):
        verdict = strategy(trader, *CALL_SPREAD, Price=3.1, route="preview/orders")
        assert (verdict["IsSuccessful"], verdict["Cost"], verdict["Commission"]) == (True, 310, 2.3)
        assert [quote["Symbol"] for quote in verdict["Quotes"]] == [CALL_200, CALL_210]

    def test_it_can_be_verified(self, trader: Client, box: Box):
        order = strategy(trader, *CALL_SPREAD, Price=1)
        box.advance(1)
        assert trader.get(f"/accounts/6420/verified/orders/{order['Id']}")["IsSuccessful"] is True

    def test_replaced_as_a_whole_it_trades_on_the_new_terms(self, trader: Client, box: Box):
        order = strategy(trader, *CALL_SPREAD, ("AAPL", "Buy", 100), Price=1)
        box.advance(1)
        assert change(trader, order, Price=203.2, Quantity=2).json()["Status"] == "PendingReplace"
        box.advance(5)
        assert statuses(trader, order) == ["Filled"] * 4
        filled = trader.order(order)
        assert [leg["ExecutedQuantity"] for leg in filled["Legs"]] == [2, 2, 200]
        assert (filled["Quantity"], filled["Side"]) == (2, "Buy")
        assert trader.balances()["pendingOrdersCount"] == 0

    def test_what_a_replaced_one_reserves_follows_its_price(self, trader: Client, box: Box):
        order = strategy(trader, *CALL_SPREAD, Price=1)
        box.advance(1)
        change(
            trader,
            order,
            Price=1.5,
            Quantity=3,
            TimeInForce="GTC",
            Legs=[{"Id": order["Legs"][0]["Id"], "Quantity": 1}],
        )
        box.advance(1)
        replaced = trader.order(order)
        assert (replaced["Status"], replaced["Price"], replaced["TimeInForce"]) == (
            "New",
            Decimal("1.5"),
            "GoodTillCancel",
        )
        assert [leg["Quantity"] for leg in replaced["Legs"]] == [3, 3]
        assert trader.balances()["pendingCash"] == 450 + 1 + 6 * Decimal("0.65")

    def test_it_is_not_replaced_by_what_is_refused_nor_a_leg_alone(self, trader: Client, box: Box):
        order = strategy(trader, *CALL_SPREAD, Price=1)
        box.advance(1)
        refused = change(trader, order, Price=1, Quantity=200_000).json()
        assert (refused["Status"], refused["RequestStatus"]) == ("New", "Rejected")
        assert change(trader, order, Price=1, Quantity=Decimal("1.5")).json()["RequestStatus"] == "Rejected"
        assert change(trader, order["Legs"][0], Quantity=2).status_code == 409
        assert change(trader, order, Quantity=1, Legs=[{"Id": 1, "Quantity": 1}]).status_code == 500
        assert trader.order(order)["Price"] == 1

    def test_cancelling_the_head_cancels_its_legs_and_a_leg_alone_cannot_be(self, trader: Client, box: Box):
        order = strategy(trader, *CALL_SPREAD, Price=1)
        box.advance(1)
        assert trader.cancel(order["Legs"][0]) == 409
        assert trader.cancel(order) == 204
        box.advance(1)
        assert statuses(trader, order) == ["Canceled"] * 3
        assert trader.balances()["pendingOrdersCount"] == 0

    def test_it_ends_with_its_options(self, trader: Client, box: Box):
        order = strategy(trader, *CALL_SPREAD, Price=1, TimeInforce="GTC")
        box.control("POST", "clock", {"set": "2026-11-27T18:00:01Z"})
        assert statuses(trader, order) == ["Expired"] * 3

    @pytest.mark.parametrize(
        ("legs", "change", "code"),
        [
            (CALL_SPREAD[:1], {"Price": 1}, "InvalidOrderType"),
            ([CALL_SPREAD[0], ("KO", "Buy", 100)], {"Price": 1}, "InvalidOrderType"),
            ([CALL_SPREAD[0], CALL_SPREAD[0]], {"Price": 1}, "InvalidOrderType"),
            ([(CALL_200, "Buy", 1), ("NOPE", "Buy", 1)], {"Price": 1}, "SymbolNotFound"),
            (CALL_SPREAD, {"Price": 1, "Symbol": "AAPL"}, "InvalidOrderType"),
            (CALL_SPREAD, {"Price": 1, "Type": "Stop"}, "InvalidOrderType"),
            (CALL_SPREAD, {}, "LimitPriceUndefined"),
            (CALL_SPREAD, {"Price": 3.1, "Quantity": 100_000}, "DayTradingBuyingPowerExceeded"),
            ([(CALL_200, "Sell", 1), (CALL_210, "Buy", 1)], {"Price": 3}, "InsufficientShares"),
        ],
    )
    def test_what_is_no_strategy_is_refused_as_a_whole(
        self, trader: Client, legs: list[Any], change: dict[str, Any], code: str
    ):
        order = strategy(trader, *legs, **change)
        assert (order["Status"], order["Description"]) == ("Rejected", code)
        assert {leg["Status"] for leg in order["Legs"]} == {"Rejected"}

    def test_spreads_need_level_three(self, investor: Client, box: Box):
        set_level(box, 2)
        assert strategy(investor, *CALL_SPREAD, Price=3.1)["Description"] == "AccountRestricted"
