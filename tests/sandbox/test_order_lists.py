"""Lists of orders: pages, filters, sorting."""

from typing import Any

import pytest

from tests.sandbox.actors import Box, Client


@pytest.fixture
def orders(investor: Client, box: Box) -> list[dict[str, Any]]:
    """Five orders, a minute apart: three still working, one filled, one rejected."""
    placed = []
    for symbol, price in (("KO", "50.00"), ("PEP", "90.00"), ("KO", None), ("NOPE", None), ("WMT", "60.00")):
        placed.append(investor.place(symbol, "Buy", 1, price))
        box.advance(60)
    return placed


def ids(page: dict[str, Any]) -> list[int]:
    return [order["Id"] for order in page["Result"]]


class TestPages:
    def test_they_start_at_zero_and_link_to_each_other(self, investor: Client, orders: list[dict[str, Any]]):
        first = investor.orders(pageSize=2)
        last = investor.orders(pageSize=2, pageNumber=2)
        assert ids(first) == [order["Id"] for order in orders[:2]]
        assert ids(last) == [orders[4]["Id"]]
        assert first["TotalCount"] == 5
        assert "pageNumber=1" in first["NextPageLink"]
        assert (first["PreviousPageLink"], last["NextPageLink"]) == ("", "")

    @pytest.mark.parametrize("query", ["pageNumber=0", "pageSize=9", ""])
    def test_both_numbers_are_needed(self, investor: Client, query: str):
        assert investor.send("GET", f"/accounts/6412/orders?{query}").status_code == 404

    @pytest.mark.parametrize(
        "query", ["pageNumber=-1&pageSize=9", "pageNumber=0&pageSize=0", "pageNumber=a&pageSize=9"]
    )
    def test_nonsense_is_an_invalid_request(self, investor: Client, query: str):
        assert investor.send("GET", f"/accounts/6412/orders?{query}").status_code == 400

    def test_they_never_hold_more_than_a_hundred(self, investor: Client, box: Box):
        box.settings(rate_limits=False)
        for _ in range(102):
            investor.place("NOPE", "Buy", 1)
        assert len(ids(investor.orders(pageSize=5000))) == 100


class TestSorting:
    def test_the_latest_can_come_first(self, investor: Client, orders: list[dict[str, Any]]):
        assert ids(investor.orders(sortField="CreateDate", desc="true")) == [o["Id"] for o in reversed(orders)]

    def test_an_unknown_field_is_an_invalid_request(self, investor: Client):
        query = "pageNumber=0&pageSize=9&sortField=Password"
        assert investor.send("GET", f"/accounts/6412/orders?{query}").status_code == 400


class TestFilters:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("Status in (0,1,10)", [0, 1, 4]),
            ("Status = 2", [2]),
            ("Status in (8, 2)", [2, 3]),
            ("Status in (20)", []),
            ("SecurityId = 37", [0, 2]),
            ("CreateDate >= #2026-11-23T15:02:00Z#", [2, 3, 4]),
            ("CreateDate > #2026-11-23T15:02:00# and Status in (0)", [4]),
            ("CreateDate between #2026-11-23T15:01:00.0000000Z# and #2026-11-23T15:02:00Z#", [1, 2]),
            ("Symbol startsWith 'K' AND Status = 0", [0]),
        ],
    )
    def test_they_pick(self, investor: Client, orders: list[dict[str, Any]], text: str, wanted: list[int]):
        page = investor.orders(filter=text)
        assert ids(page) == [orders[number]["Id"] for number in wanted]
        assert page["TotalCount"] == len(wanted)

    @pytest.mark.parametrize(
        "text",
        [
            "Status", "Status in ()", "Status = 0 or Status = 1", "Status = 0 and", "Secret = 1", "(Status = 0)",
            "CreateDate > 5", "CreateDate > #soon#", "Symbol = 'it's'", "SecurityId = 99999999999999999999",
            "Symbol = 'x'; DROP TABLE orders",
        ],
    )  # fmt: skip
    def test_what_is_not_understood_is_refused(self, investor: Client, text: str):
        assert (
            investor.send(
                "GET", "/accounts/6412/orders", params={"pageNumber": 0, "pageSize": 9, "filter": text}
            ).status_code
            == 400
        )


class TestVisibilityLag:
    def test_a_new_order_may_take_a_while_to_show_up_in_lists(self, investor: Client, box: Box):
        box.settings(visibility_lag_seconds=60)
        order = investor.place("KO", "Buy", 1, "50.00", ClientId="mine")
        box.advance(59)
        assert investor.orders()["TotalCount"] == 0
        assert investor.order(order)["Status"] == "New"
        box.advance(1)
        assert ids(investor.orders()) == [order["Id"]]
