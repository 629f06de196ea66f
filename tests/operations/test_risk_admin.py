"""The desk sets limits and throws switches; lifting one takes two people."""

import pytest
from django.urls import reverse

from investors.people import User
from operations.admin.risk import LimitsForm
from trading.risk.models import KillSwitch, RiskLimits

SWITCHES, LIMITS = "admin:trading_killswitch", "admin:trading_risklimits"


@pytest.fixture
def colleague(harbor, browser_at):
    """Another member of the staff, signed in."""
    user = User.objects.create_superuser("colleague", "colleague@demo.test", "x")
    desk = browser_at()
    desk.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return desk


def throw(desk, **values):
    return desk.post(reverse(f"{SWITCHES}_add"), {"scope": "global", "symbol": "", "reason": "A test."} | values)


def act(desk, action: str, switch: KillSwitch):
    form = {"action": action, "_selected_action": [switch.pk]}
    return desk.post(reverse(f"{SWITCHES}_changelist"), form, follow=True).content.decode()


@pytest.mark.django_db
class TestSwitches:
    def test_one_throws_and_another_one_lifts(self, ops, colleague):
        assert throw(ops).status_code == 302
        switch = KillSwitch.objects.get()
        assert (switch.thrown_by.email, switch.is_thrown) == ("ops@demo.test", True)
        assert "somebody has to ask first" in act(ops, "lift", switch)
        act(ops, "ask", switch)
        assert "somebody has to ask first" in act(ops, "lift", switch)
        assert "is lifted" in act(colleague, "lift", switch)
        switch.refresh_from_db()
        assert (switch.lift_asked_by.email, switch.lifted_by.email) == ("ops@demo.test", "colleague@demo.test")

    def test_a_scope_needs_what_it_names(self, ops):
        answer = throw(ops, scope="symbol")
        assert answer.status_code == 200
        assert "This is what the switch is for." in answer.content.decode()
        assert not KillSwitch.objects.exists()

    def test_a_brokers_staff_cannot_stop_everybody(self, ops, harbor):
        User.objects.filter(email="ops@demo.test").update(broker=harbor)
        assert throw(ops).status_code == 200
        assert throw(ops, scope="symbol", symbol="gme").status_code == 302
        switch = KillSwitch.objects.get()
        assert (switch.symbol, switch.broker) == ("GME", harbor)

    def test_nobody_edits_or_deletes_one(self, ops):
        throw(ops)
        pk = KillSwitch.objects.get().pk
        assert ops.post(reverse(f"{SWITCHES}_change", args=[pk]), {"reason": "x"}).status_code == 403
        assert ops.post(reverse(f"{SWITCHES}_delete", args=[pk]), {"post": "yes"}).status_code == 403


@pytest.mark.django_db
class TestLimits:
    def put(self, desk, harbor, **values):
        form = {"broker": harbor.pk, "note": "Quarterly review.", "may_sell_short": "unknown"} | values
        return desk.post(reverse(f"{LIMITS}_add"), form)

    def test_each_change_is_a_version_with_its_author_and_its_reason(self, ops, harbor):
        self.put(ops, harbor, max_order_value="50000", allowed_types="market, limit")
        self.put(ops, harbor, max_order_value="60000")
        first, second = RiskLimits.unscoped.order_by("version")
        assert (first.is_current, second.is_current) == (False, True)
        assert first.allowed_types == ["market", "limit"]
        assert (second.created_by.email, second.note) == ("ops@demo.test", "Quarterly review.")

    def test_every_limit_there_is_can_be_set(self):
        of_the_house = {"id", "version", "is_current", "created_by", "created_at"}
        assert {field.name for field in RiskLimits._meta.fields} - of_the_house == set(LimitsForm.Meta.fields)

    def test_it_begins_with_what_holds_now(self, ops, harbor):
        self.put(ops, harbor, max_order_value="50000")
        assert 'value="50000.00"' in ops.get(reverse(f"{LIMITS}_add")).content.decode()

    def test_a_word_that_is_no_order_type_is_named(self, ops, harbor):
        answer = self.put(ops, harbor, allowed_types="market iceberg")
        assert "Not an order type: iceberg." in answer.content.decode()

    def test_an_account_of_another_broker_is_refused(self, ops, harbor, northwind):
        from investors.accounts.models import TradingAccount

        foreign = TradingAccount.unscoped.create(broker=northwind, vendor_account_id=9, number="9")
        answer = self.put(ops, harbor, account=foreign.pk)
        assert "belongs to another broker" in answer.content.decode()
