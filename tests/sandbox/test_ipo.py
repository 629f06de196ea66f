"""New issues: what is open, and what an account follows."""

from typing import Any

import pytest

from tests.sandbox.actors import Box, Client

OFFERINGS = "/ipo/accounts/6412/offerings"


def active(client: Client, **more: Any) -> Any:
    return client.get(f"{OFFERINGS}/active", **{"page": 0, "pageSize": 10} | more)


def references(client: Client, **more: Any) -> list[str]:
    return [offering["OfferingReference"] for offering in active(client, **more)["Items"]]


class TestWindows:
    def test_only_offerings_that_take_orders_are_active(self, investor: Client, box: Box):
        assert references(investor) == ["OFF-1001", "OFF-1002"]
        box.advance(5 * 86_400)
        assert references(investor) == ["OFF-1002"]
        box.advance(2 * 86_400)
        assert references(investor) == ["OFF-1002", "OFF-1003"]
        box.advance(30 * 86_400)
        assert references(investor) == []

    def test_shares_trade_in_the_session_after_the_window_and_settle_a_day_later(self, investor: Client):
        first = active(investor)["Items"][0]
        assert (first["TradeDate"], first["SettlementDate"]) == ("2026-11-30", "2026-12-01")
        assert first["ActiveWindow"] == 4


class TestPages:
    def test_the_envelope_is_one_of_its_own(self, investor: Client):
        page = active(investor, page=1, pageSize=1)
        assert [offering["TickerSymbol"] for offering in page.pop("Items")] == ["TGRS"]
        assert page == {"PageNumber": 1, "PageSize": 1, "TotalCount": 2, "TotalPage": 2}

    def test_it_can_be_filtered_and_sorted(self, investor: Client, box: Box):
        assert references(investor, filter="MinPrice > 20") == ["OFF-1002"]
        box.advance(7 * 86_400)
        assert references(investor, sortBy="TickerSymbol") == ["OFF-1003", "OFF-1002"]


class TestFollowing:
    def test_it_is_remembered_per_account(self, investor: Client):
        for _ in range(2):
            answer = investor.send("POST", f"{OFFERINGS}/OFF-1001/subscribe")
            assert (answer.status_code, answer.content) == (200, b"")
        assert [offering["IsSubscribed"] for offering in active(investor)["Items"]] == [True, False]
        other = investor.get("/ipo/accounts/6413/offerings/active", page=0, pageSize=9)
        assert not other["Items"][0]["IsSubscribed"]

    def test_it_can_end(self, investor: Client):
        investor.send("POST", f"{OFFERINGS}/OFF-1001/subscribe")
        assert investor.send("POST", f"{OFFERINGS}/OFF-1001/unsubscribe").status_code == 200
        assert not active(investor)["Items"][0]["IsSubscribed"]

    def test_an_offering_to_come_can_be_followed_but_not_a_closed_one(self, investor: Client, box: Box):
        assert investor.send("POST", f"{OFFERINGS}/OFF-1003/subscribe").status_code == 200
        box.advance(20 * 86_400)
        assert investor.send("POST", f"{OFFERINGS}/OFF-1003/subscribe").status_code == 409

    @pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
    def test_an_unknown_offering_is_a_conflict(self, investor: Client, verb: str):
        assert investor.send("POST", f"{OFFERINGS}/OFF-1/{verb}").status_code == 409

    def test_somebody_elses_account_is_denied(self, trader: Client):
        assert trader.send("POST", f"{OFFERINGS}/OFF-1001/subscribe").status_code == 401


def test_industries_are_those_of_the_offerings(investor: Client):
    industries = investor.get("/ipo/industries")
    assert industries == sorted(industries)
    assert {offering["Industry"] for offering in active(investor)["Items"]} < set(industries)


def test_the_notice_is_one_string(investor: Client):
    assert investor.get("/ipo/security-info").startswith("New issues are offered by prospectus only.")
