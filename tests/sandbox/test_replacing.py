"""Replacing orders, verifying them, and the routes that wait for the venue."""

import time
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client
from tests.sandbox.test_conditional_orders import ENTRY, STOP_LOSS, TAKE_PROFIT, statuses
from tests.sandbox.test_conditional_orders import place as place_conditional


def replace(client: Client, order: dict[str, Any], route: str = "orders", **change: Any) -> Any:
    body = {"Id": order["Id"], "Type": order["Type"], "Quantity": float(order["Quantity"])} | change
    return client.send("PUT", f"/accounts/{client.account}/{route}/{order['Id']}", json=body)


@pytest.fixture
def resting(investor: Client, box: Box) -> dict[str, Any]:
    """A limit order for 10 KO at 50 that works."""
    order = investor.place("KO", "Buy", 10, "50.00", TimeInforce="GTC", ClientId="first")
    box.advance(1)
    return order


class TestReplace:
    def test_it_is_asked_for_then_done_under_the_same_id(self, investor: Client, box: Box, resting: dict[str, Any]):
        asked = replace(investor, resting, Quantity=20, Price=51.5, ClientId="second").json()
        assert (asked["Id"], asked["Status"], asked["Target"], asked["Price"]) == (
            resting["Id"], "PendingReplace", "Modify", 50,
        )  # fmt: skip
        box.advance(1)
        done = investor.order(resting)
        assert (done["Status"], done["ExecutionStatus"], done["RequestStatus"]) == ("New", "Replaced", "Complete")
        assert (done["Quantity"], done["Price"], done["TimeInForce"]) == (20, Decimal("51.5"), "GoodTillCancel")
        assert (done["ClientId"], done["OrigClientId"]) == ("second", "first")
        assert investor.balances()["pendingCash"] == 20 * Decimal("51.5") / 2 + 1

    def test_until_then_the_larger_of_both_is_reserved(self, investor: Client, resting: dict[str, Any]):
        replace(investor, resting, Quantity=20, Price=50)
        assert investor.balances()["pendingCash"] == 501

    def test_its_type_may_change(self, investor: Client, box: Box, resting: dict[str, Any]):
        replace(investor, resting, Type="Market", TimeInForce="Day")
        box.advance(2)
        done = investor.order(resting)
        assert (done["Status"], done["Type"], done["InitialType"]) == ("Filled", "Market", "Limit")

    def test_a_fill_may_come_first(self, investor: Client, box: Box, resting: dict[str, Any]):
        assert replace(investor, resting, Price=49).status_code == 200
        box.pin("KO", "49.50")
        box.advance(1)
        done = investor.order(resting)
        assert (done["Status"], done["Price"], done["AveragePrice"]) == ("Filled", 50, Decimal("49.51"))

    def test_a_part_that_was_filled_counts(self, investor: Client, box: Box):
        box.pin("F", "12.00")
        order = investor.place("F", "Buy", 3000, "12.50")
        box.advance(2)
        executed = investor.order(order)["ExecutedQuantity"]
        assert 0 < executed < 3000
        replace(investor, order, Quantity=3001, Price=11)
        box.advance(1)
        done = investor.order(order)
        assert (done["Status"], done["Quantity"]) == ("PartiallyFilled", 3001)
        assert done["ExecutedQuantity"] + done["LeavesQuantity"] == 3001

    def test_shares_that_somebody_else_claims_meanwhile_are_not_sold_twice(self, investor: Client, box: Box):
        order = investor.place("KO", "Sell", 50, "90.00")
        box.advance(1)
        replace(investor, order, Quantity=100)
        assert investor.place("KO", "Sell", 50, "91.00")["Status"] == "PendingNew"
        box.advance(1)
        refused = investor.order(order)
        assert (refused["Status"], refused["Quantity"], refused["RequestStatus"]) == ("New", 50, "Rejected")

    def test_a_bad_one_leaves_the_order_as_it_is_and_says_why(self, investor: Client, resting: dict[str, Any]):
        refused = replace(investor, resting, Quantity=10**6).json()
        assert (refused["Status"], refused["Quantity"]) == ("New", 10)
        assert (refused["RequestStatus"], refused["Target"]) == ("Rejected", "Reject")
        assert refused["ErrorDescriptionText"] == "Buying power is not sufficient."

    @pytest.mark.parametrize("change", [{"Id": 1}, {"Id": None}, {"Quantity": None}])
    def test_without_the_right_id_or_a_quantity_it_is_an_unexpected_error(
        self, investor: Client, resting: dict[str, Any], change: dict[str, Any]
    ):
        assert replace(investor, resting, **change).status_code == 500

    def test_it_comes_too_late_for_a_final_order(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1)
        box.advance(3)
        assert replace(investor, order).status_code == 409

    def test_one_at_a_time(self, investor: Client, box: Box, resting: dict[str, Any]):
        assert [replace(investor, resting, Price=p).status_code for p in (49, 48)] == [200, 409]
        box.advance(1)
        assert investor.cancel(resting) == 204
        assert replace(investor, resting, Price=47).status_code == 409

    def test_an_unreadable_body_is_a_validation_error(self, investor: Client, resting: dict[str, Any]):
        answer = replace(investor, resting, Type="Markt")
        assert (answer.status_code, list(answer.json()["ModelState"])) == (422, ["modifyParams.Type"])

    def test_its_history_tells_of_it(self, investor: Client, box: Box, resting: dict[str, Any]):
        replace(investor, resting, Price=51)
        box.advance(1)
        rows = investor.get(f"/accounts/6412/orders/{resting['Id']}/details")
        assert [(row["Status"], row["Price"], row["ExecutionTarget"]) for row in rows] == [
            ("PendingNew", 50, "New"), ("New", 50, "New"), ("PendingReplace", 50, "Modify"), ("New", 51, "Modify"),
        ]  # fmt: skip


