"""client.ach: links to bank accounts. Source: API.md 5.14.

Real accounts only, two links at most. Changes are sent once; a link that is there already, or in no state for it,
raises Conflict.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from .enums import AchStatus
from .models import BankLink, BankLinkDraft, PlaidLinkDraft
from .paging import STYLE_B
from .transport import Transport

LINKS = "/accounts/{account_id}/ach-relationships"
LINK = "/accounts/{account_id}/ach-relationships/{id}"


class Ach:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, account_id: int, *, status: AchStatus | None = None) -> Iterator[BankLink]:
        """Bank links, oldest first, page by page. GET /accounts/{account_id}/ach-relationships"""
        return self._transport.read_pages(
            LINKS, BankLink.from_wire, STYLE_B, sort="CreatedAt", query={"status": status}, account_id=account_id
        )

    def get(self, account_id: int, link_id: str) -> BankLink:
        """GET /accounts/{account_id}/ach-relationships/{id}"""
        return self._transport.read(LINK, BankLink.from_wire, account_id=account_id, id=link_id)

    def default(self, account_id: int) -> BankLink:
        """The one that is offered first. GET /accounts/{account_id}/ach-relationships/default"""
        return self._transport.read(LINKS + "/default", BankLink.from_wire, account_id=account_id)

    def link(self, account_id: int, draft: BankLinkDraft) -> BankLink:
        """POST /accounts/{account_id}/ach-relationships. Raises Conflict, Invalid."""
        return self._transport.write_row(
            "POST", LINKS, BankLink.from_wire, body=draft.to_wire(), account_id=account_id
        )

    def link_plaid(self, account_id: int, draft: PlaidLinkDraft) -> Sequence[BankLink]:
        """One link for each account. POST /accounts/{account_id}/ach-relationships/plaid. Raises Conflict, Invalid."""
        return self._transport.write_rows(
            "POST", LINKS + "/plaid", BankLink.from_wire, body=draft.to_wire(account_id), account_id=account_id
        )

    def rename(self, account_id: int, link_id: str, name: str) -> BankLink:
        """PUT /accounts/{account_id}/ach-relationships/{id}"""
        return self._transport.write_row(
            "PUT", LINK, BankLink.from_wire, body={"Name": name}, account_id=account_id, id=link_id
        )

    def approve(self, account_id: int, link_id: str, amounts: tuple[Decimal, Decimal]) -> BankLink:
        """Name the two micro-deposits, USD, in any order.

        POST /accounts/{account_id}/ach-relationships/{id}/approve
        """
        return self._transport.write_row(
            "POST",
            LINK + "/approve",
            BankLink.from_wire,
            body={"Amount1": amounts[0], "Amount2": amounts[1]},
            account_id=account_id,
            id=link_id,
        )

    def make_default(self, account_id: int, link_id: str) -> None:
        """POST /accounts/{account_id}/ach-relationships/{id}/default -> 204"""
        self._transport.write("POST", LINK + "/default", account_id=account_id, id=link_id)

    def close(self, account_id: int, link_id: str, *, reason: str) -> BankLink:
        """DELETE /accounts/{account_id}/ach-relationships/{id}; the link comes back, Canceled."""
        return self._transport.write_row(
            "DELETE", LINK, BankLink.from_wire, query={"reason": reason}, account_id=account_id, id=link_id
        )
