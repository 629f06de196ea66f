"""Rows as they come over the wire (shapes of API.md, appendix C), whole and with holes."""

import dataclasses
import typing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoshares import (
    AccessType,
    AccountRecord,
    Agreement,
    AgreementType,
    Balances,
    Equity,
    MarginType,
    Order,
    OrderChange,
    OrderDraft,
    OrderEvent,
    OrderPreview,
    OrderStatus,
    OrderType,
    Position,
    Session,
    Side,
    TimeInForce,
    TradingAccount,
    Trail,
    TrailKind,
    models,
)
from autoshares.enums import Permission
from autoshares.wire import decode_json, encode_json

ROWS = [kind for kind in vars(models).values() if isinstance(kind, type) and hasattr(kind, "from_wire")]
ROWS.remove(models.Trail)  # part of an order, under a name of its own

ACCOUNT = """{"Id":6412,"ClearingAccount":"6412","AccessType":"Owner","Alias":"Growth","IsAverageAccount":false,
"ClearingFirm":"PaperTrading","Owners":[{"UserId":7311,"FirstName":"Dana","LastName":"Reyes","Email":"d@e.test"}],
"MarginType":"Margin","OwnerType":"IndividualCustomer","Enabled":true,"Currency":"USD"}"""

ORDER = """{"Id":91234,"SecurityId":4,"Symbol":"AAPL","AccountId":6412,"UserId":7311,"ClientId":"0b7c5d1e",
"Side":"Buy","Type":"Limit","InitialType":"Limit","Quantity":10,"Price":171.25,"StopPrice":0,"ExecutedQuantity":0,
"LeavesQuantity":0,"AveragePrice":0,"LastPrice":0,"LastQuantity":0,"Status":"PendingNew",
"ExecutionStatus":"PendingNew","RequestStatus":"RequireValidation","Target":"New","TransType":"New",
"TimeInForce":"Day","ExecInst":0,"Exchange":"Auto","CreateDate":"2026-05-04T14:31:07.1042219Z",
"Date":"2026-05-04T14:31:07.1042219Z","TransactionDate":"0001-01-01T00:00:00Z",
"ExpireDate":"2026-05-04T20:00:00Z","SettDate":"0001-01-01T00:00:00Z","ParentId":-1,"Legs":[],"StateId":0}"""

POSITION = """{"Id":5521,"AccountId":6412,"SecurityId":4,"Symbol":"AAPL","Name":"AAPL","CompanyName":"Apple Inc.",
"SecurityCurrency":"USD","SecurityType":"CommonStock","ContractSize":1,"Quantity":100,"AverageOpenPrice":168.72,
"CostBasis":16872.0,"DailyCostBasis":17190.0,"RealizedProfitLoss":0,"MarketValueEOD":17190.0,
"CreateDate":"2026-04-21T14:02:11Z","ModifyDate":"2026-04-21T14:02:11Z"}"""

EQUITY = """{"Id":4,"Symbol":"AAPL","Description":"Apple Inc.","Exchange":"XNAS","Currency":"USD",
"Type":"CommonStock","TickSize":0.01,"Precision":2,"VolumePrecision":0,"Enabled":true,"AllowTrade":true,
"AllowMargin":true,"AllowShort":true}"""

PREVIEW = """{"IsSuccessful":true,"Cost":1712.5,"Commission":3.75,"NetCost":1716.25,"TotalCost":1716.25,
"MarginChange":856.25,"Commissions":{"Per Trade Commission":3.75},
"Quotes":[{"Symbol":"AAPL","SecurityId":4,"Bid":171.2,"Ask":171.26,"Last":171.22,"TotalDailyVolume":31822011}]}"""

BALANCES = """{"cash":82878.25,"netCash":82878.25,"excess":91439.25,"equityTotal":100000.25,"marketValue":17122.0,
"stockBuyingPower":182878.5,"dayTradingBuyingPower":0,"dayTrades":0,"pendingOrdersCount":1,"pendingCash":0,
"openPL":250.0,"openPLPercent":1.4817,"changeAbsolute":-68.0,"changePercent":-0.068,"forexBuyingPower":1.5}"""


