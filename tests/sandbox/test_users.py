"""Users: who they are, what they say about themselves, how they like to trade."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client, log_in

E3 = {"Message": "Authorization has been denied for this request."}


@pytest.fixture
def administrator(box: Box) -> Client:
    return log_in(box, "admin@demo.test")


class TestLookup:
    def find(self, client: Client, email: str) -> Any:
        return client.send("POST", "/users/info", json={"email": email})

    def test_one_finds_oneself_by_email(self, investor: Client):
        assert self.find(investor, "Investor@demo.test").json()["UserId"] == 7311

    def test_others_are_found_by_an_administrator_alone(self, investor: Client, administrator: Client):
        for email in ("trader@demo.test", "nobody@demo.test"):
            assert (self.find(investor, email).status_code, self.find(investor, email).json()) == (401, E3)
        assert self.find(administrator, "trader@demo.test").json()["Login"] == "robin.vale"
        assert self.find(administrator, "nobody@demo.test").json()["IsSucceed"] is False

    def test_an_administrator_reads_everybody(self, administrator: Client):
        assert administrator.get("/users/7313/info")["FirstName"] == "Robin"
        assert administrator.get("/users/@me/info")["UserId"] == 7301

    @pytest.mark.parametrize("path", ["info", "balance-info", "settings/trading", "exchanges", "addresses"])
    def test_nobody_else_reads_anything(self, investor: Client, path: str):
        answer = investor.send("GET", f"/users/7313/{path}")
        assert (answer.status_code, answer.json()) == (401, E3)
        nobody = investor.send("GET", f"/users/-5/{path}")
        assert (nobody.status_code, nobody.json()["IsSucceed"]) == (500, False)


class TestBalancesTogether:
    def test_amounts_are_added_up_and_percentages_worked_out_anew(self, investor: Client):
        accounts = [investor.get(f"/accounts/{account}/info") for account in (6412, 6413)]
        together = investor.get("/users/@me/balance-info")
        assert together.keys() == accounts[0].keys()
        for name in ("cash", "equityTotal", "stockBuyingPower", "changeAbsolute", "pendingOrdersCount"):
            assert together[name] == sum(account[name] for account in accounts)
        before = together["equityTotal"] - together["changeAbsolute"]
        assert abs(together["changePercent"] - together["changeAbsolute"] / before * 100) < Decimal("0.001")

    def test_those_without_an_account_have_none(self, box: Box):
        assert log_in(box, "newcomer@demo.test").get("/users/@me/balance-info") == {}


class TestTradingSettings:
    PATH = "/users/@me/settings/trading"

    def test_they_begin_with_the_vendors_defaults(self, investor: Client):
        settings = investor.get(self.PATH)
        assert settings["Instruments"]["Stocks"]["Quantity"] == 100
        assert (settings["SkipVerifyOrder"], settings["MaxOptionsQuantity"]) == ("Show", 99)

    def test_they_are_replaced_as_a_whole_and_kept_per_user(self, investor: Client, trader: Client):
        changed = investor.get(self.PATH) | {"SkipVerifyOrder": "DoNotShow", "MaxStocksQuantity": 500}
        changed["Instruments"]["Options"]["Spreads"] = 3
        answer = investor.send("PUT", self.PATH, json=changed)
        assert (answer.status_code, answer.json()) == (200, changed)
        assert investor.get(self.PATH) == changed
        assert trader.get(self.PATH)["SkipVerifyOrder"] == "Show"
        investor.send("PUT", self.PATH, json={"maxStocksQuantity": 7})
        again = investor.get(self.PATH)
        assert (again["MaxStocksQuantity"], again["SkipVerifyOrder"]) == (7, "Show")

    @pytest.mark.parametrize("body", [[], "text", {"MaxStocksQuantity": "many"}, {"MaxStocksQuantity": 2**40}])
    def test_nonsense_is_refused(self, investor: Client, body: Any):
        answer = investor.send("PUT", self.PATH, json=body)
        assert answer.status_code == 422
        assert next(iter(answer.json()["ModelState"])).startswith("tradingSettings")


class TestProfile:
    def test_only_what_is_said_changes(self, investor: Client):
        answer = investor.send(
            "PATCH", "/users/@me", json={"Middle": "Q", "Suffix": "Jr", "Address": {"City": "Ely", "State": 23}}
        )
        assert answer.status_code == 200
        changed = answer.json()
        assert (changed["FirstName"], changed["Middle"], changed["Suffix"]) == ("Dana", "Q", "Jr")
        assert (changed["Address"]["City"], changed["Address"]["PostalCode"]) == ("Ely", "55802")
        info = investor.get("/users/@me/info")
        assert (info["MiddleName"], info["Suffix"]) == ("Q", "Jr")

    @pytest.mark.parametrize("body", [{"Suffix": "Duke"}, {"FirstName": " "}, {"Address": {"State": "MN"}}, []])
    def test_nonsense_is_refused(self, investor: Client, body: Any):
        assert investor.send("PATCH", "/users/@me", json=body).status_code == 422

    def test_an_address_is_put_as_a_whole(self, investor: Client):
        address = {
            "StreetAddress1": "12 Pier Road", "City": "Duluth", "State": 24, "PostalCode": "55802", "CountryId": 1,
        }  # fmt: skip
        assert investor.send("PUT", "/users/@me/addresses", json=address | {"City": ""}).status_code == 422
        assert investor.send("PUT", "/users/@me/addresses", json=address).status_code == 200
        assert investor.get("/users/7311/addresses") == address

    def test_half_of_a_character_is_refused(self, investor: Client):
        answer = investor.send("PATCH", "/users/@me", data='{"City": "", "Middle": "\\ud800"}')
        assert answer.status_code == 422


class TestProTraders:
    def test_a_token_from_a_mail_makes_one(self, investor: Client, trader: Client, box: Box):
        order = {"email": "investor@demo.test", "purpose": "AddUserToProGroup"}
        token = box.control("POST", "mail", order)[0]["text"].split("is ")[1][:10]
        path = f"/users/@me/group?confirmationToken={token}"
        assert trader.send("POST", path).status_code == 400
        assert investor.send("POST", path).status_code == 200
        assert investor.send("POST", path).status_code == 409
        assert investor.send("POST", "/users/@me/group").status_code == 404
        logged = [entry["query"] for entry in box.control("GET", "requests") if entry["path"].endswith("/group")]
        assert token not in str(logged)


class TestTheCompany:
    def test_it_tells_routes_policies_and_settings(self, investor: Client, box: Box):
        assert "Auto" in investor.get("/users/@me/exchanges")
        box.control("POST", "users", {"email": "investor@demo.test", "two_factor": True})
        rules = investor.get("/policies")[0]["Rules"]
        assert [rule["Name"] for rule in rules] == ["PasswordExpiration", "SmsPassword"]
        assert investor.get("/applications/mobile/settings")["Settings"]["defaultOrdersPageSize"] == 15

    def test_it_hears_feedback(self, investor: Client, box: Box):
        said = {
            "BuildVersion": "1.0", "Comment": "Lovely.", "Contacts": "me", "Subject": "Hello",
            "ImagesToUpload": [{"Name": "a.png", "Data": "AAAA", "Type": "image/png"}],
        }  # fmt: skip
        assert investor.send("POST", "/feedbacks", json=said).json() == said
        assert box.control("GET", "mail")[0]["subject"] == "Hello"
        assert investor.send("POST", "/feedbacks", json=said | {"Comment": None}).status_code == 500
        broken = said | {"ImagesToUpload": [{"Name": "a", "Data": "???", "Type": "b"}]}
        assert investor.send("POST", "/feedbacks", json=broken).status_code == 409
