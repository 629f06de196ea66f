"""Positions in groups and of several accounts, orders of several accounts, and what settles when."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client

EVERYTHING = {"pageNumber": 0, "pageSize": 99, "sortField": "Symbol", "desc": "false"}


class TestGroups:
    def test_they_add_up_to_the_account(self, investor: Client):
        groups = {row["Name"]: row["MarketValue"] for row in investor.get("/accounts/6412/positions/groups")}
        balances = investor.balances()
        assert groups == {"Equity": balances["marketValue"], "Cash": balances["cash"]}

    def test_the_top_is_sorted_by_value(self, investor: Client):
        top = investor.get("/accounts/6412/positions/top", count=3)
        assert len(top) == 3
        values = [row["MarketValue"] for row in top]
        assert values == sorted(values, reverse=True)
        assert top[0]["Name"] == "VTI"

    def test_a_negative_count_is_nothing(self, investor: Client):
        assert investor.get("/accounts/6412/positions/top", count=-1) == []


class TestSeveralAccounts:
    def post(self, client: Client, route: str, **body: Any) -> Any:
        return client.send("POST", f"/{route}/consolidated", json={"AccountIds": [6412, 6413], **body})

    def test_positions_of_both(self, investor: Client):
        page = self.post(investor, "positions", PageNumber=0, PageSize=5, SortField="Symbol").json()
        assert page["TotalCount"] == 11
        assert [row["Symbol"] for row in page["Result"]] == ["AAPL", "DIS", "F", "GLD", "JPM"]

    def test_orders_of_both(self, investor: Client, box: Box):
        first = investor.place("KO", "Buy", 1, "50.00")
        investor.account = 6413
        second = investor.place("KO", "Buy", 1, "50.00")
        page = self.post(investor, "orders", PageNumber=0, PageSize=10, SortField="Id", Desc=True).json()
        assert [row["Id"] for row in page["Result"]] == [second["Id"], first["Id"]]

    @pytest.mark.parametrize(("accounts", "status"), [([6412, 6420], 401), ([7311], 500), ([], 200)])
    @pytest.mark.parametrize("route", ["orders", "positions"])
    def test_a_foreign_account_denies_all_of_it(self, investor: Client, route: str, accounts: list[int], status: int):
        answer = investor.send("POST", f"/{route}/consolidated", json={"AccountIds": accounts, "PageSize": 5})
        assert answer.status_code == status

    def test_a_filter_may_ask_for_what_only_options_have(self, investor: Client):
        for filter in ("UnderlyingSymbol = 'AAPL'", "Cusip = 'x'"):
            answer = investor.send("GET", "/accounts/6412/positions", params=EVERYTHING | {"filter": filter})
            assert (answer.status_code, answer.json()["Result"]) == (200, [])

    def test_types_have_numbers(self, investor: Client):
        stocks = investor.get("/accounts/6412/positions", **EVERYTHING, filter="SecurityType = 6")["Result"]
        assert {position["SecurityType"] for position in stocks} == {"CommonStock"}

    def test_nobody_can_filter_or_sort_by_what_does_not_exist(self, investor: Client):
        """Not even when nothing is held."""
        for account in (6412, 6413):
            for change in ({"filter": "Shoe = 1"}, {"sortField": "Shoe"}):
                answer = investor.send("GET", f"/accounts/{account}/positions", params=EVERYTHING | change)
                assert answer.status_code == 400

    def test_a_bad_filter_is_an_invalid_request(self, investor: Client):
        answer = investor.send("POST", "/orders/consolidated?filter=Secret=1", json={"AccountIds": [6412]})
        assert answer.status_code == 400


class TestSettlement:
    def account(self, client: Client) -> Any:
        return client.get(f"/accounts/{client.account}")[0]

    def test_what_a_sale_brings_is_settled_a_trading_day_later(self, investor: Client, box: Box):
        investor.account = 6413
        before = self.account(investor)["AvailableToWithdraw"]
        investor.place("VOO", "Sell", 12)
        box.advance(10)
        brought = Decimal(box.ledger()["executions"][0]["Price"]) * 12
        after = self.account(investor)
        assert after["UnsettledCash"] == brought
        assert after["AvailableToWithdraw"] == before - 1
        box.control("POST", "clock", {"set": "2026-11-24T21:00:01Z"})
        settled = self.account(investor)
        assert settled["UnsettledCash"] == 0
        assert settled["AvailableToWithdraw"] == before - 1 + brought

    def test_unsettled_money_buys_at_once(self, investor: Client, box: Box):
        investor.account = 6413
        investor.place("VOO", "Sell", 12)
        box.advance(10)
        cash = investor.balances()["cash"]
        order = investor.place("KO", "Buy", int((cash - 1) // 50), "50.00")
        assert order["Status"] == "PendingNew"
