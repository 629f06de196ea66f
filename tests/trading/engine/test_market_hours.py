"""When the New York Stock Exchange trades, holidays, half days and daylight saving included."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from trading.market_hours import market_state, session_of


@dataclass
class _Connection:
    trades_around_the_clock: bool = False


@dataclass
class _Broker:
    connection: _Connection


CALENDAR = _Broker(_Connection())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestMarketState:
    def test_it_is_open_in_the_regular_session(self):
        state = market_state(CALENDAR, at("2026-11-24T15:00"))
        assert state.is_open
        assert state.closes_at == at("2026-11-24T21:00")
        assert state.label == "Open until 4:00 pm ET"

    @pytest.mark.parametrize(
        ("moment", "is_open"),
        [
            ("2026-11-24T14:29:59", False),
            ("2026-11-24T14:30:00", True),
            ("2026-11-24T20:59:59", True),
            ("2026-11-24T21:00:00", False),
        ],
    )
    def test_it_opens_and_closes_on_the_second(self, moment, is_open):
        assert market_state(CALENDAR, at(moment)).is_open is is_open

    def test_it_says_today_before_the_open(self):
        state = market_state(CALENDAR, at("2026-11-24T13:00"))
        assert state.label == "Closed until 9:30 am ET"
        assert state.opens_at == at("2026-11-24T14:30")

    def test_it_stays_closed_on_thanksgiving(self):
        state = market_state(CALENDAR, at("2026-11-26T16:00"))
        assert not state.is_open
        assert state.label == "Closed until Friday 9:30 am ET"

    def test_it_closes_at_one_on_the_day_after(self):
        assert market_state(CALENDAR, at("2026-11-27T17:59")).closes_at == at("2026-11-27T18:00")
        after = market_state(CALENDAR, at("2026-11-27T18:00"))
        assert after.label == "Closed until Monday 9:30 am ET"

    def test_it_moves_with_daylight_saving(self):
        assert session_of(date(2026, 3, 6))[0] == at("2026-03-06T14:30")  # the Friday before clocks change
        assert session_of(date(2026, 3, 9))[0] == at("2026-03-09T13:30")
        assert session_of(date(2026, 10, 30))[0] == at("2026-10-30T13:30")
        assert session_of(date(2026, 11, 2))[0] == at("2026-11-02T14:30")

    def test_it_finds_the_session_after_a_holiday_at_the_turn_of_the_year(self):
        assert market_state(CALENDAR, at("2026-12-31T22:00")).opens_at == at("2027-01-04T14:30")

    def test_it_never_closes_in_a_simulated_market(self):
        state = market_state(_Broker(_Connection(trades_around_the_clock=True)), at("2026-11-26T03:00"))
        assert state.is_open
        assert state.closes_at is None
