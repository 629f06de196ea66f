"""ACH relationships: list, link, rename, confirm, choose and close."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import AfterValidator, Field

from sandbox.api.access import AccountHere
from sandbox.api.answers import answer
from sandbox.api.bodies import Amount, Resource, read_body
from sandbox.api.errors import ApiError, unexpected
from sandbox.api.listing import sieve
from sandbox.api.members import BANK_LINK
from sandbox.api.numbers import Int32
from sandbox.api.paging import Page
from sandbox.api.shapes import money as shapes
from sandbox.dependencies import WorldHere
from sandbox.money import links
from sandbox.money.links import BankAccount, LinkRefused, is_routing_number

router = APIRouter(prefix="/v1.0/accounts/{account_id}/ach-relationships")

LinkStatus = Literal["Pending", "Approved", "Canceled", "Error", "PendingCancel", "PendingApproval"]


def _checked(text: str) -> str:
    if not is_routing_number(text):
        raise ValueError("The routing number does not check.")
    return text


def _filled(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("The text is empty or cannot be printed.")
    return text.strip()


RoutingNumber = Annotated[str, AfterValidator(_checked)]
Text = Annotated[str, Field(max_length=200), AfterValidator(_filled)]


class NewLink(Resource):
    routing_number: RoutingNumber
    account_number: Annotated[str, Field(pattern=r"^[0-9]{10,17}$")]
    account_owner_name: Text
    name: Text
    approval_method: Literal["Manual", "Instant"] = "Manual"
    bank_account_type: Literal["Checking", "Savings"] = "Checking"

    def as_bank_account(self) -> BankAccount:
        return BankAccount(
            self.name, self.account_owner_name, self.routing_number, self.account_number, self.bank_account_type,
            self.approval_method,
        )  # fmt: skip


class NewPlaidLinks(Resource):
    """`account_id` is a text here."""

    accounts: Annotated[list[Text], Field(min_length=1, max_length=20)]
    bank_name: Text
    public_token: Text
    account_id: str | None = None


class Renamed(Resource):
    name: Text


class SmallAmounts(Resource):
    """The third one is in the contract only, and nobody says what for."""

    amount1: Amount = Field(alias="Amount1")
    amount2: Amount = Field(alias="Amount2")


@contextmanager
def _conflicts_told() -> Iterator[None]:
    try:
        yield
    except LinkRefused:
        raise ApiError(409) from None


@router.get("")
async def list_links(
    request: Request,
    world: WorldHere,
    account: AccountHere,
    pageSize: Int32,
    pageNumber: Int32,
    sortBy: str,
    isDesc: bool,
    status: LinkStatus | None = None,
) -> Response:
    rows = [shapes.bank_link(row) for row in links.links_of(world.market, account["id"])]
    rows = [row for row in rows if status in (None, row["Status"])]
    rows = sieve(rows, "", members=BANK_LINK, sort=sortBy, desc=isDesc)
    page = Page.read(pageNumber, pageSize)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


@router.post("")
async def create(request: Request, world: WorldHere, account: AccountHere) -> Response:
    asked = await read_body(request, NewLink)
    with _conflicts_told():
        return answer(shapes.bank_link(links.create_link(world.market, account["id"], asked.as_bank_account())))


@router.post("/plaid")
async def create_with_plaid(request: Request, world: WorldHere, account: AccountHere) -> Response:
    asked = await read_body(request, NewPlaidLinks)
    if asked.account_id is not None and asked.account_id != str(account["id"]):
        raise ApiError(409)
    with _conflicts_told():
        created = links.create_plaid_links(
            world.market, account["id"], bank_name=asked.bank_name, public_token=asked.public_token,
            accounts=asked.accounts,
        )  # fmt: skip
    return answer([shapes.bank_link(row) for row in created])


@router.get("/default")
async def get_default(world: WorldHere, account: AccountHere) -> Response:
    row = links.default_link(world.market, account["id"])
    if row is None:
        raise unexpected()
    return answer(shapes.bank_link(row))


@router.get("/{link_id}")
async def get_link(world: WorldHere, account: AccountHere, link_id: UUID) -> Response:
    row = links.find_link(world.market, account["id"], str(link_id))
    if row is None:
        raise unexpected()
    return answer(shapes.bank_link(row))


@router.put("/{link_id}")
async def rename(request: Request, world: WorldHere, account: AccountHere, link_id: UUID) -> Response:
    asked = await read_body(request, Renamed)
    with _conflicts_told():
        return answer(shapes.bank_link(links.rename_link(world.market, account["id"], str(link_id), asked.name)))


@router.delete("/{link_id}")
async def close(world: WorldHere, account: AccountHere, link_id: UUID, reason: str) -> Response:
    """200 with the link, not 204."""
    with _conflicts_told():
        return answer(shapes.bank_link(links.cancel_link(world.market, account["id"], str(link_id), reason)))


@router.post("/{link_id}/approve")
async def approve(request: Request, world: WorldHere, account: AccountHere, link_id: UUID) -> Response:
    asked = await read_body(request, SmallAmounts)
    with _conflicts_told():
        approved = links.approve_link(world.market, account["id"], str(link_id), (asked.amount1, asked.amount2))
    return answer(shapes.bank_link(approved))


@router.post("/{link_id}/default")
async def choose_default(world: WorldHere, account: AccountHere, link_id: UUID) -> Response:
    with _conflicts_told():
        links.choose_default(world.market, account["id"], str(link_id))
    return Response(status_code=204)
