"""Limits and switches: an order that breaks a rule never leaves the house, and the rule is named."""

import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from investors.people import User
from tests.support.racing import race
from tests.trading.engine.conftest import make_ticket, resting
from trading.orders.models import Order, OrderRequest
from trading.orders.placing import place_order
from trading.orders.states import OrderState, RequestState
from trading.orders.sweeping import sweep_order_requests
from trading.portfolio.models import AccountBook
from trading.risk.errors import RiskRefused, TradingHalted
from trading.risk.killing import LiftNeedsAnother, ask_to_lift, lift_switch, throw_switch
from trading.risk.limits import limits_over, set_limits
from trading.risk.models import KillSwitch, RiskDenial, RiskLimits
from trading.risk.stopping import resume_trading, stop_trading
from trading.securities.models import Quote, Security

Rule, Scope = RiskDenial.Rule, KillSwitch.Scope


@pytest.fixture
def limit(scope):
    """`limit(max_order_value=1000, account=…)`: a new version of limits in force."""

    def limit(**values) -> RiskLimits:
        return set_limits(RiskLimits(broker=scope, note="A test.", **values), by=None)

    return limit


@pytest.fixture
def quoted(scope) -> Security:
    """Apple at 280.00, and what we know of it."""
    security = Security.objects.create(symbol="AAPL", vendor_security_id=1, type="CommonStock", may_be_shorted=True)
    prices = {"last": Decimal(280), "bid": Decimal("279.99"), "ask": Decimal("280.01")}
    Quote.objects.create(security=security, **prices)
    return security


@pytest.fixture
def staff(db) -> list[User]:
    return [User.objects.create(username=f"desk{number}", is_staff=True) for number in (1, 2)]


class TestEachRule:
    @pytest.mark.parametrize(
        ("rule", "values", "ticket"),
        [
            (Rule.ORDER_VALUE, {"max_order_value": 1000}, resting(quantity=Decimal(1001))),
            (Rule.ORDER_VALUE, {"max_order_value": 1000}, make_ticket(quantity=Decimal(4))),
            (Rule.ORDER_QUANTITY, {"max_order_quantity": 5}, resting()),
            (Rule.PRICE_COLLAR, {"price_collar_percent": 5}, resting(limit_price=Decimal(300))),
            (Rule.PRICE_COLLAR, {"price_collar_percent": 5}, resting(side="sell", limit_price=Decimal(250))),
            (Rule.DAILY_TURNOVER, {"max_daily_turnover": 1000}, make_ticket(quantity=Decimal(4))),
            (Rule.ORDER_TYPE, {"allowed_types": ["limit"]}, make_ticket()),
            (Rule.SECURITY_TYPE, {"allowed_security_types": ["ETF"]}, resting()),
            (Rule.RESTRICTED, {"restricted_symbols": "GME, aapl"}, resting()),
            (Rule.SHORT, {"may_sell_short": False}, make_ticket(side="short")),
        ],
    )
    def test_it_is_named_and_written_down(self, quoted, limit, place, book, rule, values, ticket):
        limit(**values)
        with pytest.raises(RiskRefused) as refusal:
            place(ticket)
        assert refusal.value.rule == rule
        denial = RiskDenial.objects.get()
        assert (denial.rule, denial.text) == (rule, refusal.value.user_message)
        assert not Order.objects.exists()
        assert book.placed() == 0

    @pytest.mark.parametrize(
        "values",
        [
            {"max_order_value": 100_000, "max_order_quantity": 100, "price_collar_percent": 5},
            {"max_daily_turnover": 3000, "max_open_orders": 1, "allowed_types": ["market", "limit"]},
            {"restricted_symbols": "GME", "may_sell_short": True, "max_daily_loss": 100},
        ],
    )
    def test_what_keeps_them_all_passes(self, quoted, limit, place, values):
        limit(**values)
        assert place().state == OrderState.ACKED

    def test_too_many_open_orders(self, quoted, limit, place):
        limit(max_open_orders=2)
        place(resting())
        place(resting())
        with pytest.raises(RiskRefused, match="At most 2 orders may be open"):
            place(resting())

    def test_a_bad_day_allows_only_to_close(self, quoted, limit, place, account):
        limit(max_daily_loss=500)
        AccountBook.unscoped.update_or_create(
            account=account, defaults={"broker": account.broker, "day_change": Decimal(-600)}
        )
        with pytest.raises(RiskRefused, match=r"has lost \$600\.00 today"):
            place()
        assert place(make_ticket(side="sell")).reference_value is not None

    def test_without_a_price_a_limit_on_value_says_no(self, limit, place):
        limit(max_order_value=1000)
        with pytest.raises(RiskRefused, match="no price yet"):
            place()


