"""Candles by themselves: what must hold for any security, period and moment, and for prices moved by hand."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import parse_iso
from sandbox.exchange.bars import Bars
from sandbox.exchange.calendar import Hours
from sandbox.exchange.candles import PERIODS_OF_CANDLES, Range, candles
from sandbox.exchange.day import day_of, regular_last, year_of
from sandbox.exchange.periods import INTRADAY
from sandbox.exchange.prices import STEP_MS, Tape
from sandbox.exchange.securities import security_of
from sandbox.exchange.walk import Walk
from sandbox.exchange.waves import Waves

OPENING = parse_iso("2026-11-23T14:30:00Z")
DAY_MS, YEAR_MS = 86_400_000, 365 * 86_400_000
CALL = "AAPL  261218C00280000"

seeds = st.integers(0, 2**32)
symbols = st.sampled_from(["AAPL", "TSLA", "F", "KO", "SPY", CALL])
modes = st.sampled_from(["calendar", "around-the-clock", "closed"])
moments = st.integers(OPENING - 4 * DAY_MS, OPENING + 4 * DAY_MS)


def chart(tape: Tape, symbol: str, period: str, now_ms: int, **more: object) -> Bars:
    wanted = {"from_ms": now_ms - 10 * DAY_MS, "until_ms": now_ms} | more
    return candles(tape, security_of(symbol), Range(period, **wanted), now_ms=now_ms)  # type: ignore[arg-type]


class TestWaves:
    @settings(deadline=None)
    @given(seed=seeds, seconds=st.lists(st.integers(-(2**34), 2**34), min_size=1, max_size=20))
    def test_they_are_the_walk_bit_by_bit(self, seed: int, seconds: list[int]):
        walk = Walk(seed, "AAPL", 0.015)
        assert Waves(walk).at(np.array(seconds)).tolist() == [walk.at(second) for second in seconds]

    @settings(deadline=None)
    @given(seed=seeds, first=st.integers(0, 2**31), lengths=st.lists(st.integers(0, 4000), min_size=1, max_size=8))
    def test_the_extremes_are_those_of_all_seconds(self, seed: int, first: int, lengths: list[int]):
        waves = Waves(Walk(seed, "TSLA", 0.034))
        firsts = np.array([first + 5000 * place for place in range(len(lengths))])
        highest, lowest = waves.extremes(firsts, firsts + lengths)
        for place, length in enumerate(lengths):
            heights = waves.at(np.arange(firsts[place], firsts[place] + length + 1))
            assert highest[place] == pytest.approx(heights.max(), abs=1e-12)
            assert lowest[place] == pytest.approx(heights.min(), abs=1e-12)

    def test_years_of_prices_are_plausible(self):
        """A year moves a price by some ten percent, not by a factor of ten."""
        tape = Tape(1, Hours())
        for symbol in ("AAPL", "TSLA", "KO", "SPY", "F", "VFIAX"):
            years = chart(tape, symbol, "1Y", OPENING, from_ms=0)
            assert len(years) == 8
            assert 0.5 < years.close[-1] / float(security_of(symbol).price) < 2
            assert (np.abs(np.log(years.close[1:] / years.close[:-1])) < 1.5).all()
            assert (years.low > 0).all()


class TestCandles:
    @settings(max_examples=60, deadline=None)
    @given(
        seed=seeds, symbol=symbols, mode=modes, now=moments, period=st.sampled_from(PERIODS_OF_CANDLES),
        outside=st.booleans(),
    )  # fmt: skip
    def test_the_running_one_ends_at_the_live_price(
        self, seed: int, symbol: str, mode: str, now: int, period: str, outside: bool
    ):
        hours = Hours(mode, OPENING)
        tape = Tape(seed, hours)
        bars = chart(tape, symbol, period, now, from_ms=0, outside=outside, most=50)
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert (np.diff(bars.time) > 0).all()
        assert bars.time[-1] * STEP_MS <= now
        if hours.is_open(now) or (outside and period in INTRADAY and symbol != CALL):
            assert bars.close[-1] == float(tape.quote(symbol, now).last)

    @settings(max_examples=40, deadline=None)
    @given(seed=seeds, symbol=symbols, second=st.integers(0, 23_400), period=st.sampled_from(["1m", "5m", "1h", "1D"]))
    def test_they_contain_their_prices(self, seed: int, symbol: str, second: int, period: str):
        tape, at_ms = Tape(seed, Hours()), OPENING + second * STEP_MS
        bars = chart(tape, symbol, period, OPENING + DAY_MS, from_ms=OPENING)
        place = np.searchsorted(bars.time, at_ms // STEP_MS, side="right") - 1
        place -= bars.time[place] * STEP_MS == OPENING + 23_400 * STEP_MS
        assert bars.low[place] <= float(tape.quote(symbol, at_ms).last) <= bars.high[place]

    @settings(max_examples=30, deadline=None)
    @given(seed=seeds, symbol=symbols, now=moments, period=st.sampled_from(list(INTRADAY)))
    def test_those_within_a_day_add_up_to_that_of_the_day(self, seed: int, symbol: str, now: int, period: str):
        tape = Tape(seed, Hours())
        day = chart(tape, symbol, "1D", now).rows()[-1]
        parts = chart(tape, symbol, period, now, from_ms=day[0] * STEP_MS)
        assert (parts.time[0], parts.open[0], parts.close[-1], parts.volume.sum()) == (day[0], day[1], day[4], day[5])
        if symbol != CALL:  # an option's extremes are taken from those of its underlying
            assert (parts.high.max(), parts.low.min()) == (day[2], day[3])

    @settings(max_examples=20, deadline=None)
    @given(seed=seeds, now=moments, mode=modes, symbol=symbols)
    def test_the_day_of_a_quote_is_the_candle_of_the_day(self, seed: int, now: int, mode: str, symbol: str):
        tape = Tape(seed, Hours(mode, OPENING))
        for at_ms in (now, now + 5000, now + 40_000, now - 20_000):
            candle, day = chart(tape, symbol, "1D", at_ms).rows()[-1], day_of(tape, symbol, at_ms)
            assert tuple(map(float, (day.open, day.high, day.low, day.volume))) == (*candle[1:4], candle[5])

    def test_a_day_begins_where_the_session_does(self):
        bars = chart(Tape(1, Hours()), "KO", "1D", parse_iso("2026-11-27T20:00:00Z"))
        assert bars.time[-3:].tolist() == [
            parse_iso(text) // 1000 for text in ("2026-11-24T14:30Z", "2026-11-25T14:30Z", "2026-11-27T14:30Z")
        ]
        assert bars.close[-1] == float(Tape(1, Hours()).quote("KO", parse_iso("2026-11-27T18:00Z")).last)

    def test_longer_ones_are_made_of_days(self):
        tape, now = Tape(1, Hours()), OPENING + DAY_MS
        days = chart(tape, "KO", "1D", now, from_ms=parse_iso("2026-10-01T00:00Z"))
        month = chart(tape, "KO", "1M", now, from_ms=parse_iso("2026-10-01T00:00Z"))
        assert len(month) == 2
        assert month.high[0] == days.high[:22].max()
        assert (month.open[1], month.close[1]) == (days.open[22], days.close[-1])
        assert month.volume.sum() == days.volume.sum()

    def test_before_and_after_the_session_is_asked_for(self):
        tape, now = Tape(1, Hours()), parse_iso("2026-11-24T04:00Z")
        regular = chart(tape, "KO", "30m", now, from_ms=OPENING - 6 * 3_600_000)
        wide = chart(tape, "KO", "30m", now, from_ms=OPENING - 6 * 3_600_000, outside=True)
        assert (len(regular), len(wide)) == (13, 32)
        assert wide.is_market.sum() == 13
        assert wide.volume[wide.is_market].min() > wide.volume[~wide.is_market].max()

    def test_the_newest_are_given_when_there_are_too_many(self):
        tape, now = Tape(1, Hours()), OPENING + DAY_MS
        assert len(chart(tape, "KO", "1m", now, from_ms=0)) == 10_000
        few = chart(tape, "KO", "1m", now, from_ms=0, most=7)
        assert few.rows() == chart(tape, "KO", "1m", now).rows()[-7:]
        assert len(chart(tape, "KO", "1W", now, from_ms=0, most=3)) == 3

    def test_an_option_has_them_while_it_is_listed(self):
        tape = Tape(1, Hours())
        weekly = chart(tape, "AAPL  261127C00280000", "1D", parse_iso("2027-01-05T15:00Z"), from_ms=0)
        assert [weekly.time[0], weekly.time[-1]] == [
            parse_iso("2026-10-05T13:30Z") // 1000,
            parse_iso("2026-11-27T14:30Z") // 1000,
        ]
        spot = tape.quote("AAPL", parse_iso("2026-11-27T18:00Z")).last
        assert weekly.close[-1] == float(max(spot - 280, Decimal(0)))

    def test_an_option_has_none_before_it_is_listed(self):
        assert len(chart(Tape(1, Hours()), "ADBE  310613C08442500", "1D", OPENING + DAY_MS)) == 0

    def test_a_mutual_fund_has_days_only(self):
        tape, now = Tape(1, Hours()), parse_iso("2026-11-24T20:59Z")
        days = chart(tape, "VFIAX", "1D", now)
        assert days.time[-1] * STEP_MS == OPENING
        assert days.close[-1] == float(tape.quote("VFIAX", now).last)
        assert len(chart(tape, "VFIAX", "1m", now)) == 0


class TestMovedPrices:
    def test_a_held_price_is_in_the_candle_from_its_second_on(self):
        tape, at_ms = Tape(1, Hours()), OPENING + 90_500
        before = chart(tape, "KO", "1m", OPENING + 200_000, from_ms=OPENING).rows()
        tape.add_override(tape.override_price("KO", at_ms=at_ms, last=Decimal("99.00"), bid=None, ask=None, hold=True))
        bars = chart(tape, "KO", "1m", OPENING + 200_000, from_ms=OPENING)
        assert bars.rows()[0] == before[0]
        assert bars.rows()[1] == (before[1][0], before[1][1], 99.0, bars.low[1], 99.0, before[1][5], True)
        assert bars.rows()[2][1:5] == (99.0, 99.0, 99.0, 99.0)
        assert day_of(tape, "KO", OPENING + 200_000).high == 99

    def test_the_live_candle_shows_it_at_once(self):
        tape, at_ms = Tape(1, Hours()), OPENING + 90_500
        assert day_of(tape, "KO", at_ms).high < 90
        tape.add_override(tape.override_price("KO", at_ms=at_ms, last=Decimal("99.00"), bid=None, ask=None, hold=True))
        for period in ("1m", "1D", "1W"):
            assert chart(tape, "KO", period, at_ms).close[-1] == 99
        assert day_of(tape, "KO", at_ms).high == 99
        assert year_of(tape, security_of("KO"), at_ms).high == 99

    def test_a_price_moved_after_the_close_is_the_last_one_of_its_options_too(self):
        tape, evening = Tape(1, Hours()), OPENING + 8 * 3_600_000
        before = regular_last(tape, tape.quote(CALL, evening))
        tape.add_override(tape.override_price("AAPL", at_ms=evening, last=Decimal(400), bid=None, ask=None, hold=True))
        for symbol in ("AAPL", CALL):
            quote = tape.quote(symbol, evening)
            assert regular_last(tape, quote) == quote.last
        assert regular_last(tape, tape.quote(CALL, evening)) > before + 100

    def test_a_price_that_walks_on_is_stretched(self):
        tape, at_ms = Tape(1, Hours()), OPENING + 60_000
        tape.add_override(tape.override_price("KO", at_ms=at_ms, last=Decimal("140"), bid=None, ask=None, hold=False))
        bars = chart(tape, "KO", "1m", OPENING + 600_000, from_ms=OPENING)
        assert bars.close[0] < 90
        assert bars.open[1] == 140
        for place in range(1, len(bars)):
            at_ms = int(bars.time[place]) * STEP_MS
            assert bars.open[place] == float(tape.quote("KO", at_ms).last)
