"""Watchlists: people's own and the system's."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.actors import Box, Client

LISTS = "/users/@me/watchlists"
KO, AAPL, NVDA = 37, 1, 3
CALL = "AAPL  261218C00270000"


def create(client: Client, name: str, *securities: int, status: int = 200) -> Any:
    answer = client.send(
        "POST", f"{LISTS}?resultIncludeSecurities=true", json={"Name": name, "Securities": list(securities)}
    )
    assert answer.status_code == status, answer.text
    return json.loads(answer.text, parse_float=Decimal)


def symbols(watchlist: dict[str, Any]) -> list[str]:
    return [security["Symbol"] for security in watchlist["SecurityList"]]


def names(client: Client) -> list[str]:
    return [each["Name"] for each in client.get(LISTS, includeSecurities="false")]


def read(client: Client, watchlist_id: int) -> Any:
    return client.get(f"{LISTS}/{watchlist_id}", includeSecurities="true")


class TestOwnLists:
    def test_a_new_one_holds_its_securities_in_order(self, investor: Client):
        created = create(investor, "Mine", KO, AAPL)
        assert (created["Name"], created["Type"], symbols(created)) == ("Mine", "UserList", ["KO", "AAPL"])
        assert "ModifyDate" not in created
        assert read(investor, created["Id"]) == created

    def test_securities_come_only_when_asked_for(self, investor: Client):
        assert all("SecurityList" not in each for each in investor.get(LISTS, includeSecurities="false"))
        assert all("SecurityList" in each for each in investor.get(LISTS, includeSecurities="true"))

    def test_members_come_and_go_by_id(self, investor: Client):
        members = f"{LISTS}/{create(investor, 'Mine', KO)['Id']}/securities"
        assert symbols(investor.send("PUT", f"{members}/{NVDA}").json()) == ["KO", "NVDA"]
        changed = investor.send("DELETE", f"{members}/{KO}").json()
        assert (symbols(changed), changed["ModifyDate"]) == (["NVDA"], "2026-11-23T15:00:00.000Z")

    def test_members_come_and_go_by_ticker_even_in_the_body_of_a_delete(self, investor: Client):
        members = f"{LISTS}/{create(investor, 'Mine', KO)['Id']}/securities"
        assert symbols(investor.send("PUT", members, json={"Symbol": "nvda"}).json()) == ["KO", "NVDA"]
        assert symbols(investor.send("DELETE", members, json={"Symbol": "KO"}).json()) == ["NVDA"]

    def test_an_option_can_be_watched_too(self, investor: Client):
        changed = investor.send("PUT", f"{LISTS}/501/securities", json={"Symbol": CALL}).json()
        option = changed["SecurityList"][-1]
        assert (option["Type"], option["OptionType"], option["ExpirationType"]) == ("Option", "Call", "Regular")
        assert (option["StrikePrice"], option["UnderlyingSecuritySymbol"], option["ParentId"]) == (270, "AAPL", AAPL)

    def test_the_new_name_travels_in_the_query(self, investor: Client):
        renamed = investor.send("PUT", f"{LISTS}/501/name", params={"name": " Best "})
        assert renamed.json() == {"m_Item1": 501, "m_Item2": "Best"}
        assert "Best" in names(investor)

    def test_a_list_can_be_renamed_to_its_own_name(self, investor: Client):
        assert investor.send("PUT", f"{LISTS}/501/name", params={"name": "FAVOURITES"}).status_code == 200

    def test_a_deleted_one_is_gone(self, investor: Client):
        answer = investor.send("DELETE", f"{LISTS}/501")
        assert (answer.status_code, answer.content) == (204, b"")
        assert investor.send("DELETE", f"{LISTS}/501").status_code == 409

    def test_nobody_else_sees_it(self, trader: Client):
        assert names(trader)[0] == "Chips"
        assert trader.send("GET", f"{LISTS}/501?includeSecurities=true").status_code == 409
        assert trader.send("GET", "/users/7311/watchlists?includeSecurities=true").status_code == 401


class TestConflicts:
    @pytest.mark.parametrize("name", ["favourites", "* Top 10 Loss NYSE", "", " ", "x" * 101, "a\x00b"])
    def test_a_name_is_free_and_printable(self, investor: Client, name: str):
        create(investor, name, status=409)
        create(investor, "Other")
        other = next(each for each in investor.get(LISTS, includeSecurities="false") if each["Name"] == "Other")
        assert investor.send("PUT", f"{LISTS}/{other['Id']}/name", params={"name": name}).status_code == 409

    @pytest.mark.parametrize("securities", [[KO, KO], [99999], [2**31], "KO", None, [None]])
    def test_a_list_with_securities_that_cannot_be_is_not_created(self, investor: Client, securities: Any):
        body = {"Name": "Mine", "Securities": securities}
        answer = investor.send("POST", f"{LISTS}?resultIncludeSecurities=false", json=body)
        assert answer.status_code == (200 if securities is None else 409)
        assert ("Mine" in names(investor)) == (securities is None)

    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    @pytest.mark.parametrize("body", [{}, [], {"Symbol": "NOPE"}, {"Symbol": 7}, {"Symbol": "\ud800"}])
    def test_a_ticker_is_a_known_one(self, investor: Client, method: str, body: Any):
        assert investor.send(method, f"{LISTS}/501/securities", json=body).status_code == 409

    def test_a_member_cannot_come_twice_nor_go_twice(self, investor: Client):
        assert investor.send("PUT", f"{LISTS}/501/securities/{KO}").status_code == 409
        assert investor.send("DELETE", f"{LISTS}/501/securities/{KO}").status_code == 200
        assert investor.send("DELETE", f"{LISTS}/501/securities/{KO}").status_code == 409

    @pytest.mark.parametrize("watchlist_id", [999, -1, 0])
    def test_an_unknown_one_is_a_conflict_not_a_404(self, investor: Client, watchlist_id: int):
        assert investor.send("GET", f"{LISTS}/{watchlist_id}?includeSecurities=false").status_code == 409


class TestOddRequests:
    @pytest.mark.parametrize("path", [LISTS, f"{LISTS}/501"])
    def test_a_missing_parameter_looks_like_a_missing_route(self, investor: Client, path: str):
        answer = investor.send("GET", path)
        assert answer.status_code == 404
        assert answer.json()["Message"].startswith("No HTTP resource was found")

    def test_a_ticker_where_an_id_belongs_is_an_invalid_request(self, investor: Client):
        answer = investor.send("PUT", f"{LISTS}/501/securities/KO")
        assert (answer.status_code, answer.json()) == (400, {"Message": "The request is invalid."})

    def test_an_id_beyond_32_bits_is_one_too(self, investor: Client):
        assert investor.send("GET", f"{LISTS}/{2**31}?includeSecurities=true").status_code == 400


class TestSystemLists:
    def test_they_hold_the_days_largest_gains_and_losses(self, investor: Client, box: Box):
        box.pin("KO", "1.00")
        box.pin("BAC", "2.00")
        box.pin("NVDA", "9000.00")
        lists = {each["Name"]: each for each in investor.get(LISTS, includeSecurities="true")}
        assert symbols(lists["* Top 10 Loss NYSE"])[:2] == ["KO", "BAC"]
        assert symbols(lists["* Top 10 Gain NASDAQ"])[0] == "NVDA"
        assert "KO" not in symbols(lists["* Top 10 Gain NYSE"])
        assert all(len(each["SecurityList"]) <= 10 for each in lists.values())

    def test_they_carry_the_name_of_their_builder(self, investor: Client):
        found = read(investor, 4)
        assert (found["Name"], found["Type"], found["Source"]) == (
            "* Top 10 Loss NASDAQ", "SystemList", "GainLossBuilderTop10NSDQLoss",
        )  # fmt: skip

    def test_they_cannot_be_changed(self, investor: Client):
        assert investor.send("DELETE", f"{LISTS}/2").status_code == 409
        assert investor.send("PUT", f"{LISTS}/2/name", params={"name": "Mine"}).status_code == 409
        assert investor.send("PUT", f"{LISTS}/2/securities/{AAPL}").status_code == 409
        assert investor.send("DELETE", f"{LISTS}/2/securities", json={"Symbol": "KO"}).status_code == 409
