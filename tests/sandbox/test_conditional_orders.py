"""Orders that trigger or cancel each other."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client, log_in


def place(client: Client, kind: str, *legs: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"Symbol": "", "Type": kind, "Legs": list(legs)} | more
    answer = client.send("POST", f"/accounts/{client.account}/orders", json=body)
    assert answer.status_code == 200, answer.text
    placed: dict[str, Any] = answer.json()
    return placed


def leg(side: str, kind: str, quantity: Any = 10, symbol: str = "TSLA", **prices: Any) -> dict[str, Any]:
    return {"Symbol": symbol, "Side": side, "Type": kind, "Quantity": quantity, "TimeInforce": "GTC", **prices}


ENTRY = leg("Buy", "Limit", Price=390)
TAKE_PROFIT = leg("Sell", "Limit", Price=420)
STOP_LOSS = leg("Sell", "Stop", StopPrice=380)


def statuses(client: Client, head: dict[str, Any]) -> list[str]:
    """Of the head, then of its legs."""
    now = client.order(head)
    return [now["Status"], *(leg["Status"] for leg in now["Legs"])]


@pytest.fixture
def at_400(box: Box) -> None:
    box.pin("TSLA", "400.00")


@pytest.mark.usefixtures("at_400")
class TestBracket:
    """OneTriggerOneCancelOther: an entry, then a take-profit and a stop-loss."""

    def test_its_legs_are_orders_with_their_head_as_parent(self, investor: Client):
        head = place(investor, "OneTriggerOneCancelOther", ENTRY, TAKE_PROFIT, STOP_LOSS, ClientId="bracket")
        assert (head["Status"], head["Symbol"], head["ParentId"], "Side" in head) == ("PendingNew", "", -1, False)
        assert [leg["Status"] for leg in head["Legs"]] == ["PendingNew", "Held", "Held"]
        assert {leg["ParentId"] for leg in head["Legs"]} == {head["Id"]}
        assert {leg["ParentClientId"] for leg in head["Legs"]} == {"bracket"}
        alone = investor.order(head["Legs"][1])
        assert (alone["ParentId"], alone["ParentClientId"], alone["Legs"]) == (head["Id"], "bracket", [])

    def test_a_list_holds_the_head_and_not_its_legs_again(self, investor: Client):
        head = place(investor, "OneTriggerOneCancelOther", ENTRY, TAKE_PROFIT, STOP_LOSS)
        listed = investor.orders()
        assert [order["Id"] for order in listed["Result"]] == [head["Id"]]
        assert len(listed["Result"][0]["Legs"]) == 3

    def test_the_exits_sleep_until_the_entry_is_filled(self, investor: Client, box: Box):
        head = place(investor, "OneTriggerOneCancelOther", ENTRY, TAKE_PROFIT, STOP_LOSS)
        box.advance(5)
        box.pin("TSLA", "425.00")
        box.advance(60)
        assert statuses(investor, head) == ["New", "New", "Held", "Held"]
        box.pin("TSLA", "389.00")
        assert statuses(investor, head) == ["New", "Filled", "New", "New"]

    @pytest.mark.parametrize(("last", "sold", "legs"), [("421.00", 420, "FC"), ("379.00", 378, "CF")])
    def test_one_exit_fills_and_the_other_is_cancelled(
        self, investor: Client, box: Box, last: str, sold: int, legs: str
    ):
        head = place(investor, "OneTriggerOneCancelOther", ENTRY, TAKE_PROFIT, STOP_LOSS)
        box.advance(5)
        box.pin("TSLA", "389.00")
        box.advance(5)
        box.pin("TSLA", last)
        box.advance(5)
        names = {"F": "Filled", "C": "Canceled"}
        assert statuses(investor, head) == ["Filled", "Filled", *(names[letter] for letter in legs)]
        assert investor.position("TSLA")["Quantity"] == 0
        sale = box.ledger()["executions"][-1]
        assert Decimal(sale["Price"]) // 1 == sold
        assert investor.balances()["pendingOrdersCount"] == 0

    def test_cancelling_the_head_cancels_everything(self, investor: Client, box: Box):
        head = place(investor, "OneTriggerOneCancelOther", ENTRY, TAKE_PROFIT, STOP_LOSS)
        box.advance(5)
        assert investor.cancel(head) == 204
        box.advance(1)
        assert statuses(investor, head) == ["Canceled"] * 4
        balances = investor.balances()
        assert (balances["pendingOrdersCount"], balances["pendingCash"]) == (0, 0)

    def test_cancelling_the_entry_cancels_what_waits_for_it(self, investor: Client, box: Box):
        head = place(investor, "OneTriggerOneCancelOther", ENTRY, TAKE_PROFIT, STOP_LOSS)
        box.advance(5)
        assert investor.cancel(head["Legs"][0]) == 204
        box.advance(1)
        assert statuses(investor, head) == ["Canceled"] * 4

    def test_an_entry_that_ends_half_filled_wakes_exits_for_that_half(self, trader: Client, box: Box):
        box.pin("F", "12.00")
        head = place(
            trader, "OneTriggerOneCancelOther", leg("Buy", "Limit", 4000, "F", Price=13, TimeInforce="IOC"),
            leg("Sell", "Limit", 4000, "F", Price=14), leg("Sell", "Stop", 4000, "F", StopPrice=11),
        )  # fmt: skip
        box.advance(10)
        entry, *exits = trader.order(head)["Legs"]
        assert entry["Status"] == "Canceled"
        assert {leg["Quantity"] for leg in exits} == {entry["ExecutedQuantity"]}
        assert {leg["Status"] for leg in exits} == {"New"}

    def test_it_survives_a_lookless_day_like_one_that_is_watched(self, box: Box):
        def executions(steps: list[float]) -> Any:
            box.control("POST", "reset", {"seed": 5, "clock": {"mode": "frozen", "set": "2026-11-23T15:00:00Z"}})
            last = box.price("TSLA")["last"]
            client = log_in(box, "investor@demo.test")
            bracket = [
                leg("Buy", "Limit", Price=str(last - 1)), leg("Sell", "Limit", Price=str(last + 1)),
                leg("Sell", "TrailingStop", TrailingStopAmount=2),
            ]  # fmt: skip
            place(client, "OneTriggerOneCancelOther", *bracket)
            for step in steps:
                box.advance(step)
            return box.ledger()["executions"]

        at_once = executions([7200])
        assert len(at_once) == 2
        assert executions([3.3] * 40 + [7200 - 132]) == at_once


@pytest.mark.usefixtures("at_400")
class TestPair:
    """OneCancelOther: two exits of what is held."""

    @pytest.fixture
    def pair(self, trader: Client, box: Box) -> dict[str, Any]:
        order = place(
            trader, "OneCancelOther", leg("Sell", "Limit", 50, Price=420), leg("Sell", "Stop", 50, StopPrice=380)
        )
        box.advance(5)
        return order

    def test_both_may_claim_the_same_shares(self, trader: Client, pair: dict[str, Any]):
        assert statuses(trader, pair) == ["New", "New", "New"]
        assert trader.place("TSLA", "Sell", 1, "900.00")["Description"] == "InsufficientShares"

    def test_even_a_price_that_jumps_past_both_fills_only_one(self, trader: Client, box: Box, pair: dict[str, Any]):
        box.control("POST", "prices", {"TSLA": {"last": "379.00", "bid": "430.00", "ask": "431.00"}})
        box.advance(10)
        assert sorted(statuses(trader, pair)[1:]) == ["Canceled", "Filled"]
        assert trader.position("TSLA")["Quantity"] == 0

    def test_one_leg_can_be_cancelled_alone(self, trader: Client, box: Box, pair: dict[str, Any]):
        assert trader.cancel(pair["Legs"][0]) == 204
        box.advance(1)
        assert statuses(trader, pair) == ["New", "Canceled", "New"]
        box.pin("TSLA", "375.00")
        assert statuses(trader, pair) == ["Filled", "Canceled", "Filled"]

    def test_two_purchases_reserve_only_the_dearer(self, trader: Client):
        place(trader, "OneCancelOther", leg("Buy", "Limit", Price=300), leg("Buy", "Stop", StopPrice=500))
        assert trader.balances()["pendingCash"] == 10 * 500 / 2 + 1

    def test_the_rest_of_the_reserve_stays_when_the_dearer_goes(self, trader: Client, box: Box):
        order = place(trader, "OneCancelOther", leg("Buy", "Limit", Price=300), leg("Buy", "Stop", StopPrice=500))
        box.advance(1)
        trader.cancel(order["Legs"][1])
        box.advance(1)
        assert trader.balances()["pendingCash"] == 10 * 300 / 2 + 1

    def test_it_ends_with_the_day_as_a_whole(self, trader: Client, box: Box):
        day = {"TimeInforce": "Day"}
        order = place(
            trader, "OneCancelOther", leg("Sell", "Limit", Price=900) | day, leg("Sell", "Stop", StopPrice=10) | day
        )
        box.advance(7 * 3600)
        assert statuses(trader, order) == ["DoneForDay"] * 3


@pytest.mark.usefixtures("at_400")
class TestTrigger:
    """OneTriggerOther."""

    def test_the_second_leg_may_be_another_symbol(self, investor: Client, box: Box):
        head = place(investor, "OneTriggerOther", ENTRY, leg("Buy", "Market", 1, "KO", TimeInforce="Day"))
        box.advance(5)
        assert statuses(investor, head) == ["New", "New", "Held"]
        box.pin("TSLA", "389.00")
        box.advance(5)
        assert statuses(investor, head) == ["Filled"] * 3

    def test_a_leg_that_the_account_cannot_carry_is_rejected_when_it_wakes(self, investor: Client, box: Box):
        head = place(investor, "OneTriggerOther", ENTRY, leg("Sell", "Limit", 101, "KO", Price=500))
        assert head["Status"] == "PendingNew"
        box.advance(5)
        box.pin("TSLA", "389.00")
        box.advance(5)
        assert statuses(investor, head) == ["Canceled", "Filled", "Rejected"]


BAD_SHAPES: list[tuple[str, list[dict[str, Any]], str]] = [
    ("OneCancelOther", [TAKE_PROFIT], "InvalidOrderType"),
    ("OneCancelOther", [leg("Buy", "Market"), leg("Buy", "Market")], "InvalidOrderType"),
    ("OneTriggerOther", [leg("Buy", "Market", TimeInforce="Day"), STOP_LOSS], "InvalidOrderType"),
    ("OneTriggerOneCancelOther", [ENTRY, TAKE_PROFIT], "InvalidOrderType"),
    ("OneTriggerOneCancelOther", [ENTRY, TAKE_PROFIT, STOP_LOSS | {"Quantity": 9}], "InvalidOrderType"),
    ("OneTriggerOneCancelOther", [ENTRY, TAKE_PROFIT, STOP_LOSS | {"Symbol": "KO"}], "InvalidOrderType"),
    ("OneTriggerOneCancelOther", [ENTRY, leg("Sell", "Limit"), STOP_LOSS], "LimitPriceUndefined"),
    ("OneTriggerOneCancelOther", [ENTRY | {"Quantity": 10**6}, *[TAKE_PROFIT | {"Quantity": 10**6}] * 2],
     "DayTradingBuyingPowerExceeded"),
    ("OneCancelOther", [TAKE_PROFIT, STOP_LOSS], "InsufficientShares"),
]  # fmt: skip


class TestRefusal:
    @pytest.mark.parametrize(("kind", "legs", "code"), BAD_SHAPES)
    def test_one_bad_leg_refuses_the_whole_order(
        self, investor: Client, kind: str, legs: list[dict[str, Any]], code: str
    ):
        head = place(investor, kind, *legs)
        assert (head["Status"], head["Description"]) == ("Rejected", code)
        assert {leg["Status"] for leg in head["Legs"]} == {"Rejected"}
        assert investor.balances()["pendingOrdersCount"] == 0

    def test_a_head_with_a_symbol_is_refused(self, investor: Client):
        assert place(investor, "OneTriggerOther", ENTRY, STOP_LOSS, Symbol="TSLA")["Description"] == "InvalidOrderType"

    def test_a_leg_without_a_type_is_a_validation_error(self, investor: Client):
        body = {"Type": "OneTriggerOther", "Legs": [ENTRY, {"Symbol": "KO", "Side": "Buy", "Quantity": 1}]}
        answer = investor.send("POST", "/accounts/6412/orders", json=body)
        assert (answer.status_code, list(answer.json()["ModelState"])) == (422, ["placeParams.Legs[1].Type"])

    def test_a_late_rejection_takes_all_legs_along(self, investor: Client, box: Box):
        box.settings(late_reject="AccountRestricted")
        head = place(investor, "OneTriggerOneCancelOther", ENTRY, TAKE_PROFIT, STOP_LOSS)
        assert head["Status"] == "PendingNew"
        box.advance(1)
        assert statuses(investor, head) == ["Rejected"] * 4

    def test_a_preview_quotes_every_symbol(self, investor: Client):
        body = {"Symbol": "", "Type": "OneTriggerOther", "Legs": [ENTRY, leg("Buy", "Limit", 1, "KO", Price=50)]}
        verdict = investor.send("POST", "/accounts/6412/preview/orders", json=body).json()
        assert verdict["IsSuccessful"] is True
        assert [quote["Symbol"] for quote in verdict["Quotes"]] == ["TSLA", "KO"]
        assert (verdict["Cost"], verdict["Commission"]) == (3900, 2)
