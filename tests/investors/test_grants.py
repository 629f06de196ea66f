"""The token vault: stored whole, renewed by one process at a time, ended for good reasons only."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from autoshares import TokenSet, discovery
from autoshares.limits import LIMITS, Category, Limit
from brokers.vault import SealBroken
from investors.grants import crowding, ending, refreshing
from investors.grants.errors import GrantEnded, GrantUnreachable
from investors.grants.models import Grant
from investors.grants.storing import replace_tokens, store_tokens
from investors.grants.tokens import client_for, client_for_account, end_grant, report_unauthorized
from investors.tasks import refresh_due_grants
from tests.investors.signing_in import count_requests, user_of

pytestmark = pytest.mark.django_db

TOKEN = "/oauth/token"
ME = "/api/v1.0/users/@me/info"


def tokens(name: str, *, refresh: bool = True, seconds: int = 86400) -> TokenSet:
    return TokenSet(f"access-{name}", f"refresh-{name}" if refresh else None, "", seconds, "openid")


def fail(sandbox, status: int, *, path: str = TOKEN, count: int | None = None, **more) -> None:
    rule = {"path": path, "action": "status", "status": status, "count": count}
    sandbox.control("faults", rule | more)


@pytest.fixture
def investor(sign_in):
    """Signed in with a refresh token."""
    return user_of(sign_in())


@pytest.fixture
def grant(investor):
    return Grant.unscoped.get(user=investor)


def run_out(grant: Grant) -> Grant:
    """As it looks a day later: the access token has ended, the refresh was due long ago."""
    earlier = timezone.now() - timedelta(hours=25)
    Grant.unscoped.filter(pk=grant.pk).update(
        obtained_at=earlier,
        expires_at=earlier + timedelta(hours=24),
        refresh_due_at=earlier + timedelta(hours=17) if grant.refresh_token_sealed else None,
    )
    grant.refresh_from_db()
    return grant


@pytest.fixture
def exhausted(grant):
    return run_out(grant)


@pytest.fixture
def unrenewable(exhausted):
    """Run out, and no refresh token."""
    Grant.unscoped.filter(pk=exhausted.pk).update(refresh_token_sealed=b"", refresh_due_at=None)
    exhausted.refresh_from_db()
    return exhausted


class TestStoring:
    def test_a_new_sign_in_replaces_both_tokens(self, investor, grant):
        store_tokens(investor, tokens("new", refresh=False), obtained_at=timezone.now())
        grant.refresh_from_db()
        assert (grant.access_token, grant.refresh_token, grant.refresh_due_at) == ("access-new", "", None)
        assert grant.version == 2 and Grant.unscoped.count() == 1

    def test_a_refresh_without_rotation_keeps_the_refresh_token(self, grant):
        before = grant.refresh_token
        assert replace_tokens(grant, tokens("new", refresh=False), obtained_at=timezone.now())
        assert (grant.access_token, grant.refresh_token, grant.version) == ("access-new", before, 2)

    def test_a_rotated_refresh_token_replaces_the_old_one(self, grant):
        replace_tokens(grant, tokens("new"), obtained_at=timezone.now())
        assert grant.refresh_token == "refresh-new"

    def test_a_late_refresh_does_not_overwrite_a_newer_sign_in(self, investor, grant):
        store_tokens(investor, tokens("sign-in"), obtained_at=timezone.now())
        assert not replace_tokens(grant, tokens("late"), obtained_at=timezone.now())
        assert (grant.access_token, grant.refresh_token) == ("access-sign-in", "refresh-sign-in")

    def test_a_late_refresh_does_not_wake_an_ended_grant(self, investor, grant):
        end_grant(investor, "test")
        assert not replace_tokens(grant, tokens("late"), obtained_at=timezone.now())
        assert grant.state == Grant.State.ENDED and not grant.access_token_sealed

    def test_refreshes_are_spread_over_60_to_80_percent_of_the_life(self, grant):
        now, life = timezone.now(), timedelta(seconds=86400)
        planned = set()
        for _ in range(50):
            replace_tokens(grant, tokens("x"), obtained_at=now)
            planned.add((grant.refresh_due_at - now) / life)
        assert min(planned) >= 0.6 and max(planned) <= 0.8 and len(planned) > 25

    def test_a_ciphertext_moved_to_another_row_does_not_open(self, grant, sign_in):
        other = Grant.unscoped.get(user=user_of(sign_in("trader@demo.test")))
        Grant.unscoped.filter(pk=other.pk).update(access_token_sealed=grant.access_token_sealed)
        other.refresh_from_db()
        with pytest.raises(SealBroken):
            _ = other.access_token


class TestClientFor:
    def test_it_speaks_for_the_investor_without_asking_the_network(self, investor, sandbox, django_assert_num_queries):
        before = count_requests(sandbox, "GET", ME)
        with django_assert_num_queries(3):  # the grant, the broker unless it is at hand, its keys
            client = client_for(investor)
        with django_assert_num_queries(1):
            client_for(investor)
        assert count_requests(sandbox, "GET", ME) == before
        assert client.users.me().email == "investor@demo.test"

    def test_it_refreshes_a_token_that_has_run_out(self, investor, exhausted):
        before = exhausted.access_token
        assert client_for(investor).users.me().email == "investor@demo.test"
        exhausted.refresh_from_db()
        assert exhausted.version == 2 and exhausted.access_token != before and exhausted.is_live

    def test_it_ends_a_grant_that_nobody_can_renew(self, investor, unrenewable):
        with pytest.raises(GrantEnded):
            client_for(investor)
        unrenewable.refresh_from_db()
        assert (unrenewable.state, bytes(unrenewable.access_token_sealed)) == (Grant.State.ENDED, b"")

    def test_it_says_ended_to_someone_who_never_signed_in(self, harbor, django_user_model):
        with pytest.raises(GrantEnded):
            client_for(django_user_model.objects.create(username="harbor:new", broker=harbor))

    def test_it_says_unreachable_while_autoshares_is_silent(self, investor, exhausted, sandbox):
        with sandbox.silent(), pytest.raises(GrantUnreachable):
            client_for(investor)
        exhausted.refresh_from_db()
        assert exhausted.state == Grant.State.ACTIVE and exhausted.refresh_token

    def test_it_will_not_refresh_inside_a_transaction_of_its_caller(self, investor, exhausted):
        with pytest.raises(RuntimeError), transaction.atomic():
            client_for(investor)


class TestClientForAccount:
    def test_it_finds_an_owner_whose_grant_works(self, investor):
        account = investor.account_links.get(account__number="6412").account
        assert client_for_account(account).accounts.balances(account.vendor_account_id).cash is not None

    def test_it_raises_when_no_owner_is_connected(self, investor):
        account = investor.account_links.first().account
        end_grant(investor, "test")
        with pytest.raises(GrantEnded):
            client_for_account(account)

    def test_it_does_not_speak_through_a_link_of_the_past(self, investor):
        account = investor.account_links.first().account
        investor.account_links.update(is_current=False)
        with pytest.raises(GrantEnded):
            client_for_account(account)


class TestReportUnauthorized:
    def test_it_keeps_the_grant_when_only_the_thing_asked_for_was_foreign(self, investor, grant):
        assert report_unauthorized(investor) is False
        grant.refresh_from_db()
        assert grant.is_live and grant.version == 1

    def test_it_renews_a_token_that_autoshares_has_withdrawn(self, investor, grant):
        client_for(investor).logout()
        assert report_unauthorized(investor) is True
        assert client_for(investor).users.me().email == "investor@demo.test"

    def test_it_ends_the_grant_when_it_cannot_be_renewed(self, investor, grant):
        Grant.unscoped.filter(pk=grant.pk).update(refresh_token_sealed=b"", refresh_due_at=None)
        client_for(investor).logout()
        assert report_unauthorized(investor) is False
        grant.refresh_from_db()
        assert grant.state == Grant.State.ENDED and grant.last_error == "unauthorized"

    def test_it_gives_no_verdict_while_autoshares_is_silent(self, investor, grant, sandbox):
        with sandbox.silent():
            assert report_unauthorized(investor) is False
        grant.refresh_from_db()
        assert grant.is_live


class TestRefreshing:
    def test_the_task_renews_what_is_due_and_nothing_else(self, sign_in, grant, sandbox):
        other = Grant.unscoped.get(user=user_of(sign_in("trader@demo.test")))
        asked = count_requests(sandbox, "POST", TOKEN)
        run_out(grant)
        refresh_due_grants()
        grant.refresh_from_db(), other.refresh_from_db()
        assert (grant.version, other.version) == (2, 1) and grant.is_live
        assert count_requests(sandbox, "POST", TOKEN) == asked + 1

    def test_a_second_wake_up_finds_nothing_to_do(self, exhausted, sandbox):
        refresh_due_grants()
        asked = count_requests(sandbox, "POST", TOKEN)
        refresh_due_grants()
        assert count_requests(sandbox, "POST", TOKEN) == asked

    def test_it_ends_the_grant_when_the_refresh_token_is_refused(self, exhausted, sandbox, caplog):
        exhausted.broker.connection.oauth().revoke(exhausted.refresh_token)
        refresh_due_grants()
        exhausted.refresh_from_db()
        assert (exhausted.state, exhausted.last_error) == (Grant.State.ENDED, "invalid_grant")
        assert not exhausted.refresh_token_sealed and not exhausted.access_token_sealed
        assert f"grant={exhausted.pk}" in caplog.text and "error=invalid_grant" in caplog.text

    def test_it_calls_the_operator_when_our_keys_are_wrong_and_keeps_the_grant(self, exhausted, caplog):
        connection = exhausted.broker.connection
        connection.client_secret = "wrong"
        connection.save()
        refresh_due_grants()
        exhausted.refresh_from_db()
        assert exhausted.state == Grant.State.ACTIVE and exhausted.refresh_token
        assert [record.levelname for record in caplog.records if "refresh grant=" in record.message] == ["ERROR"]

    def test_it_waits_as_long_as_autoshares_asks(self, exhausted, sandbox):
        fail(sandbox, 429, headers={"Retry-After": "120"})
        refresh_due_grants()
        exhausted.refresh_from_db()
        wait = exhausted.refresh_due_at - timezone.now()
        assert timedelta(seconds=110) < wait <= timedelta(seconds=120) and exhausted.lease_until is None

    @pytest.mark.parametrize(("attempts", "longest"), [(0, 2), (3, 16), (30, 300)])
    def test_it_tries_later_with_full_jitter_when_autoshares_stumbles(self, exhausted, sandbox, attempts, longest):
        Grant.unscoped.filter(pk=exhausted.pk).update(attempts=attempts)
        fail(sandbox, 503)
        refresh_due_grants()
        exhausted.refresh_from_db()
        wait = exhausted.refresh_due_at - timezone.now()
        assert timedelta(0) < wait <= timedelta(seconds=longest)
        assert exhausted.state == Grant.State.ACTIVE and exhausted.attempts == attempts + 1

    def test_it_recovers_when_autoshares_does(self, exhausted, sandbox):
        fail(sandbox, 503, count=1)
        refresh_due_grants()
        Grant.unscoped.update(refresh_due_at=timezone.now())
        refresh_due_grants()
        exhausted.refresh_from_db()
        assert exhausted.is_live and (exhausted.attempts, exhausted.last_error) == (0, "")

    def test_it_leaves_alone_what_another_process_is_refreshing(self, exhausted, sandbox):
        assert refreshing.take_lease(exhausted)
        asked = count_requests(sandbox, "POST", TOKEN)
        refresh_due_grants()
        assert count_requests(sandbox, "POST", TOKEN) == asked

    def test_it_takes_over_from_a_process_that_died(self, exhausted):
        refreshing.take_lease(exhausted)
        Grant.unscoped.filter(pk=exhausted.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        refresh_due_grants()
        exhausted.refresh_from_db()
        assert exhausted.version == 2 and exhausted.is_live

    def test_one_poisonous_grant_does_not_stop_the_others(self, sign_in, grant):
        other = Grant.unscoped.get(user=user_of(sign_in("trader@demo.test")))
        run_out(other), run_out(grant)
        Grant.unscoped.filter(pk=grant.pk).update(refresh_token_sealed=b"\x03bad" + b"0" * 40)
        for _wake_up in range(2):
            refresh_due_grants()
        other.refresh_from_db(), grant.refresh_from_db()
        assert other.version == 2 and grant.version == 1 and grant.last_error == "SealBroken"

    def test_the_log_holds_no_secret(self, exhausted, caplog):
        caplog.set_level("DEBUG")
        secrets = [exhausted.access_token, exhausted.refresh_token, "demo-harbor-client-secret"]
        refresh_due_grants()
        exhausted.refresh_from_db()
        assert caplog.text and not any(s in caplog.text for s in [*secrets, exhausted.access_token])


class TestCrowding:
    """AutoShares takes 10 sign-ins and renewals a minute from one application."""

    def test_renewals_leave_room_for_sign_ins(self, exhausted, sign_in, monkeypatch, sandbox):
        monkeypatch.setitem(LIMITS, Category.AUTHENTICATION, Limit(3, reserve=1))  # one is taken by the sign-in
        refreshing.refresh_grant(exhausted)
        with pytest.raises(GrantUnreachable):
            refreshing.refresh_grant(exhausted)
        exhausted.refresh_from_db()
        assert exhausted.refresh_due_at > timezone.now() + timedelta(seconds=50)
        assert user_of(sign_in("trader@demo.test")).grant.is_live

    def test_each_broker_has_its_own_pace(self, grant, sign_in, northwind, browser_at):
        sign_in("trader@demo.test")
        sign_in("trader@demo.test", browser=browser_at("northwind.localhost"))
        Grant.unscoped.update(refresh_due_at=timezone.now())
        assert refreshing.refresh_due_grants() == 2

    def test_it_calls_an_operator_before_there_is_no_room(self, grant, northwind, monkeypatch, caplog):
        monkeypatch.setattr(crowding, "NEAR", 1)
        crowding.watch_renewals()
        assert not caplog.records
        run_out(grant)
        crowding.watch_renewals()
        [alarm] = caplog.records
        assert alarm.levelname == "CRITICAL" and "broker=harbor: 1 tokens" in alarm.message


class TestRunningOut:
    def test_the_task_ends_what_has_run_out_and_cannot_be_renewed(self, unrenewable):
        refresh_due_grants()
        unrenewable.refresh_from_db()
        assert (unrenewable.state, unrenewable.last_error) == (Grant.State.ENDED, "expired")
        assert bytes(unrenewable.access_token_sealed) == b""

    def test_it_leaves_the_living_alone(self, grant):
        assert ending.end_expired_grants() == 0


@pytest.fixture(autouse=True)
def _no_remembered_addresses():
    discovery.forget()
