"""Mutual funds: preview, place and cancel. The path takes a clearing number, which is the account's id as text."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from sandbox.api.access import CallerHere, account_of
from sandbox.api.answers import answer, without_nulls
from sandbox.api.bodies import Amount, Resource, read_body
from sandbox.api.errors import ApiError, model_invalid, unexpected
from sandbox.api.numbers import Int32
from sandbox.dependencies import WorldHere
from sandbox.exchange.entry import OrderNotCancelable, cancel_order
from sandbox.exchange.orders import Order
from sandbox.mutual_funds.orders import is_fund_order, place_fund_order
from sandbox.mutual_funds.tickets import FundTicket, FundVerdict, judge_fund

router = APIRouter(prefix="/v1.0/accounts/{clearing_number}")

Qualifier = Literal["Shares", "EvenDollar", "GrossDollar", "MinusRounding", "PlusRounding"]
Quantity = Annotated[Amount, Field(gt=0)]


async def clearing_account(
    request: Request, world: WorldHere, caller: CallerHere, clearing_number: str
) -> sqlite3.Row:
    """The account of the path. Anything but the number of an account is E4, as an unknown id is elsewhere."""
    if not clearing_number.isdecimal() or len(clearing_number) > 18:
        raise unexpected()
    return await account_of(world, caller, int(clearing_number), request)


ClearingAccountHere = Annotated[sqlite3.Row, Depends(clearing_account)]


class _Reinvesting(Resource):
    reinvest_dividends: bool = False
    reinvest_short_term_gains: bool = False
    reinvest_long_term_gains: bool = False

    @property
    def reinvested(self) -> tuple[str, ...]:
        chosen = {
            "Dividends": self.reinvest_dividends,
            "ShortTermGains": self.reinvest_short_term_gains,
            "LongTermGains": self.reinvest_long_term_gains,
        }
        return tuple(name for name, is_chosen in chosen.items() if is_chosen)


class BuyFund(_Reinvesting):
    symbol: str | None = None
    quantity: Quantity
    quantity_qualifier: Qualifier = "EvenDollar"

    def as_ticket(self) -> FundTicket:
        symbol = _required(self.symbol, "Symbol", "Symbol is required")
        return FundTicket("Buy", symbol, self.quantity, self.quantity_qualifier, reinvest=self.reinvested)


class SellFund(Resource):
    symbol: str | None = None
    quantity: Quantity
    quantity_qualifier: Qualifier = "Shares"

    def as_ticket(self) -> FundTicket:
        symbol = _required(self.symbol, "Symbol", "Symbol is required")
        return FundTicket("Sell", symbol, self.quantity, self.quantity_qualifier)


class ExchangeFund(_Reinvesting):
    source_symbol: str | None = None
    target_symbol: str | None = None

    def as_ticket(self) -> FundTicket:
        source = _required(self.source_symbol, "SourceSymbol", "Source Symbol is required")
        target = _required(self.target_symbol, "TargetSymbol", "Target Symbol is required")
        return FundTicket("Exchange", source, target=target, reinvest=self.reinvested)


class LiquidateFund(Resource):
    symbol: str | None = None

    def as_ticket(self) -> FundTicket:
        return FundTicket("Liquidate", _required(self.symbol, "Symbol", "Symbol is required"))


def _required(value: str | None, field: str, text: str) -> str:
    if not value or not value.strip():
        raise model_invalid(field, text, param="resource")
    return value


FundBody = type[BuyFund] | type[SellFund] | type[ExchangeFund] | type[LiquidateFund]
BODIES: dict[str, FundBody] = {
    "buy": BuyFund, "sell": SellFund, "exchange": ExchangeFund, "liquidate": LiquidateFund,
}  # fmt: skip


def _placing(model: FundBody) -> Callable[..., Awaitable[Response]]:
    async def place(request: Request, world: WorldHere, account: ClearingAccountHere, caller: CallerHere) -> Response:
        ticket = (await read_body(request, model, param="resource")).as_ticket()
        return answer(_placed(place_fund_order(world.market, account, caller.user_id, ticket), ticket))

    return place


def _previewing(model: FundBody) -> Callable[..., Awaitable[Response]]:
    async def preview(
        request: Request, world: WorldHere, account: ClearingAccountHere, caller: CallerHere
    ) -> Response:
        ticket = (await read_body(request, model, param="resource")).as_ticket()
        return answer(_judged(judge_fund(world.market, account, caller.user_id, ticket)))

    return preview


for name, body in BODIES.items():
    router.add_api_route(f"/orders/mutual-funds/{name}", _placing(body), methods=["POST"])
    router.add_api_route(f"/preview/orders/mutual-funds/{name}", _previewing(body), methods=["POST"])


@router.delete("/orders/mutual-funds/{order_id}")
async def cancel(world: WorldHere, account: ClearingAccountHere, order_id: Int32) -> Response:
    """204: asked for, not yet done. 409: too late, asked before, or no order for a fund."""
    if not is_fund_order(world.market, account["id"], order_id):
        raise ApiError(409)
    try:
        cancel_order(world.market, account["id"], order_id)
    except OrderNotCancelable:
        raise ApiError(409) from None
    return Response(status_code=204)


def _placed(order: Order, ticket: FundTicket) -> dict[str, Any]:
    """`Quantity` as it was asked for, in dollars or shares; all shares where all are taken."""
    return without_nulls(
        {
            "Id": order.id,
            "Status": order.status,
            "ExecutionStatus": order.execution_status,
            "Description": order.error_text or order.description,
            "ExecutedQuantity": order.executed,
            "Quantity": order.quantity if ticket.takes_all else ticket.amount,
        }
    )


def _judged(verdict: FundVerdict) -> dict[str, Any]:
    fields: dict[str, Any] = {"IsSuccessful": verdict.code is None}
    if verdict.code is not None:
        fields |= {
            "ErrorDescription": verdict.code,
            "ErrorDescriptionText": verdict.text,
            "ErrorDescriptionArgs": [],
        }
    return fields
