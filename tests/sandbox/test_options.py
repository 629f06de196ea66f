"""Option contracts and their prices: what must hold for any contract at any moment."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import parse_iso
from sandbox.exchange.calendar import Hours, session_on
from sandbox.exchange.options import (
    contract,
    expiration_in,
    expiration_of,
    expiration_on,
    listed_expirations,
    strike_step,
    strikes_around,
    underlyings,
)
from sandbox.exchange.prices import STEP_MS, Level, Tape
from sandbox.exchange.pricing import RATE, Terms, black_scholes, greeks, implied_volatility
from sandbox.exchange.securities import SECURITIES, Security, find_by_id, find_security

OPENING = parse_iso("2026-11-23T14:30:00Z")
MINUTE_MS = 60_000

tickers = st.sampled_from([security.symbol for security in underlyings()])
weeks = st.integers(0, 2047)
kinds = st.sampled_from(["Call", "Put"])
seeds = st.integers(0, 2**32)


def option(symbol: str, day: str, kind: str, strike: str) -> Security:
    expiration = expiration_on(date.fromisoformat(day))
    assert expiration is not None
    return contract(SECURITIES[symbol], expiration, kind, Decimal(strike))


class TestContract:
    @settings(deadline=None)
    @given(ticker=tickers, week=weeks, kind=kinds, place=st.integers(1, 4095))
    def test_it_is_found_by_its_id_and_by_its_symbol(self, ticker: str, week: int, kind: str, place: int):
        underlying = SECURITIES[ticker]
        listed = contract(underlying, expiration_in(week), kind, place * strike_step(underlying))
        assert listed.id < 2**31
        assert find_by_id(listed.id) == listed
        assert find_security(listed.symbol) == listed
        assert find_security(listed.symbol.replace(" ", "").lower()) == listed
        assert (listed.underlying, listed.option_type, listed.strike) == (
            ticker,
            kind,
            place * strike_step(underlying),
        )

    def test_it_reads_as_the_vendor_writes_it(self):
        listed = find_security("AAPL  261218C00195000")
        assert listed is not None
        assert listed.name == "CALL Apple Inc. $195 EXP 12/18/26"
        assert (listed.contract_size, listed.expiration) == (100, date(2026, 12, 18))

    @pytest.mark.parametrize(
        "symbol",
        ["AAPL  261217C00195000", "AAPL  261218C00195100", "NOPE  261218C00195000", "AAPL  269918C00195000", "AAPL 1"],
    )
    def test_it_has_to_be_on_the_grid(self, symbol: str):
        assert find_security(symbol) is None

    @settings(deadline=None)
    @given(st.integers(-(2**31), 2**31 - 1))
    def test_any_number_is_a_contract_or_nothing(self, id: int):
        found = find_by_id(id)
        assert found is None or found.id == id


class TestExpirations:
    def test_weeks_months_and_januaries_are_listed(self):
        days = [expiration.day for expiration in listed_expirations(OPENING)]
        assert days[:3] == [date(2026, 11, 27), date(2026, 12, 4), date(2026, 12, 11)]
        assert [day for day in days if day.year > 2027] == [date(2028, 1, 21), date(2029, 1, 19)]
        assert sum(expiration.is_regular for expiration in listed_expirations(OPENING)) == 14

    def test_the_day_before_a_holiday_takes_its_place(self):
        juneteenth = expiration_on(date(2026, 6, 18))
        assert juneteenth is not None
        assert juneteenth.is_regular
        assert expiration_on(date(2026, 6, 19)) is None

    @settings(deadline=None)
    @given(st.integers(OPENING - 10**12, OPENING + 10**11))
    def test_they_are_trading_days_to_come(self, at_ms: int):
        listed = listed_expirations(at_ms)
        assert all(session_on(expiration.day) and expiration.ends_ms > at_ms for expiration in listed)
        assert listed == sorted(listed, key=lambda expiration: expiration.week)


class TestPrices:
    @settings(max_examples=60, deadline=None)
    @given(
        seed=seeds, ticker=tickers, place=st.integers(0, 20), moment=st.integers(0, 4 * 86_400), is_put=st.booleans()
    )
    def test_a_chain_is_monotonic_in_the_strike(self, seed: int, ticker: str, place: int, moment: int, is_put: bool):
        tape, underlying, at_ms = Tape(seed, Hours("open")), SECURITIES[ticker], OPENING + moment * STEP_MS
        expirations = listed_expirations(at_ms)
        expiration = expirations[place % len(expirations)]
        quotes = [
            tape.quote(contract(underlying, expiration, "Put" if is_put else "Call", strike).symbol, at_ms)
            for strike in strikes_around(underlying, underlying.price, expiration.reach)
        ]
        for field in ("bid", "ask", "last"):
            prices = [getattr(quote, field) for quote in quotes]
            assert prices == sorted(prices, reverse=not is_put)
        assert all(0 < quote.bid < quote.ask and quote.bid <= quote.last <= quote.ask for quote in quotes)

    @settings(deadline=None)
    @given(
        seed=seeds, ticker=tickers, place=st.integers(0, 20), off=st.integers(-15, 15), moment=st.integers(0, 90_000)
    )
    def test_calls_and_puts_are_at_parity_within_their_spreads(
        self, seed: int, ticker: str, place: int, off: int, moment: int
    ):
        """Of American options the parity is a band: share - strike <= call - put <= share - discounted strike."""
        tape, underlying, at_ms = Tape(seed, Hours("open")), SECURITIES[ticker], OPENING + moment * STEP_MS
        expirations = listed_expirations(at_ms)
        expiration = expirations[place % len(expirations)]
        strike = strikes_around(underlying, underlying.price, 15)[off + 15 if off < 16 else 0]
        call, put = (contract(underlying, expiration, kind, strike) for kind in ("Call", "Put"))
        bought = tape.quote(call.symbol, at_ms).ask - tape.quote(put.symbol, at_ms).bid
        sold = tape.quote(call.symbol, at_ms).bid - tape.quote(put.symbol, at_ms).ask
        spot = tape.quote(ticker, at_ms).last
        discount = (1 - Decimal(-RATE * tape.terms(call, at_ms).years).exp()) * strike
        assert bought >= spot - strike
        assert sold <= spot - strike + discount

    def test_it_follows_a_price_moved_by_hand(self):
        tape, call = Tape(1, Hours("open")), option("AAPL", "2026-12-18", "Call", "270")
        before = tape.quote(call.symbol, OPENING)
        tape.add_override(
            tape.override_price("AAPL", at_ms=OPENING, last=Decimal("300.00"), bid=None, ask=None, hold=True)
        )
        after = tape.quote(call.symbol, OPENING)
        assert after.bid > before.ask
        assert after.bid >= 30

    def test_at_the_end_it_is_worth_what_exercising_brings(self):
        tape, last_day = Tape(1, Hours("calendar")), date(2026, 12, 18)
        spot = tape.quote("AAPL", parse_iso("2026-12-18T21:00:00Z")).last
        for strike in strikes_around(SECURITIES["AAPL"], spot, 4):
            for kind in ("Call", "Put"):
                quote = tape.quote(
                    option("AAPL", last_day.isoformat(), kind, str(strike)).symbol, parse_iso("2027-02-01T15:00:00Z")
                )
                pays = max(spot - strike if kind == "Call" else strike - spot, Decimal(0))
                assert (quote.bid, quote.ask, quote.last) == (pays, pays, pays)

    @settings(max_examples=25, deadline=None)
    @given(
        seed=seeds, kind=kinds, off=st.integers(-6, 6), ticks=st.integers(-8, 8), rising=st.booleans(),
        field=st.sampled_from(["bid", "ask", "last"]), length=st.integers(1, 900), held=st.booleans(),
    )  # fmt: skip
    def test_the_search_for_a_level_finds_what_trying_every_second_finds(
        self, seed: int, kind: str, off: int, ticks: int, field: str, rising: bool, length: int, held: bool
    ):
        tape, start = Tape(seed, Hours("calendar")), parse_iso("2026-11-25T20:45:00Z")
        underlying = SECURITIES["TSLA"]
        strike = strikes_around(underlying, tape.quote("TSLA", start).last, 6)[off + 6]
        listed = option("TSLA", "2026-11-27", kind, str(strike))
        if held:
            tape.add_override(
                tape.override_price(
                    "TSLA", at_ms=start + MINUTE_MS, last=tape.quote("TSLA", start).last, bid=None, ask=None, hold=True
                )
            )
        price = getattr(tape.quote(listed.symbol, start), field) + ticks * Decimal("0.05")
        level = Level(field, rising, price)
        until = start + length * STEP_MS
        tried = next(
            (at for at in range(start, until, STEP_MS) if level.is_reached(tape.quote(listed.symbol, at))), None
        )
        assert tape.first_reach(listed.symbol, level, from_ms=start, until_ms=until) == tried

    def test_nothing_is_touched_after_the_end(self):
        tape, call = Tape(1, Hours("open")), option("AAPL", "2026-11-27", "Call", "270")
        ends = expiration_of(call).ends_ms
        assert tape.first_touch(call.symbol, side="Buy", limit=None, from_ms=ends, until_ms=ends + 10**6) is None
        assert (
            tape.first_touch(call.symbol, side="Buy", limit=None, from_ms=ends - 1, until_ms=ends + 10**6) == ends - 1
        )


class TestModel:
    terms = st.builds(Terms, st.booleans(), st.floats(50, 200), st.floats(0.02, 2))

    @settings(deadline=None)
    @given(terms=terms, volatility=st.floats(0.1, 1))
    def test_the_implied_volatility_is_that_of_the_price(self, terms: Terms, volatility: float):
        price = black_scholes(100, terms, volatility)
        found = implied_volatility(price, 100, terms)
        if greeks(100, terms, volatility).vega > 1e-3:
            assert found == pytest.approx(volatility, rel=1e-3)

    @settings(deadline=None)
    @given(terms=terms, volatility=st.floats(0.1, 1))
    def test_the_greeks_are_slopes_of_the_value(self, terms: Terms, volatility: float):
        found, step = greeks(100, terms, volatility), 1e-3
        up, down = black_scholes(100 + step, terms, volatility), black_scholes(100 - step, terms, volatility)
        assert found.delta == pytest.approx((up - down) / (2 * step), abs=1e-4)
        tomorrow = Terms(terms.is_call, terms.strike, terms.years - 1e-6)
        decay = (black_scholes(100, tomorrow, volatility) - black_scholes(100, terms, volatility)) / 1e-6 / 365.25
        assert found.theta == pytest.approx(decay, abs=1e-3)
        more = black_scholes(100, terms, volatility + 1e-5) - black_scholes(100, terms, volatility)
        assert found.vega == pytest.approx(more / 1e-5 / 100, abs=1e-3)
