"""Frames get lost, come twice and in the wrong order, connections break: after a refresh the picture is the ledger."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from autoshares import Balances
from autoshares.models import Order, Position
from autoshares.streaming import AccountPicture, Backoff, DataStream, Gap, OtherUpdate, StreamClient
from tests.support.streamers import Line, StreamServer, TestDoor, in_loop

STEPS = 120
SECURITIES = (4, 17, 23)
END = {"EntityType": "TheDayIsOver"}


@dataclass
class Ledger:
    """What is true: orders that live and end, positions, money. Each step changes something a millisecond later."""

    dice: random.Random
    now_ms: int = 1_777_905_000_000
    cash: int = 100_000
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    positions: dict[int, dict[str, Any]] = field(default_factory=dict)

    def step(self) -> list[dict[str, Any]]:
        """Change something; the frames that tell of it."""
        self.now_ms += 1
        living = [order for order in self.orders.values() if order["Status"] in ("New", "PartiallyFilled")]
        if not living or self.dice.random() < 0.3:
            return [self._new_order()]
        order = self.dice.choice(living)
        if self.dice.random() < 0.2:
            order |= {"Status": "Canceled", "Date": self.now_ms}
            return [order]
        return self._fill(order)

    def _new_order(self) -> dict[str, Any]:
        number = len(self.orders) + 1
        self.orders[number] = {
            "EntityType": "Order", "Id": number, "AccountId": 6412, "SecurityId": self.dice.choice(SECURITIES),
            "Status": "New", "Quantity": 5, "ExecutedQuantity": 0, "CreateDate": self.now_ms, "Date": self.now_ms,
        }  # fmt: skip
        return self.orders[number]

    def _fill(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        executed = order["ExecutedQuantity"] + 1
        order |= {"ExecutedQuantity": executed, "Date": self.now_ms}
        order["Status"] = "Filled" if executed == 5 else "PartiallyFilled"
        security = order["SecurityId"]
        position = self.positions.setdefault(
            security, {"EntityType": "Position", "AccountId": 6412, "SecurityId": security, "Quantity": 0}
        )
        position |= {"Quantity": position["Quantity"] + 1, "ModifyDate": self.now_ms}
        self.cash -= 17
        return [order, position, self.money()]

    def money(self) -> dict[str, Any]:
        return {"EntityType": "AccountBalance", "AccountId": 6412, "Items": f'[{{"Name":"cash","Value":{self.cash}}}]'}

    def refresh(self, picture: AccountPicture) -> None:
        """What reading by REST amounts to."""
        picture.refresh(
            [Order.from_wire(row) for row in self.orders.values()],
            [Position.from_wire(row) for row in self.positions.values()],
            Balances.from_wire({"cash": self.cash}),
            asked_at=datetime.now(UTC),
        )

    def agrees_with(self, picture: AccountPicture) -> bool:
        return self.agrees_on_trades_with(picture) and picture.balances.cash == Decimal(self.cash)

    def agrees_on_trades_with(self, picture: AccountPicture) -> bool:
        orders = {number: (row["Status"], row["ExecutedQuantity"]) for number, row in self.orders.items()}
        positions = {security: row["Quantity"] for security, row in self.positions.items()}
        drawn = {order.id: (order.status, order.executed_quantity) for order in picture.orders.values()}
        return drawn == orders and positions == {
            security: position.quantity for security, position in picture.positions.items()
        }


def as_frame(row: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items()}


class Mischief:
    """Between the ledger and the wire."""

    def __init__(self, dice: random.Random, *, loses: bool) -> None:
        self._dice = dice
        self._loses = loses
        self._held_back: list[dict[str, str]] = []

    def disturb(self, frames: list[dict[str, str]]) -> list[dict[str, str]]:
        late = [frame for frame in self._held_back if self._dice.random() < 0.2]
        self._held_back = [frame for frame in self._held_back if frame not in late]
        sent = []
        for frame in frames:
            fate = self._dice.random()
            if fate < 0.3:
                self._held_back.append(frame)
            elif fate < 0.45 and self._loses:
                continue
            else:
                sent += [frame, frame] if fate > 0.85 else [frame]
        return sent + late

    def release(self) -> list[dict[str, str]]:
        held, self._held_back = self._held_back, []
        return held


async def draw(stream: DataStream, picture: AccountPicture, ledger: Ledger) -> None:
    """The consumer: apply what comes, read again after a gap, until the day is over."""
    async for news in stream:
        picture.apply(news)
        if isinstance(news, Gap):
            ledger.refresh(picture)
        if isinstance(news, OtherUpdate):
            return


async def live_through(seed: int, *, loses: bool) -> tuple[Ledger, AccountPicture]:
    """A day of trading over a bad wire, watched by one consumer."""
    dice = random.Random(seed)
    ledger, mischief, picture = Ledger(dice), Mischief(dice, loses=loses), AccountPicture(6412)
    async with StreamServer() as server:
        streams = StreamClient(TestDoor(server), backoff=Backoff(draw=lambda low, high: 0.0))
        async with streams.accounts(6412) as stream, asyncio.TaskGroup() as tasks:
            tasks.create_task(draw(stream, picture, ledger))
            line = await subscribed(server)
            for _ in range(STEPS):
                if dice.random() < 0.02:
                    await line.hangs_up()
                    mischief.release()  # what was on its way is lost, and the gap says so
                    for _ in range(dice.randrange(3)):
                        ledger.step()
                    line = await subscribed(server)
                await line.hears(*mischief.disturb([as_frame(row) for row in ledger.step()]))
                await asyncio.sleep(0.001)  # the consumer keeps up, so that each frame meets the picture of its time
            await line.hears(*mischief.release())
            await line.hears(END)
    return ledger, picture


async def subscribed(server: StreamServer) -> Line:
    """The next connection, once it has asked for all three entities."""
    line = await server.lines.get()
    for _ in range(3):
        await line.said.get()
    return line


@pytest.mark.parametrize("seed", range(6))
class TestTheConsumersPicture:
    @in_loop
    async def test_it_is_the_ledger_after_a_refresh_whatever_was_lost(self, seed):
        ledger, picture = await live_through(seed, loses=True)
        ledger.refresh(picture)
        assert ledger.agrees_with(picture)

    @in_loop
    async def test_it_needs_no_refresh_but_those_after_gaps_if_nothing_is_lost_in_silence(self, seed):
        ledger, picture = await live_through(seed, loses=False)
        assert ledger.agrees_on_trades_with(picture)
