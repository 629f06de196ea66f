"""News of a company: its results, dividends and splits, and what its shares did, by templates true to the charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

from sandbox.exchange.calendar import eastern_day, session_on
from sandbox.exchange.companies import Results, dividends_of, results_of, split_of
from sandbox.exchange.listing import Security
from sandbox.exchange.money import rounded
from sandbox.exchange.prices import Tape
from sandbox.exchange.walk import key_of, mix

DAYS_OF_NEWS, WEEKS_OF_SHARES, MOST_NEWS = 120, 6, 25
HOUR_MS = 3_600_000
STEADY_PERCENT = Decimal("0.3")
ARTICLES = "https://news.example"

OPINIONS = (
    "Analysts see demand holding up at {name}",
    "{name}: what to watch this quarter",
    "Why {industry} is in focus, & where {name} stands",
    "Options traders take a closer look at {ticker}",
    "{name} names new head of investor relations",
    'A "steady hand": investors on {name}\'s outlook',
)


@dataclass(frozen=True, slots=True)
class Story:
    """Plain text; `at_ms` is when it came out."""

    at_ms: int
    kind: str
    title: str
    teaser: str

    def address(self, security: Security) -> str:
        """Where the article would be; a domain that never exists (RFC 2606)."""
        return f"{ARTICLES}/{security.symbol}/{eastern_day(self.at_ms)}/{self.kind}"


def stories_of(tape: Tape, security: Security, now_ms: int) -> list[Story]:
    """Newest first. Mutual funds and options are not in the news."""
    if security.is_fund or security.is_option:
        return []
    told = chain(*(tell(tape, security, now_ms) for tell in (_from_company, _from_market, _opinions)))
    recent = [story for story in told if now_ms - DAYS_OF_NEWS * 24 * HOUR_MS < story.at_ms <= now_ms]
    return sorted(recent, key=lambda story: (-story.at_ms, story.kind))[:MOST_NEWS]


def _from_company(tape: Tape, security: Security, now_ms: int) -> Iterator[Story]:
    today, name = eastern_day(now_ms), security.name
    since = today - timedelta(days=DAYS_OF_NEWS)
    for results in results_of(tape.seed, security, since=since, until=today):
        yield _told_results(security, results)
    for dividend in dividends_of(security, until=today):
        yield Story(
            _open_of(dividend.declared) - HOUR_MS,
            "dividend",
            f"{name} declares quarterly dividend of ${dividend.amount} per share",
            f"{name} ({security.symbol}) will pay ${dividend.amount} per share on {_spelled(dividend.pay_day)}"
            f" to holders of record on {_spelled(dividend.ex_day)}, which is also the ex-dividend date.",
        )
    if split := split_of(security, until=today):
        yield Story(
            _open_of(split[1]) - HOUR_MS,
            "split",
            f"{name} begins trading on a split-adjusted basis",
            f"Each share of {name} ({security.symbol}) became {split[0]} today.",
        )


def _told_results(security: Security, results: Results) -> Story:
    verb = "beats" if results.earned > results.expected else "misses" if results.earned < results.expected else "meets"
    return Story(
        _open_of(results.day) - 2 * HOUR_MS,
        "results",
        f"{security.name} {verb} estimates for Q{results.quarter} {results.year}",
        f"{security.name} ({security.symbol}) earned ${results.earned} per share in the quarter; analysts had expected"
        f" ${results.expected}.",
    )


def _from_market(tape: Tape, security: Security, now_ms: int) -> Iterator[Story]:
    """How the shares ended each of the last weeks, by the closes of the chart."""
    friday = eastern_day(now_ms)
    friday -= timedelta(days=(friday.weekday() - 4) % 7)
    for weeks in range(WEEKS_OF_SHARES):
        ended, began = (_close_before(friday - timedelta(weeks=back)) for back in (weeks, weeks + 1))
        if ended + HOUR_MS > now_ms:
            continue
        last, before = (tape.quote(security.symbol, at_ms).last for at_ms in (ended, began))
        percent = rounded((last / before - 1) * 100, 1)
        direction = "up" if percent > 0 else "down"
        verb = "little changed" if abs(percent) < STEADY_PERCENT else f"{direction} {abs(percent)}%"
        yield Story(
            ended + HOUR_MS,
            "week",
            f"{security.name} ends the week {verb}",
            f"Shares of {security.name} ({security.symbol}) closed at ${last}, after ${before} a week earlier.",
        )


def _opinions(tape: Tape, security: Security, now_ms: int) -> Iterator[Story]:
    """On some days, at some hour."""
    key = key_of(tape.seed, security.symbol, "opinions")
    for back in range(DAYS_OF_NEWS):
        day = eastern_day(now_ms) - timedelta(days=back)
        luck = mix(key, day.toordinal())
        if luck % 9 or session_on(day) is None:
            continue
        pattern = OPINIONS[luck // 9 % len(OPINIONS)]
        title = pattern.format(name=security.name, ticker=security.symbol, industry=security.industry)
        teaser = f"A look at {security.name} ({security.symbol}) & its peers in {security.industry}."
        yield Story(_open_of(day) + luck // 100 % 360 * HOUR_MS // 60, "opinion", title, teaser)


def _open_of(day: date) -> int:
    session = session_on(day)
    assert session is not None  # noqa: S101 - companies tell things on trading days
    return session.opens_ms


def _close_before(day: date) -> int:
    """The close of this day, or of the last trading day before it."""
    while (session := session_on(day)) is None:
        day -= timedelta(days=1)
    return session.closes_ms


def _spelled(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
