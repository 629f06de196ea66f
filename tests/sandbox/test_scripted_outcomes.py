"""Symbols whose orders have a known outcome, and halts."""

import pytest
import requests

from tests.sandbox.actors import Box, Client

REFUSED = {
    "TEST.POWER": "DayTradingBuyingPowerExceeded", "TEST.PRICE": "QuotePriceIsInvalid",
    "TEST.LIMIT": "LimitPriceUndefined", "TEST.SHARES": "InsufficientShares", "TEST.SYMBOL": "SymbolNotFound",
    "TEST.CLOSED": "MarketClosed", "TEST.ACCOUNT": "AccountRestricted", "TEST.NEW": "AccountIsNotApproved",
    "TEST.TYPE": "InvalidOrderType",
}  # fmt: skip


class TestSymbols:
    def test_they_are_listed_but_not_among_real_tickers(self, investor: Client):
        found = investor.get("/equities/lookup", mask="TEST.", count=50)
        assert set(REFUSED) < {security["Symbol"] for security in found}
        assert all(security["Symbol"].startswith("TEST.") for security in found)

    @pytest.mark.parametrize(("symbol", "code"), REFUSED.items())
    def test_each_documented_refusal_has_one(self, investor: Client, symbol: str, code: str):
        assert investor.preview(symbol, "Buy", 1)["ErrorDescription"] == code
        assert investor.place(symbol, "Buy", 1)["Description"] == code

    def test_one_is_rejected_after_a_good_answer(self, investor: Client, box: Box):
        order = investor.place("TEST.LATE", "Buy", 1)
        assert order["Status"] == "PendingNew"
        box.advance(1)
        assert investor.order(order)["Status"] == "Rejected"

    def test_one_is_filled_by_half_and_no_more(self, investor: Client, box: Box):
        order = investor.place("TEST.HALF", "Buy", 51, TimeInforce="GTC", Type="Limit", Price=110)
        box.advance(3 * 24 * 3600)
        half = investor.order(order)
        assert (half["Status"], half["ExecutedQuantity"], half["LeavesQuantity"]) == ("PartiallyFilled", 26, 25)

    def test_one_is_filled_after_half_a_minute(self, investor: Client, box: Box):
        order = investor.place("TEST.SLOW", "Buy", 1)
        box.advance(29)
        assert investor.order(order)["Status"] == "New"
        box.advance(5)
        assert investor.order(order)["Status"] == "Filled"

    def test_one_is_taken_without_an_answer(self, investor: Client, box: Box):
        for route in ("orders", "syncorders"):
            lose_answer(investor, route, symbol="TEST.HANG", quantity=1)
            box.advance(5)
            listed = investor.orders(filter=f"ClientId = '{route}'")["Result"]
            assert [row["Status"] for row in listed] == ["Filled"]


class TestQuantities:
    @pytest.fixture(autouse=True)
    def switched_on(self, box: Box) -> None:
        box.settings(scripted_quantities=True)

    @pytest.mark.parametrize(
        ("quantity", "code"),
        [
            (71, "DayTradingBuyingPowerExceeded"),
            (72, "QuotePriceIsInvalid"),
            (73, "MarketClosed"),
            (74, "AccountRestricted"),
        ],
    )
    def test_some_are_refused(self, investor: Client, quantity: int, code: str):
        assert investor.preview("F", "Buy", quantity)["ErrorDescription"] == code
        assert investor.place("F", "Buy", quantity)["Description"] == code

    def test_one_is_rejected_after_a_good_answer(self, investor: Client, box: Box):
        order = investor.place("F", "Buy", 75)
        assert order["Status"] == "PendingNew"
        box.advance(1)
        assert investor.order(order)["Status"] == "Rejected"

    def test_one_is_filled_by_half_and_no_more(self, investor: Client, box: Box):
        order = investor.place("F", "Buy", 76)
        box.advance(60)
        half = investor.order(order)
        assert (half["Status"], half["ExecutedQuantity"], half["LeavesQuantity"]) == ("PartiallyFilled", 38, 38)

    def test_one_is_filled_after_half_a_minute(self, investor: Client, box: Box):
        order = investor.place("F", "Buy", 77)
        box.advance(29)
        assert investor.order(order)["Status"] == "New"
        box.advance(5)
        assert investor.order(order)["Status"] == "Filled"

    def test_one_is_taken_without_an_answer(self, investor: Client, box: Box):
        lose_answer(investor, "orders", symbol="F", quantity=78)
        box.advance(5)
        assert [row["Status"] for row in investor.orders(filter="ClientId = 'orders'")["Result"]] == ["Filled"]

    def test_one_is_halted_until_the_setting_is_turned_off(self, investor: Client, box: Box):
        order = investor.place("F", "Buy", 79)
        box.advance(60)
        assert investor.order(order)["Status"] == "New"
        box.settings(scripted_quantities=False)
        assert investor.order(order)["Status"] == "Filled"

    @pytest.mark.parametrize("amount", [71, 75, 76, 79])
    def test_an_amount_of_money_is_no_quantity(self, investor: Client, box: Box, amount: int):
        order = investor.place("KO", "Buy", amount, ExecInst="CashAmountOrder")
        box.advance(5)
        assert investor.order(order)["Status"] == "Filled"

    def test_nor_are_the_shares_that_it_buys(self, investor: Client, box: Box):
        box.pin("F", "10.00", bid="10.00", ask="10.00")
        assert investor.preview("F", "Buy", 760, ExecInst="CashAmountOrder")["IsSuccessful"] is True
        order = investor.place("F", "Buy", 760, ExecInst="CashAmountOrder")
        box.advance(60)
        bought = investor.order(order)
        assert (bought["Status"], bought["ExecutedQuantity"]) == ("Filled", 76)

    def test_they_mean_nothing_unless_the_setting_is_on(self, investor: Client, box: Box):
        box.settings(scripted_quantities=False)
        orders = [investor.place("F", "Buy", quantity) for quantity in range(71, 80)]
        box.advance(10)
        assert {investor.order(order)["Status"] for order in orders} == {"Filled"}


def lose_answer(client: Client, route: str, *, symbol: str, quantity: int) -> None:
    """Place an order whose answer does not come; its ClientId is the name of the route."""
    order = {"Symbol": symbol, "Side": "Buy", "Type": "Market", "Quantity": quantity, "ClientId": route}
    with pytest.raises(requests.Timeout):
        client.send("POST", f"/accounts/6412/{route}", json=order, timeout=0.3)


class TestHalt:
    def test_one_symbol_is_halted_until_somebody_lifts_it(self, investor: Client, box: Box):
        order = investor.place("TEST.HALT", "Buy", 1)
        box.advance(60)
        assert investor.order(order)["Status"] == "New"
        assert investor.preview("TEST.HALT", "Buy", 1)["Quotes"][0]["IsHalted"] is True
        box.control("POST", "halts", {"TEST.HALT": False})
        assert investor.order(order)["Status"] == "Filled"

    def test_any_other_can_be_halted_and_reset_forgets_it(self, investor: Client, box: Box):
        order = investor.place("KO", "Buy", 1)
        assert box.control("POST", "halts", {"KO": True}) == ["KO", "TEST.HALT"]
        box.advance(60)
        assert investor.order(order)["Status"] == "New"
        box.control("POST", "reset", {})
        assert box.control("GET", "halts") == ["TEST.HALT"]

    def test_nonsense_is_refused(self, box: Box):
        box.control("POST", "halts", {"NOPE": True}, status=400)
        box.control("POST", "halts", {"KO": "yes"}, status=400)
