"""Bank links: two per account, approved in one way or another, and one of them the default."""

from typing import Any

import pytest

from tests.sandbox.actors import Box, Client, log_in

LINKS = "/accounts/6412/ach-relationships"
PAGE = {"pageSize": 9, "pageNumber": 0, "sortBy": "CreatedAt", "isDesc": "false"}


def new(**changes: Any) -> dict[str, Any]:
    return {
        "RoutingNumber": "021000021", "AccountNumber": "1234567890", "AccountOwnerName": "Dana Reyes",
        "Name": "Household", "ApprovalMethod": "Manual", "BankAccountType": "Checking",
    } | changes  # fmt: skip


def create(client: Client, *, status: int = 200, **changes: Any) -> Any:
    answer = client.send("POST", LINKS, json=new(**changes))
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def plaid(client: Client, *accounts: str, status: int = 200, **changes: Any) -> Any:
    body = {"Accounts": accounts, "BankName": "First Bank", "PublicToken": "token", "AccountId": "6412"} | changes
    answer = client.send("POST", f"{LINKS}/plaid", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def approve(client: Client, link: dict[str, Any], *amounts: Any) -> int:
    body = {"Amount1": amounts[0], "Amount2": amounts[1]}
    return client.send("POST", f"{LINKS}/{link['Id']}/approve", json=body).status_code


def small_amounts(box: Box) -> list[float]:
    return [float(amount) for amount in box.control("GET", "money", account=6412)["links"][0]["small_amounts"]]


def status(client: Client, link: dict[str, Any]) -> Any:
    return client.get(f"{LINKS}/{link['Id']}")["Status"]


class TestApproval:
    def test_small_amounts_confirm_a_link_in_any_order(self, investor: Client, box: Box):
        link = create(investor)
        assert link["Status"] == "Pending"
        first, second = small_amounts(box)
        assert approve(investor, link, second, first) == 200
        assert status(investor, link) == "Approved"
        assert approve(investor, link, first, second) == 409

    def test_three_wrong_tries_end_it(self, investor: Client, box: Box):
        link = create(investor)
        assert [approve(investor, link, 1, 2) for _ in range(3)] == [409] * 3
        assert status(investor, link) == "Error"
        assert approve(investor, link, *small_amounts(box)) == 409

    def test_an_own_name_is_approved_at_once_another_one_is_looked_at(self, investor: Client, box: Box):
        assert create(investor, ApprovalMethod="Instant")["Status"] == "Approved"
        other = create(investor, ApprovalMethod="Instant", AccountOwnerName="Sam Okafor")
        assert other["Status"] == "PendingApproval"
        box.control("POST", "money", {"link": other["Id"], "status": "Approved"})
        assert status(investor, other) == "Approved"

    def test_plaid_links_are_approved(self, investor: Client):
        made = plaid(investor, "checking", "savings")
        assert [link["Status"] for link in made] == ["Approved", "Approved"]
        assert made[0]["AccountNumber"] != made[1]["AccountNumber"]


class TestLinks:
    def test_one_shows_the_end_of_its_number(self, investor: Client):
        link = create(investor)
        assert link["DisplayAccountNumber"].endswith("7890")
        assert "1234567890" not in link["DisplayAccountNumber"]
        assert investor.get(f"{LINKS}/{link['Id']}") == link

    def test_there_are_two_at_most(self, investor: Client):
        first = create(investor)
        plaid(investor, "one", "two", status=409)
        create(investor)
        create(investor, status=409)
        investor.send("DELETE", f"{LINKS}/{first['Id']}?reason=moved")
        create(investor)

    def test_a_closed_one_keeps_its_reason(self, investor: Client):
        link = create(investor)
        closed = investor.send("DELETE", f"{LINKS}/{link['Id']}", params={"reason": "moved"}).json()
        assert (closed["Status"], closed["CancelReason"]) == ("Canceled", "moved")
        assert investor.send("DELETE", f"{LINKS}/{link['Id']}", params={"reason": "again"}).status_code == 409

    def test_it_can_be_renamed(self, investor: Client):
        link = create(investor)
        assert investor.send("PUT", f"{LINKS}/{link['Id']}", json={"Name": "Rent"}).json()["Name"] == "Rent"

    def test_the_list_can_be_narrowed_to_a_status(self, investor: Client):
        create(investor)
        plaid(investor, "one")
        page = investor.get(LINKS, **PAGE, status="Approved")
        assert (page["TotalCount"], page["Result"][0]["Name"]) == (1, "First Bank")

    def test_the_first_approved_one_is_the_default_until_another_is_chosen(self, investor: Client):
        assert investor.send("GET", f"{LINKS}/default").status_code == 500
        first, second = plaid(investor, "one", "two")
        assert investor.get(f"{LINKS}/default")["Id"] == first["Id"]
        assert investor.send("POST", f"{LINKS}/{second['Id']}/default").status_code == 204
        assert investor.get(f"{LINKS}/default")["Id"] == second["Id"]
        investor.send("DELETE", f"{LINKS}/{second['Id']}?reason=moved")
        assert investor.get(f"{LINKS}/default")["Id"] == first["Id"]

    def test_a_pending_one_cannot_be_the_default(self, investor: Client):
        assert investor.send("POST", f"{LINKS}/{create(investor)['Id']}/default").status_code == 409

    def test_ids_and_amounts_come_from_the_seed(self, investor: Client, box: Box):
        made = [(create(investor)["Id"], small_amounts(box))]
        box.control("POST", "reset", {"seed": 1})
        made.append((create(log_in(box, "investor@demo.test"))["Id"], small_amounts(box)))
        assert made[0] == made[1]


class TestRefusals:
    @pytest.mark.parametrize(
        "change",
        [
            {"RoutingNumber": "021000022"}, {"RoutingNumber": "12"}, {"AccountNumber": "123456789"}, {"Name": " "},
            {"AccountNumber": "12345678ab"}, {"ApprovalMethod": "Later"}, {"AccountOwnerName": None},
        ],
    )  # fmt: skip
    def test_what_is_no_bank_account_is_not_linked(self, investor: Client, change: dict[str, Any]):
        create(investor, status=422, **change)

    def test_plaid_is_told_the_same_account(self, investor: Client):
        plaid(investor, "one", status=409, AccountId="6420")
        plaid(investor, status=422)

    def test_an_unknown_id_is_an_unexpected_error_and_no_id_an_invalid_request(self, investor: Client):
        assert investor.send("GET", f"{LINKS}/00000000-0000-0000-0000-000000000000").status_code == 500
        assert investor.send("GET", f"{LINKS}/12").status_code == 400

    def test_closing_needs_a_reason(self, investor: Client):
        assert investor.send("DELETE", f"{LINKS}/{create(investor)['Id']}").status_code == 404

    def test_somebody_elses_are_not_shown(self, trader: Client):
        assert trader.send("GET", LINKS, params=PAGE).status_code == 401
