"""Joining: registration, accounts on paper and with a clearing firm, the development sign-up."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.actors import HARBOR, NORTHWIND, Box, Client, log_in

E3 = {"Message": "Authorization has been denied for this request."}
E4 = {"message": "An error occurred while processing your request", "error": "Unexpected server error"}


def form(**changes: Any) -> dict[str, Any]:
    units = {
        "Credentials": {"Login": "kim.lund", "Email": "kim@demo.test", "Password": "a long harbor"},
        "Name": {"FirstName": "Kim", "LastName": "Lund", "Suffix": "Jr"},
        "Address": {"AddressFirst": "12 Pier Road"},
        "City": {"CityName": "Duluth"},
        "Location": {"Country": "UnitedStates", "State": "MN"},
        "PostalCode": {"Code": "55802"},
        "PrimaryPhone": {"PhoneNumber": "+1 218 555 0142"},
        "SecretQuestion": {"Id": 3, "Answer": "Biscuit"},
    }
    return {name: {**unit, **changes.get(name, {})} for name, unit in units.items()}


def register(box: Box, body: Any, origin: str = "localhost", **more: Any) -> requests.Response:
    headers = {"Et-App-Key": HARBOR.key, "Origin": origin}
    return requests.post(f"{box.url}/api/v1.0/registration/", json=body, headers=headers, timeout=5, **more)


class TestRegistration:
    def test_the_schema_tells_what_to_ask(self, box: Box):
        answer = requests.get(
            f"{box.url}/api/v1.0/registration/schema", headers={"Et-App-Key": HARBOR.key}, timeout=5
        ).json()
        units = {unit["UnitName"]: {field["FieldName"]: field for field in unit["Fields"]} for unit in answer}
        assert [name for name, field in units["Credentials"].items() if field["Required"]] == [
            "Login", "Email", "Password",
        ]  # fmt: skip
        assert units["Name"]["Suffix"]["Options"][1] == "Jr"
        assert "MN" in units["Location"]["State"]["Options"]
        assert "3" in units["SecretQuestion"]["Id"]["OptionsWithId"]

    def test_it_makes_a_user_who_signs_in_and_signs(self, box: Box):
        answer = register(box, form())
        assert answer.status_code == 200
        assert (answer.json()["Login"], answer.json()["Suffix"]) == ("kim.lund", "Jr")
        client = sign_in(box, "kim@demo.test", "a long harbor")
        assert client.get("/users/@me/addresses")["State"] == 23
        assert [agreement["Type"] for agreement in client.get("/users/@me/agreements")] == ["PlatformAgreement"]
        assert client.get("/users/@me/accounts") == []

    def test_it_mails_a_link_that_confirms_the_address(self, box: Box):
        register(box, form())
        mail = box.control("GET", "mail", to="kim@demo.test")[0]
        link = "/confirm/" + mail["text"].rpartition("/")[2]
        assert mail["type"] == "Activation"
        assert "confirmed" in requests.get(box.url + link, timeout=5).text
        assert requests.get(box.url + link, timeout=5).status_code == 404

    @pytest.mark.parametrize("origin", ["http://localhost:8000", "localhost:8000", "https://localhost"])
    def test_the_host_may_come_as_an_origin(self, box: Box, origin: str):
        assert register(box, form(), origin).status_code == 200

    @pytest.mark.parametrize("origin", ["", "evil.test", "http://northwind.localhost:8000", "http://[::1"])
    def test_another_host_is_refused(self, box: Box, origin: str):
        answer = register(box, form(), origin)
        assert (answer.status_code, answer.json()["Reason"]) == (409, "PolicyFail")

    @pytest.mark.parametrize(
        ("changes", "reason", "error"),
        [
            ({"Credentials": {"Email": ""}}, "SchemaValidationFail", "Email was not set."),
            ({"Credentials": {"Email": "kim"}}, "SchemaValidationFail", "Email is not valid."),
            ({"Name": {"Suffix": "Duke"}}, "SchemaValidationFail", "Suffix is not one of the options."),
            ({"SecretQuestion": {"Id": "3"}}, "SchemaValidationFail", "Id is not one of the options."),
            ({"City": {"CityName": ["Duluth"]}}, "SchemaValidationFail", "CityName is not valid."),
            ({"Credentials": {"Login": "dana.reyes"}}, "UserManagerRules", "Login is already used."),
            ({"Credentials": {"Email": "Trader@demo.test"}}, "UserManagerRules", "Email is already used."),
            ({"Credentials": {"Password": "short"}}, "PolicyFail", "Password has to have 8 to 128 characters."),
        ],
    )
    def test_it_says_what_is_wrong(self, box: Box, changes: dict[str, Any], reason: str, error: str):
        answer = register(box, form(**changes))
        assert answer.status_code == 409
        assert answer.json() == {"Errors": [error], "Reason": reason}

    @pytest.mark.parametrize("body", [[], {}, "text", {"Credentials": "me"}])
    def test_nonsense_is_a_form_without_answers(self, box: Box, body: Any):
        assert "Login was not set." in register(box, body).json()["Errors"]


def sign_in(box: Box, email: str, password: str) -> Client:
    headers = {"Et-App-Key": HARBOR.key, "Username": email, "Password": password}
    return Client(box, requests.post(f"{box.url}/api/token", headers=headers, timeout=5).json()["Token"])


@pytest.fixture
def newcomer(box: Box) -> Client:
    """Sam, who has no account yet."""
    return log_in(box, "newcomer@demo.test")


@pytest.fixture
def administrator(box: Box) -> Client:
    return log_in(box, "admin@demo.test")


def ask(client: Client, **more: Any) -> requests.Response:
    return client.send("POST", "/user/@me/account-requests/open", json={"FormType": "Direct", **more})


class TestPaperAccounts:
    def test_one_is_there_at_once(self, newcomer: Client):
        asked = ask(newcomer, AccountProvider="PaperTrading").json()
        assert (asked["Status"], asked["RequestType"], asked["UserId"]) == ("New", "Open", "7312")
        account = newcomer.get("/users/@me/accounts")[0]
        assert (account["AccessType"], account["ClearingFirm"]) == ("Owner", "PaperTrading")
        newcomer.account = account["Id"]
        assert newcomer.balances()["cash"] == 100_000
        assert newcomer.place("KO", "Buy", 1)["Status"] == "PendingNew"

    def test_its_kind_and_cash_are_chosen(self, newcomer: Client, box: Box):
        wish = json.dumps({"marginType": "Cash", "cash": 2500})
        asked = ask(newcomer, AccountProvider="PaperTrading", FormDataReference=wish).json()
        account = newcomer.get("/users/@me/accounts")[0]
        assert account["MarginType"] == "Cash"
        assert newcomer.get(f"/accounts/{account['Id']}/info")["cash"] == 2500
        details = newcomer.get(f"/accounts/{account['Id']}/details")
        assert (details["Id"], json.loads(details["FormDataReference"])) == (asked["Id"], json.loads(wish))
        box.settings(paper_cash="500")
        ask(newcomer, AccountProvider="PaperTrading")
        assert newcomer.get("/users/@me/balance-info")["cash"] == 3000

    @pytest.mark.parametrize("wish", [{"marginType": "Lots"}, {"cash": -1}, {"cash": "NaN"}, {"cash": 10**12}])
    def test_a_wish_has_to_make_sense(self, newcomer: Client, wish: dict[str, Any]):
        answer = ask(newcomer, AccountProvider="PaperTrading", FormDataReference=json.dumps(wish))
        assert answer.json()["ModelState"] == {"resource.FormDataReference": ["An error has occurred."]}
        assert newcomer.get("/users/@me/accounts") == []

    def test_a_missing_member_is_an_unexpected_error(self, newcomer: Client):
        answer = newcomer.send("POST", "/user/@me/account-requests/open", json={"FormType": "Direct"})
        assert (answer.status_code, answer.json()) == (500, E4)
        assert ask(newcomer, AccountProvider="Bank").status_code == 422


class TestClearingFirms:
    @pytest.fixture
    def asked(self, newcomer: Client) -> str:
        request = ask(newcomer, AccountProvider="Velox", FormDataReference="form-77").json()
        assert newcomer.get("/users/@me/accounts") == []
        return str(request["Id"])

    def step(self, client: Client, asked: str, step: str, **body: Any) -> int:
        return client.send("PUT", f"/account-requests/{asked}/{step}", json=body).status_code

    def test_it_goes_from_the_user_by_the_administrator_to_clearing(
        self, newcomer: Client, administrator: Client, box: Box, asked: str
    ):
        assert self.step(newcomer, asked, "submit", FormDataReference="form-78") == 204
        assert self.step(administrator, asked, "approve", Comment="Welcome") == 204
        account = newcomer.get("/users/@me/accounts")[0]["Id"]
        assert newcomer.get(f"/accounts/{account}")[0]["Status"] == "SentToClearing"
        newcomer.account = account
        assert newcomer.place("KO", "Buy", 1)["Description"] == "AccountIsNotApproved"
        box.control("POST", "account-requests", {"id": asked, "by": "clearing", "decision": "approve"})
        assert newcomer.get(f"/accounts/{account}")[0]["Status"] == "Approved"
        known = newcomer.get("/user/@me/account-requests")[0]
        assert (known["Status"], known["AccountNumber"], known["FormDataReference"]) == (
            "ApprovedByClearing", str(account), "form-78",
        )  # fmt: skip
        page = newcomer.get(f"/account-requests/{asked}/versions", pageNumber=0, pageSize=9)
        assert [version["Status"] for version in page["Result"]] == [
            "New", "Submitted", "Approved", "ApprovedByClearing",
        ]  # fmt: skip
        mails = [mail["type"] for mail in box.control("GET", "mail", to="newcomer@demo.test")]
        assert mails == ["SubmittedAccountRequestApprovedByClearing", "SubmittedAccountRequest"]

    def test_clearing_may_decline(self, newcomer: Client, administrator: Client, box: Box, asked: str):
        self.step(newcomer, asked, "submit")
        self.step(administrator, asked, "approve")
        decision = {"id": asked, "by": "clearing", "decision": "reject", "comment": "Name does not match"}
        assert box.control("POST", "account-requests", decision)["status"] == "RejectedByClearing"
        account = newcomer.get("/users/@me/accounts")[0]["Id"]
        assert newcomer.get(f"/accounts/{account}")[0]["Status"] == "Rejected"

    def test_clearing_can_be_skipped(self, newcomer: Client, administrator: Client, asked: str):
        self.step(newcomer, asked, "submit")
        assert self.step(administrator, asked, "approve", SyncProcessing=True) == 204
        assert newcomer.get(f"/account-requests/{asked}")["Status"] == "ApprovedByClearing"

    def test_what_cannot_follow_is_a_conflict(self, newcomer: Client, administrator: Client, box: Box, asked: str):
        assert self.step(administrator, asked, "approve") == 409
        assert self.step(newcomer, asked, "cancel", Reason="Later") == 204
        for step in ("submit", "cancel"):
            assert self.step(newcomer, asked, step) == 409
        box.control(
            "POST", "account-requests", {"id": asked, "by": "administrator", "decision": "approve"}, status=400
        )

    def test_only_an_administrator_decides_and_nobody_meddles(
        self, newcomer: Client, investor: Client, administrator: Client, asked: str
    ):
        self.step(newcomer, asked, "submit")
        for step in ("approve", "reject"):
            assert self.step(newcomer, asked, step) == 401
        assert investor.send("GET", f"/account-requests/{asked}").json() == E3
        assert investor.send("GET", "/account-requests/nothing").json() == E4
        assert investor.send("GET", "/account-requests?pageNumber=0&pageSize=9").json() == E3
        page = administrator.get("/account-requests", pageNumber=0, pageSize=9, filter="Status = 'Submitted'")
        assert [request["Id"] for request in page["Result"]] == [asked]
        assert self.step(administrator, asked, "reject", Reason="No") == 204


PERSON = {
    "corr": "DEMO", "office": "001", "acct_no": "", "acct_type": "C", "acct_name": "Kim Lund", "designator": "C",
    "ssn": "900-12-3456", "ssn_type": "S", "contactf": "Kim", "contactl": "Lund", "email": "kim@demo.test",
    "dob": "04/30/1990", "city": "Duluth", "st_cd": "MN", "zip": "55802", "country": "US", "optn_level": "1",
    "currency": "USD", "annual_inc": 90000,
}  # fmt: skip


class TestSignUpRoute:
    def call(self, box: Box, route: str, content: Any) -> requests.Response:
        envelope = {"route": route, "content": content}
        return requests.post(f"{box.url}/v1/userregistrationroute/", json=envelope, timeout=5)

    def trader(self, **changes: str) -> dict[str, Any]:
        credentials = {"login": "kim.lund", "email": "kim@demo.test", "password": "a long harbor"} | changes
        name = {"firstName": "Kim", "lastName": "Lund", "middleName": "", "suffix": "NoSuffix"}
        return {"credentials": credentials, "name": name, "brokerUsername": "harbor"}

    def test_two_calls_make_a_user_and_an_account(self, box: Box):
        made = self.call(box, "ETNA", self.trader())
        assert (made.status_code, made.json()["content"]["Login"]) == (200, "kim.lund")
        client = sign_in(box, "kim@demo.test", "a long harbor")
        assert client.get("/users/@me/accounts") == []
        number = self.call(box, "RQD", PERSON).json()["content"]["acct_no"]
        account = client.get("/users/@me/accounts")[0]
        assert (account["ClearingAccount"], account["ClearingFirm"], account["MarginType"]) == (number, "RQD", "Cash")
        assert client.get(f"/accounts/{number}/details")["AccountProvider"] == "None"
        assert client.get(f"/accounts/{number}")[0]["SSN"] == "***-**-3456"

    def test_the_second_call_can_be_repeated_and_the_first_is_taken(self, box: Box):
        self.call(box, "ETNA", self.trader())
        numbers = {self.call(box, "RQD", PERSON).json()["content"]["acct_no"] for _ in range(2)}
        assert len(numbers) == 1
        assert self.call(box, "RQD", PERSON | {"ssn": "900129999"}).status_code == 409
        assert self.call(box, "ETNA", self.trader()).json()["Reason"] == "UserManagerRules"

    def test_they_do_not_wait_for_each_other(self, box: Box):
        assert self.call(box, "RQD", PERSON).status_code == 409
        box.fault(method="POST", path="/v1/userregistrationroute/", action="status", status=503)
        assert self.call(box, "ETNA", self.trader()).status_code == 503
        assert self.call(box, "ETNA", self.trader()).status_code == 200

    @pytest.mark.parametrize(
        ("changes", "field"),
        [({"ssn": "12"}, "ssn"), ({"dob": "1990-04-30"}, "dob"), ({"acct_type": "Z"}, "acct_type"),
         ({"city": ""}, "city"), ({"acct_no": "5"}, "acct_no"), ({"net_worth": "lots"}, "net_worth")],
    )  # fmt: skip
    def test_it_names_the_key_that_is_wrong(self, box: Box, changes: dict[str, str], field: str):
        answer = self.call(box, "RQD", PERSON | changes)
        assert (answer.status_code, list(answer.json()["ModelState"])) == (422, [f"content.{field}"])

    @pytest.mark.parametrize("envelope", [[], {}, {"route": "ETNA"}, {"route": "X", "content": {}}])
    def test_it_needs_an_envelope(self, box: Box, envelope: Any):
        answer = requests.post(f"{box.url}/v1/userregistrationroute/", json=envelope, timeout=5)
        assert answer.status_code == 422

    def test_what_is_said_about_a_person_is_kept_from_view(self, box: Box):
        self.call(box, "ETNA", self.trader())
        self.call(box, "RQD", PERSON)
        seen = [box.control("GET", name) for name in ("requests", "users", "mail", "ledger", "account-requests")]
        shown = json.dumps(seen) + requests.get(box.url + "/", timeout=5).text
        for secret in ("900-12-3456", "900123456", "04/30/1990", "a long harbor"):
            assert secret not in shown


class TestAdministration:
    def test_it_opens_changes_and_funds_accounts(self, administrator: Client, newcomer: Client):
        made = administrator.send("POST", "/accounts", json={"MarginType": "Margin", "UserId": 7312, "Cash": 10})
        assert made.status_code == 201
        account = made.json()["Id"]
        paid = administrator.send("POST", f"/accounts/{account}/deposit?depositValue=90.5").json()
        assert paid["Amount"] == 90.5
        assert administrator.send("POST", f"/accounts/{account}/withdrawal?withdrawalValue=0.5").status_code == 200
        assert administrator.send("POST", f"/accounts/{account}/withdrawal?withdrawalValue=101").status_code == 409
        assert newcomer.get(f"/accounts/{account}/info")["cash"] == 100
        changed = administrator.send("PUT", f"/accounts/{account}", json={"OptionLevel": 2, "Status": "Rejected"})
        assert (changed.json()["OptionLevel"], changed.json()["Status"]) == (2, "Rejected")
        assert administrator.send("POST", "/accounts", json={}).json() == E4

    def test_it_invites_users_and_changes_them(self, administrator: Client, box: Box):
        person = {"FirstName": "Kim", "LastName": "Lund", "EmailAddress": "kim@demo.test", "Login": "kim.lund"}
        made = administrator.send("POST", "/users?sendInvitationEmail=true", json=person).json()
        assert box.control("GET", "mail", to="kim@demo.test")[0]["type"] == "InvitationEmail"
        assert administrator.send("POST", "/users", json=person).status_code == 409
        changed = administrator.send(
            "PUT", f"/users/{made['Id']}", json={"Enabled": False, "PhoneNumber": "1", "Suffix": "Jr"}
        ).json()
        assert (changed["Enabled"], changed["PhoneNumber"], changed["Suffix"]) == (False, "1", "Jr")
        assert administrator.get(f"/users/{made['Id']}") == changed

    @pytest.mark.parametrize(
        ("method", "path"),
        [("POST", "/accounts"), ("PUT", "/accounts/6412"), ("POST", "/accounts/6412/deposit?depositValue=1"),
         ("POST", "/accounts/6412/withdrawal?withdrawalValue=1"), ("POST", "/users"), ("GET", "/users/@me"),
         ("PUT", "/users/@me")],
    )  # fmt: skip
    def test_nobody_else_may(self, investor: Client, method: str, path: str):
        answer = investor.send(method, path, json={"MarginType": "Cash"})
        assert (answer.status_code, answer.json()) == (401, E3)

    def test_a_broker_of_another_host_has_its_own_door(self, box: Box):
        headers = {"Et-App-Key": NORTHWIND.key, "Origin": "http://northwind.localhost:8000"}
        answer = requests.post(f"{box.url}/api/v1.0/registration", json=form(), headers=headers, timeout=5)
        assert answer.status_code == 200


class TestRestartAndReset:
    def test_half_of_everything_goes_on_after_a_restart_and_nothing_after_a_reset(self, tmp_path: Path):
        state = str(tmp_path / "sandbox.sqlite3")
        with Box("--state", state) as first:
            register(first, form())
            first.control("POST", "users", {"email": "kim@demo.test", "two_factor": True})
            interim = self.token(first).json()["Token"]
            sam = log_in(first, "newcomer@demo.test")
            asked = ask(sam, AccountProvider="Velox").json()
            outbox = first.control("GET", "mail")
        with Box("--state", state) as second:
            assert second.control("GET", "mail") == outbox
            code = outbox[0]["text"].split("is ")[1][:6]
            assert self.token(second, Authorization=f"Bearer {interim}", VerificationCode=code).status_code == 200
            sam.box = second
            assert sam.get("/user/@me/account-requests") == [asked]
            second.control("POST", "reset")
            assert [second.control("GET", name) for name in ("mail", "account-requests")] == [[], []]
            assert self.token(second).status_code == 401

    def token(self, box: Box, **headers: str) -> requests.Response:
        given = {"Et-App-Key": HARBOR.key, "Username": "kim.lund", "Password": "a long harbor", **headers}
        return requests.post(f"{box.url}/api/token", headers=given, timeout=5)

    def test_the_same_seed_gives_the_same_ids_and_codes(self, box: Box):
        def journey() -> Any:
            box.control("POST", "reset", {"seed": 7, "clock": {"mode": "frozen", "set": "2026-11-23T15:00:00Z"}})
            register(box, form())
            asked = ask(log_in(box, "newcomer@demo.test"), AccountProvider="PaperTrading").json()
            return [asked, box.control("GET", "mail"), box.control("GET", "users")]

        assert journey() == journey()
