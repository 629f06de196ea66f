"""Never more calls in a sliding window than allowed, whoever asks; never one before a Retry-After has passed."""

from bisect import bisect_right
from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from autoshares import Client, OrderDraft, OrderType, Side
from autoshares.errors import HeldBack, NeverSent, RateLimited
from autoshares.limits import LIMITS, Category, Limit, MemoryLimiter, PostgresLimiter, SqliteLimiter, quota_for
from autoshares.limits.bucket import Bucket
from tests.support.hammering import ALLOWED, WINDOW, limiter_at, moments_of_many_processes, send_orders, what_they_saw

from .conftest import AT_LEISURE, reply

DRAFT = OrderDraft(symbol="AAPL", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(1))
ORDERS = Category.ORDERS


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def limiter(request, clock, tmp_path):
    options = {"limits": LIMITS | {ORDERS: Limit(5, reserve=2)}, "clock": clock, "pause": clock.pass_by}
    if request.param == "memory":
        return MemoryLimiter(**options)
    return SqliteLimiter(tmp_path / "limits.sqlite3", **options)


def spend(limiter, count: int, **how) -> None:
    for _ in range(count):
        limiter.report(limiter.acquire(ORDERS, "account 1", **how))


class TestALimiter:
    def test_it_lets_so_many_pass_and_says_when_to_come_back(self, limiter, clock):
        spend(limiter, 3)
        clock.pass_by(20)
        with pytest.raises(HeldBack) as refusal:
            limiter.acquire(ORDERS, "account 1")
        assert refusal.value.retry_after == 40
        assert refusal.value.never_sent
        clock.pass_by(40)
        spend(limiter, 3)

    def test_it_waits_if_asked_to_be_patient(self, limiter, clock):
        spend(limiter, 3)
        limiter.acquire(ORDERS, "account 1", patience=60)
        assert clock.now == 1_060

    def test_it_keeps_a_reserve_for_cancels(self, limiter):
        spend(limiter, 3)
        with pytest.raises(HeldBack):
            limiter.acquire(ORDERS, "account 1")
        spend(limiter, 2, urgent=True)
        with pytest.raises(HeldBack):
            limiter.acquire(ORDERS, "account 1", urgent=True)

    def test_cancels_do_not_make_room_for_places(self, limiter):
        spend(limiter, 4, urgent=True)
        with pytest.raises(HeldBack):
            limiter.acquire(ORDERS, "account 1")

    def test_it_counts_each_key_and_category_for_itself(self, limiter):
        spend(limiter, 3)
        limiter.acquire(ORDERS, "account 2")
        limiter.acquire(Category.POSITIONS, "account 1")

    def test_a_request_that_takes_long_holds_its_slot_until_a_minute_after_its_answer(self, limiter, clock):
        permits = [limiter.acquire(ORDERS, "account 1") for _ in range(3)]
        clock.pass_by(30)
        for permit in permits:
            limiter.report(permit)
        with pytest.raises(HeldBack) as refusal:
            limiter.acquire(ORDERS, "account 1")
        assert refusal.value.retry_after == 60

    def test_it_gives_a_slot_back_if_nothing_was_sent(self, limiter):
        for _ in range(20):
            limiter.report(limiter.acquire(ORDERS, "account 1"), sent=False)

    def test_it_forgets_a_caller_that_died(self, limiter, clock):
        for _ in range(3):
            limiter.acquire(ORDERS, "account 1")
        clock.pass_by(119)
        with pytest.raises(HeldBack):
            limiter.acquire(ORDERS, "account 1")
        clock.pass_by(1)
        limiter.acquire(ORDERS, "account 1")

    def test_nobody_passes_before_a_retry_after_has_passed(self, limiter, clock):
        limiter.report(limiter.acquire(ORDERS, "account 1"), limited=True, retry_after=17)
        with pytest.raises(HeldBack) as refusal:
            limiter.acquire(ORDERS, "account 1", urgent=True)
        assert refusal.value.retry_after == 17
        limiter.acquire(ORDERS, "account 2")
        clock.pass_by(17)
        limiter.acquire(ORDERS, "account 1")

    def test_a_shorter_retry_after_does_not_end_a_longer_one(self, limiter, clock):
        first, second = (limiter.acquire(ORDERS, "account 1") for _ in range(2))
        limiter.report(first, limited=True, retry_after=30)
        limiter.report(second, limited=True)
        clock.pass_by(29)
        with pytest.raises(HeldBack):
            limiter.acquire(ORDERS, "account 1")


