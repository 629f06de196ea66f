"""News of an order, in any order and any number of times: it only ever moves forward."""

import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoshares.enums import OrderStatus
from autoshares.models import Order as VendorOrder
from brokers.models import Broker, Connection
from investors.accounts.models import TradingAccount
from investors.people import User
from tests.trading.engine.conftest import kinds_of
from trading.orders.models import Order
from trading.orders.news import apply_news, is_news, lock_order
from trading.orders.states import FINAL, OrderState, may_move_order

ENDINGS = [OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.DONE_FOR_DAY]


@pytest.fixture
def account(db) -> TradingAccount:
    broker = Broker.objects.create(slug="paper", name="Paper", headline="-", mark="P", support_email="p@p.test")
    Connection.objects.create(
        broker=broker, environment="demo", api_base_url="http://x.test", issuer="http://x.test/", client_id="x"
    )
    return TradingAccount.unscoped.create(broker=broker, vendor_account_id=1, number="1")


def new_order(account: TradingAccount, **values) -> Order:
    values = {"state": OrderState.ACKED, "vendor_order_id": uuid.uuid4().int % 10**15} | values
    return Order.unscoped.create(
        broker=account.broker,
        account=account,
        client_id=uuid.uuid4(),
        symbol="AAPL",
        side="buy",
        type="limit",
        time_in_force="day",
        quantity=Decimal(100),
        limit_price=Decimal("181.20"),
        **values,
    )


def row_of(order: Order, status: OrderStatus, executed: int = 0, average: str | None = None, **values) -> VendorOrder:
    row = VendorOrder.from_wire(
        {
            "Id": order.vendor_order_id or 99,
            "Symbol": "AAPL",
            "Status": status.value,
            "Quantity": 100,
            "ExecutedQuantity": executed,
            "AveragePrice": Decimal(average or 0),
        }
    )
    return replace(row, **values)


def tell(order: Order, row: VendorOrder) -> Order:
    with transaction.atomic():
        locked = lock_order(order.pk)
        apply_news(locked, row)
    return locked


@st.composite
def lives(draw) -> list[tuple[OrderStatus, int]]:
    """What AutoShares may say of an order of 100 shares over its life: statuses with shares filled, in true order."""
    fills = sorted(draw(st.sets(st.integers(1, 99), max_size=4)))
    life = [(OrderStatus.PENDING_NEW, 0), (OrderStatus.NEW, 0)]
    life += [(OrderStatus.PARTIALLY_FILLED, filled) for filled in fills]
    if draw(st.booleans()):
        life.append((OrderStatus.PENDING_CANCEL, fills[-1] if fills else 0))
    ending = draw(st.sampled_from(ENDINGS))
    life.append((ending, 100 if ending == OrderStatus.FILLED else (fills[-1] if fills else 0)))
    return life


class TestAnyOrderOfNews:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(life=lives(), data=st.data())
    def test_it_never_sets_an_order_back(self, account, life, data):
        """Shuffled, dropped and doubled news; the ending arrives somewhere among them."""
        news = data.draw(st.lists(st.sampled_from(life[:-1]), max_size=8))
        news.insert(data.draw(st.integers(0, len(news))), life[-1])
        order = new_order(account)
        before = order
        for status, executed in news:
            order = tell(order, row_of(order, status, executed, "180.00" if executed else None))
            assert order.filled_quantity >= before.filled_quantity
            assert order.state == before.state or may_move_order(before.state, order.state)
            if before.state in FINAL:
                assert (order.state, order.vendor_status) == (before.state, before.vendor_status)
            before = order
        assert order.is_final
        assert order.filled_quantity == life[-1][1]

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(life=lives())
    def test_it_says_each_thing_once(self, account, life):
        order = new_order(account)
        for status, executed in life:
            order = tell(order, row_of(order, status, executed, "180.00" if executed else None))
        lines = order.events.count()
        for status, executed in life:
            tell(order, row_of(order, status, executed, "180.00" if executed else None))
        assert order.events.count() == lines
        assert not is_news(order, row_of(order, *life[-1]))


class TestFills:
    def test_it_tells_how_many_shares_at_which_price(self, account):
        order = new_order(account)
        tell(order, row_of(order, OrderStatus.PARTIALLY_FILLED, 40, "181.00"))
        order = tell(order, row_of(order, OrderStatus.FILLED, 100, "181.12"))
        texts = list(order.events.values_list("text", flat=True))
        assert texts == [
            "Bought 40 AAPL at 181.00; 60 to go.",
            "Bought 60 AAPL at 181.20; the order is filled.",
        ]
        assert order.average_price == Decimal("181.12")

    def test_it_keeps_what_was_traded_before_a_cancellation(self, account):
        order = new_order(account)
        order = tell(order, row_of(order, OrderStatus.CANCELED, 40, "181.00"))
        assert order.state == OrderState.CANCELED
        assert order.filled_quantity == 40
        assert kinds_of(order) == ["order.partially_filled", "order.canceled"]

    def test_it_shows_an_order_that_is_canceling_with_fills_as_partially_filled(self, account):
        order = new_order(account)
        order = tell(order, row_of(order, OrderStatus.PENDING_CANCEL, 40, "181.00"))
        assert order.state == OrderState.PARTIALLY_FILLED


class TestEndings:
    def test_it_gives_the_reason_of_a_late_rejection(self, account):
        order = new_order(account, state=OrderState.WORKING)
        order = tell(order, row_of(order, OrderStatus.REJECTED, description="InsufficientShares"))
        assert order.state == OrderState.REJECTED
        assert order.reason == "You do not hold that many shares."
        assert order.vendor_reason == "InsufficientShares"

    def test_it_explains_the_end_of_the_day(self, account):
        order = new_order(account, state=OrderState.WORKING)
        order = tell(order, row_of(order, OrderStatus.DONE_FOR_DAY, description="Expired by OMS"))
        assert order.state == OrderState.EXPIRED
        assert order.reason == "It was good for the day, and the day is over."

    def test_it_notes_a_word_of_the_vendor_that_it_does_not_know(self, account):
        order = new_order(account)
        order = tell(order, row_of(order, OrderStatus("SomethingNew")))
        assert (order.state, order.vendor_status) == (OrderState.WORKING, "SomethingNew")

    def test_it_attaches_an_order_that_was_thought_refused(self, account, caplog):
        order = new_order(account, state=OrderState.REFUSED, vendor_order_id=None)
        order.requests.create(
            broker=order.broker,
            kind="place",
            form_key=uuid.uuid4(),
            requested_by_id=User.objects.create(username="paper:someone", broker=account.broker).pk,
            payload={},
            payload_hash="",
            state="refused",
        )
        order = tell(order, row_of(order, OrderStatus.NEW))
        assert order.state == OrderState.WORKING
        assert "order.appeared_late" in kinds_of(order)
        assert any(record.levelname == "ERROR" for record in caplog.records)
