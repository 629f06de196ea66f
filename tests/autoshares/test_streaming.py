"""Streams that heal, over a real socket to a server that can be asked to misbehave."""

import asyncio
import logging
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from autoshares import errors
from autoshares.streaming import (
    Backoff,
    Entrance,
    Gap,
    GapReason,
    Interrupted,
    OrderUpdate,
    QuoteTick,
    Refused,
    StreamClient,
)
from tests.autoshares.conftest import reply
from tests.support.streamers import StreamServer, TestDoor, in_loop

AT_ONCE = Backoff(draw=lambda low, high: 0.0)
PING = {"Cmd": "Ping", "StatusCode": "Ok"}


def quote(key: int, price: str = "171.22") -> dict[str, str]:
    return {"EntityType": "Quote", "Key": str(key), "Price": price, "Last": "171.00"}


def order(number: int, **members: str) -> dict[str, str]:
    return {"EntityType": "Order", "Id": str(number), "AccountId": "6412", "Status": "New"} | members


@asynccontextmanager
async def streaming(**options):
    """A server, the door to it, and a factory of streams."""
    async with StreamServer() as server:
        door = TestDoor(server)
        yield server, door, StreamClient(door, **({"backoff": AT_ONCE} | options))


async def settled(stream) -> None:
    """Wait until what the server has sent lies in the mailbox."""
    before = -1
    while before != len(stream._mailbox):
        before = len(stream._mailbox)
        await asyncio.sleep(0.05)


class TestConnecting:
    @in_loop
    async def test_it_opens_the_session_as_documented(self):
        async with streaming() as (server, _, streams), streams.quotes(4, 17):
            line = await server.lines.get()
            assert line.path == (
                "/quote/CreateSession.txt?User=7311%3Asecret-session-1&Password=secret-session-1"
                "&HttpClientType=WebSocket"
            )
            assert await line.said.get() == {
                "Cmd": "Subscribe.txt",
                "SessionId": "answer-1",
                "Keys": "4;17",
                "EntityType": "Quote",
                "HttpClientType": "WebSocket",
            }

    @in_loop
    async def test_it_watches_an_account_as_a_whole(self):
        async with streaming() as (server, _, streams), streams.accounts(6412):
            line = await server.lines.get()
            said = [await line.said.get() for _ in range(3)]
            assert [(command["EntityType"], command["Keys"]) for command in said] == [
                ("Order", "6412"),
                ("Position", "6412"),
                ("AccountBalance", "6412"),
            ]

    @in_loop
    async def test_it_subscribes_and_unsubscribes_while_it_runs(self):
        async with streaming() as (server, _, streams), streams.quotes(4) as quotes:
            line = await server.lines.get()
            await line.said.get()
            await quotes.watch(4, 17)
            assert (await line.said.get())["Keys"] == "17"
            await quotes.unwatch(4, 99)
            unsubscribed = await line.said.get()
            assert (unsubscribed["Cmd"], unsubscribed["Keys"]) == ("Unsubscribe.txt", "4")

    @in_loop
    async def test_it_answers_pings(self):
        async with streaming() as (server, _, streams), streams.quotes():
            line = await server.lines.get()
            await line.hears(PING)
            assert await line.said.get() == {"Cmd": "Pong", "StatusCode": "Ok"}

    @in_loop
    async def test_it_tells_which_keys_are_not_ours_and_asks_no_more_for_them(self):
        async with streaming() as (server, _, streams):
            server.refused_keys = {"6420"}
            async with streams.accounts(6420) as account:
                refusals = [await anext(account) for _ in range(3)]
                assert [(news.entity, news.keys) for news in refusals] == [
                    ("Order", ("6420",)),
                    ("Position", ("6420",)),
                    ("AccountBalance", ("6420",)),
                ]
                assert all(isinstance(news, Refused) for news in refusals)
                assert repr(account) == "<DataStream live, 0 subscriptions>"

    @in_loop
    async def test_it_is_read_only_after_it_is_entered(self):
        async with streaming() as (_, _, streams):
            with pytest.raises(RuntimeError):
                await anext(streams.quotes(4))

    @in_loop
    async def test_it_leaves_cleanly(self):
        async with streaming() as (server, _, streams):
            async with streams.quotes(4) as quotes:
                line = await server.lines.get()
                await line.said.get()
            await line.socket.wait_closed()
            assert line.socket.close_code == 1000
            assert [news async for news in quotes] == []
            await quotes.close()
            assert "QuoteStream" not in {task.get_name() for task in asyncio.all_tasks()}

    @in_loop
    async def test_it_leaves_at_once_while_it_waits_to_come_back(self):
        slow = Backoff(draw=lambda low, high: 3600)
        async with streaming(backoff=slow) as (_, door, streams):
            door.trouble = [errors.Unavailable()]
            async with streams.quotes(4):
                while not door.asked:
                    await asyncio.sleep(0.01)

    @in_loop
    async def test_a_reader_that_is_cancelled_leaves_cleanly_too(self):
        async with streaming() as (server, _, streams):

            async def read() -> None:
                async with streams.quotes(4) as quotes:
                    async for _ in quotes:
                        pass

            reader = asyncio.create_task(read())
            line = await server.lines.get()
            await line.said.get()
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
            await line.socket.wait_closed()
            assert line.socket.close_code == 1000


