"""News and corporate actions of a ticker, and that they agree with each other and with the charts."""

import html
import re
from decimal import Decimal
from typing import Any

import pytest

from sandbox.clock import parse_iso
from sandbox.exchange.companies import DIVIDENDS, SPLITS
from sandbox.exchange.market import Market
from sandbox.exchange.securities import SECURITIES, security_of
from sandbox.state import State
from sandbox.streams.frames import quote_frame
from tests.sandbox.actors import Box, Client

NOW = parse_iso("2026-11-23T15:00:00Z") // 1000


def news(client: Client, symbol: str) -> Any:
    return client.get("/news", symbol=symbol)


def actions(client: Client, symbol: str) -> Any:
    return client.get("/news/corporate-actions", symbol=symbol)


class TestNews:
    def test_it_is_newest_first_and_never_from_the_future(self, investor: Client):
        dates = [story["Date"] for story in news(investor, "AAPL")]
        assert len(dates) > 5
        assert dates == sorted(dates, reverse=True)
        assert dates[0] <= NOW

    def test_it_grows_as_time_passes_and_keeps_what_was_told(self, box: Box, investor: Client):
        before = news(investor, "KO")
        box.control("POST", "clock", {"advance": 10 * 86_400})
        after = news(investor, "KO")
        assert after[0]["Date"] > before[0]["Date"]
        assert before[0] in after

    def test_headers_and_contents_carry_entities(self, investor: Client):
        for story in news(investor, "MCD") + news(investor, "JNJ"):
            for text in (story["Header"], story["Content"]):
                assert html.escape(html.unescape(text)) == text
        assert any("McDonald&#x27;s" in story["Header"] for story in news(investor, "MCD"))
        assert any("Johnson &amp; Johnson" in story["Header"] for story in news(investor, "JNJ"))

    def test_a_story_says_whose_it_is(self, investor: Client):
        story = news(investor, "aapl")[0]
        assert (story["Key"], story["Source"], story["NewsId"]) == ("AAPL", "AAPL", 0)
        assert story["Attachment"].startswith("https://news.example/AAPL/")

    def test_the_week_ended_as_the_chart_says(self, investor: Client):
        story = next(story for story in news(investor, "TSLA") if "week" in story["Attachment"])
        last, before = map(Decimal, re.findall(r"\$(\d+\.\d\d)", story["Content"]))
        settings = {
            "StartDate": NOW - 14 * 86_400, "EndDate": story["Date"], "CandlesCount": -1, "Period": "1D",
            "Interval": -3, "IncludeNonMarketData": False,
        }  # fmt: skip
        body = {
            "Security": {"Symbol": "TSLA"}, "SecurityHistorySettings": settings, "IndicatorsHistorySettings": [],
        }  # fmt: skip
        (days,) = investor.send("PUT", "/history/symbols", json=body).json()["SecurityHistory"]
        assert [float(before), float(last)] == [days[-6]["Close"], days[-1]["Close"]]

    def test_a_mutual_fund_is_in_no_news(self, investor: Client):
        assert news(investor, "VFIAX") == []


class TestCorporateActions:
    def test_a_dividend_is_the_one_of_the_news(self, investor: Client):
        story = next(story for story in news(investor, "KO") if story["Attachment"].endswith("dividend"))
        amount = re.search(r"\$(\d+\.\d\d)", story["Header"])
        assert amount
        newest = actions(investor, "KO")[0]
        assert (newest["Type"], newest["Data"]["Amount"]) == ("CashDividend", amount[1])
        assert parse_iso(newest["Data"]["DeclarationDate"]) // 1000 < story["Date"]

    def test_the_dividends_of_a_quote_are_those_that_went_before(self, investor: Client):
        market = Market(State(), market_hours="calendar", seed=1)
        coke = security_of("KO")
        quote = market.tape.quote("KO", NOW * 1000)
        frame = quote_frame(market, coke, quote)
        last_four = [row for row in actions(investor, "KO") if parse_iso(row["Date"]) <= NOW * 1000][:4]
        amounts = [Decimal(row["Data"]["Amount"]) for row in last_four]
        assert (Decimal(frame["Dividend"]), Decimal(frame["DividendShare"])) == (amounts[0], sum(amounts))
        assert Decimal(frame["DividendYield"]) == round(sum(amounts) / quote.last * 100, 2)

    def test_there_are_four_a_year_and_those_that_were_paid_are_completed(self, investor: Client):
        rows = actions(investor, "JPM")
        assert len(rows) in (8, 9)
        days = [row["Date"] for row in rows]
        assert days == sorted(days, reverse=True)
        for row in rows:
            assert row["Completed"] == (parse_iso(row["Data"]["PayDate"]) // 1000 <= NOW)
            assert row["CompleteDate"][:10] == (row["Data"]["PayDate"] if row["Completed"] else "0001-01-01")
        assert len({row["Id"] for row in rows} | {row["UniqueId"] for row in rows}) == 2 * len(rows)

    def test_a_split_is_remembered(self, investor: Client):
        (split,) = [row for row in actions(investor, "NVDA") if row["Type"] == "StockSplit"]
        assert (split["Date"], split["Data"]["NewShares"]) == ("2024-06-10T00:00:00Z", "10")
        assert actions(investor, "UBER") == []

    def test_only_listed_companies_pay_and_split(self):
        assert set(DIVIDENDS) | set(SPLITS) <= set(SECURITIES)


@pytest.mark.parametrize("path", ["/news", "/news/corporate-actions"])
class TestRefusals:
    def test_an_unknown_ticker_is_a_conflict(self, investor: Client, path: str):
        assert investor.send("GET", path, params={"symbol": "NOPE"}).status_code == 409
        assert investor.send("GET", path, params={"symbol": "AAPL  261218C00270000"}).status_code == 409

    def test_a_ticker_is_needed(self, investor: Client, path: str):
        assert investor.send("GET", path).status_code == 404
        assert investor.send("GET", path, params={"symbol": ""}).status_code == 409
