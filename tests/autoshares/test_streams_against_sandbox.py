"""The streaming client against the sandbox's streams, in good and in bad weather; the ledger is the judge."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from autoshares import (
    AlertCondition,
    AlertDraft,
    CandlePeriod,
    ChartSpan,
    Client,
    OrderDraft,
    OrderStatus,
    OrderType,
    Side,
    errors,
)
from autoshares.connections import new_session
from autoshares.streaming import (
    AccountPicture,
    AlertUpdate,
    Backoff,
    BalanceUpdate,
    CandleUpdate,
    DataStream,
    Gap,
    Interrupted,
    News,
    OrderUpdate,
    PositionUpdate,
    QuoteTick,
    Refused,
    StreamClient,
    WatchlistUpdate,
)
from tests.support.sandboxes import Sandbox
from tests.support.streamers import in_loop

MARGIN_ACCOUNT, TRADERS_ACCOUNT = 6412, 6420
SOON = Backoff(draw=lambda low, high: 0.02)


@pytest.fixture
def client(sandbox: Sandbox, dana: dict[str, str]) -> Iterator[Client]:
    """Dana's client, at ten on a Monday morning; time stands still."""
    sandbox.control("clock", {"mode": "frozen", "set": "2026-11-23T15:00:00Z", "market": "open"})
    session = new_session()
    yield Client(**dana, session=session)
    session.close()


@pytest.fixture
def streams(client) -> StreamClient:
    return StreamClient(client, backoff=SOON)


def buy(client: Client, quantity: int, symbol: str = "KO"):
    draft = OrderDraft(symbol=symbol, side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(quantity))
    return asyncio.to_thread(client.orders.place, MARGIN_ACCOUNT, draft)


async def next_of[Kind: News](kind: type[Kind], stream, accept: Callable[[Kind], bool] = lambda news: True) -> Kind:
    async for news in stream:
        if isinstance(news, kind) and accept(news):
            return news
    raise AssertionError("The stream ended.")


class TestQuotes:
    @in_loop
    async def test_they_come_at_once_and_then_as_they_move(self, client, sandbox, streams):
        apple = client.equities.by_symbol("AAPL").id
        async with streams.quotes(apple) as quotes:
            tick = await next_of(QuoteTick, quotes)
            assert tick.security_id == apple
            assert tick.bid < tick.ask
            assert tick.at == datetime(2026, 11, 23, 15, tzinfo=UTC)
            sandbox.control("prices", {"AAPL": {"last": "180.00"}})
            await next_of(QuoteTick, quotes, lambda tick: tick.price == Decimal("180.00"))

    @in_loop
    async def test_more_are_watched_on_the_way(self, client, streams):
        apple, coke = (client.equities.by_symbol(symbol).id for symbol in ("AAPL", "KO"))
        async with streams.quotes(apple) as quotes:
            await next_of(QuoteTick, quotes)
            await quotes.watch(coke)
            await next_of(QuoteTick, quotes, lambda tick: tick.security_id == coke)


class TestCandles:
    @in_loop
    async def test_the_running_one_comes_until_it_is_completed(self, client, sandbox, streams):
        async with streams.quotes() as stream:
            await stream.watch_candles("AAPL|NGS|USD:1m")
            running = await next_of(CandleUpdate, stream)
            assert (running.starts_at, running.is_completed) == (datetime(2026, 11, 23, 15, tzinfo=UTC), False)
            sandbox.control("clock", {"advance": 61})
            completed = await next_of(CandleUpdate, stream, lambda candle: candle.is_completed)
            following = await next_of(CandleUpdate, stream)
            assert completed.starts_at == running.starts_at
            assert following.starts_at == running.starts_at + timedelta(minutes=1)
        minutes = ChartSpan(period=CandlePeriod.MINUTE, count=2)
        charted = client.history.candles("AAPL", minutes).candles[0]
        assert charted.opens_at == completed.starts_at
        for name in ("open", "high", "low", "close"):
            assert getattr(charted, name) == getattr(completed, name)

    @in_loop
    async def test_they_end_when_nobody_watches_any_more(self, client, sandbox, streams):
        apple = client.equities.by_symbol("AAPL").id
        async with streams.quotes() as stream:
            await stream.watch_candles("AAPL|NGS|USD:1m")
            await next_of(CandleUpdate, stream)
            await stream.unwatch_candles("AAPL|NGS|USD:1m")
            sandbox.control("clock", {"advance": 61})
            await stream.watch(apple)
            async for news in stream:
                assert not isinstance(news, CandleUpdate)
                if isinstance(news, QuoteTick):
                    break

    @in_loop
    async def test_a_series_that_does_not_exist_is_refused(self, streams):
        async with streams.quotes() as stream:
            await stream.watch_candles("NOPE|NGS|USD:1m")
            assert (await next_of(Refused, stream)).keys == ("NOPE|NGS|USD:1m",)


