"""Transfers: money comes and goes in steps, and comes back when a bank says no."""

from typing import Any

import pytest

from tests.sandbox.actors import Box, Client, log_in

TRANSFERS = "/accounts/6412/transfers"
PAGE = {"pageSize": 9, "pageNumber": 0, "sortBy": "CreatedAt", "isDesc": "false"}
NEXT_OPEN = 23.5 * 3600  # from ten on Monday to half past nine on Tuesday
NOBODY = "00000000-0000-0000-0000-000000000000"


def link(client: Client) -> str:
    body = {"Accounts": ["one"], "BankName": "First Bank", "PublicToken": "token"}
    return str(client.send("POST", f"/accounts/{client.account}/ach-relationships/plaid", json=body).json()[0]["Id"])


def send(client: Client, mechanism: str, body: dict[str, Any], *, status: int = 200) -> Any:
    answer = client.send("POST", f"/accounts/{client.account}/transfers/{mechanism}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def ach(client: Client, amount: Any, *, deposit: bool, status: int = 200, **more: Any) -> Any:
    body = {
        "AchRelationshipId": more.pop("link", None) or link(client),
        "IsIncoming": deposit,
        "Amount": amount,
    } | more
    return send(client, "ach", body, status=status)


def wire(**changes: Any) -> dict[str, Any]:
    return {
        "IsDomesticWire": True, "RoutingNumber": "021000021", "AccountNumber": "1234567890", "Amount": 200,
        "CloseAccount": False,
    } | changes  # fmt: skip


def listed(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/accounts/{client.account}/transfers", **PAGE)["Result"]
    return found


def cash(client: Client) -> Any:
    return client.balances()["cash"]


class TestSteps:
    def test_a_deposit_is_in_the_cash_when_its_funds_are_posted(self, investor: Client, box: Box):
        before = cash(investor)
        sent = ach(investor, 250, deposit=True)
        assert (sent["Status"], sent["TotalAmount"], "TransferDate" in sent) == ("Submitted", 0, False)
        box.advance(NEXT_OPEN - 1)
        assert cash(investor) == before
        box.advance(1)
        assert (cash(investor) - before, listed(investor)[0]["Status"]) == (250, "FundsPosted")
        box.advance(86_400)
        done = listed(investor)[0]
        assert (done["Status"], done["TotalAmount"], done["TransferDate"]) == (
            "Complete", 250, "2026-11-25T14:30:00.000Z",
        )  # fmt: skip

    def test_funds_can_be_held_longer(self, investor: Client, box: Box):
        ach(investor, 250, deposit=True, DaysToHoldFunds=2)
        box.advance(2 * 86_400)
        assert listed(investor)[0]["Status"] == "Submitted"

    def test_a_withdrawal_leaves_at_once(self, investor: Client):
        before = cash(investor)
        ach(investor, 1000.50, deposit=False)
        assert float(before - cash(investor)) == 1000.50

    def test_it_stands_among_the_transactions_with_a_code(self, investor: Client):
        ach(investor, 100, deposit=False)
        query = {"pageSize": 9, "pageNumber": 0, "sortBy": "Id", "isDesc": "true", "checkCode": "true"}
        page = investor.get("/accounts/6412/transactions", **query)
        assert [(row["Code"], row["Value"]) for row in page["Result"]] == [("ACH", -100)]

    def test_closing_takes_all_that_can_be_withdrawn(self, investor: Client):
        before = cash(investor)
        sent = ach(investor, None, deposit=False, CloseAccount=True)
        assert (sent["Amount"], cash(investor)) == (float(before), 0)
        send(investor, "zelle", {"Name": "Dana", "Email": "dana@demo.test", "Amount": 1}, status=409)


class TestWiresAndOthers:
    @pytest.mark.parametrize(("domestic", "fee"), [(True, 25), (False, 50)])
    def test_a_wire_costs_a_fee(self, investor: Client, domestic: bool, fee: int):
        before = cash(investor)
        abroad = {} if domestic else {"BankName": "Bank", "BankCity": "Bern", "BankCountry": "CH"}
        sent = send(investor, "wire", wire(IsDomesticWire=domestic, **abroad))
        assert before - cash(investor) == 200 + fee
        assert investor.get(f"{TRANSFERS}/{sent['Id']}/fees")[0]["CustomerDebitAmount"] == fee

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"RoutingNumber": "021000022"}, "RoutingNumber"), ({"AccountNumber": " "}, "AccountNumber"),
            ({"IsDomesticWire": False}, "BankName"), ({"ForFurtherCredit": True}, "IntermediaryName"),
            ({"Amount": None}, "Amount"), ({"Amount": 0.001}, "Amount"), ({"Amount": -5}, "Amount"),
        ],
    )  # fmt: skip
    def test_what_a_wire_needs_is_named(self, investor: Client, change: dict[str, Any], field: str):
        refused = send(investor, "wire", wire(**change), status=422)
        assert list(refused["ModelState"]) == [f"model.{field}"]

    def test_checks_and_zelle_cost_nothing(self, investor: Client):
        before = cash(investor)
        check = send(investor, "check", {"Memos": ["Rent"], "DeliveryMethod": "STANDARD", "Amount": 100})
        send(investor, "zelle", {"Name": "Dana", "Email": "dana@demo.test", "Amount": 50})
        assert before - cash(investor) == 150
        assert check["Comment"] == "Rent"
        assert investor.get(f"{TRANSFERS}/{check['Id']}/fees") == []

    @pytest.mark.parametrize(("method", "fee"), [("OVERNIGHT", 20), ("SATURDAY", 30), ("PRINT_AT_FIRM", 0)])
    def test_a_check_in_a_hurry_costs_a_fee(self, investor: Client, method: str, fee: int):
        before = cash(investor)
        send(investor, "check", {"Memos": ["Rent"], "DeliveryMethod": method, "Amount": 100})
        assert before - cash(investor) == 100 + fee

    def test_zelle_needs_a_way_to_reach_somebody(self, investor: Client):
        send(investor, "zelle", {"Name": "Dana", "Amount": 50}, status=422)


