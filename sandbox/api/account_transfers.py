"""Requests to bring an account from another broker: ask, submit, call off, list (API fact sheet A.4 and B.4).

The routes are known from prose; the body of the first one is built after the members of `AccountTransferResource` that
a client can know.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from sandbox.api.access import AccountHere, CallerHere, UserHere, account_of_caller
from sandbox.api.answers import answer
from sandbox.api.bodies import Amount, Comment, Resource, read_body
from sandbox.api.errors import ApiError, denied, model_invalid, unexpected
from sandbox.api.shapes import account_transfers as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.market import Market
from sandbox.exchange.money import number
from sandbox.money import account_transfers as transfers
from sandbox.money import contents
from sandbox.money.account_transfers import PARTIAL, StepNotPossible, Wish
from sandbox.money.contents import ContentsRefused, Piece
from sandbox.people.account_requests import PROVIDERS
from sandbox.people.bindings import access_of
from sandbox.world import World

router = APIRouter(prefix="/v1.0")

Positive = Annotated[Amount, Field(gt=0)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
MOST_LINES = 100


class CashLine(Resource):
    """`CREDIT` comes to the account, `DEBIT` is owed by it."""

    amount: Positive
    iso_currency_code: Literal["USD"] = "USD"
    type: Literal["DEBIT", "CREDIT"] = "CREDIT"

    def as_piece(self) -> Piece:
        """Raises ContentsRefused."""
        return contents.cash(self.amount, is_owed=self.type == "DEBIT")


class AssetLine(Resource):
    """Securities are known here by their symbols only."""

    asset_type: Literal["CUSIP", "SYMBOL", "ISIN", "CINS", "SEDOL", "CASH"]
    identifier: Text | None = None
    iso_currency_code: Literal["USD"] = "USD"
    amount: Positive
    is_short: bool = False

    def as_piece(self) -> Piece:
        """Raises ContentsRefused."""
        if self.asset_type == "CASH":
            return contents.cash(self.amount, is_owed=self.is_short)
        if self.asset_type != "SYMBOL" or self.identifier is None:
            raise ContentsRefused("Name the security by its SYMBOL.")
        return contents.shares(self.identifier, self.amount, is_short=self.is_short)


class OptionLine(Resource):
    """`symbol` is that of the underlying."""

    symbol: Text
    contract_date: datetime
    option_type: Literal["PUT", "CALL"]
    strike_price: Annotated[Positive, Field(lt=100_000)]
    is_short: bool = False
    amount: Positive

    def as_piece(self, market: Market) -> Piece:
        """Raises ContentsRefused."""
        return contents.option(
            market, self.symbol, self.contract_date.date(), self.option_type, self.strike_price, self.amount,
            is_short=self.is_short,
        )  # fmt: skip


class PartialProperties(Resource):
    cash: CashLine | None = None
    assets: Annotated[list[AssetLine], Field(max_length=MOST_LINES)] = Field(default_factory=list)
    options: Annotated[list[OptionLine], Field(max_length=MOST_LINES)] = Field(default_factory=list)

    def as_pieces(self, market: Market) -> list[Piece]:
        """Raises ContentsRefused."""
        return [
            *([self.cash.as_piece()] if self.cash else []),
            *(line.as_piece() for line in self.assets),
            *(line.as_piece(market) for line in self.options),
        ]

    def as_json(self) -> str:
        """In the vendor's spelling, as it will be told again."""
        cash = self.cash and {"amount": self.cash.amount, "isoCurrencyCode": "USD", "type": self.cash.type}
        assets = [
            {
                "assetType": line.asset_type, "identifier": line.identifier or "", "isoCurrencyCode": "USD",
                "amount": line.amount, "isShort": line.is_short,
            }
            for line in self.assets
        ]  # fmt: skip
        options = [
            {
                "symbol": line.symbol, "contractDate": f"{line.contract_date:%Y-%m-%dT00:00:00Z}",
                "optionType": line.option_type, "strikePrice": line.strike_price, "isShort": line.is_short,
                "amount": line.amount,
            }
            for line in self.options
        ]  # fmt: skip
        told = {"cash": cash, "assets": assets, "options": options}
        return json.dumps({name: value for name, value in told.items() if value}, default=number)


