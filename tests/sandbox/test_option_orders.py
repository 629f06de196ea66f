"""Orders for options: what they cost, who may write them, what becomes of them at the end."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client

CALL_200 = "AAPL  261127C00200000"  # expires on Friday of the same week, a half day
CALL_210 = "AAPL  261127C00210000"
PUT_200 = "AAPL  261127P00200000"
AFTER_EXPIRATION = "2026-11-27T18:00:01Z"


@pytest.fixture(autouse=True)
def at_200(box: Box) -> None:
    box.pin("AAPL", "200.00")
    for option, last in ((CALL_200, "4.00"), (CALL_210, "1.00"), (PUT_200, "3.00")):
        box.pin(option, last)


def set_level(box: Box, level: int, email: str = "investor@demo.test", account: int = 6412) -> None:
    box.control("POST", "users", {"email": email, "accounts": [{"id": account, "option_level": level}]})


def go_to(box: Box, moment: str) -> None:
    box.control("POST", "clock", {"set": moment})


class TestBuying:
    def test_a_contract_is_a_hundred_shares_and_pays_commission_by_the_contract(self, trader: Client, box: Box):
        verdict = trader.preview(CALL_200, "Buy", 2, "4.10")
        assert verdict["Cost"] == 820
        assert verdict["Commissions"] == {"Per Trade Commission": 1, "Per Contract Commission": Decimal("1.3")}
        assert verdict["InitialMarginRate"] == 1
        before = trader.balances()["cash"]
        order = trader.place(CALL_200, "Buy", 2, "4.10")
        box.advance(5)
        filled = trader.order(order)
        assert (filled["Status"], filled["SecurityType"], filled["UnderlyingSymbol"]) == ("Filled", "Option", "AAPL")
        paid = before - trader.balances()["cash"]
        assert paid == 200 * filled["AveragePrice"] + Decimal("2.30")

    def test_the_position_counts_a_hundredfold(self, trader: Client, box: Box):
        trader.place(CALL_200, "Buy", 2, "4.10")
        box.advance(5)
        position, balances = trader.position(CALL_200), trader.balances()
        assert (position["Quantity"], position["ContractSize"]) == (2, 100)
        assert position["CostBasis"] == 200 * position["AverageOpenPrice"]
        assert (position["UnderlyingStrike"], position["UnderlyingOptionType"]) == (200, "Call")
        assert balances["optionLongMarketValue"] == 800
        assert balances["stockLongMarketValue"] + 800 == balances["marketValue"]
        groups = {row["Name"]: row["MarketValue"] for row in trader.get("/accounts/6420/positions/groups")}
        assert groups["Options"] == 800

    def test_it_needs_level_two(self, investor: Client, box: Box):
        refused = investor.place(CALL_200, "Buy", 1, "4.10")
        assert (refused["Description"], refused["ErrorDescriptionText"]) == (
            "AccountRestricted", "This needs option level 2.",
        )  # fmt: skip
        set_level(box, 2)
        assert investor.place(CALL_200, "Buy", 1, "4.10")["Status"] == "PendingNew"

    def test_the_limits_are_what_a_preview_accepts(self, trader: Client):
        limits = trader.get(f"/accounts/6420/preview/limits/{CALL_200}")
        assert trader.preview(CALL_200, "Buy", limits["BuyLimit"])["IsSuccessful"] is True
        assert trader.preview(CALL_200, "Buy", limits["BuyLimit"] + 1)["IsSuccessful"] is False

    @pytest.mark.parametrize(
        "change",
        [{"Quantity": 0.5}, {"Type": "Stop", "StopPrice": 5}, {"ExtendedHours": "ALL"}, {"TimeInforce": "AtTheClose"}],
    )
    def test_what_options_do_not_trade_by_is_refused(self, trader: Client, change: dict[str, Any]):
        assert trader.place(CALL_200, "Buy", 1, "4.10", **change)["Description"] == "InvalidOrderType"

    def test_an_expired_one_cannot_be_bought(self, trader: Client, box: Box):
        go_to(box, AFTER_EXPIRATION)
        assert trader.place(CALL_200, "Buy", 1, "4.10")["Description"] == "InvalidOrderType"

    def test_an_order_ends_with_its_option(self, trader: Client, box: Box):
        order = trader.place(CALL_200, "Buy", 1, "0.50", TimeInforce="GTC")
        go_to(box, AFTER_EXPIRATION)
        assert trader.order(order)["Status"] == "Expired"


class TestWriting:
    def test_a_covered_call_takes_no_money(self, investor: Client, box: Box):
        investor.place("AAPL", "Buy", 60)
        box.advance(5)
        before = investor.balances()
        order = investor.place(CALL_210, "SellShort", 1, "0.90")
        assert order["Status"] == "PendingNew"
        box.advance(5)
        after = investor.balances()
        assert investor.position(CALL_210)["Quantity"] == -1
        assert after["optionShortMarketValue"] == -100
        assert after["excess"] > before["excess"]

    def test_its_shares_cannot_be_sold_nor_cover_another(self, investor: Client, box: Box):
        investor.place("AAPL", "Buy", 60)
        box.advance(5)
        investor.place(CALL_210, "SellShort", 1, "0.90")
        assert investor.place(CALL_210, "SellShort", 1, "0.90")["Description"] == "AccountRestricted"
        box.advance(5)
        assert investor.place("AAPL", "Sell", 1)["Description"] == "InsufficientShares"

    def test_a_put_is_secured_by_its_strike_in_cash(self, investor: Client, box: Box):
        before = investor.balances()["excess"]
        investor.place(PUT_200, "SellShort", 1, "2.90")
        box.advance(5)
        assert before - investor.balances()["excess"] == pytest.approx(20_000 - 300, abs=5)

    def test_an_uncovered_call_needs_level_four_and_margin(self, trader: Client, box: Box):
        assert trader.place(CALL_210, "SellShort", 1, "0.90")["Description"] == "AccountRestricted"
        set_level(box, 4, "trader@demo.test", 6420)
        before = trader.balances()["excess"]
        trader.place(CALL_210, "SellShort", 1, "0.90")
        box.advance(5)
        # a fifth of the shares, less ten dollars out of the money
        assert before - trader.balances()["excess"] == pytest.approx(100 * (40 - 10), abs=5)

    def test_a_bought_option_covers_a_written_one(self, trader: Client, box: Box):
        trader.place(CALL_200, "Buy", 1, "4.10")
        box.advance(5)
        assert trader.place(CALL_210, "SellShort", 1, "0.90")["Status"] == "PendingNew"
        box.advance(5)
        assert trader.place(CALL_200, "Sell", 1, "3.90")["Description"] == "AccountRestricted"


class TestExpiration:
    def buy(self, client: Client, box: Box, option: str, side: str = "Buy") -> None:
        order = client.place(option, side, 1)
        assert order["Status"] == "PendingNew", order
        box.advance(5)

    def end_at(self, box: Box, last: str) -> None:
        box.pin("AAPL", last)
        go_to(box, AFTER_EXPIRATION)

    def test_in_the_money_it_becomes_shares_at_the_strike(self, trader: Client, box: Box):
        self.buy(trader, box, CALL_200)
        cash, premium = trader.balances()["cash"], trader.position(CALL_200)["CostBasis"]
        self.end_at(box, "205.00")
        assert cash - trader.balances()["cash"] == 20_000
        assert trader.position("AAPL")["Quantity"] == 100
        assert trader.position("AAPL")["AverageOpenPrice"] == 200
        ended = trader.position(CALL_200)
        assert (ended["Quantity"], ended["RealizedProfitLoss"]) == (0, -premium)

    def test_out_of_the_money_it_is_worth_nothing(self, trader: Client, box: Box):
        self.buy(trader, box, CALL_210)
        cash = trader.balances()["cash"]
        self.end_at(box, "205.00")
        assert trader.balances()["cash"] == cash
        assert trader.position("AAPL") is None
        assert trader.position(CALL_210)["Quantity"] == 0

    def test_who_wrote_a_put_gets_the_shares(self, investor: Client, box: Box):
        self.buy(investor, box, PUT_200, "SellShort")
        self.end_at(box, "190.00")
        assert investor.position("AAPL")["Quantity"] == 140
        assert investor.position(PUT_200)["RealizedProfitLoss"] > 0

    def test_it_ends_at_the_close_whoever_looks_whenever(self, trader: Client, box: Box):
        self.buy(trader, box, CALL_200)
        box.pin("AAPL", "205.00")
        go_to(box, "2026-11-27T17:59:59Z")
        assert trader.position(CALL_200)["Quantity"] == 1
        box.advance(1)
        assert trader.position(CALL_200)["Quantity"] == 0


class TestDayTrading:
    def test_what_is_opened_and_closed_on_one_day_is_counted(self, trader: Client, box: Box):
        for side in ("Buy", "Sell"):
            trader.place("KO", side, 10)
            box.advance(5)
        assert trader.balances()["dayTrades"] == 1
        trader.place("XOM", "Sell", 10)  # was held before
        box.advance(5)
        assert trader.balances()["dayTrades"] == 1

    def test_it_counts_for_five_sessions(self, trader: Client, box: Box):
        for side in ("Buy", "Sell"):
            trader.place("KO", side, 10)
            box.advance(5)
        go_to(box, "2026-11-30T15:00:00Z")  # Thanksgiving is none: Mon, Tue, Wed, Fri, Mon
        assert trader.balances()["dayTrades"] == 1
        go_to(box, "2026-12-01T15:00:00Z")
        assert trader.balances()["dayTrades"] == 0

    def test_a_day_traders_buying_power_falls_and_grows_again(self, trader: Client, box: Box):
        account = {"id": 6420, "margin_type": "DayTrader"}
        box.control("POST", "users", {"email": "trader@demo.test", "accounts": [account]})
        go_to(box, "2026-11-24T15:00:00Z")
        box.pin("KO", "70.00")
        morning = trader.balances()["dayTradingBuyingPower"]
        assert morning > 0
        trader.place("KO", "Buy", 100)
        box.advance(5)
        cost = Decimal(box.ledger()["executions"][-1]["Price"]) * 100
        assert morning - trader.balances()["dayTradingBuyingPower"] == cost + 4
        trader.place("KO", "Sell", 100)
        box.advance(5)
        assert morning - trader.balances()["dayTradingBuyingPower"] == 8

    def test_other_margin_accounts_keep_the_mornings_figure_and_cash_accounts_have_none(
        self, investor: Client, box: Box
    ):
        go_to(box, "2026-11-24T15:00:00Z")
        morning = investor.balances()["dayTradingBuyingPower"]
        investor.place("KO", "Buy", 10)
        box.advance(5)
        assert investor.balances()["dayTradingBuyingPower"] == morning > 0
        investor.account = 6413
        assert investor.balances()["dayTradingBuyingPower"] == 0