class TestComingBack:
    @in_loop
    async def test_it_recovers_the_session_and_subscribes_again_and_tells_the_gap(self):
        async with streaming() as (server, door, streams), streams.quotes(4) as quotes:
            first = await server.lines.get()
            await first.said.get()
            await first.hears(quote(4))
            assert isinstance(await anext(quotes), QuoteTick)
            heard_at = quotes.heard_at
            await first.hangs_up()
            second = await server.lines.get()
            assert (await second.said.get())["SessionId"] == "answer-2"
            lost, gap = await anext(quotes), await anext(quotes)
            assert isinstance(lost, Interrupted)
            assert lost.reason == "closed (1011)"
            assert isinstance(gap, Gap)
            assert (gap.since, gap.reason) == (heard_at, GapReason.RECONNECTED)
            assert door.asked == ["quote anew", "quote recovered"]

    @in_loop
    async def test_it_tells_the_gap_only_when_all_is_subscribed_again(self):
        async with streaming() as (server, _, streams), streams.accounts(6412) as account:
            first = await server.lines.get()
            await first.hears(order(1))
            await anext(account)
            server.acknowledges = False
            await first.hangs_up()
            second = await server.lines.get()
            for _ in range(3):
                await second.said.get()
            assert isinstance(await anext(account), Interrupted)
            await second.hears(order(1))
            assert isinstance(await anext(account), OrderUpdate)
            for entity in ("Order", "Position", "AccountBalance"):
                await second.hears({"Cmd": "Subscribe.txt", "StatusCode": "Ok", "EntityType": entity, "Keys": "6412"})
            assert isinstance(await anext(account), Gap)

    @in_loop
    async def test_it_tells_the_gap_even_if_nothing_is_acknowledged(self, monkeypatch):
        monkeypatch.setattr("autoshares.streaming.stream.ACKNOWLEDGE_SECONDS", 0.1)
        async with streaming() as (server, _, streams), streams.quotes(4) as quotes:
            server.acknowledges = False
            first = await server.lines.get()
            await first.hears(quote(4))
            await anext(quotes)
            await first.hangs_up()
            assert isinstance(await anext(quotes), Interrupted)
            assert isinstance(await anext(quotes), Gap)

    @in_loop
    async def test_it_takes_silence_for_death(self):
        async with streaming(silence_seconds=0.2) as (server, _, streams), streams.quotes(4) as quotes:
            first = await server.lines.get()
            for _ in range(4):
                await asyncio.sleep(0.1)
                await first.hears(PING)
            assert server.lines.empty()
            await server.lines.get()
            assert (await anext(quotes)).reason == "silent for 0.2 s"

    @in_loop
    async def test_it_begins_a_new_session_if_the_old_one_cannot_be_recovered(self):
        async with streaming() as (server, door, streams), streams.quotes(4):
            door.trouble = [None, errors.Invalid()]
            await (await server.lines.get()).hangs_up()
            await server.lines.get()
            assert door.asked == ["quote anew", "quote recovered", "quote anew"]

    @in_loop
    async def test_it_begins_a_new_session_if_the_recovered_one_is_refused(self):
        async with streaming() as (server, door, streams), streams.quotes(4):
            line = await server.lines.get()
            server.sessions = _Amnesia(server.sessions, "secret-session-2")
            await line.hangs_up()
            await server.lines.get()
            assert door.asked == ["quote anew", "quote recovered", "quote anew"]

    @in_loop
    async def test_it_waits_longer_each_time_up_to_half_a_minute(self):
        pauses = []
        remember = Backoff(draw=lambda low, high: pauses.append((low, high)) or 0.0)
        async with streaming(backoff=remember) as (server, door, streams):
            door.trouble = [errors.Unavailable()] * 7
            async with streams.quotes(4):
                await server.lines.get()
        assert pauses == [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (0, 30), (0, 30)]

    @in_loop
    async def test_it_obeys_a_retry_after(self, caplog):
        caplog.set_level(logging.WARNING, "autoshares.streaming")
        async with streaming() as (server, door, streams):
            door.trouble = [errors.RateLimited(retry_after=0.2)]
            async with streams.quotes(4):
                await server.lines.get()
        assert "again in 0.2 s" in caplog.text

    @in_loop
    async def test_it_ends_when_autoshares_takes_the_token_no_longer(self):
        async with streaming() as (server, door, streams), streams.quotes(4) as quotes:
            line = await server.lines.get()
            await line.hears(quote(4))
            await settled(quotes)
            door.trouble = [errors.Unauthorized()]
            await line.hangs_up(1008)
            kinds = []
            with pytest.raises(errors.Unauthorized):
                async for news in quotes:
                    kinds.append(type(news))
            assert kinds == [QuoteTick, Interrupted]

    @in_loop
    async def test_a_fault_of_ours_reaches_the_reader_instead_of_a_silent_end(self):
        async with streaming() as (_, door, streams):
            door.trouble = [ZeroDivisionError()]
            async with streams.quotes(4) as quotes:
                with pytest.raises(ZeroDivisionError):
                    await anext(quotes)

    @in_loop
    async def test_an_unreadable_frame_is_a_gap(self):
        async with streaming() as (server, _, streams), streams.accounts(6412) as account:
            line = await server.lines.get()
            await line.hears('{"EntityType": "Order", "Id"')
            assert (await anext(account)).reason == GapReason.UNREADABLE
            await line.hears(order(1))
            assert (await anext(account)).order.id == 1