class TestASharedFile:
    def test_two_limiters_on_it_are_one(self, clock, tmp_path):
        ours, theirs = (SqliteLimiter(tmp_path / "limits.sqlite3", clock=clock) for _ in range(2))
        for _ in range(25):
            ours.acquire(Category.HISTORY, "token")
            theirs.acquire(Category.HISTORY, "token")
        with pytest.raises(HeldBack):
            ours.acquire(Category.HISTORY, "token")

    def test_it_forgets_keys_that_are_gone(self, clock, tmp_path):
        limiter = SqliteLimiter(tmp_path / "limits.sqlite3", clock=clock)
        for number in range(50):
            limiter.acquire(Category.OTHER, f"token {number}")
        clock.pass_by(121)
        limiter.acquire(Category.OTHER, "token of tomorrow")
        with limiter._connected() as file:
            assert file.execute("SELECT count(*) FROM autoshares_limit").fetchone() == (1,)

    def test_a_clock_that_was_set_back_locks_nobody_out_for_long(self, clock, tmp_path):
        limiter = SqliteLimiter(tmp_path / "limits.sqlite3", clock=clock, limits={ORDERS: Limit(2)})
        limiter.acquire(ORDERS, "account 1")
        clock.pass_by(-900)
        limiter.acquire(ORDERS, "account 1")
        clock.pass_by(120)
        limiter.acquire(ORDERS, "account 1")


class TestTheArithmetic:
    @AT_LEISURE
    @given(
        st.lists(
            st.tuples(st.floats(0, 30), st.floats(0, 90), st.floats(0, 1)),  # pause before, duration, when it is seen
            max_size=60,
        ),
        st.integers(1, 6),
    )
    def test_no_window_of_the_vendor_sees_too_many(self, requests, limit):
        bucket, now, running, seen = Bucket(), 0.0, [], []
        for pause, duration, share in requests:
            now += pause
            now += bucket.wait(now, limit)
            for ended, slot in [request for request in running if request[0] <= now]:
                bucket.give_back(slot, at=ended + 60)
                running.remove((ended, slot))
            if bucket.wait(now, limit):
                continue
            slot = bucket.take(now, until=now + 150)
            running.append((now + duration, slot))
            seen.append(now + duration * share)
        seen.sort()
        for index, moment in enumerate(seen):
            assert bisect_right(seen, moment + 60 - 1e-6) - index <= limit

    @AT_LEISURE
    @given(st.dictionaries(st.text("abc", min_size=1), st.floats(0, 1e10)), st.floats(0, 1e10))
    def test_it_is_written_and_read_without_loss(self, free_at, held_until):
        bucket = Bucket(free_at, held_until)
        assert Bucket.from_text(bucket.to_text()) == bucket


class TestCategories:
    @pytest.mark.parametrize(
        ("call", "category"),
        [
            ("POST /accounts/{account_id}/orders", Category.ORDERS),
            ("PUT /accounts/{account_id}/syncorders/{order_id}", Category.ORDERS),
            ("POST /accounts/{clearing_number}/orders/mutual-funds/buy", Category.ORDERS),
            ("DELETE /accounts/{clearing_number}/orders/mutual-funds/{order_id}", Category.ORDERS),
            ("POST /accounts/{clearing_number}/preview/orders/mutual-funds/buy", Category.OTHER),
            ("GET /accounts/{account_id}/orders/{order_id}/details", Category.ORDER_QUERIES),
            ("GET /accounts/{account_id}/syncorders", Category.ORDER_QUERIES),
            ("POST /orders/consolidated", Category.ORDER_QUERIES),
            ("GET /accounts/{account_id}/positions/{symbol}", Category.POSITIONS),
            ("POST /positions/consolidated", Category.POSITIONS),
            ("GET /equities/{symbol}", Category.SECURITIES),
            ("PUT /history/symbols", Category.HISTORY),
            ("GET /users/@me/watchlists", Category.WATCHLISTS),
            ("GET /users/{user_id}/pricealerts", Category.ALERTS),
            ("POST /token", Category.AUTHENTICATION),
            ("GET /accounts/{account_id}/info", Category.OTHER),
            ("POST /accounts/{account_id}/preview/orders", Category.OTHER),
        ],
    )
    def test_each_call_has_one(self, call, category):
        assert quota_for(*call.split(), caller="c", account="a").category == category

    def test_orders_count_per_account_and_only_a_cancel_is_urgent(self):
        endpoint = "/accounts/{account_id}/orders/{order_id}"
        assert quota_for("DELETE", endpoint, caller="c", account="account 6412") == (ORDERS, "account 6412", True)
        assert quota_for("PUT", endpoint, caller="c", account="account 6412") == (ORDERS, "account 6412", False)
        assert quota_for("GET", endpoint, caller="c", account="account 6412") == (Category.ORDER_QUERIES, "c", True)

    def test_what_nobody_waits_for_leaves_the_reserve_to_pages(self):
        call = ("GET", "/accounts/{account_id}/positions")
        assert quota_for(*call, caller="c", account="a", in_background=True) == (Category.POSITIONS, "c", False)

    def test_a_sign_in_is_urgent(self):
        assert quota_for("POST", "/token", caller="c", account="") == (Category.AUTHENTICATION, "c", True)


