"""The exchange under everything at once: orders of all kinds, moving prices, halts, passing time, cancellations,
replacements and restarts. Whatever happens, money and shares add up, and the same commands give the same rows again.

EXCHANGE_EXAMPLES and EXCHANGE_STEPS ask for longer runs: 300 and 50 take about ten minutes.
"""

import json
import os
import shutil
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.control.ledger import ledger
from sandbox.exchange.balances import find_account, worth
from sandbox.exchange.calendar import eastern_day, session_on
from sandbox.exchange.companies import dividends_in
from sandbox.exchange.families import trigger_and_others
from sandbox.exchange.funds import excess
from sandbox.exchange.money import cents
from sandbox.exchange.orders import Order, legs_of, read_orders
from sandbox.exchange.prices import BUYS
from sandbox.exchange.securities import security_of
from sandbox.world import World
from tests.sandbox import exchange_commands as of
from tests.sandbox.exchange_commands import CALLS, CASH, PUTS, SHARES, TRADERS, Commands, new_world

START = "2026-11-23T15:00:00Z"
EXAMPLES, STEPS = int(os.environ.get("EXCHANGE_EXAMPLES", "15")), int(os.environ.get("EXCHANGE_STEPS", "20"))
PER_ORDER, PER_CONTRACT, ZERO = Decimal("1.00"), Decimal("0.65"), Decimal(0)
ROWS = ("orders", "order_event", "execution", "cash_entry", "position", "account")

pauses = st.sampled_from([0, 1, 5, 60])