class TestEveryRow:
    @pytest.mark.parametrize("kind", ROWS)
    @pytest.mark.parametrize("source", [{}, None, [], "text"])
    def test_it_is_read_from_nothing_at_all(self, kind, source):
        row = kind.from_wire(source)
        with pytest.raises(dataclasses.FrozenInstanceError):
            row.anything = 1

    @pytest.mark.parametrize("kind", ROWS)
    @given(value=st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9), st.just([]), st.just({})))
    def test_it_is_read_whatever_the_vendor_fills_in(self, kind, value):
        names = ("Id", "Status", "Quantity", "CreateDate", "Legs", "Owners", "Commissions", "Permissions", "Price")
        names += (
            "Date",
            "Fee",
            "Data",
            "Options",
            "Expirations",
            "SecurityHistory",
            "IndicatorsHistory",
            "Instruments",
        )
        kind.from_wire(dict.fromkeys(names, value))

    @pytest.mark.parametrize("kind", ROWS)
    def test_it_has_no_float(self, kind):
        hints = typing.get_type_hints(kind)
        assert "float" not in str(hints)


class TestTradingAccount:
    def test_it_is_read(self):
        account = TradingAccount.from_wire(decode_json(ACCOUNT))
        assert (account.id, account.clearing_account, account.alias) == (6412, "6412", "Growth")
        assert account.access_type is AccessType.OWNER
        assert account.access_type.may_trade
        assert account.margin_type is MarginType.MARGIN
        assert account.owners[0].full_name == "Dana Reyes"

    def test_it_shows_nobody_in_a_log(self):
        account = TradingAccount.from_wire(decode_json(ACCOUNT))
        for personal in ("Dana", "Reyes", "d@e.test"):
            assert personal not in repr(account)

    def test_whoever_may_only_look_may_not_trade(self):
        assert not TradingAccount.from_wire({"AccessType": "ReadOnly"}).access_type.may_trade
        assert TradingAccount.from_wire({"AccessType": "ClosePositionsOnly"}).access_type.may_trade


class TestAccountRecord:
    def test_it_reads_flags_in_one_text(self):
        record = AccountRecord.from_wire({"Permissions": "LongStock, AllowTrade", "OptionLevel": 3})
        assert record.permissions == {Permission.LONG_STOCK, Permission.ALLOW_TRADE}
        assert record.option_level == 3

    def test_it_never_takes_personal_data(self):
        record = AccountRecord.from_wire({"Id": 1, "SSN": "123-45-6789", "DateOfBirth": "1990-01-01T00:00:00Z"})
        assert "6789" not in str(dataclasses.asdict(record))
        assert "1990" not in str(dataclasses.asdict(record))


class TestBalances:
    def test_they_are_exact(self):
        balances = Balances.from_wire(decode_json(BALANCES))
        assert balances.equity == Decimal("100000.25")
        assert balances.change_today_percent == Decimal("-0.068")
        assert balances.pending_orders_count == 1

    def test_what_is_not_named_is_not_nought(self):
        balances = Balances.from_wire(decode_json(BALANCES))
        assert balances.option_buying_power is None
        assert balances.day_trading_buying_power == 0

    def test_they_keep_what_we_have_no_name_for(self):
        assert Balances.from_wire(decode_json(BALANCES)).everything["forexBuyingPower"] == Decimal("1.5")


class TestAgreement:
    def test_it_is_read(self):
        agreement = Agreement.from_wire(
            {"Id": 3, "Type": "DayTradingAgreement", "Title": "Day trading", "CanSkip": True, "Version": "1.2"}
        )
        assert (agreement.id, agreement.title, agreement.version) == (3, "Day trading", "1.2")
        assert agreement.type is AgreementType.DAY_TRADING_AGREEMENT
        assert agreement.can_skip
        assert agreement.can_be_signed

    def test_the_bare_shape_has_a_title_and_cannot_be_signed(self):
        agreement = Agreement.from_wire({"Type": "Quodd"})
        assert agreement.title == "Market data agreement (Quodd)"
        assert not agreement.can_be_signed
        assert not agreement.can_skip


