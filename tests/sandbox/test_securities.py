"""Securities as clients see them: equities, options, chains, logos, exchange rates, and the quotes of a preview."""

import zlib
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.actors import Box, Client

CALL = "AAPL  261218C00270000"


def page_of(client: Client, path: str, **more: Any) -> Any:
    return client.get(path, **{"pageNumber": 0, "pageSize": 99, "sortField": "Id", "desc": "false"} | more)


class TestEquities:
    def test_it_is_found_by_id_and_by_ticker(self, investor: Client):
        apple = investor.get("/equities/aapl")
        assert apple == investor.get(f"/equities/{apple['Id']}") == investor.get("/equities/AAPL", exchange="XNAS")
        assert (apple["Symbol"], apple["Type"], apple["ContractSize"]) == ("AAPL", "CommonStock", 1)
        assert apple["FractionalSettings"]["AllowTrade"] == "Allowed"

    @pytest.mark.parametrize(
        "path", ["NOPE", "999", "99999999999999999999", CALL, "AAPL?currency=EUR", "AAPL?exchange=XNYS", "%00"]
    )
    def test_it_is_not_found_under_another_name(self, investor: Client, path: str):
        assert investor.send("GET", f"/equities/{path}").status_code == 404

    def test_whole_shares_alone_have_no_fractional_settings(self, investor: Client):
        assert "FractionalSettings" not in investor.get("/equities/BRK.B")

    def test_mutual_funds_are_looked_up_by_their_type(self, investor: Client):
        found = investor.get("/equities/lookup", mask="Vanguard", count=99, filter="Type = 'MutualFund'")
        assert {fund["Symbol"] for fund in found} == {"VFIAX", "VTSAX", "VBTLX"}
        both = investor.get("/equities/lookup", mask="V", count=99, filter="Type in ('MutualFund','CommonStock')")
        assert {"V", "VFIAX"} <= {fund["Symbol"] for fund in both}
        assert "VTI" not in {fund["Symbol"] for fund in both}

    def test_types_have_numbers_too(self, investor: Client):
        found = investor.get("/equities/lookup", mask="Vanguard", count=99, filter="Type = 14")
        assert {fund["Symbol"] for fund in found} == {"VFIAX", "VTSAX", "VBTLX"}
        both = investor.get("/equities/lookup", mask="V", count=99, filter="Type in (14, 6)")
        assert {"V", "VFIAX"} <= {fund["Symbol"] for fund in both}
        assert investor.get("/equities/lookup", mask="V", count=99, filter="Type = 99") == []

    def test_a_filter_may_ask_for_what_some_leave_out(self, investor: Client):
        found = investor.get("/equities/lookup", mask="Vanguard", count=99, filter="Industry contains 'x'")
        assert isinstance(found, list)

    @pytest.mark.parametrize("mask", ["AAPL", "nothing is called so"])
    def test_an_unknown_field_is_refused_however_many_there_are(self, investor: Client, mask: str):
        params = {"mask": mask, "count": 9, "filter": "Shoe = 1"}
        assert investor.send("GET", "/equities/lookup", params=params).status_code == 400

    def test_the_list_is_filtered_sorted_and_cut(self, investor: Client):
        found = page_of(investor, "/equities", filter="AllowShort = false", sortField="Symbol", pageSize=2)
        assert (found["TotalCount"], [fund["Symbol"] for fund in found["Result"]]) == (8, ["AGTHX", "FCNTX"])
        assert investor.send("GET", "/equities", params={"pageNumber": 0}).status_code == 404


class TestLogo:
    def test_it_is_a_picture_of_the_ticker_always_the_same(self, investor: Client):
        answer = investor.send("GET", "/equities/AAPL/logo")
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.content == investor.send("GET", "/equities/aapl/logo").content
        assert answer.content != investor.send("GET", "/equities/BRK.B/logo").content
        pixels = zlib.decompress(_chunk(answer.content, b"IDAT"))
        assert len(pixels) == 96 * 97
        assert set(pixels) == {0, 1}

    def test_there_is_none_of_an_unknown_ticker(self, investor: Client):
        assert investor.send("GET", "/equities/NOPE/logo").status_code == 404


