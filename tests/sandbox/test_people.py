"""Users, accounts, balances and agreements."""

from decimal import Decimal

import pytest

from tests.sandbox.actors import Box, Client, log_in


class TestAccounts:
    def test_the_list_tells_ids_aliases_and_owners(self, investor: Client):
        accounts = investor.get("/users/@me/accounts")
        assert [(a["Id"], a["Alias"], a["MarginType"]) for a in accounts] == [
            (6412, "Individual", "Margin"),
            (6413, "Roth IRA", "Cash"),
        ]
        assert accounts[0]["Owners"][0]["Email"] == "investor@demo.test"

    def test_a_newcomer_has_none(self, box: Box):
        assert log_in(box, "newcomer@demo.test").get("/users/@me/accounts") == []

    def test_one_account_comes_in_an_array(self, investor: Client):
        assert investor.get("/accounts/6412")[0]["Status"] == "Approved"

    def test_the_opening_record_names_the_provider(self, investor: Client):
        assert investor.get("/accounts/6413/details")["CustomerType"] == "Ira"


class TestBalances:
    def test_they_keep_the_documented_relations(self, investor: Client):
        b = investor.balances()
        assert b["equityTotal"] == b["cash"] + b["marketValue"]
        assert b["excess"] == b["equityTotal"] - b["maintenanceMargin"] - b["pendingCash"]
        assert abs(b["stockBuyingPower"] - b["excess"] / Decimal("0.5")) <= Decimal("0.01")
        assert b["totalPL"] == b["openPL"] + b["closePL"]
        assert b["netLiquidity"] == b["marketValue"] == b["stockLongMarketValue"]
        assert abs(b["openPLPercent"] - b["openPL"] / (b["marketValue"] - b["openPL"]) * 100) < Decimal("0.001")

    def test_a_cash_account_can_spend_its_cash(self, investor: Client):
        investor.account = 6413
        balances = investor.balances()
        assert balances["stockBuyingPower"] == balances["cash"] == Decimal("12400")

    def test_they_agree_with_the_positions(self, investor: Client):
        page = investor.get("/accounts/6412/positions", pageNumber=0, pageSize=99, sortField="Symbol", desc="false")
        assert page["TotalCount"] == 8
        assert sum(p["UnrealizedProfitLoss"] for p in page["Result"]) == investor.balances()["openPL"]
        day = sum(p["CostBasis"] + p["UnrealizedProfitLoss"] - p["MarketValueEOD"] for p in page["Result"])
        assert day == investor.balances()["changeAbsolute"]

    def test_an_open_buy_order_reserves_its_cost(self, investor: Client):
        before = investor.balances()
        investor.place("KO", "Buy", 100, "50.00")
        after = investor.balances()
        assert after["pendingOrdersCount"] == 1
        assert after["pendingCash"] == Decimal("2501.00")
        assert before["stockBuyingPower"] - after["stockBuyingPower"] == Decimal("5002.00")


