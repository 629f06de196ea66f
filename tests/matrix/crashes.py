"""Kill -9 of each process at each step of an order's way, and what must be true when all of them are back."""

import time
from dataclasses import asdict, dataclass

from django.db import OperationalError, connection

from brokers.scoping import broker_scope
from investors.accounts.models import TradingAccount
from tests.matrix.household import PARTS, Desk, Household, wait_until
from tests.matrix.judge import find_faults
from tests.matrix.steps import STEPS, forget_triggers, lead_astray, lead_to
from tests.trading.engine.conftest import Book
from trading.orders.models import Order, OrderDraft
from trading.orders.states import OrderState
from trading.portfolio.models import AccountBook

EVERYTHING = "everything"
RECOVERS_WITHIN_SECONDS = 60
# The worker takes up what never left; it meets fewer steps, and it alone looks for orders without an answer.
WEB_STEPS = [step for step in STEPS if step != "looked for, not found yet"]
WORKER_STEPS = [*WEB_STEPS[2:7], "looked for, not found yet"]


@dataclass(frozen=True)
class Crash:
    sender: str
    step: str
    victim: str

    def __str__(self) -> str:
        return f"{self.sender} sends, {self.step}, kill {self.victim}"


ALL_CRASHES = [
    *(Crash("web", step, victim) for step in WEB_STEPS for victim in (*PARTS, EVERYTHING)),
    *(Crash("worker", step, victim) for step in WORKER_STEPS for victim in ("worker", "postgres", EVERYTHING)),
]
# Quick ones: neither waits for a lease to run out.
SAMPLE = [
    Crash("web", "the claim is not committed", "web"),
    Crash("web", "taken, not answered", "sandbox"),
]


@dataclass(frozen=True)
class Recovery:
    """What a crash came to: the order's state, how many orders AutoShares has of it, seconds until all was well."""

    state: str
    orders: int
    seconds: float

    def report(self, crash: Crash) -> dict[str, object]:
        return asdict(crash) | asdict(self)


class Accident:
    """One crash, from the click to the click after the recovery."""

    def __init__(self, household: Household, desk: Desk, account: TradingAccount) -> None:
        self.household, self.desk, self.account = household, desk, account
        self.book = Book(household.sandbox)

    def happen(self, crash: Crash) -> Recovery:
        self.household.sandbox.control("faults", {"settings": {"deduplicate_client_id": False}})
        form = self.desk.fill_in()
        with broker_scope(self.account.broker):
            struck = self._strike(crash, form)
        lead_to(self.account, self.household.sandbox.port)
        self.wait_until_well(struck)
        seconds = time.monotonic() - struck
        forget_triggers(self.household)
        assert self.desk.confirm(form) == 200  # an impatient second click
        self.wait_until_well(struck)
        order = self.order_of(form)
        theirs = self.book.orders(ClientId=order.client_id)
        assert len(theirs) == 1 or (order.state == OrderState.UNKNOWN and not theirs)
        return Recovery(order.get_state_display(), len(theirs), round(seconds, 1))

    def _strike(self, crash: Crash, form: dict[str, str]) -> float:
        """Bring the order to its step and kill; the moment of that."""
        self._keep_draft(form)
        if crash.sender == "worker":
            self.leave_to_the_worker(form)
        victims = PARTS if crash.victim == EVERYTHING else (crash.victim,)
        with STEPS[crash.step](self.household, self.account) as is_there:
            if crash.sender == "web":
                self.desk.confirm_later(form)
            wait_until(is_there, crash.step, seconds=30)
            struck = time.monotonic()
            self.household.kill(*victims)
        self.household.bring_back(*victims)
        return struck

    def leave_to_the_worker(self, *forms: dict[str, str]) -> None:
        """Confirm while AutoShares cannot be reached: the intents are written, and nothing has left."""
        lead_astray(self.account)
        assert {self.desk.confirm(form) for form in forms} == {200}
        lead_to(self.account, self.household.sandbox.port)

    def order_of(self, form: dict[str, str]) -> Order:
        return Order.unscoped.get(requests__form_key=form["form_key"])

    def _keep_draft(self, form: dict[str, str]) -> None:
        """What a preview would have left behind."""
        user = self.account.links.get().user
        OrderDraft.objects.filter(user=user).delete()
        OrderDraft.objects.create(
            user=user, symbol="AAPL", fields={"quantity": form["quantity"]}, form_key=form["form_key"]
        )

    def wait_until_well(self, since: float) -> None:
        """All processes work, and every promise is kept. Raises AssertionError with what is not so."""
        problems: list[str] = []

        def is_well() -> bool:
            problems[:] = self.problems(since)
            return not problems

        left = since + RECOVERS_WITHIN_SECONDS - time.monotonic()
        try:
            wait_until(is_well, "recovery", seconds=max(left, 20))
        except TimeoutError:
            raise AssertionError(problems) from None

    def problems(self, since: float) -> list[str]:
        """What is not as it should be; empty when all processes work and every promise is kept."""
        if not self.household.is_ready():
            return ["not ready"]
        try:
            ago = time.time() - (time.monotonic() - since)
            looked = AccountBook.unscoped.values_list("orders_at", flat=True).get(account=self.account)
            if looked is None or looked.timestamp() < ago:
                return ["nobody has looked at the book since"]
            return find_faults(self.book, self.account)
        except OperationalError:
            connection.close()
            return ["no database"]
