"""Chart history as clients see it: candles, indicators, levels, comparisons, workbooks."""

import json
import zipfile
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import requests

from sandbox.clock import parse_iso
from sandbox.exchange.indicators import INDICATORS
from tests.sandbox.actors import Box, Client

SETTINGS = {
    "StartDate": 0, "EndDate": 0, "CandlesCount": -1, "Period": "1D", "Interval": -9, "IncludeNonMarketData": False,
}  # fmt: skip
NOW = parse_iso("2026-11-23T15:00:00Z") // 1000
YEAR = 365 * 86_400


def ask(client: Client, path: str, body: Any) -> requests.Response:
    return client.send("POST" if path == "export" else "PUT", f"/history/{path}", json=body)


def read(answer: requests.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_float=Decimal)


def request_for(symbol: str = "AAPL", *, indicators: tuple[str, ...] = (), **settings: Any) -> dict[str, Any]:
    settings = SETTINGS | settings
    return {
        "Security": {"Symbol": symbol},
        "SecurityHistorySettings": settings,
        "IndicatorsHistorySettings": [settings | {"Signature": name, "Offset": 0} for name in indicators],
    }


def candles(client: Client, symbol: str = "AAPL", **settings: Any) -> Any:
    (found,) = read(ask(client, "symbols", request_for(symbol, **settings)))["SecurityHistory"]
    return found