class TestOptionLevels:
    OPTION = "AAPL  261218C00280000"

    @pytest.mark.parametrize(
        ("side", "level", "words"),
        [
            ("buy", 0, "Options cannot be opened"),
            ("buy", 1, "needs options level 2; in this account level 1"),
            ("short", 3, "needs options level 4; in this account level 3"),
        ],
    )
    def test_an_order_that_needs_a_higher_level_stays_in_the_house(self, limit, place, book, side, level, words):
        Security.objects.create(symbol=self.OPTION, vendor_security_id=7, type="Option", may_be_shorted=True)
        limit(max_option_level=level)
        with pytest.raises(RiskRefused, match=words) as refusal:
            place(resting(symbol=self.OPTION, side=side, time_in_force="day"))
        assert refusal.value.rule == RiskDenial.objects.get().rule == Rule.OPTION_LEVEL
        assert book.placed() == 0

    @pytest.mark.parametrize(("side", "level"), [("buy", 2), ("sell", 0)])
    def test_the_level_that_it_needs_lets_it_pass_and_closing_needs_none(self, limit, place, side, level):
        Security.objects.create(symbol=self.OPTION, vendor_security_id=7, type="Option")
        limit(max_option_level=level)
        assert place(resting(symbol=self.OPTION, side=side, time_in_force="day")).placed_by is not None


class TestWhoseLimits:
    def test_the_strictest_of_broker_account_and_investor_holds(self, limit, account, trader):
        limit(max_order_value=1000, allowed_types=["limit", "market"], restricted_symbols="GME")
        limit(max_order_value=500, account=account, restricted_symbols="AMC")
        limit(max_order_quantity=7, user=trader, allowed_types=["limit", "stop"])
        merged = limits_over(account, trader)
        assert (merged.max_order_value, merged.max_order_quantity) == (500, 7)
        assert merged.allowed_types == {"limit"}
        assert merged.restricted_symbols == {"GME", "AMC"}

    def test_a_new_version_takes_the_place_of_the_old_which_stays_for_the_record(self, limit, account, trader):
        limit(max_order_value=1000)
        second = limit(max_order_value=2000)
        assert limits_over(account, trader).max_order_value == 2000
        assert [row.version for row in RiskLimits.objects.order_by("version")] == [1, 2]
        assert RiskLimits.objects.get(is_current=True) == second


@pytest.mark.django_db(transaction=True)
class TestRacingOrders:
    def test_a_hundred_at_once_never_breach_a_limit_in_sum(self, quoted, limit, account, trader, book):
        limit(max_daily_turnover=1000)
        ticket = resting(quantity=Decimal(100))
        ends = race(
            100,
            lambda: place_order(account=account, by=trader, ticket=ticket, form_key=uuid.uuid4(), is_second=True),
        )
        placed = [end for end in ends if isinstance(end, Order)]
        denied = [end for end in ends if isinstance(end, RiskRefused)]
        assert (len(placed), len(denied)) == (10, 90)
        assert sum(order.reference_value for order in placed) == 1000
        assert RiskDenial.unscoped.count() == 90
        assert book.placed() == 10