def _chunk(png: bytes, name: bytes) -> bytes:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    start = png.index(name)
    return png[start + 4 : start + 4 + int.from_bytes(png[start - 4 : start])]


class TestOptions:
    def test_it_is_found_by_id_and_by_symbol(self, investor: Client):
        call = investor.get(f"/options/{CALL.replace(' ', '%20')}")
        assert call == investor.get(f"/options/{call['Id']}") == investor.get("/options/AAPL261218C00270000")
        assert call["Description"] == "CALL Apple Inc. $270 EXP 12/18/26"
        assert (call["OptionType"], call["StrikePrice"], call["ContractSize"]) == ("Call", 270, 100)
        assert (call["ExpirationDate"], call["ExpirationType"]) == ("2026-12-18T00:00:00Z", "Regular")
        assert (call["UnderlyingAssetSymbol"], call["Exchange"], call["AllowTrade"]) == ("AAPL", "OPRAC", True)

    @pytest.mark.parametrize("path", ["AAPL", "4", "AAPL  261217C00270000", f"{CALL}?exchange=XNAS", "2000000000"])
    def test_it_is_not_found_under_another_name(self, investor: Client, path: str):
        assert investor.send("GET", f"/options/{path}").status_code == 404

    def test_it_is_still_known_after_its_end(self, box: Box, investor: Client):
        box.control("POST", "clock", {"set": "2027-01-04T15:00:00Z"})
        call = investor.get(f"/options/{CALL}")
        assert (call["Enabled"], call["AllowTrade"]) == (False, False)

    def test_expirations_are_weeks_months_and_januaries(self, investor: Client):
        listed = investor.get("/options/expirations", underlying="AAPL")
        assert [each["ExpirationType"] for each in listed[:4]] == ["Weekly", "Weekly", "Weekly", "Regular"]
        assert listed[0] | {"SeriesId": 0} == {
            "SeriesId": 0, "SeriesType": "Standard", "ExpirationType": "Weekly",
            "ExpirationDate": "2026-11-27T00:00:00Z",
        }  # fmt: skip
        assert len({each["SeriesId"] for each in listed}) == len(listed)
        assert investor.get("/options/expirations", underlying="NOPE") == []
        assert investor.get("/options/expirations", underlying="") == []
        assert investor.send("GET", "/options/expirations").status_code == 404


class TestChain:
    def test_it_has_a_call_and_a_put_of_each_strike(self, investor: Client):
        chain = investor.get("/options/optionChain/AAPL")["Expirations"]
        assert [each["Expiration"] for each in chain] == [
            each["ExpirationDate"] for each in investor.get("/options/expirations", underlying="AAPL")
        ]
        for each in chain:
            options = each["Options"]
            assert len({option["Symbol"] for option in options}) == len(options)
            strikes = [option["StrikePrice"] for option in options]
            assert strikes == sorted(strikes)
            assert strikes[::2] == strikes[1::2]
            assert each["CentralStrike"] in strikes

    def test_a_filter_chooses_dates_kinds_and_strikes(self, investor: Client):
        (december,) = investor.get(
            "/options/optionChain/AAPL", filter="Expiration = #2026-12-18T00:00:00Z# and Range = 2"
        )["Expirations"]
        strikes = sorted({option["StrikePrice"] for option in december["Options"]})
        assert len(december["Options"]) == 10
        assert strikes[2] == december["CentralStrike"]
        weekly = investor.get("/options/optionChain/AAPL", filter="ExpirationType = 2")["Expirations"]
        assert len(weekly) == 6
        assert {option["ExpirationType"] for each in weekly for option in each["Options"]} == {"Weekly"}

    def test_it_follows_a_price_that_was_moved(self, box: Box, investor: Client):
        box.pin("AAPL", "350.00")
        (each,) = investor.get("/options/optionChain/AAPL", filter="Expiration = #2026-12-18# and Range = 0")[
            "Expirations"
        ]
        assert each["CentralStrike"] == 350

    @pytest.mark.parametrize("filter", ["Range = -1", "Range > 1", "Range = 'x'", "Strike = 5", "Expiration"])
    def test_a_filter_has_to_make_sense(self, investor: Client, filter: str):
        answer = investor.send("GET", "/options/optionChain/AAPL", params={"filter": filter})
        assert (answer.status_code, answer.json()) == (400, {"Message": "The request is invalid."})

    def test_an_unknown_ticker_has_none_and_an_id_is_an_error(self, investor: Client):
        assert investor.get("/options/optionChain/NOPE") == {"Expirations": []}
        assert investor.get("/options/optionChain/VFIAX") == {"Expirations": []}
        assert investor.send("GET", "/options/optionChain/4").status_code == 500