class TestASlowReader:
    @in_loop
    async def test_it_gets_the_newest_quote_of_each_and_nothing_grows(self):
        async with streaming() as (server, _, streams), streams.quotes(4, 17) as quotes:
            line = await server.lines.get()
            for cents in range(300):
                await line.hears(quote(4, f"171.{cents:03}"), quote(17, f"60.{cents:03}"))
            await settled(quotes)
            assert len(quotes._mailbox) == 2
            assert [(await anext(quotes)).price for _ in range(2)] == [Decimal("171.299"), Decimal("60.299")]

    @in_loop
    async def test_it_misses_no_order(self):
        async with streaming() as (server, _, streams), streams.accounts(6412) as account:
            line = await server.lines.get()
            await line.hears(*[order(1, ExecutedQuantity=str(filled)) for filled in range(300)])
            await settled(account)
            filled = [(await anext(account)).order.executed_quantity for _ in range(300)]
            assert filled == list(range(300))

    @in_loop
    async def test_it_is_told_when_too_many_orders_waited(self):
        async with streaming(capacity=100) as (server, _, streams), streams.accounts(6412) as account:
            line = await server.lines.get()
            await line.hears(*[order(number) for number in range(1, 151)])
            await settled(account)
            gap = await anext(account)
            assert (type(gap), gap.reason) == (Gap, GapReason.SLOW_CONSUMER)
            assert [(await anext(account)).order.id for _ in range(49)] == list(range(102, 151))

    @in_loop
    async def test_several_gaps_are_one_which_begins_with_the_first(self):
        async with streaming() as (server, _, streams), streams.quotes(4) as quotes:
            line = await server.lines.get()
            await line.hears(quote(4))
            await settled(quotes)
            first_heard_at = quotes.heard_at
            for _ in range(3):
                await line.hangs_up()
                line = await server.lines.get()
                await line.said.get()
                await settled(quotes)
            tick, lost, gap = [await anext(quotes) for _ in range(3)]
            assert (type(tick), type(lost), type(gap)) == (QuoteTick, Interrupted, Gap)
            assert gap.since == first_heard_at
            assert len(quotes._mailbox) == 0


class TestSecrets:
    @in_loop
    async def test_no_session_shows_in_logs_or_reprs_even_when_all_is_logged(self, caplog):
        caplog.set_level(logging.DEBUG)
        async with streaming() as (server, door, streams), streams.quotes(4) as quotes:
            entrance = await door.enter(quotes.kind, 0)
            line = await server.lines.get()
            await line.hears(quote(4))
            await anext(quotes)
            await line.hangs_up()
            await server.lines.get()
            server.sessions = set()
            ours = [record for record in caplog.records if not record.name.startswith("websockets.server")]
            said = " ".join(record.getMessage() for record in ours) + repr((quotes, entrance, await anext(quotes)))
            assert "QuoteStream" in said
            assert "secret-session" not in said
            assert "answer-1" not in said

    @in_loop
    async def test_a_server_that_is_not_there_is_named_by_the_kind_of_failure_alone(self, free_port, caplog):
        async with streaming() as (_, door, streams):
            door._open = lambda how: type("Entrance", (), {"handshake_url": f"ws://127.0.0.1:{free_port}/?P=secret"})
            async with streams.quotes(4):
                while "again in" not in caplog.text:
                    await asyncio.sleep(0.01)
        assert "no connection (ConnectionRefusedError)" in caplog.text
        assert "secret" not in caplog.text

    @in_loop
    async def test_a_redirect_does_not_lead_the_session_elsewhere(self, vendor, caplog):
        async with streaming() as (server, door, streams):
            vendor.will(reply(302, None, Location=f"{server.url}/CreateSession.txt"))
            door._open = lambda how: Entrance(vendor.url.replace("http", "ws"), 7311, "secret")
            async with streams.quotes(4):
                while "again in" not in caplog.text:
                    await asyncio.sleep(0.01)
            assert server.lines.empty()


class _Amnesia(set):
    """Sessions of which one is always forgotten."""

    def __init__(self, known: set[str], forgotten: str) -> None:
        super().__init__(known)
        self._forgotten = forgotten

    def add(self, session: str) -> None:
        if session != self._forgotten:
            super().add(session)
