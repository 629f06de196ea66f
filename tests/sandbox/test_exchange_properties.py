"""The exchange under everything at once: orders of all kinds, moving prices, passing time, cancellations, replacements
and restarts. Whatever happens, money and shares add up, and the same commands give the same ledger again."""

import json
import shutil
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.clock import parse_iso
from sandbox.control.ledger import ledger
from sandbox.exchange.balances import find_account, worth
from sandbox.exchange.cancelling import OrderNotCancelable, cancel_order
from sandbox.exchange.entry import OrderNotReplaceable, place_order, replace_order
from sandbox.exchange.families import trigger_and_others
from sandbox.exchange.funds import excess, held
from sandbox.exchange.orders import CONDITIONAL_TYPES, Order, get_order, legs_of, read_orders
from sandbox.exchange.replacing import Change
from sandbox.exchange.tickets import Ticket
from sandbox.state import State
from sandbox.world import World

START = "2026-11-23T15:00:00Z"
EVENING = parse_iso("2026-11-23T23:00:00Z")
TRADER, ACCOUNT = 7313, 6420
CENT = Decimal("0.01")

SIDES = ["Buy", "Sell", "SellShort", "BuyToCover"]
SHARES = ["TSLA", "KO", "F"]
symbols = st.sampled_from([*SHARES, *SHARES, "AAPL  261127C00270000", "AAPL  261127P00260000"])
intents = st.sampled_from(["long", "long", "short", "close", "close"])
kinds = st.sampled_from(["Market", "Limit", "Limit", "Stop", "StopLimit", "TrailingStop", "TrailingStopLimit"])
times = st.sampled_from(
    ["Day", "Day", "GoodTillCancel", "GoodTillDate", "ImmediateOrCancel", "FillOrKill", "AtTheOpening", "AtTheClose"]
)
hours = st.sampled_from([None, None, None, "ALL", "POST"])
parts = st.integers(-30, 30)  # thousandths by which a price lies off the last one
quantities = st.integers(1, 60) | st.integers(1, 1500)

plain = st.tuples(symbols, intents, kinds, quantities, parts, parts, times, hours)
conditional = st.tuples(
    st.sampled_from(sorted(CONDITIONAL_TYPES)), st.sampled_from(SHARES), st.integers(1, 60),
    st.lists(st.tuples(kinds, parts, parts), min_size=3, max_size=3),
)  # fmt: skip


def new_world(path: Path | None, seed: int) -> World:
    return World(State(path), base_url="http://localhost", web_port=8000, market_hours="calendar", seed=seed)


def near(world: World, symbol: str, thousandths: int) -> Decimal:
    """A price on the grid that lies so far from the last one."""
    last = world.market.tape.quote(symbol, world.market.now_ms()).last
    return max((last * (1000 + thousandths) / 1000).quantize(CENT), CENT)


def side_for(world: World, symbol: str, intent: str) -> str:
    """The side that does what is meant, as things are; a few of them will be refused all the same."""
    there = held(world.market, ACCOUNT, symbol)
    if intent == "close":
        return "BuyToCover" if there < 0 else "Sell"
    if intent == "long":
        return "BuyToCover" if there < 0 else "Buy"
    return "Sell" if there > 0 else "SellShort"


def ticket(world: World, *terms: Any) -> Ticket:
    symbol, side, kind, quantity, limit, stop, tif, extended = terms
    if (kind == "Market" and tif.startswith("GoodTill")) or kind not in ("Market", "Limit"):
        tif = "Day"
    return Ticket(
        symbol, side, kind, Decimal(quantity), price=near(world, symbol, limit), tif=tif,
        extended_hours=extended if kind == "Limit" else None, stop_price=near(world, symbol, stop),
        trail_amount=Decimal(abs(stop) + 1) / 20, trail_limit_amount=Decimal(1) / 10, expire_ms=EVENING,
    )  # fmt: skip


