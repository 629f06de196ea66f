"""Dividends: who gets them, who owes them, and where they are seen.

Coca-Cola's of December 2026 is 0.51: held before Wednesday the 16th, paid on Monday, January 4, at the open.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox.exchange.companies import dividends_in
from sandbox.exchange.securities import security_of
from tests.sandbox.actors import Box, Client, log_in

BEFORE, EX_DAY, PAID = "2026-12-15T18:00:00Z", "2026-12-16T18:00:00Z", "2027-01-04T14:30:00.000Z"
EACH = Decimal("0.51")


@pytest.fixture
def box(sandbox_process: Box) -> Box:
    """On the day before the ex-dividend day."""
    sandbox_process.control("POST", "reset", {"seed": 1, "clock": {"mode": "frozen", "set": BEFORE}})
    sandbox_process.settings(rate_limits=False)
    return sandbox_process


def go_to(box: Box, moment: str) -> None:
    box.control("POST", "clock", {"set": moment})


def dividends(client: Client) -> list[dict[str, Any]]:
    page = client.get(
        f"/accounts/{client.account}/transactions", pageSize=99, pageNumber=0, sortBy="Date", isDesc=False,
        filter="Symbol = 'KO' AND Type = 'Payment'",
    )  # fmt: skip
    rows: list[dict[str, Any]] = page["Result"]
    return rows


def test_these_are_the_days_of_this_page():
    december = dividends_in(security_of("KO"), 2026)[3]
    assert (str(december.ex_day), str(december.pay_day), december.amount) == ("2026-12-16", "2027-01-04", EACH)


class TestHolders:
    def test_they_are_paid_at_the_open_of_the_pay_day(self, box: Box, investor: Client):
        cash = investor.balances()["cash"]
        go_to(box, "2027-01-04T14:29:59Z")
        assert dividends(investor) == []
        go_to(box, "2027-01-04T14:30:00Z")
        [row] = dividends(investor)
        assert (row["Date"], row["Value"], row["Price"]) == (PAID, 51, EACH)
        assert (row["MarginType"], row["Description"]) == ("Dividend", "Dividend of 0.51 per share on 100 KO")
        assert investor.balances()["cash"] >= cash + 51

    def test_it_is_a_gain_of_the_day_where_a_deposit_is_none(self, box: Box, investor: Client):
        for symbol in ("AAPL", "NVDA", "DIS", "F", "MSFT", "JPM", "KO", "VTI", "TSLA", "SPY"):
            box.pin(symbol, str(box.price(symbol)["last"]))
        go_to(box, "2027-01-04T14:29:59Z")
        before = investor.balances()
        go_to(box, "2027-01-04T14:30:00Z")
        after = investor.balances()
        gained = after["cash"] - before["cash"]
        assert gained >= 51
        assert after["changeAbsolute"] - before["changeAbsolute"] == gained

    def test_who_buys_on_the_ex_day_gets_nothing_for_it(self, box: Box, investor: Client):
        go_to(box, EX_DAY)
        investor.place("KO", "Buy", 40)
        go_to(box, "2027-01-05T18:00:00Z")
        assert [row["Value"] for row in dividends(investor)] == [51]

    def test_who_sells_on_the_ex_day_gets_it_still(self, box: Box, investor: Client):
        go_to(box, EX_DAY)
        investor.place("KO", "Sell", 100)
        go_to(box, "2027-01-05T18:00:00Z")
        assert [row["Value"] for row in dividends(investor)] == [51]

    def test_who_sells_before_gets_nothing(self, box: Box, investor: Client):
        investor.place("KO", "Sell", 60)
        box.advance(60)
        go_to(box, "2027-01-05T18:00:00Z")
        assert [row["Value"] for row in dividends(investor)] == [Decimal("20.40")]

    def test_who_is_short_pays_instead(self, box: Box):
        trader = log_in(box, "trader@demo.test", account=6420)
        trader.place("KO", "SellShort", 10)
        box.advance(60)
        go_to(box, "2027-01-05T18:00:00Z")
        [row] = dividends(trader)
        assert row["Value"] == Decimal("-5.10")
        assert row["Description"].startswith("Payment in lieu")


class TestOnce:
    def test_a_clock_that_goes_back_pays_nothing_twice(self, box: Box, investor: Client):
        for moment in ("2027-01-04T15:00:00Z", BEFORE, "2027-01-04T16:00:00Z"):
            go_to(box, moment)
        assert len(dividends(investor)) == 1

    def test_in_one_leap_or_in_many_steps_the_same_is_booked(self, box: Box, investor: Client):
        investor.place("KO", "Buy", 3, "1.00", TimeInforce="GTC")
        go_to(box, "2027-01-08T20:00:00Z")
        leap = box.ledger()
        box.control("POST", "reset", {"seed": 1, "clock": {"mode": "frozen", "set": BEFORE}})
        log_in(box, "investor@demo.test").place("KO", "Buy", 3, "1.00", TimeInforce="GTC")
        for day in range(1, 25):
            go_to(box, f"{date(2026, 12, 15) + timedelta(days=day)}T20:00:00Z")
        assert box.ledger() == leap

    def test_a_new_state_owes_nothing_of_the_past(self, box: Box, investor: Client):
        box.control("POST", "reset", {"seed": 1, "clock": {"mode": "frozen", "set": "2027-01-04T16:00:00Z"}})
        assert dividends(log_in(box, "investor@demo.test")) == []