class TestEquity:
    def test_it_is_read(self):
        equity = Equity.from_wire(decode_json(EQUITY))
        assert (equity.id, equity.symbol, equity.description) == (4, "AAPL", "Apple Inc.")
        assert equity.tick_size == Decimal("0.01")
        assert equity.type.is_stock_like
        assert equity.fractional is None

    def test_it_knows_its_fractions(self):
        equity = Equity.from_wire(
            {"Symbol": "V", "FractionalSettings": {"AllowTrade": "CloseOnly", "MinQty": 1, "Precision": 4}}
        )
        assert equity.fractional.trade == "CloseOnly"
        assert equity.fractional.precision == 4


class TestPosition:
    def test_it_is_read(self):
        position = Position.from_wire(decode_json(POSITION))
        assert (position.symbol, position.name, position.quantity) == ("AAPL", "Apple Inc.", Decimal(100))
        assert position.average_open_price == Decimal("168.72")
        assert position.cost_basis == Decimal("16872.0")


class TestOrder:
    def test_it_is_read(self):
        order = Order.from_wire(decode_json(ORDER))
        assert (order.id, order.symbol, order.side, order.type) == (91234, "AAPL", Side.BUY, OrderType.LIMIT)
        assert order.limit_price == Decimal("171.25")
        assert order.time_in_force is TimeInForce.DAY
        assert order.status is OrderStatus.PENDING_NEW
        assert order.created_at == datetime(2026, 5, 4, 14, 31, 7, 104221, tzinfo=UTC)

    def test_it_has_none_of_what_it_has_not(self):
        order = Order.from_wire(decode_json(ORDER))
        assert (order.parent_id, order.stop_price, order.average_price, order.executed_at) == (None,) * 4
        assert order.executed_quantity == 0
        assert order.legs == ()

    def test_its_legs_are_orders(self):
        order = Order.from_wire({"Id": 1, "Legs": [{"Id": 2, "ParentId": 1, "Status": "Held"}]})
        assert order.legs[0].status is OrderStatus.HELD
        assert order.legs[0].parent_id == 1

    def test_it_is_ours_by_client_id_or_comment_and_by_nothing_else(self):
        assert Order.from_wire({"ClientId": "sf-1"}).carries("sf-1")
        assert Order.from_wire({"ClientId": "19223", "Comment": "sf-1"}).carries("sf-1")
        assert Order.from_wire({"ClientId": "sf-2", "OrigClientId": "sf-1"}).carries("sf-1")
        assert not Order.from_wire({"ClientId": "sf-11"}).carries("sf-1")
        assert not Order.from_wire({"Comment": ""}).carries("")

    def test_it_says_why(self):
        assert Order.from_wire({"Description": "By OMS", "ErrorDescriptionText": "Too much."}).reason == "Too much."
        assert Order.from_wire({"Description": "Expired by OMS"}).reason == "Expired by OMS"


class TestOrderEvent:
    def test_its_moments_are_milliseconds(self):
        event = OrderEvent.from_wire({"Id": 1, "Status": "Filled", "TransactionDate": 1777905067104})
        assert event.at == datetime(2026, 5, 4, 14, 31, 7, 104000, tzinfo=UTC)


class TestOrderPreview:
    def test_it_is_read(self):
        preview = OrderPreview.from_wire(decode_json(PREVIEW))
        assert preview.is_successful
        assert preview.net_cost == preview.cost + preview.commission
        assert preview.commissions == {"Per Trade Commission": Decimal("3.75")}
        assert preview.quote_of("AAPL").ask == Decimal("171.26")
        assert preview.quote_of("V") is None

    def test_silence_is_no_success(self):
        assert not OrderPreview.from_wire({}).is_successful


class TestOrderDraft:
    def test_it_speaks_the_vendors_words(self):
        draft = OrderDraft(
            symbol="AAPL",
            side=Side.SELL,
            type=OrderType.LIMIT,
            quantity=Decimal(10),
            limit_price=Decimal("181.20"),
            time_in_force=TimeInForce.GOOD_TILL_CANCEL,
            client_id="sf-1",
            comment="sf-1",
        )
        assert encode_json(draft.to_wire()) == (
            '{"Symbol":"AAPL","Type":"Limit","Side":"Sell","Quantity":10,"Price":181.20,'
            '"TimeInforce":"GoodTillCancel","Exchange":"Auto","ClientId":"sf-1","Comment":"sf-1"}'
        )

    def test_it_leaves_out_what_is_not_set(self):
        draft = OrderDraft(symbol="V", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(1))
        assert set(draft.to_wire()) == {"Symbol", "Type", "Side", "Quantity", "TimeInforce", "Exchange"}


