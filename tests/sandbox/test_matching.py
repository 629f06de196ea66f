"""What becomes of an order: fills, ends of days, cancellations, and what they do to cash and shares."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client, log_in


def cash_of(box: Box, account: int = 6412) -> Decimal:
    return Decimal(next(row["Cash"] for row in box.ledger()["accounts"] if row["Id"] == account))


class TestMarketOrder:
    def test_it_is_accepted_then_filled_at_the_ask(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place("AAPL", "Buy", 10)
        box.advance(0.5)
        assert investor.order(order)["Status"] == "New"
        box.advance(1)
        filled = investor.order(order)
        assert (filled["Status"], filled["ExecutedQuantity"], filled["LeavesQuantity"]) == ("Filled", 10, 0)
        assert filled["AveragePrice"] == filled["LastPrice"] == Decimal("180.01")

    def test_it_moves_cash_shares_and_commission_exactly(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        before = cash_of(box)
        investor.place("AAPL", "Buy", 10)
        box.advance(2)
        assert before - cash_of(box) == Decimal("1801.10")
        position = investor.position("AAPL")
        assert position["Quantity"] == 50
        assert position["CostBasis"] == Decimal("8806.80") + Decimal("1800.10")
        assert position["DayQuantity"] == 10

    def test_a_sale_gets_the_bid_and_realizes_profit_against_the_average_cost(self, investor: Client, box: Box):
        box.pin("AAPL", "300.00")
        before = cash_of(box)
        investor.place("AAPL", "Sell", 15)
        box.advance(2)
        assert cash_of(box) - before == Decimal("15") * Decimal("299.99") - 1
        position = investor.position("AAPL")
        assert position["Quantity"] == 25
        assert position["AverageOpenPrice"] == Decimal("220.17")
        assert position["RealizedProfitLoss"] == Decimal("15") * (Decimal("299.99") - Decimal("220.17"))
        assert investor.balances()["closePL"] == position["RealizedProfitLoss"]

    def test_a_large_one_fills_in_parts_and_pays_commission_once(self, investor: Client, box: Box):
        box.pin("F", "12.00")
        order = investor.place("F", "Buy", 3000)
        box.advance(2)
        part = investor.order(order)
        assert part["Status"] == "PartiallyFilled"
        assert part["ExecutedQuantity"] + part["LeavesQuantity"] == 3000
        box.advance(30)
        assert investor.order(order)["Status"] == "Filled"
        executions = box.ledger()["executions"]
        assert len(executions) > 1
        assert sum(Decimal(row["Quantity"]) for row in executions) == 3000
        assert sum(Decimal(row["Commission"]) for row in executions) == 1

    def test_a_position_that_was_sold_today_stays_visible_until_the_next_session(self, investor: Client, box: Box):
        investor.place("KO", "Sell", 100)
        box.advance(5)
        assert investor.position("KO")["Quantity"] == 0
        box.advance(24 * 3600)
        assert investor.position("KO") is None


class TestLimitOrder:
    def test_it_waits_until_the_ask_comes_to_it(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place("AAPL", "Buy", 10, "175.00")
        box.advance(600)
        assert investor.order(order)["Status"] == "New"
        box.pin("AAPL", "174.50")
        filled = investor.order(order)
        assert (filled["Status"], filled["AveragePrice"]) == ("Filled", Decimal("174.51"))

    def test_a_marketable_one_gets_the_better_price(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place("AAPL", "Buy", 10, "200.00")
        box.advance(2)
        assert investor.order(order)["AveragePrice"] == Decimal("180.01")

    def test_a_sale_waits_for_the_bid(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place("AAPL", "Sell", 10, "180.00")  # the bid is a cent lower
        box.advance(600)
        assert investor.order(order)["Status"] == "New"
        box.pin("AAPL", "180.01")
        assert investor.order(order)["AveragePrice"] == Decimal("180.00")

    def test_it_is_filled_by_a_price_that_walks(self, investor: Client, box: Box):
        limit = box.price("TSLA")["ask"] - 1
        order = investor.place("TSLA", "Buy", 5, str(limit), TimeInforce="GoodTillCancel")
        box.advance(30 * 24 * 3600)
        execution = box.ledger()["executions"][0]
        assert investor.order(order)["Status"] == "Filled"
        assert Decimal(execution["Ask"]) == Decimal(execution["Price"]) <= limit

    def test_the_moment_of_a_fill_does_not_depend_on_who_looks_when(self, box: Box):
        def fills(steps: list[float]) -> Any:
            box.control("POST", "reset", {"seed": 7, "clock": {"mode": "frozen", "set": "2026-11-23T15:00:00Z"}})
            limit = box.price("NVDA")["ask"] - Decimal("0.20")
            log_in(box, "investor@demo.test").place("NVDA", "Buy", 800, str(limit))
            for step in steps:
                box.advance(step)
            return box.ledger()["executions"]

        at_once = fills([3600])
        assert len(at_once) > 1
        assert fills([1.25] * 20 + [3575]) == at_once


class TestMarketHours:
    @pytest.mark.parametrize(
        ("moment", "opens"),
        [
            ("2026-11-21T15:00:00Z", "2026-11-23T14:30:00"),  # Saturday
            ("2026-11-23T22:00:00Z", "2026-11-24T14:30:00"),  # after the close
            ("2026-11-26T15:00:00Z", "2026-11-27T14:30:00"),  # Thanksgiving
            ("2026-11-27T18:30:00Z", "2026-11-30T14:30:00"),  # the half day after it
            ("2026-07-02T21:00:00Z", "2026-07-06T13:30:00"),  # daylight time; Friday is a holiday
        ],
    )
    def test_an_order_outside_hours_waits_for_the_open(self, investor: Client, box: Box, moment: str, opens: str):
        box.control("POST", "clock", {"set": moment})
        order = investor.place("KO", "Buy", 1)
        box.advance(60)
        assert investor.order(order)["Status"] == "New"
        clock = box.control("GET", "clock")
        assert clock["is_open"] is False
        assert clock["next_open"].startswith(opens)
        box.control("POST", "clock", {"set": opens + "Z"})
        box.advance(1)
        assert investor.order(order)["Status"] == "Filled"
        assert box.ledger()["executions"][0]["At"].startswith(opens)

    def test_prices_stand_still_while_it_is_closed(self, box: Box):
        box.control("POST", "clock", {"set": "2026-11-21T15:00:00Z"})
        before = box.control("GET", "prices")
        box.advance(3600)
        assert box.control("GET", "prices") == before

    def test_a_day_order_ends_with_its_session(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1, "1.00")
        box.advance(6 * 3600)
        ended = investor.order(order)
        assert (ended["Status"], ended["Description"]) == ("DoneForDay", "Expired by OMS")
        assert ended["Date"] == ended["ExpireDate"] == "2026-11-23T21:00:00.000Z"
        assert investor.balances()["pendingCash"] == 0

    def test_a_good_till_cancel_order_outlives_it(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1, "1.00", TimeInforce="GoodTillCancel")
        box.advance(10 * 24 * 3600)
        assert investor.order(order)["Status"] == "New"

    def test_around_the_clock_it_trades_on_a_saturday(self, investor: Client, box: Box):
        box.control("POST", "clock", {"set": "2026-11-21T15:00:00Z", "market": "around-the-clock"})
        order = investor.place("KO", "Buy", 1)
        box.advance(2)
        assert investor.order(order)["Status"] == "Filled"

    def test_around_the_clock_a_day_order_lives_an_hour_at_least(self, investor: Client, box: Box):
        box.control("POST", "clock", {"set": "2026-11-23T20:30:00Z", "market": "around-the-clock"})
        order = investor.place("KO", "Buy", 1, "1.00")
        assert order["ExpireDate"].startswith("2026-11-24T21:00:00")

    def test_a_market_closed_by_hand_trades_nothing(self, investor: Client, box: Box):
        box.control("POST", "clock", {"market": "closed"})
        order = investor.place("KO", "Buy", 1)
        box.advance(3600)
        assert investor.order(order)["Status"] == "New"
        box.control("POST", "clock", {"market": "open"})
        assert investor.order(order)["Status"] == "Filled"


class TestCancel:
    def test_it_is_asked_for_then_done(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 100, "50.00")
        box.advance(1)
        assert investor.cancel(order) == 204
        assert investor.order(order)["Status"] == "PendingCancel"
        box.advance(1)
        assert investor.order(order)["Status"] == "Canceled"
        assert investor.balances()["pendingCash"] == 0

    def test_it_works_before_the_order_is_accepted(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1, "50.00")
        assert investor.cancel(order) == 204
        box.advance(1)
        assert investor.order(order)["Status"] == "Canceled"

    def test_it_comes_too_late_for_a_final_order(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1)
        box.advance(3)
        assert investor.cancel(order) == 409
        assert investor.order(order)["Status"] == "Filled"

    def test_it_is_refused_the_second_time(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1, "50.00")
        assert [investor.cancel(order), investor.cancel(order)] == [204, 409]

    def test_what_was_filled_before_stays_filled(self, investor: Client, box: Box):
        box.pin("F", "12.00")
        order = investor.place("F", "Buy", 4000, "12.50")
        box.advance(2)
        executed = investor.order(order)["ExecutedQuantity"]
        assert 0 < executed < 4000
        investor.cancel(order)
        box.advance(5)
        canceled = investor.order(order)
        assert canceled["Status"] == "Canceled"
        assert canceled["ExecutedQuantity"] >= executed
        assert investor.position("F")["Quantity"] == 400 + canceled["ExecutedQuantity"]

    def test_an_unknown_order_is_an_unexpected_error(self, investor: Client):
        assert investor.cancel({"Id": 1}) == 500


class TestHistory:
    def test_it_tells_every_step_in_order(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1, ClientId="mine")
        box.advance(3)
        rows = investor.get(f"/accounts/6412/orders/{order['Id']}/details")
        assert [(row["Status"], row["IsRequest"]) for row in rows] == [
            ("PendingNew", True),
            ("New", False),
            ("Filled", False),
        ]
        assert rows[-1]["ExecutedQuantity"] == 1
        assert [row["Date"] for row in rows] == sorted(row["Date"] for row in rows)
        assert {row["ClientId"] for row in rows} == {"mine"}
