"""Transactions, bank links and transfers."""

from collections.abc import Callable
from typing import Any

from tests.conformance.cast import ACCOUNT, Cast
from tests.conformance.examples.accounts import BOTH
from tests.conformance.examples.example import NO_BODY, Example, Maker, after_some_trading, of_account, plain

LINKS = f"/accounts/{ACCOUNT}/ach-relationships"
TRANSFERS = f"/accounts/{ACCOUNT}/transfers"
PAGE_B = {"pageSize": 20, "pageNumber": 0, "sortBy": "Id", "isDesc": "true"}
LINK = {
    "RoutingNumber": "021000021", "AccountNumber": "1234567890", "AccountOwnerName": "Dana Reyes", "Name": "Checking",
    "ApprovalMethod": "Manual", "BankAccountType": "Checking",
}  # fmt: skip
PLAID = {
    "Accounts": ["plaid-account"], "BankName": "First Sandbox Bank", "PublicToken": "public-sandbox-token",
    "AccountId": str(ACCOUNT),
}  # fmt: skip
WIRE = {
    "IsDomesticWire": True, "BankName": "First Sandbox Bank", "RoutingNumber": "021000021", "Name": "Dana Reyes",
    "AccountNumber": "1234567890", "Amount": 200, "CloseAccount": False, "ForFurtherCredit": False,
}  # fmt: skip


def _all_links(cast: Cast) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = cast.send("GET", LINKS, **PAGE_B)["Result"]
    return [link for link in links if link["Status"] not in ("Canceled", "Error")]


def _pending_link(cast: Cast) -> str:
    """A link that waits for its micro-deposits; an account has two links at most."""
    links = _all_links(cast)
    for link in links:
        if link["Status"] in ("Pending", "PendingApproval"):
            return str(link["Id"])
    if len(links) >= 2:
        cast.send("DELETE", f"{LINKS}/{links[-1]['Id']}", reason="room for another")
    return str(cast.send("POST", LINKS, LINK)["Id"])


def _approved_link(cast: Cast) -> str:
    for link in _all_links(cast):
        if link["Status"] == "Approved":
            return str(link["Id"])
    return str(cast.send("POST", f"{LINKS}/plaid", PLAID)[0]["Id"])


def _room_for_a_link(cast: Cast) -> None:
    for link in _all_links(cast):
        cast.send("DELETE", f"{LINKS}/{link['Id']}", reason="room for another")


def _of_link(find: Callable[[Cast], str], *, body: Any = NO_BODY, **query: Any) -> Maker:
    return lambda cast: Example({"accountId": ACCOUNT, "id": find(cast)}, query, body=body)


def _new_link(body: dict[str, Any]) -> Maker:
    def make(cast: Cast) -> Example:
        _room_for_a_link(cast)
        return Example({"accountId": ACCOUNT}, body=body)

    return make


def _approve(cast: Cast) -> Example:
    link_id = _pending_link(cast)
    links = cast.box.control("GET", "money", account=ACCOUNT)["links"]
    first, second = next(map(float, link["small_amounts"]) for link in links if link["id"] == link_id)
    return Example({"accountId": ACCOUNT, "id": link_id}, body={"Amount1": first, "Amount2": second})


def _deposit(cast: Cast) -> Example:
    body = {"AchRelationshipId": _approved_link(cast), "IsIncoming": True, "Amount": 250, "CloseAccount": False}
    return Example({"accountId": ACCOUNT}, body=body)


def _transfer(cast: Cast) -> str:
    return str(cast.send("POST", f"{TRANSFERS}/wire", WIRE)["Id"])


def _default_link(cast: Cast) -> Example:
    cast.send("POST", f"{LINKS}/{_approved_link(cast)}/default")
    return Example({"accountId": ACCOUNT})


EXAMPLES: dict[str, Maker] = {
    "GET /accounts/{accountId}/activity/allowed-types": of_account(),
    "GET /accounts/{accountId}/transactions/allowed-types": of_account(),
    "GET /accounts/{accountId}/activity": after_some_trading(
        of_account(pageSize=20, pageNumber=0, sortBy="Date", isAsc="true")
    ),
    "GET /accounts/{accountId}/activity/report": of_account(sortBy="Date", isAsc="true", reportEnum="CsvReport"),
    "GET /accounts/{accountId}/transactions": after_some_trading(of_account(**PAGE_B)),
    "GET /accounts/{accountId}/transaction/report": of_account(sortBy="Id", isDesc="true", reportEnum="CsvReport"),
    "POST /transactions/consolidated": after_some_trading(plain(body=BOTH | {"SortField": "Date"})),
    "GET /accounts/{accountId}/ach-relationships": of_account(**PAGE_B),
    "POST /accounts/{accountId}/ach-relationships": _new_link(LINK),
    "POST /accounts/{accountId}/ach-relationships/plaid": _new_link(PLAID),
    "GET /accounts/{accountId}/ach-relationships/default": _default_link,
    "GET /accounts/{accountId}/ach-relationships/{id}": _of_link(_approved_link),
    "PUT /accounts/{accountId}/ach-relationships/{id}": _of_link(_approved_link, body={"Name": "Household"}),
    "DELETE /accounts/{accountId}/ach-relationships/{id}": _of_link(_pending_link, reason="moved"),
    "POST /accounts/{accountId}/ach-relationships/{id}/approve": _approve,
    "POST /accounts/{accountId}/ach-relationships/{id}/default": _of_link(_approved_link),
    "GET /accounts/{accountId}/transfers": of_account(**PAGE_B),
    "POST /accounts/{accountId}/transfers/ach": _deposit,
    "POST /accounts/{accountId}/transfers/wire": of_account(body=WIRE),
    "POST /accounts/{accountId}/transfers/check": of_account(
        body={"Memos": ["Rent"], "DeliveryMethod": "STANDARD", "Amount": 100, "CloseAccount": False}
    ),
    "POST /accounts/{accountId}/transfers/zelle": of_account(
        body={"Name": "Dana Reyes", "Email": "dana@demo.test", "Amount": 50, "CloseAccount": False}
    ),
    "DELETE /accounts/{accountId}/transfers/{transferId}": lambda cast: Example(
        {"accountId": ACCOUNT, "transferId": _transfer(cast)}, {"comment": "not needed"}
    ),
    "GET /accounts/{accountId}/transfers/{id}/fees": lambda cast: Example(
        {"accountId": ACCOUNT, "id": _transfer(cast)}
    ),
    "GET /accounts/{accountId}/transfers/ira_constraints/{mechanism}/{isDeposit}": of_account(
        path={"mechanism": "ACH", "isDeposit": "true"}
    ),
}
