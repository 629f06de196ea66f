"""Real processes, killed at every step: at most one order, none lost, and all is well again within a minute."""

import contextlib
import time
import uuid

import pytest
from django.urls import reverse

from investors.people import User
from tests.matrix.crashes import RECOVERS_WITHIN_SECONDS, Accident, Crash
from tests.matrix.household import wait_until
from tests.matrix.scenarios import IS_WHOLE
from trading.orders.states import OrderState
from trading.risk.killing import ask_to_lift, lift_switch, throw_switch
from trading.risk.models import KillSwitch


def test_a_death_neither_doubles_nor_loses_an_order(accident: Accident, crash: Crash, record_property) -> None:
    recovery = accident.happen(crash)
    record_property("crash", recovery.report(crash))
    assert recovery.seconds <= RECOVERS_WITHIN_SECONDS


@pytest.mark.skipif(not IS_WHOLE, reason="`make matrix` runs it")
def test_two_beats_and_two_workers_send_each_order_once(accident: Accident) -> None:
    forms = [accident.desk.fill_in() for _ in range(5)]
    accident.leave_to_the_worker(*forms)
    before = accident.book.placed()
    with accident.household.second("beat"), accident.household.second("worker"):
        wait_until(lambda: accident.book.placed() >= before + len(forms), "all of them are sent")
        accident.wait_until_well(time.monotonic())
    assert accident.book.placed() == before + len(forms)
    for form in forms:
        assert len(accident.book.orders(ClientId=accident.order_of(form).client_id)) == 1


class TestKillSwitch:
    def test_it_holds_in_every_process_and_through_their_deaths_while_cancels_pass(self, accident: Accident) -> None:
        """One order rests in the book, one waits for the worker, and more are being confirmed all the time."""
        desk, household = accident.desk, accident.household
        resting, waiting = desk.fill_in(), desk.fill_in()
        assert desk.confirm(resting) == 200
        accident.wait_until_well(time.monotonic())
        accident.leave_to_the_worker(waiting)
        with self.switch_thrown_under_load(accident):
            household.kill("web", "worker", "postgres")
            household.bring_back("web", "worker", "postgres")
            wait_until(household.is_ready, "all are back")
            sent = accident.book.placed()
            assert desk.confirm(desk.fill_in()) >= 400
            wait_until(lambda: accident.order_of(waiting).state == OrderState.CANCELED, "the worker withdraws it")
            assert accident.book.placed() == sent

            order = accident.order_of(resting)
            asked = {"form_key": str(uuid.uuid4()), "drawn": "status"}
            assert desk.post(reverse("trading:order-cancel", args=[order.pk]), asked) == 200
            wait_until(lambda: accident.order_of(resting).state == OrderState.CANCELED, "it is canceled")
        assert desk.confirm(desk.fill_in()) == 200

    @contextlib.contextmanager
    def switch_thrown_under_load(self, accident: Accident):
        """Thrown while ten confirmations are on their way; a second later none leaves any more. Lifted by two."""
        desk, book = accident.desk, accident.book
        staff = [User.objects.create(username=f"desk-{uuid.uuid4()}", is_staff=True) for _ in range(2)]
        clicks = [desk.confirm_later(desk.fill_in()) for _ in range(10)]
        switch = throw_switch(KillSwitch.Scope.GLOBAL, reason="A data feed is wrong.", by=staff[0])
        over = time.monotonic() + 1
        while time.monotonic() < over:
            assert desk.confirm(desk.fill_in()) >= 400
        sent = book.placed()
        assert all(click.result() for click in clicks)
        assert book.placed() == sent
        yield
        ask_to_lift(switch, by=staff[0])
        lift_switch(switch, by=staff[1])