class NewTransfer(Resource):
    account_provider: str | None = None
    from_account: Text | None = None
    type: Literal["FULL_TRANSFER", "PARTIAL_TRANSFER_RECEIVER"] | None = None
    form_data_reference: Comment | None = None
    participant_image_url: Comment | None = Field(default=None, alias="ParticipantImageURL")
    partial_transfer_properties: PartialProperties | None = None


class Submission(Resource):
    form_data_reference: Comment | None = None
    comment: Comment | None = None
    sync_processing: bool = False


class Cancellation(Resource):
    comment: Comment | None = None


@router.post("/account-transfer-requests/{account_id}")
async def ask(request: Request, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    """A partial transfer says what is to come, a full one does not."""
    asked = await read_body(request, NewTransfer, param="resource")
    if asked.from_account is None or asked.type is None:
        raise unexpected()
    provider = asked.account_provider or account["clearing_firm"]
    if provider not in PROVIDERS:
        raise model_invalid("AccountProvider", param="resource")
    parts = asked.partial_transfer_properties
    if (parts is not None) != (asked.type == PARTIAL):
        raise model_invalid("PartialTransferProperties", f"Wanted with {PARTIAL} only.", param="resource")
    if account["status"] != "Approved" or not account["enabled"]:
        raise ApiError(409)
    try:
        pieces = parts.as_pieces(world.market) if parts else contents.whole_account(world.market, asked.from_account)
        contents.check_contents(account, pieces)
    except ContentsRefused as reason:
        raise model_invalid("PartialTransferProperties", str(reason), param="resource") from None
    wish = Wish(
        provider=provider, from_account=asked.from_account, type=asked.type, pieces=pieces,
        partial=parts.as_json() if parts else None, form_data=asked.form_data_reference,
        image_url=asked.participant_image_url,
    )  # fmt: skip
    row = transfers.ask_for_transfer(world.market, account["id"], _user(world, caller.user_id), wish)
    return answer(_drawn(world, row))


@router.get("/users/{user_id}/account-transfer-requests")
async def list_of_user(world: WorldHere, user: UserHere) -> Response:
    """Of all accounts that the user may see, oldest first."""
    world.catch_up()
    rows = world.state.rows(
        "SELECT * FROM account_transfer WHERE account_id IN"
        " (SELECT account_id FROM account_user WHERE user_id = ?) ORDER BY number",
        user["id"],
    )
    return answer([_drawn(world, row) for row in rows])


async def transfer_of(world: WorldHere, caller: CallerHere, request_id: UUID) -> sqlite3.Row:
    """The request of the path. One of a foreign account, or of one that may only be looked at, is E3, an unknown one
    E4."""
    world.catch_up()
    row = transfers.find_transfer(world.market, str(request_id))
    if row is None:
        raise unexpected()
    account = account_of_caller(world, caller, row["account_id"])
    if access_of(world.state, account["id"], caller.user_id) == "ReadOnly":
        raise denied()
    return row


TransferHere = Annotated[sqlite3.Row, Depends(transfer_of)]


@router.put("/account-transfer-requests/{request_id}/submit")
async def submit(request: Request, world: WorldHere, caller: CallerHere, transfer: TransferHere) -> Response:
    said = await read_body(request, Submission, param="resource")
    with _conflicts_told():
        transfers.submit_transfer(
            world.market, transfer, by=_user(world, caller.user_id)["login"], form_data=said.form_data_reference,
            comment=said.comment, at_once=said.sync_processing,
        )  # fmt: skip
    return Response(status_code=204)


@router.post("/account-transfer-requests/{request_id}/cancel")
async def cancel(request: Request, world: WorldHere, caller: CallerHere, transfer: TransferHere) -> Response:
    said = await read_body(request, Cancellation, param="resource")
    with _conflicts_told():
        login = _user(world, caller.user_id)["login"]
        transfers.cancel_transfer(world.market, transfer, by=login, comment=said.comment)
    return Response(status_code=204)


@contextmanager
def _conflicts_told() -> Iterator[None]:
    try:
        yield
    except StepNotPossible:
        raise ApiError(409) from None


def _user(world: World, user_id: int) -> sqlite3.Row:
    row = world.state.row("SELECT * FROM user WHERE id = ?", user_id)
    assert row is not None  # noqa: S101 - a foreign key promises it
    return row


def _drawn(world: World, row: sqlite3.Row) -> dict[str, Any]:
    history = transfers.history_of(world.market, row["id"])
    return shapes.account_transfer(row, _user(world, row["user_id"]), history)
