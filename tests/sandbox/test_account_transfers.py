"""Accounts that come from another broker by ACATS."""

from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.actors import Box, Client, log_in

DAY = 86_400
ALL_STATES = [
    "NEW", "SUBMITTED", "ACCEPTED", "SENDING_TO_ACATS", "PROCESSING_BY_ACATS", "IN_REVIEW", "IN_PROGRESS", "COMPLETED",
]  # fmt: skip
SOME_SHARES = {
    "cash": {"amount": 1250.5, "isoCurrencyCode": "USD", "type": "CREDIT"},
    "assets": [{"assetType": "SYMBOL", "identifier": "KO", "amount": 30, "isShort": False}],
}
CALL = {
    "symbol": "KO", "contractDate": "2026-12-18T00:00:00Z", "optionType": "CALL", "strikePrice": 70, "isShort": False,
    "amount": 2,
}  # fmt: skip
FULL = {"FromAccount": "5GX-81442", "Type": "FULL_TRANSFER"}


def partial(**parts: Any) -> dict[str, Any]:
    return {
        "FromAccount": "5GX-81442",
        "Type": "PARTIAL_TRANSFER_RECEIVER",
        "PartialTransferProperties": parts or SOME_SHARES,
    }


def ask(client: Client, body: dict[str, Any]) -> requests.Response:
    return client.send("POST", f"/account-transfer-requests/{client.account}", json=body)


