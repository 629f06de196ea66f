"""Every type of order, from the ticket to its end, against the real exchange of the sandbox."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.tokens import client_for
from tests.trading.engine.conftest import make_ticket
from trading.market_hours import new_york_day
from trading.orders.canceling import cancel_order
from trading.orders.errors import AccountMayNotTrade, TicketInvalid
from trading.orders.models import Order
from trading.orders.reconciling import reconcile_account
from trading.orders.reversing import reversed_by
from trading.orders.states import OrderState
from trading.orders.tickets import Ticket, Trail
from trading.portfolio.models import Position
from trading.portfolio.polling import poll_due_accounts
from trading.portfolio.syncing import sync_positions
from trading.risk.errors import RiskRefused
from trading.risk.limits import set_limits
from trading.risk.models import RiskLimits
from trading.securities.models import Security

KO = {"symbol": "KO", "quantity": Decimal(10)}
PERCENT, AMOUNT = Order.TrailKind.PERCENT, Order.TrailKind.AMOUNT


@pytest.fixture
def look(account, book):
    """`look(order)`: some seconds pass, the book is read, the order as it is then."""

    def look(order: Order, seconds: float = 40) -> Order:
        book.advance(seconds)
        reconcile_account(account)
        order.refresh_from_db()
        return order

    return look


@pytest.fixture(autouse=True)
def _price(book) -> None:
    book.price("KO", "70.00")


def ticket(kind: str, side: str = "buy", **changes) -> Ticket:
    return make_ticket(**KO | {"type": kind, "side": side, "limit_price": None} | changes)


class TestStops:
    @pytest.mark.parametrize(
        ("wanted", "triggers_at"),
        [
            (ticket("stop", stop_price=Decimal(72), time_in_force="gtc"), "72.50"),
            (ticket("stop_limit", stop_price=Decimal(72), limit_price=Decimal(73)), "72.50"),
            (ticket("trailing_stop", trail=Trail(AMOUNT, Decimal(2))), "72.50"),
            (ticket("trailing_stop", trail=Trail(PERCENT, Decimal(3))), "72.50"),
            (
                ticket("trailing_stop_limit", trail=Trail(AMOUNT, Decimal(2)), limit_offset=Trail(AMOUNT, Decimal(1))),
                "72.50",
            ),
        ],
    )
    def test_they_sleep_until_the_price_comes_to_them(self, place, look, book, wanted, triggers_at):
        order = look(place(wanted))
        assert order.state == OrderState.WORKING
        book.price("KO", triggers_at)
        assert look(order).state == OrderState.FILLED
        assert order.filled_quantity == 10

    def test_a_trailing_stop_follows_the_best_price(self, place, look, book):
        look(place(make_ticket(**KO)))
        order = look(place(ticket("trailing_stop", "sell", trail=Trail(AMOUNT, Decimal(5)), time_in_force="gtc")))
        book.price("KO", "80.00")
        look(order)
        book.price("KO", "76.00")
        assert look(order).state == OrderState.WORKING
        book.price("KO", "74.90")
        assert look(order).state == OrderState.FILLED


class TestShortSales:
    def test_they_open_below_nothing_and_are_covered(self, place, look, account):
        assert look(place(ticket("market", "short"))).state == OrderState.FILLED
        poll_due_accounts()
        assert Position.objects.get(account=account, symbol="KO").quantity == -10
        assert look(place(ticket("market", "cover"))).state == OrderState.FILLED


class TestReversal:
    """A position is turned around: closed by one order, and the opposite opened by the next."""

    @pytest.fixture
    def held(self, place, look, account, trader):
        def held(side: str = "buy") -> None:
            assert look(place(ticket("market", side))).state == OrderState.FILLED
            sync_positions(account, client=client_for(trader))

        return held

    @pytest.mark.parametrize(
        ("before", "closing", "limit", "after"), [("buy", "sell", "69", -10), ("short", "cover", "71", 10)]
    )
    def test_one_message_makes_both_orders(
        self, place, look, held, account, trader, book, ko, before, closing, limit, after
    ):
        held(before)
        head = place(reversed_by(ticket("limit", closing, limit_price=Decimal(limit))))
        assert book.placed() == 2
        look(head, seconds=120)
        assert [leg.state for leg in head.legs.order_by("place_in_group")] == [OrderState.FILLED] * 2
        sync_positions(account, client=client_for(trader))
        assert Position.objects.get(account=account, symbol="KO").quantity == after

    def test_the_opposite_is_not_opened_before_the_position_is_closed(self, place, look, held, account, ko):
        held()
        head = look(place(reversed_by(ticket("limit", "sell", limit_price=Decimal(90)))))
        assert [leg.state for leg in head.legs.order_by("place_in_group")] == [OrderState.WORKING, OrderState.HELD]

    def test_it_closes_exactly_what_is_held(self, place, held, ko, book):
        held()
        with pytest.raises(TicketInvalid, match="You hold 10 KO: a reversal closes exactly that"):
            place(reversed_by(ticket("limit", "sell", limit_price=Decimal(69), quantity=Decimal(5))))
        assert book.placed() == 1

    def test_nobody_is_left_with_half_of_it_for_want_of_permission(self, place, held, account, ko, scope, book):
        held()
        reversal = reversed_by(ticket("limit", "sell", limit_price=Decimal(69)))
        AccountLink.unscoped.update(access="ClosePositionsOnly")
        with pytest.raises(AccountMayNotTrade, match="only close"):
            place(reversal)
        AccountLink.unscoped.update(access="Owner")
        Security.objects.update(may_be_shorted=False)
        with pytest.raises(TicketInvalid, match="cannot be sold short"):
            place(reversal)
        Security.objects.update(may_be_shorted=True)
        set_limits(RiskLimits(broker=scope, note="A test.", may_sell_short=False), by=None)
        with pytest.raises(RiskRefused, match="Short sales are not allowed"):
            place(reversal)
        TradingAccount.unscoped.update(margin_type="Cash")
        with pytest.raises(TicketInvalid, match="needs a margin account"):
            place(reversal)
        assert book.placed() == 1


@pytest.fixture
def ko(scope) -> Security:
    """Coca-Cola, of which parts may be traded."""
    return Security.objects.create(
        symbol="KO", vendor_security_id=1, fraction_precision=5, type="CommonStock", may_be_shorted=True
    )


class TestDollarsAndParts:
    def test_dollars_become_shares(self, place, look):
        order = look(place(ticket("market", quantity=None, cash_amount=Decimal(500))))
        assert order.state == OrderState.FILLED
        assert order.quantity == order.filled_quantity
        assert Decimal(499) < order.filled_quantity * order.average_price <= Decimal(501)

    def test_parts_of_a_share(self, place, look, ko):
        order = look(place(ticket("limit", quantity=Decimal("2.5"), limit_price=Decimal(71))))
        assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal("2.5"))


class TestLives:
    def test_immediate_or_cancel_ends_at_once(self, place, look):
        order = look(place(ticket("limit", limit_price=Decimal(60), time_in_force="ioc")))
        assert order.state == OrderState.CANCELED

    def test_until_a_date_it_ends_on_that_day(self, place, look, book):
        day = new_york_day() + timedelta(days=3)
        order = place(ticket("limit", limit_price=Decimal(60), time_in_force="gtd", expires_on=day))
        assert look(order).state == OrderState.WORKING
        assert look(order, seconds=5 * 86400).state == OrderState.EXPIRED


def exits(side: str = "sell") -> tuple[Ticket, Ticket]:
    target = ticket("limit", side, limit_price=Decimal(80), time_in_force="gtc")
    return target, ticket("stop", side, stop_price=Decimal(60), time_in_force="gtc")


class TestOrdersThatBelongTogether:
    def test_of_two_that_exclude_each_other_one_is_filled(self, place, look, book):
        look(place(make_ticket(**KO)))
        head = look(place(Ticket.of_legs(Order.Type.OCO, *exits())))
        assert [leg.state for leg in head.legs.order_by("place_in_group")] == [OrderState.WORKING] * 2
        book.price("KO", "80.50")
        assert look(head).is_final
        states = [leg.state for leg in head.legs.order_by("place_in_group")]
        assert states == [OrderState.FILLED, OrderState.CANCELED]

    def test_a_bracket_enters_and_then_waits_for_one_of_its_exits(self, place, look, book):
        entry = ticket("limit", limit_price=Decimal(69))
        head = look(place(Ticket.of_legs(Order.Type.BRACKET, entry, *exits())))
        legs = list(head.legs.order_by("place_in_group"))
        assert [leg.state for leg in legs] == [OrderState.WORKING, OrderState.HELD, OrderState.HELD]
        assert all(leg.vendor_order_id for leg in legs)
        book.price("KO", "68.50")
        look(head)
        assert [leg.state for leg in head.legs.order_by("place_in_group")] == [
            OrderState.FILLED,
            OrderState.WORKING,
            OrderState.WORKING,
        ]
        book.price("KO", "59.00")
        assert look(head).is_final
        assert [leg.state for leg in head.legs.order_by("place_in_group")] == [
            OrderState.FILLED,
            OrderState.CANCELED,
            OrderState.FILLED,
        ]

    def test_one_request_is_sent_for_all_of_them(self, place, book):
        place(Ticket.of_legs(Order.Type.BRACKET, ticket("limit", limit_price=Decimal(69)), *exits()))
        assert book.placed() == 1

    def test_canceling_the_head_cancels_them_all(self, place, look, account, trader, book):
        head = look(place(Ticket.of_legs(Order.Type.BRACKET, ticket("limit", limit_price=Decimal(69)), *exits())))
        cancel_order(head, by=trader, form_key=uuid.uuid4())
        assert look(head).state == OrderState.CANCELED
        assert {leg.state for leg in head.legs.all()} == {OrderState.CANCELED}

    def test_silence_about_the_head_is_silence_about_its_legs(self, place, look, book):
        book.spoil("hang_after")
        head = place(Ticket.of_legs(Order.Type.BRACKET, ticket("limit", limit_price=Decimal(69)), *exits()))
        assert {head.state, *head.legs.values_list("state", flat=True)} == {OrderState.UNKNOWN}
        look(head)
        assert [leg.state for leg in head.legs.order_by("place_in_group")] == [
            OrderState.WORKING,
            OrderState.HELD,
            OrderState.HELD,
        ]
        assert book.placed() == 1
