"""The console's pages and forms, as a browser without scripts would use them."""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.actors import HARBOR, Box, Client

PAGES = ["", "console/orders", "console/prices", "console/faults", "console/webhooks", "console/requests",
         "console/people", "console/mail", "console/money"]  # fmt: skip


def page(box: Box, path: str, **params: str) -> str:
    answer = requests.get(f"{box.url}/{path}", params=params, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.text


def submit(box: Box, form_path: str, /, *, answers: int = 200, **form: object) -> str:
    answer = requests.post(f"{box.url}/console/{form_path}", data=form, timeout=10)
    assert answer.status_code == answers, answer.text
    return answer.text


@pytest.mark.parametrize("path", PAGES)
def test_each_page_answers_with_a_strict_policy(box: Box, path: str):
    answer = requests.get(f"{box.url}/{path}", timeout=10)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self';" in policy
    assert "unsafe" not in policy
    assert 'aria-current="page"' in answer.text


def test_forms_of_other_sites_are_refused(box: Box):
    for path in ("clock", "prices", "faults/add", "settings", "webhooks", "agreements", "halts", "reset"):
        answer = requests.post(f"{box.url}/console/{path}", headers={"Origin": "https://evil.test"}, timeout=10)
        assert answer.status_code == 403


class TestOrders:
    def test_the_timeline_says_what_happened(self, box: Box, investor: Client):
        placed = investor.place("KO", "Buy", 5)
        box.advance(10)
        text = page(box, "console/orders")
        assert f'id="order-{placed["Id"]}"' in text
        assert "<strong>PendingNew</strong> asked for" in text
        assert "5 filled" in text

    def test_it_shows_only_what_is_asked_for(self, box: Box, investor: Client):
        investor.place("KO", "Buy", 5, "1.00")
        investor.place("F", "Buy", 5, "1.00")
        text = page(box, "console/orders", symbol="ko", account="6412", status="PendingNew")
        assert "Buy 5 KO" in text
        assert "Buy 5 F" not in text
        assert "No such orders" in page(box, "console/orders", account="6420")


class TestClock:
    def test_it_freezes_runs_steps_and_sets(self, box: Box):
        submit(box, "clock", set="2026-11-23T16:00:00Z", back="/console/prices")
        submit(box, "clock", advance="60")
        assert box.control("GET", "clock")["now"] == "2026-11-23T16:01:00.000Z"
        submit(box, "clock", mode="running")
        assert box.control("GET", "clock")["mode"] == "running"
        submit(box, "clock", mode="frozen", speed="10")
        assert box.control("GET", "clock")["mode"] == "frozen"

    def test_nonsense_is_said_on_the_page_it_came_from(self, box: Box):
        text = submit(box, "clock", set="soon", back="/console/faults", answers=400)
        assert "soon" in text
        assert "Let a request go wrong" in text


class TestFaults:
    def test_a_rule_is_added_from_the_menu_and_removed(self, box: Box):
        submit(box, "faults/add", action="status", method="GET", path="/api/**", count="2", status="504")
        rule = box.control("GET", "faults")["rules"][0]
        assert (rule["action"], rule["method"], rule["count"], rule["status"]) == ("status", "GET", 2, "504")
        assert requests.get(f"{box.url}/api/health", timeout=10).status_code == 504
        submit(box, "faults/remove", rule=rule["id"])
        assert box.control("GET", "faults")["rules"] == []

    @pytest.mark.parametrize("retry_after", ["7", ""])
    def test_a_status_says_when_to_come_back_or_does_not(self, box: Box, retry_after: str):
        submit(box, "faults/add", action="status", path="/api/**", status="429", retry_after=retry_after)
        assert ("Retry-After 7" in page(box, "console/faults")) == bool(retry_after)
        answer = requests.get(f"{box.url}/api/health", timeout=10)
        assert (answer.status_code, answer.headers.get("Retry-After", "")) == (429, retry_after)

    def test_a_message_can_go_wrong_too(self, box: Box):
        submit(box, "faults/add", message="webhook drop", name="order.filled", count="always")
        rule = box.control("GET", "faults")["rules"][0]
        assert (rule["on"], rule["action"], rule["event"], rule["count"]) == ("webhook", "drop", "order.filled", None)
        assert "webhook order.filled" in page(box, "console/faults")

    def test_what_is_wrong_is_said(self, box: Box):
        assert "invalid literal" in submit(box, "faults/add", action="slow", path="**", count="many", answers=400)

    def test_the_console_is_never_disturbed(self, box: Box):
        box.fault(path="**", action="status", count=None)
        assert "Remove all rules" in page(box, "console/faults")
        submit(box, "faults/clear")
        assert requests.get(f"{box.url}/api/health", timeout=10).status_code == 200

    def test_settings_are_changed(self, box: Box):
        submit(box, "settings", commission="2.50", late_reject="", rate_limits="false", stream_ping_seconds="5")
        settings = box.control("GET", "faults")["settings"]
        assert (settings["commission"], settings["rate_limits"]) == ("2.50", False)
        assert (settings["late_reject"], settings["stream_ping_seconds"]) == (None, 5)


class TestPrices:
    def test_trading_in_a_symbol_is_halted_and_goes_on(self, box: Box):
        submit(box, "halts", symbol="ko", halted="true")
        assert box.control("GET", "halts") == ["KO", "TEST.HALT"]
        assert "Let KO trade again" in page(box, "console/prices")
        submit(box, "halts", symbol="KO", halted="false")
        assert box.control("GET", "halts") == ["TEST.HALT"]
        assert "no such symbol" in submit(box, "halts", symbol="NOPE", halted="true", answers=400)

    def test_the_scripted_symbols_say_what_they_do(self, box: Box):
        text = page(box, "console/prices")
        assert "Preview and placement refuse it: DayTradingBuyingPowerExceeded" in text
        assert "Its first fill comes 30 seconds later" in text


class TestCrowds:
    def test_fifty_are_drawn_and_the_others_are_found_or_on_the_next_page(self, box: Box):
        for number in range(60):
            person = {"email": f"crowd{number}@demo.test", "first_name": "Kim", "last_name": f"Number{number}"}
            box.control("POST", "users", person | {"accounts": [{"margin_type": "Cash", "cash": "10"}]})
        for path in ("", "console/people"):
            first, second = page(box, path), page(box, path, page="2")
            assert first.count("@demo.test</td>") == 50
            assert "crowd59@demo.test" not in first
            assert "crowd59@demo.test" in second
            assert "crowd0@demo.test" not in second
            for wanted in ("crowd59@", "KIM NUMBER59"):
                found = page(box, path, text=wanted)
                assert "crowd59@demo.test" in found
                assert "crowd5@demo.test" not in found
        assert "investor@demo.test" in page(box, "", text="6412")
        assert "No such accounts" in page(box, "", text="nobody at all")

    def test_links_lead_from_page_to_page_and_keep_what_is_asked_for(self, box: Box, investor: Client):
        box.settings(rate_limits=False)
        for _ in range(101):
            investor.place("KO", "Buy", 1, "1.00")
        investor.place("F", "Buy", 1, "1.00")
        first = page(box, "console/orders", symbol="KO")
        assert 'href="?symbol=KO&amp;page=2"' in first
        assert "1–50" in first
        assert 'rel="prev"' not in first
        assert "51–100" in page(box, "console/orders", symbol="KO", page="2")
        last = page(box, "console/orders", symbol="KO", page="3")
        assert "101–101" in last
        assert 'rel="next"' not in last
        assert "No more orders" in page(box, "console/orders", symbol="KO", page="4")
        assert "101–102" in page(box, "console/requests", text="/orders", page="3")

    def test_a_page_that_is_no_number_is_the_first(self, box: Box):
        for path in ("console/mail", "console/money", "console/webhooks"):
            assert page(box, path, page="x") == page(box, path)


class TestWebhooks:
    def test_an_endpoint_is_named_and_a_delivery_sent_again(self, box: Box, investor: Client):
        submit(box, "webhooks", client_id=HARBOR.client_id, url="http://127.0.0.1:1/hooks/", secret="s")
        investor.place("KO", "Buy", 5)
        text = page(box, "console/webhooks")
        assert "http://127.0.0.1:1/hooks/" in text
        assert "order.created" in text
        delivery = box.control("GET", "webhooks/deliveries")[0]["id"]
        submit(box, "webhooks/redeliver", delivery=delivery)
        assert len(box.control("GET", "webhooks/deliveries")) == 2
        submit(box, "webhooks/remove", client_id=HARBOR.client_id)
        assert box.control("GET", "webhooks") == []

    def test_an_address_that_is_none_is_said(self, box: Box):
        assert "not an address" in submit(
            box, "webhooks", client_id=HARBOR.client_id, url="x", secret="s", answers=400
        )


class TestStartingOver:
    def test_everything_is_forgotten_and_another_seed_taken(self, box: Box, investor: Client):
        investor.place("KO", "Buy", 5)
        submit(box, "reset", seed="7")
        assert "No orders yet" in page(box, "")
        assert box.control("GET", "clock")["seed"] == 7
        assert "invalid literal" in submit(box, "reset", seed="seven", answers=400)

    def test_without_a_seed_it_stays(self, box: Box):
        submit(box, "reset", seed="")
        assert box.control("GET", "clock")["seed"] == 1


def test_an_account_leads_to_its_orders(box: Box, investor: Client):
    investor.place("KO", "Buy", 5)
    for path in ("", "console/orders"):
        assert 'href="/console/orders?account=6412"' in page(box, path)
    assert 'href="/?text=6412"' in page(box, "console/people")


def test_requests_are_shown_filtered_and_forgotten(box: Box, investor: Client):
    investor.balances()
    assert "/accounts/6412/info" in page(box, "console/requests", text="info")
    assert "/accounts/6412/info" not in page(box, "console/requests", outcome="errors")
    submit(box, "requests/clear")
    assert box.control("GET", "requests") == []


def test_agreements_are_made_outstanding(box: Box):
    submit(box, "agreements", email="trader@demo.test", outstanding=["PlatformAgreement"])
    trader = next(user for user in box.control("GET", "users") if user["email"] == "trader@demo.test")
    assert trader["outstanding_agreements"] == ["PlatformAgreement"]
    submit(box, "agreements", email="trader@demo.test")
    trader = next(user for user in box.control("GET", "users") if user["email"] == "trader@demo.test")
    assert trader["outstanding_agreements"] == []