class TestAClientWithALimiter:
    @pytest.fixture
    def limiter(self, clock) -> MemoryLimiter:
        return MemoryLimiter(limits=LIMITS | {ORDERS: Limit(2, reserve=1)}, clock=clock, pause=clock.pass_by)

    @pytest.fixture
    def limited(self, make_client, vendor, limiter):
        return make_client(vendor.url, limiter=limiter)

    def test_it_keeps_a_place_back_and_lets_a_cancel_pass(self, limited, vendor):
        vendor.will(reply(200, {"Id": 1}))
        limited.orders.place(6412, DRAFT)
        with pytest.raises(HeldBack) as refusal:
            limited.orders.place(6412, DRAFT)
        assert refusal.value.never_sent
        limited.orders.cancel(6412, 1)
        limited.orders.place(6413, DRAFT)
        assert [request.method for request in vendor.requests] == ["POST", "DELETE", "POST"]

    def test_orders_of_mutual_funds_count_with_the_others_of_the_account(self, limited, vendor):
        vendor.will(reply(200, {"Id": 1}))
        limited.orders.place(6412, DRAFT)
        limited.mutual_funds.cancel("6412", 1)
        with pytest.raises(HeldBack):
            limited.orders.place(6412, DRAFT)
        assert len(vendor.requests) == 2

    def test_it_waits_with_reads_and_obeys_a_retry_after(self, limited, vendor, clock):
        vendor.will(reply(429, {"Message": "Too many requests"}, Retry_After="2"), reply(200, {"UserId": 7}))
        assert limited.users.me().id == 7
        assert clock.now == 1_002

    def test_in_the_background_it_does_not_wait(self, make_client, vendor, limiter, clock):
        vendor.will(reply(429, None, Retry_After="2"))
        for _ in range(2):
            with pytest.raises(RateLimited):
                make_client(vendor.url, limiter=limiter, in_background=True).users.me()
        assert (clock.now, len(vendor.requests)) == (1_000, 1)

    def test_it_raises_what_would_take_long(self, limited, vendor):
        vendor.will(reply(429, None, Retry_After="40"))
        for _ in range(2):
            with pytest.raises(RateLimited) as refusal:
                limited.users.me()
            assert refusal.value.retry_after == 40
        assert len(vendor.requests) == 1

    def test_a_request_that_never_left_takes_no_slot(self, make_client, free_port, limiter):
        offline = make_client(f"http://127.0.0.1:{free_port}", limiter=limiter)
        for _ in range(5):
            with pytest.raises(NeverSent) as failure:
                offline.orders.place(6412, DRAFT)
            assert not isinstance(failure.value, HeldBack)

    def test_a_limiter_that_fails_before_keeps_the_order_back(self, make_client, vendor, limiter, monkeypatch):
        monkeypatch.setattr(limiter, "acquire", broken)
        with pytest.raises(NeverSent, match="limiter: OSError"):
            make_client(vendor.url, limiter=limiter).orders.place(6412, DRAFT)
        assert vendor.requests == []

    def test_a_limiter_that_fails_afterwards_does_not_lose_the_answer(self, limited, vendor, limiter, monkeypatch):
        monkeypatch.setattr(limiter, "report", broken)
        vendor.will(reply(200, {"Id": 91234}))
        assert limited.orders.place(6412, DRAFT).id == 91234

    def test_it_writes_no_token_down(self, make_client, vendor, tmp_path):
        vendor.will(reply(200, {"UserId": 7}))
        make_client(vendor.url, limiter=SqliteLimiter(tmp_path / "limits.sqlite3")).users.me()
        assert b"secret-token" not in (tmp_path / "limits.sqlite3").read_bytes()


