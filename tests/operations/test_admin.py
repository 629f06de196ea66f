"""The back office: every page opens, no token is ever on one, and nothing in it needs an unsafe policy."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from brokers.models import Broker
from investors.accounts.models import TradingAccount
from investors.grants.models import Grant
from investors.people import User
from operations.login_limits import may_try
from operations.models import LoginTries
from trading.orders.models import Order
from trading.risk.models import KillSwitch, RiskLimits

CANARY = "canary-access-token-4711"
INLINE = re.compile(
    r"<script(?![^>]*\b(?:src|nonce)=)(?![^>]*application/json)|<style|\sstyle=|\son\w+=", re.IGNORECASE
)


@pytest.fixture
def investor(harbor, sign_in):
    """An investor with a grant and accounts, whose access token is a canary."""
    sign_in("investor@demo.test")
    grant = Grant.unscoped.get()
    grant.access_token = CANARY
    grant.save()
    return grant.user


def address_of(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def assert_clean(answer, address: str) -> None:
    """The page opens without a token, and nothing on it needs more than the strict policy."""
    assert answer.status_code == 200, address
    html = answer.content.decode()
    assert CANARY not in html, address
    assert not INLINE.search(html), address
    assert "unsafe" not in answer.headers["Content-Security-Policy"], address


@pytest.fixture
def history(ops, investor):
    """A row of what only happens once somebody acts: an order, and a switch and limits of the desk's."""
    account = TradingAccount.unscoped.first()
    Order.unscoped.create(
        broker=investor.broker, account=account, placed_by=investor, client_id=uuid.uuid4(), symbol="AAPL",
        side="buy", type="market", time_in_force="day", quantity=1,
    )  # fmt: skip
    limits = {"broker": investor.broker_id, "note": "A test.", "max_order_value": "1000"}
    assert ops.post(reverse("admin:trading_risklimits_add"), limits).status_code == 302
    switch = {"scope": "account", "account": account.pk, "symbol": "", "reason": "A test."}
    assert ops.post(reverse("admin:trading_killswitch_add"), switch).status_code == 302


@pytest.mark.django_db
class TestPages:
    def test_every_list_opens_under_the_strict_policy_without_a_token(self, ops, history):
        for address in [reverse("admin:index"), *(address_of(model, "changelist") for model in site._registry)]:
            assert_clean(ops.get(address), address)

    def test_every_row_opens_under_the_strict_policy_without_a_token(self, ops, history):
        for model in site._registry:
            for row in model._base_manager.all()[:2]:
                address = address_of(model, "change", row.pk)
                assert_clean(ops.get(address), address)

    def test_every_form_for_a_new_row_opens_under_the_strict_policy(self, ops, history):
        addresses = [address_of(model, "add") for model in site._registry]
        answers = {address: ops.get(address) for address in addresses}
        allowed = {address: answer for address, answer in answers.items() if answer.status_code != 403}
        assert address_of(RiskLimits, "add") in allowed and address_of(KillSwitch, "add") in allowed
        for address, answer in allowed.items():
            assert_clean(answer, address)

    def test_the_desk_is_told_before_token_renewals_outgrow_the_limit(self, ops, investor, northwind, monkeypatch):
        monkeypatch.setattr("investors.grants.crowding.NEAR", 1)
        Grant.unscoped.update(refresh_due_at=timezone.now() + timedelta(minutes=50))
        figure = ops.get(reverse("admin:index")).context["figures"][-1]
        assert (figure.count, figure.is_urgent) == (1, True) and "tokens to renew" in figure.label
        assert list(ops.get(figure.address).context["cl"].queryset) == [investor.broker]

    def test_a_grant_can_neither_be_made_nor_changed(self, ops, investor):
        grant = Grant.unscoped.get()
        assert ops.get(reverse("admin:investors_grant_add")).status_code == 403
        assert ops.post(reverse("admin:investors_grant_change", args=[grant.pk]), {}).status_code == 403

    def test_an_investor_is_not_let_in(self, client, investor):
        client.force_login(investor, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(reverse("admin:index")).status_code == 302

    def test_the_door_shuts_after_wrong_passwords(self, client, db):
        address = reverse("admin:login")
        for _ in range(5):
            client.post(address, {"username": "ops@demo.test", "password": "wrong"})
        assert client.post(address, {"username": "ops@demo.test", "password": "wrong"}).status_code == 429

    def test_tries_count_for_all_processes_together_and_for_five_minutes(self, db):
        assert [may_try("ops@demo.test", "203.0.113.1") for _ in range(6)] == [True] * 5 + [False]
        assert may_try("somebody@demo.test", "203.0.113.1") and may_try("ops@demo.test", "203.0.113.2")
        assert LoginTries.objects.count() == 5  # in the database, where every process looks
        LoginTries.objects.update(ends_at=timezone.now() - timedelta(minutes=1))
        assert may_try("ops@demo.test", "203.0.113.1")
        assert LoginTries.objects.count() == 2  # the others are swept away

    def test_the_right_password_starts_the_count_over(self, client, harbor):
        User.objects.create_superuser("ops@demo.test", "ops@demo.test", "open-the-desk")
        words = ["wrong"] * 4 + ["open-the-desk"] + ["wrong"] * 5
        answers = [
            client.post(reverse("admin:login"), {"username": "ops@demo.test", "password": word}) for word in words
        ]
        assert 429 not in {answer.status_code for answer in answers}


@pytest.mark.django_db
class TestHealth:
    def test_it_lives_and_is_ready_at_a_host_of_no_broker(self, client, browser_at):
        stranger = browser_at("probe.localhost")
        assert stranger.get("/health/live").json() == {"status": "live"}
        assert stranger.get("/health/ready").status_code == 200


@pytest.mark.django_db
class TestSeed:
    def test_it_may_run_twice_and_keeps_what_staff_changed(self, settings):
        call_command("seed_demo")
        broker = Broker.objects.get(slug="harbor")
        broker.tagline = "Changed by staff"
        broker.save()
        call_command("seed_demo")
        assert Broker.objects.count() == 2
        assert Broker.objects.get(slug="harbor").tagline == "Changed by staff"
        assert User.objects.filter(is_superuser=True).count() == 1
