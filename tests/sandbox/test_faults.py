"""Faults on the wire: what the client sees, and what the exchange has done meanwhile."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.sandbox.actors import Box, Client

ORDERS = "/api/v1.0/accounts/*/orders"


def placed(box: Box) -> int:
    return len(box.ledger()["orders"])


class TestActions:
    @pytest.mark.parametrize(
        ("rule", "orders"),
        [
            ({"action": "refuse"}, 0),
            ({"action": "reset", "when": "before"}, 0),
            ({"action": "reset"}, 1),
            ({"action": "truncate"}, 1),
            ({"action": "hang_before", "seconds": 0.2}, 0),
            ({"action": "hang_after", "seconds": 0.2}, 1),
        ],
    )
    def test_no_answer_says_nothing_about_the_order(
        self, investor: Client, box: Box, rule: dict[str, Any], orders: int
    ):
        box.fault(method="POST", path=ORDERS, **rule)
        with pytest.raises(requests.RequestException):
            investor.place("KO", "Buy", 1, "50.00")
        assert placed(box) == orders
        assert investor.place("KO", "Buy", 1, "50.00")["Status"] == "PendingNew"

    def test_a_hanging_answer_lets_go_when_the_client_does(self, investor: Client, box: Box):
        box.fault(method="POST", path=ORDERS, action="hang_after", seconds=60)
        started = time.monotonic()
        with pytest.raises(requests.Timeout):
            investor.send("POST", "/accounts/6412/orders", json={}, timeout=0.2)
        assert box.control("GET", "clock")
        assert time.monotonic() - started < 5

    @pytest.mark.parametrize(("when", "orders"), [("before", 0), ("after", 1)])
    @pytest.mark.parametrize(
        ("status", "headers"), [(429, {"Retry-After": "7"}), (429, {}), (500, {}), (503, {}), (504, {})]
    )
    def test_a_status_may_hide_an_order_or_not(
        self, investor: Client, box: Box, status: int, headers: dict[str, str], when: str, orders: int
    ):
        said = {"Message": "Not now"}
        box.fault(
            method="POST", path=ORDERS, action="status", when=when, status=status, headers=headers, body=said
        )  # fmt: skip
        body = {"Symbol": "KO", "Type": "Market", "Side": "Buy", "Quantity": 1}
        answer = investor.send("POST", "/accounts/6412/orders", json=body)
        assert (answer.status_code, answer.json()) == (status, said)
        assert answer.headers.get("Retry-After") == headers.get("Retry-After")
        assert placed(box) == orders

    def test_a_hanging_answer_does_not_keep_the_sandbox_from_stopping(self):
        with Box() as own:
            own.fault(path="/api/health", action="hang_before", seconds=60)
            with ThreadPoolExecutor() as pool:
                waiting = pool.submit(requests.get, f"{own.url}/api/health", timeout=30)
                while not own.control("GET", "requests"):
                    pass
                started = time.monotonic()
                assert own.stop() == 0
                assert time.monotonic() - started < 20  # two seconds, and many for a busy machine; it hangs sixty
                assert isinstance(waiting.exception(), requests.ConnectionError)

    def test_a_slow_answer_is_a_good_one(self, investor: Client, box: Box):
        box.fault(path="/api/v1.0/users/@me/info", action="slow", seconds=0.2)
        started = time.monotonic()
        assert investor.get("/users/@me/info")["UserId"] == 7311
        assert time.monotonic() - started >= 0.2

    def test_a_late_reject_comes_after_a_good_answer(self, investor: Client, box: Box):
        box.settings(late_reject="DayTradingBuyingPowerExceeded")
        order = investor.place("KO", "Buy", 1, "50.00")
        assert order["Status"] == "PendingNew"
        box.advance(1)
        late = investor.order(order)
        assert (late["Status"], late["Description"]) == ("Rejected", "DayTradingBuyingPowerExceeded")
        assert investor.balances()["pendingCash"] == 0


class TestRules:
    def test_they_apply_as_often_as_they_say(self, investor: Client, box: Box):
        box.fault(path="/api/v1.0/equities/*", action="status", status=503, count=2)
        assert [investor.send("GET", "/equities/KO").status_code for _ in range(3)] == [503, 503, 200]

    def test_for_ever_means_until_they_are_removed(self, investor: Client, box: Box):
        box.fault(path="/api/**", action="status", status=500, count=None)
        assert [investor.send("GET", "/equities/KO").status_code for _ in range(3)] == [500] * 3
        box.control("DELETE", "faults")
        assert investor.send("GET", "/equities/KO").status_code == 200

    def test_a_star_is_one_segment_and_a_method_is_one_method(self, investor: Client, box: Box):
        box.fault(method="POST", path=ORDERS, action="status", count=None)
        assert investor.preview("KO", "Buy", 1)["IsSuccessful"] is True
        assert investor.orders()["TotalCount"] == 0

    def test_a_regular_expression_works_too(self, investor: Client, box: Box):
        box.fault(regex=r"/api/v1\.0/equities/(KO|PEP)", action="status", count=None)
        assert [investor.send("GET", f"/equities/{s}").status_code for s in ("KO", "PEP", "F")] == [503, 503, 200]

    def test_sign_in_can_be_disturbed_too(self, box: Box):
        box.fault(path="/oauth/token", action="status", status=429, body={"error": "too_many_requests"})
        answer = requests.post(f"{box.url}/oauth/token", timeout=5)
        assert (answer.status_code, answer.json()["error"]) == (429, "too_many_requests")

    @pytest.mark.parametrize(
        "rule",
        [{"action": "explode"}, {"action": "reset", "path": "/x", "extra": 1}, {"action": "slow", "seconds": -1},
         {"action": "reset", "regex": "("}, {}],
    )  # fmt: skip
    def test_nonsense_is_refused_with_a_sentence(self, box: Box, rule: dict[str, Any]):
        assert box.control("POST", "faults", rule, status=400)["error"]
        assert box.control("GET", "faults")["rules"] == []

    def test_a_reset_of_the_sandbox_removes_rules_and_settings(self, box: Box):
        box.fault(path="/**", action="status")
        box.settings(visibility_lag_seconds=5)
        box.control("POST", "reset")
        state = box.control("GET", "faults")
        assert state["rules"] == []
        assert state["settings"]["visibility_lag_seconds"] == 0
