"""What can be done to an exchange in a property test: plain data, so that it can be done again to another one."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from sandbox.clock import parse_iso
from sandbox.exchange.balances import find_account
from sandbox.exchange.cancelling import OrderNotCancelable, cancel_order
from sandbox.exchange.entry import OrderNotReplaceable, place_order, replace_order
from sandbox.exchange.funds import held
from sandbox.exchange.orders import ALL_OR_NONE, CASH_AMOUNT, CONDITIONAL_TYPES, get_order, legs_of
from sandbox.exchange.prices import BUYS
from sandbox.exchange.replacing import Change
from sandbox.exchange.securities import security_of
from sandbox.exchange.tickets import Ticket
from sandbox.state import State
from sandbox.world import World

EVENING = parse_iso("2026-11-23T23:00:00Z")
CENT = Decimal("0.01")
# account -> its user: one on margin with option level 3; one of cash alone, for which neither shorts nor options are
TRADERS = {6420: 7313, 6413: 7311}
MARGIN, CASH = TRADERS

SHARES = ["TSLA", "KO", "F", "AAPL"]
CALLS = ["AAPL  261127C00270000", "AAPL  261127C00280000"]
PUTS = ["AAPL  261127P00270000", "AAPL  261127P00260000"]

accounts = st.sampled_from([MARGIN, MARGIN, MARGIN, CASH])
symbols = st.sampled_from([*SHARES, *SHARES, *CALLS, *PUTS])
intents = st.sampled_from(["long", "long", "short", "close", "close"])
kinds = st.sampled_from(["Market", "Limit", "Limit", "Stop", "StopLimit", "TrailingStop", "TrailingStopLimit"])
times = st.sampled_from(
    ["Day", "Day", "GoodTillCancel", "GoodTillDate", "ImmediateOrCancel", "FillOrKill", "AtTheOpening", "AtTheClose"]
)
hours = st.sampled_from([None, None, None, "ALL", "POST"])
insts = st.sampled_from([None, None, ALL_OR_NONE])
parts = st.integers(-30, 30)  # thousandths by which a price lies off the last one
quantities = st.integers(1, 60) | st.integers(1, 1500)

plain = st.tuples(accounts, symbols, intents, kinds, quantities, parts, parts, times, hours, insts)
fractions = st.tuples(
    accounts, st.sampled_from(SHARES), st.sampled_from(["long", "close"]), st.just("Limit"),
    st.decimals("0.001", 40, places=5), parts, parts, st.just("Day"), st.none(), st.none(),
)  # fmt: skip
amounts = st.tuples(accounts, st.sampled_from(SHARES), st.sampled_from(["long", "close"]), st.integers(1, 5000))
conditional = st.tuples(
    st.sampled_from(sorted(CONDITIONAL_TYPES)), st.sampled_from(SHARES), st.integers(1, 60),
    st.lists(st.tuples(kinds, parts, parts), min_size=3, max_size=3),
)  # fmt: skip
# Spreads of calls and of puts, straddles, and shares with a call written on them or a put bought for them.
spreads = st.sampled_from(
    [(CALLS[0], CALLS[1]), (CALLS[1], CALLS[0]), (PUTS[0], PUTS[1]), (PUTS[1], PUTS[0]), (CALLS[0], PUTS[0]),
     ("AAPL", CALLS[1]), ("AAPL", PUTS[1]), (*CALLS, PUTS[1])]
)  # fmt: skip
strategies = st.tuples(
    spreads, st.sampled_from([("long", "short", "short"), ("long", "long", "short"), ("close", "close", "close")]),
    st.sampled_from(["Market", "Limit", "Limit"]), st.integers(1, 4), parts,
    st.sampled_from(["Day", "Day", "ImmediateOrCancel", "FillOrKill", "GoodTillCancel"]),
)  # fmt: skip


def new_world(path: Path | None, seed: int) -> World:
    return World(State(path), base_url="http://localhost", web_port=8000, market_hours="calendar", seed=seed)


def near(world: World, symbol: str, thousandths: int) -> Decimal:
    """A price on the grid that lies so far from the last one."""
    last = world.market.tape.quote(symbol, world.market.now_ms()).last
    return max((last * (1000 + thousandths) / 1000).quantize(CENT), CENT)


def side_for(world: World, account: int, symbol: str, intent: str) -> str:
    """The side that does what is meant, as things are; what cannot be closed is bought."""
    there = held(world.market, account, symbol)
    if intent == "close" and there:
        return "BuyToCover" if there < 0 else "Sell"
    if intent in ("long", "close"):
        return "BuyToCover" if there < 0 else "Buy"
    return "Sell" if there > 0 else "SellShort"


def ticket(world: World, *terms: Any) -> Ticket:
    symbol, side, kind, quantity, limit, stop, tif, extended, inst = terms
    if (kind == "Market" and tif.startswith("GoodTill")) or kind not in ("Market", "Limit"):
        tif = "Day"
    return Ticket(
        symbol, side, kind, Decimal(quantity), price=near(world, symbol, limit), tif=tif,
        extended_hours=extended if kind == "Limit" else None, stop_price=near(world, symbol, stop),
        trail_amount=Decimal(abs(stop) + 1) / 20, trail_limit_amount=Decimal(1) / 10, expire_ms=EVENING,
        exec_inst=inst,
    )  # fmt: skip


class Commands:
    """What can be done to a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.placed: list[tuple[int, int]] = []

    def run(self, name: str, *values: Any) -> None:
        command: Callable[..., None] = getattr(self, name)
        command(*values)

    def place(self, account: int, symbol: str, intent: str, *terms: Any) -> None:
        self._place(account, ticket(self.world, symbol, side_for(self.world, account, symbol, intent), *terms))

    def place_amount(self, account: int, symbol: str, intent: str, usd: int) -> None:
        side = side_for(self.world, account, symbol, intent)
        self._place(account, Ticket(symbol, side, "Market", Decimal(usd), exec_inst=CASH_AMOUNT))

    def place_conditional(self, kind: str, symbol: str, quantity: int, legs: list[Any]) -> None:
        there = held(self.world.market, MARGIN, symbol)
        entry, way_out = ("Buy", "Sell") if there >= 0 else ("BuyToCover", "Buy")
        sides = [way_out] * 2 if kind == "OneCancelOther" else [entry, way_out, way_out]
        tickets = [
            ticket(self.world, symbol, side, leg_kind, quantity, limit, stop, "Day", None, None)
            for side, (leg_kind, limit, stop) in zip(sides, legs, strict=False)
        ]
        legs_wanted = tickets if kind == "OneTriggerOneCancelOther" else tickets[:2]
        self._place(MARGIN, Ticket("", "", kind, Decimal(0), legs=tuple(legs_wanted)))

    def place_strategy(
        self, symbols: tuple[str, ...], intents: tuple[str, ...], kind: str, quantity: int, limit: int, tif: str
    ) -> None:
        """At a net price near that of the moment."""
        market = self.world.market
        legs, net = [], Decimal(0)
        for symbol, intent in zip(symbols, intents, strict=False):
            side, size = side_for(self.world, MARGIN, symbol, intent), security_of(symbol).contract_size
            legs.append(Ticket(symbol, side, "Market", Decimal(100 // size)))
            price = market.tape.quote(symbol, market.now_ms()).for_side(side)
            net += price if side in BUYS else -price
        price = max((abs(net) * (1000 + limit) / 1000).quantize(CENT), CENT)
        tif = "Day" if kind == "Market" and tif == "GoodTillCancel" else tif
        self._place(MARGIN, Ticket("", "", kind, Decimal(quantity), price=price, tif=tif, legs=tuple(legs)))

    def _place(self, number: int, wanted: Ticket) -> None:
        account = find_account(self.world.market, number)
        assert account is not None
        order = place_order(self.world.market, account, TRADERS[number], wanted)
        self.placed += [(number, one.id) for one in (order, *legs_of(self.world.state, order))]

    def advance(self, seconds: float) -> None:
        self.world.change_clock({"advance": seconds})

    def move(self, symbol: str, thousandths: int, hold: bool) -> None:
        last = str(near(self.world, symbol, thousandths))
        self.world.move_prices({symbol: {"last": last, "hold": hold or len(symbol) > 6}})

    def halt(self, symbol: str, is_halted: bool) -> None:
        self.world.halt({symbol: is_halted})

    def cancel(self, number: int) -> None:
        if self.placed:
            try:
                cancel_order(self.world.market, *self.placed[number % len(self.placed)])
            except OrderNotCancelable:
                return

    def replace(self, number: int, quantity: int, thousandths: int) -> None:
        if not self.placed:
            return
        account_id, order_id = self.placed[number % len(self.placed)]
        account = find_account(self.world.market, account_id)
        order = get_order(self.world.state, order_id)
        if account is None or order.is_conditional:
            return
        if order.is_strategy:
            price = max((order.price * (1000 + thousandths) / 1000).quantize(CENT), CENT)
        else:
            price = near(self.world, order.symbol, thousandths)
        try:
            replace_order(self.world.market, account, order.id, Change(order.id, Decimal(quantity), price=price))
        except OrderNotReplaceable:
            return
