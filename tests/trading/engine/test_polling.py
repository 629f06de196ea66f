"""The poll: what is due is looked at, as often as it deserves, and nobody stops the others."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from investors.accounts.models import TradingAccount
from investors.grants.tokens import end_grant
from tests.trading.engine.conftest import make_ticket, resting, sign_up
from trading.orders.states import OrderState
from trading.portfolio.models import AccountBook, Position
from trading.portfolio.polling import Stake, claim_next_due, poll_due_accounts
from trading.portfolio.watching import make_due, watch_account

MINUTE = timedelta(minutes=1)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def book_of(account: TradingAccount) -> AccountBook:
    return AccountBook.objects.get(account=account)


def sweep(accounts: list[TradingAccount], book) -> tuple[list[str], int]:
    """The statements and the list calls of a round in which `accounts`, and no others, are due."""
    before = book.asked("GET", ending="/orders")
    AccountBook.objects.update(next_check_at=None)
    AccountBook.objects.filter(account__in=accounts).update(next_check_at=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        poll_due_accounts()
    return [query["sql"] for query in queries], book.asked("GET", ending="/orders") - before


def plan_of(sql: str) -> str:
    """How PostgreSQL would answer once the tables are too long to be read through."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


class TestPause:
    @pytest.mark.parametrize(
        ("stake", "pause"),
        [
            (Stake(has_doubt=True), seconds(1)),
            (Stake(has_doubt=True, doubt_age=seconds(90)), seconds(5)),
            (Stake(has_doubt=True, doubt_age=seconds(700)), seconds(60)),
            (Stake(has_market_order=True), seconds(1)),
            (Stake(has_market_order=True, is_market_open=False), seconds(60)),
            (Stake(has_limit_order=True, is_watched=True), seconds(3)),
            (Stake(has_limit_order=True, is_watched=True, is_market_open=False), seconds(5)),
            (Stake(has_limit_order=True), seconds(15)),
            (Stake(is_watched=True), seconds(5)),
            (Stake(), None),
        ],
    )
    def test_it_follows_what_is_at_stake(self, stake, pause):
        assert stake.pause() == pause


class TestPoll:
    def test_it_fills_a_new_book(self, account, trader):
        assert book_of(account).balances_at is None
        poll_due_accounts()
        book = book_of(account)
        assert book.equity > 0
        assert book.buying_power > 0
        assert None not in (book.balances_at, book.positions_at, book.orders_at)
        assert book.next_check_at is None  # idle: nobody watches, nothing works
        assert Position.objects.filter(account=account).exists()

    def test_its_positions_add_up_to_the_market_value(self, account):
        poll_due_accounts()
        total = sum(position.market_value for position in Position.objects.filter(account=account))
        assert abs(total - book_of(account).market_value) < Decimal("5.00")

    def test_it_drops_a_position_that_was_sold(self, account, place, book):
        poll_due_accounts()
        held = Position.objects.filter(account=account, quantity__gte=1).first()
        place(make_ticket(side="sell", symbol=held.symbol, quantity=held.quantity))
        book.advance(60)
        poll_due_accounts()
        assert not Position.objects.filter(account=account, symbol=held.symbol).exists()

    def test_it_comes_back_for_a_working_order(self, account, place, book):
        place(resting())
        book.advance(5)
        poll_due_accounts()
        wait = book_of(account).next_check_at - timezone.now()
        assert seconds(13) < wait <= seconds(15)

    def test_what_is_as_we_hold_it_costs_five_statements_and_a_call_per_account(
        self, account, place, book, scope, sandbox
    ):
        dana = sign_up(scope, sandbox, "investor@demo.test")
        for _ in range(3):
            place(resting())
        book.advance(5)
        poll_due_accounts()
        one, calls = sweep([account], book)
        three, more_calls = sweep([account, *TradingAccount.objects.of(dana)], book)
        assert (len(three) - len(one)) / 2 == 5  # claim, who speaks for it, its orders, the rate limit, the end
        assert (calls, more_calls) == (1, 3)
        assert len(one) <= 8  # and once: the broker, its keys, nothing more is due

    def test_it_reads_what_is_open_and_due_however_much_there_is(self, account, place, book):
        place(resting())
        book.advance(5)
        poll_due_accounts()
        statements, _ = sweep([account], book)
        assert "open_orders_by_account" in plan_of(next(sql for sql in statements if 'FROM "trading_order"' in sql))
        assert "trading_accountbook_next_check_at" in plan_of(statements[0])

    def test_it_makes_one_list_call_per_account(self, account, place, book):
        for _ in range(3):
            place(resting())
        book.advance(5)
        poll_due_accounts()
        before = book.asked("GET", ending="/orders")
        make_due(account)
        poll_due_accounts()
        assert book.asked("GET", ending="/orders") == before + 1

    def test_it_keeps_a_book_due_that_became_due_meanwhile(self, account, trader, monkeypatch):
        from trading.portfolio import polling

        def make_due_again(*args):
            make_due(account)
            return Stake()

        monkeypatch.setattr(polling, "stake_of", make_due_again)
        monkeypatch.setattr(polling, "ROUND_SECONDS", 0.2)
        poll_due_accounts()
        assert book_of(account).next_check_at is not None