class TestAgainstTheSandbox:
    def test_eight_processes_get_all_that_may_go_and_no_429_and_can_still_cancel(self, sandbox, dana, database):
        placed = what_they_saw(send_orders, database, dana, 8)
        assert len(placed) == 40
        client = Client(**dana, limiter=limiter_at(database))
        for number in placed[:10]:
            client.orders.cancel(6412, number)
        with pytest.raises(HeldBack):
            client.orders.cancel(6412, placed[10])
        assert 429 not in {request["status"] for request in sandbox.control("requests")}


def broken(*arguments, **options):
    raise OSError


def most_in_a_window(moments: list[float]) -> int:
    return max(bisect_right(moments, moment + WINDOW - 1e-9) - index for index, moment in enumerate(moments))


class TestEightProcesses:
    @pytest.fixture(params=["sqlite", "postgres"])
    def place(self, request, tmp_path):
        if request.param == "sqlite":
            return str(tmp_path / "limits.sqlite3")
        return request.getfixturevalue("database")

    def test_they_never_exceed_the_limit_in_any_window_and_yet_use_most_of_it(self, place):
        moments = moments_of_many_processes(place)
        assert most_in_a_window(moments) <= ALLOWED
        assert len(moments) >= ALLOWED * 2  # of at most 12 x 5


@pytest.fixture
def database(db):
    """The address of the tests' database; the limiter's table in it is empty afterwards."""
    settings = connection.get_connection_params()
    named = {name: settings.get(name) for name in ("host", "port", "user", "password", "dbname")}
    address = psycopg.conninfo.make_conninfo(**named)
    yield address
    with psycopg.connect(address) as session:
        session.execute("TRUNCATE autoshares_limit")


class TestOverPostgres:
    @pytest.fixture
    def limiter(self, database):
        return PostgresLimiter(lambda: psycopg.connect(database), limits={ORDERS: Limit(3, reserve=1)})

    def test_it_behaves_as_the_others(self, limiter):
        spend(limiter, 2)
        with pytest.raises(HeldBack) as refusal:
            limiter.acquire(ORDERS, "account 1")
        assert 62 < refusal.value.retry_after <= 63  # a minute, and the time that an answer may take unreported
        limiter.acquire(ORDERS, "account 2")
        limiter.report(limiter.acquire(ORDERS, "account 1", urgent=True), limited=True, retry_after=90)
        with pytest.raises(HeldBack) as refusal:
            limiter.acquire(ORDERS, "account 1", urgent=True)
        assert 89 < refusal.value.retry_after <= 90

    def test_it_gives_a_slot_back_if_nothing_was_sent(self, limiter):
        for _ in range(5):
            limiter.report(limiter.acquire(ORDERS, "account 1"), sent=False)

    def test_a_slow_answer_holds_its_slot_until_a_minute_after_it(self, limiter):
        slow, quick = limiter.acquire(ORDERS, "account 1"), limiter.acquire(ORDERS, "account 1")
        limiter.report(quick)
        limiter.report(replace(slow, taken_at=slow.taken_at - 30))
        with pytest.raises(HeldBack) as refusal:
            limiter.acquire(ORDERS, "account 1")
        assert 59 < refusal.value.retry_after <= 60  # no longer 63

    def test_it_forgets_names_that_are_gone(self, limiter, database):
        for number in range(5):
            limiter.acquire(ORDERS, f"account {number}")
        with psycopg.connect(database) as session:
            session.execute("UPDATE autoshares_limit SET idle_at = 0")
        limiter.acquire(ORDERS, "account of tomorrow")
        with psycopg.connect(database) as session:
            assert session.execute("SELECT count(*) FROM autoshares_limit").fetchone() == (1,)

    def test_a_clock_that_was_set_back_locks_nobody_out_for_long(self, limiter, database):
        limiter.acquire(ORDERS, "account 1")
        with psycopg.connect(database) as session:
            session.execute("UPDATE autoshares_limit SET free_at[1] = free_at[1] + 900")
        limiter.acquire(ORDERS, "account 1")
        with pytest.raises(HeldBack) as refusal:
            limiter.acquire(ORDERS, "account 1")
        assert refusal.value.retry_after <= 63

    def test_a_house_without_our_table_gets_one(self, database):
        with psycopg.connect(database) as session:
            session.execute("CREATE SCHEMA elsewhere")
        try:
            limiter = PostgresLimiter(lambda: psycopg.connect(database, options="-c search_path=elsewhere"))
            limiter.create_table()
            limiter.create_table()
            limiter.acquire(ORDERS, "account 1")
        finally:
            with psycopg.connect(database) as session:
                session.execute("DROP SCHEMA elsewhere CASCADE")
