"""Stops, trailing stops, times in force, extended hours, short sales and parts of shares."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client, log_in


def status(client: Client, order: dict[str, Any]) -> str:
    return str(client.order(order)["Status"])


class TestStop:
    def test_a_sale_sleeps_until_the_last_price_falls_to_it_then_takes_the_bid(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place("AAPL", "Sell", 10, Type="Stop", StopPrice="175.00")
        box.advance(60)
        assert status(investor, order) == "New"
        box.pin("AAPL", "175.01", bid="174.00")  # only the bid has fallen
        assert status(investor, order) == "New"
        box.pin("AAPL", "175.00")
        filled = investor.order(order)
        assert (filled["Status"], filled["AveragePrice"]) == ("Filled", Decimal("174.99"))
        assert (filled["InitialType"], filled["Type"], filled["StopPrice"]) == ("Stop", "Market", 175)

    def test_a_purchase_waits_for_the_price_to_rise(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place("AAPL", "Buy", 10, Type="Stop", StopPrice="185.00", TimeInforce="GoodTillCancel")
        box.advance(60)
        assert status(investor, order) == "New"
        box.pin("AAPL", "186.00")
        assert investor.order(order)["AveragePrice"] == Decimal("186.01")

    def test_a_stop_limit_never_sells_below_its_limit(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place("AAPL", "Sell", 10, "174.50", Type="StopLimit", StopPrice="175.00")
        box.advance(60)
        box.pin("AAPL", "170.00")
        box.advance(60)
        waiting = investor.order(order)
        assert (waiting["Status"], waiting["Type"], waiting["InitialType"]) == ("New", "Limit", "StopLimit")
        box.pin("AAPL", "174.51")
        assert investor.order(order)["AveragePrice"] == Decimal("174.50")


class TestTrailingStop:
    def test_the_stop_follows_the_price_up_and_stays_when_it_falls(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place(
            "AAPL", "Sell", 10, Type="TrailingStopLimit", TrailingStopAmountType="Absolute", TrailingStopAmount=5,
            TrailingLimitAmountType="Absolute", TrailingLimitAmount=1,
        )  # fmt: skip
        box.advance(10)
        assert investor.order(order)["StopPrice"] == 175
        box.pin("AAPL", "190.00")
        box.advance(10)
        assert investor.order(order)["StopPrice"] == 185
        box.pin("AAPL", "186.00")
        box.advance(10)
        assert investor.order(order)["StopPrice"] == 185
        box.pin("AAPL", "185.00", bid="183.00")
        triggered = investor.order(order)
        assert (triggered["Status"], triggered["Type"], triggered["Price"]) == ("New", "Limit", 184)
        box.pin("AAPL", "185.00")
        assert status(investor, order) == "Filled"

    def test_it_trails_by_percent_too(self, investor: Client, box: Box):
        box.pin("AAPL", "200.00")
        order = investor.place(
            "AAPL", "Sell", 10, Type="TrailingStop", TrailingStopAmountType="Persentage", TrailingStopAmount=3
        )
        box.advance(10)
        assert investor.order(order)["StopPrice"] == 194
        box.pin("AAPL", "194.00")
        assert investor.order(order)["AveragePrice"] == Decimal("193.99")

    def test_how_often_one_looks_changes_nothing(self, box: Box):
        def fills(steps: list[float]) -> Any:
            box.control("POST", "reset", {"seed": 3, "clock": {"mode": "frozen", "set": "2026-11-23T15:00:00Z"}})
            client = log_in(box, "trader@demo.test", account=6420)
            client.place("TSLA", "Sell", 50, Type="TrailingStop", TrailingStopAmount="1.50")
            for step in steps:
                box.advance(step)
            return box.ledger()["executions"]

        at_once = fills([7200])
        assert at_once
        assert fills([7.7] * 30 + [7200 - 30 * 7.7]) == at_once


class TestTimeInForce:
    def test_immediate_or_cancel_takes_what_is_there_and_cancels_the_rest(self, investor: Client, box: Box):
        box.pin("F", "12.00")
        order = investor.place("F", "Buy", 4000, "12.50", TimeInforce="IOC")
        box.advance(5)
        ended = investor.order(order)
        assert (ended["Status"], ended["TimeInForce"]) == ("Canceled", "ImmediateOrCancel")
        assert 0 < ended["ExecutedQuantity"] < 4000
        assert investor.balances()["pendingCash"] == 0

    @pytest.mark.parametrize(("quantity", "ending"), [(500, "Filled"), (20_000, "Canceled")])
    def test_fill_or_kill_is_all_or_nothing(self, trader: Client, box: Box, quantity: int, ending: str):
        box.pin("F", "12.00")
        order = trader.place("F", "Buy", quantity, "12.50", TimeInforce="FOK")
        box.advance(5)
        ended = trader.order(order)
        assert ended["Status"] == ending
        assert ended["ExecutedQuantity"] in (0, quantity)

    @pytest.mark.parametrize("name", ["GoodTillDate", "GoodTillTime"])
    def test_good_till_date_or_time_expires_then(self, investor: Client, box: Box, name: str):
        order = investor.place("KO", "Buy", 1, "1.00", TimeInforce=name, ExpireDate="2026-11-24T16:00:00Z")
        assert order["TimeInForce"] == name
        assert order["ExpireDate"] == "2026-11-24T16:00:00.000Z"
        box.advance(2 * 24 * 3600)
        ended = investor.order(order)
        assert (ended["Status"], ended["Date"]) == ("Expired", "2026-11-24T16:00:00.000Z")

    @pytest.mark.parametrize(
        "unexplained",
        [
            {"TimeInforce": "GoodTillCrossing"},
            {"TimeInforce": "GoodTillCancelPlus"},
            {"TimeInforce": "GoodTillDatePlus"},
            {"TimeInforce": "GoodTillTime"},  # until when?
            {"Type": "Pegged"},
            {"Type": "External"},
            {"Type": "StagingBlotter"},
            {"ExecInst": "FullLiquidation"},
        ],
    )
    def test_what_nobody_explains_is_refused(self, investor: Client, unexplained: dict[str, str]):
        order = investor.place("KO", "Buy", 1, "1.00", **unexplained)
        assert (order["Status"], order["Description"]) == ("Rejected", "InvalidOrderType")

    def test_a_date_alone_means_the_close_of_that_day(self, investor: Client):
        order = investor.place("KO", "Buy", 1, "1.00", TimeInforce="GoodTillDate", ExpireDate="2026-11-24")
        assert order["ExpireDate"] == "2026-11-24T21:00:00.000Z"

    def test_an_order_for_the_close_trades_in_the_closing_auction(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 300, TimeInforce="AtTheClose")
        box.advance(5 * 3600)
        assert status(investor, order) == "New"
        box.advance(3600)
        assert status(investor, order) == "Filled"
        executions = box.ledger()["executions"]
        assert [row["At"] for row in executions] == ["2026-11-23T21:00:00.000Z"]

    def test_an_order_for_the_open_that_finds_no_price_is_cancelled(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1, "1.00", TimeInforce="AtTheOpening")
        box.advance(24 * 3600)
        ended = investor.order(order)
        assert (ended["Status"], ended["Date"]) == ("Canceled", "2026-11-24T14:30:00.000Z")

    def test_all_or_none_trades_in_one_go(self, investor: Client, box: Box):
        box.pin("F", "12.00")
        investor.place("F", "Buy", 2000, "12.50", ExecInst="AllOrNone")
        box.advance(60)
        assert [row["Quantity"] for row in box.ledger()["executions"]] == ["2000"]

    @pytest.mark.parametrize("steps", [1, 120])
    def test_all_or_none_of_much_waits_until_the_size_is_there(self, investor: Client, box: Box, steps: int):
        box.control("POST", "users", {"email": "investor@demo.test", "accounts": [{"id": 6412, "cash": "1000000"}]})
        box.pin("F", "12.00")
        order = investor.place("F", "Buy", 20_000, "12.50", ExecInst="AllOrNone")
        box.advance(30)
        assert status(investor, order) == "New"
        for _ in range(steps):
            box.advance(120 / steps)
        [execution] = box.ledger()["executions"]
        assert execution["Quantity"] == "20000"
        assert execution["At"] == "2026-11-23T15:00:43.000Z"


class TestExtendedHours:
    @pytest.mark.parametrize(
        ("hours", "moment", "trades_at"),
        [
            ("PRE", "2026-11-23T08:00:00Z", "2026-11-23T09:00:00.000Z"),
            ("POST", "2026-11-23T20:00:00Z", "2026-11-23T21:00:00.000Z"),
            ("REGPRE", "2026-11-23T08:00:00Z", "2026-11-23T09:00:00.000Z"),
            ("ALL", "2026-11-24T03:00:00Z", "2026-11-24T09:00:00.000Z"),
            ("PREPOST", "2026-11-23T16:00:00Z", "2026-11-23T21:00:00.000Z"),
            ("REG", "2026-11-23T08:00:00Z", "2026-11-23T14:30:00.000Z"),
        ],
    )
    def test_an_order_trades_in_its_hours(self, investor: Client, box: Box, hours: str, moment: str, trades_at: str):
        box.control("POST", "clock", {"set": moment})
        investor.place("KO", "Buy", 1, "90.00", ExtendedHours=hours)
        box.advance(8 * 3600)
        assert [row["At"] for row in box.ledger()["executions"]] == [trades_at]

    def test_a_pre_market_order_does_not_carry_into_the_session(self, investor: Client, box: Box):
        box.control("POST", "clock", {"set": "2026-11-23T14:00:00Z"})
        order = investor.place("KO", "Buy", 1, "1.00", ExtendedHours="PRE")
        box.advance(3600)
        assert status(investor, order) == "DoneForDay"

    def test_the_evening_belongs_to_the_day(self, investor: Client):
        order = investor.place("KO", "Buy", 1, "1.00", ExtendedHours="REGPOST")
        assert order["ExpireDate"] == "2026-11-24T01:00:00.000Z"

    def test_prices_move_before_and_after_the_session_but_not_at_night(self, box: Box):
        def moves(moment: str) -> bool:
            box.control("POST", "clock", {"set": moment})
            before = box.control("GET", "prices")
            box.advance(600)
            return bool(box.control("GET", "prices") != before)

        assert moves("2026-11-23T10:00:00Z")
        assert moves("2026-11-23T22:00:00Z")
        assert not moves("2026-11-24T02:00:00Z")


class TestShortSale:
    def test_it_brings_cash_and_a_negative_position(self, investor: Client, box: Box):
        box.pin("TSLA", "400.00")
        before = investor.balances()
        order = investor.place("TSLA", "SellShort", 10)
        assert investor.balances()["pendingCash"] > 0
        box.advance(5)
        assert status(investor, order) == "Filled"
        after, position = investor.balances(), investor.position("TSLA")
        assert after["cash"] - before["cash"] == Decimal("3999.70") - 1
        assert after["stockShortMarketValue"] == -4000
        assert (position["Quantity"], position["AverageOpenPrice"]) == (-10, Decimal("399.97"))
        assert position["MarginType"] == "Short"
        assert before["excess"] - after["excess"] == pytest.approx(2000 + Decimal("1.30"), abs=5)

    def test_covering_realizes_what_the_fall_has_brought(self, investor: Client, box: Box):
        box.pin("TSLA", "400.00")
        investor.place("TSLA", "SellShort", 10)
        box.advance(5)
        box.pin("TSLA", "390.00")
        assert investor.place("TSLA", "BuyToCover", 11)["Description"] == "InsufficientShares"
        investor.place("TSLA", "BuyToCover", 10)
        box.advance(5)
        position = investor.position("TSLA")
        assert position["Quantity"] == 0
        assert position["RealizedProfitLoss"] == 10 * (Decimal("399.97") - Decimal("390.03"))

    def test_nobody_is_long_and_short_at_once(self, investor: Client, box: Box):
        investor.place("TSLA", "SellShort", 10)
        box.advance(5)
        assert investor.place("TSLA", "Buy", 1)["Description"] == "InvalidOrderType"
        assert investor.place("AAPL", "SellShort", 1)["Description"] == "InvalidOrderType"

    def test_a_cash_account_owes_no_shares(self, investor: Client):
        investor.account = 6413
        assert investor.place("TSLA", "SellShort", 1)["Description"] == "InvalidOrderType"


class TestPartsOfShares:
    def test_a_limit_order_buys_them(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        order = investor.place("AAPL", "Buy", "2.5", "181.00")
        box.advance(5)
        assert investor.order(order)["ExecutedQuantity"] == Decimal("2.5")
        assert investor.position("AAPL")["Quantity"] == Decimal("42.5")

    def test_an_amount_of_money_becomes_shares(self, investor: Client, box: Box):
        box.pin("AAPL", "175.50")
        money = {"ExecInst": "CashAmountOrder", "Price": 500, "Type": "Market"}
        verdict = investor.preview("AAPL", "Buy", 500, **money)
        assert verdict["IsSuccessful"] is True
        assert Decimal("499.99") <= verdict["Cost"] <= 500
        order = investor.place("AAPL", "Buy", 500, **money)
        box.advance(5)
        filled = investor.order(order)
        assert filled["ExecutedQuantity"] == Decimal("2.84884")
        assert filled["ExecInst"] == "CashAmountOrder"
