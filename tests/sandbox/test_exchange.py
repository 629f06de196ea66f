"""The exchange by itself: what must hold for any price, any order and any stretch of time."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import parse_iso
from sandbox.exchange.balances import find_account, worth
from sandbox.exchange.calendar import Hours, previous_close_ms, session_on
from sandbox.exchange.entry import cancel_order, place_order
from sandbox.exchange.funds import excess
from sandbox.exchange.orders import FINAL_STATUSES, find_order
from sandbox.exchange.prices import STEP_MS, Level, Tape
from sandbox.exchange.securities import SECURITIES
from sandbox.exchange.tickets import Ticket
from sandbox.exchange.trailing import Trail, follow
from sandbox.state import State
from sandbox.world import World

OPENING = parse_iso("2026-11-23T14:30:00Z")

symbols = st.sampled_from(["AAPL", "TSLA", "F", "KO", "SPY", "LLY"])
sides = st.sampled_from(["Buy", "Sell"])
shown = st.sampled_from(["bid", "ask", "last"])
seeds = st.integers(0, 2**32)


class TestTape:
    @given(seed=seeds, symbol=symbols, second=st.integers(0, 10**6))
    def test_a_quote_is_on_the_tick_positive_and_not_crossed(self, seed: int, symbol: str, second: int):
        quote = Tape(seed, Hours("open")).quote(symbol, OPENING + second * STEP_MS)
        assert 0 < quote.bid < quote.ask
        assert quote.bid <= quote.last <= quote.ask
        assert not any(price % SECURITIES[symbol].tick for price in (quote.bid, quote.ask, quote.last))

    @settings(max_examples=40, deadline=None)
    @given(
        seed=seeds, symbol=symbols, field=shown, rising=st.booleans(), ticks=st.integers(-60, 60),
        length=st.integers(1, 1500),
    )  # fmt: skip
    def test_the_search_for_a_level_finds_what_trying_every_second_finds(
        self, seed: int, symbol: str, field: str, rising: bool, ticks: int, length: int
    ):
        tape = Tape(seed, Hours("open"))
        level = Level(field, rising, tape.quote(symbol, OPENING).last + ticks * SECURITIES[symbol].tick)
        until = OPENING + length * STEP_MS
        tried = next(
            (moment for moment in range(OPENING, until, STEP_MS) if level.is_reached(tape.quote(symbol, moment))), None
        )
        assert tape.first_reach(symbol, level, from_ms=OPENING, until_ms=until) == tried

    def test_an_override_between_two_seconds_is_seen(self):
        tape = Tape(1, Hours("open"))
        moment = OPENING + 1500
        tape.add_override(tape.override_price("KO", at_ms=moment, last=Decimal("1.00"), bid=None, ask=None, hold=True))
        found = tape.first_touch("KO", side="Buy", limit=Decimal("2.00"), from_ms=OPENING, until_ms=OPENING + 9000)
        assert found == moment

    def test_a_mutual_fund_has_one_price_a_day(self):
        tape = Tape(1, Hours("around-the-clock"))
        opening, close = OPENING, parse_iso("2026-11-23T21:00:00Z")
        before, after = tape.quote("VFIAX", close - STEP_MS), tape.quote("VFIAX", close)
        assert before.last == tape.quote("VFIAX", opening).last == tape.previous_close("VFIAX", close)
        assert before.last != after.last
        assert after.bid == after.ask == after.last
        level = Level("last", after.last > before.last, after.last)
        assert tape.first_reach("VFIAX", level, from_ms=opening, until_ms=close + 10**6) == close


class TestTrail:
    @settings(max_examples=40, deadline=None)
    @given(
        seed=seeds, symbol=symbols, falling=st.booleans(), percent=st.booleans(), tenths=st.integers(1, 20),
        length=st.integers(1, 1500),
    )  # fmt: skip
    def test_the_search_for_a_trailing_stop_finds_what_trying_every_second_finds(
        self, seed: int, symbol: str, falling: bool, percent: bool, tenths: int, length: int
    ):
        tape = Tape(seed, Hours("open"))
        trail = Trail(falling, Decimal(tenths) / 10, percent)
        start = best = tape.quote(symbol, OPENING).last
        until, tried = OPENING + length * STEP_MS, None
        for moment in range(OPENING, until, STEP_MS):
            last = tape.quote(symbol, moment).last
            best = trail.better(best, last)
            if trail.is_met(best, last):
                tried = moment
                break
        found = follow(tape, symbol, trail, best=start, from_ms=OPENING, until_ms=until)
        assert found == (tried, best)


class TestCalendar:
    def test_it_knows_holidays_half_days_and_daylight_time(self):
        assert session_on(date(2026, 11, 26)) is None
        half = session_on(date(2026, 11, 27))
        assert half is not None
        assert half.closes_ms == parse_iso("2026-11-27T18:00:00Z")
        summer = session_on(date(2026, 7, 1))
        assert summer is not None
        assert summer.opens_ms == parse_iso("2026-07-01T13:30:00Z")

    def test_the_close_before_a_day_is_that_of_the_session_before(self):
        friday = parse_iso("2026-11-20T21:00:00Z")
        assert previous_close_ms(parse_iso("2026-11-23T15:00:00Z")) == friday
        assert previous_close_ms(parse_iso("2026-11-24T03:00:00Z")) == friday  # still Monday's trading day
        assert previous_close_ms(parse_iso("2026-11-21T12:00:00Z")) == parse_iso("2026-11-19T21:00:00Z")


def new_world(seed: int) -> World:
    world = World(State(), base_url="http://localhost", web_port=8000, market_hours="open", seed=seed)
    world.reset(seed=seed, clock={"mode": "frozen", "set": "2026-11-23T15:00:00Z"})
    return world


steps = st.lists(
    st.one_of(
        st.tuples(st.just("place"), symbols, sides, st.integers(1, 3000), st.none() | st.integers(-40, 40)),
        st.tuples(st.just("advance"), st.floats(0, 5000)),
        st.tuples(st.just("cancel"), st.integers(0, 9)),
        st.tuples(st.just("move"), symbols, st.integers(90, 110)),
    ),
    max_size=14,
)


class TestMatching:
    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(1, 5), steps=steps)
    def test_whatever_happens_prices_quantities_and_cash_add_up(self, seed: int, steps: list[tuple]):
        world = new_world(seed)
        account = find_account(world.market, 6412)
        assert account is not None
        placed: list[int] = []
        for step in steps:
            self.take(world, step, placed)
        world.change_clock({"advance": 1})
        self.check_executions(world)
        self.check_orders(world, placed)
        self.check_cash_and_shares(world)

    def take(self, world: World, step: tuple, placed: list[int]) -> None:
        market = world.market
        account = find_account(market, 6412)
        assert account is not None
        match step:
            case ("place", symbol, side, quantity, ticks):
                last = market.tape.quote(symbol, market.now_ms()).last
                price = None if ticks is None else last + ticks * SECURITIES[symbol].tick
                kind = "Market" if price is None else "Limit"
                ticket = Ticket(symbol, side, kind, Decimal(quantity), price)
                placed.append(place_order(market, account, 7311, ticket).id)
                account = find_account(market, 6412)
                assert account is not None
                free = excess(market, account, market.now_ms())
                assert free == worth(market, account, market.now_ms()).excess >= 0
            case ("advance", seconds):
                world.change_clock({"advance": seconds})
            case ("cancel", number) if number < len(placed):
                order = find_order(world.state, 6412, placed[number])
                if order and not order.is_final and order.cancel_ms is None:
                    cancel_order(market, 6412, order.id)
            case ("move", symbol, percent):
                last = (market.tape.quote(symbol, market.now_ms()).last * percent / 100).quantize(Decimal("0.01"))
                world.move_prices({symbol: {"last": str(last), "hold": False}})

    def check_executions(self, world: World) -> None:
        rows = world.state.rows(
            "SELECT execution.*, orders.type, orders.price AS limit_price, orders.create_ms FROM execution"
            " JOIN orders ON orders.id = order_id"
        )
        for row in rows:
            assert row["price"] == (row["ask"] if row["side"] == "Buy" else row["bid"])
            assert row["at_ms"] > row["create_ms"]
            if row["type"] == "Limit":
                assert (
                    row["price"] <= row["limit_price"] if row["side"] == "Buy" else row["price"] >= row["limit_price"]
                )

    def check_orders(self, world: World, placed: list[int]) -> None:
        for order_id in placed:
            order = find_order(world.state, 6412, order_id)
            assert order is not None
            executions = world.state.rows("SELECT quantity FROM execution WHERE order_id = ?", order_id)
            assert order.executed == sum((row["quantity"] for row in executions), Decimal(0)) <= order.quantity
            assert (order.status == "Filled") == (order.executed == order.quantity)
            assert (order.status in FINAL_STATUSES) == (order.due_ms is None)
            assert order.reserved == 0 or not order.is_final

    def check_cash_and_shares(self, world: World) -> None:
        state = world.state
        account = find_account(world.market, 6412)
        assert account is not None
        entries = state.rows("SELECT amount FROM cash_entry WHERE account_id = 6412")
        assert account["cash"] == sum((row["amount"] for row in entries), Decimal(0))
        assert all(row["quantity"] >= 0 for row in state.rows("SELECT quantity FROM position"))