class TestReplaceOfLegs:
    @pytest.fixture
    def bracket(self, investor: Client, box: Box) -> dict[str, Any]:
        box.pin("TSLA", "400.00")
        order = place_conditional(investor, "OneTriggerOneCancelOther", ENTRY, TAKE_PROFIT, STOP_LOSS)
        box.advance(5)
        return order

    def test_the_head_names_the_legs_that_change(self, investor: Client, box: Box, bracket: dict[str, Any]):
        entry, profit, _ = bracket["Legs"]
        legs = [{"Id": entry["Id"], "Quantity": 10, "Price": 391}, {"Id": profit["Id"], "Quantity": 10, "Price": 430}]
        assert replace(investor, bracket, Quantity=0, Legs=legs).status_code == 200
        assert statuses(investor, bracket)[1:] == ["PendingReplace", "PendingReplace", "Held"]
        box.advance(1)
        now = investor.order(bracket)["Legs"]
        assert [(leg["Status"], leg["Price"]) for leg in now] == [("New", 391), ("Held", 430), ("Held", 0)]

    def test_a_leg_can_be_replaced_by_itself(self, investor: Client, box: Box, bracket: dict[str, Any]):
        box.pin("TSLA", "389.00")
        box.advance(5)
        stop = bracket["Legs"][2]
        assert replace(investor, stop, StopPrice=385).status_code == 200
        box.advance(1)
        assert investor.order(stop)["StopPrice"] == 385
        box.pin("TSLA", "385.00")
        assert statuses(investor, bracket) == ["Filled", "Filled", "Canceled", "Filled"]

    def test_a_sleeping_leg_reserves_nothing_by_it(self, investor: Client, box: Box):
        order = place_conditional(investor, "OneTriggerOther", ENTRY, ENTRY | {"Symbol": "KO", "Price": 50})
        before = investor.balances()["pendingCash"]
        replace(investor, order["Legs"][1], Quantity=1000)
        box.advance(1)
        assert investor.order(order)["Legs"][1]["Quantity"] == 1000
        assert investor.balances()["pendingCash"] == before

    def test_a_leg_of_another_order_is_an_unexpected_error(self, investor: Client, bracket: dict[str, Any]):
        assert replace(investor, bracket, Legs=[{"Id": 1, "Quantity": 1}]).status_code == 500


class TestVerify:
    def test_a_replacement_can_be_tried(self, investor: Client, resting: dict[str, Any]):
        path = f"/accounts/6412/preview/orders/{resting['Id']}"
        good = investor.send("PUT", path, json={"Id": resting["Id"], "Quantity": 20, "Price": 50}).json()
        assert (good["IsSuccessful"], good["OrderId"], good["Cost"]) == (True, resting["Id"], 1000)
        bad = investor.send("PUT", path, json={"Id": resting["Id"], "Quantity": 20, "Type": "Stop"}).json()
        assert (bad["IsSuccessful"], bad["ErrorDescription"]) == (False, "QuotePriceIsInvalid")
        assert investor.order(resting)["Quantity"] == 10

    def test_an_order_is_checked_again(self, investor: Client, box: Box, resting: dict[str, Any]):
        assert investor.get(f"/accounts/6412/verified/orders/{resting['Id']}")["IsSuccessful"] is True
        box.control("POST", "users", {"email": "investor@demo.test", "accounts": [{"id": 6412, "cash": "-200000"}]})
        verdict = investor.get(f"/accounts/6412/verified/orders/{resting['Id']}")
        assert (verdict["IsSuccessful"], verdict["OrderId"]) == (False, resting["Id"])


class TestWaitingForTheVenue:
    def post(self, client: Client, **order: Any) -> dict[str, Any]:
        body = {"Symbol": "KO", "Side": "Buy", "Quantity": 10, "Type": "Limit", "Price": 50} | order
        answer = client.send("POST", "/accounts/6412/syncorders", json=body)
        assert answer.status_code == 200
        placed: dict[str, Any] = answer.json()
        return placed

    def test_a_placement_answers_accepted_even_while_time_stands_still(self, investor: Client):
        order = self.post(investor)
        assert order["Status"] == "New"
        assert investor.get(f"/accounts/6412/syncorders/{order['Id']}")["Status"] == "New"
        listed = investor.get("/accounts/6412/syncorders", pageNumber=0, pageSize=9)
        assert [row["Id"] for row in listed["Result"]] == [order["Id"]]

    def test_it_waits_while_time_runs(self, investor: Client, box: Box):
        box.control("POST", "clock", {"mode": "running"})
        started = time.monotonic()
        assert self.post(investor)["Status"] == "New"
        assert 0.1 < time.monotonic() - started < 3

    def test_a_late_rejection_is_in_the_answer(self, investor: Client, box: Box):
        box.settings(late_reject="InsufficientShares")
        assert self.post(investor)["Status"] == "Rejected"

    def test_a_replacement_and_a_cancellation_are_done_when_they_answer(self, investor: Client):
        order = self.post(investor)
        assert replace(investor, order, "syncorders", Price=51).json()["Price"] == 51
        path = f"/accounts/6412/syncorders/{order['Id']}"
        assert investor.send("DELETE", path).status_code == 204
        assert investor.order(order)["Status"] == "Canceled"
        assert investor.send("DELETE", path).status_code == 409

    def test_previews_are_the_same(self, investor: Client):
        body = {"Symbol": "KO", "Side": "Buy", "Quantity": 10, "Type": "Limit", "Price": 50}
        verdicts = [
            investor.send("POST", f"/accounts/6412/preview/{route}", json=body).json()
            for route in ("orders", "syncorders")
        ]
        assert verdicts[0] == verdicts[1]