class TestAccounts:
    @in_loop
    async def test_an_order_is_told_until_it_is_filled_with_its_position_and_money(self, client, sandbox, streams):
        async with streams.accounts(MARGIN_ACCOUNT) as account:
            before = await next_of(BalanceUpdate, account)
            placed = await buy(client, 3)
            sandbox.control("clock", {"advance": 5})
            told = [await next_of(OrderUpdate, account, lambda news: news.order.id == placed.id)]
            while not told[-1].order.status.is_final:
                told.append(await next_of(OrderUpdate, account, lambda news: news.order.id == placed.id))
            order = told[-1].order
            assert (order.status, order.executed_quantity) == (OrderStatus.FILLED, 3)
            known = client.orders.get(MARGIN_ACCOUNT, placed.id)
            for name in (
                "symbol",
                "side",
                "type",
                "quantity",
                "average_price",
                "created_at",
                "updated_at",
                "executed_at",
            ):
                assert getattr(order, name) == getattr(known, name)
        async with streams.accounts(MARGIN_ACCOUNT) as account:
            position = await next_of(PositionUpdate, account, lambda news: news.position.symbol == "KO")
            money = await next_of(BalanceUpdate, account)
            [known] = client.positions.by_symbol(MARGIN_ACCOUNT, "KO")
            assert position.position.quantity == known.quantity
            assert money.balances.cash == client.accounts.balances(MARGIN_ACCOUNT).cash
            assert money.balances.cash < before.balances.cash

    @in_loop
    async def test_another_persons_account_is_refused(self, streams):
        async with streams.accounts(TRADERS_ACCOUNT) as account:
            refused = await next_of(Refused, account)
            assert refused.keys == (str(TRADERS_ACCOUNT),)

    @in_loop
    async def test_the_stream_ends_with_the_token(self, client, streams):
        async with streams.accounts(MARGIN_ACCOUNT) as account:
            await next_of(BalanceUpdate, account)
            await asyncio.to_thread(client.logout)
            with pytest.raises(errors.Unauthorized):
                await next_of(Refused, account)


class TestLists:
    @in_loop
    async def test_watchlists_and_alerts_are_told(self, client, streams):
        me = client.users.me().id
        async with streams.accounts() as stream:
            await stream.watch_watchlists(me)
            await stream.watch_alerts(me)
            assert (await next_of(WatchlistUpdate, stream)).user_id == me
            now = datetime(2026, 11, 23, 15, tzinfo=UTC)
            apple = client.equities.by_symbol("AAPL").id
            wish = AlertDraft(
                security_id=apple,
                condition=AlertCondition.AT_OR_ABOVE,
                price=Decimal("1.00"),
                expires_at=now + timedelta(days=1),
            )
            alert = await asyncio.to_thread(client.alerts.create, wish)
            told = await next_of(AlertUpdate, stream, lambda news: news.state == "Completed")
            assert told.alert_id == alert.id

    @in_loop
    async def test_an_account_that_is_no_longer_watched_is_quiet(self, client, sandbox, streams):
        async with streams.accounts(MARGIN_ACCOUNT) as account:
            await next_of(BalanceUpdate, account)
            await account.unwatch(MARGIN_ACCOUNT)
            await buy(client, 3)
            sandbox.control("clock", {"advance": 5})
            await account.watch_watchlists(client.users.me().id)
            async for news in account:
                assert not isinstance(news, OrderUpdate | PositionUpdate)
                if isinstance(news, WatchlistUpdate):
                    break