def some(orders: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(orders, min_size=1, max_size=4)


def signed(execution: Any) -> Decimal:
    quantity: Decimal = execution["quantity"]
    return quantity if execution["side"] in BUYS else -quantity


def value_of(execution: Any) -> Decimal:
    """USD that it costs; negative when it brings money."""
    return cents(signed(execution) * execution["price"] * execution["contract_size"])


def everything(world: World) -> str:
    """All that the exchange knows about orders and money, row by row, and as the ledger draws it."""
    rows = {name: [tuple(row) for row in world.state.rows(f"SELECT * FROM {name} ORDER BY id")] for name in ROWS}
    return json.dumps([ledger(world), rows], default=str)


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
        self.paid_in = [tuple(row) for row in self.rows("SELECT * FROM cash_entry ORDER BY id")]
        self.halts: list[tuple[str, int, int | None]] = []

    def do(self, *command: Any) -> None:
        self.log.append(command)
        self.commands.run(*command)

    # Each run of Hypothesis leaves some rules out, so there are several that place orders, and all place some at once.

    def place(self, name: str, orders: list[tuple[Any, ...]], seconds: float) -> None:
        for terms in orders:
            self.do(name, *terms)
        self.do("advance", seconds)

    @rule(orders=some(of.plain), seconds=pauses)
    def place_plain(self, orders: list[tuple[Any, ...]], seconds: float) -> None:
        self.place("place", orders, seconds)

    @rule(orders=some(of.fractions), seconds=pauses)
    def place_fractions(self, orders: list[tuple[Any, ...]], seconds: float) -> None:
        self.place("place", orders, seconds)

    @rule(orders=some(of.amounts), seconds=pauses)
    def place_amounts(self, orders: list[tuple[Any, ...]], seconds: float) -> None:
        self.place("place_amount", orders, seconds)

    @rule(orders=some(of.conditional), seconds=pauses)
    def place_conditional(self, orders: list[tuple[Any, ...]], seconds: float) -> None:
        self.place("place_conditional", orders, seconds)

    @rule(orders=some(of.strategies), seconds=pauses)
    def place_strategies(self, orders: list[tuple[Any, ...]], seconds: float) -> None:
        self.place("place_strategy", orders, seconds)

    @rule(symbol=st.sampled_from(SHARES))
    def halt_or_let_go_on(self, symbol: str) -> None:
        now = self.commands.world.market.now_ms()
        since = next((start for name, start, end in self.halts if name == symbol and end is None), None)
        self.do("halt", symbol, since is None)
        if since is None:
            self.halts.append((symbol, now, None))
        else:
            self.halts[self.halts.index((symbol, since, None))] = symbol, since, now

    @rule(seconds=st.sampled_from([0.2, 1, 3, 60, 3600]) | st.floats(0, 5000))
    def advance(self, seconds: float) -> None:
        self.do("advance", seconds)

    @rule(days=st.integers(1, 5))
    def sleep(self, days: int) -> None:
        self.do("advance", days * 86_400)

    @rule(symbol=of.symbols, thousandths=of.parts, hold=st.booleans())
    def move(self, symbol: str, thousandths: int, hold: bool) -> None:
        self.do("move", symbol, thousandths, hold)

    @rule(number=st.integers(0, 30))
    def cancel(self, number: int) -> None:
        self.do("cancel", number)

    @rule(number=st.integers(0, 30), quantity=st.integers(1, 1500), thousandths=of.parts)
    def replace(self, number: int, quantity: int, thousandths: int) -> None:
        self.do("replace", number, quantity, thousandths)

    @rule()
    def restart(self) -> None:
        before = everything(self.commands.world)
        self.commands.world.state.close()
        self.commands.world = new_world(self.folder / "state.sqlite3", seed=99)
        assert everything(self.commands.world) == before

    def rows(self, sql: str) -> list[Any]:
        return self.commands.world.state.rows(sql)

    def orders(self) -> list[Order]:
        return read_orders(self.rows("SELECT * FROM orders ORDER BY id"))

    def executions(self) -> dict[int, list[Any]]:
        """By their orders."""
        found = defaultdict(list)
        for row in self.rows("SELECT * FROM execution ORDER BY id"):
            found[row["order_id"]].append(row)
        return found

    def held(self) -> dict[tuple[int, str], Decimal]:
        rows = self.rows("SELECT account_id, symbol, quantity FROM position")
        return {(row["account_id"], row["symbol"]): row["quantity"] for row in rows if row["quantity"]}

    @invariant()
    def cash_is_the_sum_of_its_entries(self) -> None:
        for account in self.rows("SELECT * FROM account"):
            entries = self.rows(f"SELECT amount FROM cash_entry WHERE account_id = {account['id']}")
            assert account["cash"] == sum((row["amount"] for row in entries), ZERO)

    @invariant()
    def every_order_pays_for_its_executions_and_nothing_else(self) -> None:
        entries: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        for row in self.rows("SELECT * FROM cash_entry WHERE order_id IS NOT NULL"):
            entries[row["order_id"], row["kind"]] += row["amount"]
        executions = self.executions()
        orders = {order.id: order for order in self.orders()}
        assert {kind for _, kind in entries} <= {"OrderExecution", "Commission"}
        for order in orders.values():
            traded = executions[order.id]
            commission = sum((row["commission"] for row in traded), ZERO)
            assert commission == self.commission(order, traded, orders)
            if order.is_strategy and order.status == "Filled":
                commission = PER_ORDER
            assert entries[order.id, "OrderExecution"] == -sum(map(value_of, traded), ZERO)
            assert entries[order.id, "Commission"] == -commission

    def commission(self, order: Order, traded: list[Any], orders: dict[int, Order]) -> Decimal:
        """What these executions cost: the head of a strategy pays for the trade, its legs for their contracts."""
        is_leg = order.parent_id is not None and orders[order.parent_id].is_strategy
        contracts = [cents(PER_CONTRACT * row["quantity"]) for row in traded if row["contract_size"] > 1]
        return sum(contracts, PER_ORDER if traded and not is_leg else ZERO)

    @invariant()
    def nothing_else_moves_money_but_options_that_end_and_dividends(self) -> None:
        for row in self.rows("SELECT * FROM cash_entry WHERE order_id IS NULL AND quantity IS NOT NULL"):
            assert row["kind"] == "OptionExpiration"
            assert row["amount"] == -cents(row["quantity"] * row["price"])
        payments = self.rows("SELECT * FROM cash_entry WHERE order_id IS NULL AND quantity IS NULL")
        assert [tuple(row) for row in payments if row["symbol"] is None] == self.paid_in
        for row in payments:
            if row["symbol"] is not None:
                assert row["amount"] == cents(row["price"] * self.entitled(row))

    def entitled(self, payment: Any) -> Decimal:
        """Shares that were held when the ex-dividend day of this payment began."""
        symbol, paid_on = payment["symbol"], eastern_day(payment["at_ms"])
        declared = [
            *dividends_in(security_of(symbol), paid_on.year - 1),
            *dividends_in(security_of(symbol), paid_on.year),
        ]
        [ex_day] = [dividend.ex_day for dividend in declared if dividend.pay_day == paid_on]
        session = session_on(ex_day)
        assert session
        moved = self.rows(
            "SELECT quantity FROM cash_entry WHERE quantity IS NOT NULL"
            f" AND symbol = '{symbol}' AND account_id = {payment['account_id']} AND at_ms < {session.opens_ms}"
        )
        at_first = self.start.get((payment["account_id"], symbol), ZERO)
        return at_first + sum((row["quantity"] for row in moved), ZERO)

    @invariant()
    def shares_are_what_was_there_and_what_was_traded(self) -> None:
        traded, posted = defaultdict(Decimal), defaultdict(Decimal)
        for row in self.rows("SELECT * FROM execution"):
            traded[row["account_id"], row["symbol"]] += signed(row)
        expected = defaultdict(Decimal, self.start)
        for row in self.rows("SELECT * FROM cash_entry WHERE quantity IS NOT NULL"):
            key = row["account_id"], row["symbol"]
            expected[key] += row["quantity"]
            if row["kind"] == "OrderExecution":
                posted[key] += row["quantity"]
        assert posted == traded
        assert {key: amount for key, amount in expected.items() if amount} == self.held()

    @invariant()
    def orders_and_their_executions_agree(self) -> None:
        executions = self.executions()
        for order in self.orders():
            assert order.is_final == (order.due_ms is None)
            assert order.reserved == 0 or not order.is_final
            assert 0 <= order.executed <= order.quantity
            assert (order.status == "Filled") == (order.executed == order.quantity) or order.is_conditional
            if order.symbol:
                rows = executions[order.id]
                assert order.executed == sum((row["quantity"] for row in rows), ZERO)
                assert order.executed_value == sum((row["quantity"] * row["price"] for row in rows), ZERO)
                assert (
                    order.exec_inst != "AllOrNone" or order.executed in (0, order.quantity) or self.was_replaced(order)
                )

    def was_replaced(self, order: Order) -> bool:
        return bool(self.rows(f"SELECT 1 FROM order_event WHERE order_id = {order.id} AND target = 'Replace'"))

    @invariant()
    def a_strategy_trades_as_a_whole_at_its_net_price_or_better(self) -> None:
        executions = self.executions()
        for head in self.orders():
            if not head.is_strategy:
                continue
            legs = legs_of(self.commands.world.state, head)
            assert {leg.executed for leg in legs} == {0} or all(leg.executed == leg.quantity for leg in legs)
            assert not head.is_final or {leg.status for leg in legs} == {head.status}
            if not head.executed:
                continue
            paid = sum((value_of(row) for leg in legs for row in executions[leg.id]), ZERO)
            assert head.executed_value == abs(paid) / 100
            if head.type == "Limit":
                net = paid / head.quantity / 100
                assert net <= (head.price if head.side == "Buy" else -head.price)

    @invariant()
    def what_is_reserved_adds_up(self) -> None:
        market = self.commands.world.market
        for account_id in TRADERS:
            account = find_account(market, account_id)
            assert account is not None
            open_orders = [one for one in self.orders() if not one.is_final and one.account_id == account_id]
            assert account["pending_cents"] == sum(int(order.reserved * 100) for order in open_orders)
            assert account["pending_orders"] == len(open_orders)
            now = market.now_ms()
            assert excess(market, account, now) == worth(market, account, now).excess

    @invariant()
    def nothing_trades_through_its_limit(self) -> None:
        events = self.rows(
            "SELECT order_event.type, order_event.price, order_event.last_price, side FROM order_event"
            " JOIN orders ON orders.id = order_id"
            " WHERE order_event.target = 'Execution' AND exec_inst <> 'CashAmountOrder' AND symbol <> ''"
        )
        for event in events:
            if event["type"] == "Limit":
                is_buy = event["side"] in BUYS
                assert event["last_price"] <= event["price"] if is_buy else event["last_price"] >= event["price"]

    @invariant()
    def nothing_trades_while_it_is_halted(self) -> None:
        for row in self.rows("SELECT symbol, at_ms FROM execution"):
            symbols = row["symbol"], security_of(row["symbol"]).underlying
            for symbol, start, end in self.halts:
                assert symbol not in symbols or not (start < row["at_ms"] and (end is None or row["at_ms"] < end))

    @invariant()
    def nobody_sells_or_covers_more_than_there_is(self) -> None:
        sums: dict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
        for row in self.rows("SELECT account_id, symbol, side, quantity FROM execution"):
            sums[row["account_id"], row["symbol"], row["side"]] += row["quantity"]
        for account in TRADERS:
            for symbol in [*SHARES, *CALLS, *PUTS]:
                bought, sold, shorted, covered = (
                    sums[account, symbol, side] for side in ("Buy", "Sell", "SellShort", "BuyToCover")
                )
                assert symbol == "AAPL" or self.start.get((account, symbol), ZERO) + bought >= sold
                assert symbol == "AAPL" or shorted >= covered  # Apple's shares come and go with its options, too
        assert not any(amount for (account, _, side), amount in sums.items() if (account, side) == (CASH, "SellShort"))

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
            assert everything(again.world) == everything(self.commands.world)
            again.world.state.close()
        if hasattr(self, "commands"):
            self.commands.world.state.close()
        shutil.rmtree(self.folder)


Exchange.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
)
TestExchange = Exchange.TestCase
