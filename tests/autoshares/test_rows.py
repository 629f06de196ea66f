"""Rows and bodies of the vendor's other rooms (shapes of API.md, appendix C and chapter 5)."""

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from autoshares import (
    AchTransfer,
    Alert,
    AlertCondition,
    BankLink,
    Candle,
    CandlePeriod,
    CandleRange,
    Chart,
    ChartSpan,
    FundPurchase,
    Indicator,
    IraConstraints,
    NewsItem,
    Option,
    OptionChain,
    OptionType,
    Order,
    OrderChange,
    OrderDraft,
    OrderType,
    Registration,
    Side,
    StrategyLeg,
    TradingSettings,
    Transaction,
    Watchlist,
    WireTransfer,
)
from autoshares.wire import decode_json, encode_json

OPTION = """{"Id":880123,"Symbol":"AAPL  261218C00195000","Description":"CALL Apple Inc. $195 EXP 12/18/26",
"Exchange":"OPRAC","Currency":"USD","Type":"Option","OptionType":"Call","StrikePrice":195,
"ExpirationDate":"2026-12-18T00:00:00Z","ExpirationType":"Regular","SeriesId":3107,"ContractSize":100,
"UnderlyingAssetSymbol":"AAPL","Enabled":true,"AllowTrade":true}"""

CANDLE = """{"Time":1767364200,"DateTime":"2026-01-02T14:30:00Z","Open":170.1,"High":172.4,"Low":169.8,"Close":171.9,
"Volume":41233120,"OpenInterest":0,"IsMarket":true,"ValuationLevels":[]}"""


class TestOptions:
    def test_a_contract_is_read(self):
        option = Option.from_wire(decode_json(OPTION))
        assert (option.strike, option.type, option.underlying_symbol) == (195, OptionType.CALL, "AAPL")
        assert option.expires_at == datetime(2026, 12, 18, tzinfo=UTC)
        assert option.contract_size == 100

    def test_a_chain_shows_each_contract_once(self):
        rows = [decode_json(OPTION)] * 2
        chain = OptionChain.from_wire(
            {"Expirations": [{"Expiration": "2026-12-18T00:00:00Z", "CentralStrike": 195, "Options": rows}]}
        )
        [expiration] = chain.expirations
        assert len(expiration.options) == 1
        assert expiration.central_strike == 195


class TestCharts:
    def test_a_candle_is_exact(self):
        candle = Candle.from_wire(decode_json(CANDLE))
        assert candle.opens_at == datetime(2026, 1, 2, 14, 30, tzinfo=UTC)
        assert (candle.open, candle.close) == (Decimal("170.1"), Decimal("171.9"))

    def test_a_comparison_may_give_one_price(self):
        candle = Candle.from_wire({"Time": 1767364200, "Price": Decimal("171.9"), "Difference": 0})
        assert candle.open == candle.close == Decimal("171.9")

    def test_lines_run_with_time_whatever_the_vendor_does(self):
        points = [{"Date": 1767450600, "Values": [2]}, {"Date": 1767364200, "Values": [Decimal("1.5")]}]
        chart = Chart.from_wire({"SecurityHistory": [[decode_json(CANDLE)]], "IndicatorsHistory": [points]})
        assert [point.values for point in chart.indicators[0]] == [(Decimal("1.5"),), (2,)]
        assert len(chart.candles) == 1

    def test_a_span_says_everything(self):
        since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
        assert ChartSpan(since=since, until=until).to_wire() == {
            "StartDate": 1767225600,
            "EndDate": 1775001600,
            "CandlesCount": -1,
            "Period": "1D",
            "Interval": -3,
            "IncludeNonMarketData": False,
        }
        last = ChartSpan(period=CandlePeriod.MINUTE, count=20).to_wire()
        assert (last["CandlesCount"], last["Interval"], last["StartDate"]) == (20, 0, 0)
        assert ChartSpan(range=CandleRange.YEAR_TO_DATE).to_wire()["Interval"] == -2

    def test_an_indicator_is_named_with_its_arguments(self):
        wire = Indicator("MACD", (12, 26, 9)).to_wire(ChartSpan(period=CandlePeriod.HOURS_4))
        assert wire["Signature"] == "MACD|4h|false|12|26|9"

    def test_a_moment_without_a_zone_is_refused(self):
        with pytest.raises(ValueError, match="zone"):
            ChartSpan(since=datetime(2026, 1, 1)).to_wire()  # noqa: DTZ001


class TestLists:
    def test_a_list_of_the_vendors_is_told_by_its_mark(self):
        watchlist = Watchlist.from_wire({"Id": 1, "Name": "* Top 10 Loss NYSE", "ReadOnly": False})
        assert (watchlist.name, watchlist.is_read_only, watchlist.securities) == ("Top 10 Loss NYSE", True, None)

    def test_a_stock_on_it_is_no_option(self):
        row = {"Id": 4, "Symbol": "AAPL", "OptionType": "Undefined", "ExpirationDate": "0001-01-01T00:00:00Z"}
        [security] = Watchlist.from_wire({"Id": 1, "SecurityList": [row]}).securities
        assert (security.option_type, security.expires_at, security.strike) == (None, None, None)

    def test_an_alert_is_read(self):
        row = {"Id": 9, "SecurityId": 4, "Operator": "GTEQ", "Argument": 180, "ExpirationDate": 1790726400}
        alert = Alert.from_wire(row)
        assert alert.condition is AlertCondition.AT_OR_ABOVE
        assert alert.expires_at == datetime(2026, 9, 30, tzinfo=UTC)

    def test_news_is_plain_text(self):
        item = NewsItem.from_wire({"Header": "AT&amp;T &#39;up&#39;", "Date": 1767364200, "NewsId": 0})
        assert item.headline == "AT&T 'up'"
        assert item.at.year == 2026