class TestEnds:
    def test_a_cancelled_withdrawal_comes_back_with_its_fee(self, investor: Client):
        before = cash(investor)
        sent = send(investor, "wire", wire())
        path = f"{TRANSFERS}/{sent['Id']}"
        assert investor.send("DELETE", path, params={"comment": "changed my mind"}).status_code == 204
        assert cash(investor) == before
        assert (listed(investor)[0]["Status"], listed(investor)[0]["Comment"]) == ("Canceled", "changed my mind")
        assert investor.send("DELETE", path, params={"comment": "again"}).status_code == 409

    def test_it_is_too_late_once_funds_are_posted(self, investor: Client, box: Box):
        sent = send(investor, "wire", wire())
        box.advance(NEXT_OPEN)
        assert investor.send("DELETE", f"{TRANSFERS}/{sent['Id']}?comment=late").status_code == 409

    def test_a_comment_is_needed(self, investor: Client):
        sent = send(investor, "wire", wire())
        assert investor.send("DELETE", f"{TRANSFERS}/{sent['Id']}").status_code == 404

    def test_a_deposit_that_the_bank_rejects_goes_out_again(self, investor: Client, box: Box):
        before = cash(investor)
        sent = ach(investor, 250, deposit=True)
        box.advance(NEXT_OPEN)
        box.control("POST", "money", {"transfer": sent["Id"], "status": "Rejected"})
        assert (cash(investor), listed(investor)[0]["Status"]) == (before, "Rejected")
        box.control("POST", "money", {"transfer": sent["Id"], "status": "Rejected"}, status=400)

    def test_a_scripted_deposit_is_never_posted(self, investor: Client, box: Box):
        before = cash(investor)
        box.control("POST", "money", {"next_deposit": "Rejected"})
        ach(investor, 250, deposit=True)
        box.advance(NEXT_OPEN)
        assert (cash(investor), listed(investor)[0]["Status"]) == (before, "Rejected")

    def test_a_scripted_deposit_is_taken_back(self, investor: Client, box: Box):
        before = cash(investor)
        box.control("POST", "money", {"next_deposit": "Returned"})
        ach(investor, 250, deposit=True)
        ach(investor, 30, deposit=True)
        box.advance(NEXT_OPEN)
        assert cash(investor) == before + 280
        box.advance(86_400)
        assert cash(investor) == before + 30
        assert sorted(row["Status"] for row in listed(investor)) == ["Complete", "Rejected"]
        box.control("POST", "money", {"next_deposit": "Lost"}, status=400)


class TestDetails:
    def test_they_tell_what_was_asked_for(self, investor: Client, box: Box):
        wired = {
            "IsDomesticWire": False, "BankName": "Bank", "BankCity": "Bern", "BankCountry": "CH", "Name": "Dana Reyes",
            "ForFurtherCredit": True, "IntermediaryName": "Between", "IntermediaryAccountNumber": "77",
            "IntermediaryAddress1": "1 Way", "IntermediaryCountry": "US", "IntermediaryCity": "Ely",
            "IntermediaryPostalCode": "89301", "IntermediaryState": "NV",
        }  # fmt: skip
        sent = send(investor, "wire", wire(**wired))
        told = investor.get(f"/transfers/wire/{sent['Id']}")
        assert (told["transferId"], told["amount"], told["actualAmount"]) == (sent["Id"], 200, 0)
        assert told["recipient"] == {"routingNumber": "021000021", "name": "Bank", "city": "Bern", "country": "CH"}
        assert told["intermediary"]["postalCode"] == "89301"
        assert told["beneficiary"] == {"name": "Dana Reyes", "accountNumber": "1234567890"}
        box.advance(2 * 86_400)
        assert investor.get(f"/transfers/wire/{sent['Id']}")["actualAmount"] == 250

    def test_each_mechanism_has_its_own(self, investor: Client):
        linked = link(investor)
        told = investor.get(f"/transfers/ach/{ach(investor, 5, deposit=True, link=linked)['Id']}")
        assert (told["achRelationshipId"], told["isDeposit"], told["closeAccount"]) == (linked, True, False)
        check = send(investor, "check", {"Memos": ["Rent"], "DeliveryMethod": "SATURDAY", "Amount": 10})
        told = investor.get(f"/transfers/check/{check['Id']}")
        assert (told["memos"], told["deliveryMethod"]) == (["Rent"], "SATURDAY")
        assert investor.send("GET", f"/transfers/ach/{check['Id']}").status_code == 409

    def test_unknown_ones_are_a_conflict_and_foreign_ones_denied(self, investor: Client, trader: Client):
        assert investor.send("GET", f"/transfers/ach/{NOBODY}").status_code == 409
        sent = send(investor, "wire", wire())
        assert trader.send("GET", f"/transfers/wire/{sent['Id']}").status_code == 401