class TestClaim:
    def test_it_leases_a_due_book_to_one(self, account):
        assert claim_next_due().account_id == account.pk
        assert claim_next_due() is None
        assert book_of(account).next_check_at > timezone.now() + seconds(25)

    def test_it_leaves_alone_what_is_not_due(self, account):
        AccountBook.objects.update(next_check_at=timezone.now() + MINUTE)
        assert claim_next_due() is None


class TestFailures:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ({"status": 503}, "AutoShares does not answer."),
            ({"status": 500}, "AutoShares does not answer."),
            ({"status": 429, "headers": {"Retry-After": "30"}}, "AutoShares is busy."),
            ({"status": 200, "body": "<html>"}, "AutoShares does not answer."),
        ],
    )
    def test_it_says_why_and_comes_back_later(self, account, book, fault, words):
        book.spoil("status", method="GET", count=None, **fault)
        poll_due_accounts()
        row = book_of(account)
        assert row.error == words
        assert row.failures == 1
        assert row.next_check_at > timezone.now()

    def test_it_obeys_retry_after(self, account, book):
        book.spoil("status", method="GET", count=None, status=429, headers={"Retry-After": "30"})
        poll_due_accounts()
        assert seconds(28) < book_of(account).next_check_at - timezone.now() <= seconds(30)

    def test_it_backs_off_to_a_minute_at_most(self, account, book):
        book.spoil("status", method="GET", count=None, status=503)
        AccountBook.objects.update(failures=30)
        poll_due_accounts()
        assert seconds(28) < book_of(account).next_check_at - timezone.now() <= MINUTE

    def test_it_forgets_the_failure_when_it_works_again(self, account, book):
        book.spoil("status", method="GET", count=3, status=503)
        poll_due_accounts()
        AccountBook.objects.update(next_check_at=timezone.now())
        poll_due_accounts()
        assert (book_of(account).failures, book_of(account).error) == (0, "")

    def test_it_rests_when_nobody_can_speak_for_the_account(self, account, trader):
        end_grant(trader, "test")
        poll_due_accounts()
        row = book_of(account)
        assert row.error == "The AutoShares connection has ended."
        assert row.next_check_at is None

    def test_one_poisonous_account_does_not_stop_the_others(self, scope, sandbox, account, monkeypatch, caplog):
        from trading.portfolio import polling

        dana = sign_up(scope, sandbox, "investor@demo.test")
        plain = polling.reconcile_account

        def reconcile(one, *, client):
            if one.pk == account.pk:
                raise ZeroDivisionError
            return plain(one, client=client)

        monkeypatch.setattr(polling, "reconcile_account", reconcile)
        poll_due_accounts()
        hers = AccountBook.objects.filter(account__in=TradingAccount.objects.of(dana))
        assert all(row.balances_at for row in hers)
        assert book_of(account).error == "Something went wrong on our side."
        assert "could not be checked" in caplog.text


class TestWatch:
    def test_it_makes_a_resting_book_due(self, account):
        poll_due_accounts()
        AccountBook.objects.update(orders_at=timezone.now() - seconds(6))
        watch_account(account)
        assert book_of(account).next_check_at <= timezone.now()
        assert book_of(account).watched_until > timezone.now() + seconds(18)

    def test_it_does_not_ask_again_for_what_is_fresh(self, account):
        poll_due_accounts()
        watch_account(account)
        assert book_of(account).next_check_at is None

    def test_it_does_not_hurry_a_book_that_backs_off(self, account):
        later = timezone.now() + MINUTE
        AccountBook.objects.update(next_check_at=later, failures=3)
        watch_account(account)
        assert book_of(account).next_check_at == later

    def test_it_costs_two_queries(self, account, django_assert_max_num_queries):
        with django_assert_max_num_queries(2):
            watch_account(account)

    @pytest.mark.django_db(transaction=True)
    def test_a_dead_task_queue_breaks_nothing(self, account, place, monkeypatch, caplog):
        from celery import Task
        from kombu.exceptions import OperationalError

        def refuse(*args, **kwargs):
            raise OperationalError("nobody there")

        monkeypatch.setattr(Task, "apply_async", refuse)
        assert place(form_key=uuid.uuid4()).state == OrderState.ACKED
        assert "does not take trading.poll_due_accounts" in caplog.text