class TestBadWeather:
    @in_loop
    async def test_a_broken_line_is_mended_and_the_gap_is_told(self, client, sandbox, streams):
        apple = client.equities.by_symbol("AAPL").id
        async with streams.quotes(apple) as quotes:
            await next_of(QuoteTick, quotes)
            sandbox.control("faults", {"on": "stream", "action": "disconnect"})
            sandbox.control("prices", {"AAPL": {"last": "181.00"}})
            await next_of(Interrupted, quotes)
            await next_of(Gap, quotes)
            sandbox.control("prices", {"AAPL": {"last": "182.00"}})
            await next_of(QuoteTick, quotes, lambda tick: tick.price == Decimal("182.00"))

    @in_loop
    async def test_a_silent_line_is_given_up(self, client, sandbox):
        sandbox.control("clock", {"mode": "running", "speed": 20})
        apple = client.equities.by_symbol("AAPL").id
        async with StreamClient(client, backoff=SOON, silence_seconds=1.5).quotes(apple) as quotes:
            await next_of(QuoteTick, quotes)
            sandbox.control("faults", {"on": "stream", "action": "silence", "seconds": 60})
            assert (await next_of(Interrupted, quotes)).reason == "silent for 1.5 s"
            await next_of(Gap, quotes)
            await next_of(QuoteTick, quotes)

    @in_loop
    async def test_it_comes_back_though_the_way_in_fails_as_well(self, client, sandbox, streams):
        async with streams.accounts(MARGIN_ACCOUNT) as account:
            await next_of(BalanceUpdate, account)
            sandbox.control("faults", {"on": "stream", "action": "disconnect"})
            sandbox.control("faults", {"path": "/api/v1.0/streamers/**", "method": "PUT", "action": "status"})
            sandbox.control("faults", {"path": "/api/v1.0/streamers", "method": "GET", "action": "status"})
            await buy(client, 1)
            await next_of(Gap, account)

    @pytest.mark.parametrize("seed", range(3))
    @in_loop
    async def test_after_a_refresh_the_picture_is_the_ledger(self, client, sandbox, streams, seed):
        dice, picture = random.Random(seed), AccountPicture(MARGIN_ACCOUNT)
        async with streams.accounts(MARGIN_ACCOUNT) as account:
            watching = asyncio.create_task(watch(account, picture, client))
            for _ in range(15):
                await act(dice, client, sandbox)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        await refresh(picture, client)
        ledger = sandbox.control(f"ledger?account={MARGIN_ACCOUNT}")
        [truth] = ledger["accounts"]
        held = {position.symbol: position.quantity for position in picture.positions.values() if position.quantity}
        assert {order.id: order.status for order in picture.orders.values()} == {
            order["Id"]: order["Status"] for order in ledger["orders"]
        }
        assert held == {symbol: Decimal(position["Quantity"]) for symbol, position in truth["Positions"].items()}
        assert picture.balances.cash == Decimal(truth["Cash"])


async def watch(account: DataStream, picture: AccountPicture, client: Client) -> None:
    async for news in account:
        picture.apply(news)
        if isinstance(news, Gap):
            await refresh(picture, client)


async def refresh(picture: AccountPicture, client: Client) -> None:
    asked_at = datetime.now(UTC)

    def ask() -> tuple[Any, ...]:
        number = picture.account_id
        return list(client.orders.list(number)), list(client.positions.list(number)), client.accounts.balances(number)

    picture.refresh(*await asyncio.to_thread(ask), asked_at)


async def act(dice: random.Random, client: Client, sandbox: Sandbox) -> None:
    """Trade, let time pass, or disturb what is told of it."""
    choice = dice.random()
    if choice < 0.4:
        await buy(client, dice.randint(1, 400), dice.choice(("KO", "F")))
    elif choice < 0.7:
        sandbox.control("clock", {"advance": dice.choice((0.2, 1, 3))})
    else:
        action = dice.choice(("drop", "duplicate", "reorder", "disconnect"))
        sandbox.control("faults", {"on": "stream", "action": action, "count": dice.randint(1, 4)})
    await asyncio.sleep(0.02)