class TestRefusals:
    def test_no_more_goes_than_there_is(self, investor: Client):
        ach(investor, 10_000_000, deposit=False, status=409)

    def test_unsettled_money_stays(self, investor: Client, box: Box):
        account = {"margin_type": "Cash", "cash": "0", "positions": {"KO": {"quantity": 100, "average_price": "60"}}}
        user = box.control("POST", "users", {"email": "new@demo.test", "accounts": [account]})
        holder = log_in(box, "new@demo.test", account=user["accounts"][0]["id"])
        holder.place("KO", "Sell", 100)
        box.advance(10)
        body = {"Name": "New", "Email": "new@demo.test", "Amount": 1000}
        send(holder, "zelle", body, status=409)
        box.advance(2 * 86_400)
        send(holder, "zelle", body)

    def test_a_link_has_to_be_approved_and_ones_own(self, investor: Client):
        ach(investor, 10, deposit=True, link=NOBODY, status=409)
        pending = {
            "RoutingNumber": "021000021", "AccountNumber": "1234567890", "AccountOwnerName": "Dana", "Name": "Home",
        }  # fmt: skip
        made = investor.send("POST", "/accounts/6412/ach-relationships", json=pending).json()
        ach(investor, 10, deposit=True, link=made["Id"], status=409)

    def test_a_retirement_account_asks_why(self, investor: Client):
        investor.account = 6413
        body = {"Name": "Dana", "Email": "dana@demo.test", "Amount": 50}
        send(investor, "zelle", body, status=409)
        send(investor, "zelle", body | {"IraDistribution": {"Reason": "NORMAL"}})
        ach(investor, 50, deposit=True, IraContribution={"Type": "REGULAR", "ContributionYear": 2026})

    @pytest.mark.parametrize(
        "word",
        [
            {"Reason": "HOLIDAYS"}, {"Reason": "RECHARACTERIZATION", "FederalTaxAmount": 5},
            {"Reason": "ROLLOVER_60_DAY", "StateTaxAmount": 1},
        ],
    )  # fmt: skip
    def test_the_reason_has_to_be_an_allowed_one(self, investor: Client, word: dict[str, Any]):
        investor.account = 6413
        send(
            investor,
            "zelle",
            {"Name": "Dana", "Email": "d@demo.test", "Amount": 50, "IraDistribution": word},
            status=409,
        )

    def test_the_year_before_counts_until_its_tax_is_due(self, investor: Client, box: Box):
        investor.account = 6413
        linked = link(investor)
        for year, kind, status in ((2025, "REGULAR", 409), (2027, "REGULAR", 409), (2026, "GIFT", 409)):
            word = {"Type": kind, "ContributionYear": year}
            ach(investor, 50, deposit=True, link=linked, IraContribution=word, status=status)
        assert self.only_this_year(investor)
        box.control("POST", "clock", {"set": "2027-04-15T15:00:00Z"})
        assert not self.only_this_year(investor)
        ach(investor, 50, deposit=True, link=linked, IraContribution={"Type": "REGULAR", "ContributionYear": 2026})

    def only_this_year(self, investor: Client) -> Any:
        told = investor.get("/accounts/6413/transfers/ira_constraints/ACH/true")
        return told["ContributionConstraints"]["OnlyAllowCurrentYearContribution"]

    def test_fees_of_nothing_are_a_conflict(self, investor: Client):
        assert investor.send("GET", f"{TRANSFERS}/{NOBODY}/fees").status_code == 409

    def test_somebody_elses_account_is_denied(self, trader: Client):
        trader.account = 6412
        send(trader, "wire", wire(), status=401)


class TestConstraints:
    def test_only_retirement_accounts_have_them(self, investor: Client):
        assert investor.get(f"{TRANSFERS}/ira_constraints/ACH/true") == {"IsRetirementAccount": False}
        told = investor.get("/accounts/6413/transfers/ira_constraints/ACH/false")
        assert told["DistributionConstraints"]["ValidDistributionReasons"]["NORMAL"]["WithholdingEnabled"]
        told = investor.get("/accounts/6413/transfers/ira_constraints/Wire/true")
        assert told["ContributionConstraints"]["ValidContributions"][0]["Reason"] == "REGULAR"

    def test_there_are_four_mechanisms(self, investor: Client):
        assert investor.send("GET", f"{TRANSFERS}/ira_constraints/Gold/true").status_code == 400
