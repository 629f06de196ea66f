"""Mutual funds: orders of the day, traded in the evening at its price."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client

FUND, SISTER, STRANGER = "VFIAX", "VTSAX", "FXAIX"
UNTIL_EVENING = 8 * 3600  # ten in the morning plus eight hours
NOON_OF_SUNDAY = "2026-11-29T17:00:00Z"


def send(client: Client, kind: str, body: dict[str, Any], *, preview: bool = False, status: int = 200) -> Any:
    path = f"/accounts/{client.account}{'/preview' if preview else ''}/orders/mutual-funds/{kind}"
    answer = client.send("POST", path, json=body)
    assert answer.status_code == status, answer.text
    return json.loads(answer.text, parse_float=Decimal)


def buy(client: Client, dollars: Any = 3000, **more: Any) -> Any:
    return send(client, "buy", {"Symbol": FUND, "Quantity": dollars, "QuantityQualifier": "EvenDollar"} | more)


@pytest.fixture
def holder(investor: Client, box: Box) -> Client:
    """Dana on the morning after she bought the fund for 3,000 dollars."""
    buy(investor)
    box.advance(86_400)
    return investor


def evening_of(box: Box) -> None:
    box.advance(UNTIL_EVENING)


class TestLifeOfAnOrder:
    def test_it_waits_as_new_and_stopped_until_evening(self, investor: Client, box: Box):
        placed = buy(investor)
        assert (placed["Status"], placed["ExecutionStatus"]) == ("PendingNew", "PendingNew")
        assert (placed["Quantity"], placed["ExecutedQuantity"]) == (3000, 0)
        box.advance(60)
        waiting = investor.order(placed)
        assert (waiting["Status"], waiting["ExecutionStatus"]) == ("New", "Stopped")
        box.advance(UNTIL_EVENING - 61)
        assert investor.order(placed)["Status"] == "New"
        box.advance(1)
        assert investor.order(placed)["Status"] == "Filled"

    def test_dollars_buy_parts_of_shares_at_the_price_of_the_evening(self, investor: Client, box: Box):
        before, yesterdays = investor.balances()["cash"], box.price(FUND)["last"]
        placed = buy(investor, 3000)
        evening_of(box)
        price = box.price(FUND)["last"]
        position = investor.position(FUND)
        assert price != yesterdays
        assert investor.order(placed)["LastPrice"] == price
        assert position["Quantity"] == round(3000 / price, 6)
        assert (position["SecurityType"], position["CostBasis"]) == ("MutualFund", 3000)
        assert before - investor.balances()["cash"] == 3001  # with the commission

    def test_an_order_of_money_reserves_it(self, investor: Client):
        before = investor.balances()
        buy(investor, 3000)
        assert before["excess"] - investor.balances()["excess"] == 1501  # a margin account carries half

    def test_it_can_be_cancelled_by_day(self, investor: Client, box: Box):
        placed = buy(investor)
        box.advance(60)
        path = f"/accounts/6412/orders/mutual-funds/{placed['Id']}"
        assert investor.send("DELETE", path).status_code == 204
        assert investor.send("DELETE", path).status_code == 409
        evening_of(box)
        assert investor.order(placed)["Status"] == "Canceled"
        assert investor.position(FUND) is None
        assert investor.send("DELETE", path).status_code == 409

    def test_it_cannot_be_replaced(self, investor: Client, box: Box):
        placed = buy(investor)
        box.advance(60)
        change = {"Id": placed["Id"], "Quantity": 9, "Type": "Limit", "Price": 1, "TimeInForce": "Day"}
        answer = investor.send("PUT", f"/accounts/6412/orders/{placed['Id']}", json=change)
        assert answer.json()["RequestStatus"] == "Rejected"
        box.advance(60)
        assert investor.order(placed)["Type"] == "Market"

    def test_it_stands_in_the_list_of_orders(self, investor: Client):
        placed = buy(investor)
        assert [order["Id"] for order in investor.orders()["Result"]] == [placed["Id"]]

    def test_prices_moved_by_hand_do_not_fill_it_early(self, investor: Client, box: Box):
        placed = buy(investor)
        box.advance(60)
        box.pin(FUND, "600.00")
        box.control("POST", "clock", {"market": "open"})
        box.advance(60)
        assert investor.order(placed)["Status"] == "New"
        box.advance(UNTIL_EVENING)
        assert investor.order(placed)["LastPrice"] == 600


class TestSelling:
    def test_shares_are_sold_for_the_price_of_the_evening(self, holder: Client, box: Box):
        before, held = holder.balances()["cash"], holder.position(FUND)["Quantity"]
        send(holder, "sell", {"Symbol": FUND, "Quantity": 1.5, "QuantityQualifier": "Shares"})
        evening_of(box)
        value = round(Decimal("1.5") * box.price(FUND)["last"], 2)
        assert held - holder.position(FUND)["Quantity"] == Decimal("1.5")
        assert holder.balances()["cash"] - before == value - 1

    def test_an_amount_of_dollars_can_be_sold(self, holder: Client, box: Box):
        before = holder.balances()["cash"]
        send(holder, "sell", {"Symbol": FUND, "Quantity": 1000, "QuantityQualifier": "EvenDollar"})
        evening_of(box)
        assert holder.balances()["cash"] - before == 999

    def test_liquidation_takes_all(self, holder: Client, box: Box):
        placed = send(holder, "liquidate", {"Symbol": FUND})
        assert placed["Quantity"] == holder.position(FUND)["Quantity"]
        evening_of(box)
        assert holder.position(FUND)["Quantity"] == 0

    def test_shares_cannot_be_sold_twice(self, holder: Client):
        send(holder, "liquidate", {"Symbol": FUND})
        refused = send(holder, "sell", {"Symbol": FUND, "Quantity": 1})
        assert (refused["Status"], refused["Description"]) == ("Rejected", "There are not enough shares to sell.")

    def test_an_exchange_swaps_the_whole_position_inside_the_family(self, holder: Client, box: Box):
        before, held = holder.balances()["cash"], holder.position(FUND)["Quantity"]
        send(holder, "exchange", {"SourceSymbol": FUND, "TargetSymbol": SISTER})
        evening_of(box)
        value = round(held * box.price(FUND)["last"], 2)
        assert holder.position(FUND)["Quantity"] == 0
        assert holder.position(SISTER)["CostBasis"] == value
        assert holder.position(SISTER)["Quantity"] == round(value / box.price(SISTER)["last"], 6)
        assert before - holder.balances()["cash"] == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "body", "code"),
        [
            ("buy", {"Symbol": "NOPE", "Quantity": 10}, "SymbolNotFound"),
            ("buy", {"Symbol": "AAPL", "Quantity": 10}, "InvalidOrderType"),
            ("buy", {"Symbol": FUND, "Quantity": 10, "QuantityQualifier": "Shares"}, "InvalidOrderType"),
            ("buy", {"Symbol": FUND, "Quantity": 5_000_000}, "DayTradingBuyingPowerExceeded"),
            ("sell", {"Symbol": FUND, "Quantity": 100}, "InsufficientShares"),
            ("sell", {"Symbol": FUND, "Quantity": 1, "QuantityQualifier": "GrossDollar"}, "InvalidOrderType"),
            ("exchange", {"SourceSymbol": FUND, "TargetSymbol": STRANGER}, "InvalidOrderType"),
            ("exchange", {"SourceSymbol": FUND, "TargetSymbol": FUND}, "InvalidOrderType"),
            ("exchange", {"SourceSymbol": FUND, "TargetSymbol": "KO"}, "SymbolNotFound"),
            ("liquidate", {"Symbol": SISTER}, "InsufficientShares"),
        ],
    )
    def test_preview_and_placement_agree(self, holder: Client, kind: str, body: dict[str, Any], code: str):
        assert send(holder, kind, body, preview=True)["ErrorDescription"] == code
        placed = send(holder, kind, body)
        assert placed["Status"] == "Rejected"
        assert holder.order(placed)["Description"] == code

    @pytest.mark.parametrize("moment", ["2026-11-23T14:29:00Z", "2026-11-23T20:45:00Z", NOON_OF_SUNDAY])
    def test_orders_are_taken_from_the_open_until_the_cut_off(self, investor: Client, box: Box, moment: str):
        box.control("POST", "clock", {"set": moment})
        assert buy(investor)["Status"] == "Rejected"
        assert (
            send(investor, "buy", {"Symbol": FUND, "Quantity": 9}, preview=True)["ErrorDescription"] == "MarketClosed"
        )

    def test_around_the_clock_they_are_taken_at_any_time(self, investor: Client, box: Box):
        box.control("POST", "clock", {"set": NOON_OF_SUNDAY, "market": "around-the-clock"})
        placed = buy(investor)
        box.control("POST", "clock", {"set": "2026-11-30T23:00:00Z"})
        assert investor.order(placed)["Status"] == "Filled"

    def test_a_good_preview_has_nothing_to_say(self, investor: Client):
        assert send(investor, "buy", {"Symbol": FUND, "Quantity": 9}, preview=True) == {"IsSuccessful": True}

    @pytest.mark.parametrize(
        ("kind", "body", "field"),
        [
            ("buy", {"Quantity": 1}, "resource.Symbol"), ("exchange", {"TargetSymbol": "X"}, "resource.SourceSymbol"),
            ("liquidate", {}, "resource.Symbol"), ("sell", {"Symbol": FUND}, "resource.Quantity"),
            ("buy", {"Symbol": FUND, "Quantity": 0}, "resource.Quantity"),
            ("buy", {"Symbol": FUND, "Quantity": 1, "QuantityQualifier": "Euro"}, "resource.QuantityQualifier"),
        ],
    )  # fmt: skip
    def test_what_is_missing_or_makes_no_sense_is_named(
        self, investor: Client, kind: str, body: dict[str, Any], field: str
    ):
        assert list(send(investor, kind, body, status=422)["ModelState"]) == [field]

    def test_an_ordinary_order_cannot_be_cancelled_here(self, investor: Client):
        order = investor.place("KO", "Buy", 1, "50.00")
        assert investor.send("DELETE", f"/accounts/6412/orders/mutual-funds/{order['Id']}").status_code == 409

    @pytest.mark.parametrize(("number", "status"), [("6420", 401), ("7311", 500), ("6412a", 500), ("9" * 30, 500)])
    def test_the_clearing_number_is_that_of_an_own_account(self, investor: Client, number: str, status: int):
        path = f"/accounts/{number}/preview/orders/mutual-funds/liquidate"
        assert investor.send("POST", path, json={"Symbol": FUND}).status_code == status