class TestMoney:
    def test_a_payment_has_no_security(self):
        row = Transaction.from_wire({"Id": 1, "SecurityId": -1, "Type": "Payment", "Value": 100000})
        assert (row.security_id, row.fee, row.value) == (None, None, 100000)

    def test_a_bank_link_never_holds_its_number(self):
        link = BankLink.from_wire({"Id": "u", "AccountNumber": "1234567890", "DisplayAccountNumber": "****7890"})
        assert "1234567890" not in str(dataclasses.asdict(link))
        assert link.shown_number == "****7890"

    def test_a_deposit_says_all_and_no_more(self):
        deposit = AchTransfer(bank_link_id="9c0e", is_deposit=True, amount=Decimal("250.0"))
        assert encode_json(deposit.to_wire()) == (
            '{"AchRelationshipId":"9c0e","IsIncoming":true,"DaysToHoldFunds":0,"Amount":250.0,'
            '"CloseAccount":false,"ExecTimeType":"Regular"}'
        )

    def test_closing_an_account_names_no_amount(self):
        wire = WireTransfer(routing_number="021000021", account_number="1", closes_account=True)
        assert "Amount" not in wire.to_wire()
        assert "021000021" not in repr(wire)

    def test_reasons_of_a_retirement_account_are_read(self):
        constraints = IraConstraints.from_wire(
            {
                "IsRetirementAccount": True,
                "ContributionConstraints": {
                    "ValidContributions": [{"Reason": "REGULAR", "PreviousYearContributionAllowed": True}]
                },
                "DistributionConstraints": {"ValidDistributionReasons": {"NORMAL": {"WithholdingEnabled": True}}},
            }
        )
        assert constraints.contributions[0].allows_previous_year
        assert constraints.distributions["NORMAL"].allows_withholding
        assert not constraints.allows_total_distribution

    def test_a_fund_is_bought_in_dollars(self):
        wire = FundPurchase(symbol="VFIAX", quantity=Decimal(500)).to_wire()
        assert wire["QuantityQualifier"] == "EvenDollar"


class TestOrders:
    def test_a_strategy_has_bare_legs_and_lives_by_its_head(self):
        spread = OrderDraft(
            type=OrderType.LIMIT,
            quantity=Decimal(1),
            limit_price=Decimal("2.1"),
            all_or_none=True,
            legs=(
                StrategyLeg("AAPL  261218C00195000", Side.BUY),
                StrategyLeg("AAPL  261218C00205000", Side.SELL_SHORT),
            ),
        )
        assert encode_json(spread.to_wire()) == (
            '{"Symbol":"","Type":"Limit","Quantity":1,"Price":2.1,"TimeInforce":"Day","Exchange":"Auto",'
            '"ExecInst":"AllOrNone","Legs":['
            '{"Symbol":"AAPL  261218C00195000","Side":"Buy","Quantity":1},'
            '{"Symbol":"AAPL  261218C00205000","Side":"SellShort","Quantity":1}]}'
        )

    def test_a_change_starts_from_the_order_as_it_is(self):
        order = Order.from_wire(
            {"Id": 7, "Type": "StopLimit", "Quantity": 10, "Price": 5, "StopPrice": 6, "TimeInForce": "Day"}
        )
        change = dataclasses.replace(OrderChange.of(order), stop_price=Decimal("6.5"))
        assert change.to_wire() == {
            "Id": 7,
            "Type": "StopLimit",
            "Quantity": 10,
            "Price": 5,
            "StopPrice": Decimal("6.5"),
            "TimeInForce": "Day",
        }


class TestPeople:
    def test_settings_come_back_as_they_went(self):
        source = {
            "QuantityStepIncrementMultiplier": 1,
            "SkipVerifyOrder": "Show",
            "Instruments": {"Stocks": {"AON": True}},
        }
        settings = TradingSettings.from_wire(source)
        assert TradingSettings.from_wire(settings.to_wire()) == settings
        assert settings.stocks.all_or_none
        assert settings.confirmations == {"order": "Show"}

    def test_a_registration_has_only_the_units_that_are_filled(self):
        person = Registration(login="kim", email="k@e.test", password="secret", first_name="Kim", last_name="Lee")
        assert set(person.to_wire()) == {"Credentials", "Name"}
        assert "Kim" not in repr(person)
        more = dataclasses.replace(person, more={"Employer": {"Name": "Acme"}}).to_wire()
        assert more["Employer"] == {"Name": "Acme"}