def asked(client: Client, body: dict[str, Any]) -> Any:
    answer = ask(client, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def submit(client: Client, transfer: Any, **more: Any) -> int:
    return client.send("PUT", f"/account-transfer-requests/{transfer['Id']}/submit", json=more).status_code


def cancel(client: Client, transfer: Any) -> int:
    body = {"Comment": "Changed my mind"}
    return client.send("POST", f"/account-transfer-requests/{transfer['Id']}/cancel", json=body).status_code


def latest(client: Client) -> Any:
    return client.get("/users/@me/account-transfer-requests")[-1]


def finish(box: Box, transfer: Any) -> None:
    """Do everything that would happen, now."""
    for _ in ALL_STATES[2:]:
        box.control("POST", "account-transfers", {"id": transfer["Id"], "status": "next"})


def dividends(client: Client) -> Decimal:
    """What came meanwhile for shares that were there before, in USD."""
    rows = client.get(
        "/accounts/6412/transactions", pageNumber=0, pageSize=99, sortBy="Id", isDesc=True, filter="Type = 'Payment'"
    )["Result"]
    return sum((row["Value"] for row in rows if row["MarginType"] == "Dividend"), Decimal(0))


class TestAccountTransfer:
    def test_it_waits_for_its_submission(self, box: Box, investor: Client) -> None:
        transfer = asked(investor, FULL)
        box.advance(30 * DAY)
        assert (transfer["Status"], latest(investor)["Status"]) == ("NEW", "NEW")
        assert (transfer["ToAccount"], transfer["InitiatedBy"]) == ("6412", "dana.reyes")

    def test_it_goes_its_way_on_the_virtual_clock(self, box: Box, investor: Client) -> None:
        assert submit(investor, asked(investor, FULL)) == 204
        box.advance(10 * DAY)
        done = latest(investor)
        assert [event["Status"] for event in done["History"]] == ALL_STATES
        # Thursday is a holiday: reviewed on Tuesday and Wednesday, delivered on Friday and Monday.
        assert [event["CreatedAt"] for event in done["History"]][2:] == [
            "2026-11-23T15:15:00.000Z", "2026-11-23T15:20:00.000Z", "2026-11-23T21:00:00.000Z",
            "2026-11-24T21:00:00.000Z", "2026-11-25T21:00:00.000Z", "2026-11-30T21:00:00.000Z",
        ]  # fmt: skip
        assert done["AcatsControlNumber"] == 20263270000001

    def test_it_is_the_same_however_often_somebody_looks(self, box: Box, investor: Client) -> None:
        submit(investor, asked(investor, FULL))
        for _ in range(10):
            box.advance(DAY)
            looked_at = latest(investor)
        box.control("POST", "reset", {"seed": 1, "clock": {"mode": "frozen", "set": "2026-11-23T15:00:00Z"}})
        again = log_in(box, "investor@demo.test")
        submit(again, asked(again, FULL))
        box.advance(10 * DAY)
        assert latest(again) == looked_at

    def test_it_brings_what_was_asked_for(self, box: Box, investor: Client) -> None:
        cash, shares = investor.balances()["cash"], investor.position("KO")["Quantity"]
        submit(investor, asked(investor, partial()))
        box.advance(10 * DAY)
        assert investor.balances()["cash"] - dividends(investor) == cash + Decimal("1250.5")
        assert investor.position("KO")["Quantity"] == shares + 30

    def test_it_is_booked_by_clearing_and_is_no_gain(self, box: Box, investor: Client) -> None:
        box.pin("KO", "70.00")
        box.advance(2 * DAY)
        transfer = asked(investor, partial())
        submit(investor, transfer)
        before = investor.balances()
        finish(box, transfer)
        after = investor.balances()
        assert after["equityTotal"] == before["equityTotal"] + Decimal("1250.5") + 30 * 70
        assert after["changeAbsolute"] == before["changeAbsolute"]
        booked = investor.get(
            "/accounts/6412/transactions",
            pageNumber=0, pageSize=9, sortBy="Id", isDesc=True, filter="Type = 'Clearing'",
        )["Result"]  # fmt: skip
        assert [(row.get("Symbol"), row["Quantity"], row["Value"]) for row in booked] == [
            ("KO", 30, 0), (None, 0, Decimal("1250.5")),
        ]  # fmt: skip

    def test_it_was_not_there_before(self, box: Box, investor: Client) -> None:
        days = {"startDate": "2026-11-20T00:00:00Z", "endDate": "2026-11-23T23:00:00Z", "step": 1}
        box.advance(DAY)
        before = investor.get("/accounts/6412/history", **days)
        transfer = asked(investor, partial())
        submit(investor, transfer)
        finish(box, transfer)
        assert investor.get("/accounts/6412/history", **days) == before

    def test_it_brings_a_whole_account(self, box: Box, investor: Client) -> None:
        submit(investor, asked(investor, FULL))
        expected = box.control("GET", "account-transfers")[0]["contents"]
        before = box.ledger(account=6412)["accounts"][0]
        box.advance(10 * DAY)
        after = box.ledger(account=6412)["accounts"][0]
        assert len(expected) == 3
        for symbol, quantity in expected:
            if symbol == "cash":
                came = Decimal(after["Cash"]) - Decimal(before["Cash"])
                assert came - dividends(investor) == Decimal(quantity)
            else:
                held = Decimal(before["Positions"].get(symbol, {}).get("Quantity", 0))
                assert Decimal(after["Positions"][symbol]["Quantity"]) == held + Decimal(quantity)

    def test_it_brings_options_and_debts_to_a_margin_account(self, box: Box, trader: Client) -> None:
        submit(trader, asked(trader, partial(cash={"amount": 300, "type": "DEBIT"}, options=[CALL])))
        cash = trader.balances()["cash"]
        box.advance(10 * DAY)
        assert trader.balances()["cash"] == cash - 300
        assert trader.position("KO    261218C00070000")["Quantity"] == 2

    def test_it_tells_again_what_was_asked_for(self, investor: Client) -> None:
        told = asked(investor, partial())["PartialTransferProperties"]
        assert told["cash"] == {"amount": 1250.5, "isoCurrencyCode": "USD", "type": "CREDIT"}
        assert told["assets"][0]["identifier"] == "KO"

    @pytest.mark.parametrize(
        "parts",
        [
            {"assets": []},
            {"cash": {"amount": 0, "type": "CREDIT"}},
            {"cash": {"amount": 1.005, "type": "CREDIT"}},
            {"cash": {"amount": 5, "type": "GIFT"}},
            {"assets": [{"assetType": "SYMBOL", "identifier": "NOBODY", "amount": 1}]},
            {"assets": [{"assetType": "CUSIP", "identifier": "191216100", "amount": 1}]},
            {"assets": [{"assetType": "SYMBOL", "identifier": "KO", "amount": 1.5}]},
            {"assets": [{"assetType": "SYMBOL", "identifier": "KO", "amount": -1}]},
            {"options": [CALL | {"contractDate": "soon"}]},
            {"options": [CALL | {"contractDate": "2026-12-19T00:00:00Z"}]},
            {"options": [CALL | {"strikePrice": 70.01}]},
        ],
    )
    def test_it_refuses_parts_that_make_no_sense(self, investor: Client, parts: dict[str, Any]) -> None:
        answer = ask(investor, partial(**parts))
        assert answer.status_code == 422
        assert "PartialTransferProperties" in str(answer.json()["ModelState"])

    def test_it_wants_parts_for_a_partial_transfer_only(self, investor: Client) -> None:
        assert ask(investor, {**FULL, "Type": "PARTIAL_TRANSFER_RECEIVER"}).status_code == 422
        assert ask(investor, FULL | {"PartialTransferProperties": SOME_SHARES}).status_code == 422
        assert ask(investor, {"Type": "FULL_TRANSFER"}).status_code == 500

    def test_it_brings_no_debts_to_a_cash_account(self, box: Box) -> None:
        ira = log_in(box, "investor@demo.test", account=6413)
        assert ask(ira, partial(cash={"amount": 10, "type": "DEBIT"})).status_code == 422

    def test_it_is_submitted_once_and_accepted_at_once_on_demand(self, investor: Client) -> None:
        transfer = asked(investor, FULL)
        assert submit(investor, transfer, SyncProcessing=True) == 204
        assert submit(investor, transfer) == 409
        assert (latest(investor)["Status"], latest(investor)["AcceptedBy"]) == ("ACCEPTED", "Broker")

    def test_it_can_be_called_off_until_acats_has_it(self, box: Box, investor: Client) -> None:
        early, late = asked(investor, FULL), asked(investor, FULL)
        submit(investor, early)
        submit(investor, late)
        box.advance(1800)
        assert cancel(investor, early) == 204
        box.advance(DAY)
        assert cancel(investor, late) == 409
        assert cancel(investor, early) == 409
        box.advance(10 * DAY)
        states = [row["Status"] for row in investor.get("/users/@me/account-transfer-requests")]
        assert states == ["CANCELLED", "COMPLETED"]

    def test_it_keeps_others_out(self, investor: Client, trader: Client) -> None:
        transfer = asked(investor, FULL)
        assert submit(trader, transfer) == 401
        assert trader.send("POST", "/account-transfer-requests/6412", json=FULL).status_code == 401
        assert trader.send("POST", "/account-transfer-requests/999", json=FULL).status_code == 500
        assert submit(trader, {"Id": "00000000-0000-0000-0000-000000000000"}) == 500
        assert trader.get("/users/@me/account-transfer-requests") == []


class TestControl:
    def test_it_goes_on_without_waiting(self, box: Box, investor: Client) -> None:
        transfer = asked(investor, FULL)
        submit(investor, transfer)
        finish(box, transfer)
        assert latest(investor)["Status"] == "COMPLETED"
        box.control("POST", "account-transfers", {"id": transfer["Id"], "status": "next"}, status=400)

    def test_it_fails_as_told(self, box: Box, investor: Client) -> None:
        transfer = asked(investor, FULL)
        submit(investor, transfer)
        told = {"id": transfer["Id"], "status": "REJECTED_BY_DELIVERING_FIRM", "comment": "Names differ"}
        box.control("POST", "account-transfers", told, status=400)
        box.advance(DAY)
        box.control("POST", "account-transfers", told)
        box.advance(10 * DAY)
        assert (latest(investor)["Status"], latest(investor)["History"][-1]["Comment"]) == (
            "REJECTED_BY_DELIVERING_FIRM", "Names differ",
        )  # fmt: skip

    @pytest.mark.parametrize("body", [{}, {"id": "x", "status": "next"}, {"id": "x", "status": "HAPPY"}, {"what": 1}])
    def test_it_says_what_it_does_not_understand(self, box: Box, body: dict[str, str]) -> None:
        assert box.control("POST", "account-transfers", body, status=400)["error"]
