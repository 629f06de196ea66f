"""Accounts: lists of them, several at once, their history, and who may use them how far."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client, log_in

E3 = {"Message": "Authorization has been denied for this request."}
E4 = {"message": "An error occurred while processing your request", "error": "Unexpected server error"}


@pytest.fixture
def administrator(box: Box) -> Client:
    return log_in(box, "admin@demo.test")


class TestLists:
    def ids(self, client: Client, **query: Any) -> list[int]:
        page = client.get("/accounts/all", **{"pageNumber": 0, "pageSize": 99} | query)
        return [account["Id"] for account in page["Result"]]

    def test_an_administrator_sees_all_and_others_their_own(self, administrator: Client, investor: Client):
        assert self.ids(administrator) == [6412, 6413, 6420]
        assert self.ids(investor) == [6412, 6413]
        assert self.ids(investor, mask="robin") == []

    @pytest.mark.parametrize("mask", ["6420", "TRADER@demo", "Robin Vale", "vale"])
    def test_a_mask_looks_at_number_email_and_name(self, administrator: Client, mask: str):
        assert self.ids(administrator, mask=mask) == [6420]

    def test_a_mask_looks_at_the_phone(self, administrator: Client, box: Box):
        box.control("POST", "users", {"email": "investor@demo.test", "phone": "+1 218 555 0142"})
        assert self.ids(administrator, mask="555 0142") == [6412, 6413]

    @pytest.mark.parametrize(
        ("filter", "found"),
        [
            ("MarginType = 'Margin'", [6412, 6420]),
            ("Cash > 20000 and Enabled = true", [6412, 6420]),
            ("Id in (6413, 9)", [6413]),
            ("ClearingAccount startsWith '641'", [6412, 6413]),
            ("CreatedDate < #2020-01-01#", []),
            ("OwnerType contains 'roth'", [6413]),
            ("OwnerType = 0", [6412, 6420]),
            ("OwnerType = 1", []),
            ("ClearingAccount endsWith '13'", [6413]),
            ("ClearingAccount endsWith '%'", []),
            ("ClearingAccount endsWith '641_'", []),
            ("Permissions = 16 and Status = 'Approved' and Currency = 'USD'", [6412, 6413, 6420]),
        ],
    )
    def test_a_filter_picks(self, administrator: Client, filter: str, found: list[int]):
        assert self.ids(administrator, filter=filter) == found

    def test_they_come_sorted_and_in_pages(self, administrator: Client):
        assert self.ids(administrator, propertyName="Cash", isAscending="false") == [6420, 6412, 6413]
        page = administrator.get("/accounts/all", pageNumber=1, pageSize=2)
        assert ([account["Id"] for account in page["Result"]], page["TotalCount"]) == ([6420], 3)
        assert page["NextPageLink"] == ""

    @pytest.mark.parametrize("query", ["filter=Nonsense", "filter=Shoe = 1", "propertyName=Shoe", "pageNumber=-1"])
    def test_nonsense_is_an_invalid_model(self, investor: Client, query: str):
        answer = investor.send("GET", f"/accounts/all?pageSize=9&pageNumber=0&{query}")
        assert answer.status_code == 422

    def test_a_page_has_to_be_asked_for(self, investor: Client):
        assert investor.send("GET", "/accounts/all?pageNumber=0").status_code == 404


class TestSeveralAtOnce:
    def test_balances_are_added_up(self, investor: Client):
        answer = investor.send("POST", "/accounts/balance/consolidated", json=[6412, 6413, 6412])
        assert answer.json()["cash"] == pytest.approx(48250.40 + 12400)

    def test_a_foreign_one_is_denied_and_an_unknown_one_an_error(self, investor: Client):
        for path in ("/accounts/balance/consolidated", "/accounts/history?startDate=2026-11-01&endDate=2026-11-20"):
            assert investor.send("POST", path, json=[6412, 6420]).json() == E3
            assert investor.send("POST", path, json=[6412, 1]).json() == E4
            assert investor.send("POST", path, json={"accountIds": [6412]}).status_code == 422
            assert investor.send("POST", path, json=[True, 2**70]).status_code == 422

    def test_histories_are_added_up(self, investor: Client):
        days = {"startDate": "2026-11-16T00:00:00Z", "endDate": "2026-11-20T23:59:59Z"}
        each = [investor.get(f"/accounts/{account}/history", step=1, **days) for account in (6412, 6413)]
        together = investor.send("POST", "/accounts/history", params=days, json=[6412, 6413]).json()
        assert [point["Date"] for point in together] == [f"2026-11-{day}T00:00:00Z" for day in range(16, 21)]
        for sum_of_both, first, second in zip(together, *each, strict=True):
            assert sum_of_both["Value"] == pytest.approx(float(first["Value"] + second["Value"]))


class TestHistory:
    def curve(self, client: Client, start: str, end: str) -> dict[str, Decimal]:
        points = client.get(f"/accounts/{client.account}/history", startDate=start, endDate=end, step=1)
        return {point["Date"][:10]: point["Value"] for point in points}

    def test_today_is_what_it_is_worth_now(self, investor: Client):
        curve = self.curve(investor, "2026-11-18", "2026-11-30")
        assert list(curve) == ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-23"]
        balances = investor.balances()
        assert curve["2026-11-23"] == balances["equityTotal"]
        assert curve["2026-11-20"] == balances["equityTotal"] - balances["changeAbsolute"]

    def test_the_past_stays_as_it_was_whatever_is_traded(self, investor: Client, box: Box):
        before = self.curve(investor, "2026-11-01", "2026-11-20")
        box.pin("KO", "60.00")
        investor.place("KO", "Buy", 10)
        investor.place("AAPL", "Sell", 40)
        box.advance(10)
        assert self.curve(investor, "2026-11-01", "2026-11-20") == before
        assert self.curve(investor, "2026-11-23", "2026-11-23")["2026-11-23"] == investor.balances()["equityTotal"]

    def test_yesterday_is_remembered_tomorrow(self, investor: Client, box: Box):
        investor.place("KO", "Buy", 10)
        box.advance(6 * 3600)
        closed = investor.balances()["equityTotal"]
        box.advance(18 * 3600)
        investor.place("KO", "Sell", 10)
        box.advance(60)
        assert self.curve(investor, "2026-11-23", "2026-11-23")["2026-11-23"] == closed

    def test_an_option_is_in_it_until_it_expires(self, trader: Client, box: Box):
        call = "AAPL  261127C00200000"  # ends on Friday, a half day
        box.pin("AAPL", "205.00")
        box.pin(call, "6.00")
        trader.place(call, "Buy", 2, "6.10")
        box.advance(6 * 3600)
        monday = trader.balances()["equityTotal"]
        box.control("POST", "clock", {"set": "2026-11-30T15:00:00Z"})
        assert (trader.position("AAPL")["Quantity"], trader.position(call)["Quantity"]) == (200, 0)
        curve = self.curve(trader, "2026-11-23", "2026-11-30")
        assert min(curve) == "2026-11-23"
        assert "2026-11-26" not in curve  # Thanksgiving
        assert (curve["2026-11-23"], curve["2026-11-30"]) == (monday, trader.balances()["equityTotal"])

    def test_it_begins_with_the_account(self, investor: Client):
        curve = self.curve(investor, "1999-01-01", "2026-11-23")
        assert 245 <= len(curve) <= 255
        assert min(curve) == "2025-11-24"

    def test_it_needs_its_parameters_and_dates_that_are_dates(self, investor: Client):
        path = "/accounts/6412/history?startDate=2026-11-01&endDate="
        assert investor.send("GET", f"{path}2026-11-20").status_code == 404
        assert investor.send("GET", f"{path}soon&step=1").status_code == 422
        assert investor.send("GET", f"{path}9999-12-31T23:59:59-14:00&step=1").status_code == 200


class TestBinding:
    def bind(self, client: Client, access: str = "Full", user: Any = 7313, method: str = "PUT") -> Any:
        return client.send(method, f"/accounts/6412/users/{user}?accessType={access}")

    def test_an_administrator_binds_and_unbinds(self, administrator: Client, trader: Client):
        bound = self.bind(administrator)
        assert (bound.status_code, bound.json()["AccountAccessType"]) == (200, "Full")
        assert bound.json()["UserModel"]["UserId"] == 7313
        assert [account["Id"] for account in trader.get("/users/@me/accounts")] == [6412, 6420]
        users = trader.get("/accounts/6412/users")
        assert [(user["UserModel"]["UserId"], user["AccountAccessType"]) for user in users] == [
            (7311, "Owner"), (7313, "Full"),
        ]  # fmt: skip
        left = self.bind(administrator, method="DELETE")
        assert [user["UserModel"]["UserId"] for user in left.json()] == [7311]
        assert trader.send("GET", "/accounts/6412/info").json() == E3

    def test_it_can_be_done_by_name(self, administrator: Client, box: Box):
        answer = administrator.send("PUT", "/accounts/6412/username/sam.okafor?accessType=ReadOnly")
        assert answer.json()["UserModel"]["Email"] == "newcomer@demo.test"
        assert log_in(box, "newcomer@demo.test").get("/accounts/6412/info")["cash"] > 0
        nobody = administrator.send("PUT", "/accounts/6412/username/no/body?accessType=Full")
        assert (nobody.status_code, nobody.json()["IsSucceed"]) == (500, False)

    def test_nobody_else_may(self, investor: Client):
        for method, path in (
            ("PUT", "users/7313?accessType=Full"), ("DELETE", "users/7313"), ("PUT", "username/x?accessType=Full"),
        ):  # fmt: skip
            answer = investor.send(method, f"/accounts/6412/{path}")
            assert (answer.status_code, answer.json()) == (401, E3)

    def test_it_needs_to_know_how_far(self, administrator: Client):
        assert self.bind(administrator, access="Boss").status_code == 422
        assert administrator.send("PUT", "/accounts/6412/users/7313").status_code == 404
        assert self.bind(administrator, user=1).json()["IsSucceed"] is False

    def test_who_may_only_look_can_change_nothing(self, administrator: Client, trader: Client):
        self.bind(administrator, access="ReadOnly")
        trader.account = 6412
        assert trader.balances()["cash"] > 0
        placed = trader.place("KO", "Buy", 1)
        assert (placed["Status"], placed["Description"]) == ("Rejected", "AccountRestricted")
        assert trader.send("DELETE", f"/accounts/6412/orders/{placed['Id']}").json() == E3


class TestAlias:
    def test_everybody_has_names_of_their_own(self, administrator: Client, investor: Client, trader: Client):
        administrator.send("PUT", "/accounts/6412/users/7313?accessType=ReadOnly")
        assert trader.send("PUT", "/accounts/6412/alias/Dana%2Fgrowth%20%E2%98%80").status_code == 200
        assert self.alias(trader) == "Dana/growth ☀"
        assert self.alias(investor) == "Individual"
        assert investor.send("DELETE", "/accounts/6412/alias").status_code == 200
        assert self.alias(investor) is None

    def alias(self, client: Client) -> Any:
        return client.get("/users/@me/accounts")[0].get("Alias")

    def test_it_has_to_be_a_name(self, investor: Client):
        assert investor.send("PUT", "/accounts/6412/alias/%20").status_code == 422


class TestSelection:
    def test_it_is_kept(self, investor: Client, box: Box):
        assert investor.send("PUT", "/accounts/6413/select").status_code == 200
        assert investor.send("PUT", "/accounts/6420/select").json() == E3
        users = box.control("GET", "users")
        assert next(user for user in users if user["id"] == 7311)["selected_account"] == 6413
