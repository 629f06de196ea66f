"""Previews, verdicts and what a placement answers."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client

# what is asked for -> the code it is refused with
BAD_ORDERS: list[tuple[dict[str, Any], str]] = [
    ({"Symbol": "NOPE"}, "SymbolNotFound"),
    ({"Symbol": None}, "SymbolNotFound"),
    ({"Type": "Limit"}, "LimitPriceUndefined"),
    ({"Type": "Limit", "Price": 0}, "QuotePriceIsInvalid"),
    ({"Type": "Limit", "Price": -5}, "QuotePriceIsInvalid"),
    ({"Type": "Limit", "Price": 10.005}, "QuotePriceIsInvalid"),
    ({"Quantity": 1.5}, "InvalidOrderType"),
    ({"Symbol": "BRK.B", "Quantity": 1.5, "Type": "Limit", "Price": 10}, "InvalidOrderType"),
    ({"Quantity": 1.0000001, "Type": "Limit", "Price": 10}, "InvalidOrderType"),
    ({"Quantity": 1_000_000}, "DayTradingBuyingPowerExceeded"),
    ({"Side": "Sell", "Quantity": 41}, "InsufficientShares"),
    ({"Side": "Sell", "Symbol": "TSLA"}, "InsufficientShares"),
    ({"Side": "SellShort"}, "InvalidOrderType"),  # the account holds some
    ({"Side": "BuyToCover"}, "InsufficientShares"),
    ({"TimeInforce": "GoodTillCancel"}, "InvalidOrderType"),
    ({"TimeInforce": "GoodTillCrossing", "Type": "Limit", "Price": 10}, "InvalidOrderType"),
    ({"TimeInforce": "GoodTillDate", "Type": "Limit", "Price": 10}, "InvalidOrderType"),
    ({"TimeInforce": "FillOrKill", "Type": "Stop", "StopPrice": 10}, "InvalidOrderType"),
    ({"Type": "Stop"}, "QuotePriceIsInvalid"),
    ({"Type": "StopLimit", "StopPrice": 10}, "LimitPriceUndefined"),
    ({"Type": "StopLimit", "Price": 10}, "QuotePriceIsInvalid"),
    ({"Type": "TrailingStop"}, "QuotePriceIsInvalid"),
    (
        {"Type": "TrailingStop", "TrailingStopAmount": 100, "TrailingStopAmountType": "Persentage"},
        "QuotePriceIsInvalid",
    ),
    ({"Type": "TrailingStopLimit", "TrailingStopAmount": 5}, "LimitPriceUndefined"),
    ({"Type": "Pegged"}, "InvalidOrderType"),
    ({"ExtendedHours": "PRE"}, "InvalidOrderType"),
    ({"ExtendedHours": "NIGHT"}, "InvalidOrderType"),
    ({"ExtendedHours": "PRE", "Type": "Limit", "Price": 10}, "MarketClosed"),  # it is ten o'clock
    ({"ExecInst": "FullLiquidation"}, "InvalidOrderType"),
]

# bodies that cannot be understood -> the member that is to blame
UNREADABLE: list[tuple[str, str]] = [
    ('{"Side":"Buy","Quantity":1}', "placeParams.Type"),
    ('{"Type":"Markt","Side":"Buy","Quantity":1}', "placeParams.Type"),
    ('{"Type":"Market","Quantity":1}', "placeParams.Side"),
    ('{"Type":"Market","Side":"Buy"}', "placeParams.Quantity"),
    ('{"Type":"Market","Side":"Buy","Quantity":0}', "placeParams.Quantity"),
    ('{"Type":"Market","Side":"Buy","Quantity":-3}', "placeParams.Quantity"),
    ('{"Type":"Market","Side":"Buy","Quantity":"many"}', "placeParams.Quantity"),
    ('{"Type":"Market","Side":"Buy","Quantity":1e999999}', "placeParams.Quantity"),
    ('{"Type":"Market","Side":"Buy","Quantity":NaN}', "placeParams"),
    ('{"Type":"Market","Side":"Buy","Quantity":1,"TimeInforce":"Someday"}', "placeParams.TimeInforce"),
    ("[]", "placeParams"),
    ("nothing", "placeParams"),
    ("", "placeParams"),
]


class TestPreview:
    def test_it_tells_cost_commission_and_the_quote(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        verdict = investor.preview("AAPL", "Buy", 10)
        assert verdict["IsSuccessful"] is True
        assert verdict["Cost"] == Decimal("1800.10")  # ten at the ask
        assert verdict["Commission"] == verdict["Commissions"]["Per Trade Commission"] == 1
        assert verdict["NetCost"] == verdict["TotalCost"] == Decimal("1801.10")
        assert verdict["MarginChange"] == Decimal("900.05")
        quote = verdict["Quotes"][0]
        assert (quote["Bid"], quote["Ask"], quote["Last"]) == (Decimal("179.99"), Decimal("180.01"), 180)

    def test_it_prices_a_limit_order_at_its_limit_and_a_sale_at_the_bid(self, investor: Client, box: Box):
        box.pin("AAPL", "180.00")
        assert investor.preview("AAPL", "Buy", 10, "170.00")["Cost"] == 1700
        assert investor.preview("AAPL", "Sell", 10)["Cost"] == Decimal("1799.90")

    @pytest.mark.parametrize(("change", "code"), BAD_ORDERS)
    def test_it_refuses_with_the_documented_code(self, investor: Client, change: dict[str, Any], code: str):
        verdict = investor.preview("AAPL", "Buy", 1, **change)
        assert (verdict["IsSuccessful"], verdict["ErrorDescription"]) == (False, code)
        assert verdict["ErrorDescriptionText"].endswith(".")

    def test_it_shows_the_quote_even_when_it_refuses(self, investor: Client):
        assert investor.preview("AAPL", "Buy", 10_000_000)["Quotes"][0]["Symbol"] == "AAPL"

    def test_it_leaves_no_trace(self, investor: Client, box: Box):
        investor.preview("AAPL", "Buy", 1)
        assert box.ledger()["orders"] == []

    def test_it_takes_the_commission_of_the_setting(self, investor: Client, box: Box):
        box.settings(commission="4.95")
        assert investor.preview("AAPL", "Buy", 1)["Commission"] == Decimal("4.95")


class TestLimits:
    def test_they_are_what_a_preview_accepts(self, investor: Client):
        limits = investor.get("/accounts/6412/preview/limits/KO")
        assert limits["SellLimit"] == 100
        assert investor.preview("KO", "Buy", limits["BuyLimit"])["IsSuccessful"] is True
        assert investor.preview("KO", "Buy", limits["BuyLimit"] + 1)["IsSuccessful"] is False

    @pytest.mark.parametrize("price", ["NaN", "1e400", "-1", "cheap"])
    def test_they_refuse_a_price_that_is_none(self, investor: Client, price: str):
        assert investor.send("GET", f"/accounts/6412/preview/limits/KO?price={price}").status_code == 400

    def test_they_take_a_price(self, investor: Client):
        investor.account = 6413
        assert investor.get("/accounts/6413/preview/limits/KO", price="123.99")["BuyLimit"] == 100


class TestPlacing:
    def test_it_answers_at_once_with_the_order_not_yet_accepted(self, investor: Client):
        order = investor.place("AAPL", "Buy", 10, "171.25", ClientId="mine-1", Comment="mine-1")
        assert (order["Status"], order["RequestStatus"], order["Target"]) == ("PendingNew", "RequireValidation", "New")
        assert (order["ClientId"], order["Comment"], order["ParentId"]) == ("mine-1", "mine-1", -1)
        assert order["ExpireDate"] == "2026-11-23T21:00:00.000Z"
        assert "ErrorDescriptionText" not in order

    def test_keys_match_in_any_case_and_short_forms_are_understood(self, investor: Client):
        raw = '{"symbol":"ko","TYPE":"Limit","side":"Buy","quantity":1,"price":50,"timeInForce":"GTC"}'
        order = investor.send("POST", "/accounts/6412/orders", data=raw).json()
        assert (order["Symbol"], order["TimeInForce"]) == ("KO", "GoodTillCancel")
        assert order["ExpireDate"] == "0001-01-01T00:00:00Z"

    @pytest.mark.parametrize(("change", "code"), BAD_ORDERS)
    def test_a_bad_order_is_kept_as_rejected_with_its_reason(
        self, investor: Client, change: dict[str, Any], code: str
    ):
        order = investor.place("AAPL", "Buy", 1, **change)
        assert (order["Status"], order["Description"]) == ("Rejected", code)
        assert order["ErrorDescriptionText"]
        assert investor.order(order)["Status"] == "Rejected"

    @pytest.mark.parametrize(("raw", "member"), UNREADABLE)
    def test_an_unreadable_body_is_a_validation_error(self, investor: Client, box: Box, raw: str, member: str):
        answer = investor.send("POST", "/accounts/6412/orders", data=raw)
        assert answer.status_code == 422
        assert list(answer.json()["ModelState"]) == [member]
        assert box.ledger()["orders"] == []

    def test_the_last_share_of_the_buying_power_can_be_spent_but_not_twice(self, investor: Client):
        limits = investor.get("/accounts/6412/preview/limits/KO", price="70.00")
        assert investor.place("KO", "Buy", limits["BuyLimit"], "70.00")["Status"] == "PendingNew"
        again = investor.place("KO", "Buy", 1, "70.00")
        assert again["Description"] == "DayTradingBuyingPowerExceeded"

    def test_shares_on_sale_cannot_be_sold_twice(self, investor: Client):
        assert investor.place("AAPL", "Sell", 40, "900.00")["Status"] == "PendingNew"
        assert investor.place("AAPL", "Sell", 1, "900.00")["Description"] == "InsufficientShares"

    def test_a_restricted_account_trades_nothing(self, investor: Client, box: Box):
        account = {"id": 6412, "restricted": True}
        box.control("POST", "users", {"email": "investor@demo.test", "accounts": [account]})
        assert investor.place("KO", "Buy", 1)["Description"] == "AccountRestricted"

    def test_a_client_id_is_generated_when_none_is_sent(self, investor: Client):
        assert investor.place("KO", "Buy", 1)["ClientId"].isdigit()

    def test_the_echo_of_the_client_id_can_be_switched_off(self, investor: Client, box: Box):
        box.settings(echo_client_id=False)
        order = investor.place("KO", "Buy", 1, ClientId="mine", Comment="mine")
        assert order["ClientId"] != "mine"
        assert order["Comment"] == "mine"
        assert box.ledger()["orders"][0]["ClientId"] == "mine"

    def test_the_same_client_id_makes_two_orders_unless_the_vendor_deduplicates(self, investor: Client, box: Box):
        first, second = (investor.place("KO", "Buy", 1, ClientId="same") for _ in range(2))
        assert first["Id"] != second["Id"]
        box.settings(deduplicate_client_id=True)
        assert investor.place("KO", "Buy", 1, ClientId="same")["Id"] == first["Id"]
        assert len(box.ledger()["orders"]) == 2