class TestCandles:
    def test_a_year_of_days_ends_at_the_live_price(self, box: Box, investor: Client):
        found = candles(investor)
        assert 248 <= len(found) <= 254
        assert found[-1]["Close"] == box.price("AAPL")["last"]
        assert found[-1]["Time"] == NOW - 30 * 60
        assert found[-2]["Close"] == Decimal(box.control("GET", "prices")["AAPL"]["previous_close"])
        assert found[-1] | {"Volume": 0} == {
            "Time": NOW - 1800, "DateTime": "2026-11-23T14:30:00.000Z", "Open": found[-1]["Open"],
            "High": found[-1]["High"], "Low": found[-1]["Low"], "Close": found[-1]["Close"], "Volume": 0,
            "OpenInterest": 0, "IsMarket": True, "ValuationLevels": [],
        }  # fmt: skip

    def test_a_price_that_was_moved_is_in_the_chart_at_once(self, box: Box, investor: Client):
        box.pin("AAPL", "300.00")
        for period in ("1m", "1h", "1D", "1Y"):
            assert candles(investor, Period=period)[-1]["Close"] == 300

    def test_the_same_question_has_the_same_answer(self, investor: Client):
        body = request_for(indicators=("RSI|1D|false|10",), Period="5m", Interval=-12)
        assert ask(investor, "symbols", body).content == ask(investor, "symbols", body).content

    @pytest.mark.parametrize(
        ("asked", "count"),
        [
            ({"Interval": 0, "CandlesCount": 7}, 7),
            ({"Interval": -11, "CandlesCount": 7, "Period": "1W"}, 7),
            ({"Interval": -3, "StartDate": NOW - 5 * 86_400, "EndDate": NOW}, 3),
            ({"Interval": -3, "StartDate": NOW - 5 * 86_400, "EndDate": NOW, "CandlesCount": 2}, 2),
            ({"Interval": 0, "StartDate": NOW - 5 * 86_400, "EndDate": NOW - 86_400}, 2),
            ({"Interval": -13, "Period": "1m"}, 31),
            ({"Interval": -4, "Period": "10m"}, 4),
            ({"Interval": -12, "Period": "30m"}, 28),
            ({"Interval": -5}, 5),
            ({"Interval": -2}, 225),
            ({"Interval": -1, "Period": "1Y"}, 8),
            ({"Interval": -10, "Period": "3M"}, 12),
            ({"Interval": -13, "Period": "1h", "IncludeNonMarketData": True}, 7),
        ],
    )
    def test_interval_dates_and_count_choose_the_candles(self, investor: Client, asked: dict[str, Any], count: int):
        assert len(candles(investor, **asked)) == count

    def test_options_and_mutual_funds_have_them(self, investor: Client):
        option = candles(investor, "AAPL  261218C00270000")
        assert option[-1]["OpenInterest"] > 0
        assert len(candles(investor, "VFIAX")) > 240

    @pytest.mark.parametrize(
        "asked",
        [
            {"Period": "7m"}, {"Interval": 5}, {"CandlesCount": 0}, {"CandlesCount": -7},
            {"Interval": -3, "StartDate": NOW, "EndDate": NOW - 9},
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_a_conflict(self, investor: Client, asked: dict[str, Any]):
        assert ask(investor, "symbols", request_for(**asked)).status_code == 409
        assert ask(investor, "symbols", request_for("NOPE")).status_code == 409

    @pytest.mark.parametrize("member", list(SETTINGS))
    def test_every_member_has_to_be_there(self, investor: Client, member: str):
        body = request_for()
        del body["SecurityHistorySettings"][member]
        assert ask(investor, "symbols", body).status_code == 500

    def test_so_do_the_three_parts(self, investor: Client):
        for part in ("Security", "SecurityHistorySettings", "IndicatorsHistorySettings"):
            body = request_for()
            del body[part]
            assert ask(investor, "symbols", body).status_code == 500

    @pytest.mark.parametrize("asked", [{"StartDate": "soon"}, {"CandlesCount": 2**40}, {"Period": 5}])
    def test_the_wrong_type_is_a_validation_error(self, investor: Client, asked: dict[str, Any]):
        answer = ask(investor, "symbols", request_for(**asked))
        assert answer.status_code == 422
        assert "ModelState" in answer.json()


class TestIndicators:
    def test_each_has_a_line_newest_first(self, investor: Client):
        found = read(ask(investor, "symbols", request_for(indicators=tuple(INDICATORS))))
        times = [candle["Time"] for candle in found["SecurityHistory"][0]]
        for name, rows in zip(INDICATORS, found["IndicatorsHistory"], strict=True):
            assert [row["Date"] for row in rows] == times[::-1], name
            assert {len(row["Values"]) for row in rows} == {len(INDICATORS[name].lines)}, name

    def test_an_average_is_that_of_the_candles(self, investor: Client):
        found = read(ask(investor, "symbols", request_for(indicators=("SMA|1D|false|5",))))
        closes = [candle["Close"] for candle in found["SecurityHistory"][0]]
        assert found["IndicatorsHistory"][0][0]["Values"] == [sum(closes[-5:]) / 5]
        assert found["IndicatorsHistory"][0][-1]["Date"] == found["SecurityHistory"][0][0]["Time"]

    def test_macd_is_line_signal_and_their_difference(self, investor: Client):
        found = read(ask(investor, "symbols", request_for(indicators=("MACD|4h|false|12|26|9",))))
        line, signal, difference = found["IndicatorsHistory"][0][0]["Values"]
        assert line - signal == pytest.approx(difference, abs=Decimal("0.00001"))
        # The period of the signature counts, not that of its settings.
        assert len(found["IndicatorsHistory"][0]) > len(found["SecurityHistory"][0])

    @pytest.mark.parametrize("signature", ["NOPE", "", "SMA|1D|false|x", "SMA|1D|false|0", "EMA|9999", "RSI|-5"])
    def test_what_nobody_knows_is_a_conflict(self, investor: Client, signature: str):
        assert ask(investor, "symbols", request_for(indicators=(signature,))).status_code == 409


class TestLevels:
    def test_they_are_around_the_price_and_name_their_candles(self, investor: Client):
        found = read(ask(investor, "symbols", request_for()))
        levels, candles = found["SupportResistanceHistory"], found["SecurityHistory"][0]
        times = {candle["Time"]: candle for candle in candles}
        assert levels["SupportPrice"] <= candles[-1]["Close"] <= levels["ResistancePrice"]
        assert levels["Levels"]
        for level in levels["Levels"]:
            assert level["BottomPrice"] <= level["TopPrice"]
            assert all(times[time]["Close"] < times[time]["Open"] for time in level["RedCandles"])
            assert all(times[time]["Close"] >= times[time]["Open"] for time in level["GreenCandles"])

    def test_without_candles_there_are_none(self, investor: Client):
        found = read(ask(investor, "symbols", request_for("VFIAX", Period="1m")))
        assert found["SecurityHistory"] == [[]]
        assert found["SupportResistanceHistory"] == {"Levels": []}


class TestCompare:
    def test_it_shows_how_far_each_has_come(self, investor: Client):
        body = {
            "Securities": [{"Symbol": "AAPL", "Id": 1}, {"Symbol": "KO"}],
            "SecuritiesHistorySettings": SETTINGS | {"Interval": -6},
        }
        apple, coke = read(ask(investor, "compare", body))
        assert [row["Time"] for row in apple] == [row["Time"] for row in coke]
        assert apple[0]["Difference"] == coke[0]["Difference"] == 0
        assert apple[-1]["Price"] == apple[-1]["Close"]
        gain = (apple[-1]["Close"] / apple[0]["Close"] - 1) * 100
        assert apple[-1]["Difference"] == pytest.approx(gain, abs=Decimal("0.0001"))

    def test_all_of_them_have_to_be_known(self, investor: Client):
        body = {"Securities": [{"Symbol": "AAPL"}, {"Symbol": "NOPE"}], "SecuritiesHistorySettings": SETTINGS}
        assert ask(investor, "compare", body).status_code == 409
        assert ask(investor, "compare", {"SecuritiesHistorySettings": SETTINGS}).status_code == 500


class TestExport:
    body = {
        "securities": [1, 37],
        "indicators": [{"text": "Average", "name": "SMA", "type": "overlay", "args": [10, 0]}],
        "timeFrame": {
            "startDate": NOW - YEAR, "endDate": NOW, "candlesCount": -1, "period": "1D", "includeNonMarketData": False,
        },
        "defaultFileName": 'My "chart"',
    }  # fmt: skip

    def test_it_is_a_workbook_with_a_sheet_per_security(self, investor: Client):
        answer = ask(investor, "export", self.body)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == 'attachment; filename="My _chart_.xlsx"'
        with zipfile.ZipFile(BytesIO(answer.content)) as book:
            assert b'<sheet name="AAPL"' in book.read("xl/workbook.xml")
            assert b'<sheet name="KO"' in book.read("xl/workbook.xml")
            assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") > 250
            assert b"Average" in book.read("xl/sharedStrings.xml")

    def test_it_is_the_same_byte_by_byte(self, investor: Client):
        assert ask(investor, "export", self.body).content == ask(investor, "export", self.body).content

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"securities": [999]}, 422), ({"securities": ["x"]}, 422), ({"securities": None}, 500),
            ({"timeFrame": {}}, 500),
        ],
    )  # fmt: skip
    def test_what_it_cannot_have_is_refused(self, investor: Client, change: dict[str, Any], status: int):
        assert ask(investor, "export", self.body | change).status_code == status