class Commands:
    """What can be done to a world; each is plain data, so that it can be done again to another one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.placed: list[int] = []

    def run(self, name: str, *values: Any) -> None:
        command: Callable[..., None] = getattr(self, name)
        command(*values)

    def place(self, symbol: str, intent: str, *terms: Any) -> None:
        self._place(ticket(self.world, symbol, side_for(self.world, symbol, intent), *terms))

    def place_conditional(self, kind: str, symbol: str, quantity: int, legs: list[Any]) -> None:
        entry, way_out = ("Buy", "Sell") if held(self.world.market, ACCOUNT, symbol) >= 0 else ("BuyToCover", "Buy")
        sides = [way_out] * 2 if kind == "OneCancelOther" else [entry, way_out, way_out]
        tickets = [
            ticket(self.world, symbol, side, leg_kind, quantity, limit, stop, "Day", None)
            for side, (leg_kind, limit, stop) in zip(sides, legs, strict=False)
        ]
        legs_wanted = tickets if kind == "OneTriggerOneCancelOther" else tickets[:2]
        self._place(Ticket("", "", kind, Decimal(0), legs=tuple(legs_wanted)))

    def _place(self, wanted: Ticket) -> None:
        account = find_account(self.world.market, ACCOUNT)
        assert account is not None
        order = place_order(self.world.market, account, TRADER, wanted)
        self.placed += [order.id, *(leg.id for leg in legs_of(self.world.state, order))]

    def advance(self, seconds: float) -> None:
        self.world.change_clock({"advance": seconds})

    def move(self, symbol: str, thousandths: int, hold: bool) -> None:
        last = str(near(self.world, symbol, thousandths))
        self.world.move_prices({symbol: {"last": last, "hold": hold or len(symbol) > 6}})

    def cancel(self, number: int) -> None:
        if self.placed:
            try:
                cancel_order(self.world.market, ACCOUNT, self.placed[number % len(self.placed)])
            except OrderNotCancelable:
                return

    def replace(self, number: int, quantity: int, thousandths: int) -> None:
        account = find_account(self.world.market, ACCOUNT)
        if not self.placed or account is None:
            return
        order = get_order(self.world.state, self.placed[number % len(self.placed)])
        if not order.symbol:
            return
        price = near(self.world, order.symbol, thousandths)
        try:
            replace_order(self.world.market, account, order.id, Change(order.id, Decimal(quantity), price=price))
        except OrderNotReplaceable:
            return


class Exchange(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="exchange-"))
        self.log: list[tuple[Any, ...]] = []

    @initialize(seed=st.integers(1, 4))
    def open(self, seed: int) -> None:
        self.seed = seed
        self.commands = Commands(new_world(self.folder / "state.sqlite3", seed))
        self.commands.world.reset(seed=seed, clock={"mode": "frozen", "set": START})
        self.start = self.held()

    def do(self, *command: Any) -> None:
        self.log.append(command)
        self.commands.run(*command)

    @rule(terms=plain)
    def place(self, terms: tuple[Any, ...]) -> None:
        self.do("place", *terms)

    @rule(terms=conditional)
    def place_conditional(self, terms: tuple[Any, ...]) -> None:
        self.do("place_conditional", *terms)

    @rule(seconds=st.sampled_from([0.2, 1, 3, 60, 3600]) | st.floats(0, 5000))
    def advance(self, seconds: float) -> None:
        self.do("advance", seconds)

    @rule(days=st.integers(1, 5))
    def sleep(self, days: int) -> None:
        self.do("advance", days * 86_400)

    @rule(symbol=symbols, thousandths=parts, hold=st.booleans())
    def move(self, symbol: str, thousandths: int, hold: bool) -> None:
        self.do("move", symbol, thousandths, hold)

    @rule(number=st.integers(0, 30))
    def cancel(self, number: int) -> None:
        self.do("cancel", number)

    @rule(number=st.integers(0, 30), quantity=st.integers(1, 1500), thousandths=parts)
    def replace(self, number: int, quantity: int, thousandths: int) -> None:
        self.do("replace", number, quantity, thousandths)

    @rule()
    def restart(self) -> None:
        before = self.ledger(self.commands.world)
        self.commands.world.state.close()
        self.commands.world = new_world(self.folder / "state.sqlite3", seed=99)
        assert self.ledger(self.commands.world) == before

    def rows(self, sql: str) -> list[Any]:
        return self.commands.world.state.rows(sql)

    def orders(self) -> list[Order]:
        return read_orders(self.rows("SELECT * FROM orders ORDER BY id"))

    def held(self) -> dict[str, Decimal]:
        rows = self.rows(f"SELECT symbol, quantity FROM position WHERE account_id = {ACCOUNT}")
        return {row["symbol"]: row["quantity"] for row in rows if row["quantity"]}

    def ledger(self, world: World) -> str:
        return json.dumps(ledger(world))

    @invariant()
    def cash_is_the_sum_of_its_entries(self) -> None:
        for account in self.rows("SELECT * FROM account"):
            entries = self.rows(f"SELECT amount FROM cash_entry WHERE account_id = {account['id']}")
            assert account["cash"] == sum((row["amount"] for row in entries), Decimal(0))

    @invariant()
    def shares_are_what_was_there_and_what_was_traded(self) -> None:
        expected = dict(self.start)
        for row in self.rows(f"SELECT * FROM cash_entry WHERE account_id = {ACCOUNT} AND quantity IS NOT NULL"):
            expected[row["symbol"]] = expected.get(row["symbol"], Decimal(0)) + row["quantity"]
        assert {symbol: amount for symbol, amount in expected.items() if amount} == self.held()

    @invariant()
    def orders_and_their_executions_agree(self) -> None:
        executed: dict[int, Decimal] = {}
        for row in self.rows("SELECT order_id, quantity FROM execution"):
            executed[row["order_id"]] = executed.get(row["order_id"], Decimal(0)) + row["quantity"]
        for order in self.orders():
            assert order.executed == executed.get(order.id, Decimal(0)) == order.quantity - order.leaves
            assert 0 <= order.executed <= order.quantity
            assert order.is_final == (order.due_ms is None)
            assert (order.status == "Filled") == (order.executed == order.quantity) or order.is_conditional
            assert order.reserved == 0 or not order.is_final

    @invariant()
    def what_is_reserved_adds_up(self) -> None:
        world = self.commands.world
        account = find_account(world.market, ACCOUNT)
        assert account is not None
        open_orders = [order for order in self.orders() if not order.is_final]
        assert account["pending_cents"] == sum(int(order.reserved * 100) for order in open_orders)
        assert account["pending_orders"] == len(open_orders)
        now = world.market.now_ms()
        assert excess(world.market, account, now) == worth(world.market, account, now).excess

    @invariant()
    def nothing_trades_through_its_limit(self) -> None:
        events = self.rows(
            "SELECT order_event.type, order_event.price, order_event.last_price, side FROM order_event"
            " JOIN orders ON orders.id = order_id WHERE order_event.target = 'Execution' AND exec_inst = 'None'"
        )
        for event in events:
            if event["type"] == "Limit" and event["side"]:
                is_buy = event["side"] in ("Buy", "BuyToCover")
                assert event["last_price"] <= event["price"] if is_buy else event["last_price"] >= event["price"]

    @invariant()
    def nobody_sells_or_covers_more_than_there_is(self) -> None:
        sums: dict[tuple[str, str], Decimal] = {}
        for row in self.rows("SELECT symbol, side, quantity FROM execution"):
            key = row["symbol"], row["side"]
            sums[key] = sums.get(key, Decimal(0)) + row["quantity"]
        for symbol in SHARES:
            bought, sold, shorted, covered = (sums.get((symbol, side), Decimal(0)) for side in SIDES)
            assert self.start.get(symbol, Decimal(0)) + bought >= sold
            assert shorted >= covered

    @invariant()
    def of_a_pair_only_one_is_filled(self) -> None:
        for head in self.orders():
            if head.type in ("OneCancelOther", "OneTriggerOneCancelOther"):
                _, others = trigger_and_others(head.type, legs_of(self.commands.world.state, head))
                assert sum(1 for leg in others if leg.executed) <= 1

    def teardown(self) -> None:
        if self.log:
            again = Commands(new_world(None, self.seed))
            again.world.reset(seed=self.seed, clock={"mode": "frozen", "set": START})
            for command in self.log:
                again.run(*command)
            assert self.ledger(again.world) == self.ledger(self.commands.world)
            again.world.state.close()
        if hasattr(self, "commands"):
            self.commands.world.state.close()
        shutil.rmtree(self.folder)


Exchange.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestExchange = Exchange.TestCase