class TestAgreements:
    def types(self, client: Client) -> list[str]:
        return [agreement["Type"] for agreement in client.get("/users/@me/agreements")]

    def test_the_list_holds_what_is_outstanding(self, investor: Client, trader: Client):
        assert self.types(investor) == ["PlatformAgreement", "MarketDataAgreement", "DayTradingAgreement"]
        assert investor.get("/users/7311/agreements")[0] == {
            "Id": 101,
            "Type": "PlatformAgreement",
            "Title": "Platform Access Agreement",
            "CanSkip": False,
            "Version": "7.1",
        }
        assert [(a["Type"], a["CanSkip"]) for a in trader.get("/users/@me/agreements")] == [
            ("DayTradingAgreement", True)
        ]

    def test_a_signed_one_is_gone_and_may_be_signed_again(self, investor: Client):
        for _ in range(2):
            answer = investor.send("POST", "/users/@me/agreements/101/sign")
            assert (answer.status_code, answer.content) == (200, b"")
        assert "PlatformAgreement" not in self.types(investor)

    def test_an_unknown_one_cannot_be_signed(self, investor: Client):
        answer = investor.send("POST", "/users/@me/agreements/999/sign")
        assert answer.status_code == 422
        assert answer.json()["Message"] == "Validation error occured while processing entity"

    def test_a_new_version_becomes_outstanding_again(self, investor: Client, box: Box):
        investor.send("POST", "/users/@me/agreements/101/sign")
        box.control("POST", "agreements", {"publish": {"type": "PlatformAgreement", "version": "7.2"}})
        again = next(a for a in investor.get("/users/@me/agreements") if a["Type"] == "PlatformAgreement")
        assert (again["Version"], again["Title"]) == ("7.2", "Platform Access Agreement")
        assert again["Id"] != 101

    def test_the_control_plane_decides_for_one_user(self, investor: Client, trader: Client, box: Box):
        box.control("POST", "agreements", {"email": "trader@demo.test", "outstanding": ["MarketDataAgreement"]})
        assert self.types(trader) == ["MarketDataAgreement"]
        assert len(self.types(investor)) == 3

    def test_they_stop_orders_only_when_switched_on(self, investor: Client, box: Box):
        assert investor.place("KO", "Buy", 1)["Status"] == "PendingNew"
        box.settings(enforce_agreements=True)
        refused = investor.place("KO", "Buy", 1)
        assert (refused["Status"], refused["Description"]) == ("Rejected", "AccountRestricted")


class TestSecurities:
    @pytest.mark.parametrize("mask", ["aap", "Apple", "APPLE INC"])
    def test_lookup_finds_by_symbol_and_name_in_any_case(self, investor: Client, mask: str):
        assert investor.get("/equities/lookup", mask=mask, count=5)[0]["Symbol"] == "AAPL"

    def test_lookup_puts_the_exact_symbol_first_and_keeps_to_the_count(self, investor: Client):
        found = investor.get("/equities/lookup", mask="T", count=3)
        assert [found[0]["Symbol"], len(found)] == ["T", 3]

    def test_lookup_takes_a_filter_and_the_old_parameter_name(self, investor: Client):
        found = investor.get("/equities/lookup", symbol="spdr", count=9, filter="Type in ('ETF','MutualFund')")
        assert {equity["Type"] for equity in found} == {"ETF"}

    def test_lookup_needs_its_parameters(self, investor: Client):
        for query in ("mask=a", "count=1"):
            assert investor.send("GET", f"/equities/lookup?{query}").status_code == 404

    def test_one_is_found_by_symbol_and_by_id(self, investor: Client):
        apple = investor.get("/equities/AAPL")
        assert apple["TickSize"] == Decimal("0.01")
        assert investor.get(f"/equities/{apple['Id']}") == apple
        assert investor.get("/equities/brk.b")["Symbol"] == "BRK.B"

    @pytest.mark.parametrize("name", ["NOPE", "0", "99999999999"])
    def test_an_unknown_one_is_not_found(self, investor: Client, name: str):
        assert investor.send("GET", f"/equities/{name}").status_code == 404

    def test_there_are_some_sixty_and_pages_of_them(self, investor: Client):
        page = investor.get("/equities", pageNumber=1, pageSize=20, sortField="Symbol", desc="true")
        assert page["TotalCount"] >= 60
        symbols = [equity["Symbol"] for equity in page["Result"]]
        assert symbols == sorted(symbols, reverse=True)
        assert (len(symbols), page["PreviousPageLink"] != "", page["NextPageLink"] != "") == (20, True, True)

    def test_a_filter_picks_by_symbol(self, investor: Client):
        query = {"pageNumber": 0, "pageSize": 9, "sortField": "Symbol", "desc": "false"}
        page = investor.get("/equities", **query, filter="Symbol in ('KO','PEP','NOPE')")
        assert [equity["Symbol"] for equity in page["Result"]] == ["KO", "PEP"]