class TestOrderKinds:
    """What goes out for each type of order. The bodies are those of API.md appendix C."""

    @staticmethod
    def sell(kind: OrderType, **more: Any) -> dict[str, Any]:
        values = {"symbol": "AAPL", "side": Side.SELL, "type": kind, "quantity": Decimal(10), "exchange": ""}
        wire = OrderDraft(**values | more).to_wire()
        return {name: value for name, value in wire.items() if name not in {"Exchange", "Symbol", "Side", "Quantity"}}

    def test_a_stop_limit_until_a_date(self):
        wire = self.sell(
            OrderType.STOP_LIMIT,
            stop_price=Decimal(165),
            limit_price=Decimal("164.5"),
            time_in_force=TimeInForce.GOOD_TILL_DATE,
            expires_at=datetime(2026, 9, 30, 20, tzinfo=UTC),
        )
        assert wire == {
            "Type": "StopLimit",
            "StopPrice": Decimal(165),
            "Price": Decimal("164.5"),
            "TimeInforce": "GoodTillDate",
            "ExpireDate": datetime(2026, 9, 30, 20, tzinfo=UTC),
        }

    def test_a_trailing_stop_limit_in_dollars(self):
        trail, offset = Trail(TrailKind.DOLLARS, Decimal(5)), Trail(TrailKind.DOLLARS, Decimal(1))
        wire = self.sell(OrderType.TRAILING_STOP_LIMIT, trail=trail, limit_offset=offset)
        assert wire == {
            "Type": "TrailingStopLimit",
            "TrailingStopAmountType": "Absolute",
            "TrailingStopAmount": Decimal(5),
            "TrailingLimitAmountType": "Absolute",
            "TrailingLimitAmount": Decimal(1),
            "TimeInforce": "Day",
        }

    def test_an_amount_in_dollars_stands_in_both_places(self):
        draft = OrderDraft(symbol="AAPL", side=Side.BUY, type=OrderType.MARKET, cash_amount=Decimal(500))
        wire = draft.to_wire()
        assert (wire["Quantity"], wire["Price"], wire["ExecInst"]) == (Decimal(500), Decimal(500), "CashAmountOrder")

    def test_a_head_has_legs_and_nothing_of_its_own(self):
        leg = OrderDraft(symbol="AAPL", side=Side.BUY, type=OrderType.LIMIT, quantity=Decimal(10))
        wire = OrderDraft.bracket(leg, leg, leg, client_id="ours").to_wire()
        assert set(wire) == {"Symbol", "Type", "ClientId", "Comment", "Legs"}
        assert (wire["Symbol"], len(wire["Legs"])) == ("", 3)

    def test_a_change_says_the_whole_order_as_it_shall_be(self):
        change = OrderChange(
            order_id=91234,
            type=OrderType.LIMIT,
            quantity=Decimal(20),
            limit_price=Decimal("171.30"),
            time_in_force=TimeInForce.DAY,
        )
        assert change.to_wire() == {
            "Id": 91234,
            "Type": "Limit",
            "Quantity": Decimal(20),
            "Price": Decimal("171.30"),
            "TimeInForce": "Day",
        }

    def test_what_it_sent_comes_back(self):
        row = Order.from_wire(
            {
                "Id": 1,
                "TrailingStopAmountType": "Persentage",
                "TrailingStopAmount": Decimal(3),
                "TrailingLimitAmount": 0,
                "ExtendedHours": "REGPRE",
                "ExecInst": "AllOrNone",
            }
        )
        assert row.trail == Trail(TrailKind.PERCENT, Decimal(3))
        assert row.limit_offset is None
        assert row.session == Session.PRE_AND_REGULAR
        assert (row.is_all_or_none, row.is_cash_amount) == (True, False)
