"""Frames become typed news: every value of a frame is a text, and any of them may be missing or odd."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoshares import Balances, OrderStatus, Side
from autoshares.models import Order, Position
from autoshares.streaming import (
    AccountPicture,
    AlertUpdate,
    BalanceUpdate,
    CandleUpdate,
    OrderUpdate,
    OtherUpdate,
    PositionUpdate,
    QuoteTick,
    WatchlistContentUpdate,
    WatchlistUpdate,
)
from autoshares.streaming.frames import read_frame, subscription_commands
from autoshares.streaming.news import _READERS, news_of

from .conftest import AT_LEISURE

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 15, 1, tzinfo=UTC)
QUOTE = {
    "EntityType": "Quote", "QuoteTypes": "0", "Key": "4", "Ask": "171.26", "AskSize": "300", "Bid": "171.20",
    "BidSize": "200", "Last": "171.22", "Price": "171.24", "Date": "05/04/2026 14:31:07", "Open": "170.10",
    "High": "172.40", "Low": "169.80", "Close": "171.90", "PreviousClose": "171.90", "Volume": "100",
    "TotalDailyVolume": "31822011", "Change": "-0.68", "ChangePc": "-0.3956",
}  # fmt: skip
ORDER = {
    "EntityType": "Order", "Id": "91234", "AccountId": "6412", "SecurityId": "4", "Symbol": "AAPL", "Side": "Buy",
    "Type": "Limit", "Status": "PartiallyFilled", "Quantity": "10.00000", "Price": "171.25000",
    "ExecutedQuantity": "4.00000", "LeavesQuantity": "6.00000", "CreateDate": "1777905067104",
    "Date": "1777905067350", "TransactionDate": "-62135596800000", "ParentId": "-1", "RejectReason": "",
}  # fmt: skip
POSITION = {
    "EntityType": "Position", "Id": "7", "AccountId": "6412", "SecurityId": "4", "Symbol": "AAPL",
    "Quantity": "-3.00000", "AverageOpenPrice": "170.5", "ModifyDate": "1777905067350",
}  # fmt: skip
BALANCE = {
    "EntityType": "AccountBalance", "AccountId": "6412", "CashBalance": "0",
    "Items": '[{"Name":"cash","Value":82878.25},{"Name":"equityTotal","Value":100000.25}]',
}  # fmt: skip


def read(frame, **changes):
    return news_of(frame | changes, NOW)


class TestAQuote:
    def test_it_has_exact_prices_and_the_time_of_autoshares(self):
        tick = read(QUOTE)
        assert isinstance(tick, QuoteTick)
        assert (tick.security_id, tick.bid, tick.ask) == (4, Decimal("171.20"), Decimal("171.26"))
        assert (tick.trade_size, tick.day_volume) == (Decimal(100), Decimal(31_822_011))
        assert tick.at == datetime(2026, 5, 4, 14, 31, 7, tzinfo=UTC)
        assert tick.received_at == NOW

    def test_it_shows_the_price_and_the_last_one_only_where_there_is_none(self):
        assert read(QUOTE).price == Decimal("171.24")
        assert read(QUOTE, Price="0").price == Decimal("171.22")
        assert read(QUOTE, Price="0", Last="0").price is None

    def test_never_is_no_time(self):
        assert read(QUOTE, Date="01/01/1970 00:00:00").at is None

    def test_it_keeps_what_we_have_no_name_for(self):
        assert read(QUOTE, Sector="Technology").everything["Sector"] == "Technology"


class TestTheOthers:
    def test_an_order_is_the_row_that_rest_knows(self):
        order = read(ORDER).order
        assert (order.id, order.account_id, order.parent_id) == (91234, 6412, None)
        assert (order.side, order.status) == (Side.BUY, OrderStatus.PARTIALLY_FILLED)
        assert (order.limit_price, order.executed_quantity) == (Decimal("171.25"), 4)
        assert order.updated_at == datetime(2026, 5, 4, 14, 31, 7, 350_000, tzinfo=UTC)
        assert order.executed_at is None

    def test_an_order_tells_why_it_was_rejected(self):
        assert read(ORDER, RejectReason="Too much").order.reason == "Too much"

    def test_an_order_with_a_word_from_tomorrow_is_open(self):
        assert read(ORDER, Status="Teleported").order.status.is_open

    def test_a_position_is_the_row_that_rest_knows(self):
        position = read(POSITION).position
        assert (position.security_id, position.quantity) == (4, -3)
        assert position.modified_at == datetime(2026, 5, 4, 14, 31, 7, 350_000, tzinfo=UTC)

    def test_balances_are_found_in_the_json_within_the_text(self):
        update = read(BALANCE)
        assert (update.account_id, update.user_id) == (6412, None)
        assert (update.balances.cash, update.balances.equity) == (Decimal("82878.25"), Decimal("100000.25"))

    def test_the_balance_of_a_user_is_not_taken_for_an_account(self):
        update = read(BALANCE, EntityType="UserBalance", AccountId="7311")
        assert (update.account_id, update.user_id) == (None, 7311)

    def test_a_watchlist(self):
        update = read({"EntityType": "Watchlist", "id": "12", "Key": "7311", "Name": "Mine", "IsDeleted": "True"})
        assert isinstance(update, WatchlistUpdate)
        assert (update.watchlist_id, update.user_id, update.is_deleted) == (12, 7311, True)

    def test_the_content_of_a_watchlist(self):
        update = read(
            {"EntityType": "WatchlistContent", "Key": "12", "AddedSymbols": "4;17", "RemovedSymbols": "null"}
        )
        assert isinstance(update, WatchlistContentUpdate)
        assert (update.watchlist_id, update.added, update.removed) == (12, (4, 17), ())

    def test_a_candle(self):
        update = read({"EntityType": "Candle", "Key": "AAPL|NGS|USD:1m", "Close": "171.2", "Time": "1777905060"})
        assert isinstance(update, CandleUpdate)
        assert update.starts_at == datetime(2026, 5, 4, 14, 31, tzinfo=UTC)
        assert not update.is_completed

    def test_an_entity_that_nobody_knows_is_passed_on_as_it_came(self):
        update = read({"EntityType": "Level2", "Key": "5"})
        assert isinstance(update, OtherUpdate)
        assert (update.entity, update.fields["Key"]) == ("Level2", "5")

    def test_an_alert(self):
        frame = {"EntityType": "PriceAlert", "Id": "5", "Key": "7311", "State": "Completed", "Symbol": "AAPL",
                 "Field": "Last", "Operator": ">=", "Argument": "171.00", "Price": "171.02"}  # fmt: skip
        update = read(frame)
        assert isinstance(update, AlertUpdate)
        assert (update.alert_id, update.user_id, update.state) == (5, 7311, "Completed")
        assert (update.condition, update.price) == ("Last >= 171.00", Decimal("171.02"))

    @AT_LEISURE
    @given(
        st.sampled_from([*_READERS, "Else", ""]),
        st.dictionaries(
            st.sampled_from([*QUOTE, *ORDER, *POSITION, *BALANCE, "Time", "id", "AddedSymbols"]),
            st.one_of(
                st.text(), st.none(), st.integers(), st.booleans(), st.lists(st.text()), st.just('[{"Name": 1}, 2]')
            ),
        ),
    )
    def test_no_frame_breaks_the_reader(self, entity, frame):
        assert news_of(frame | {"EntityType": entity}, NOW).received_at == NOW

    @AT_LEISURE
    @given(st.text())
    def test_no_text_breaks_it_either(self, text):
        read_frame(text)


def test_a_command_carries_a_hundred_keys_at_most():
    pairs = [("Quote", str(number)) for number in range(250)]
    keys = [read_frame(text)["Keys"].split(";") for text in subscription_commands("Subscribe", "s", pairs)]
    assert [len(some) for some in keys] == [100, 100, 50]
    assert [key for some in keys for key in some] == [key for _, key in pairs]


def order_at(second: int, status: str = "New", filled: int = 0) -> OrderUpdate:
    return read(ORDER, Date=str(1_777_905_000_000 + second * 1000), Status=status, ExecutedQuantity=str(filled))


class TestAPicture:
    def test_it_leaves_other_accounts_out(self):
        picture = AccountPicture(6413)
        assert not any(picture.apply(read(frame)) for frame in (ORDER, POSITION, BALANCE, QUOTE))

    def test_it_never_goes_back(self):
        picture = AccountPicture(6412)
        assert picture.apply(order_at(5, "PartiallyFilled", 4))
        assert not picture.apply(order_at(6, "New", 0))
        assert picture.apply(order_at(4, "Canceled", 4))
        assert not picture.apply(order_at(9, "PartiallyFilled", 4))
        assert picture.orders[91234].status == OrderStatus.CANCELED

    @AT_LEISURE
    @given(st.permutations(range(6)), st.lists(st.integers(0, 5)))
    def test_the_last_word_stands_in_whatever_order_and_however_often_it_is_told(self, order, again):
        story = [order_at(0), order_at(1), *(order_at(1 + n, "PartiallyFilled", n) for n in (1, 2, 3)),
                 order_at(5, "Filled", 10)]  # fmt: skip
        picture = AccountPicture(6412)
        for index in [*order, *again]:
            picture.apply(story[index])
        assert picture.orders[91234] == story[5].order

    def test_a_refresh_does_not_undo_what_was_told_meanwhile(self):
        picture = AccountPicture(6412)
        old = Position.from_wire({"SecurityId": 4, "AccountId": 6412, "Quantity": 1})
        money = Balances.from_wire({"cash": 1})
        picture.apply(read(POSITION))
        picture.apply(read(BALANCE))
        picture.refresh([], [old], money, asked_at=NOW.replace(second=0, minute=59, hour=14))
        assert picture.positions[4].quantity == -3
        assert picture.balances.cash == Decimal("82878.25")
        picture.refresh([], [old], money, asked_at=LATER)
        assert picture.positions[4].quantity == 1
        assert picture.balances.cash == 1

    def test_a_refresh_brings_the_legs_of_orders(self):
        picture = AccountPicture(6412)
        head = Order.from_wire({"Id": 1, "AccountId": 6412, "Legs": [{"Id": 2, "ParentId": 1, "AccountId": 6412}]})
        picture.refresh([head], [], Balances.from_wire({}), asked_at=NOW)
        assert set(picture.orders) == {1, 2}

    def test_a_position_that_was_taken_away_has_no_date(self):
        picture = AccountPicture(6412)
        picture.apply(read(POSITION))
        assert picture.apply(read({name: POSITION[name] for name in ("EntityType", "AccountId", "SecurityId")}))
        assert picture.positions[4].quantity == 0

    def test_a_position_that_rest_no_longer_knows_is_gone(self):
        picture = AccountPicture(6412)
        picture.apply(read(POSITION))
        picture.refresh([], [], Balances.from_wire({}), asked_at=LATER)
        assert picture.positions == {}


@pytest.mark.parametrize("update", [BalanceUpdate, PositionUpdate, OrderUpdate])
def test_what_counts_one_by_one_has_no_key(update):
    frame = {BalanceUpdate: BALANCE, PositionUpdate: POSITION, OrderUpdate: ORDER}[update]
    assert read(frame).key is None