class TestKillSwitch:
    @pytest.mark.parametrize(
        ("scope_of_it", "where"),
        [
            (Scope.GLOBAL, {}),
            (Scope.BROKER, {"broker": "harbor"}),
            (Scope.ACCOUNT, {"account": "account"}),
            (Scope.SYMBOL, {"symbol": "aapl"}),
        ],
    )
    def test_nothing_leaves_its_scope(self, request, place, book, staff, scope_of_it, where):
        fixtures = {
            name: value if name == "symbol" else request.getfixturevalue(value) for name, value in where.items()
        }
        throw_switch(scope_of_it, reason="A data feed is wrong.", by=staff[0], **fixtures)
        with pytest.raises(TradingHalted, match=r"A data feed is wrong\."):
            place()
        assert book.placed() == 0
        assert RiskDenial.objects.get().rule == Rule.HALTED

    def test_other_symbols_and_brokers_trade_on(self, place, northwind, staff):
        throw_switch(Scope.SYMBOL, symbol="GME", reason="x", by=staff[0])
        throw_switch(Scope.BROKER, broker=northwind, reason="x", by=staff[0])
        assert place().state == OrderState.ACKED

    def test_open_orders_can_still_be_canceled(self, place, account, trader, book, staff):
        from trading.orders.canceling import cancel_order

        order = place(resting())
        book.advance(5)
        throw_switch(Scope.GLOBAL, reason="x", by=staff[0])
        assert cancel_order(order, by=trader, form_key=uuid.uuid4()).state == RequestState.ACKED

    def test_what_was_written_before_it_is_not_sent_after_it(self, place, unreachable, staff, book):
        with unreachable():
            order = place()
        OrderRequest.objects.update(next_look_at=None)
        throw_switch(Scope.GLOBAL, reason="Stop.", by=staff[0])
        sweep_order_requests()
        order.refresh_from_db()
        assert (order.state, book.placed()) == (OrderState.CANCELED, 0)
        assert "Stop." in order.reason

    def test_lifting_needs_a_second_member_of_staff(self, place, staff):
        switch = throw_switch(Scope.GLOBAL, reason="x", by=staff[0])
        with pytest.raises(LiftNeedsAnother):
            lift_switch(switch, by=staff[1])  # nobody has asked
        assert ask_to_lift(switch, by=staff[0])
        with pytest.raises(LiftNeedsAnother):
            lift_switch(switch, by=staff[0])
        assert lift_switch(switch, by=staff[1])
        assert place().state == OrderState.ACKED

    def test_the_database_knows_that_rule_as_well(self, staff):
        switch = throw_switch(Scope.GLOBAL, reason="x", by=staff[0])
        ask_to_lift(switch, by=staff[0])
        with pytest.raises(IntegrityError), transaction.atomic():
            KillSwitch.objects.update(lifted_by=staff[0])


class TestStopTrading:
    def test_it_cancels_what_is_open_and_blocks_what_is_new(self, place, account, trader, book):
        orders = [place(resting()) for _ in range(2)]
        book.advance(5)
        assert stop_trading(account, by=trader, form_key=uuid.uuid4()) == []
        for order in orders:
            order.refresh_from_db()
            assert order.cancel_requested_at is not None
        with pytest.raises(TradingHalted, match="You have stopped trading"):
            place()

    def test_two_clicks_throw_one_switch_and_ask_once(self, place, account, trader, book):
        order = place(resting())
        book.advance(5)
        key = uuid.uuid4()
        stop_trading(account, by=trader, form_key=key)
        stop_trading(account, by=trader, form_key=key)
        assert KillSwitch.objects.count() == 1
        assert book.asked("DELETE", ending=f"/orders/{order.vendor_order_id}") == 1

    def test_the_investor_alone_allows_it_again(self, place, account, trader):
        stop_trading(account, by=trader, form_key=uuid.uuid4())
        assert resume_trading(account, by=trader)
        assert place().state == OrderState.ACKED

    def test_it_does_not_lift_what_staff_have_thrown(self, place, account, trader, staff):
        throw_switch(Scope.ACCOUNT, account=account, reason="Under review.", by=staff[0])
        assert not resume_trading(account, by=trader)
        with pytest.raises(TradingHalted):
            place()