class TestList:
    def test_it_has_what_a_filter_names(self, investor: Client):
        series = investor.get("/options/expirations", underlying="F")[0]["SeriesId"]
        of_series = page_of(investor, "/options", filter=f"SeriesId = {series}")
        assert {(row["UnderlyingAssetSymbol"], row["SeriesId"]) for row in of_series["Result"]} == {("F", series)}
        ford = page_of(
            investor, "/options", filter="UnderlyingAssetSymbol = 'F'", sortField="StrikePrice", desc="true"
        )
        assert ford["TotalCount"] > of_series["TotalCount"]
        strikes = [row["StrikePrice"] for row in ford["Result"]]
        assert strikes == sorted(strikes, reverse=True)
        (one,) = page_of(investor, "/options", filter=f"Symbol = '{CALL}'")["Result"]
        assert one["Symbol"] == CALL

    def test_without_a_name_it_has_what_expires_next(self, investor: Client):
        everything = page_of(investor, "/options")
        assert everything["TotalCount"] < 10_000
        assert {row["ExpirationDate"] for row in everything["Result"]} == {"2026-11-27T00:00:00Z"}


class TestCurrencyRate:
    def test_there_and_back_is_about_one(self, investor: Client):
        there, back = (
            investor.get("/currencyRate", currency=one, targetCurrency=other)
            for one, other in (("EUR", "JPY"), ("jpy", "eur"))
        )
        assert there["Bid"] < there["Last"] < there["Ask"]
        assert there["Last"] * back["Last"] == pytest.approx(1, rel=Decimal("0.001"))
        assert investor.get("/currencyRate", currency="USD", targetCurrency="USD")["Last"] == 1

    def test_it_knows_some_currencies_only(self, investor: Client):
        unknown = {"currency": "XXX", "targetCurrency": "USD"}
        assert investor.send("GET", "/currencyRate", params=unknown).status_code == 404
        assert investor.send("GET", "/currencyRate", params={"currency": "USD"}).status_code == 404


class TestQuote:
    def test_it_knows_the_day_and_the_year(self, investor: Client):
        (quote,) = investor.preview("AAPL", "Buy", 1)["Quotes"]
        assert quote["Week52Low"] <= quote["Low"] <= quote["Open"] <= quote["High"] <= quote["Week52High"]
        assert quote["Low"] <= quote["Last"] <= quote["High"]
        assert quote["Change"] == quote["Last"] - quote["PreviousClose"]

    def test_after_hours_the_price_moves_and_the_last_one_stands(self, box: Box, investor: Client):
        box.control("POST", "clock", {"set": "2026-11-23T23:00:00Z"})
        (quote,) = investor.preview("AAPL", "Buy", 1, "280.00", ExtendedHours="POST")["Quotes"]
        assert quote["Price"] == box.price("AAPL")["last"] != quote["Last"]
        box.control("POST", "clock", {"set": "2026-11-23T21:00:00Z"})
        assert box.price("AAPL")["last"] == quote["Last"]

    def test_an_option_can_be_held_at_a_price(self, box: Box):
        box.pin(CALL, "12.50")
        answer = requests.post(f"{box.url}/_control/prices", json={CALL: {"last": "13", "hold": False}}, timeout=10)
        assert answer.status_code == 400
