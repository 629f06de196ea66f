"""Transactions and activity: what was booked, in pages and reports."""

import base64
import re
from typing import Any

import pytest

from sandbox.money.paper import print_lines
from tests.sandbox.actors import Box, Client

PAGE = {"pageSize": 50, "pageNumber": 0, "sortBy": "Id", "isDesc": "false"}


@pytest.fixture
def traded(investor: Client, box: Box) -> Client:
    """Dana after buying 900 KO in two slices and selling 3 AAPL, all this morning."""
    box.pin("KO", "70.00")
    investor.place("KO", "Buy", 900)
    box.advance(10)
    investor.place("AAPL", "Sell", 3)
    box.advance(10)
    return investor


def entries(client: Client, **changes: Any) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = client.get(f"/accounts/{client.account}/transactions", **PAGE | changes)["Result"]
    return result


class TestEntries:
    def test_the_first_deposit_is_a_payment_without_a_security(self, investor: Client):
        payment = entries(investor)[0]
        assert (payment["Type"], payment["SecurityId"], payment["Description"]) == ("Payment", -1, "Initial deposit")
        assert float(payment["Value"]) == 48250.40

    def test_a_trade_tells_its_fee_and_its_commission_has_a_row_of_its_own(self, traded: Client):
        trade, commission, second = entries(traded, filter="Symbol = 'KO'")
        assert (trade["Value"], trade["Fee"]["Value"]) == (-trade["Quantity"] * trade["Price"], 1)
        assert (commission["Type"], commission["Value"]) == ("Commission", -1)
        assert commission["Fee"]["CommissionId"] == "Per Trade Commission"
        assert "Fee" not in second

    def test_slices_count_down_what_is_left(self, traded: Client):
        trades = entries(traded, filter="Symbol = 'KO' and Type = 'OrderExecution'")
        assert trades[0]["LeavesQuantity"] == trades[1]["Quantity"]
        assert trades[1]["LeavesQuantity"] == 0
        assert trades[0]["SettlementDate"] > trades[0]["Date"]

    def test_the_values_add_up_to_the_cash(self, traded: Client):
        assert sum(entry["Value"] for entry in entries(traded)) == traded.balances()["cash"]

    def test_bought_and_sold_on_one_day_is_a_day_trade(self, traded: Client, box: Box):
        assert not any(entry["IsDayTrade"] for entry in entries(traded))
        traded.place("KO", "Sell", 5)
        box.advance(5)
        assert all(
            entry["IsDayTrade"] for entry in entries(traded, filter="Symbol = 'KO' and Type = 'OrderExecution'")
        )
        box.advance(86_400)
        traded.place("AAPL", "Buy", 1)
        box.advance(5)
        assert not entries(traded, sortBy="Date", isDesc="true")[0]["IsDayTrade"]


class TestLists:
    @pytest.mark.parametrize(
        ("filter", "count"),
        [
            ("SecurityId = 37", 3), ("SecurityId = -1", 1), ("SecurityId = 99999", 0), ("Type = 'Commission'", 2),
            ("Date > #2026-11-23T15:00:09Z#", 2), ("Quantity < 0", 1), ("Value between -2 and 0", 2),
        ],
    )  # fmt: skip
    def test_any_field_can_be_filtered_by(self, traded: Client, filter: str, count: int):
        assert len(entries(traded, filter=filter)) == count

    @pytest.mark.parametrize("query", [{"filter": "Password = 1"}, {"filter": "Id ="}, {"sortBy": "Password"}])
    def test_what_is_not_understood_is_an_invalid_request(self, investor: Client, query: dict[str, str]):
        assert investor.send("GET", "/accounts/6412/transactions", params=PAGE | query).status_code == 400

    def test_a_code_can_be_asked_for(self, traded: Client):
        assert entries(traded, checkCode="true") == []

    def test_activity_ascends_when_it_says_so(self, traded: Client):
        query = {"pageSize": 2, "pageNumber": 1, "sortBy": "Date"}
        up = traded.get("/accounts/6412/activity", **query, isAsc="true")
        down = traded.get("/accounts/6412/activity", **query, isAsc="false")
        assert up["TotalCount"] == 6
        assert [entry["Id"] for entry in up["Result"]] == [entry["Id"] for entry in down["Result"]][::-1]

    @pytest.mark.parametrize("path", ["transactions", "transaction/report?reportEnum=CsvReport&sortBy=Id"])
    def test_a_missing_parameter_looks_like_another_version(self, investor: Client, path: str):
        answer = investor.send("GET", f"/accounts/6412/{path}")
        assert (answer.status_code, answer.json()["Error"]["Code"]) == (404, "UnsupportedApiVersion")

    def test_allowed_types_can_be_filtered_by(self, traded: Client):
        for name in traded.get("/accounts/6412/transactions/allowed-types"):
            entries(traded, filter=f"Type = '{name}'")

    def test_somebody_elses_are_not_shown(self, trader: Client):
        assert trader.send("GET", "/accounts/6412/transactions", params=PAGE).status_code == 401


class TestReports:
    def test_a_printed_report_is_a_pdf_in_base64(self, traded: Client):
        query = {"sortBy": "Id", "isDesc": "true", "reportEnum": "PdfReport"}
        (text,) = traded.get("/accounts/6412/transaction/report", **query)
        file = base64.b64decode(text, validate=True)
        assert file.startswith(b"%PDF-1.4") and file.endswith(b"%%EOF\n")
        assert b"(Id" in file and b"Initial deposit" in file
        table = int(re.findall(rb"startxref\n(\d+)", file)[0])
        places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", file[table:])]
        assert all(file[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, 1))

    def test_a_long_report_has_pages(self):
        file = print_lines([f"line {number} (of\\many) \u20ac" for number in range(100)])
        assert file.count(b"/Type /Page ") == 3
        assert rb"(line 99 \(of\\many\) ?) '" in file

    def test_a_report_is_a_line_for_the_names_and_one_for_each_entry(self, traded: Client):
        lines = traded.get("/accounts/6412/transaction/report", sortBy="Id", isDesc="true", reportEnum="CsvReport")
        assert lines[0].startswith("Id,Date,")
        assert len(lines) == 7
        assert ",OrderExecution,AAPL,-3," in lines[2]

    def test_an_unknown_format_is_an_invalid_request(self, investor: Client):
        query = {"sortBy": "Id", "isAsc": "true", "reportEnum": "Word"}
        assert investor.send("GET", "/accounts/6412/activity/report", params=query).status_code == 400


class TestSeveralAccounts:
    def read(self, client: Client, *accounts: int, status: int = 200) -> Any:
        query = {"AccountIds": accounts, "PageNumber": 0, "PageSize": 50, "SortField": "Date", "Desc": True}
        answer = client.send("POST", "/transactions/consolidated", json=query)
        assert answer.status_code == status
        return answer.json()

    def test_their_rows_have_another_shape(self, traded: Client):
        page = self.read(traded, 6412, 6413)
        assert page["TotalCount"] == 7
        assert {row["AccountNumber"] for row in page["Result"]} == {"6412", "6413"}
        sale = next(row for row in page["Result"] if row.get("BuySellCode") == "S")
        assert (sale["SecurityName"], sale["Commissions"]) == ("Apple Inc.", 1)

    def test_a_foreign_one_among_them_denies_all(self, investor: Client):
        self.read(investor, 6412, 6420, status=401)
