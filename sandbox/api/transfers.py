"""Transfers of money: list, send by four mechanisms, cancel, fees, and what retirement accounts may do."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import Response
from pydantic import Field
from pydantic.alias_generators import to_camel

from sandbox.api.access import AccountHere, CallerHere, account_of_caller
from sandbox.api.answers import answer
from sandbox.api.bodies import Amount, Resource, read_body
from sandbox.api.errors import ApiError, model_invalid
from sandbox.api.listing import sieve
from sandbox.api.members import TRANSFER
from sandbox.api.numbers import Int32
from sandbox.api.paging import Page
from sandbox.api.shapes import money as shapes
from sandbox.dependencies import WorldHere
from sandbox.exchange.money import ZERO, number
from sandbox.money import transfers
from sandbox.money.ira import Contribution, Distribution, is_past_tax_day, is_retirement
from sandbox.money.links import is_routing_number
from sandbox.money.transfers import CHECK_FEES, WIRE_FEES, Request, TransferRefused, find_transfer
from sandbox.oauth.tokens import Caller
from sandbox.world import World

router = APIRouter(prefix="/v1.0")
OF_ACCOUNT = "/accounts/{account_id}/transfers"

Mechanism = Literal["ACH", "Check", "Wire", "Zelle"]
Delivery = Literal["STANDARD", "OVERNIGHT", "SATURDAY", "OVERNIGHT_TO_BROKER", "PRINT_AT_FIRM"]
Money = Annotated[Amount, Field(gt=0, decimal_places=2)]
Text = Annotated[str, Field(max_length=1000)]


class IraContribution(Resource):
    type: Text
    contribution_year: Int32 | None = None

    def as_word(self) -> Contribution:
        return Contribution(self.type, self.contribution_year)


class IraDistribution(Resource):
    reason: Text
    federal_tax_type: Text | None = None
    state_tax_type: Text | None = None
    federal_tax_amount: Amount | None = None
    state_tax_amount: Amount | None = None
    has_state_withholding_waiver: bool = False

    def as_word(self) -> Distribution:
        return Distribution(self.reason, bool(self.federal_tax_amount or self.state_tax_amount))


def _camel(model: Resource | None, *names: str, start: str = "") -> dict[str, Any] | None:
    """Some members, or all, of what a client has sent, in the spelling of transfer details; without what is absent.
    `start` is what the names here begin with and the names there do not."""
    if model is None:
        return None
    chosen = {name: getattr(model, f"{start}{name}") for name in names or type(model).model_fields}
    return {to_camel(name): value for name, value in chosen.items() if value is not None}


class Sending(Resource):
    """What all four have in common. With `close_account` there is no amount: all of it goes."""

    amount: Money | None = None
    close_account: bool = False
    ira_distribution: IraDistribution | None = None
    exec_time_type: Literal["Regular", "Scheduled"] = "Regular"

    def wanted(self) -> Decimal | None:
        if self.amount is None and not self.close_account:
            raise model_invalid("Amount", "Amount is required", param="model")
        return None if self.close_account else self.amount

    def taking_out(self) -> Distribution | None:
        return self.ira_distribution.as_word() if self.ira_distribution else None

    def details(self, **more: Any) -> str:
        """What transfer details tell besides what is known of every transfer."""
        told = {"closeAccount": self.close_account, "iraDistribution": _camel(self.ira_distribution), **more}
        return json.dumps({name: value for name, value in told.items() if value is not None}, default=number)


class SendAch(Sending):
    ach_relationship_id: UUID
    is_incoming: bool
    days_to_hold_funds: Annotated[int, Field(ge=0, le=365)] = 0
    ira_contribution: IraContribution | None = None

    def as_request(self) -> Request:
        contribution = self.ira_contribution.as_word() if self.ira_contribution else None
        return Request(
            "ACH", self.wanted(), is_deposit=self.is_incoming, closes_account=self.close_account,
            link_id=str(self.ach_relationship_id), hold_days=self.days_to_hold_funds,
            ira_reason=contribution if self.is_incoming else self.taking_out(),
            details=self.details(
                achRelationshipId=str(self.ach_relationship_id), daysToHoldFunds=self.days_to_hold_funds,
                iraContribution=_camel(self.ira_contribution),
            ),
        )  # fmt: skip


class SendWire(Sending):
    """Abroad the bank has to be named, and a bank in between as a whole."""

    is_domestic_wire: bool
    routing_number: Text
    account_number: Text
    comment: Text | None = None
    bank_name: Text | None = None
    bank_street_address1: Text | None = None
    bank_street_address2: Text | None = None
    bank_city: Text | None = None
    bank_state: Text | None = None
    bank_country: Text | None = None
    bank_zip_code: Text | None = None
    for_further_credit: bool = False
    intermediary_name: Text | None = None
    intermediary_account_number: Text | None = None
    intermediary_address1: Text | None = None
    intermediary_address2: Text | None = None
    intermediary_country: Text | None = None
    intermediary_city: Text | None = None
    intermediary_postal_code: Text | None = None
    intermediary_state: Text | None = None
    name: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    country: Text | None = None
    zip_code: Text | None = None

    def as_request(self) -> Request:
        if self.is_domestic_wire and not is_routing_number(self.routing_number):
            raise model_invalid("RoutingNumber", "Routing Number is invalid", param="model")
        needed: dict[str, str | None] = {"AccountNumber": self.account_number, "RoutingNumber": self.routing_number}
        if not self.is_domestic_wire:
            needed |= {"BankName": self.bank_name, "BankCity": self.bank_city, "BankCountry": self.bank_country}
        if self.for_further_credit:
            needed |= {
                "IntermediaryName": self.intermediary_name,
                "IntermediaryAccountNumber": self.intermediary_account_number,
                "IntermediaryAddress1": self.intermediary_address1,
                "IntermediaryCountry": self.intermediary_country,
                "IntermediaryCity": self.intermediary_city,
                "IntermediaryPostalCode": self.intermediary_postal_code,
                "IntermediaryState": self.intermediary_state,
            }
        for field, value in needed.items():
            if not value or not value.strip():
                raise model_invalid(field, f"{field} is required", param="model")
        return Request(
            "Wire", self.wanted(), closes_account=self.close_account, fee=WIRE_FEES[self.is_domestic_wire],
            comment=self.comment, ira_reason=self.taking_out(), details=self._details(),
        )  # fmt: skip

    def _details(self) -> str:
        where = ("address1", "address2", "city", "state", "country")
        bank = ("name", "street_address1", "street_address2", "city", "state", "country", "zip_code")
        between = ("name", "account_number", *where, "postal_code")
        return self.details(
            isDomesticWire=self.is_domestic_wire,
            recipient={"routingNumber": self.routing_number} | (_camel(self, *bank, start="bank_") or {}),
            intermediary=_camel(self, *between, start="intermediary_") if self.for_further_credit else None,
            beneficiary=_camel(self, "name", "account_number", *where, "zip_code"),
        )


class SendCheck(Sending):
    memos: Annotated[list[Text], Field(max_length=10)] = Field(default_factory=list)
    delivery_method: Delivery = "STANDARD"

    def as_request(self) -> Request:
        return Request(
            "Check", self.wanted(), closes_account=self.close_account, comment="; ".join(self.memos) or None,
            fee=CHECK_FEES.get(self.delivery_method, ZERO), ira_reason=self.taking_out(),
            details=self.details(memos=self.memos, deliveryMethod=self.delivery_method),
        )  # fmt: skip


class SendZelle(Sending):
    name: Text
    mobile: Text | None = None
    email: Text | None = None

    def as_request(self) -> Request:
        if not (self.mobile or self.email):
            raise model_invalid("Email", "Mobile or Email is required", param="model")
        return Request(
            "Zelle", self.wanted(), closes_account=self.close_account,
            ira_reason=self.taking_out(), details=self.details(recipient=_camel(self, "name", "mobile", "email")),
        )  # fmt: skip


@router.get(OF_ACCOUNT)
async def list_transfers(
    request: HttpRequest,
    world: WorldHere,
    account: AccountHere,
    pageSize: Int32,
    pageNumber: Int32,
    sortBy: str,
    isDesc: bool,
) -> Response:
    rows = [shapes.transfer(row) for row in transfers.transfers_of(world.market, account["id"])]
    rows = sieve(rows, "", members=TRANSFER, sort=sortBy, desc=isDesc)
    page = Page.read(pageNumber, pageSize)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


def _send(world: World, account: sqlite3.Row, caller: Caller, asked: Request) -> Response:
    user: Any = world.state.row("SELECT login FROM user WHERE id = ?", caller.user_id)
    try:
        sent = transfers.send_transfer(world.market, account, user["login"], asked)
    except TransferRefused:
        raise ApiError(409) from None
    return answer(shapes.transfer(sent))


@router.post(OF_ACCOUNT + "/ach")
async def send_ach(request: HttpRequest, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    return _send(world, account, caller, (await read_body(request, SendAch)).as_request())


@router.post(OF_ACCOUNT + "/wire")
async def send_wire(request: HttpRequest, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    return _send(world, account, caller, (await read_body(request, SendWire)).as_request())


@router.post(OF_ACCOUNT + "/check")
async def send_check(request: HttpRequest, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    return _send(world, account, caller, (await read_body(request, SendCheck)).as_request())


@router.post(OF_ACCOUNT + "/zelle")
async def send_zelle(request: HttpRequest, world: WorldHere, account: AccountHere, caller: CallerHere) -> Response:
    return _send(world, account, caller, (await read_body(request, SendZelle)).as_request())


@router.delete(OF_ACCOUNT + "/{transfer_id}")
async def cancel(world: WorldHere, account: AccountHere, transfer_id: UUID, comment: str) -> Response:
    try:
        transfers.cancel_transfer(world.market, account["id"], str(transfer_id), comment)
    except TransferRefused:
        raise ApiError(409) from None
    return Response(status_code=204)


@router.get(OF_ACCOUNT + "/{transfer_id}/fees")
async def fees(world: WorldHere, account: AccountHere, transfer_id: UUID) -> Response:
    row = find_transfer(world.market, account["id"], str(transfer_id))
    if row is None:
        raise ApiError(409)
    return answer([shapes.fee(row["mechanism"], row["fee"])] if row["fee"] else [])


@router.get(OF_ACCOUNT + "/ira_constraints/{mechanism}/{is_deposit}")
async def ira_constraints(world: WorldHere, account: AccountHere, mechanism: Mechanism, is_deposit: bool) -> Response:
    told = shapes.ira_constraints(
        is_retirement=is_retirement(account), is_deposit=is_deposit, this_year_only=is_past_tax_day(world.market)
    )
    return answer(told)


@router.get("/transfers/{mechanism}/{transfer_id}")
async def details(
    world: WorldHere, caller: CallerHere, mechanism: Literal["ach", "wire", "check"], transfer_id: UUID
) -> Response:
    """Known from prose (API fact sheet A.5). No such transfer: 409, empty."""
    world.catch_up()
    row = world.state.row("SELECT * FROM transfer WHERE id = ? AND lower(mechanism) = ?", str(transfer_id), mechanism)
    if row is None:
        raise ApiError(409)
    account_of_caller(world, caller, row["account_id"])
    return answer(shapes.transfer_details(row))
