"""Transfers in any order, called off, refused by banks, while time passes: cash is always the sum of what was booked,
and what the transfers say, not a cent else."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.exchange.balances import find_account
from sandbox.exchange.money import ZERO
from sandbox.money.links import create_plaid_links
from sandbox.money.transfers import (
    FATES,
    Request,
    TransferRefused,
    cancel_transfer,
    reject_transfer,
    script_next_deposit,
    send_transfer,
    transfers_of,
)
from sandbox.state import State
from sandbox.world import World

ACCOUNT = 6412
CLOCK = {"mode": "frozen", "set": "2026-11-23T15:00:00Z"}

amounts = st.integers(1, 3_000_000).map(lambda cents: Decimal(cents) / 100)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("deposit"), amounts, st.integers(0, 3)),
        st.tuples(st.just("withdraw"), amounts | st.none(), st.sampled_from([ZERO, Decimal(25), Decimal(50)])),
        st.tuples(st.sampled_from(["cancel", "reject"]), st.integers(0, 20), st.none()),
        st.tuples(st.just("script"), st.sampled_from([None, *FATES]), st.none()),
        st.tuples(st.just("wait"), st.integers(60, 200_000), st.none()),
    ),
    max_size=25,
)


@dataclass
class Bank:
    """One account and its transfers, in a world of its own."""

    world: World
    link: str

    @classmethod
    def open(cls) -> "Bank":
        world = World(State(), base_url="http://localhost", web_port=8000, market_hours="calendar", seed=1)
        world.reset(seed=1, clock=CLOCK)
        links = create_plaid_links(world.market, ACCOUNT, bank_name="Bank", public_token="token", accounts=["one"])
        return cls(world, links[0]["id"])

    @property
    def account(self) -> Any:
        return find_account(self.world.market, ACCOUNT)

    def transfers(self) -> list[Any]:
        return transfers_of(self.world.market, ACCOUNT)

    def do(self, step: tuple[str, Any, Any]) -> None:
        what, how, more = step
        market = self.world.market
        try:
            if what == "deposit":
                asked = Request("ACH", how, is_deposit=True, link_id=self.link, hold_days=more)
                send_transfer(market, self.account, "dana", asked)
            elif what == "withdraw":
                send_transfer(market, self.account, "dana", Request("Wire", how, fee=more, closes_account=how is None))
            elif what == "script":
                script_next_deposit(market, how)
            elif what == "wait":
                self.world.change_clock({"advance": how})
            elif how < len(self.transfers()):
                chosen = self.transfers()[how]["id"]
                if what == "cancel":
                    cancel_transfer(market, ACCOUNT, chosen, "no more")
                else:
                    reject_transfer(market, chosen)
        except TransferRefused:
            pass

    def booked(self) -> Decimal:
        rows = self.world.state.rows("SELECT amount FROM cash_entry WHERE account_id = ?", ACCOUNT)
        return sum((row["amount"] for row in rows), ZERO)

    def told(self) -> Decimal:
        """What the transfers say they have moved."""
        moved = ZERO
        for row in self.transfers():
            if row["is_deposit"] and row["status"] in ("FundsPosted", "Complete"):
                moved += row["amount"]
            elif not row["is_deposit"] and row["status"] not in ("Canceled", "Rejected"):
                moved -= row["amount"] + row["fee"]
        return moved


@settings(max_examples=30, deadline=None)
@given(steps)
def test_cash_is_what_was_booked_and_what_transfers_tell(steps: list[tuple[str, Any, Any]]) -> None:
    bank = Bank.open()
    before = bank.account["cash"]
    for step in steps:
        bank.do(step)
        assert bank.account["cash"] == bank.booked() == before + bank.told()
    bank.world.change_clock({"advance": 10 * 86_400})
    assert {row["status"] for row in bank.transfers()} <= {"Complete", "Canceled", "Rejected"}


@settings(max_examples=10, deadline=None)
@given(steps)
def test_looking_often_changes_nothing(steps: list[tuple[str, Any, Any]]) -> None:
    seldom, often = Bank.open(), Bank.open()
    for step in steps:
        seldom.do(step)
        if step[0] == "wait":
            for _ in range(4):
                often.do(("wait", step[1] / 4, None))
        else:
            often.do(step)
    assert [tuple(row) for row in seldom.transfers()] == [tuple(row) for row in often.transfers()]
    assert seldom.account["cash"] == often.account["cash"]
